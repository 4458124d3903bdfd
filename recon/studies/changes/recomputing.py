"""Why a name changed its place: the rules applied with one thing changed at a time.

Four things differ between two days: a company's price, its shares, the rules and lists,
and its rivals, whose market caps move the lines. The later day is projected again with
one of them as it was on the earlier day; what then no longer comes about, that thing
brought about. Where each of several alone would have done it, none of them undoes it:
then the earlier day is projected with one of them as it is now.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from recon.reconstitution import Projection, simulate
from recon.reconstitution.simulation import Simulated
from recon.rulebook import HEURISTICS, Rulebook

PRICE, SHARES, LISTS, RIVALS = THINGS = (
    "price",
    "shares",
    "rules or lists",
    "rivals",
)
OWN = (PRICE, SHARES, RIVALS)  # one draw a company; lists are one draw for all
HELD = 0  # aspect of a company: the index it is projected to; or else a line's rank
BELOW, IN_BELOW, IN_ABOVE, ABOVE = range(4)
SIDE_WORDS = {
    BELOW: "below the band",
    IN_BELOW: "in the band, below the line",
    IN_ABOVE: "in the band, above the line",
    ABOVE: "above the band",
}


@dataclass(frozen=True, kw_only=True)
class Day:
    """What the rules take of one day, for the companies ranked on either day."""

    cap_usd: np.ndarray
    current_index: pd.Series
    rules: Rulebook
    unseen_count: int


def day_of(projection: Projection, at: np.ndarray) -> Day:
    """Return one day's part; `at` is each company's row, -1 where it is not ranked."""
    companies, is_ranked = projection.companies, at >= 0
    cap = companies["total_market_cap_usd"].to_numpy(float)[at]
    held = companies["current_index"].to_numpy(object)[at]
    return Day(
        cap_usd=np.where(is_ranked, cap, np.nan),
        current_index=pd.Series(np.where(is_ranked, held, None), dtype=object),
        rules=projection.rules,
        unseen_count=len(projection.unseen),
    )


class Recomputed:
    """Two days of the same companies, and what the rules make of their mixtures.

    `price_ratio` is each company's close now against then, adjusted for splits; 1
    where it is not asked for.
    """

    def __init__(
        self, then: Day, now: Day, symbols: pd.Series, price_ratio: np.ndarray
    ) -> None:
        self._then, self._now = then, now
        order, _ = pd.factorize(symbols.to_numpy(object), sort=True)
        self._order = order + 1
        own = now.cap_usd / then.cap_usd
        # a price that explains the cap to within rounding leaves no change of shares
        price = np.where(np.isnan(price_ratio), own, price_ratio)
        is_rounding = np.abs(own / price - 1) < HEURISTICS.provider_rounding_frac
        self._price = np.where(is_rounding, own, price)
        self._shares = own / self._price

    def factors(self, row: int) -> tuple[float, float]:
        """Return by what factor a company's price and share count changed."""
        return float(self._price[row]), float(self._shares[row])

    def causes(self, rows: np.ndarray, aspects: Sequence[tuple[int, ...]]) -> list[str]:
        """Return the cause of each change: `rows` are companies ranked on both days.

        The aspect of a change is the tuple of lines whose sides tell it, `HELD` for
        the index that the company is projected to.
        """
        if not len(rows):
            return []
        unique, place = np.unique(rows, return_inverse=True)
        now = self._run(self._now, self._now.cap_usd[None], unique)
        back = self._changed(self._now, self._then, unique, -1)
        undone = [
            [each for each in THINGS if back[each].of(at, aspect) != now.of(at, aspect)]
            for at, aspect in zip(place, aspects, strict=True)
        ]
        rest = [n for n, things in enumerate(undone) if not things]
        left = np.unique(unique[place[rest]])
        forth = self._changed(self._then, self._now, left, 1) if rest else {}
        for n in rest:
            at, row, aspect = place[n], unique[place[n]], aspects[n]
            came, own = now.of(at, aspect), np.searchsorted(left, row)
            alone = [each for each in THINGS if forth[each].of(own, aspect) == came]
            undone[n] = alone or self._moved(row)
        return [" and ".join(things) for things in undone]

    def _changed(
        self, base: Day, other: Day, rows: np.ndarray, power: int
    ) -> dict[str, "_Outcomes"]:
        """Run a day with one thing of each company as it is on the other day."""
        own = self._own(base, base.cap_usd, other.cap_usd, rows, power)
        return {LISTS: self._run(other, base.cap_usd[None], rows), **own}

    def _own(
        self,
        base: Day,
        cap: np.ndarray,
        other: np.ndarray,
        rows: np.ndarray,
        power: int,
    ) -> dict[str, "_Outcomes"]:
        """Change one thing of each company: price, shares, or all of its rivals."""
        found = {}
        for thing in OWN:
            caps = np.tile(other if thing == RIVALS else cap, (len(rows), 1))
            own = cap[rows]
            if thing == PRICE:
                own = own * self._price[rows] ** power
            if thing == SHARES:
                own = own * self._shares[rows] ** power
            caps[np.arange(len(rows)), rows] = own
            found[thing] = self._run(base, caps, rows)
        return found

    def _run(self, day: Day, caps: np.ndarray, rows: np.ndarray) -> "_Outcomes":
        """Apply the rules to draws of market caps, a draw a row or one for all."""
        table = pd.DataFrame(
            {"symbol_order": self._order, "current_index": day.current_index}
        )
        made = simulate(table, caps, day.rules, unseen_count=day.unseen_count)
        draws = np.arange(len(rows)) if len(caps) > 1 else np.zeros(len(rows), int)
        return _Outcomes(made, caps, draws, rows)

    def _moved(self, row: int) -> list[str]:
        is_moved = {
            PRICE: self._price[row] != 1,
            SHARES: self._shares[row] != 1,
            LISTS: False,
            RIVALS: True,
        }
        return [thing for thing in THINGS if is_moved[thing]]


class _Outcomes:
    """What the rules made of each asked company in its draw."""

    def __init__(
        self, made: Simulated, caps: np.ndarray, draws: np.ndarray, rows: np.ndarray
    ) -> None:
        self._held = made.projected_index[draws, rows]
        self._rank = made.rank[draws, rows]
        self._cap = caps[draws, rows]
        lines = made.break_points.set_index("rank")
        self._band = {
            rank: lines.loc[[rank], ["band_low_usd", "band_high_usd"]].to_numpy()[draws]
            for rank in lines.index.unique()
        }

    def of(self, at: int, aspect: tuple[int, ...]) -> tuple[int, ...]:
        """Return what an aspect of the company at a place came to."""
        return tuple(
            int(self._held[at])
            if line == HELD
            else side(
                self._cap[at], self._rank[at], line, *map(float, self._band[line][at])
            )
            for line in aspect
        )


def side(cap_usd: float, rank: int, line: int, low_usd: float, high_usd: float) -> int:
    """Return on which side of a line and its band a company stands.

    The edges are the caps of the smallest and the largest company inside the band, NaN
    where the line is a hard cut.
    """
    if cap_usd > high_usd:
        return ABOVE
    if cap_usd < low_usd:
        return BELOW
    is_above = 0 < rank <= line
    if np.isnan(low_usd):
        return ABOVE if is_above else BELOW
    return IN_ABOVE if is_above else IN_BELOW


def sides(companies: pd.DataFrame, lines: pd.DataFrame, line: int) -> np.ndarray:
    """Return `side` of every ranked company of a projection against one line."""
    place = companies[f"side_{line}"].astype("str")
    is_above = companies["rank"].to_numpy() <= line
    is_hard = lines.set_index("rank")["band_low_usd"].isna()[line]
    inside = np.where(is_above, IN_ABOVE, IN_BELOW)
    if is_hard:
        inside = np.where(is_above, ABOVE, BELOW)
    return np.select([place.eq("above"), place.eq("below")], [ABOVE, BELOW], inside)
