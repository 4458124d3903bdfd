"""What if, for a day and its forecast: shocks, events of a company, other rules."""

from dataclasses import dataclass, fields, replace
from datetime import date

import numpy as np
import pandas as pd

from recon.errors import BadRequest
from recon.reconstitution import Facts, Gathered, History, Ranked, apply, gather
from recon.reconstitution.applying import current_index
from recon.rulebook import Rulebook, rulebook
from recon.rules import ranking
from recon.studies import forecast
from recon.studies.forecast import Forecast
from recon.vocabulary import NONE, STAYS

FIGURES = ("break_point_usd", "band_low_usd", "band_high_usd")
SMALLEST_LEFT_FRAC = -0.99  # a shock leaves something of a price


@dataclass(frozen=True, kw_only=True)
class WhatIf:
    """What is supposed; all that is not said stays as it is.

    Changes are fractions of today's price: of all companies, of those below the large
    index, of one sector, of one company, and of one company's share count at the same
    price. A company may be taken over, merge into another (`merged_into`), or be kept
    out. `band_frac` is the half-width of the large line's band, `min_close_usd` the
    lowest close of a company that is not a member.
    """

    market_frac: float = 0.0
    small_frac: float = 0.0
    sector: str = ""
    sector_frac: float = 0.0
    symbol: str = ""
    symbol_frac: float = 0.0
    issued_frac: float = 0.0
    taken_over: str = ""
    merged: str = ""
    merged_into: str = ""
    kept_out: str = ""
    band_frac: float | None = None
    min_close_usd: float | None = None

    @property
    def is_base(self) -> bool:
        """Whether nothing is supposed."""
        return all(getattr(self, each.name) == each.default for each in fields(self))


def changed_rules(rules: Rulebook, supposed: WhatIf) -> Rulebook:
    """Return the rules as supposed.

    Raises
    ------
    BadRequest
        If a band would be wider than the index family, or a close below zero.
    """
    if supposed.band_frac is not None:
        if not 0 <= supposed.band_frac < 0.5:
            raise BadRequest(
                f"A band of {supposed.band_frac:.1%} to each side cannot be drawn; "
                "choose 0% to 49%."
            )
        lines = (
            replace(line, band_frac=supposed.band_frac)
            if line.rank == rules.large_count
            else line
            for line in rules.lines
        )
        rules = replace(rules, lines=tuple(lines))
    if supposed.min_close_usd is not None:
        if supposed.min_close_usd < 0:
            raise BadRequest("A lowest close below $0 is none; choose $0 or more.")
        rules = replace(rules, min_close_usd=supposed.min_close_usd)
    return rules


def changed(gathered: Gathered, supposed: WhatIf) -> Gathered:
    """Return the facts of a day as supposed, companies in order of their new size.

    They were gathered under the rules as supposed.

    Raises
    ------
    BadRequest
        If a company or a sector is not listed on the day, or a fall leaves nothing.
    """
    companies = gathered.companies
    listings = gathered.securities.iloc[companies["at"].to_numpy()]
    symbol = pd.Series(listings["symbol"].to_numpy(), index=companies.index)
    factor = _factors(gathered, listings["sector"].to_numpy(object), symbol, supposed)
    close = companies["close_usd"].to_numpy() * factor
    cap = companies["total_market_cap_usd"].to_numpy() * factor
    if supposed.issued_frac:
        issuer = _place(symbol, supposed.symbol, "the issue")
        cap[issuer] *= _grown(supposed.issued_frac)
    if supposed.merged or supposed.merged_into:
        target = _place(symbol, supposed.merged, "the merger")
        cap[_place(symbol, supposed.merged_into, "the merger")] += cap[target]
    gone = [
        _place(symbol, name, words)
        for name, words in (
            (supposed.taken_over, "the takeover"),
            (supposed.merged, "the merger"),
            (supposed.kept_out, "what is kept out"),
        )
        if name
    ]
    table = companies.assign(close_usd=close, total_market_cap_usd=cap)
    table = table.drop(index=table.index[gone])
    return replace(gathered, companies=ranking.arrange(table))


def _factors(
    gathered: Gathered, sectors: np.ndarray, symbol: pd.Series, supposed: WhatIf
) -> np.ndarray:
    """Return what each company's price is multiplied by."""
    factor = np.full(len(symbol), _grown(supposed.market_frac))
    if supposed.small_frac:
        held = current_index(gathered, gathered.companies)
        large_cap = gathered.companies["total_market_cap_usd"].to_numpy(float)
        ranked = apply(gathered)
        line = ranked.break_points.set_index("rank")["break_point_usd"]
        is_small = large_cap < line[gathered.rules.large_count]
        factor[is_small & (np.asarray(held) != "R1000")] *= _grown(supposed.small_frac)
    if supposed.sector_frac:
        is_of = sectors == supposed.sector
        if not is_of.any():
            raise BadRequest(
                f"No company of the day is of the sector '{supposed.sector}'; choose "
                f"one of {', '.join(sorted(set(filter(None, map(_text, sectors)))))}."
            )
        factor[is_of] *= _grown(supposed.sector_frac)
    if supposed.symbol_frac:
        place = _place(symbol, supposed.symbol, "the single name")
        factor[place] *= _grown(supposed.symbol_frac)
    return factor


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _grown(frac: float) -> float:
    if frac < SMALLEST_LEFT_FRAC:
        raise BadRequest(
            f"A change of {frac:.0%} leaves nothing to rank; choose −99% or more."
        )
    return 1 + frac


def _place(symbol: pd.Series, asked: str, what: str) -> int:
    found = np.flatnonzero(symbol.eq(asked.strip().upper()))
    if not len(found):
        raise BadRequest(
            f"For {what} no company of the day answers to “{asked}”; give the ticker "
            "of its main share class, such as AAPL."
        )
    return int(found[0])


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A day as it is and as supposed.

    `lines` has rank, base_usd, what_if_usd and change_frac of each line; `changes` the
    companies whose move differs: symbol, company, current_index, base_index,
    what_if_index, base_move, what_if_move, their sizes; `counts` a row a move: base
    and what_if.
    """

    lines: pd.DataFrame
    changes: pd.DataFrame
    counts: pd.DataFrame


def compare(
    facts: Facts,
    day: date,
    supposed: WhatIf,
    history: History | None = None,
    rules: Rulebook | None = None,
) -> Compared:
    """Apply the rules to the facts of a session as they are and as supposed.

    `rules` replaces the rulebook of the day on both sides.

    Raises
    ------
    BadRequest
        If what is supposed cannot be; see `changed` and `changed_rules`.
    """
    usual = rules or rulebook(day)
    other_rules = changed_rules(usual, supposed)
    gathered = gather(facts, day, usual, history)
    again = gathered
    if other_rules != usual:
        again = gather(facts, day, other_rules, history)
    base, other = apply(gathered), apply(changed(again, supposed))
    ranks = base.break_points["rank"]
    lines = pd.DataFrame({"rank": ranks})
    for name in FIGURES:
        for words, ranked in (("base", base), ("what_if", other)):
            lines[f"{words}_{name}"] = ranked.break_points[name].to_numpy()
    middle = lines["what_if_break_point_usd"] / lines["base_break_point_usd"] - 1
    counts = [ranked.companies["move"].value_counts() for ranked in (base, other)]
    moves = [m for m in base.companies["move"].cat.categories if m not in (STAYS, NONE)]
    return Compared(
        lines=lines.assign(change_frac=middle),
        changes=_changes(gathered, base, other),
        counts=pd.DataFrame(
            {
                "move": moves,
                "base": [int(counts[0].get(move, 0)) for move in moves],
                "what_if": [int(counts[1].get(move, 0)) for move in moves],
            }
        ),
    )


def odds(
    facts: Facts,
    days: tuple[date, date],
    supposed: WhatIf,
    base: Forecast,
    history: History | None = None,
) -> pd.DataFrame:
    """Return the companies whose odds differ most, as they are and as supposed.

    `days` are the session and the rank day, `base` the odds as they are. A row a
    company with symbol, company, current_index, base_p_move, what_if_p_move, and the
    same of p_r1000 and p_r2000; the largest difference first.
    """
    day, rank_day = days
    rules = changed_rules(rulebook(day), supposed)
    model = forecast.prepare(
        facts, day, rules, history, change=lambda found: changed(found, supposed)
    )
    other = forecast.forecast_of(model, rank_day, draws=base.draws, seed=base.seed)
    shown = ["symbol", "company", "current_index"]
    names = ["p_move", "p_r1000", "p_r2000"]
    both = base.companies[[*shown, *names]].merge(
        other.companies[["symbol", *names]],
        on="symbol",
        suffixes=("_base", "_what_if"),
        validate="one_to_one",
    )
    columns = {
        f"{name}_{which}": f"{which}_{name}" for name in names for which in WHICH
    }
    both = both.rename(columns=columns)
    far = [both[f"what_if_{name}"] - both[f"base_{name}"] for name in names[1:]]
    both = both.assign(far=np.abs(far).max(axis=0))
    rows = both[both["far"] >= NOTED_FRAC].sort_values(
        ["far", "symbol"], ascending=[False, True]
    )
    return rows.drop(columns="far").reset_index(drop=True)


NOTED_FRAC = 0.05  # odds that differ by less differ by the draws alone


def _changes(gathered: Gathered, base: Ranked, other: Ranked) -> pd.DataFrame:
    names = ["at", "current_index", "projected_index", "move", "rank"]
    names += ["total_market_cap_usd"]
    both = base.companies[names].merge(
        other.companies[names],
        on="at",
        how="outer",
        suffixes=("_base", "_what_if"),
        validate="one_to_one",
    )
    index = [both[f"projected_index_{which}"].astype(object) for which in WHICH]
    index = [each.where(each.notna(), "") for each in index]
    listings = gathered.securities.iloc[both["at"].to_numpy()]
    held = both["current_index_base"].astype(object)
    table = both.assign(
        symbol=listings["symbol"].to_numpy(),
        company=listings["company"].to_numpy(),
        current_index=held.fillna(both["current_index_what_if"].astype(object)),
        base_index=index[0],
        what_if_index=index[1],
    )
    cap = table[[f"total_market_cap_usd_{which}" for which in WHICH]].max(axis=1)
    differs = index[0].ne(index[1])
    rows = (
        table[differs]
        .assign(cap=cap[differs])
        .sort_values(["cap", "symbol"], ascending=[False, True])
    )
    columns = {
        "rank_base": "base_rank",
        "rank_what_if": "what_if_rank",
        "total_market_cap_usd_base": "base_cap_usd",
        "total_market_cap_usd_what_if": "what_if_cap_usd",
    }
    shown = ["symbol", "company", "current_index", "base_index", "what_if_index"]
    rows = rows.rename(columns=columns)[[*shown, *columns.values()]]
    return rows.reset_index(drop=True)


WHICH = ("base", "what_if")
