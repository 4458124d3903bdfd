"""What the gate must know of listings: classes listed alone, and what is believed."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from recon.rules import listings, ranking

UNIT_WORDS = r"(?i)[\s,(-]+units?\b.*$"
TEXTS = ("symbol", "name", "industry", "security_type", "cik")


def classes(
    versions: pd.DataFrame, rows: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Tell for each row whether its company lists only one of several classes.

    `is_one_class` where that is so on the day, `is_beside` where other classes are
    listed beside it.

    `versions` has security_id and the texts of `TEXTS`; `rows` has snapshot_date and
    security_id, by day. Shells, whose shares are redeemed, and property trusts, whose
    units do not count (Ground Rules v7.0, 6.2), are excluded. Decision 0013.
    """
    texts = listings.describe(versions.astype(dict.fromkeys(TEXTS, "str")))
    is_unit = listings.is_unit(texts)
    # a shell's units are a line of its own beside its shares
    name = texts["name"].str.replace(UNIT_WORDS, "", regex=True)
    texts = texts.assign(name=texts["name"].mask(is_unit, name))
    table = ranking.assign_companies(texts)
    common = table["share_type"].eq(listings.COMMON).to_numpy()
    named = listings.is_class(table)
    ordinary = table["structure"].isna() & table["industry"].ne(listings.REIT)
    may_be = common & named & ordinary.to_numpy()
    at = np.searchsorted(versions["security_id"], rows["security_id"])
    company = table["company_id"].to_numpy()
    counts = (common | is_unit) & np.isin(company, company[named])
    lines = np.flatnonzero(counts[at])
    days = rows["snapshot_date"][lines].astype("datetime64[D]").astype(np.int64)
    seat = days * (len(table) + 1) + company[at[lines]]
    _, place, count = np.unique(seat, return_inverse=True, return_counts=True)
    alone = np.zeros(len(at), dtype=bool)
    alone[lines] = count[place] == 1
    return {"is_one_class": may_be[at] & alone, "is_beside": named[at] & ~alone}


def believed(
    caps: pd.DataFrame, versions: pd.DataFrame, rows: Mapping[str, np.ndarray]
) -> np.ndarray:
    """Tell for each row whether a person believes its market cap as it is offered.

    `caps` has snapshot_date and symbol of those; the others as in `classes`.
    """
    days = rows["snapshot_date"].astype("datetime64[D]")
    if caps.empty:
        return np.zeros(len(days), dtype=bool)
    at = np.searchsorted(versions["security_id"], rows["security_id"])
    symbols = versions["symbol"].to_numpy(dtype=object)[at]
    wanted = pd.MultiIndex.from_arrays(
        [caps["snapshot_date"].astype("datetime64[s]"), caps["symbol"].astype(object)]
    )
    offered = [days.astype("datetime64[s]"), symbols]
    return pd.MultiIndex.from_arrays(offered).isin(wanted)
