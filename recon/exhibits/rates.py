"""Exhibits of rates: who gains if they fall, and what else moves each segment."""

import pandas as pd

from recon import formatting
from recon.charts import rates as figures
from recon.errors import SnapshotMissing
from recon.exhibits import company, segments
from recon.exhibits.answers import Answers
from recon.exhibits.company import CompanyQuestion
from recon.exhibits.exhibit import Exhibit
from recon.exhibits.question import Question
from recon.export.provenance import ESTIMATED
from recon.formatting import Column
from recon.rulebook import HEURISTICS
from recon.studies import rates as study

HOW = "python -m recon ingest rates"
NOTE = (
    "what went together in the store's years, not what causes what; spans of five "
    "sessions, Newey-West intervals"
)


def known(answers: Answers, question: Question) -> pd.DataFrame:
    """Return the rates known on the day asked for.

    Raises
    ------
    SnapshotMissing
        If none are.
    """
    rates = answers.store.rates(question.as_of)
    if rates.empty:
        raise SnapshotMissing(
            "No interest rates are known on the day: they need yields, spreads and "
            f"consumer prices. Load FRED's files with '{HOW} FILE', or fetch them with "
            f"'{HOW}'."
        )
    return rates


def _sensitivities(answers: Answers, question: Question) -> pd.DataFrame:
    days, rates = segments.days_until(answers, question), known(answers, question)
    table = study.sensitivities(days, rates)
    if table.empty:
        raise SnapshotMissing(
            f"Sensitivities need {HEURISTICS.least_spans} sessions with both segments "
            "and rates; load longer histories of either."
        )
    return table


def _table(answers: Answers, question: Question) -> pd.DataFrame:
    return answers.memory.get(
        "sensitivities",
        question.as_of,
        4,
        lambda: _sensitivities(answers, question),
        "Estimating what rates go with …",
    )


def _fall(answers: Answers, question: Question) -> pd.DataFrame:
    return study.if_rates_fall(_table(answers, question))


def headline(answers: Answers, question: Question) -> str:
    """Say who gains if rates fall, small against large among them."""
    table = FALL.made(answers, question).answer
    first, last = table.iloc[0], table.iloc[-1]
    words = (
        f"With a 10-year yield 100 bp lower {first['name']} made "
        f"{formatting.percent(first['gain_frac'], signed=True)}, {last['name']} "
        f"{formatting.percent(last['gain_frac'], signed=True)}"
    )
    pair = table[table["segment"].eq(study.SMALL_LARGE)]
    if len(pair):
        row = pair.iloc[0]
        sure = row["low_frac"] > 0 or row["high_frac"] < 0
        gain, low, high = (
            formatting.percent(row[name], signed=True)
            for name in ("gain_frac", "low_frac", "high_frac")
        )
        doubt = "" if sure else "not told from nothing, "
        words += f"; small less large caps {gain} ({doubt}95% interval {low} to {high})"
    return f"{words}."


FALL = Exhibit(
    key="rates/fall",
    subject="If rates fall by 100 bp",
    answer=_fall,
    figure=lambda answer, question, theme: figures.if_rates_fall(answer, theme),
    note=NOTE,
    mark=ESTIMATED,
)


def _rolling(answers: Answers, question: Question) -> pd.DataFrame:
    days, rates = segments.days_until(answers, question), known(answers, question)
    return study.rolling(days, rates, study.SMALL_LARGE)


ROLLING = Exhibit(
    key="rates/rolling",
    subject="Small less large caps and the 10-year yield",
    answer=_rolling,
    figure=lambda answer, question, theme: figures.rolling(
        answer, theme, name=study.SMALL_LARGE
    ),
    note=NOTE,
    mark=ESTIMATED,
)


def _wide(answers: Answers, question: Question) -> pd.DataFrame:
    """Return one row a segment: each factor's effect and whether it is certain."""
    days, rates = segments.days_until(answers, question), known(answers, question)
    every = pd.concat([_table(answers, question), study.around_surprises(days, rates)])
    words = {
        factor: every[every["factor"].eq(factor)].set_index("segment")
        for factor in every["factor"].unique()
    }
    first = next(iter(words.values()))
    found = pd.DataFrame({"name": first["name"]})
    for factor, own in words.items():
        found[factor] = own["per_point_frac"]
        found[f"{factor}_low"] = own["low_frac"]
        found[f"{factor}_high"] = own["high_frac"]
        found[f"{factor}_spans"] = own["spans"]
    return found.reset_index(drop=True)


HEADS = {
    "two_year": "2-year",
    "ten_year": "10-year",
    "credit": "Credit",
    "inflation": "Breakeven",
    "cpi": "CPI surprise",
}


def _columns(answer: pd.DataFrame, question: Question) -> dict[str, Column]:
    found = {"name": Column("Segment", width=180)}
    for factor, head in HEADS.items():
        if factor not in answer:
            continue
        is_more = factor in ("two_year", "inflation")
        found[factor] = Column(
            f"{head}, %", "percent_signed", help="Return with one percentage point more"
        )
        for edge, words in (("low", "from"), ("high", "to")):
            found[f"{factor}_{edge}"] = Column(
                words, "percent_signed", width=60, help="95% interval", is_more=is_more
            )
        found[f"{factor}_spans"] = Column("n", "number", is_more=True)
    return found


def _finding(table: pd.DataFrame, question: Question) -> str:
    if "credit" not in table:
        return "What segments made when rates changed"
    worst = table.loc[table["credit"].idxmin()]
    return (
        f"A credit spread one point wider went with "
        f"{formatting.percent(worst['credit'], signed=True)} of {worst['name']}"
    )


def _company(answers: Answers, question: CompanyQuestion) -> company.Named:
    known(answers, question)
    listing = company.about(answers, question).listing
    symbol_id = int(listing["symbol_id"])
    table = study.of_company(answers.store, symbol_id, question.as_of)
    if table.empty:
        raise SnapshotMissing(
            f"What {listing['symbol']} makes when rates change needs "
            f"{HEURISTICS.least_spans} sessions with both its closes and rates."
        )
    names = {factor.code: factor.name for factor in study.FACTORS}
    table = table.assign(what=table["factor"].map(names))
    return company.Named(symbol=listing["symbol"], listing=listing, value=table)


def _company_finding(table: pd.DataFrame, question: CompanyQuestion) -> str:
    row = table.set_index("factor").reindex(["ten_year"]).iloc[0]
    if pd.isna(row["per_point_frac"]):
        return "What it made when rates changed"
    fall, *edges = (
        formatting.percent(-row[name], signed=True)
        for name in ("per_point_frac", "high_frac", "low_frac")
    )
    return f"With a 10-year yield 100 bp lower it made {fall}, {edges[0]} to {edges[1]}"


COMPANY = Exhibit(
    key="company/rates",
    subject=lambda named, question: f"{named.symbol} and rates",
    question=CompanyQuestion,
    answer=_company,
    table=lambda named, question: named.value,
    columns={
        "what": Column("One point more of", width=250),
        "per_point_frac": Column("Return, %", "percent_signed", width=90),
        "low_frac": Column("from", "percent_signed", width=70, help="95% interval"),
        "high_frac": Column("to", "percent_signed", width=70, help="95% interval"),
        "spans": Column("n", "number", width=60, help="Overlapping spans"),
        "r_squared": Column("R²", "score", width=60),
    },
    finding=_company_finding,
    note=NOTE,
    mark=ESTIMATED,
)
ALL = Exhibit(
    key="rates/all",
    subject="Rates, spreads, inflation and segments",
    answer=_wide,
    columns=_columns,
    finding=_finding,
    note=NOTE + "; a CPI surprise is the change of the yearly rate, five sessions on",
    mark=ESTIMATED,
)
