"""The same company on two days: by its listing, a symbol that changed, or its key."""

import numpy as np
import pandas as pd

from recon.reconstitution import Projection

ENDINGS = ("_then", "_now")


def pair(then: Projection, now: Projection, changed: pd.DataFrame) -> pd.DataFrame:
    """Return one row a company that is listed on either of two projected days.

    `changed` are symbols that became others between the days, as
    `changed_symbols.find_changes` has them. Columns: at_then and at_now, the row in
    each projection's `companies` (-1 where it is not ranked), and id_then and id_now,
    its company_id there (-1 where none of its lines is listed).
    """
    before, after = _lines(then), _lines(now)
    new_key = dict(zip(changed["key"], changed["key_new"], strict=True))
    renamed = before["key"].map(new_key).astype(object)
    joined = [
        before.merge(after, on="symbol_id", suffixes=ENDINGS),
        *(
            before.assign(key=keys)[keys.notna()].merge(
                after[after["key"].notna()], on="key", suffixes=ENDINGS
            )
            for keys in (renamed, before["key"])
        ),
    ]
    names = ["company_id_then", "company_id_now", "leads_then", "leads_now"]
    found = pd.concat([table.assign(way=way) for way, table in enumerate(joined)])
    found = found[[*names, "way"]].sort_values(
        ["way", "leads_then", "leads_now"],
        ascending=[True, False, False],
        kind="stable",
    )
    found = found.drop_duplicates("company_id_then").drop_duplicates("company_id_now")
    ids = pd.DataFrame(
        {"id_then": found["company_id_then"], "id_now": found["company_id_now"]}
    )
    left = np.setdiff1d(before["company_id"], ids["id_then"])
    came = np.setdiff1d(after["company_id"], ids["id_now"])
    ids = pd.concat(
        [
            ids,
            pd.DataFrame({"id_then": left, "id_now": -1}),
            pd.DataFrame({"id_then": -1, "id_now": came}),
        ],
        ignore_index=True,
    ).astype(int)
    return ids.assign(
        at_then=_places(then.companies, ids["id_then"]),
        at_now=_places(now.companies, ids["id_now"]),
    )


def _lines(projection: Projection) -> pd.DataFrame:
    """Return the common lines of a projection, and whether each leads its company."""
    listed = projection.securities[projection.securities["is_common"].astype(bool)]
    leads = listed["security_id"].eq(listed["vehicle_id"]).to_numpy()
    lines = listed[["symbol_id", "key", "company_id"]].assign(leads=leads)
    return lines.astype({"company_id": int})


def _places(companies: pd.DataFrame, ids: pd.Series) -> np.ndarray:
    place = pd.Series(np.arange(len(companies)), index=companies["company_id"])
    return ids.map(place).fillna(-1).to_numpy(int)
