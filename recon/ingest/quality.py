"""The gate a day must pass before it is published.

A wrong row is refused alone; a wrong day is held back whole. Both keep their reason.
The gate walks the sessions in order and knows only the past, so a history loaded in one
go and one loaded day by day are the same.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from recon import schedule
from recon.rulebook import HEURISTICS

MEMORY_SESSIONS = 10  # a security unseen for longer starts afresh
JUMP_FACTOR = 3.0  # a cap this many times its last one, its price not following
RETURN_FACTOR = 1.9  # once held, a cap must come back to within this factor
CONFIRM_SESSIONS = 5  # sessions until a small jump is taken for a new share count
LARGE_JUMP_FRAC = 0.001  # of the whole market: a jump this large must last longer
CONFIRM_LARGE_SESSIONS = 250  # a year: no company this large triples its shares,
# nor does one whose count was steady lose two thirds of them
CARRY_SESSIONS = 60  # longest time a missing cap is carried
SPLIT_FACTOR = 1.9  # a close this far from the last one: shares may have split
SPLIT_TURNOVER_FACTOR = 4.0  # ... if the dollars traded stayed below this many times
# decision 0013: a provider that turns from the whole company to one of its classes
CLASS_FALL_FRAC = 0.75  # implied shares fall below this part of the trusted ones
CLASS_BACK_FRAC = 0.9  # ... and are believed again from this part on
STEADY_FRAC = 0.10  # a share count that moves by more overnight is not steady
STEADY_SESSIONS = 63  # without that, nor a price as in a split: a quarter, one filing
KNOWN_SESSIONS = 20  # a count must have been seen for
NEWCOMER_FRAC = 0.05  # of the whole market: the most a new listing may be
COUNT_SESSIONS, COUNT_TOLERANCE_FRAC = 20, 0.10
TOTAL_SESSIONS, TOTAL_TOLERANCE_FRAC = 5, 0.25

FEWEST_NAMES = 1_000  # a part of fewer says little, but for a repeat
NEXT = timedelta(days=7)  # after a gap a day may well be unlike the last one

GIVEN, MISSING, JUMPED, NEWCOMER, SPLIT, CLASS, CLASS_STILL = range(7)
CAP_REASONS = {
    CLASS: "market cap fell to that of one class; last shares x price stands in",
    SPLIT: "price moved as in a split, shares did not; last market cap stands in",
    JUMPED: "market cap jumped without its price; last shares x price stands in",
    NEWCOMER: "market cap of a new listing is larger than 5% of the market; not known",
}


@dataclass(frozen=True, kw_only=True)
class Day:
    """One offered day: parallel arrays, one entry a security (its `symbol_id`).

    Caps and closes are US dollars, NaN where not given. `is_one_class` marks securities
    that are by name one of several classes, the others unlisted on the day, `is_beside`
    classes listed beside others, `is_believed` market caps that a person takes as they
    are offered; None for a day that is only remembered.
    """

    snapshot_date: date
    symbol_id: np.ndarray
    close_usd: np.ndarray
    total_market_cap_usd: np.ndarray
    volume_shares: np.ndarray
    is_one_class: np.ndarray | None = None
    is_beside: np.ndarray | None = None
    is_believed: np.ndarray | None = None


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The gate's verdict on one day.

    `held_back` is the reason why the day is not published, or None. The arrays are
    parallel to the day's: market cap to store, sessions carried, and why the given
    cap was not used (`GIVEN`, `MISSING`, `JUMPED`, `NEWCOMER`, `SPLIT`, `CLASS` on the
    session where it fell, `CLASS_STILL` after it).
    """

    held_back: str | None
    total_market_cap_usd: np.ndarray
    carried_sessions: np.ndarray
    cap_state: np.ndarray


@dataclass
class Gate:
    """The memory of the gate: the last trusted values of every security.

    `is_whole` tells that the days are of the whole market, not of a sample of it.
    """

    close_usd: np.ndarray = field(default_factory=lambda: np.empty(0))
    cap_usd: np.ndarray = field(default_factory=lambda: np.empty(0))
    volume_shares: np.ndarray = field(default_factory=lambda: np.empty(0))
    turnover_usd: np.ndarray = field(default_factory=lambda: np.empty(0))
    carried_sessions: np.ndarray = field(default_factory=lambda: np.empty(0, int))
    seen: np.ndarray = field(default_factory=lambda: np.empty(0, int))
    begun: np.ndarray = field(default_factory=lambda: np.empty(0, int))
    unsteady: np.ndarray = field(default_factory=lambda: np.empty(0, int))
    is_whole: bool = True
    counts: deque[int] = field(default_factory=lambda: deque(maxlen=COUNT_SESSIONS))
    totals: deque[float] = field(default_factory=lambda: deque(maxlen=TOTAL_SESSIONS))
    session: int = 0
    last_day: date | None = None

    def check(
        self, day: Day, *, accepted: bool = False, unfit: str | None = None
    ) -> Verdict:
        """Judge one day and, if it is published, remember it.

        `accepted` publishes a day that the gate would hold back, `unfit` is a reason
        of others to hold it back.
        """
        self._make_room(day.symbol_id)
        cap_usd, carried, state = self._caps(day)
        reason = unfit or self._held_back(day, cap_usd, state)
        reason = None if accepted else reason
        if reason is None:
            self.remember(day, cap_usd, carried)
        return Verdict(
            held_back=reason,
            total_market_cap_usd=cap_usd,
            carried_sessions=carried,
            cap_state=state,
        )

    def remember(
        self, day: Day, total_market_cap_usd: np.ndarray, carried: np.ndarray
    ) -> None:
        """Remember a published day, as `check` does, or one from a store."""
        self._make_room(day.symbol_id)
        self.session += 1
        self.last_day = day.snapshot_date
        ids = day.symbol_id
        self._note_unsteady(day, total_market_cap_usd)
        self.close_usd[ids] = day.close_usd
        self.cap_usd[ids] = total_market_cap_usd
        self.volume_shares[ids] = day.volume_shares
        self.turnover_usd[ids] = day.volume_shares * day.close_usd
        self.carried_sessions[ids] = carried
        self.seen[ids] = self.session
        self.counts.append(len(ids))
        self.totals.append(float(np.nansum(total_market_cap_usd)))

    def _note_unsteady(self, day: Day, cap_usd: np.ndarray) -> None:
        """Note when each security first appeared, and when its share count moved."""
        ids = day.symbol_id
        is_new = self.session - self.seen[ids] > MEMORY_SESSIONS
        with np.errstate(divide="ignore", invalid="ignore"):
            price_ratio = day.close_usd / self.close_usd[ids]
            shares_ratio = cap_usd / self.cap_usd[ids] / price_ratio
        steady = np.abs(shares_ratio - 1) <= STEADY_FRAC
        moved = ~steady | _beyond(price_ratio, SPLIT_FACTOR)
        self.begun[ids[is_new]] = self.session
        self.unsteady[ids[is_new]] = -STEADY_SESSIONS
        self.unsteady[ids[moved & ~is_new]] = self.session

    def _make_room(self, symbol_id: np.ndarray) -> None:
        missing = int(symbol_id.max(initial=-1)) + 1 - len(self.seen)
        if missing <= 0:
            return
        nothing = np.full(missing, np.nan)
        self.close_usd = np.append(self.close_usd, nothing)
        self.cap_usd = np.append(self.cap_usd, nothing)
        self.volume_shares = np.append(self.volume_shares, nothing)
        self.turnover_usd = np.append(self.turnover_usd, nothing)
        self.carried_sessions = np.append(
            self.carried_sessions, np.zeros(missing, dtype=int)
        )
        never = np.full(missing, -MEMORY_SESSIONS - 1, dtype=int)
        self.seen = np.append(self.seen, never)
        self.begun = np.append(self.begun, never)
        self.unsteady = np.append(self.unsteady, never)

    def _caps(self, day: Day) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        ids, close, given = day.symbol_id, day.close_usd, day.total_market_cap_usd
        known = self.session - self.seen[ids] < MEMORY_SESSIONS
        last_close = np.where(known, self.close_usd[ids], np.nan)
        last_cap = np.where(known, self.cap_usd[ids], np.nan)
        held = np.where(known, self.carried_sessions[ids], 0)
        market = self.totals[-1] if self.totals else np.inf

        with np.errstate(divide="ignore", invalid="ignore"):
            price_ratio = close / last_close
            cap_ratio = given / last_cap
            factor = np.where(held > 0, RETURN_FACTOR, JUMP_FACTOR)
            jumped = _beyond(cap_ratio, RETURN_FACTOR) & _beyond(
                cap_ratio / price_ratio, factor
            )
            turnover = day.volume_shares * close
            turnover_ratio = turnover / np.where(known, self.turnover_usd[ids], np.nan)
            leapt = _beyond(price_ratio, HEURISTICS.leap_factor)
            leapt &= _beyond(cap_ratio, HEURISTICS.leap_factor)
            split = _beyond(price_ratio, SPLIT_FACTOR) & (
                ~(turnover_ratio >= SPLIT_TURNOVER_FACTOR) | leapt
            )
            unsplit = split & _beyond(cap_ratio, SPLIT_FACTOR) & ~np.isnan(last_cap)
            fell = self._fell_to_class(day, held, cap_ratio / price_ratio, price_ratio)
        large = np.abs(given - last_cap) > LARGE_JUMP_FRAC * market
        # a count that was steady for a quarter does not fall to a third of itself
        fallen = self._is_steady(ids) & (cap_ratio < price_ratio)
        if day.is_beside is not None:  # a class beside others comes to its own
            fallen &= ~day.is_beside
        doubtful = large | fallen
        patience = np.where(doubtful, CONFIRM_LARGE_SESSIONS, CONFIRM_SESSIONS)
        jumped &= (held < patience) & ~unsplit
        missing = np.isnan(given)
        newcomer = np.isnan(last_cap) & (given > NEWCOMER_FRAC * market)
        if day.is_believed is not None:
            for doubt in (jumped, unsplit, fell, newcomer):
                doubt &= ~day.is_believed

        stand_in = np.where(split, last_cap, last_cap * price_ratio)
        stand_in[missing & (split | (held >= CARRY_SESSIONS))] = np.nan
        carry = (jumped | missing | unsplit | fell) & ~np.isnan(stand_in)
        cap_usd = np.where(carry, stand_in, np.where(newcomer, np.nan, given))
        state = np.select(
            [fell & (held > 0), fell, jumped, unsplit, missing, newcomer],
            [CLASS_STILL, CLASS, JUMPED, SPLIT, MISSING, NEWCOMER],
            GIVEN,
        )
        return cap_usd, np.where(carry, held + 1, 0), state

    def _fell_to_class(
        self, day: Day, held: np.ndarray, shares_ratio: np.ndarray, price: np.ndarray
    ) -> np.ndarray:
        """Tell where a company's cap fell to that of its one listed class.

        Its shares do not fall by a quarter overnight at an unchanged price, and a count
        that had been steady is not being corrected. Decision 0013.
        """
        if day.is_one_class is None:
            return np.zeros(len(day.symbol_id), dtype=bool)
        part = np.where(held > 0, CLASS_BACK_FRAC, CLASS_FALL_FRAC)
        steady = self._is_steady(day.symbol_id)
        fell = day.is_one_class & steady & (shares_ratio < part)
        return fell & ((held > 0) | ~_beyond(price, SPLIT_FACTOR))

    def _is_steady(self, ids: np.ndarray) -> np.ndarray:
        """Tell which share counts held for a quarter, new listings excluded."""
        steady = self.session + 1 - self.unsteady[ids] > STEADY_SESSIONS
        return steady & (self.session + 1 - self.begun[ids] > KNOWN_SESSIONS)

    def _held_back(
        self, day: Day, cap_usd: np.ndarray, state: np.ndarray
    ) -> str | None:
        if not schedule.is_session(day.snapshot_date):
            return f"{day.snapshot_date:%A} {day.snapshot_date} is no New York session"
        total = float(np.nansum(cap_usd))
        if self.is_whole and (reason := absurd(cap_usd, total)):
            return reason
        if not self.counts:
            return None
        usual = float(np.median(self.counts))
        if abs(len(day.symbol_id) - usual) > COUNT_TOLERANCE_FRAC * usual:
            return (
                f"{len(day.symbol_id):,} rows; the median of the last "
                f"{len(self.counts)} sessions is {usual:,.0f}"
            )
        typical = float(np.median(self.totals))
        if abs(total - typical) > TOTAL_TOLERANCE_FRAC * typical:
            return (
                f"total market cap of ${total / 1e12:,.1f}tn; the median of the last "
                f"{len(self.totals)} sessions is ${typical / 1e12:,.1f}tn"
            )
        is_next = self.last_day and day.snapshot_date - self.last_day <= NEXT
        return self._unlike(day, state) if is_next else None

    def _unlike(self, day: Day, state: np.ndarray) -> str | None:
        """Say in what a day is too unlike the session before, or too like it."""
        ids, known = day.symbol_id, self.seen[day.symbol_id] == self.session
        close, cap, held = (
            values[ids]
            for values in (self.close_usd, self.cap_usd, self.carried_sessions)
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            moved = _beyond(day.close_usd / close, HEURISTICS.day_moved_factor)
        traded = known & (day.volume_shares > 0)
        stale = (day.close_usd == close) & (
            day.volume_shares == self.volume_shares[ids]
        )
        uncapped = np.isnan(day.total_market_cap_usd) & ~np.isnan(cap) & (held == 0)
        refused = np.isin(state, list(CAP_REASONS)) & (held == 0)
        limits = HEURISTICS
        for among, which, limit, words in (
            (traded, stale, limits.day_stale_frac, REPEATED),
            (known, moved, limits.day_moved_frac, MOVED),
            (known, np.isnan(day.close_usd) & ~np.isnan(close),
             limits.day_unpriced_frac, UNPRICED),
            (known, uncapped, limits.day_uncapped_frac, UNCAPPED),
            (known, refused, limits.day_refused_frac, REFUSED),
        ):  # fmt: skip
            if reason := _beyond_limit(among, which & among, cap, limit, words):
                return reason
        return None


REPEATED = "of closes and volumes repeat the session before"
MOVED = "of closes are far from those of the session before"
UNPRICED = "of listings lack the close they had the session before"
UNCAPPED = "of listings lack the market cap they had the session before"
REFUSED = "of market caps do not go with those of the session before"


def absurd(cap_usd: np.ndarray, total_usd: float) -> str | None:
    """Say why market caps in USD cannot be those of the whole market, or None."""
    least, most = HEURISTICS.day_least_total_usd, HEURISTICS.day_most_total_usd
    if not least <= total_usd <= most:
        return (
            f"total market cap of ${total_usd / 1e12:,.2f}tn; the US market has "
            f"${least / 1e12:,.0f}tn to ${most / 1e12:,.0f}tn: check the unit"
        )
    largest = float(np.nanmax(cap_usd))
    if largest > HEURISTICS.day_largest_frac * total_usd:
        return (
            f"the largest company is {largest / total_usd:.0%} of the market; none was "
            f"over {HEURISTICS.day_largest_frac:.0%}"
        )
    return None


def _beyond_limit(
    among: np.ndarray,
    which: np.ndarray,
    cap_usd: np.ndarray,
    limits: tuple[float, float],
    words: str,
) -> str | None:
    """Say what part of some names, by number or by cap, is more than a limit."""
    count = int(among.sum())
    if not count or (count < FEWEST_NAMES and words != REPEATED):
        return None
    by_count = float(which.sum() / count)
    if by_count > limits[0]:
        return f"{by_count:.0%} {words}"
    total = float(np.nansum(cap_usd[among]))
    by_cap = float(np.nansum(cap_usd[which])) / total if total else 0.0
    if count >= FEWEST_NAMES and by_cap > limits[1]:
        return f"{by_cap:.0%} by market cap {words}"
    return None


def _beyond(ratio: np.ndarray, factor: float | np.ndarray) -> np.ndarray:
    return (ratio > factor) | (ratio < 1 / factor)


LIST_LOW_FRAC, LIST_HIGH_FRAC = 0.85, 1.035
STYLE_LOW_FRAC = 0.25  # about 390 of 1,000 are in the Russell 1000 Growth


def judge_list(
    security_count: int, company_count: int, is_style: bool = False
) -> str | None:
    """Say why a list cannot be an index's members of one day, or None.

    `company_count` is the number of ranks of the index, of the parent for a style
    index. Sampling funds hold fewer names; share classes make a list slightly longer.
    """
    low_frac = STYLE_LOW_FRAC if is_style else LIST_LOW_FRAC
    low, high = low_frac * company_count, LIST_HIGH_FRAC * company_count
    if low <= security_count <= high:
        return None
    return (
        f"{security_count:,} names; a list of {company_count:,} companies has between "
        f"{low:,.0f} and {high:,.0f}"
    )
