"""The exhibit of a reader's own watchlist: how each name stands on a day."""

from dataclasses import dataclass

import pandas as pd
from pydantic import Field

from recon import formatting
from recon.errors import BadRequest
from recon.exhibits.answers import Answers
from recon.exhibits.candidates import CODES
from recon.exhibits.exhibit import Exhibit
from recon.exhibits.question import RankedQuestion
from recon.export.provenance import PROJECTED
from recon.formatting import Column
from recon.studies import watchlist as study


class WatchlistQuestion(RankedQuestion):
    """The list as its text, a name a line with #tags and a comment, and a tag of it."""

    names: str = Field("", title="Watchlist")
    tag: str = Field("", title="Tag")

    def entries(self) -> list[study.Entry]:
        """Return the entries asked for.

        Raises
        ------
        BadRequest
            If a line cannot be followed, or none is there.
        """
        found = study.tagged(study.read(self.names), self.tag)
        if not found:
            tag = f" with the tag '{self.tag}'" if self.tag else ""
            raise BadRequest(
                f"The watchlist holds no name{tag}; write one a line, such as "
                "'TNDM #medtech waits for the FDA'."
            )
        return found


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The names of a list as they stand, and the list in words."""

    rows: pd.DataFrame
    filters: str


def _standing(answers: Answers, question: WatchlistQuestion) -> Standing:
    entries = question.entries()
    projected = answers.projection(*question.ranking())
    companies = answers.with_odds(projected.companies, *question.ranking())
    count = formatting.count(len(entries), "name")
    return Standing(
        rows=study.standings(companies, projected.securities, entries),
        filters=f"a watchlist of {count}{f', #{question.tag}' if question.tag else ''}",
    )


def headline(answers: Answers, question: WatchlistQuestion) -> str:
    """Say how many of the names would move, and which has the most open odds."""
    rows = STANDING.made(answers, question).table()
    moving = rows["standing"].isin(MOVING).sum()
    said = (
        f"{formatting.count(int(moving), 'name')} of {len(rows):,} on the watchlist "
        f"would change index"
    )
    odds = rows[rows["p_move"].notna()]
    if odds.empty:
        return f"{said}."
    most = odds.loc[odds["p_move"].sub(0.5).abs().idxmin()]
    words = formatting.percent(most["p_move"], 0)
    return f"{said}; the most open is {most['symbol']}, with odds of {words}."


MOVING = [formatting.move(move) for move in formatting.MOVE_WORDS][:4]
STANDING = Exhibit(
    key="watchlist/standing",
    subject="Watchlist",
    question=WatchlistQuestion,
    answer=_standing,
    table=lambda answer, question: answer.rows,
    columns={
        "symbol": Column("Ticker", width=66),
        "company": Column("Company", width=160, missing=""),
        "now": Column("Now", "index_code", width=58, help=CODES, missing=""),
        "then": Column("To", "index_code", width=58, help=CODES, missing=""),
        "standing": Column(
            "Move", width=96, help="On rank day, or the screen that keeps it out"
        ),
        "p_move": Column(
            "Odds, %",
            "percent",
            help="Of any change of index",
            width=62,
            missing="",
        ),
        "distance_to_break_point_frac": Column(
            "To line, %",
            "percent_signed",
            help="Against the line that decides its move, named beside it",
            width=72,
            missing="",
        ),
        "line": Column("Line", width=112),
        "total_market_cap_usd": Column("Cap, $bn", "usd_bn", width=70, missing=""),
        "tags": Column("Tags", width=84, missing=""),
        "comment": Column("Comment", width=100, missing=""),
        "close_usd": Column("Close, $", "usd", is_more=True),
        "sector": Column("Sector", is_more=True),
    },
    finding=lambda table, question: formatting.count(len(table), "watched name"),
    filters=lambda answer, question: answer.filters,
    note="in the order of the list",
    mark=PROJECTED,
)
