"""How dear each of the market's segments is, by what was known of it on a day.

Ratios of a segment are those of its basket: what its members weigh against what falls
to that weight of their earnings, sales, equity and cash flow of the last fiscal year
known.
"""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from recon import reconstitution
from recon.errors import SnapshotMissing
from recon.indexes import LARGE, SMALL
from recon.reconstitution import History
from recon.reconstitution.changed_symbols import find_changes
from recon.rulebook import HEURISTICS
from recon.rules.segments import WHOLE
from recon.store import Store
from recon.store.kept import Kept
from recon.studies.segments import segment_name
from recon.vocabulary import NOT_KNOWN

MEGA = "TOP50"
BASKETS = ("TOP10", "MAG7", MEGA, "TOP200", "MIDCAP", LARGE, SMALL, "MICRO", "R3000")
BY_SECTOR = (LARGE, SMALL)
RATIOS = {
    "price_to_earnings": "Price to earnings, losses counted",
    "price_to_profits": "Price to earnings of those with a profit",
    "median_price_to_profits": "Median price to earnings of those with a profit",
    "price_to_book": "Price to book",
    "price_to_sales": "Price to sales",
    "free_cash_flow_yield_frac": "Free cash flow to price",
    "dividend_yield_frac": "Dividends paid to price",
    "earnings_yield_frac": "Earnings to price, losses counted",
}
GAPS = ("price_to_profits", "price_to_earnings", "price_to_book", "price_to_sales")
COLUMNS = [
    "segment",
    "sector",
    "name",
    "members",
    "covered_frac",
    *RATIOS,
    "loss_makers_frac",
    "premium_frac",
    "debt_to_equity",
    "interest_cover",
    "short_debt_frac",
]


def renamed(kept: Kept) -> pd.DataFrame:
    """Return the changes of symbols of the whole store, see `find_changes`.

    A vendor's file knows a company by its symbol of today; that is no figure.
    """
    days = kept.store.published_days()
    first, last = days[0].date(), days[-1].date()
    return kept.table(
        "changed-symbols",
        kept.key(last),
        lambda: find_changes(kept.store, first, last),
    )


def valued(
    kept: Kept, day: date, history: History, changes: pd.DataFrame, ten_year: float
) -> pd.DataFrame:
    """Return `baskets` of a session, as kept with the store or worked out and kept.

    `changes` is the output of `renamed`, `ten_year` that of `ten_year_frac`.
    """
    later = changes[changes["changed_on"] > pd.Timestamp(day)]
    own = kept.store.segment_lists()
    return kept.table(
        f"valuation-{day}",
        kept.key(day, later, own, f"{ten_year:.6f}"),
        lambda: baskets(figures(kept.store, day, history, changes), ten_year),
    )


def figures(
    store: Store, day: date, history: History, changes: pd.DataFrame
) -> pd.DataFrame:
    """Return the members of segments on a session, each with its statements.

    Rows as `segments.members_on` gives them, and a column a measure in USD, missing
    where it is not known; nothing that became known later is used. Statements stand
    under any class of the company, by the symbol of the day or a later one (`changes`,
    see `renamed`). Those with a profit of several times the market cap are not its own.

    Raises
    ------
    SnapshotMissing
        If no statement is known.
    """
    known = store.statements(day, day - timedelta(days=HEURISTICS.statements_max_days))
    if known.empty:
        raise SnapshotMissing(
            "No annual statements are known on the day: valuations need net income, "
            "sales, equity and cash flow of companies. Load a table of them with "
            "'python -m recon ingest fundamentals FILE'."
        )
    wide = known.pivot(index="symbol", columns="measure", values="value")
    wide = wide.reindex(columns=MEASURES)
    later = changes[changes["changed_on"] > pd.Timestamp(day)].iloc[::-1]
    now: dict[str, str] = {}
    for old, new in zip(later["key"], later["key_new"], strict=True):
        now[old] = now.get(new, new)
    members = reconstitution.segments.members_on(store, day, history)
    told = set(wide.index)
    under = [
        next((key for key in (*own, *map(now.get, own)) if key in told), "")
        for own in members["keys"]
    ]
    found = members.assign(under=under)
    found = found.merge(wide, how="left", left_on="under", right_index=True)
    most = HEURISTICS.statements_most_profit_times * found["total_market_cap_usd"]
    found.loc[found["net_income_usd"] > most, MEASURES] = np.nan
    return found.drop(columns=["keys", "under"])


MEASURES = [
    "revenue_usd",
    "operating_income_usd",
    "interest_expense_usd",
    "net_income_usd",
    "operating_cash_flow_usd",
    "capital_expenditure_usd",
    "dividends_paid_usd",
    "total_equity_usd",
    "total_debt_usd",
    "short_debt_usd",
]


def baskets(rows: pd.DataFrame, ten_year_frac: float = np.nan) -> pd.DataFrame:
    """Return the ratios of each segment, and of the sectors of some, one row each.

    `rows` is the output of `figures`, `ten_year_frac` the 10-year Treasury's yield.
    Columns `COLUMNS`: covered_frac is the part of the weight whose net income is known;
    premium_frac the earnings yield less the Treasury's. A basket of which
    less than half is known has no ratio (0064).
    """
    found = []
    for segment in (code for code in BASKETS if code in rows):
        own = rows[rows[segment].to_numpy(bool)]
        found.append(_basket(own, segment, WHOLE, segment_name(segment)))
        if segment in BY_SECTOR:
            for sector, part in own[own["sector"].ne(NOT_KNOWN)].groupby("sector"):
                found.append(_basket(part, segment, str(sector), str(sector)))
    table = pd.DataFrame(found)
    table["premium_frac"] = table["earnings_yield_frac"] - ten_year_frac
    return table[COLUMNS]


def _basket(
    rows: pd.DataFrame, segment: str, sector: str, name: str
) -> dict[str, object]:
    weight = rows["weight_usd"].to_numpy(float)
    part = weight / rows["total_market_cap_usd"].to_numpy(float)
    of = {each: rows[each].to_numpy(float) for each in MEASURES}
    income = of["net_income_usd"]
    known = ~np.isnan(income)
    covered = weight[known].sum() / weight.sum() if weight.sum() else 0.0
    found: dict[str, object] = {
        "segment": segment,
        "sector": sector,
        "name": name,
        "members": len(rows),
        "covered_frac": covered,
    }
    profit = np.where(income > 0, income, np.nan)
    cash = of["operating_cash_flow_usd"] - of["capital_expenditure_usd"]
    # who reports a cash flow and no dividend pays none
    paid = np.nan_to_num(of["dividends_paid_usd"])
    paid = np.where(np.isnan(of["operating_cash_flow_usd"]), np.nan, paid)
    ratios = {
        "price_to_earnings": _times(weight, part, income),
        "price_to_profits": _times(weight, part, profit),
        "median_price_to_profits": _median(
            rows["total_market_cap_usd"].to_numpy(float) / profit
        ),
        "price_to_book": _times(weight, part, of["total_equity_usd"]),
        "price_to_sales": _times(weight, part, of["revenue_usd"]),
        "free_cash_flow_yield_frac": _yield(weight, part, cash),
        "dividend_yield_frac": _yield(weight, part, paid),
        "earnings_yield_frac": _yield(weight, part, income),
        "loss_makers_frac": float((income[known] < 0).mean()) if known.any() else None,
        "debt_to_equity": _ratio(of["total_debt_usd"], of["total_equity_usd"], part),
        "interest_cover": _ratio(
            of["operating_income_usd"], of["interest_expense_usd"], part
        ),
        "short_debt_frac": _ratio(of["short_debt_usd"], of["total_debt_usd"], part),
    }
    is_enough = covered >= HEURISTICS.ratio_least_covered_frac
    return found | {name: x if is_enough else np.nan for name, x in ratios.items()}


def _times(weight: np.ndarray, part: np.ndarray, figure: np.ndarray) -> float:
    """Return weight over what falls to it; missing where that is not above zero."""
    share = _yield(weight, part, figure)
    return 1 / share if share > 0 else np.nan


def _yield(weight: np.ndarray, part: np.ndarray, figure: np.ndarray) -> float:
    known = ~np.isnan(figure) & (weight > 0)
    whole = weight[known].sum()
    return float((figure * part)[known].sum() / whole) if whole else np.nan


def _ratio(over: np.ndarray, under: np.ndarray, part: np.ndarray) -> float:
    """Return one figure of a basket over another, of the members that have both."""
    known = ~np.isnan(over) & ~np.isnan(under)
    whole = (under * part)[known].sum()
    return float((over * part)[known].sum() / whole) if whole > 0 else np.nan


def _median(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else np.nan


def gaps(history: pd.DataFrame) -> pd.DataFrame:
    """Return small caps' ratios over large ones' and over mega caps', day by day.

    `history` has the rows of `baskets` with snapshot_date. Columns: snapshot_date,
    ratio, against, relative (1 is level), percentile_frac among the days until then.
    """
    whole = history[history["sector"].eq(WHOLE)]
    found = []
    for ratio in GAPS:
        by_day = whole.pivot(index="snapshot_date", columns="segment", values=ratio)
        for against in (LARGE, MEGA):
            relative = by_day[SMALL] / by_day[against]
            rank = relative.expanding().rank() / relative.expanding().count()
            found.append(
                pd.DataFrame(
                    {
                        "snapshot_date": relative.index,
                        "ratio": ratio,
                        "against": against,
                        "relative": relative.to_numpy(),
                        "percentile_frac": rank.to_numpy(),
                    }
                )
            )
    return pd.concat(found, ignore_index=True)


def drivers(
    then: pd.DataFrame, now: pd.DataFrame, small_frac: float, large_frac: float
) -> pd.DataFrame:
    """Split what small and large caps made between two days into multiple and figure.

    `then` and `now` are `baskets` of the days, the others what the Russell 2000 and
    the Russell 1000 made. One row a ratio of `GAPS`; columns ratio and, for each of
    small, large and relative (small over large), _price_frac, _multiple_frac and
    _figure_frac (earnings, book value or sales of the index): one plus the first is
    the product of one plus the others. Missing where a ratio is.
    """
    sides = {}
    for side, code, made in (
        ("small", SMALL, small_frac),
        ("large", LARGE, large_frac),
    ):
        old, new = (_whole(table, code) for table in (then, now))
        multiple = new / old
        sides[side] = {"price": 1 + made, "multiple": multiple}
    small, large = sides["small"], sides["large"]
    sides["relative"] = {part: small[part] / large[part] for part in small}
    found = pd.DataFrame({"ratio": GAPS}, index=GAPS)
    for side, own in sides.items():
        figure = own["price"] / own["multiple"]
        for part, factor in {**own, "figure": figure}.items():
            found[f"{side}_{part}_frac"] = factor - 1
    found.loc[found["relative_figure_frac"].isna(), "relative_price_frac"] = np.nan
    return found.reset_index(drop=True)


def _whole(table: pd.DataFrame, code: str) -> pd.Series:
    rows = table[table["sector"].eq(WHOLE)].set_index("segment")
    return rows.loc[code, list(GAPS)].astype(float)


def days_of(sessions: pd.DatetimeIndex, as_of: date) -> list[date]:
    """Return the last session of each quarter up to a day, and the day itself."""
    past = sessions[sessions <= pd.Timestamp(as_of)]
    ends = past.to_series().groupby(past.to_period("Q")).max()
    return [stamp.date() for stamp in ends]


def ten_year_frac(rates: pd.DataFrame, day: date) -> float:
    """Return the 10-year Treasury's yield as known on a day; missing where it is not.

    `rates` is `Store.rates`, in percent; one older than a week is not known.
    """
    own = rates[rates["series"].eq("DGS10")].sort_values("observed_on")
    own = own[own["observed_on"] <= pd.Timestamp(day)]
    if own.empty:
        return np.nan
    age = pd.Timestamp(day) - own["observed_on"].iloc[-1]
    if age.days > HEURISTICS.yield_max_days:
        return np.nan
    return float(own["value"].iloc[-1]) / 100
