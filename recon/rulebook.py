"""Every number of the methodology, dated, with the document and section it is from.

An era is valid for rank days on or after `effective` until the next era. A change of
the methodology is one ``replace(previous, ...)`` below and one case test; nothing
else in the program holds a number of the rules. What the documents leave open is
settled by numbers of our own, kept apart as `Heuristics`.

Documents: GR7.0 is *Russell US Equity Indexes, Construction and Methodology* v7.0 of
May 2026, GR6.8 the same of August 2025, GR6.0 of January 2024.
"""

from dataclasses import dataclass, replace
from datetime import date

from recon.errors import RulesMissing


@dataclass(frozen=True, kw_only=True)
class Line:
    """A cut of the ranking: the rank it is drawn at and the half-width of its band.

    `band_frac` is a fraction of the whole Russell 3000E capitalisation; 0 means a
    hard cut.
    """

    rank: int
    band_frac: float


@dataclass(frozen=True, kw_only=True)
class Leg:
    """A reconstitution held every year, and its dates where none are published.

    Ranked on the last business day of `rank_month`, implemented at the close of the
    given Friday of `month`. The preliminary list comes `preliminary_weeks` before that
    and queries are taken for `query_weeks`; lock-down starts the Monday after.
    """

    name: str
    month: int
    rank_month: int
    implementation_friday: int
    preliminary_weeks: int
    query_weeks: int


@dataclass(frozen=True, kw_only=True)
class Forecasting:
    """Numbers of the odds: how caps move to a rank day, and how our data err.

    Chosen by calibration on the events and month ends of 2021 to 2024 (0040, 0041).
    """

    # past sessions that moves are drawn from
    window_sessions: int = 504  # two years: one year fits as well, and knows less
    min_sessions: int = 60  # with fewer, a quarter of moves is drawn from itself
    block_sessions: int = 10  # drawn together, so that a week of fear stays one
    # returns that are set aside
    absurd_log_return: float = 0.405  # 50 % up or a third down asks for a witness
    witness_log_return: float = 0.10  # close or cap moved as said, within that
    # how far a company's own moves are as of late and not as of the window
    recent_half_life_sessions: int = 20
    recent_frac: float = 0.5  # its exponent; the deviation of the window has the rest
    thin_sector_count: float = 10.0  # companies: a sector's own part counts by half
    new_listing_sessions: int = 5  # first quoted so late in a window: it was listed new
    own_sessions: int = 20  # a window's worth of the group that a deviation leans on
    largest_count_change: float = 3.0  # a share count is not tripled in a quarter
    size_ranks: tuple[int, ...] = (200, 500, 1000, 2000, 3000)  # groups move alike
    # log caps as we see them on rank day against those that were ranked: the usual
    # error, that of a share count we do not have, and how many companies have that
    large_cap_errors: tuple[float, float, float] = (0.005, 0.10, 0.10)
    small_cap_errors: tuple[float, float, float] = (0.005, 0.70, 0.10)
    near_line_log: float = 1.0  # a cap farther off tells nothing of small errors
    clearly_factor: float = 1.3  # times the line: a cap so large does not decide
    # how many of our rank day's companies were let in, by what we know of them
    let_in_fracs: tuple[tuple[str, float], ...] = (
        ("member", 0.995),
        ("newcomer", 0.911),
        ("large newcomer", 0.669),  # so large and not a member: something is wrong
        ("recently public", 0.811),  # in the year before or this one
        ("large and recently public", 0.661),
        ("country", 0.057),  # fail that screen of ours
        ("float and votes", 0.28),
    )
    # companies that others let in for those kept out, fewer or more: members' fates
    # put the lower line up to 8 % below ours and 4 % above
    unlisted_spread: int = 30


@dataclass(frozen=True, kw_only=True)
class IpoQuarter:
    """A quarter whose new listings are added between two reconstitutions.

    Ranked on the last business day of `rank_month`, added after the close of the given
    Friday of `month`, announced `announced_weeks` before.
    """

    month: int
    rank_month: int
    friday: int
    announced_weeks: int


@dataclass(frozen=True, kw_only=True)
class Heuristics:
    """Numbers of our own, for what the documents or the data leave open.

    None is a number of the methodology. Decision records, by their number in
    ``docs/decisions``, say how each was chosen.
    """

    # is a provider's market cap the company's or the class's? (0004)
    same_shares_frac: float = 0.10  # implied share counts agree; real pairs: within 1%
    same_cap_frac: float = 0.05  # or the caps do, while closes differ by
    conversion_ratio: float = 10.0  # this factor: one class converts into the other
    # blank-check companies by their price (0014); wider bounds find the same ones
    trust_low_usd: float = 9.40  # $10 a share and its interest are held in trust
    trust_high_usd: float = 10.80
    trust_move_frac: float = 0.02  # a business moves by more in some session
    trust_days: int = 31  # of a month
    trust_sessions: int = 31  # quoted for less, its price alone says nothing
    trust_class_sessions: int = 5  # but says it of class A: founders hold class B
    # a member that did not trade is judged by its last trade, if not older (0028)
    last_trade_days: int = 30
    # companies that FTSE Russell passed over (0005)
    passed_over_factor: float = 1.5  # times the 3000 line: no share count errs so far
    passed_over_late_factor: float = 3.0  # where the first stored day is after rank day
    passed_over_days: int = 430  # after its rank day: a year and the lists' two months
    held_rank_day_days: int = 7  # a session so near before a rank day shows it
    # how often they were right (docs/accuracy.md): companies, and of how many
    passed_over_right: tuple[int, int] = (66, 82)
    passed_over_late_right: tuple[int, int] = (10, 24)
    locked_up_factor: float = 3.0  # a new company nearer to the line is judged (0011)
    new_listing_years: int = 2  # public for less: lock-ups held float and votes down
    # lists of members about an event (0008)
    settling_days: int = 14  # funds sell and buy for two weeks after the close
    unchanged_frac: float = 0.96  # events of 2011 to 2024 kept 0.83 to 0.93 of a list
    shared_frac: float = 0.015  # names of two classes that two indexes hold
    # members without a market cap (0012)
    sighting_days: int = 7  # from a list's day back to a session that shows its members
    # one company under two symbols (0009)
    max_gap_sessions: int = 3  # a halt; a takeover is not followed by a listing
    reused_gap_sessions: int = 10  # after that a symbol may be somebody else's
    same_count_frac: float = 0.002  # of one share count; 4 of 5 changes agree to 1e-6
    near_close_frac: float = 0.12  # one session's move, a halt included
    same_name_count_frac: float = 0.02  # names that begin alike: a spin-off on the day
    same_name_close_factor: float = 2.5  # may halve the close, the count be newer
    # the market's return where a provider gives none: share counts that jump by more
    share_jump_frac: float = 0.02  # were corrected or split; few issues are larger
    # changes that a provider errs in (0058)
    repeated_change_frac: float = 0.002  # as the session before to the digit, or less
    absurd_log_change: float = 0.4  # +50 %, -33 %: borne out by close or cap, or aside
    agreeing_log_change: float = 0.05
    # free float by the weights of a fund's list (0057)
    weight_step_frac: float = 1e-4  # what lists round weights to
    weight_steps: int = 4  # a weight of so many rounding steps errs by 12 % at most
    whole_float_quantile: float = 0.75  # most of those have no shares that are held
    # averages and extremes over a window of sessions (0057)
    window_present_frac: float = 0.9  # a quote on so many: a halt ends no average
    # rounding, as a fraction of the universe's cap, never decides an edge (0002)
    rounding_frac: float = 1e-12
    provider_rounding_frac: float = 0.001  # closes and caps: finer is no issue (0050)
    # the free float of companies without a list that shows it (0045)
    float_plateau_log: float = 0.04  # width of the heap with every share available
    float_min_held: int = 30  # companies of a list, for its heap to be seen
    float_size_groups: int = 5  # by market cap, of the names that are known
    float_new_years: int = 4  # listed for less: lock-ups and founders hold shares back
    float_min_peers: int = 8  # names of a group, for its median
    float_list_max_days: int = 1_200  # an older list may be of years before the last
    # the volume that days of demand are counted in (0046)
    volume_min_sessions: int = 5  # with a volume, for an average to be one
    volume_split_frac: float = 0.2  # a close off the provider's change: a split
    # passive money and what it held (0044, 0046)
    fund_assets_max_days: int = 180  # half a year: an older figure is said to be old
    unknown_style_frac: float = 0.5  # of a company's weight in each half
    holdings_before_days: int = 240  # of an event's close: lists at hand are half a
    holdings_after_days: int = 120  # year apart, and by autumn a fund has changed
    # returns of listings (0047)
    same_change: float = 0.02  # of two returns, in logarithms; dividends are smaller
    off_day_frac: float = 0.05  # seven days of 984 have more, all others under 2%
    split_frac: float = 0.25  # a jump of a close that asks for a second witness
    # the event study (0048): what counts as usual, as alike, as a placebo
    past_sessions: int = 60  # before rank day: past return, usual volume, spread
    least_sessions: int = 40  # of them, for a figure to be known
    halted_sessions: int = 5  # a name without a quote for longer is not measured
    match_count: int = 3
    match_cap_factor: float = 2.0  # a match is at most so much larger or smaller
    beside_frac: float = 0.25  # of the line's cap: who stands just beside it
    bootstrap_draws: int = 1_000
    pretend_first: int = 21  # sessions after an event; before, hardly anyone crosses
    pretend_step: int = 3  # sessions from one pretend rank day to the next
    pretend_least_names: int = 5  # in a group, for a pretend day to count
    pretend_settled_sessions: int = 5  # after an event, until its prices are usual
    least_placebos: int = 9  # fewer cannot tell one in five from chance
    least_clusters: int = 3  # fewer have no spread to speak of
    # takeovers by the price alone: pinned to the offer before the listing ends (0047)
    pinned_sessions: int = 10
    pinned_frac: float = 0.01  # median of the daily moves, up or down
    failed_close_usd: float = 1.0
    # impact of a trade of so much of a day's usual value, square-root law (0049)
    traded_frac: float = 0.05
    impact_coefficient: float = 1.0
    # raw fundamentals have tails that ranks have not: standard deviations (0021)
    largest_deviation: float = 3.0
    scale_least_frac: float = 0.5  # of the companies, for a scale to be ranked (0022)
    style_agrees_frac: float = 0.25  # of value weight, between a list and the rules
    # how past events are scored, and why a name was missed (0010)
    settled_days: int = 4  # the first days of a fund still show both sides of the trade
    small_within_days: int = 60  # of the event; later lists hold the next IPO additions
    large_within_days: int = 180  # lists of the Russell 1000 are rare
    official_within_days: int = 31  # of the implementation close: the same event's list
    official_near_days: int = 6  # a rank day on record and a session about it
    in_doubt_frac: float = 0.25  # of the line: an unlisted class makes none fourfold
    other_count_frac: float = 0.15  # so different a share count would turn the answer
    near_price_frac: float = 0.1  # of the minimum price: another close may pass it
    # a symbol is its filer's until so long after it was last stated (0073)
    filer_symbol_days: int = 400  # a report a year, and a late one
    # what a segment costs (0064)
    statements_max_days: int = 550  # half a year after the next fiscal year has ended
    statements_most_profit_times: float = 3.0  # of the cap; more is another company's
    ratio_least_covered_frac: float = 0.5  # of a basket's weight, for it to be its own
    yield_max_days: int = 7  # holidays put a yield off by less
    # what segments make when rates change (docs/market.md)
    rate_gap_days: int = 3  # holidays of the bond market beside a weekend
    least_spans: int = 60  # of five sessions: a dozen of them do not overlap
    least_surprises: int = 24  # monthly figures of prices: fewer say nothing
    # a day that cannot be the market (0055): fractions of the names of both sessions,
    # by number and by cap; in brackets the most of 984 honest days
    day_least_total_usd: float = 5e12  # the market has been larger since 1994
    day_most_total_usd: float = 1e15
    day_largest_frac: float = 0.15  # of the total, one company (0.053)
    day_moved_factor: float = 1.5  # a close this far from the last one
    day_moved_frac: tuple[float, float] = (0.05, 0.15)  # (0.015, 0.056)
    day_unpriced_frac: tuple[float, float] = (0.05, 0.05)  # lost their close (0, 0)
    day_uncapped_frac: tuple[float, float] = (0.15, 0.05)  # lost it (0.090, 0.004)
    day_refused_frac: tuple[float, float] = (0.10, 0.20)  # newly refused (0.025, 0.063)
    day_stale_frac: tuple[float, float] = (0.50, 0.15)  # close, volume (0.40, 0.064)
    day_line_frac: float = 0.35  # a line's move against the market's (0.254)
    leap_factor: float = 10.0  # price and cap together: no company does so overnight
    # a list of members: so many must be listed on the sessions about it (0055)
    list_found_frac: float = 0.85  # 73 real lists: 0.946 or more, used ones 0.989
    list_shared_frac: float = 0.85  # of two lists of one index and day
    # what a table's market caps count, by their median (0090): half of all US listings
    # are worth less than $0.5bn, half of the 500 largest less than $40bn
    cap_in_dollars: float = 1e6  # and more: dollars
    cap_in_millions: float = 150.0  # and more: millions; less: billions
    # odds
    forecasting: Forecasting = Forecasting()


HEURISTICS = Heuristics()


@dataclass(frozen=True, kw_only=True)
class Capping:
    """How heavy companies may weigh in a style index, as fractions of it.

    No company more than `company_frac`; those above `large_frac` together no more than
    `large_sum_frac`. The `check_` numbers trigger a review between the quarterly ones.
    """

    since: date
    company_frac: float
    large_frac: float
    large_sum_frac: float
    check_company_frac: float
    check_large_frac: float
    check_large_sum_frac: float


@dataclass(frozen=True, kw_only=True)
class Style:
    """The numbers of value and growth; low scores are growth, high ones value.

    `transform` is one of `style.TRANSFORMS`; the weights of the three variables add
    up to 1; `quartiles` are fractions of available market cap. With fewer analysts
    than `own_frac_by_analysts` has places, only that part of a forecast is a
    company's own. `groups` are tried in turn for the mean that stands for a missing
    value. Rank days in `june_rank_months` belong to a June event.
    """

    transform: str
    book_to_price_frac: float
    growth_forecast_frac: float
    sales_growth_frac: float
    quartiles: tuple[float, float, float]
    steepness: float
    one_style_frac: float
    kept_cvs_change: float
    group_min_count: int
    groups: tuple[str, ...]
    own_frac_by_analysts: tuple[float, ...]
    sales_growth_years: int
    sales_quarters: int
    june_rank_months: tuple[int, ...]
    fundamentals_max_days: int
    capping: Capping


@dataclass(frozen=True, kw_only=True)
class Rulebook:
    """The numbers of one era; fractions are 0 to 1, money is US dollars."""

    effective: date
    document: str
    lines: tuple[Line, ...]
    legs: tuple[Leg, ...]
    ipo_quarters: tuple[IpoQuarter, ...]
    universe_count: int
    broad_count: int
    large_count: int
    min_close_usd: float
    average_close_days: int
    min_total_market_cap_usd: float
    min_free_float_frac: float
    min_voting_rights_frac: float
    eligible_exchanges: tuple[str, ...]
    home_countries: tuple[str, ...]
    benefit_driven_countries: frozenset[str]
    primary_country_lead_frac: float
    primary_country_least_frac: float
    pricing_vehicle_volume_years: int
    pricing_vehicle_volume_gap_frac: float
    pricing_vehicle_min_days: int
    extra_class_min_cap_usd: float
    extra_class_min_addtv_usd: float
    unknowns_let_through: tuple[str, ...]
    style: Style
    heuristics: Heuristics = HEURISTICS

    def line(self, rank: int) -> Line:
        """Return the line drawn at `rank`, such as 1000."""
        return next(line for line in self.lines if line.rank == rank)


def _lines(**band_frac_by_rank: float) -> tuple[Line, ...]:
    return tuple(
        Line(rank=int(name[1:]), band_frac=band_frac)
        for name, band_frac in band_frac_by_rank.items()
    )


_STYLE = Style(
    transform="normal score",  # not published; chosen by what fits (0021)
    book_to_price_frac=0.50,  # GR7.0 8.2.4
    growth_forecast_frac=0.25,  # GR7.0 8.2.4; the equal halves are reported, not read
    sales_growth_frac=0.25,
    quartiles=(0.25, 0.50, 0.75),  # GR6.8 8.6, by available cap
    steepness=5.0,  # GR6.8 8.6, the figure
    one_style_frac=0.95,  # GR7.0 8.7.1
    kept_cvs_change=0.10,  # GR7.0 8.8.1
    group_min_count=5,  # GR7.0 8.10.1
    groups=("subsector", "sector", "supersector", "industry"),  # GR7.0 8.10.1
    own_frac_by_analysts=(0.0, 1 / 3, 2 / 3),  # GR7.0 8.10.1; three or more: all
    sales_growth_years=5,  # GR7.0 8.2.4
    sales_quarters=24,  # GR7.0 8.10.1, six years of quarters
    june_rank_months=(4, 5),  # GR7.0 4.2.3; in May until 2022
    fundamentals_max_days=400,  # not of the rules: a year and a late report (0022)
    capping=Capping(
        since=date(2025, 3, 24),  # GR7.0 8.2.5
        company_frac=0.225,  # GR7.0 8.2.5
        large_frac=0.045,  # the usual 22.5/4.5/45 form, general knowledge
        large_sum_frac=0.45,  # GR7.0 8.2.5
        check_company_frac=0.24,  # capping guide v5.4, as reported
        check_large_frac=0.048,
        check_large_sum_frac=0.48,
    ),
)
_JUNE = Leg(
    name="June",
    month=6,
    rank_month=4,  # GR7.0 4.2.3: last business day of April
    implementation_friday=4,  # GR7.0 9.3
    preliminary_weeks=5,  # GR7.0 4.2.3 and Appendix F
    query_weeks=2,  # GR7.0 Appendix F
)
_DECEMBER = Leg(
    name="December",
    month=12,
    rank_month=10,  # GR7.0 4.2.3: last business day of October
    implementation_friday=2,  # GR7.0 9.3
    preliminary_weeks=4,  # GR7.0 4.2.3 and Appendix F
    query_weeks=2,  # GR7.0 Appendix F
)
# GR7.0 App. B: a base there says nothing of where the business is
# countries by their codes in ISO 3166: the Channel Islands are GG and JE; Bonaire, Saba
# and Sint Eustatius BQ
_BENEFIT_DRIVEN = frozenset(
    "AG AI AW BB BM BQ BS BZ CK CW FO GG GI IM JE KY LR MH PA SX TC VG".split()
)
_1984 = Rulebook(
    effective=date(1984, 1, 1),
    document="GR7.0 6.10 (ranks); banding began in 2007, so every cut is hard",
    lines=_lines(r50=0, r200=0, r500=0, r1000=0, r2000=0, r3000=0, r4000=0),
    legs=(_JUNE,),  # annual 1989-2025; earlier rhythm not modelled
    ipo_quarters=(),  # their dates before 2026 are not known here
    universe_count=4000,  # GR7.0 6.10
    broad_count=3000,  # GR7.0 6.10
    large_count=1000,  # GR7.0 6.10
    min_close_usd=1.00,  # GR7.0 5.8.1
    average_close_days=30,  # GR7.0 5.8.1, existing members only
    min_total_market_cap_usd=30e6,  # GR7.0 5.9.1
    min_free_float_frac=0.05,  # GR7.0 5.10.1
    min_voting_rights_frac=0.0,  # the screen began in 2017
    eligible_exchanges=("CBOE", "NYSE", "AMEX", "ARCA", "NASDAQ"),  # GR7.0 5.6
    home_countries=("US", "PR", "GU", "VI"),  # GR7.0 App. B
    benefit_driven_countries=_BENEFIT_DRIVEN,
    primary_country_lead_frac=0.20,  # GR7.0 App. B, over every other country or region
    primary_country_least_frac=0.40,  # GR7.0 App. B, beside the rest of the world
    pricing_vehicle_volume_years=2,  # GR7.0 6.5.3
    pricing_vehicle_volume_gap_frac=0.20,  # GR7.0 6.5.3
    pricing_vehicle_min_days=100,  # GR7.0 6.5.3, of trading; existing members
    extra_class_min_cap_usd=30e6,  # GR7.0 6.5.1
    # the median was not published before 2023: the first known stands in (0006)
    extra_class_min_addtv_usd=110e3,
    unknowns_let_through=("float and votes", "country", "structure"),
    style=_STYLE,  # read in GR6.8 and GR7.0; earlier eras take the first known
)
_2007 = replace(
    _1984,
    effective=date(2007, 5, 1),
    document="GR7.0 6.10.2 and 6.11 (bands from the 2007 reconstitution)",
    lines=_lines(
        r50=0, r200=0.025, r500=0.025, r1000=0.025, r2000=0.005, r3000=0, r4000=0
    ),
)
_2017 = replace(
    _2007,
    effective=date(2017, 5, 1),
    document="GR7.0 5.15 (voting rights from 2017)",
    min_voting_rights_frac=0.05,  # GR7.0 5.15; all failing names out by June 2023
)
_2023 = replace(
    _2017,
    effective=date(2023, 4, 1),
    document="GR6.0 6.5.1",
    extra_class_min_addtv_usd=110e3,  # GR6.0 6.5.1, 2023 rank day
)
_2025 = replace(
    _2023,
    effective=date(2025, 4, 1),
    document="GR6.8 6.5.1",
    extra_class_min_addtv_usd=140e3,  # GR6.8 6.5.1, 2025 rank day
)
_2026 = replace(
    _2025,
    effective=date(2026, 1, 1),
    document="GR7.0 4.2.3, 6.5.1, 6.11",
    legs=(_JUNE, _DECEMBER),  # GR7.0 4.2.3
    ipo_quarters=(  # GR7.0 4.3, 6.8, 6.9; those of April and October join the event
        IpoQuarter(month=3, rank_month=1, friday=3, announced_weeks=4),
        IpoQuarter(month=9, rank_month=7, friday=3, announced_weeks=4),
    ),
    extra_class_min_addtv_usd=175e3,  # GR7.0 6.5.1, 2026 rank day
)

ERAS: tuple[Rulebook, ...] = (_1984, _2007, _2017, _2023, _2025, _2026)


def rulebook(as_of: date) -> Rulebook:
    """Return the rules in force for a ranking made on `as_of`.

    Raises
    ------
    RulesMissing
        If `as_of` is before the first era.
    """
    in_force = [era for era in ERAS if era.effective <= as_of]
    if not in_force:
        raise RulesMissing(
            f"No rules are known for {as_of}; the first era starts "
            f"{ERAS[0].effective}. Choose a later day."
        )
    return in_force[-1]
