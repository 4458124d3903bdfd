"""The country in which a company has most of its assets or sales.

Reports give figures by country, by region, or both. The country that leads is the
company's own if it is also one of its home-country indicators (Ground Rules v7.0, 5.3
to 5.5 and Appendix B).
"""

import pandas as pd

from recon.rulebook import Rulebook

ASSETS, SALES = "long_lived_assets_usd", "revenue_usd"
# how reports name what is left when countries have been told
REST = (
    r"(?:non|outside|other|rest|allother|international|foreign|remaining).*|"
    r".*(?:other|restof|nonus|noncurrent).*"
)
DIGITS = 9  # of a fraction; figures of reports have fewer


def shares(figures: pd.DataFrame) -> pd.DataFrame:
    """Return each place's part of a filer's assets or sales, by report.

    `figures` has cik, fact, place (empty for the whole), period_end, value and
    known_on. The parts are averages of two fiscal years, or of the one that is known.
    A year with a negative figure tells nothing. Columns: cik, fact, known_on,
    period_end, place, frac. Source: Ground Rules v7.0, Appendix B.
    """
    year = ["cik", "fact", "period_end"]
    columns = [*year[:2], "known_on", "period_end", "place", "frac"]
    first = figures.drop_duplicates([*year, "place"])
    whole = first.loc[first["place"] == "", [*year, "value"]]
    parts = first[first["place"] != ""]
    if parts.empty:
        return pd.DataFrame(columns=columns)
    of_year = parts.groupby(year)
    parts = parts.assign(
        least=of_year["value"].transform("min"),
        summed=of_year["value"].transform("sum"),
        known_on=of_year["known_on"].transform("max"),
    ).merge(whole.rename(columns={"value": "whole"}), on=year, how="left")
    total = parts["whole"].fillna(parts["summed"])
    parts = parts.assign(frac=parts["value"] / total)
    parts = parts[(parts["least"] >= 0) & (total > 0)]
    before = parts[[*year, "place", "frac"]]
    ends = before[year].drop_duplicates().sort_values(year)
    ends = ends.assign(last_end=ends.groupby(["cik", "fact"])["period_end"].shift())
    before = before.rename(columns={"period_end": "last_end", "frac": "last_frac"})
    parts = parts.merge(ends, on=year)
    parts = parts.merge(before, on=["cik", "fact", "last_end", "place"], how="left")
    averaged = (parts["frac"] + parts["last_frac"].fillna(0)) / 2
    parts["frac"] = averaged.where(parts["last_end"].notna(), parts["frac"])
    return parts.sort_values(columns[:5], ignore_index=True)[columns]


def primary(parts: pd.DataFrame, rules: Rulebook) -> pd.DataFrame:
    """Return the place that leads each report, where it leads by enough.

    `parts` is the output of `shares`. A place must lead every other country and region
    by 20 points; where only the rest of the world stands beside it, have 40%. Columns:
    cik, fact, known_on, country, frac. Source: Ground Rules v7.0, Appendix B.
    """
    report = ["cik", "fact", "known_on", "period_end"]
    named = parts[~parts["place"].str.lower().str.fullmatch(REST)]
    named = named.sort_values([*report, "frac"], ascending=[True] * 4 + [False])
    following = named.groupby(report)["frac"].shift(-1)
    first = ~named.duplicated(report)
    lead = (named["frac"] - following).round(DIGITS)  # 0.6 - 0.4 is a lead of 0.2
    is_ahead = lead >= rules.primary_country_lead_frac
    is_alone = following.isna()
    is_ahead |= is_alone & (named["frac"] >= rules.primary_country_least_frac)
    found = named[first & is_ahead].rename(columns={"place": "country"})
    found = found.drop_duplicates(report[:3], keep="last")  # the newest year
    return found[[*report[:3], "country", "frac"]].reset_index(drop=True)
