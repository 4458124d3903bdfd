"""The sentences that answer a page's question, fit to be quoted in a note."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from recon import formatting, record
from recon.errors import LineMissing
from recon.indexes import LINE_WORDS
from recon.reconstitution import Projection
from recon.reconstitution.event import GONE
from recon.rulebook import rulebook
from recon.store import ESTIMATE, PUBLISHED
from recon.studies.break_points import Standing
from recon.vocabulary import ADDITION, DELETION, MIGRATION_DOWN, MIGRATION_UP


def line_answer(line: Standing) -> str:
    """Say where a line stands, against its rank day, the market, and with which band.

    >>> from datetime import date
    >>> line_answer(Standing(
    ...     rank=1000, snapshot_date=date(2024, 5, 2), break_point_usd=4.8e9,
    ...     band_low_usd=2.7e9, band_high_usd=7.3e9, base_date=date(2024, 4, 30),
    ...     base_break_point_usd=4.7e9, change_frac=0.021,
    ...     adjusted_break_point_usd=4.8e9, against_market_frac=0.0
    ... ))
    'The Russell 1000/2000 line stands at $4.8bn, 2.1% above the rank day of 30 Apr \
2024 and level with where the market alone would have taken it; members keep their \
index between $2.7bn and $7.3bn.'
    """
    if np.isnan(line.break_point_usd):
        return (
            f"The {LINE_WORDS[line.rank]} line is not known: the store holds fewer "
            f"than {line.rank:,} eligible companies."
        )
    words = _stands(line)
    if line.base_date not in (None, line.snapshot_date):
        words += " and " + formatting.above_or_below(
            line.against_market_frac, "where the market alone would have taken it"
        )
    if not np.isnan(line.band_low_usd):
        words += (
            f"; members keep their index between {formatting.usd(line.band_low_usd)} "
            f"and {formatting.usd(line.band_high_usd)}"
        )
    return words + "."


def _stands(line: Standing) -> str:
    words = f"The {LINE_WORDS[line.rank]} line stands at "
    words += formatting.usd(line.break_point_usd)
    if line.base_date in (None, line.snapshot_date):
        return words
    then = f"the rank day of {formatting.day(line.base_date)}"
    return f"{words}, {formatting.above_or_below(line.change_frac, then)}"


def overview_answer(line: Standing, movers: pd.DataFrame) -> str:
    """Say where the large-cap line stands and how many names would move.

    `movers` is the output of `candidates.movers` of the line's session.
    """
    moves = movers["move"].value_counts()
    up, down = (int(moves.get(move, 0)) for move in (MIGRATION_UP, MIGRATION_DOWN))
    return (
        f"{_stands(line)}; on that ranking "
        f"{formatting.count(up, 'company', 'companies')} would move up to the Russell "
        f"1000 and {down:,} down to the Russell 2000, and the Russell 3000 would have "
        f"{_balance(movers)}."
    )


def _balance(movers: pd.DataFrame) -> str:
    """Count what comes into the Russell 3000 and what goes, and how much is barred."""
    moves = movers["move"].value_counts()
    joining, leaving = (int(moves.get(move, 0)) for move in (ADDITION, DELETION))
    barred = int((movers["move"].eq(DELETION) & movers["rank"].isna()).sum())
    return (
        f"{formatting.count(joining, 'addition')} and "
        f"{formatting.count(leaving, 'deletion')}"
        f"{f' ({barred:,} ineligible)' if barred else ''}"
    )


def decided_answer(projection: Projection, line: Standing, movers: pd.DataFrame) -> str:
    """Say what a rank day decided, and where the large-cap line stands since.

    `line` is of the day shown, `movers` those of the rank day's ranking.
    """
    moves = movers["move"].value_counts()
    up, down = (int(moves.get(move, 0)) for move in (MIGRATION_UP, MIGRATION_DOWN))
    lines = projection.break_points.set_index("rank")["break_point_usd"]
    decided, later = lines[line.rank], projection.later
    gone = 0 if later is None else int((later["what"] == GONE).sum())
    left = f"; {formatting.count(gone, 'company has', 'companies have')} left the "
    return (
        f"{projection.event.name} was decided on "
        f"{formatting.day(projection.snapshot_date)} with the {LINE_WORDS[line.rank]} "
        f"line at {formatting.usd(decided)}: "
        f"{formatting.count(up, 'company', 'companies')} up to the Russell 1000, "
        f"{down:,} down to the Russell 2000, {_balance(movers)} of the Russell 3000"
        f"{left + 'listings since' if gone else ''}. Today the line would stand "
        f"{formatting.above_or_below(line.break_point_usd / decided - 1, 'that')}, at "
        f"{formatting.usd(line.break_point_usd)}."
    )


SOURCES = {
    "demo": "demo market",
    "listings": "daily US listings",
    "archive": "Nasdaq screener archive",
    "vendor": "vendor file",
    "yahoo": "Yahoo",
    "estimate": "est. from Yahoo closes",
}


def check_lines(lines: pd.DataFrame, day: date) -> None:
    """Raise LineMissing where the Russell 1000 has no line on a day.

    `lines` is table `BreakPoints` of that day or of more.
    """
    rank = rulebook(day).large_count
    drawn = lines[lines["snapshot_date"] == pd.Timestamp(day)]
    if not drawn.loc[drawn["rank"] == rank, "break_point_usd"].notna().any():
        count = int(drawn["company_count"].max()) if len(drawn) else 0
        raise LineMissing(
            f"On {formatting.day(day)} no line can be drawn at rank {rank:,}: "
            f"{formatting.count(count, 'company is', 'companies are')} eligible with a "
            "market cap. Choose another day, or load this one again with --replace."
        )


def coverage(days: pd.DataFrame, as_of: date, membership_statement: str) -> str:
    """Say how fresh and how complete the data of a day are; `days` as in the store."""
    days = days[days["snapshot_date"] <= pd.Timestamp(as_of)]
    day = days[days["snapshot_date"] == pd.Timestamp(as_of)].iloc[0]
    published = days["status"].eq("published")
    held = int((~published).sum())
    listed = f"{int(day['security_count']):,} listings"
    return (
        f"{listed} on {formatting.day(day['snapshot_date'])}, "
        f"{int(day['with_cap_count']):,} with a market cap, "
        f"{int(day['carried_count']):,} of them carried from trusted share counts. "
        f"{formatting.count(int(published.sum()), 'session')} since "
        f"{formatting.day(days['snapshot_date'].iloc[0])}, "
        f"{formatting.count(held, 'day')} held back. "
        f"Memberships: {formatting.indexes_spelled(membership_statement)}."
    )


def official_line(last: pd.Series | None, is_demo: bool) -> str:
    """Say what the last official break point was, and ours on its rank day.

    `last` is a row of `break_points.against_official`.
    """
    if last is None:
        return "No official breakpoint had been published by the day."
    value = formatting.usd(last["official_usd"])
    words = (
        f"Last official Russell 1000/2000 breakpoint: {value}, "
        f"{formatting.day(last['rank_day'])} ({record.CONFIDENCE[last['confidence']]})"
    )
    if is_demo:
        return f"{words}; of the real market, not to be compared with the demo's."
    if formatting.is_missing(last["our_usd"]):
        return f"{words}; the store holds no session near that rank day."
    error = formatting.percent(last["error_frac"], signed=True)
    return f"{words}; ours of that day {formatting.usd(last['our_usd'], 2)}, {error}."


def with_band(lines: pd.DataFrame) -> pd.DataFrame:
    """Add `band`, the edges in words and millions, to rows with band edges."""
    band = [
        "no band" if np.isnan(low) else f"{low / 1e6:,.0f} to {high / 1e6:,.0f}"
        for low, high in zip(lines["band_low_usd"], lines["band_high_usd"], strict=True)
    ]
    return lines.assign(band=band)


def source(days: pd.DataFrame, as_of: date, names: Mapping[str, str] = SOURCES) -> str:
    """Say where a day's listings are from, and which days before it are estimates.

    `days` is `Store.days`, `names` says each source in words.
    """
    of_day = days.loc[days["snapshot_date"] == pd.Timestamp(as_of), "source"]
    if of_day.empty:
        return "store"
    words = names.get(of_day.iloc[0], of_day.iloc[0])
    before = days[
        (days["source"] == ESTIMATE)
        & (days["status"] == PUBLISHED)
        & (days["snapshot_date"] < pd.Timestamp(as_of))
    ]
    if of_day.iloc[0] == ESTIMATE or before.empty:
        return words
    return f"{words}, est. to {formatting.day(before['snapshot_date'].max())}"


def style_answer(companies: pd.DataFrame, base_index: str, previous: str) -> str:
    """Say how an index splits into styles, and what shifts, in one sentence.

    `companies` is table `Styled` of the index with `shift` and `shifted_usd`;
    `previous` names the reconstitution they are set against, empty where not known.
    """
    caps = companies["float_market_cap_usd"]
    value = (companies["value_weight_frac"] * caps).sum()
    known = caps[companies["value_weight_frac"].notna()].sum()
    one = companies["value_weight_frac"].isin([0, 1]).mean()
    words = (
        f"Value is {formatting.percent(value / known)} of the "
        f"{formatting.index_name(base_index)}'s available cap and growth "
        f"{formatting.percent(1 - value / known)}; {formatting.percent(one, 0)} of its "
        "companies are of one style"
    )
    if not previous:
        return f"{words}; what shifted is not known."
    moved = companies[companies["shift"].isin(["to value", "to growth"])]
    if moved.empty:
        return f"{words}; none shifts since {previous}."
    largest = moved.loc[moved["shifted_usd"].abs().idxmax()]
    sides = [
        f"{formatting.count(len(side), 'company', 'companies')} "
        f"{'shifts' if len(side) == 1 else 'shift'} toward {name} "
        f"({formatting.usd(side['shifted_usd'].abs().sum())})"
        for name in ("value", "growth")
        if len(side := moved[moved["shift"] == f"to {name}"])
    ]
    return (
        f"{words}. Since {previous}, {' and '.join(sides)}, most of all "
        f"{largest['symbol']}, from "
        f"{formatting.style(largest['previous_value_weight_frac'])} to "
        f"{formatting.style(largest['value_weight_frac'])}."
    )


def style_coverage(companies: pd.DataFrame, base_index: str) -> str:
    """Say how many companies have each variable of their own, and what stands in."""
    parts = []
    for words in ("book to price", "growth forecast", "sales growth"):
        level = companies[f"{words.replace(' ', '_')}_score_level"]
        parts.append(f"{words} {formatting.percent((level == 0).mean(), 0)}")
    lost = companies[companies["value_weight_frac"].isna()]
    left = ""
    if len(lost):
        largest = lost.loc[lost["float_market_cap_usd"].idxmax()]
        left = (
            f" {formatting.count(len(lost), 'company has', 'companies have')} no style "
            f"for want of a group, the largest {largest['symbol']}."
        )
    return (
        f"Of their own among {len(companies):,} companies of the "
        f"{formatting.index_name(base_index)}: {', '.join(parts)}; the others take the "
        f"mean of the provider's industry or sector, which stand for ICB's.{left}"
    )


def style_proxies(companies: pd.DataFrame) -> str:
    """Name every stand-in among companies, once; empty where there is none."""
    each = companies["proxy"].str.split("; ").explode()
    found = [words for words in each.value_counts().index if words]
    return f"Stand-ins (est.): {'; '.join(found)}." if found else ""
