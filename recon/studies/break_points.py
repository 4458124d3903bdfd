"""How the lines have moved: against rank days, against the market, and on record.

Everything compares stored break points (table `BreakPoints`) or two projections'
companies; nothing here ranks or bands.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from recon import schedule
from recon.indexes import LINE_NAMES
from recon.rulebook import HEURISTICS


def market_adjusted(
    break_points: pd.DataFrame, rank_days: Sequence[date]
) -> pd.DataFrame:
    """Add base_date, adjusted_break_point_usd and moved_by to sessions' break points.

    The break point of the last rank day, moved with the return of the Russell 3000E
    since (`moved_by` is then RETURN). Where that of a session is not stored, it is
    moved with total market cap, which also holds issues and delistings (TOTAL_CAP).
    Missing, and `moved_by` empty, before the first rank day known.
    Source: Ground Rules v7.0, Appendices E and F.
    """
    days = np.unique(break_points["snapshot_date"].to_numpy("datetime64[D]"))
    first = days[0] if len(days) else NEVER
    events = np.array(sorted(rank_days), "datetime64[D]")
    events = events[events >= first]
    # a rank day without a snapshot is read from the last session before it
    bases = np.append(days[np.searchsorted(days, events, side="right") - 1], NEVER)
    latest = np.searchsorted(events, days, side="right") - 1
    kind = break_points["snapshot_date"].dtype
    base_of = pd.Series(bases[latest], index=days).astype(kind)
    base_of.index = base_of.index.astype(kind)
    base_date = break_points["snapshot_date"].map(base_of)
    table = break_points.assign(
        base_date=base_date.astype(kind), **_levels(break_points)
    )
    base = table[["snapshot_date", "rank", *BASE]].rename(
        columns={"snapshot_date": "base_date", **BASE}
    )
    table = table.merge(base, on=["base_date", "rank"], how="left", validate="m:1")
    by_cap = table["total_market_cap_usd"] / table["base_total_usd"]
    by_return = table["level"] / table["base_level"]
    is_whole = table["unknown_count"] == table["base_unknown_count"]
    growth = by_return.where(is_whole, by_cap)
    return table.assign(
        adjusted_break_point_usd=table["base_break_point_usd"] * growth,
        moved_by=np.select(
            [table["base_date"].isna(), is_whole], ["", RETURN], TOTAL_CAP
        ),
    ).drop(columns=[*BASE.values(), *LEVELS])


def _levels(break_points: pd.DataFrame) -> dict[str, pd.Series]:
    """Return an index of the market by its returns, and how many were not known."""
    days = break_points["snapshot_date"]
    of_session = break_points.drop_duplicates("snapshot_date").sort_values(
        "snapshot_date"
    )
    moved = of_session.set_index("snapshot_date")["market_return_frac"]
    levels = (1 + moved.fillna(0)).cumprod(), moved.isna().cumsum()
    return {name: days.map(values) for name, values in zip(LEVELS, levels, strict=True)}


NEVER = np.datetime64("NaT", "D")
RETURN, TOTAL_CAP = "return", "total market cap"
LEVELS = ("level", "unknown_count")
BASE = {
    "break_point_usd": "base_break_point_usd",
    "total_market_cap_usd": "base_total_usd",
    "level": "base_level",
    "unknown_count": "base_unknown_count",
}


def against_official(
    break_points: pd.DataFrame, official: pd.DataFrame, rank: int
) -> pd.DataFrame:
    """Set our line beside the official one: one row per official year, newest first.

    `official` is `record.official_break_points`. Columns: year, rank_day,
    official_usd, our_date (the session used, missing where we hold none within a
    week before the rank day), our_usd, band_low_usd, band_high_usd, error_frac,
    yearly_change_frac (of the official line), source, confidence.
    """
    columns = ["snapshot_date", "break_point_usd", "band_low_usd", "band_high_usd"]
    ours = break_points.loc[break_points["rank"] == rank, columns]
    ours = ours.set_axis(["our_date", "our_usd", *columns[2:]], axis="columns")
    ours = ours.sort_values("our_date")
    table = official.rename(columns={"break_point_usd": "official_usd"})
    table = table.sort_values("year")
    change = table["official_usd"] / table["official_usd"].shift() - 1
    is_next = table["year"] - table["year"].shift() == 1
    table = table.assign(yearly_change_frac=change.where(is_next))
    dated = table[table["rank_day"].notna()]
    dated = pd.merge_asof(
        dated.astype({"rank_day": ours["our_date"].dtype}).sort_values("rank_day"),
        ours,
        left_on="rank_day",
        right_on="our_date",
        tolerance=pd.Timedelta(days=HEURISTICS.official_near_days),
    )
    table = pd.concat([table[table["rank_day"].isna()], dated], ignore_index=True)
    return table.assign(
        error_frac=table["our_usd"] / table["official_usd"] - 1
    ).sort_values("year", ascending=False, ignore_index=True)


def leaders(now: pd.DataFrame, then: pd.DataFrame, top: int = 10) -> pd.DataFrame:
    """Compare the largest companies with their order on another day.

    Both are `Projection.companies`. Columns: rank, symbol, company,
    total_market_cap_usd, then_rank, rank_change (positive is up), cap_change_frac and
    total_frac (of the whole Russell 3000E); missing where the company was not ranked.
    """
    earlier = then[["symbol_id", "rank", "total_market_cap_usd"]].rename(
        columns={"rank": "then_rank", "total_market_cap_usd": "then_cap_usd"}
    )
    first = now.nsmallest(top, "rank")
    table = first[
        [
            "rank",
            "symbol",
            "company",
            "symbol_id",
            "total_market_cap_usd",
            "cumulative_cap_frac",
        ]
    ].merge(earlier, on="symbol_id", how="left", validate="one_to_one")
    own = table["cumulative_cap_frac"].diff().fillna(table["cumulative_cap_frac"])
    return table.assign(
        rank_change=table["then_rank"] - table["rank"],
        cap_change_frac=table["total_market_cap_usd"] / table["then_cap_usd"] - 1,
        total_frac=own,
    ).drop(columns=["symbol_id", "cumulative_cap_frac", "then_cap_usd"])


def with_gaps(
    table: pd.DataFrame, sessions: pd.DatetimeIndex, allowed: int = 1
) -> pd.DataFrame:
    """Put a row of missing values where more than `allowed` sessions are missing.

    `table` is one line's sessions in order; a line drawn through it then breaks where
    the data do.
    """
    days = table["snapshot_date"]
    at = sessions.searchsorted(pd.DatetimeIndex(days))
    holes = np.flatnonzero(np.diff(at) > allowed + 1)
    blank = pd.DataFrame(
        {"snapshot_date": days.iloc[holes].to_numpy() + np.timedelta64(1, "D")}
    ).astype({"snapshot_date": days.dtype})
    return pd.concat([table, blank]).sort_values("snapshot_date", ignore_index=True)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where one line stands on its last session, and against its last rank day.

    Money is US dollars; NaN, and `base_date` None, where it is not known.
    """

    rank: int
    snapshot_date: date
    break_point_usd: float
    band_low_usd: float
    band_high_usd: float
    base_date: date | None
    base_break_point_usd: float
    change_frac: float
    adjusted_break_point_usd: float
    against_market_frac: float


def standing(adjusted: pd.DataFrame, rank: int) -> Standing:
    """Read the last session of one line from the output of `market_adjusted`."""
    line = adjusted[adjusted["rank"] == rank]
    last = line.iloc[-1]
    base_date = last["base_date"]
    base = line.loc[line["snapshot_date"] == base_date, "break_point_usd"]
    base_usd = float(base.iloc[0]) if len(base) else np.nan
    now, by_market = last["break_point_usd"], last["adjusted_break_point_usd"]
    return Standing(
        rank=rank,
        snapshot_date=last["snapshot_date"].date(),
        break_point_usd=float(now),
        band_low_usd=float(last["band_low_usd"]),
        band_high_usd=float(last["band_high_usd"]),
        base_date=None if pd.isna(base_date) else base_date.date(),
        base_break_point_usd=base_usd,
        change_frac=float(now / base_usd - 1),
        adjusted_break_point_usd=float(by_market),
        against_market_frac=float(now / by_market - 1),
    )


def lines_today(adjusted: pd.DataFrame) -> pd.DataFrame:
    """Return every line of the last session and its change since the last rank day.

    Columns: rank, line, break_point_usd, band_low_usd, band_high_usd, base_date,
    base_break_point_usd, change_frac, against_market_frac.
    """
    last = adjusted["snapshot_date"].max()
    ranks = adjusted.loc[adjusted["snapshot_date"] == last, "rank"]
    rows = [asdict(standing(adjusted, int(rank))) for rank in ranks]
    table = pd.DataFrame(rows).drop(columns=["adjusted_break_point_usd"])
    table["base_date"] = pd.to_datetime(table["base_date"])
    return table.assign(line=table["rank"].map(LINE_NAMES))


def near_line(
    companies: pd.DataFrame, line: Standing, margin: int = 60
) -> pd.DataFrame:
    """Return the companies inside a line's band, and `margin` ranks to either side.

    A line without a band is shown with twice the margin.
    """
    cap = companies["total_market_cap_usd"]
    inside = companies.loc[cap.between(line.band_low_usd, line.band_high_usd), "rank"]
    first = inside.min() - margin if len(inside) else line.rank - 2 * margin
    last = inside.max() + margin if len(inside) else line.rank + 2 * margin
    return companies[companies["rank"].between(first, last)]


def lines_since(
    adjusted: pd.DataFrame,
    ranks: Sequence[int],
    since: date,
    sessions: pd.DatetimeIndex,
) -> list[tuple[Standing, pd.DataFrame]]:
    """Return each line with its sessions since a day, and missing values in gaps."""
    late = adjusted[adjusted["snapshot_date"] >= pd.Timestamp(since)]
    return [
        (standing(adjusted, rank), with_gaps(late[late["rank"] == rank], sessions))
        for rank in ranks
    ]


def official_known(official: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Return the official break points that were published by a day.

    They come with the preliminary list; where its day is not on record, four weeks
    after the rank day, and for years before the schedule at the end of June.
    """
    published = {
        event.year: event.preliminary_list or event.rank_day + timedelta(weeks=4)
        for event in schedule.reconstitutions()
        if event.leg == "June"
    }
    is_known = [
        published.get(year, date(year, 6, 30)) <= as_of for year in official["year"]
    ]
    return official[is_known]


def last_official(history: pd.DataFrame) -> pd.Series | None:
    """Return the newest row of `against_official`, None where there is none."""
    return history.iloc[0] if len(history) else None


def move_balance(companies: pd.DataFrame) -> pd.DataFrame:
    """Balance the moves of each index: one row per index.

    `companies` are those of a `Projection`, or `watchlist.movers` of it.

    Columns: index, addition, joins and leaves (from and to the other index), deletion
    and net, in companies.
    """
    rows = []
    for index, joins, leaves in (("R1000", UP, DOWN), ("R2000", DOWN, UP)):
        coming = companies.loc[companies["projected_index"] == index, "move"]
        going = companies.loc[companies["current_index"] == index, "move"]
        rows.append(
            {
                "index": index,
                "addition": coming.eq("addition").sum(),
                "joins": coming.eq(joins).sum(),
                "leaves": going.eq(leaves).sum(),
                "deletion": going.eq("deletion").sum(),
            }
        )
    table = pd.DataFrame(rows)
    gains, losses = table["addition"] + table["joins"], table["leaves"]
    return table.assign(net=gains - losses - table["deletion"])


UP, DOWN = "migration up", "migration down"
