"""How the tables of the pages read: head, unit, width, by table."""

from dataclasses import replace

import streamlit as st

from recon.formatting import Column

CAUSES = (
    "shares: a share count we do not have; price: the close; nationality: the home "
    "country; structure: what kind of security it is; list: the lists that came; "
    "timing: what happened after rank day"
)

CANDIDATES = {
    "name": Column(label="Ticker and company", width=146),
    "move": Column(label="Move", width=60),
    "now": Column(label="From", kind="index_code", width=66, help="R: Russell"),
    "then": Column(label="To", kind="index_code", width=66, help="R: Russell"),
    "style": Column(
        label="Style",
        width=104,
        help="Growth or value by the rules in the index it goes to; where it shifts "
        "the value weight before → now; est.",
    ),
    "rank": Column(label="Rank", kind="number", width=50),
    "total_market_cap_usd": Column(label="Cap, $bn", kind="usd_bn", width=68),
    "bar": Column(label="Distance", width=80),
    "distance_to_break_point_frac": Column(
        label="To line, %",
        kind="percent_signed",
        help="Market cap against the line whose crossing changes the index",
        width=74,
    ),
    "trail": Column(label="60 sessions", width=82),
    "crossing_close_usd": Column(
        label="Crosses, $",
        kind="usd",
        help="Close at which the company would stand on its line, others unchanged",
        width=74,
    ),
    "close_usd": Column(label="Close, $", kind="usd", width=66),
    "distance_to_break_point_usd": Column(
        label="To line, $bn", kind="usd_bn", is_more=True
    ),
    "distance_ranks": Column(
        label="To line, ranks", kind="number_signed", is_more=True
    ),
    "distance_cumulative_frac": Column(
        label="To line, points",
        kind="percent_signed",
        help="Percentage points of the Russell 3000E's cumulative market cap",
        is_more=True,
    ),
    "line": Column(
        label="Line", help="The line whose crossing changes the index", is_more=True
    ),
    "sector": Column(label="Sector", is_more=True),
    "exchange": Column(label="Exchange", is_more=True),
    "ineligible_reason": Column(label="Screen failed", is_more=True),
}
PLAIN_CANDIDATES = {
    **{name: head for name, head in CANDIDATES.items() if name != "style"},
    "name": replace(CANDIDATES["name"], width=246),
}

CANDIDATES_DRAWN = {
    "bar": st.column_config.ImageColumn(
        "Distance",
        width=80,
        help="Below the line to the left, above to the right; a full half is 25 %",
    ),
    "trail": st.column_config.LineChartColumn(
        "60 sessions", width=82, help="Distance to the line, each row on its own scale"
    ),
}

WHY = {
    "rule": Column(label="Rule", width=124),
    "outcome": Column(label="Outcome", width=80),
    "value": Column(label="Value", width=165),
    "threshold": Column(label="Threshold", width=168),
    "margin": Column(label="Margin", width=88, help="Value against the threshold"),
    "clause": Column(label="Clause", width=126, help="Ground Rules and section"),
    "evidence": Column(label="Because", width=224),
    "source": Column(label="Source of the fact", width=300, is_more=True),
}

CLASSES = {
    "symbol": Column(label="Ticker", width=70),
    "name": Column(label="Listing", width=200),
    "share_type": Column(label="Share type", width=105),
    "close_usd": Column(label="Close, $", kind="usd", width=80),
    "given_market_cap_usd": Column(
        label="Cap as given, $bn",
        kind="usd_bn",
        width=120,
        help="The provider's own figure: of the class, or of the whole company",
    ),
    "trailing_volume_mn": Column(
        label="Volume, mn",
        kind="number",
        width=85,
        help="Shares traded in two years; asked where a company has several classes",
    ),
    "role": Column(label="Role", width=305),
}

HELD_BACK = {
    "snapshot_date": Column(label="Day", kind="day", width=95),
    "reason": Column(label="Held back because", width=285),
    "security_count": Column(label="Rows", kind="number", width=70),
}

REFUSAL_COUNTS = {
    "reason": Column(label="Refused because", width=430),
    "row_count": Column(label="Rows", kind="number", width=80),
    "symbol_count": Column(label="Symbols", kind="number", width=80),
    "first_date": Column(label="First", kind="day", width=105),
    "last_date": Column(label="Last", kind="day", width=105),
}

REFUSALS = {
    "snapshot_date": Column(label="Day", kind="day", width=90),
    "symbol": Column(label="Symbol", width=70),
    "close_usd": Column(label="Close as given, $", kind="usd", width=118),
    "total_market_cap_usd": Column(label="Cap as given, $bn", kind="usd_bn", width=128),
    "reason": Column(label="Refused because", width=300),
    "repeats": Column(label="Times", kind="number", width=58),
    "origin": Column(label="File or request", width=146),
    "row_number": Column(label="Row", kind="number", width=60),
}

SOURCES = {
    "kind": Column(label="What", width=170),
    "source": Column(label="Source", width=330),
    "first_date": Column(label="First", kind="day", width=105),
    "last_date": Column(label="Last", kind="day", width=105),
    "used_count": Column(label="Used", kind="number", width=70),
    "unused_count": Column(label="Not used", kind="number", width=80),
}

LISTS = {
    "as_of": Column(label="Day", kind="day", width=105),
    "index": Column(label="Index", width=70),
    "security_count": Column(label="Names", kind="number", width=70),
    "use": Column(label="Used", width=80),
    "reason": Column(label="Not used because", width=330),
    "source": Column(label="Source", width=300),
}

LEDGER = {
    "finished_at": Column(label="When", kind="day", width=94),
    "source": Column(label="Kind", width=92),
    "origin": Column(label="File or request", width=196),
    "offered_count": Column(label="Offered", kind="number", width=78),
    "accepted_count": Column(label="Accepted", kind="number", width=82),
    "quarantined_count": Column(label="Refused", kind="number", width=78),
    "note": Column(label="Note", width=245),
    "decided_by": Column(label="Overruled by", width=104),
}

ERAS = {
    "effective": Column(label="Since", kind="day", width=92),
    "rule": Column(label="Rule", width=200),
    "value": Column(label="Number", width=200),
    "before": Column(label="Before", width=88),
    "document": Column(label="Document and section", width=390),
}
OFFICIAL = {
    "year": Column(label="Year"),
    "rank_day": Column(label="Rank day", kind="day"),
    "official_usd": Column(label="Official, $bn", kind="usd_bn"),
    "yearly_change_frac": Column(label="On the year, %", kind="percent_signed"),
    "our_usd": Column(label="Ours, $bn, est.", kind="usd_bn"),
    "error_frac": Column(label="Error, %", kind="percent_signed"),
    "confidence": Column(label="Figure is", help="How sure the official figure is"),
    "source": Column(label="Published by", width="large"),
}
TODAY = {
    "line": Column(label="Line", width=108),
    "break_point_usd": Column(
        label="$bn", kind="usd_bn", width=76, help="Break point, $bn, estimated"
    ),
    "band": Column(
        label="Band, $bn", width=100, help="Members inside it keep their index"
    ),
    "change_frac": Column(
        label="Change, %", kind="percent_signed", width=76,
        help="Since the last rank day",
    ),
}  # fmt: skip

SCORES = {
    "year": Column(label="June", width=64),
    "what": Column(label="List", width=240),
    "projected": Column(label="Projected", kind="number"),
    "actual": Column(label="Came", kind="number"),
    "hits": Column(label="Hits", kind="number"),
    "precision": Column(
        label="Precision, %", kind="percent", help="Hits among those projected"
    ),
    "recall": Column(
        label="Recall, %", kind="percent", help="Hits among those that came"
    ),
    "f1": Column(
        label="F1, %", kind="percent", help="Harmonic mean of precision and recall"
    ),
}

MISJUDGED = {
    "list": Column(label="List", width=190),
    "kind": Column(label="Kind", width=72),
    "symbol": Column(label="Ticker", width=72),
    "name": Column(label="Company", width=240),
    "cause": Column(label="Cause", width=88, help=CAUSES),
    "why": Column(label="Because", width=306),
}

APART = {
    "symbol": Column(label="Ticker", width=72),
    "name": Column(label="Company", width=300),
    "note": Column(label="Not counted because", width=420),
}
LINES = {
    "line": Column(label="Line", width=110),
    "break_point_usd": Column(label="Now, $bn", kind="usd_bn", width=80),
    "base_break_point_usd": Column(
        label="Then, $bn", kind="usd_bn", width=80, help="On the last rank day"
    ),
    "change_frac": Column(label="Change, %", kind="percent_signed", width=80),
    "against_market_frac": Column(
        label="vs market, %",
        width=92,
        kind="percent_signed",
        help="Against the rank-day line moved with the Russell 3000E's total cap",
    ),
}
MOVES = {
    "index": Column(label="Index", kind="index", width=104),
    "addition": Column(label="+ in", kind="number", help="From outside the R3000"),
    "joins": Column(label="▲▼ in", kind="number", help="From the other index"),
    "leaves": Column(label="▲▼ out", kind="number", help="To the other index"),
    "deletion": Column(label="− out", kind="number", help="Out of the R3000"),
    "net": Column(label="Net", kind="number_signed"),
}

RUNS = {
    "started_at": Column(label="Started, UTC", width=140),
    "title": Column(label="What", width=200),
    "state": Column(label="State", width=80),
    "took": Column(label="Took", width=66),
    "requests": Column(label="Requests", kind="number", width=76),
    "message": Column(label="Last word", width=372, missing=""),
}

REQUESTS = {
    "started_at": Column(label="UTC", width=72),
    "slice": Column(label="Purpose", width=180),
    "attempt": Column(label="Attempt", kind="number", width=66),
    "status": Column(label="Status", width=62),
    "seconds": Column(label="Seconds", kind="usd", width=70),
    "rows": Column(label="Rows", width=62),
    "outcome": Column(label="Outcome", width=130),
    "url": Column(label="Address", width=328, help="Without the visitor's token"),
}


STYLE_SHIFTS = {
    "name": Column(label="Ticker and company", width=174),
    "shift": Column(label="Shift", kind="shift", width=84),
    "previous_value_weight_frac": Column(
        label="Before, %",
        kind="percent",
        width=80,
        help="Part of the company in the value index since the last reconstitution",
    ),
    "value_weight_frac": Column(
        label="Now, %", kind="percent", width=76, help="Value weight by the rules now"
    ),
    "value_weight_low_frac": Column(
        label="Least, %",
        kind="percent",
        width=76,
        help="Over every way to standardise ranks, which is not published",
    ),
    "value_weight_high_frac": Column(label="Most, %", kind="percent", width=76),
    "driver": Column(
        label="Driven by", width=176, help="What pushed most; CVS: value score"
    ),
    "shifted_usd": Column(
        label="Effect, $bn",
        kind="usd_bn",
        width=86,
        help="Available cap that changes side; above zero towards value",
    ),
    "float_market_cap_usd": Column(label="Available, $bn", kind="usd_bn", width=98),
    "cvs": Column(
        label="Score",
        kind="score",
        width=76,
        help="Composite value score: low is growth, high is value",
        is_more=True,
    ),
    "previous_cvs": Column(label="Score before", kind="score", width=92, is_more=True),
    "book_to_price": Column(
        label="Book to price", kind="score", width=92, is_more=True
    ),
    "growth_forecast_frac": Column(
        label="Forecast, %",
        kind="percent_signed",
        width=84,
        help="Forecast growth",
        is_more=True,
    ),
    "sales_growth_frac": Column(
        label="Sales, %",
        kind="percent_signed",
        width=78,
        help="Past sales growth",
        is_more=True,
    ),
    "sector": Column(label="Sector", width=140, is_more=True),
    "missing": Column(label="Not its own", width=220, missing="", is_more=True),
    "proxy": Column(label="Stand-ins", width=300, missing="", is_more=True),
}
AGAINST = (
    "shift",
    "previous_value_weight_frac",
    "driver",
    "shifted_usd",
    "previous_cvs",
)
SCORED = ("cvs", "book_to_price", "growth_forecast_frac", "sales_growth_frac")
STYLE_NOW = {
    name: replace(head, is_more=head.is_more and name not in SCORED)
    for name, head in STYLE_SHIFTS.items()
    if name not in AGAINST
}
