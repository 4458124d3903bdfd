"""Simulated moves of market caps, drawn from the past of the same companies.

A return is that of its size group, that of its sector, and the company's own. Blocks
of past sessions are drawn for all companies at once: what moved together then moves
together again, tails and all, and lines move with the companies they are drawn through.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from recon.rulebook import HEURISTICS, Forecasting
from recon.studies.forecast.past import Past

POOL = 50_000  # changes of share counts kept of a group


class Drawn(Protocol):
    """Moves over a number of sessions, to be drawn."""

    @property
    def horizon(self) -> int: ...  # noqa: D102

    def draw(  # noqa: D102
        self, rng: np.random.Generator, draws: int
    ) -> tuple[np.ndarray, np.ndarray]: ...


@dataclass(frozen=True, kw_only=True)
class Moves:
    """What moves are drawn from: sessions by companies.

    `log_returns` are without faults, gaps and drift, as large as they are of late;
    `deviation` is each company's per session, `group` its size group; `log_counts`
    are past changes of share counts.
    """

    log_returns: np.ndarray
    deviation: np.ndarray
    group: np.ndarray
    log_counts: np.ndarray
    block: int

    def over(self, horizon: int) -> "Bootstrap":
        """Return the moves over a number of sessions."""
        rng = np.random.default_rng(0)
        pools = _count_pools(self.log_counts, self.group, horizon, rng)
        return Bootstrap(moves=self, horizon=horizon, pools=pools)


@dataclass(frozen=True, kw_only=True)
class Bootstrap:
    """Moves over a horizon, drawn in blocks of past sessions.

    `pools` are past changes of share counts over the horizon, an array a size group.
    """

    moves: Moves
    horizon: int
    pools: tuple[np.ndarray, ...]

    def draw(
        self, rng: np.random.Generator, draws: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return log returns to the horizon, and log changes of share counts.

        Both draws by companies. Without a horizon nothing moves.
        """
        past, group = self.moves.log_returns, self.moves.group
        shape = (draws, past.shape[1])
        if not self.horizon:
            return np.zeros(shape, np.float32), np.zeros(shape, np.float32)
        picked = _blocks(rng, draws, len(past), self.horizon, self.moves.block)
        # prices have no drift: what varies more grows less in logs
        drift = self.moves.deviation**2 * (self.horizon / 2)
        returns = picked @ past - drift.astype(np.float32)
        counts = np.empty(shape, np.float32)
        for each, pool in enumerate(self.pools):
            columns = np.flatnonzero(group == each)
            places = rng.integers(len(pool), size=(draws, len(columns)), dtype=np.int32)
            counts[:, columns] = pool[places]
        return returns, counts


def fit(
    past: Past, sectors: pd.Series, group: np.ndarray, numbers: Forecasting
) -> Moves:
    """Return the moves of companies, with their sectors and size groups."""
    rng = np.random.default_rng(0)
    sector, _ = pd.factorize(sectors.to_numpy(object))
    returns = past.log_returns
    common = _group_means(returns, group)[:, group]
    common = common + _sector_means(returns - common, sector)[:, sector + 1]
    own = returns - common
    window, recent = _deviations(own, group, numbers)
    whole, late = _deviation_of(common.mean(axis=1), numbers)
    weight = numbers.recent_frac
    filled = _fill(own / np.where(window > 0, window, 1.0), group, rng)
    filled -= filled.mean(axis=0)
    own = filled * (window ** (1 - weight) * recent**weight)
    common = (common - common.mean(axis=0)) * (late / whole if whole else 1.0) ** weight
    total = (common + own).astype(np.float32)
    return Moves(
        log_returns=total,
        deviation=total.std(axis=0),
        group=group,
        log_counts=past.log_counts,
        block=numbers.block_sessions,
    )


def _blocks(
    rng: np.random.Generator, draws: int, sessions: int, horizon: int, block: int
) -> np.ndarray:
    """Count how often each draw takes each past session: draws by sessions.

    Whole blocks, begun anywhere and read round the end, and a part of one.
    """
    starts = rng.integers(sessions, size=(draws, -(-horizon // block)))
    days = (starts[:, :, None] + np.arange(block)).reshape(draws, -1)[:, :horizon]
    days = days % sessions + np.arange(draws)[:, None] * sessions
    counts = np.bincount(days.ravel(), minlength=draws * sessions)
    return counts.reshape(draws, sessions).astype(np.float32)


def _group_means(values: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Mean of each session and group, 0 where nobody moved: sessions by groups."""
    count = int(group.max(initial=0)) + 1
    is_in = np.equal.outer(group, np.arange(count)).astype(float)
    known = ~np.isnan(values)
    sums = np.where(known, values, 0.0) @ is_in
    return sums / np.maximum(known @ is_in, 1.0)


def _sector_means(values: np.ndarray, sector: np.ndarray) -> np.ndarray:
    """Mean of each session and sector, those without one first and left at 0."""
    counts = np.bincount(sector + 1)
    own = counts / (counts + HEURISTICS.forecasting.thin_sector_count)
    means = _group_means(values, sector + 1) * own
    means[:, 0] = 0.0
    return means


def _deviations(
    own: np.ndarray, group: np.ndarray, numbers: Forecasting
) -> tuple[np.ndarray, np.ndarray]:
    """Return each company's deviation over the window and of late.

    A short past leans on the median of its size group.
    """
    square = np.where(np.isnan(own), 0.0, own**2)
    known = ~np.isnan(own)
    age = np.arange(len(own))[::-1]
    found = []
    for weights in (
        np.ones(len(own)),
        0.5 ** (age / numbers.recent_half_life_sessions),
    ):
        count = weights @ known
        variance = (weights @ square) / np.maximum(count, 1e-9)
        seen = pd.Series(np.where(count > 0, variance, np.nan)).groupby(group)
        usual = seen.transform("median").fillna(0.0).to_numpy()
        lean = numbers.own_sessions * weights.mean()
        mixed = (count * variance + lean * usual) / (count + lean)
        found.append(np.sqrt(mixed))
    return found[0], found[1]


def _deviation_of(series: np.ndarray, numbers: Forecasting) -> tuple[float, float]:
    """Return the deviation of a series over the window and of late."""
    square = (series - series.mean()) ** 2
    age = np.arange(len(series))[::-1]
    late = 0.5 ** (age / numbers.recent_half_life_sessions)
    return float(np.sqrt(square.mean())), float(np.sqrt(late @ square / late.sum()))


def _fill(own: np.ndarray, group: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Fill a company's gaps with the moves of others of its group in the session."""
    filled = own.copy()
    for each in range(int(group.max(initial=0)) + 1):
        columns = np.flatnonzero(group == each)
        part = own[:, columns]
        for row in np.flatnonzero(np.isnan(part).any(axis=1)):
            missing = np.isnan(part[row])
            donors = part[row, ~missing]
            filled[row, columns[missing]] = (
                rng.choice(donors, size=int(missing.sum())) if len(donors) else 0.0
            )
    return filled


def _count_pools(
    log_counts: np.ndarray, group: np.ndarray, horizon: int, rng: np.random.Generator
) -> tuple[np.ndarray, ...]:
    """Return past changes of share counts over a horizon, by group."""
    span = min(horizon, len(log_counts))
    running = np.vstack([np.zeros(log_counts.shape[1]), np.cumsum(log_counts, axis=0)])
    over = (running[span:] - running[:-span]) if span else running
    pools = []
    for each in range(int(group.max(initial=0)) + 1):
        pool = over[:, group == each].ravel()
        if len(pool) > POOL:
            pool = rng.choice(pool, POOL, replace=False)
        pools.append(pool.astype(np.float32))
    return tuple(pools)


@dataclass(frozen=True, kw_only=True)
class Lognormal:
    """Every company by itself with its own deviation: what the odds must beat."""

    deviation: np.ndarray
    horizon: int

    def draw(
        self, rng: np.random.Generator, draws: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return normal log returns to the horizon, and share counts that stay."""
        size = (self.deviation * np.sqrt(self.horizon)).astype(np.float32)
        moves = rng.standard_normal((draws, len(size)), np.float32) * size
        return moves - size**2 / 2, np.zeros_like(moves)


def lognormal(past: Past, horizon: int) -> Lognormal:
    """Return each company's own deviation over the past, else the median one."""
    known = ~np.isnan(past.log_returns)
    enough = known.sum(axis=0) >= 2
    deviation = np.full(known.shape[1], np.nan)
    deviation[enough] = np.nanstd(past.log_returns[:, enough], axis=0)
    middle = np.nanmedian(deviation)
    return Lognormal(
        deviation=np.where(np.isnan(deviation), middle, deviation), horizon=horizon
    )
