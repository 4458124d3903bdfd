"""Every table of the program: its columns, units and limits, declared once.

Tables are checked at the gates only: rows leaving the store, and the tables inside a
`Projection`. Money ends in `_usd`, counts of shares in `_shares`, fractions (0 to 1)
in `_frac`; a rank is a plain number, 1 the largest. Missing means not known.
"""

import pandera.pandas as pa
from pandera.typing import Series

from recon.fundamental_measures import MEASURES
from recon.indexes import HELD
from recon.vocabulary import MOVES, SHIFTS


class _Table(pa.DataFrameModel):
    class Config:
        """Extra columns are allowed: a later step adds to the table of an earlier."""

        coerce = True
        strict = False


class Securities(_Table):
    """One row per version of a security's attributes, with the days it held."""

    security_id: Series[int] = pa.Field(unique=True)
    symbol_id: Series[int]
    symbol: Series[str]
    exchange: Series[str] = pa.Field(nullable=True)
    name: Series[str] = pa.Field(nullable=True)
    country: Series[str] = pa.Field(nullable=True)
    ipo_year: Series[float] = pa.Field(nullable=True)
    sector: Series[str] = pa.Field(nullable=True)
    industry: Series[str] = pa.Field(nullable=True)
    security_type: Series[str] = pa.Field(nullable=True)
    incorporation_country: Series[str] = pa.Field(nullable=True)
    cik: Series[str] = pa.Field(nullable=True)


class Quotes(_Table):
    """One row per session and security, by session, then market cap descending.

    `carried_sessions` is 0 when the provider's own market cap is used, else the number
    of sessions for which the last trusted share count times the close has stood in.
    `close_change_frac` is the provider's change against the previous close, adjusted
    for splits.
    """

    snapshot_date: Series[pa.DateTime]
    security_id: Series[int]
    close_usd: Series[float] = pa.Field(gt=0, nullable=True)
    total_market_cap_usd: Series[float] = pa.Field(gt=0, nullable=True)
    volume_shares: Series[float] = pa.Field(ge=0, nullable=True)
    close_change_frac: Series[float] = pa.Field(gt=-1, nullable=True)
    carried_sessions: Series[int] = pa.Field(ge=0)


class Memberships(_Table):
    """One row per index, day, source and security, as the source stated it."""

    index: Series[str]
    as_of: Series[pa.DateTime]
    symbol: Series[str]
    weight_frac: Series[float] = pa.Field(nullable=True)
    source: Series[str]


class FundHoldings(_Table):
    """One row per index, day, source and security of the lists with a fund's figures.

    `held_shares` is what the fund has of the security; lists of weights lack it.
    """

    index: Series[str]
    as_of: Series[pa.DateTime]
    symbol: Series[str]
    source: Series[str]
    weight_frac: Series[float] = pa.Field(nullable=True)
    held_shares: Series[float] = pa.Field(gt=0, nullable=True)


class Fundamentals(_Table):
    """One row per symbol, measure, period, day it became known, and source.

    `measure` is one of `fundamental_measures.MEASURES`, which gives its unit; `symbol`
    is written as membership lists write it; `period_end` is missing where the source
    does not say which period a value is of.
    """

    symbol: Series[str]
    measure: Series[str] = pa.Field(isin=list(MEASURES))
    value: Series[float]
    period_end: Series[pa.DateTime] = pa.Field(nullable=True)
    known_on: Series[pa.DateTime]
    source: Series[str]


class Companies(_Table):
    """One row per ranked company, largest first (the Russell 3000E candidates)."""

    company_id: Series[int] = pa.Field(unique=True)
    pricing_vehicle: Series[int]
    total_market_cap_usd: Series[float] = pa.Field(gt=0)
    rank: Series[int] = pa.Field(ge=1)
    cumulative_cap_usd: Series[float] = pa.Field(gt=0)
    cumulative_cap_frac: Series[float] = pa.Field(gt=0, nullable=True)


class BreakPoints(_Table):
    """One row per session and line of the ranking.

    The band edges are the market caps of the smallest and the largest company inside
    the band; missing where the rules draw no band or there are too few companies.
    `market_return_frac` is the return of the Russell 3000E since the session before.
    """

    snapshot_date: Series[pa.DateTime]
    rank: Series[int]
    break_point_usd: Series[float] = pa.Field(gt=0, nullable=True)
    band_low_usd: Series[float] = pa.Field(gt=0, nullable=True)
    band_high_usd: Series[float] = pa.Field(gt=0, nullable=True)
    total_market_cap_usd: Series[float] = pa.Field(ge=0)
    company_count: Series[int] = pa.Field(ge=0)
    market_return_frac: Series[float] | None = pa.Field(gt=-1, nullable=True)


class SegmentDays(_Table):
    """One row per session, segment and sector; sector is empty of a whole segment.

    `members` are those of the close before that are quoted, `start_cap_usd` what they
    weighed then; returns are since then and without dividends. Of the counts,
    `known_50`, `known_200` and `known_year` say of how many members the averages and
    the 52-week extremes are known. `herfindahl` is the sum of the squared weights.
    """

    snapshot_date: Series[pa.DateTime]
    segment: Series[str]
    sector: Series[str]
    members: Series[int] = pa.Field(gt=0)
    start_cap_usd: Series[float] = pa.Field(gt=0)
    cap_weighted_frac: Series[float] = pa.Field(gt=-1)
    equal_weighted_frac: Series[float] = pa.Field(gt=-1)
    median_frac: Series[float] = pa.Field(gt=-1)
    advances: Series[int] = pa.Field(ge=0)
    declines: Series[int] = pa.Field(ge=0)
    beating: Series[int] = pa.Field(ge=0)
    known_50: Series[int] = pa.Field(ge=0)
    above_50: Series[int] = pa.Field(ge=0)
    known_200: Series[int] = pa.Field(ge=0)
    above_200: Series[int] = pa.Field(ge=0)
    known_year: Series[int] = pa.Field(ge=0)
    new_highs: Series[int] = pa.Field(ge=0)
    new_lows: Series[int] = pa.Field(ge=0)
    top5_frac: Series[float] = pa.Field(gt=0, le=1 + 1e-9)
    top10_frac: Series[float] = pa.Field(gt=0, le=1 + 1e-9)
    herfindahl: Series[float] = pa.Field(gt=0, le=1 + 1e-9)


class ProjectedSecurities(_Table):
    """One row per listed security of the day; classes of a company share its rank."""

    security_id: Series[int] = pa.Field(unique=True)
    symbol: Series[str]
    rank: Series[float] = pa.Field(ge=1, nullable=True)
    total_market_cap_usd: Series[float] = pa.Field(gt=0, nullable=True)
    cumulative_cap_frac: Series[float] = pa.Field(gt=0, nullable=True)
    current_index: Series[str] = pa.Field(isin=HELD, nullable=True)
    projected_index: Series[str] = pa.Field(isin=HELD, nullable=True)
    move: Series[str] = pa.Field(isin=MOVES)
    eligible: Series[bool]
    ineligible_reason: Series[str] = pa.Field(nullable=True)


class Styled(_Table):
    """One row per company of the projected indexes, with its style.

    `cvs_low` to `cvs_high` is the range over all transforms of the rules; `missing`
    says which variables are not the company's own, `proxy` what stands for what;
    `shift` sets the value weight against the last reconstitution's.
    """

    company_id: Series[int] = pa.Field(unique=True)
    symbol: Series[str]
    base_index: Series[str] = pa.Field(isin=HELD)
    float_market_cap_usd: Series[float] = pa.Field(gt=0)
    cvs: Series[float] = pa.Field(nullable=True)
    cvs_low: Series[float] = pa.Field(nullable=True)
    cvs_high: Series[float] = pa.Field(nullable=True)
    value_weight_frac: Series[float] = pa.Field(ge=0, le=1, nullable=True)
    growth_weight_frac: Series[float] = pa.Field(ge=0, le=1, nullable=True)
    previous_value_weight_frac: Series[float] = pa.Field(ge=0, le=1, nullable=True)
    shift: Series[str] = pa.Field(isin=SHIFTS)
    missing: Series[str]
    proxy: Series[str]
