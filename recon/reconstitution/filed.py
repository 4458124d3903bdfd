"""What filings say of the listings of a day, beside what listings say themselves."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from recon.reconstitution.facts import Facts
from recon.rulebook import Rulebook
from recon.rules import filers
from recon.rules.eligibility import COUNTRY, OUTCOMES, STRUCTURE, UNKNOWN

NONE = -1  # place of a listing of which filings say nothing
SCREENS = (STRUCTURE, COUNTRY)


def judged_by_symbol(facts: Facts, rules: Rulebook) -> pd.DataFrame:
    """Return `filers.judge` of all that is kept; empty where nothing is."""
    stated = facts.filers(date.max)
    if stated.empty:
        return pd.DataFrame(columns=["symbol", "known_on", "seen_on", *filers.COLUMNS])
    told = filers.Filed(
        filers=stated,
        symbols=facts.filer_symbols(date.max),
        forms=facts.filings(date.max, filers.FORMS),
        by_country=facts.filed_by_country(date.max),
    )
    return filers.judge(told, rules)


def places(
    filed: pd.DataFrame, days: np.ndarray, keys: np.ndarray, rules: Rulebook
) -> np.ndarray:
    """Return the row of `judged_by_symbol` in force for each day and key, or NONE."""
    found = np.full(len(days), NONE, dtype=np.int32)
    says = (filed[["structure", "country"]] != "").any(axis=1)
    if not says.any():
        return found
    known = pd.Index(filed["symbol"].unique())
    rows = np.flatnonzero(known.get_indexer(keys) >= 0)
    asked = pd.DataFrame(
        {
            "known_on": days[rows].astype("datetime64[us]"),
            "symbol": keys[rows],
            "row": rows,
        }
    )
    table = filed[["known_on", "symbol", "seen_on"]].assign(place=range(len(filed)))
    table = table.astype({"known_on": "datetime64[us]", "symbol": "str"})
    merged = pd.merge_asof(
        asked.astype({"symbol": "str"}).sort_values("known_on", kind="stable"),
        table.sort_values("known_on", kind="stable"),
        on="known_on",
        by="symbol",
    )
    last = merged["seen_on"] + pd.Timedelta(days=rules.heuristics.filer_symbol_days)
    merged = merged[merged["place"].notna() & (merged["known_on"] <= last)]
    found[merged["row"].to_numpy(int)] = merged["place"].to_numpy(np.int32)
    found[(found != NONE) & ~says.to_numpy()[found]] = NONE
    return found


def outcomes(filed: pd.DataFrame, at: np.ndarray) -> dict[str, np.ndarray]:
    """Return each screen's outcome by filings, as a place in `eligibility.OUTCOMES`."""
    code = {word: place for place, word in enumerate(OUTCOMES)}
    found = {}
    if not len(filed):
        return {name: np.full(len(at), UNKNOWN, dtype=np.int8) for name in SCREENS}
    for name in SCREENS:
        told = filed[name].map(code).fillna(UNKNOWN).to_numpy(np.int8)
        outcome = np.full(len(at), UNKNOWN, dtype=np.int8)
        outcome[at != NONE] = told[at[at != NONE]]
        found[name] = outcome
    return found


def overruled(
    judged: Mapping[str, np.ndarray], by_filings: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Return outcomes of listings with those of filings in place where they speak."""
    return {
        name: np.where(by_filings[name] != UNKNOWN, by_filings[name], outcome)
        if name in by_filings
        else outcome
        for name, outcome in judged.items()
    }
