"""Exhibits of what an event makes passive money trade, name by name and in total."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field

from recon import formatting, record
from recon.charts import demand as figures
from recon.errors import BadRequest
from recon.exhibits.answers import Answers
from recon.exhibits.candidates import FilteredQuestion
from recon.exhibits.exhibit import Exhibit
from recon.exhibits.question import RANK_DAY, Question, RankedQuestion
from recon.export.provenance import ESTIMATED, PROJECTED
from recon.formatting import Column
from recon.studies import demand as study
from recon.studies.candidates.filters import Facet
from recon.studies.demand import Demand, rows
from recon.studies.demand.legs import TRACKED
from recon.studies.demand.rows import DEMAND_FACETS

MARK = f"{PROJECTED}, {ESTIMATED}"
Billions = Annotated[float | None, Field(ge=0, le=20_000)]
USD_BN = 1e9
HELP = "Base money behind the index in billions of dollars; empty: what is known"


class MoneyQuestion(RankedQuestion):
    """What is assumed: the volume that days are counted in, the money by index."""

    window: Literal["20", "60"] = Field(
        "20", title="Sessions of volume", description="Days are of their average volume"
    )
    average: Literal["mean", "median"] = Field("mean", title="Average volume")
    r1000: Billions = Field(None, title="Russell 1000", description=HELP)
    r2000: Billions = Field(None, title="Russell 2000", description=HELP)
    r3000: Billions = Field(None, title="Russell 3000", description=HELP)
    midcap: Billions = Field(None, title="Midcap", description=HELP)
    top200: Billions = Field(None, title="Top 200", description=HELP)
    micro: Billions = Field(None, title="Microcap", description=HELP)
    r1000v: Billions = Field(None, title="1000 Value", description=HELP)
    r1000g: Billions = Field(None, title="1000 Growth", description=HELP)
    r2000v: Billions = Field(None, title="2000 Value", description=HELP)
    r2000g: Billions = Field(None, title="2000 Growth", description=HELP)
    midcapv: Billions = Field(None, title="Midcap Value", description=HELP)
    midcapg: Billions = Field(None, title="Midcap Growth", description=HELP)
    top200v: Billions = Field(None, title="Top 200 Value", description=HELP)
    top200g: Billions = Field(None, title="Top 200 Growth", description=HELP)

    def given(self) -> tuple[tuple[str, float], ...]:
        """Return the money that the reader says, USD by index."""
        said = {code: getattr(self, code.lower()) for code in TRACKED}
        return tuple((code, bn * USD_BN) for code, bn in said.items() if bn is not None)

    def given_words(self) -> str:
        """Say which money is the reader's own."""
        parts = [f"{code} {formatting.usd(usd)}" for code, usd in self.given()]
        return f"money given: {', '.join(parts)}" if parts else ""

    def volume_words(self) -> str:
        """Name the volume that days are counted in."""
        return f"{self.average} volume of {self.window} sessions"


class DemandQuestion(FilteredQuestion, MoneyQuestion):
    """The assumptions, and filters over what is traded."""

    @classmethod
    def facets(cls) -> tuple[Facet, ...]:
        """Return the filters of the page."""
        return DEMAND_FACETS


@dataclass(frozen=True, kw_only=True)
class Traded:
    """An estimate, the rows that the filters let through, and the filters."""

    demand: Demand
    rows: pd.DataFrame
    filters: str


def estimated(answers: Answers, question: MoneyQuestion) -> Demand:
    """Return what is traded under the question's assumptions."""
    return answers.demand(*question.ranking(), question.given())


def all_rows(answers: Answers, question: MoneyQuestion) -> pd.DataFrame:
    """Return what is traded of every name, most days of volume first."""
    window, average = int(question.window), question.average
    key = (question.ranking(), question.given(), window, average)
    return answers.memory.get(
        "demand rows",
        key,
        16,
        lambda: rows.shown(estimated(answers, question), window, average),
    )


def headline(answers: Answers, question: DemandQuestion) -> str:
    """Say what passive money buys and sells of the names shown."""
    shown = question.filtered(all_rows(answers, question))
    return rows.finding(estimated(answers, question), shown)


def small_print(answers: Answers, question: MoneyQuestion) -> list[str]:
    """Say what the figures rest on where it is no fact."""
    demand = estimated(answers, question)
    return [
        *study.caveats(demand),
        "Low is what the listed funds of the record hold, base all that tracks the "
        "index, high with the part of active money that follows it. The Top 200, the "
        "Midcap and the Microcap trade where their membership is known, or else where "
        "a name enters or leaves through the Russell 1000 or 2000.",
    ]


def is_any_kept(answers: Answers, question: MoneyQuestion) -> bool:
    """Tell whether the store keeps a figure of the reader's by the day."""
    return bool(len(answers.store.fund_assets(question.as_of)))


def hints(answers: Answers, question: MoneyQuestion) -> Mapping[str, str]:
    """Return what is known in place of each amount, such as ``140.3``."""
    known = answers.demand(*question.ranking()).money.set_index("index")["base_usd"]
    return {
        code.lower(): formatting.number(known[code] / USD_BN, 1) for code in TRACKED
    }


def _words(question: MoneyQuestion, words: str = "") -> str:
    return "; ".join(filter(None, [words, question.given_words()]))


def _traded(answers: Answers, question: DemandQuestion) -> Traded:
    table = all_rows(answers, question)
    shown = question.filtered(table)
    if shown.empty:
        raise BadRequest("No name that trades passes these filters; turn one off.")
    return Traded(
        demand=estimated(answers, question),
        rows=shown,
        filters=_words(question, question.words(table)),
    )


_exhibit = partial(Exhibit, mark=MARK)
CROWDED = _exhibit(
    key="demand/crowded",
    subject="Days of volume",
    question=DemandQuestion,
    answer=_traded,
    figure=lambda answer, question, theme: figures.crowded(
        answer.rows, theme, window=question.volume_words()
    ),
    filters=lambda answer, question: answer.filters,
)

COLUMNS = {
    "name": Column("Ticker and company", width=150),
    "symbol": Column("Ticker", is_more=True),
    "company": Column("Company", is_more=True),
    "change": Column("Cause", "change", width=80),
    "now": Column("From", "index_code", width=60, help="R: Russell"),
    "then": Column("To", "index_code", width=60, help="R: Russell"),
    "demand_usd": Column(
        "Trade, $mn",
        "usd_mn_signed",
        width=80,
        help="Net over all indexes with base money; above zero funds buy",
    ),
    "demand_usd_low": Column(
        "Low, $mn",
        "usd_mn_signed",
        width=74,
        help="With what listed funds hold alone",
    ),
    "demand_usd_high": Column(
        "High, $mn",
        "usd_mn_signed",
        width=76,
        help="With the active money that follows the index",
    ),
    "demand_shares": Column("Shares", "number_signed", width=84),
    "demand_float_frac": Column(
        "Of float, %", "percent_signed", width=74, help="Of the available shares"
    ),
    "days": Column(
        "Days", "tenths", width=58, help="Days of the average volume chosen at the side"
    ),
    "float_words": Column(
        "Float by",
        width=82,
        help="How available shares are known: a fund's holdings, a sample of them, a "
        "provider, or est. from names of like size, sector and age",
    ),
    "float_as_of": Column("Holdings of", "day", missing="", is_more=True),
    "adv_shares": Column("Average volume", "whole", is_more=True),
    "free_float_frac": Column("Free float, %", "percent", is_more=True),
    "available_shares": Column("Available shares", "whole", is_more=True),
    "causes": Column("Joins and leaves", missing="", is_more=True),
    "legs": Column("By index", missing="", is_more=True, width=300),
    "sector": Column("Sector", is_more=True),
    "exchange": Column("Exchange", is_more=True),
    "reason": Column("Not known", missing="", is_more=True),
}
PAPER = (
    "symbol",
    "company",
    "change",
    "demand_usd",
    "demand_usd_low",
    "demand_usd_high",
    "demand_float_frac",
    "days",
)
FILE_COLUMNS = (
    "symbol",
    "company",
    "change",
    "current_index",
    "projected_index",
    "demand_usd_low",
    "demand_usd",
    "demand_usd_high",
    "demand_shares",
    "adv_shares_20",
    "demand_days",
    "demand_float_frac",
    "legs",
    "causes",
    "adv_shares_60",
    "demand_days_60",
    "demand_days_median_20",
    "demand_days_median_60",
    "available_shares",
    "float_basis",
    "close_usd",
    "sector",
    "reason",
)


def _names_finding(table: pd.DataFrame, question: DemandQuestion) -> str:
    usd = table["demand_usd"]
    return (
        f"Passive funds buy {formatting.usd(usd.clip(lower=0).sum())} and sell "
        f"{formatting.usd(-usd.clip(upper=0).sum())} of "
        f"{formatting.count(len(table), 'name')}"
    )


NAMES = _exhibit(
    key="demand/names",
    subject="Demand by name",
    question=DemandQuestion,
    answer=_traded,
    table=lambda answer, question: answer.rows,
    columns=COLUMNS,
    paper=PAPER,
    file=lambda table: table[list(FILE_COLUMNS)],
    finding=_names_finding,
    filters=lambda answer, question: answer.filters,
    note=lambda answer, question: f"largest first; days of {question.volume_words()}",
)


def _index_totals(answers: Answers, question: MoneyQuestion) -> pd.DataFrame:
    table = estimated(answers, question).totals
    ends = {
        f"traded_{case}_usd": table["turnover_frac"] * table[f"{case}_usd"]
        for case in ("low", "high")
    }
    table = table.assign(name=table["index"].map(rows.index_name), **ends)
    return table.sort_values("bought_usd", ascending=False, ignore_index=True)


BY_INDEX = _exhibit(
    key="demand/by-index",
    subject="Demand by index",
    question=MoneyQuestion,
    answer=_index_totals,
    figure=lambda answer, question, theme: figures.by_index(answer, theme),
    filters=lambda answer, question: _words(question),
    note="before legs are netted",
)


def _sector_totals(answers: Answers, question: DemandQuestion) -> pd.DataFrame:
    table = rows.by_sector(_traded(answers, question).rows)
    return table.rename(columns={"sector": "name"})


BY_SECTOR = _exhibit(
    key="demand/by-sector",
    subject="Demand by sector",
    question=DemandQuestion,
    answer=_sector_totals,
    figure=lambda answer, question, theme: figures.by_sector(answer, theme),
    filters=lambda answer, question: _words(question),
    note="sectors are the provider's",
)
MONEY = _exhibit(
    key="demand/money",
    subject="Money by index",
    question=MoneyQuestion,
    answer=lambda answers, question: estimated(answers, question).money.assign(
        name=lambda table: table["index"].map(rows.index_name)
    ),
    columns={
        "name": Column("Index", width=120),
        "funds": Column("Listed funds", width=110, missing="none"),
        "low_usd": Column("Low, $bn", "usd_bn_always", width=80),
        "base_usd": Column("Base, $bn", "usd_bn_always", width=80),
        "high_usd": Column(
            "High, $bn",
            "usd_bn_always",
            width=80,
            help="Base and the part of active money that follows the index, 1.75 times",
        ),
        "oldest_days": Column(
            "Age, days", "number", width=80, help="Of the oldest figure of its funds"
        ),
        "is_given": Column("Given", "yes", width=60, help="The base is the reader's"),
        "multiple_source": Column("Base and high by", width=365),
    },
    finding="Money that tracks each index",
    filters=lambda answer, question: _words(question),
    mark=ESTIMATED,
    source="the record of funds, holdings loaded, and what you keep",
)
FUNDS = _exhibit(
    key="demand/funds",
    subject="Assets of funds",
    question=RankedQuestion,
    answer=lambda answers, question: answers.demand(*question.ranking()).funds.assign(
        index=lambda table: table["index"].map(rows.index_name)
    ),
    columns={
        "fund": Column("Fund", width=70),
        "index": Column("Index", width=90),
        "assets_usd": Column("Assets, $bn", "usd_bn_always", width=90),
        "as_of": Column("As of", "day", width=100),
        "age_days": Column("Age, days", "number", width=80),
        "origin": Column("From", width=110),
        "source": Column("Source", width=330),
    },
    finding="Assets of the funds that track each index",
    source="the record of funds, holdings loaded, and what you keep",
)


def _by_change(answers: Answers, question: DemandQuestion) -> pd.DataFrame:
    return rows.by_change(_traded(answers, question).rows)


CAUSES = _exhibit(
    key="demand/causes",
    subject="Demand by cause",
    question=DemandQuestion,
    answer=_by_change,
    columns={
        "change": Column("Cause", "change", width=122),
        "names": Column("Names", "number", width=56),
        "bought_usd": Column("Bought, $bn", "usd_bn_always", width=88),
        "sold_usd": Column("Sold, $bn", "usd_bn_always", width=72),
        "net_usd": Column("Net, $bn", "usd_bn_always", width=70),
        "crowded": Column(
            "Crowded",
            "number",
            width=62,
            help="Names that need more than ten days of the average volume",
        ),
    },
    finding="What passive funds trade by cause",
    filters=lambda answer, question: _words(question),
)


def _auctions(answers: Answers, question: Question) -> tuple[pd.DataFrame, Demand]:
    if answers.store.is_demo:
        raise BadRequest("The demo market is synthetic: nobody published its auctions.")
    demand = answers.demand(question.as_of, RANK_DAY)
    table = record.closing_auctions()
    past = table[
        pd.to_datetime(table["year"].astype(str) + "-06-30").dt.date <= question.as_of
    ]
    if past.empty:
        raise BadRequest(
            f"No closing cross is on record before {formatting.day(question.as_of)}."
        )
    return past.reset_index(drop=True), demand


JUMP_YEAR, JUMP = 2026, "2026 as quoted; the cause of its jump is not established"
AUCTIONS = Exhibit(
    key="demand/auctions",
    subject="Closing crosses",
    answer=_auctions,
    figure=lambda answer, question, theme: figures.auctions(
        answer[0],
        answer[1].event.implementation_close,
        answer[1].event.name,
        theme,
    ),
    source="releases of Nasdaq and NYSE, and the press that quotes them",
    note=lambda answer, question: JUMP if answer[0]["year"].max() >= JUMP_YEAR else "",
)
