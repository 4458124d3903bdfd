"""One company explained: every screen and rule it met, its share classes, its past.

Nothing is decided here. The outcomes are those of a `Projection`, set beside the
value, the threshold, the margin, where the fact is from and the clause that asks.
"""

from datetime import date

import numpy as np
import pandas as pd

from recon import formatting
from recon.indexes import LARGE, SMALL
from recon.reconstitution import Projection
from recon.rulebook import Rulebook
from recon.rules import eligibility, listings, ranking
from recon.rules.distances import line_names
from recon.vocabulary import FAIL, NOT_KNOWN, PASS

NOT_ASKED = "not asked"
ABOVE, INSIDE, BELOW = "above", "inside", "below"
MEMBER, OUTSIDE = "member", "outside"
OUTCOME_SHAPES = {
    PASS: "✓",
    FAIL: "✕",
    NOT_KNOWN: "?",
    NOT_ASKED: "–",
    ABOVE: "▲",
    INSIDE: "●",
    BELOW: "▼",
    MEMBER: "●",
    OUTSIDE: "○",
}
MANY_TIMES = 10.0
DECIDES = (
    "The line that decides its move: the one it has crossed, the edge of the band that "
    "holds it, else the nearest whose crossing would change its index"
)
RULEBOOK_SOURCE = "ranking of the day"
FILINGS = "SEC filings"
# what tells the pricing vehicle (Ground Rules v7.0, 6.5.3)
LEADS_BY = ("trailing_volume_shares", "trading_days")
COLUMNS = [
    "rule",
    "value",
    "threshold",
    "margin",
    "outcome",
    "evidence",
    "source",
    "clause",
]
TITLES = {
    "exchange": "Exchange",
    "share type": "Share type",
    "structure": "Structure",
    "country": "Country",
    "float and votes": "Float and votes",
}


def find(securities: pd.DataFrame, words: str, row_limit: int = 12) -> pd.DataFrame:
    """Return the listings that a ticker or a part of a name may mean, best first.

    A ticker, with or without its punctuation, is the only answer; else tickers that
    begin with the words, then names that hold them, each by rank.
    """
    asked = words.strip().upper()
    key = "".join(letter for letter in asked if letter.isalnum())
    if not key:
        return securities.head(0)
    symbol = securities["symbol"].str.upper()
    exact = securities[symbol == asked]
    if exact.empty:
        exact = securities[securities["key"] == key]
    if len(exact):
        return exact.head(1)
    name = securities["name"].astype("str").fillna("").str.upper()
    begins = symbol.str.startswith(asked)
    holds = name.str.contains(asked, regex=False)
    found = securities[begins | holds]
    order = found.assign(_later=~begins[found.index]).sort_values(
        ["_later", "rank", "symbol"], na_position="last"
    )
    return order.drop(columns="_later").head(row_limit)


def explain(
    projection: Projection,
    security_id: int,
    listing_source: str,
    filed_counts: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return why a listing is in or out: one row a rule, in the methodology's order.

    `listing_source` names where the day's listings are from; `filed_counts` are the
    company's facts of `SHARE_COUNTS`, `Store.filing_facts`. Columns: rule, value,
    threshold, margin, outcome (pass, fail, not known, not asked; above, inside or
    below a line), evidence, source and clause, all in words.
    """
    listing = listing_of(projection, security_id)
    company = company_of(projection, security_id)
    source = f"{listing_source}, {formatting.day(projection.snapshot_date)}"
    rows = [
        *_listing_rows(listing, projection, source),
        _price_row(listing, projection.rules, source),
        _cap_row(listing, projection.rules, source),
        *_count_rows(projection, company, filed_counts),
        _float_row(listing, projection.rules, source),
        *_class_rows(projection, listing, source),
        *_line_rows(projection, company),
        _result_row(projection, listing),
    ]
    table = pd.DataFrame(rows, columns=COLUMNS).fillna("")
    shapes = table["outcome"].map(OUTCOME_SHAPES)
    return table.assign(outcome=shapes + " " + table["outcome"])


def verdict(projection: Projection, security_id: int) -> str:
    """Return in one sentence whether a listing is in or out, and by which rule."""
    listing = listing_of(projection, security_id)
    now = formatting.index_name(listing["current_index"])
    then = formatting.index_name(listing["projected_index"])
    known = not formatting.is_missing(listing["current_index"])
    ranked = not formatting.is_missing(listing["projected_index"])
    if not formatting.is_missing(listing["ineligible_reason"]):
        state = f"would leave the {now}" if known else "stays out of the Russell 3000"
        return f"{state}: {listing['ineligible_reason']}"
    company = company_of(projection, security_id)
    if company is None:
        unmoved = (
            f"stays in the {then}: no market cap is known, so that none can move it"
        )
        return unmoved if ranked else "is not ranked"
    place = f"ranked #{formatting.number(company['rank'])}"
    if not ranked:
        return f"stays outside the Russell 3000E, {place}"
    if company["is_held_by_band"]:
        return f"stays in the {then} because the band holds it, {place}"
    if now == then:
        return f"stays in the {then}, {place}"
    if not known:
        return f"would join the {then}, {place}"
    return f"would move from the {now} to the {then}, {place}"


def company_of(projection: Projection, security_id: int) -> pd.Series | None:
    """Return the ranked company of a listing, or None where it is not ranked."""
    listing = listing_of(projection, security_id)
    companies = projection.companies
    found = companies[companies["company_id"] == listing["company_id"]]
    if found.empty or not listing["is_common"]:
        return None
    return found.iloc[0]


def classes(projection: Projection, security_id: int) -> pd.DataFrame:
    """Return every listing of the company, its pricing vehicle first, with its role.

    Columns: security_id, symbol, name, share_type, close_usd, given_market_cap_usd,
    trailing_volume_mn (millions), addtv_usd, role. Source: Ground Rules v7.0, 6.5.
    """
    listing = listing_of(projection, security_id)
    securities = projection.securities
    own = securities[securities["company_id"] == listing["company_id"]]
    table = own.assign(
        role=_roles(own), trailing_volume_mn=own["trailing_volume_shares"] / 1e6
    )
    order = ["is_common", "trailing_volume_shares", "symbol"]
    table = table.sort_values(order, ascending=[False, False, True], ignore_index=True)
    return table[list(CLASS_COLUMNS)]


CLASS_COLUMNS = (
    "security_id",
    "symbol",
    "name",
    "share_type",
    "close_usd",
    "given_market_cap_usd",
    "trailing_volume_mn",
    "addtv_usd",
    "role",
)


def distances(company: pd.Series) -> list[tuple[str, str, str]]:
    """Return label, value and help of where a company stands, in every unit."""
    frac = company["distance_to_break_point_frac"]
    points = company["distance_cumulative_frac"] * 100
    name = str(line_names(company.to_frame().T)[0])
    line = f"{formatting.usd(company['line_cap_usd'], 2)}, the {name}"
    usd = company["distance_to_break_point_usd"]
    ranks = formatting.number(company["distance_ranks"], 0, signed=True)
    return [
        ("Rank", f"#{formatting.number(company['rank'])}", "1 is the largest"),
        (
            "Market cap",
            formatting.usd(company["total_market_cap_usd"], 2),
            "All classes",
        ),
        (
            formatting.index_code(name),
            formatting.usd(company["line_cap_usd"], 2),
            DECIDES,
        ),
        ("To the line", _over(frac + 1, 1), f"Of {line}"),
        ("In dollars", formatting.usd(usd, 2), f"Above {line}; minus: below"),
        ("In ranks", ranks, "To the place of the line"),
        ("In points", formatting.number(points, 2, True), "Of cumulative market cap"),
        (
            "Price at breakpoint",
            formatting.usd(company["crossing_close_usd"]),
            f"Now {formatting.usd(company['close_usd'])}; others unchanged",
        ),
    ]


def class_symbols(projection: Projection, security_id: int) -> list[str]:
    """Return the symbols of the company's common shares, for `Store.histories`.

    A listing that is no common share stands for itself.
    """
    return _ranked_lines(projection, security_id)["symbol"].tolist()


def class_keys(projection: Projection, security_id: int) -> list[str]:
    """Return the same as membership lists write them, for `Store.memberships_of`."""
    return _ranked_lines(projection, security_id)["key"].dropna().tolist()


def cap_history(
    projection: Projection, security_id: int, histories: pd.DataFrame
) -> pd.DataFrame:
    """Return the company's total market cap per session: one row a session.

    `histories` are the sessions of `class_symbols`; several classes are rolled up as
    in the ranking, with today's trading volumes. Columns: snapshot_date,
    total_market_cap_usd (missing where not known).
    """
    own = _ranked_lines(projection, security_id)
    quotes = histories.merge(
        own[["symbol", "security_id", "symbol_order", *LEADS_BY]],
        on="symbol",
        validate="many_to_one",
    ).assign(company_id=0, is_eligible=True, available_shares=np.nan)
    quotes = quotes[quotes["close_usd"].notna()]
    rolled = ranking.roll_up(quotes, projection.rules)
    return rolled.sort_values("snapshot_date").reset_index(drop=True)[
        ["snapshot_date", "total_market_cap_usd"]
    ]


def membership_history(
    lists: pd.DataFrame, held: pd.DataFrame, until: date
) -> pd.DataFrame:
    """Return one row per used list up to a day: whether it holds the company.

    `lists` is `Store.membership_lists`, `held` the lists that hold one of the
    company's symbols. Columns: index, as_of, source, is_held.
    """
    used = lists[lists["usable"] & (lists["as_of"] <= pd.Timestamp(until))]
    keys = ["index", "as_of", "source"]
    marked = used[keys].merge(
        held[keys].drop_duplicates(), on=keys, how="left", indicator=True
    )
    return (
        marked.assign(is_held=marked["_merge"] == "both")
        .drop(columns="_merge")
        .sort_values(["index", "as_of"])
        .reset_index(drop=True)
    )


def listing_of(projection: Projection, security_id: int) -> pd.Series:
    """Return one listing of the day, a row of `Projection.securities`."""
    securities = projection.securities
    return securities[securities["security_id"] == security_id].iloc[0]


def _common_classes(projection: Projection, security_id: int) -> pd.DataFrame:
    listing = listing_of(projection, security_id)
    securities = projection.securities
    same = securities["company_id"] == listing["company_id"]
    return securities[same & securities["is_common"]]


def _ranked_lines(projection: Projection, security_id: int) -> pd.DataFrame:
    own = _common_classes(projection, security_id)
    securities = projection.securities
    return securities[securities["security_id"] == security_id] if own.empty else own


def _listing_rows(
    listing: pd.Series, projection: Projection, source: str
) -> list[dict[str, str]]:
    rules = projection.rules
    thresholds = {
        "exchange": ", ".join(rules.eligible_exchanges),
        "share type": listings.COMMON,
        "structure": "an operating company",
        "country": "United States",
    }
    rows = []
    for name in eligibility.LISTING_SCREENS:
        outcome = listing[f"screen_{name}"]
        let_through = outcome == NOT_KNOWN and name in rules.unknowns_let_through
        rows.append(
            {
                "rule": TITLES.get(name, name.capitalize()),
                "value": listing[f"reason_{name}"],
                "threshold": thresholds.get(name, ""),
                "outcome": outcome,
                "evidence": "let through: not known does not fail"
                if let_through
                else "",
                "source": _source_of(name, listing, projection, source),
                "clause": eligibility.CLAUSES[name],
            }
        )
    return rows


def _source_of(
    name: str, listing: pd.Series, projection: Projection, source: str
) -> str:
    if listing.get(f"filed_{name}", eligibility.UNKNOWN) != eligibility.UNKNOWN:
        return FILINGS
    by_member = name in ("structure", "country", "float and votes")
    if by_member and listing["current_index"] in (LARGE, SMALL):
        return formatting.indexes_spelled(projection.membership.statement)
    return source


def _price_row(listing: pd.Series, rules: Rulebook, source: str) -> dict[str, str]:
    close, average = listing["close_usd"], listing["average_close_usd"]
    below = close < rules.min_close_usd
    averaged = f"{rules.average_close_days}-day average {formatting.usd(average)}"
    return {
        "rule": "Price",
        "value": f"close {formatting.usd(close)}",
        "threshold": f"{formatting.usd(rules.min_close_usd)}; a member on average",
        "margin": _over(close, rules.min_close_usd),
        "outcome": PASS if listing["passes_close"] else FAIL,
        "evidence": averaged if below else "",
        "source": source,
        "clause": eligibility.CLAUSES["price"],
    }


def _cap_row(listing: pd.Series, rules: Rulebook, source: str) -> dict[str, str]:
    cap, least = listing["total_market_cap_usd"], rules.min_total_market_cap_usd
    carried = listing["carried_sessions"]
    words = (
        f"carried for {formatting.count(int(carried), 'session')}" if carried else ""
    )
    outcome = NOT_KNOWN if np.isnan(cap) else PASS if cap >= least else FAIL
    return {
        "rule": "Total market cap",
        "value": formatting.usd(cap),
        "threshold": formatting.usd(least, 0),
        "margin": _over(cap, least),
        "outcome": outcome,
        "evidence": words,
        "source": source,
        "clause": eligibility.CLAUSES["market cap"],
    }


# of the cover of a report, or else of its balance sheet
SHARE_COUNTS = ("shares_outstanding", "balance_shares")


def newest_count(filed_counts: pd.DataFrame) -> tuple[float, pd.Series, str] | None:
    """Return the company's shares by its newest report, a row of it, and the classes.

    Of one report the cover goes before the balance sheet; where it counts class by
    class the classes are summed. None without any count.
    """
    newest = filed_counts[filed_counts["known_on"] == filed_counts["known_on"].max()]
    for fact in SHARE_COUNTS:
        own = newest[newest["fact"] == fact]
        own = own[own["period_end"] == own["period_end"].max()]
        whole, classes = own[own["member"] == ""], own[own["member"] != ""]
        if len(whole):
            return float(whole["value"].iloc[-1]), whole.iloc[-1], ""
        if len(classes):
            words = [
                f"{each.member.partition('=')[2]} {each.value / 1e6:,.1f}mn"
                for each in classes.itertuples()
            ]
            return float(classes["value"].sum()), classes.iloc[-1], ", ".join(words)
    return None


def _count_rows(
    projection: Projection,
    company: pd.Series | None,
    filed_counts: pd.DataFrame | None,
) -> list[dict[str, str]]:
    """Return the shares that the market cap implies beside those of the last report.

    It shows what explains a jump; nothing is decided by it, for a report knows no split
    or offering since. Source: Ground Rules v7.0, 6.2.
    """
    if company is None or filed_counts is None or filed_counts.empty:
        return []
    found = newest_count(filed_counts)
    if found is None:
        return []
    shares, report, classes = found
    implied = company["total_market_cap_usd"] / company["close_usd"]
    day, end = (formatting.day(report[name]) for name in ("known_on", "period_end"))
    return [
        {
            "rule": "Share count",
            "value": f"{implied / 1e6:,.2f}mn by market cap",
            "threshold": f"{shares / 1e6:,.2f}mn, filed {day}",
            "margin": _over(implied, shares),
            "outcome": NOT_ASKED,
            "evidence": f"shares of {end}" + (f": {classes}" if classes else ""),
            "source": f"{FILINGS}, {report['form']}",
            "clause": "GR v7.0, 6.2",
        }
    ]


def _float_row(listing: pd.Series, rules: Rulebook, source: str) -> dict[str, str]:
    """Return the test of the free float; without a figure it shows no threshold."""
    free_float, least = listing["free_float_frac"], rules.min_free_float_frac
    row = {"rule": "Free float", "clause": eligibility.CLAUSES["free float"]}
    row["source"] = source
    if np.isnan(free_float):
        return row | {"value": eligibility.NOT_TESTED, "outcome": NOT_KNOWN}
    return row | {
        "value": f"{free_float * 100:.6g}% of the shares",
        "threshold": formatting.percent(least, 0),
        "margin": f"{formatting.number((free_float - least) * 100, 2, True)} points",
        "outcome": PASS if listing["passes_float"] else FAIL,
    }


def _class_rows(
    projection: Projection, listing: pd.Series, source: str
) -> list[dict[str, str]]:
    """Return what an extra share class must reach; nothing for a pricing vehicle."""
    vehicle = listing["pricing_vehicle"]
    if np.isnan(vehicle) or vehicle == listing["security_id"]:
        return []
    rules = projection.rules
    own = _common_classes(projection, listing["security_id"])
    failed = [
        words
        for fails, words in eligibility.extra_class_screens(own, rules)
        if fails.loc[listing.name]
    ]
    cap, traded = listing["class_cap_usd"], listing["addtv_usd"]
    is_tested = not (np.isnan(cap) or np.isnan(traded))
    return [
        {
            "rule": "Extra share class",
            "value": f"{formatting.usd(cap)}; {formatting.usd(traded, 0)} traded a day",
            "threshold": f"{formatting.usd(rules.extra_class_min_cap_usd, 0)}; "
            f"{formatting.usd(rules.extra_class_min_addtv_usd, 0)} traded a day",
            "outcome": FAIL if failed else PASS if is_tested else NOT_KNOWN,
            "evidence": failed[0] if failed else "",
            "source": source,
            "clause": "GR v7.0, 6.5.1",
        }
    ]


def _line_rows(
    projection: Projection, company: pd.Series | None
) -> list[dict[str, str]]:
    if company is None:
        return []
    rules = projection.rules
    lines = projection.break_points.set_index("rank")
    broad, large = rules.broad_count, rules.large_count
    has_band = rules.line(large).band_frac > 0
    return [
        _rank_row(company, lines, broad, "Russell 3000 line"),
        _rank_row(company, lines, large, "Russell 1000 line"),
        *([_band_row(company, lines, rules)] if has_band else []),
    ]


def _rank_row(
    company: pd.Series, lines: pd.DataFrame, rank: int, title: str
) -> dict[str, str]:
    line = lines.at[rank, "break_point_usd"]
    cap = company["total_market_cap_usd"]
    return {
        "rule": title,
        "value": f"#{formatting.number(company['rank'])}, {formatting.usd(cap, 2)}",
        "threshold": f"#{formatting.number(rank)}, {formatting.usd(line, 2)}",
        "margin": _over(cap, line),
        "outcome": ABOVE if company["rank"] <= rank else BELOW,
        "source": RULEBOOK_SOURCE,
        "clause": "GR v7.0, 6.10",
    }


def _band_row(
    company: pd.Series, lines: pd.DataFrame, rules: Rulebook
) -> dict[str, str]:
    line = rules.line(rules.large_count)
    low, high = lines.loc[line.rank, ["band_low_usd", "band_high_usd"]]
    side = company[f"side_{line.rank}"]
    is_member = company["current_index"] in (LARGE, SMALL)
    held = (
        f"inside the band: keeps the {formatting.index_name(company['current_index'])}"
        if side == INSIDE
        else "outside the band: goes to the side it is on"
    )
    points = company["distance_cumulative_frac"] * 100
    to_edge = company["nearest_line"] == line.rank
    return {
        "rule": "Russell 1000 band",
        "value": formatting.percent(company["cumulative_cap_frac"], 2)
        + " cumulative cap",
        "threshold": f"{formatting.usd(low, 2)} to {formatting.usd(high, 2)}, "
        f"±{formatting.number(line.band_frac * 100, 1)} points",
        "margin": f"{formatting.number(points, 2, signed=True)} points"
        if to_edge and is_member
        else "",
        "outcome": side if is_member else NOT_ASKED,
        "evidence": held if is_member else "not a Russell 3000 member: rank alone",
        "source": RULEBOOK_SOURCE,
        "clause": "GR v7.0, 6.10.2 and 6.11",
    }


def _result_row(projection: Projection, listing: pd.Series) -> dict[str, str]:
    return {
        "rule": "Projected index",
        "value": formatting.index_name(listing["projected_index"]),
        "threshold": f"now: {formatting.index_name(listing['current_index'])}",
        "outcome": MEMBER if pd.notna(listing["projected_index"]) else OUTSIDE,
        "evidence": listing["ineligible_reason"],  # missing becomes empty
        "source": formatting.indexes_spelled(projection.membership.statement),
        "clause": "GR v7.0, 6.10.2",
    }


def _over(value: float, threshold: float) -> str:
    if formatting.is_missing(value) or formatting.is_missing(threshold):
        return formatting.NOT_KNOWN
    if value / threshold >= MANY_TIMES:
        return f"{formatting.number(value / threshold)} times"
    return formatting.percent(value / threshold - 1, signed=True)


def _roles(own: pd.DataFrame) -> list[str]:
    volumes = own.loc[own["is_common"], "trailing_volume_shares"]
    roles = []
    for row in own.to_dict("records"):
        reason = row["ineligible_reason"]
        if not row["is_common"]:
            roles.append(f"{row['share_type']}: not ranked")
        elif formatting.is_missing(row["pricing_vehicle"]):
            roles.append(f"not ranked: {reason}")
        elif row["pricing_vehicle"] != row["security_id"]:
            known = not formatting.is_missing(reason)
            roles.append(reason if known else "further class, counted and held")
        elif len(volumes) == 1:
            roles.append("pricing vehicle: the only common share")
        elif row["trailing_volume_shares"] >= volumes.max():
            roles.append("pricing vehicle: most traded over two years")
        else:
            roles.append("pricing vehicle: volumes are near, most shares available")
    return roles
