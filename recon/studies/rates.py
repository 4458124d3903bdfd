"""What segments make when rates, spreads and inflation change, with intervals.

Ordinary regressions of a segment's return on the change of one figure, five sessions at
a time, with standard errors that allow for what the sessions share (Newey and West).
What is known on the day shown is used, and nothing later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from recon.rulebook import HEURISTICS, rulebook
from recon.rules import market_return
from recon.store import Store
from recon.studies.segments import named, segment_name

SPAN_SESSIONS = 5  # the change that a return is set against
ROLLING = 250
POINT = 0.01  # a percentage point


@dataclass(frozen=True, kw_only=True)
class Factor:
    """A figure whose change moves prices, in points of percent."""

    code: str
    series: tuple[str, ...]  # the first of them that is known
    name: str


FACTORS = (
    Factor(code="two_year", series=("DGS2",), name="2-year yield"),
    Factor(code="ten_year", series=("DGS10",), name="10-year yield"),
    Factor(code="credit", series=("HY_OAS", "BBB_OAS", "BAA10Y"), name="credit spread"),
    Factor(
        code="inflation", series=("T10YIE",), name="10-year inflation that bonds expect"
    ),
)
COLUMNS = [
    "segment",
    "name",
    "factor",
    "per_point_frac",
    "low_frac",
    "high_frac",
    "spans",
    "r_squared",
]


def changes(rates: pd.DataFrame, sessions: pd.DatetimeIndex) -> pd.DataFrame:
    """Return the change of each factor over five sessions, in points; by session.

    `rates` is `Store.rates`. A session without a figure has no change, and no figure is
    older than three days.
    """
    found = {}
    for factor in FACTORS:
        for code in factor.series:
            own = rates[rates["series"].eq(code)].set_index("observed_on")["value"]
            if len(own) > HEURISTICS.least_spans:
                gap = pd.Timedelta(days=HEURISTICS.rate_gap_days)
                level = own.reindex(sessions, method="ffill", tolerance=gap)
                found[factor.code] = level.diff(SPAN_SESSIONS)
                break
    return pd.DataFrame(found, index=sessions)


def spans(days: pd.DataFrame, chosen: Sequence[str] = ()) -> pd.DataFrame:
    """Return what each segment made over the five sessions to each session.

    `days` is table `SegmentDays`; adds R2000 less R1000 as SMALL_LARGE.
    """
    rows = named(days)
    rows = rows[rows["segment"].isin(chosen)] if chosen else rows
    moved = rows.pivot(
        index="snapshot_date", columns="segment", values="cap_weighted_frac"
    )
    made = np.expm1(np.log1p(moved).rolling(SPAN_SESSIONS).sum())
    if {"R1000", "R2000"} <= set(made):
        made[SMALL_LARGE] = made["R2000"] - made["R1000"]
    return made


SMALL_LARGE = "R2000 less R1000"


def sensitivities(days: pd.DataFrame, rates: pd.DataFrame) -> pd.DataFrame:
    """Return what each segment made per point of each factor, with 95 % intervals.

    Columns: `COLUMNS`; `per_point_frac` is the return that went with one percentage
    point more, `spans` how many overlapping spans it rests on. Empty where no factor
    is known for long enough.
    """
    return _of_each(spans(days), rates)


def of_company(facts: Store, symbol_id: int, as_of: date) -> pd.DataFrame:
    """Return what a listing made per point of each factor, as `sensitivities` does.

    Its returns are close to close, adjusted as those of segments; `segment` is empty.
    """
    since = facts.published_days()[0].date()
    table = facts.price_changes(since, as_of, [symbol_id])
    table = table.sort_values("snapshot_date").drop_duplicates("snapshot_date")
    moved = market_return.moves(
        table["close_usd"].pct_change(fill_method=None).to_numpy(float),
        np.full(len(table), np.nan),
        table["close_change_frac"].to_numpy(float),
        rulebook(as_of),
    )
    sessions = facts.published_days()
    sessions = sessions[sessions <= pd.Timestamp(as_of)]
    daily = pd.Series(moved, pd.DatetimeIndex(table["snapshot_date"]))
    daily = daily[daily > -1].reindex(sessions)
    made = np.expm1(np.log1p(daily).rolling(SPAN_SESSIONS).sum())
    return _of_each(made.to_frame(""), facts.rates(as_of))


def _of_each(made: pd.DataFrame, rates: pd.DataFrame) -> pd.DataFrame:
    """Return the sensitivities of what each column made to each factor."""
    moved = changes(rates, made.index)
    rows = []
    for segment in made:
        for factor in FACTORS:
            if factor.code not in moved:
                continue
            both = pd.concat([made[segment], moved[factor.code]], axis=1).dropna()
            if len(both) >= HEURISTICS.least_spans and both.iloc[:, 1].std() > 0:
                rows.append(
                    (
                        segment,
                        segment_name(segment),
                        factor.code,
                        *_fit(both.iloc[:, 0].to_numpy(), both.iloc[:, 1].to_numpy()),
                    )
                )
    return pd.DataFrame(rows, columns=COLUMNS)


def _fit(made: np.ndarray, moved: np.ndarray) -> tuple[float, float, float, int, float]:
    """Return slope, its 95 % interval, number of spans and R squared."""
    from statsmodels.regression.linear_model import OLS  # slow to import

    design = np.column_stack([np.ones(len(moved)), moved])
    fit = OLS(made, design).fit(cov_type="HAC", cov_kwds={"maxlags": 2 * SPAN_SESSIONS})
    low, high = fit.conf_int()[1]
    return (
        float(fit.params[1]), float(low), float(high), len(made), float(fit.rsquared)
    )  # fmt: skip


def rolling(days: pd.DataFrame, rates: pd.DataFrame, segment: str) -> pd.DataFrame:
    """Return a segment's sensitivity to the 10-year yield over the last year, daily.

    Columns: snapshot_date, per_point_frac, low_frac, high_frac (95 %): regressions
    over 250 sessions. Spans overlap, so the interval is drawn wider by the root of
    five.
    """
    from statsmodels.regression.rolling import RollingOLS  # slow to import

    made = spans(days, ("R1000", "R2000") if segment == SMALL_LARGE else (segment,))
    moved = changes(rates, made.index)
    if "ten_year" not in moved:
        return pd.DataFrame(columns=["snapshot_date", *ROLLING_COLUMNS])
    both = pd.concat([made[segment], moved["ten_year"]], axis=1).dropna()
    if len(both) < ROLLING:
        return pd.DataFrame(columns=["snapshot_date", *ROLLING_COLUMNS])
    design = np.column_stack([np.ones(len(both)), both["ten_year"]])
    fit = RollingOLS(both[segment].to_numpy(), design, window=ROLLING).fit()
    slope = np.asarray(fit.params)[:, 1]
    reach = 1.96 * np.sqrt(SPAN_SESSIONS) * np.asarray(fit.bse)[:, 1]
    return pd.DataFrame(
        {
            "snapshot_date": both.index,
            "per_point_frac": slope,
            "low_frac": slope - reach,
            "high_frac": slope + reach,
        }
    ).dropna(ignore_index=True)


ROLLING_COLUMNS = ["per_point_frac", "low_frac", "high_frac"]


def if_rates_fall(table: pd.DataFrame) -> pd.DataFrame:
    """Return what went with a 10-year yield 100 bp lower, most gain first.

    `table` is the output of `sensitivities`. Columns: segment, name, gain_frac,
    low_frac, high_frac, spans, r_squared.
    """
    own = table[table["factor"].eq("ten_year")]
    found = own.assign(
        gain_frac=-own["per_point_frac"],
        low_frac=-own["high_frac"],
        high_frac=-own["low_frac"],
    )
    columns = [
        *("segment", "name", "gain_frac", "low_frac", "high_frac", "spans", "r_squared")
    ]
    return found.sort_values("gain_frac", ascending=False)[columns].reset_index(
        drop=True
    )


def known_through(rates: pd.DataFrame) -> pd.Timestamp | None:
    """Return the last day of which a yield is known, None without any."""
    own = rates.loc[rates["series"].isin(["DGS2", "DGS10"]), "observed_on"]
    return own.max() if len(own) else None


def inflation(rates: pd.DataFrame) -> pd.DataFrame:
    """Return the yearly inflation of each month and its surprise, as known.

    A surprise is the change of the yearly rate since the month before: no forecasts are
    stored, so the last rate stands for what was expected. Columns: observed_on,
    known_on, yearly_frac, surprise_frac.
    """
    own = rates[rates["series"].eq("CPI")].set_index("observed_on").sort_index()
    if own.empty:
        return pd.DataFrame(
            columns=["observed_on", "known_on", "yearly_frac", "surprise_frac"]
        )
    months = pd.date_range(own.index.min(), own.index.max(), freq="MS")
    value = own["value"].reindex(months)
    yearly = value / value.shift(12) - 1
    return pd.DataFrame(
        {
            "observed_on": months,
            "known_on": own["known_on"].reindex(months).to_numpy(),
            "yearly_frac": yearly.to_numpy(),
            "surprise_frac": yearly.diff().to_numpy(),
        }
    ).dropna(ignore_index=True)


def around_surprises(days: pd.DataFrame, rates: pd.DataFrame) -> pd.DataFrame:
    """Return each segment's return per point of an inflation surprise.

    The return is of the five sessions to the fifth after a month's figure is taken as
    known. Columns: `COLUMNS` with factor ``cpi``; few months, wide intervals.
    """
    table, made = inflation(rates), spans(days)
    sessions = made.index
    place = sessions.searchsorted(pd.DatetimeIndex(table["known_on"])) + SPAN_SESSIONS
    is_in = (place < len(sessions)) & (place > 2 * SPAN_SESSIONS)
    moved = table["surprise_frac"].to_numpy()[is_in] / POINT
    rows = []
    for segment in made:
        own = made[segment].to_numpy()[place[is_in]]
        known = ~np.isnan(own)
        if known.sum() >= HEURISTICS.least_surprises and moved[known].std() > 0:
            rows.append(
                (segment, segment_name(segment), "cpi", *_fit(own[known], moved[known]))
            )
    return pd.DataFrame(rows, columns=COLUMNS)
