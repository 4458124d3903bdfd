"""What is known of a company beside its listing: every measure, its unit, once.

A proxy is a measure that stands for another one which is not known here; it is named
as a proxy wherever it shows. Fractions are plain (0.12 is 12 %), yearly rates a year.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One measure of a company, as reported or forecast.

    `informs` is what the style rules use it for; `stands_for` says what a proxy is
    a proxy of, empty where the measure is the thing itself; only values of one `scale`
    are ranked together; one below `low` or above `high` is no value of it.
    `known_as` are headers of other tables, without case, blanks and punctuation.
    """

    name: str
    label: str
    unit: str
    informs: str
    stands_for: str = ""
    scale: str = ""
    low: float = -1e15
    high: float = 1e15
    known_as: tuple[str, ...] = ()


BOOK_TO_PRICE = "book to price"
GROWTH_FORECAST = "growth forecast"
SALES_GROWTH = "sales growth"
ANALYSTS = "analysts"
FREE_FLOAT = "free float"
VARIABLES = (BOOK_TO_PRICE, GROWTH_FORECAST, SALES_GROWTH)
YEARS, ONE_YEAR = "a year, over several", "of one year"
FORECAST = "the I/B/E/S two-year medium-term growth forecast"
PAST_SALES = "the five-year growth of sales per share"

# within one use, the first that a company has is taken
MEASURES: dict[str, Measure] = {
    measure.name: measure
    for measure in (
        Measure(
            name="book_value_usd",
            label="book value of the company",
            unit="USD",
            informs=BOOK_TO_PRICE,
            known_as=("bookvalueusd", "bookvalue", "bookequity", "shareholdersequity"),
        ),
        Measure(
            name="price_to_book_ratio",
            label="price to book",
            unit="ratio",
            informs=BOOK_TO_PRICE,
            low=-1e5,
            high=1e5,
            known_as=("pricetobookratio", "pricetobook", "pricebook", "pb", "ptob"),
        ),
        Measure(
            name="book_value_per_share_usd",
            label="book value per share",
            unit="USD per share",
            informs=BOOK_TO_PRICE,
            low=-1e8,
            high=1e8,
            known_as=("bookvaluepershareusd", "bookvaluepershare", "bookpershare"),
        ),
        Measure(
            name="growth_forecast_frac",
            label="I/B/E/S two-year medium-term growth",
            unit="fraction a year",
            informs=GROWTH_FORECAST,
            scale=YEARS,
            low=-1e4,
            high=1e4,
            known_as=("growthforecastfrac", "growthforecast", "ibesgrowth"),
        ),
        Measure(
            name="eps_growth_forecast_frac",
            label="forecast growth of earnings per share, next five years",
            unit="fraction a year",
            informs=GROWTH_FORECAST,
            stands_for=FORECAST,
            scale=YEARS,
            low=-1e4,
            high=1e4,
            known_as=("epsgrowthforecastfrac", "epsgrowthnext5y", "longtermgrowth"),
        ),
        Measure(
            name="eps_growth_next_year_frac",
            label="forecast growth of earnings per share, next fiscal year",
            unit="fraction",
            informs=GROWTH_FORECAST,
            stands_for=FORECAST,
            scale=ONE_YEAR,
            low=-1e4,
            high=1e4,
            known_as=("epsgrowthnextyearfrac", "epsgrowthnextyear", "epsgrowthnexty"),
        ),
        Measure(
            name="analyst_count",
            label="analysts behind the growth forecast",
            unit="count",
            informs=ANALYSTS,
            low=0,
            high=1e4,
            known_as=("analystcount", "analysts", "numberofanalysts", "numanalysts"),
        ),
        Measure(
            name="sales_growth_frac",
            label="five-year growth of sales per share",
            unit="fraction a year",
            informs=SALES_GROWTH,
            scale=YEARS,
            low=-1,
            high=1e4,
            known_as=(
                "salesgrowthfrac",
                "salespersharegrowth",
                "salespersharegrowth5y",
            ),
        ),
        Measure(
            name="sales_per_share_usd",
            label="sales per share of a quarter, a history",
            unit="USD per share",
            informs=SALES_GROWTH,
            scale=YEARS,
            low=-1e8,
            high=1e8,
            known_as=("salespershareusd", "salespershare", "revenuepershare"),
        ),
        Measure(
            name="total_sales_growth_frac",
            label="five-year growth of all sales",
            unit="fraction a year",
            informs=SALES_GROWTH,
            stands_for=PAST_SALES,
            scale=YEARS,
            low=-1,
            high=1e4,
            known_as=("totalsalesgrowthfrac", "salesgrowthpast5y", "salesgrowth5y"),
        ),
        Measure(
            name="revenue_growth_frac",
            label="growth of sales, latest quarter on the year before",
            unit="fraction",
            informs=SALES_GROWTH,
            stands_for=PAST_SALES,
            scale=ONE_YEAR,
            low=-1,
            high=1e4,
            known_as=("revenuegrowthfrac", "revenuegrowth", "salesgrowth1y"),
        ),
        Measure(
            name="free_float_frac",
            label="shares counted for the float, of all shares",
            unit="fraction",
            informs=FREE_FLOAT,
            low=0,
            high=1,
            known_as=("freefloatfrac", "freefloat", "floatfrac"),
        ),
    )
}


def informing(use: str) -> list[str]:
    """Return the names of the measures for a use, the one to be preferred first."""
    return [name for name, measure in MEASURES.items() if measure.informs == use]
