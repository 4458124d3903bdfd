"""Exhibits of concentration: weight of few names, their gains, the band they widen."""

from datetime import date

import pandas as pd

from recon import formatting, schedule
from recon.charts import concentration as figures
from recon.exhibits import breadth, segments
from recon.exhibits.answers import Answers
from recon.exhibits.breadth import SegmentQuestion
from recon.exhibits.exhibit import Exhibit
from recon.exhibits.question import Question
from recon.export.provenance import ESTIMATED
from recon.formatting import Column
from recon.studies import concentration as study
from recon.studies import segments as indexes

LARGE = "R1000"
SHARES = (0.20, 0.25, 0.30, 0.35, 0.40)


def _history(answers: Answers, question: SegmentQuestion) -> tuple[pd.DataFrame, str]:
    code = breadth.asked(answers, question, LARGE)
    days = segments.days_until(answers, question)
    return study.history(days, code), indexes.segment_name(code)


def headline(answers: Answers, question: SegmentQuestion) -> str:
    """Say what ten names are of a segment, then and now."""
    table, name = WEIGHT.made(answers, question).answer
    first, last = table.iloc[0], table.iloc[-1]
    return (
        f"Ten names are {formatting.percent(last['top10_frac'])} of the {name}, "
        f"{formatting.percent(first['top10_frac'])} on "
        f"{formatting.day(first['snapshot_date'])}; it is as concentrated as "
        f"{formatting.number(last['effective_number'])} names of equal weight, then "
        f"{formatting.number(first['effective_number'])}."
    )


WEIGHT = Exhibit(
    key="concentration/weight",
    subject=lambda answer, question: f"Concentration of the {answer[1]}",
    question=SegmentQuestion,
    answer=_history,
    figure=lambda answer, question, theme: figures.weight(
        answer[0], theme, name=answer[1]
    ),
    note="weights of the close before",
    mark=ESTIMATED,
)


def _gains(answers: Answers, question: Question) -> pd.DataFrame:
    table = study.gains(segments.days_until(answers, question))
    ten = indexes.segment_name(study.FEW[0])
    return table[table["name"].eq(ten)].reset_index(drop=True)


GAINS = Exhibit(
    key="concentration/gains",
    subject="The ten largest in each year's gain",
    answer=_gains,
    figure=lambda answer, question, theme: figures.gains(answer, theme),
    note="the ten largest of each rank day; " + segments.PRICES,
    mark=ESTIMATED,
)


def _rank_days(answers: Answers, as_of: date) -> list[date]:
    first = answers.first_day()
    days = [event.rank_day for event in schedule.reconstitutions()]
    return [day for day in days if first <= day < as_of] or [first]


def _largest(answers: Answers, question: Question) -> pd.DataFrame:
    days = [*_rank_days(answers, question.as_of), question.as_of]
    projections = [answers.as_if_ranked(day) for day in dict.fromkeys(days)]
    return study.largest(projections).iloc[::-1].reset_index(drop=True)


def _largest_table(answer: pd.DataFrame, question: Question) -> pd.DataFrame:
    order = answer.sort_values(["ranked_on", "rank"], ascending=[False, True])
    return order.reset_index(drop=True)


def _largest_finding(table: pd.DataFrame, question: Question) -> str:
    last = table[table["ranked_on"].eq(table["ranked_on"].max())]
    new = int(last["is_new"].sum())
    since = table.loc[table["ranked_on"] < table["ranked_on"].max(), "ranked_on"].max()
    if pd.isna(since):
        return "The ten largest"
    return (
        f"{formatting.count(new, 'company', 'companies')} of the ten largest "
        f"{'is' if new == 1 else 'are'} new since {formatting.day(since)}"
    )


LARGEST = Exhibit(
    key="concentration/largest",
    subject="The ten largest since each rank day",
    answer=_largest,
    table=_largest_table,
    columns={
        "ranked_on": Column("Ranked on", "day", width=96),
        "rank": Column("Rank", "number", width=56),
        "rank_before": Column(
            "Before", "number", width=64, help="Rank on the day above it", missing=""
        ),
        "symbol": Column("Ticker", width=72),
        "company": Column("Company", width=200),
        "total_market_cap_usd": Column("Market cap, $tn", "usd_tn", width=110),
        "total_usd": Column("All ten, $tn", "usd_tn", width=96),
    },
    finding=_largest_finding,
    note="ranked by total market cap on rank days and on the day shown",
    mark=ESTIMATED,
)


def _bands(answers: Answers, question: Question) -> pd.DataFrame:
    return study.band_widths(answers.as_if_ranked(question.as_of), SHARES)


def _bands_finding(table: pd.DataFrame, question: Question) -> str:
    now, least = table.iloc[0], table.iloc[1]
    wider = formatting.above_or_below(
        now["width_usd"] / least["width_usd"] - 1,
        f"what it would be were they {formatting.percent(least['top10_frac'], 0)}",
    )
    return (
        f"Ten names are {formatting.percent(now['top10_frac'])} of the market; the "
        f"band is {formatting.usd(now['width_usd'])} wide, {wider}"
    )


BANDS = Exhibit(
    key="concentration/bands",
    subject="The band, were the ten largest more or less",
    answer=_bands,
    columns={
        "top10_frac": Column(
            "Ten, %", "percent", width=64, help="Of the Russell 3000E's market cap"
        ),
        "break_point_usd": Column("Line, $bn", "usd_bn", width=76),
        "band_low_usd": Column("From, $bn", "usd_bn", width=80, help="Of the band"),
        "band_high_usd": Column("To, $bn", "usd_bn", width=72, help="Of the band"),
        "width_usd": Column("Width, $bn", "usd_bn", width=84),
    },
    finding=_bands_finding,
    note="first the day as it is; below, the ten scaled alike and ranked by the rules",
    mark=ESTIMATED,
)
