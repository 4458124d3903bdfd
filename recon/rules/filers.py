"""What filings say of a listed company: its structure and its nationality.

Filings decide where they speak; where they do not, the listing's own words stand
(`eligibility`). Each answer counts from the day of the filing that gives it.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from recon.rulebook import Rulebook
from recon.rules import countries

# forms: an election as a business development company and its end, reports of
# registered funds, the end of a shell company (item 5.06 of 8-K)
ELECTED, WITHDRAWN, FUND_REPORT, CURRENT = "N-54A", "N-54C", "N-CSR", "8-K"
FORMS = (ELECTED, WITHDRAWN, FUND_REPORT, CURRENT)
SHELL_ENDED = "5.06"
BLANK_CHECKS, ROYALTIES = 6770, 6792  # the SEC's codes of industries
LIMITED_PARTNERSHIP = r"\bl\.?\s?p\.?$|limited partnership$"
LIMITED_LIABILITY = r"\bl\.?\s?l\.?\s?c\.?$|limited liability company$"
INVESTMENT = "investment"  # the SEC's type of a registered fund
ROYALTY_TRUST = r"\btrust\b"
FACT_WORDS = {countries.ASSETS: "long-lived assets", countries.SALES: "revenue"}
SAYS_NOTHING, FAILS, PASSES = "", "fail", "pass"


@dataclass(frozen=True, kw_only=True)
class Filed:
    """What filings have told, as the store's tables of these names have it."""

    filers: pd.DataFrame
    symbols: pd.DataFrame
    forms: pd.DataFrame
    by_country: pd.DataFrame


def judge(filed: Filed, rules: Rulebook) -> pd.DataFrame:
    """Return what each symbol's filer is, from each day on which that changes.

    Columns: symbol, known_on, until (the day to which the symbol is stated as its
    filer's), and of structure and country each the outcome (pass, fail, empty where
    filings do not say) and the words. Source: Ground Rules v7.0, 5.3 to 5.5, 5.11.
    """
    states = _states(filed, rules)
    structure, structure_words = _structure(states)
    country, country_words = _country(states, rules)
    told = states[["cik", "known_on"]].assign(
        structure=structure,
        structure_words=structure_words,
        country=country,
        country_words=country_words,
    )
    symbols = filed.symbols.sort_values(["symbol", "known_on", "seen_on"])
    following = symbols.groupby("symbol")["known_on"].shift(-1)
    symbols = symbols.assign(next_on=following, stated_on=symbols["known_on"])
    rows = symbols.drop(columns="known_on").merge(told, on="cik")
    rows["known_on"] = rows[["known_on", "stated_on"]].max(axis=1)
    rows = rows[rows["next_on"].isna() | (rows["known_on"] < rows["next_on"])]
    rows = rows.sort_values(["symbol", "known_on"], kind="stable")
    rows = rows.drop_duplicates(["symbol", "known_on"], keep="last")
    columns = ["symbol", "known_on", "seen_on", *COLUMNS]
    return rows[columns].reset_index(drop=True)


COLUMNS = ("structure", "structure_words", "country", "country_words")


def _states(filed: Filed, rules: Rulebook) -> pd.DataFrame:
    """Return each filer's state, a row each day on which something became known."""
    forms = filed.forms.rename(columns={"filed_on": "known_on"})
    is_end = forms["form"].eq(CURRENT) & forms["items"].fillna("").str.contains(
        SHELL_ENDED, regex=False
    )
    day = forms["known_on"]
    events = forms[["cik", "known_on"]].assign(
        elected_on=day.where(forms["form"] == ELECTED),
        withdrawn_on=day.where(forms["form"] == WITHDRAWN),
        fund_on=day.where(forms["form"] == FUND_REPORT),
        ended_on=day.where(is_end),
    )
    stated = filed.filers.assign(stated_on=filed.filers["known_on"])
    parts = [stated, events, _primary(filed, rules)]
    states = pd.concat(parts, ignore_index=True)
    states = states.sort_values(["cik", "known_on"], kind="stable")
    carried = states.groupby("cik").ffill()
    states[carried.columns] = carried
    return states.drop_duplicates(["cik", "known_on"], keep="last")


def _primary(filed: Filed, rules: Rulebook) -> pd.DataFrame:
    """Return the primary countries by report, of assets and of sales, in words too."""
    told = countries.primary(countries.shares(filed.by_country), rules)
    columns: dict[str, pd.Series] = {}
    for fact, name in FACT_WORDS.items():
        is_own = told["fact"] == fact
        part = (told["frac"] * 100).map("{:.0f}".format).astype("str")
        words = part + f"% of {name} in " + told["country"].astype("str")
        columns[f"{fact}_country"] = told["country"].astype("str").where(is_own)
        columns[f"{fact}_words"] = words.where(is_own)
    found = told[["cik", "known_on"]].assign(**columns)
    return found.astype({"cik": "int64", "known_on": "datetime64[us]"})


def _structure(states: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return outcome and words of structure: fails where a filing says so."""
    name = states["name"].astype("str").fillna("").str.lower().str.strip()
    sic = states["sic"]
    is_elected = states["elected_on"].notna() & ~(
        states["withdrawn_on"] >= states["elected_on"]
    )
    is_home = states["incorporated_in"].eq("US")
    conditions = [
        (is_elected, "business development company by its N-54A", "elected_on"),
        (
            states["fund_on"].notna(),
            "registered fund, which reports on N-CSR",
            "fund_on",
        ),
        (
            states["entity_type"].eq(INVESTMENT),
            "investment company by the SEC's type of it",
            "stated_on",
        ),
        (
            sic.eq(BLANK_CHECKS) & states["ended_on"].isna(),
            f"blank-check company by SIC code {BLANK_CHECKS}",
            "stated_on",
        ),
        (
            sic.eq(ROYALTIES) & name.str.contains(ROYALTY_TRUST),
            f"royalty trust by SIC code {ROYALTIES} and name",
            "stated_on",
        ),
        (name.str.contains(LIMITED_PARTNERSHIP), "limited partnership", "stated_on"),
        (
            name.str.contains(LIMITED_LIABILITY) & is_home,
            "limited liability company",
            "stated_on",
        ),
    ]
    words = np.full(len(states), "", dtype=object)
    for applies, what, since in reversed(conditions):
        said = what + ", filed " + states[since].dt.strftime("%Y-%m-%d")
        words = np.where(applies.fillna(False).to_numpy(bool), said, words)
    return np.where(words != "", FAILS, SAYS_NOTHING), words


def _country(states: pd.DataFrame, rules: Rulebook) -> tuple[np.ndarray, np.ndarray]:
    """Return outcome and words of nationality, in the order of the clauses.

    All indicators in one country; else the primary country of assets or sales where it
    is one of them; else the headquarters, unless in a benefit-driven country, and then
    the exchange, which is a US one for all that is listed here. Without figures by
    country a base abroad of a company that is incorporated at home is left open.
    """
    incorporated, based = states["incorporated_in"], states["based_in"]
    home = list(rules.home_countries)
    is_based, is_incorporated = based.isin(home), incorporated.isin(home)
    benefit = based.isin(rules.benefit_driven_countries)
    known = incorporated.notna() & based.notna()
    where = "incorporated in " + incorporated.astype("str") + ", headquarters in "
    where += based.astype("str")
    decided: list[tuple[pd.Series, str, pd.Series | str]] = [
        (is_based & is_incorporated, PASSES, "all indicators agree")
    ]
    for fact in FACT_WORDS:
        primary, words = states[f"{fact}_country"], states[f"{fact}_words"]
        is_abroad = (primary == based) | (primary == incorporated)
        decided += [(primary.isin(home), PASSES, words), (is_abroad, FAILS, words)]
    decided += [
        (is_based, PASSES, "headquarters decide"),
        (benefit, PASSES, "benefit-driven base: the exchange decides"),
        (~is_incorporated, FAILS, "headquarters decide"),
    ]
    tests = [
        (known & applies).fillna(False).to_numpy(bool) for applies, _, _ in decided
    ]
    outcome = np.select(tests, [each for _, each, _ in decided], SAYS_NOTHING)
    reasons = [
        np.asarray(why.fillna("") if isinstance(why, pd.Series) else why, dtype=object)
        for _, _, why in decided
    ]
    reason = np.select(tests, [np.broadcast_to(r, len(states)) for r in reasons], "")
    day = states["stated_on"].dt.strftime("%Y-%m-%d")
    said = where + ", filed " + day + ": " + pd.Series(reason, states.index)
    return outcome, np.where(outcome != SAYS_NOTHING, said.to_numpy(object), "")
