"""Exhibits of the odds: fans of the lines, expected counts, undecided names."""

from dataclasses import replace
from datetime import date, timedelta

import pandas as pd

from recon import formatting, schedule
from recon.charts import Figure
from recon.charts import forecast as figures
from recon.errors import BadRequest, ReconError, SnapshotMissing
from recon.exhibits import company
from recon.exhibits.answers import Answers
from recon.exhibits.break_points import DriftQuestion
from recon.exhibits.candidates import FilteredQuestion
from recon.exhibits.company import CompanyQuestion
from recon.exhibits.exhibit import Exhibit
from recon.exhibits.question import Question, RankedQuestion
from recon.export.provenance import PROJECTED
from recon.formatting import MOVE_WORDS, Column
from recon.reconstitution import History
from recon.studies import forecast as study
from recon.studies.candidates import watchlist
from recon.studies.forecast import calibration, frozen, keeping
from recon.studies.forecast.calibration import LOGNORMAL, ODDS, TODAY, Calibration

PAST_DAYS = 182  # of the line before a fan


Fan = tuple[pd.DataFrame, pd.DataFrame]


def _fan(
    answers: Answers, question: DriftQuestion
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the past of the first line asked for, and its fan to the next rank day."""
    day = answers.day_on_or_before(question.as_of)
    rank_day = schedule.coming_rank_day(day)
    rank = question.ranks()[0]
    lines = answers.break_points(day - timedelta(days=PAST_DAYS), day)
    past = lines[lines["rank"] == rank]
    fan = answers.fan(day, rank_day)
    own = fan[(fan["rank"] == rank) & (fan["figure"] == "break_point_usd")]
    return past, own


def _draw_fan(answer: Fan, question: DriftQuestion, theme: str) -> Figure:
    past, quantiles = answer
    is_log, rank = question.scale == "log", question.ranks()[0]
    return figures.fan(past, quantiles, rank, theme, is_log=is_log)


FAN = Exhibit(
    key="break-points/fan",
    subject="Line to rank day",
    question=DriftQuestion,
    answer=_fan,
    figure=_draw_fan,
    note=f"{study.PAGE_DRAWS:,} simulated rank days",
    mark=PROJECTED,
)


def _counts(answers: Answers, question: RankedQuestion) -> pd.DataFrame:
    return answers.odds(*question.ranking()).counts


def _counts_finding(table: pd.DataFrame, question: RankedQuestion) -> str:
    row = table.set_index("move").loc["addition"]
    return (
        f"Between {formatting.number(row['low'])} and {formatting.number(row['high'])} "
        "names join the Russell 3000 in 4 of 5 draws"
    )


COUNTS = Exhibit(
    key="overview/odds",
    subject="Expected moves",
    question=RankedQuestion,
    answer=_counts,
    table=lambda answer, question: answer.assign(
        what=answer["move"].map(MOVE_WORDS).astype("str"),
        expected=answer["expected"].round(),
    ),
    columns={
        "what": Column("Move", width=104),
        "expected": Column("Expected", "number", help="Mean of the draws"),
        "low": Column("10%", "number", help="A tenth of the draws has fewer"),
        "median": Column("Median", "number"),
        "high": Column("90%", "number", help="A tenth of the draws has more"),
    },
    finding=_counts_finding,
    note=f"companies, {study.PAGE_DRAWS:,} simulated rank days",
    mark=PROJECTED,
)


def _undecided(answers: Answers, question: FilteredQuestion) -> pd.DataFrame:
    rows = study.undecided(answers.odds(*question.ranking()).companies)
    rows = watchlist.of_symbols(rows, question.only)
    return rows.assign(
        move=rows["change"].map(MOVE_WORDS).astype("str"),
        now=rows["current_index"].map(formatting.index_name),
    )


UNDECIDED = Exhibit(
    key="candidates/undecided",
    subject="Undecided names",
    question=FilteredQuestion,
    answer=_undecided,
    columns={
        "symbol": Column("Ticker", width=72),
        "company": Column("Company", width=206),
        "now": Column("Now", "index_code", width=72, help="R: Russell"),
        "move": Column("May move", width=78),
        "p_move": Column("Odds, %", "percent", help="Of a move", width=74),
        "p_r1000": Column("R1000, %", "percent", width=80),
        "p_r2000": Column("R2000, %", "percent", width=80),
        "p_micro": Column("Microcap, %", "percent", is_more=True),
        "p_gone": Column(
            "Gone, %", "percent", help="Taken over or delisted", is_more=True
        ),
        "close_usd": Column("Close, $", "usd", width=78),
        "flip_close_usd": Column(
            "Turns at, $",
            "usd",
            help="Close of now at which the odds would be even on its line; n/a where "
            "no close would make them so",
            width=84,
            missing="n/a",
        ),
        "crossed_line": Column("Line", width=150),
        "total_market_cap_usd": Column("Cap, $bn", "usd_bn", is_more=True),
        "sector": Column("Sector", is_more=True),
    },
    paper=(
        "symbol",
        "company",
        "now",
        "move",
        "p_move",
        "close_usd",
        "flip_close_usd",
        "crossed_line",
    ),
    finding=lambda table, question: (
        f"{formatting.count(len(table), 'name')} with odds of a move between 5 and 95%"
    ),
    note="the most open first; odds hold the errors of our data",
    mark=PROJECTED,
)


def company_odds(
    answers: Answers, question: CompanyQuestion
) -> list[tuple[str, str, str]]:
    """Return label, value and help of a company's odds; none where not known."""
    try:
        row = _company_row(answers, question)
    except ReconError:
        return []
    found = [
        (
            "Odds of a move",
            formatting.percent(row["p_move"], 0),
            f"Of any change of index on rank day, from {study.PAGE_DRAWS:,} draws",
        )
    ]
    if not pd.isna(row["flip_close_usd"]):
        words = (
            f"Close of now that leaves it on the {row['crossed_line']} in half of them"
        )
        found.append(("Odds turn at", formatting.usd(row["flip_close_usd"]), words))
    return found


def _company_row(answers: Answers, question: CompanyQuestion) -> pd.Series:
    listing = company.about(answers, question).listing
    companies = answers.odds(*question.ranking()).companies
    rows = companies[companies["symbol"] == listing["symbol"]]
    if rows.empty:
        raise BadRequest(
            f"{listing['symbol']} has no odds on {formatting.day(question.as_of)}: it "
            "fails a screen that nobody passed, or is no main share class."
        )
    return rows.iloc[0]


def _company_odds(answers: Answers, question: CompanyQuestion) -> company.Named:
    """Return a company's odds now, below those kept of earlier sessions.

    One on record stands for its session.
    """
    now = _company_row(answers, question)
    odds = answers.odds(*question.ranking())
    entries = answers.store.forecasts()
    past = entries[entries["as_of"] < pd.Timestamp(question.as_of)]
    rows = frozen.history_of(past, now["symbol"])
    looked_at = answers.past_odds(odds.rank_day, odds.snapshot_date)
    looked_at = looked_at[looked_at["symbol"] == now["symbol"]]
    rows = pd.concat([rows, looked_at.drop(columns="symbol")])
    rows = rows.drop_duplicates(["as_of", "rank_day"]).sort_values("as_of")
    newest = (
        now[keeping.STATES]
        .to_frame()
        .T.assign(
            as_of=pd.Timestamp(question.as_of), rank_day=pd.Timestamp(odds.rank_day)
        )
    )
    table = pd.concat([newest, rows.iloc[::-1]], ignore_index=True)
    table = table.astype(dict.fromkeys(keeping.STATES, float))
    return company.Named(symbol=now["symbol"], listing=now, value=table)


COMPANY_ODDS = Exhibit(
    key="company/odds",
    subject=lambda named, question: f"{named.symbol} odds",
    question=CompanyQuestion,
    answer=_company_odds,
    table=lambda named, question: named.value,
    columns={
        "as_of": Column("As of", "day", width=110),
        "rank_day": Column("Rank day", "day", width=110),
        "p_r1000": Column("R1000, %", "percent"),
        "p_r2000": Column("R2000, %", "percent"),
        "p_micro": Column("Microcap only, %", "percent"),
        "p_out": Column("In none, %", "percent"),
        "p_gone": Column("Gone, %", "percent", help="Taken over or delisted"),
    },
    finding=lambda table, question: (
        f"Odds by index: R1000 {formatting.percent(table['p_r1000'].iloc[0], 0)}, "
        f"R2000 {formatting.percent(table['p_r2000'].iloc[0], 0)}"
    ),
    note="earlier rows as they were kept: on record, or by forecast --keep-since",
    mark=PROJECTED,
)


LEAST_SESSIONS = 3  # that make a path


def _company_path(answers: Answers, question: CompanyQuestion) -> company.Named:
    named = _company_odds(answers, question)
    rows = named.value[named.value["rank_day"] == named.value["rank_day"].iloc[0]]
    if len(rows) < LEAST_SESSIONS:
        kept = formatting.count(len(rows), "session")
        raise SnapshotMissing(
            f"Odds of {named.symbol} are kept of {kept}; they are kept of each session "
            "looked at, or by 'python -m recon forecast --keep-since DAY'."
        )
    return replace(named, value=rows.iloc[::-1].reset_index(drop=True))


COMPANY_PATH = Exhibit(
    key="company/odds-path",
    subject=lambda named, question: f"{named.symbol} odds through time",
    question=CompanyQuestion,
    answer=_company_path,
    figure=lambda named, question, theme: figures.path(
        named.value, named.symbol, theme
    ),
    note=f"{study.PAGE_DRAWS:,} simulated rank days a session",
    mark=PROJECTED,
)


def _calibration(answers: Answers, question: Question) -> Calibration:
    found = answers.calibration()
    if found is None:
        raise SnapshotMissing(
            "How good the odds were has not been worked out on these data; run "
            "'python -m recon calibration --keep', which takes minutes to half an hour."
        )
    last = found.pairs["rank_day"].max().date()
    if last > question.as_of:
        raise SnapshotMissing(
            "How good the odds were is known from rank days up to "
            f"{formatting.day(last)}; choose a later day."
        )
    return found


RELIABILITY = Exhibit(
    key="accuracy/reliability",
    subject="Odds against what came",
    answer=_calibration,
    figure=lambda answer, question, theme: figures.reliability(
        calibration.reliability(answer.pairs[answer.pairs["method"] == ODDS]), theme
    ),
    note="Russell 1000 and Russell 2000, past events and month ends",
)


def _score_rows(answer: Calibration, question: Question) -> pd.DataFrame:
    table = calibration.scores(answer.pairs, ["kind", "horizon_sessions", "method"])
    wide = table.pivot(
        index=["kind", "horizon_sessions"], columns="method", values="brier"
    )
    parts = table[table["method"] == ODDS].set_index(["kind", "horizon_sessions"])
    held = calibration.coverage(
        answer.inside[answer.inside["method"] == ODDS], ["kind", "horizon_sessions"]
    ).set_index(["kind", "horizon_sessions"])
    wide = wide.rename(columns=SHORT_METHODS)
    found = wide.join(parts[["reliability", "resolution", "uncertainty"]]).join(held)
    return (
        (found * IN_THOUSANDTHS)
        .assign(**{name: held[name] for name in held})
        .reset_index()
    )


IN_THOUSANDTHS = 1_000.0  # step of a score: so few names are open
SHORT_METHODS = {ODDS: "brier", TODAY: "today_brier", LOGNORMAL: "lognormal_brier"}
CALIBRATION = Exhibit(
    key="accuracy/odds",
    subject="How good the odds were",
    answer=_calibration,
    table=_score_rows,
    columns={
        "kind": Column("Rank day", width=92, help="Of an event, or a month's end"),
        "horizon_sessions": Column("Sessions before", "number"),
        "brier": Column("Odds", "score", help="Brier score, thousandths; 0 is best"),
        "today_brier": Column("Today's list", "score", help="Taken for what will come"),
        "lognormal_brier": Column(
            "Lognormal", "score", help="Each company by itself, lognormal"
        ),
        "reliability": Column("Reliability", "score", help="Part of it; 0 is best"),
        "resolution": Column("Resolution", "score", help="Part of it; more is better"),
        "uncertainty": Column("Uncertainty", "score", is_more=True),
        "inside_50": Column("In 50%, %", "percent", help="Lines in that interval"),
        "inside_80": Column("In 80%, %", "percent", help="Lines in that interval"),
        "inside_95": Column("In 95%, %", "percent", help="Lines in that interval"),
        "cases": Column("Lines", "number"),
    },
    finding="Odds against today's list and lognormal moves, Brier score in thousandths",
    note="errors of our data fitted on the other years' events",
)


def _record(answers: Answers, question: Question) -> pd.DataFrame:
    """Return the forecasts on record by a day, checked, and scored where it came."""
    entries = answers.store.forecasts()
    checked = frozen.verified(entries)[["entry_id", "hash", "verdict"]]
    known = entries[entries["as_of"] <= pd.Timestamp(question.as_of)]
    if known.empty:
        raise SnapshotMissing(
            f"No forecast is on record by {formatting.day(question.as_of)}; "
            "'python -m recon freeze' puts one there."
        )
    years, history = answers.scored_years(question.as_of), History(answers.store)

    def came(rank_day: date) -> pd.Series | None:
        events = schedule.reconstitutions()
        event = next((each for each in events if each.rank_day == rank_day), None)
        if event is None or event.year not in years:
            return None
        return calibration.came_of_event(answers.store, rank_day, history)

    return frozen.scored(known, came).merge(checked, on="entry_id")


RECORD = Exhibit(
    key="accuracy/record",
    subject="Forecasts on record",
    answer=_record,
    columns={
        "entry_id": Column("No.", "number", width=56),
        "frozen_at": Column("Frozen on", "day", help="UTC"),
        "as_of": Column("As of", "day"),
        "rank_day": Column("Rank day", "day"),
        "names": Column("Names scored", "number"),
        "brier": Column("Brier, odds", "score"),
        "list_brier": Column("Brier, list", "score", help="Its list for certain"),
        "verdict": Column("On record", width=150),
        "hash": Column("SHA-256", is_more=True),
    },
    finding=lambda table, question: (
        f"{formatting.count(len(table), 'forecast')} on record"
    ),
    note="chained by hashes: python -m recon freeze --verify",
)
