"""Every index that passive money tracks, before and after, and the trade between.

A fund that tracks an index holds each member at its part of the index's available cap.
So an index trades, of each name, its money times the change of that part: buys and
sells are equal, and a name that stays trades no more than the drift of its weight.
Source: weights by available cap, Ground Rules v7.0, 6.1; the rest is 0046.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from recon import formatting
from recon.indexes import IN_BROAD, INDEXES, LARGE, MICRO, SMALL
from recon.rulebook import HEURISTICS

CASES = ("low", "base", "high")
VALUE, GROWTH = "V", "G"
SIDES = ("", VALUE, GROWTH)
WHOLE = (LARGE, SMALL, "R3000", "TOP200", "MIDCAP", MICRO)
STYLED = (LARGE, SMALL, "TOP200", "MIDCAP")
TRACKED = (*WHOLE, *(code + side for code in STYLED for side in (VALUE, GROWTH)))
NAMED_USD = 5e4  # legs below are left out of the words


@dataclass(frozen=True, kw_only=True)
class Trades:
    """Part of each index before and after, by row, and the money that tracks it.

    `before` and `after` have a column for each of `TRACKED`, fractions of the index.
    """

    before: pd.DataFrame
    after: pd.DataFrame
    money: pd.DataFrame

    def of_index(self, code: str, case: str) -> pd.Series:
        """Return what the money on one index trades of each row, USD."""
        usd = float(self.money.at[code, f"{case}_usd"])
        return usd * (self.after[code] - self.before[code])

    def net(self, case: str) -> pd.Series:
        """Return what all money trades of each row, USD."""
        change = self.after - self.before
        usd = self.money[f"{case}_usd"].reindex(change.columns).to_numpy(float)
        return pd.Series(change.to_numpy() @ usd, index=change.index)

    def words(self) -> list[str]:
        """Name what each index trades of a row, the largest leg first."""
        usd = self.money["base_usd"].reindex(self.after.columns).to_numpy(float)
        traded = (self.after - self.before).to_numpy() * usd
        order = np.argsort(-np.abs(traded), axis=1)
        codes = self.after.columns.to_numpy()
        return [
            "; ".join(
                f"{codes[at]} {formatting.usd_signed(row[at])}"
                for at in places
                if abs(row[at]) >= NAMED_USD
            )
            for row, places in zip(traded, order, strict=True)
        ]

    def causes(self) -> list[str]:
        """Name the indexes that a row joins and leaves, such as ``+R2000 -MICRO``."""
        was, is_now = self.before.to_numpy() > 0, self.after.to_numpy() > 0
        codes = self.after.columns.to_numpy()
        joins, leaves = is_now & ~was, was & ~is_now
        words = [""] * len(was)
        for row in np.flatnonzero((joins | leaves).any(axis=1)):
            parts = [f"+{code}" for code in codes[joins[row]]]
            parts += [f"{formatting.MINUS}{code}" for code in codes[leaves[row]]]
            words[row] = " ".join(parts)
        return words

    def totals(self) -> pd.DataFrame:
        """Return what is bought and sold in each index with base money.

        Columns: index, bought_usd, sold_usd (below zero), turnover_frac (one way, of
        the money), joins and leaves (securities), low_usd, base_usd, high_usd.
        """
        rows = []
        for code in self.after.columns:
            traded = self.of_index(code, "base")
            usd = self.money.loc[code, ["low_usd", "base_usd", "high_usd"]]
            change = self.after[code] - self.before[code]
            was, is_now = self.before[code] > 0, self.after[code] > 0
            rows.append(
                {
                    "index": code,
                    "bought_usd": float(traded.clip(lower=0).sum()),
                    "sold_usd": float(traded.clip(upper=0).sum()),
                    "turnover_frac": float(change.clip(lower=0).sum()),
                    "joins": int((is_now & ~was).sum()),
                    "leaves": int((was & ~is_now).sum()),
                    **usd,
                }
            )
        return pd.DataFrame(rows)


def trade(rows: pd.DataFrame, money: pd.DataFrame) -> Trades:
    """Weigh every index before and after.

    `rows` has float_market_cap_usd, the memberships of a projection and what
    `with_styles` adds; `money` is `money.benchmarked`. An index without a member on one
    of the two sides is not known, and trades nothing.
    """
    cap = rows["float_market_cap_usd"].to_numpy(float)
    was = members(rows, "current", "previous_value_frac")
    will = members(rows, "projected", "value_frac")
    before, after = {}, {}
    for code in TRACKED:
        held, wanted = cap * was[code], cap * will[code]
        is_known = held.sum() > 0 and wanted.sum() > 0
        before[code] = held / held.sum() if is_known else np.zeros(len(cap))
        after[code] = wanted / wanted.sum() if is_known else np.zeros(len(cap))
    return Trades(
        before=pd.DataFrame(before, index=rows.index),
        after=pd.DataFrame(after, index=rows.index),
        money=money.set_index("index"),
    )


def members(rows: pd.DataFrame, when: str, value: str) -> Mapping[str, np.ndarray]:
    """Return which part of each row an index holds, 0 to 1, for each of `TRACKED`.

    `when` is current or projected. Where membership of the Top 200, the Midcap or the
    Microcap is not known, the rank decides, before as after: a crossing of such a line
    alone then trades nothing (0046).
    """
    index = rows[f"{when}_index"]
    rank = rows["rank"].to_numpy(float)
    is_large, is_small = index.eq(LARGE).to_numpy(), index.eq(SMALL).to_numpy()
    of_rank = {
        "TOP200": is_large & (rank <= INDEXES["TOP200"].last_rank),
        MICRO: ~is_large & (rank >= INDEXES[MICRO].first_rank),
    }
    of_rank["MIDCAP"] = is_large & ~of_rank["TOP200"]
    found = {LARGE: is_large, SMALL: is_small, "R3000": index.isin(IN_BROAD).to_numpy()}
    for code, by_rank in of_rank.items():
        said = rows[f"{when}_{code.lower()}"]
        known = said.notna().to_numpy()
        found[code] = np.where(known, said.fillna(False).to_numpy(bool), by_rank)
    found[MICRO] &= ~(rows["is_new_listing"].to_numpy(bool) & (when == "current"))
    part = rows[value].to_numpy(float)
    halves = {
        code + side: found[code] * (part if side == VALUE else 1 - part)
        for code in STYLED
        for side in (VALUE, GROWTH)
    }
    whole = {code: found[code].astype(float) for code in WHOLE}
    return {code: (whole | halves)[code] for code in TRACKED}


def with_styles(table: pd.DataFrame, companies: pd.DataFrame | None) -> pd.DataFrame:
    """Add the part of value before and after, and whether a listing is new this year.

    Where one of the two is not known the other stands for both; where none is, half
    and half: the trade is then that of the whole index.
    """
    value = before = pd.Series(np.nan, index=table.index)
    if companies is not None and len(companies):
        of_company = companies.drop_duplicates("company_id").set_index("company_id")
        value = table["company_id"].map(of_company["value_weight_frac"])
        before = table["company_id"].map(of_company["previous_value_weight_frac"])
    year = pd.DatetimeIndex(table["snapshot_date"]).year
    is_new = table["ipo_year"].astype(float).eq(pd.Series(year, index=table.index))
    return table.assign(
        value_frac=value.fillna(before).fillna(HEURISTICS.unknown_style_frac),
        previous_value_frac=before.fillna(value).fillna(HEURISTICS.unknown_style_frac),
        is_style_known=value.notna() | before.notna(),
        is_new_listing=is_new & table["current_index"].isna(),
    )
