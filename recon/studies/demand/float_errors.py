"""How far each way to know available shares errs, measured on the lists of a store.

The newest list of each whole index is taken for the truth: what a fund that holds all
of it was told. Each other way is asked for the same companies as if that list were not
there.
"""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from recon.indexes import BROAD, INDEXES
from recon.rulebook import HEURISTICS, Rulebook
from recon.studies.demand import floats
from recon.studies.demand.facts import DemandFacts

OLDER, SAMPLE = "an older list of the index", "a list of a sample of the Russell 3000"
PROVIDER, PEERS, ALL = "a provider's free float", "the median of peers", "all shares"
JOINED = "the median of peers, for names that joined since the older list"
FOLDS, SEED = 5, 20240430
COLUMNS = ["way", "names", "median_error_frac", "mean_points_frac", "within_frac"]
WITHIN = 0.10  # points of float


def measure(facts: DemandFacts, day: date, rules: Rulebook) -> pd.DataFrame:
    """Return one row per way with its error, against the lists known on a day.

    Columns: way, names, median_error_frac (median size of the ratio less one),
    mean_points_frac (mean size of the difference, points of float), within_frac (names
    within ten points). Peers are asked five times, each of a fifth from the others.
    """
    since = day - timedelta(days=HEURISTICS.float_list_max_days)
    held = facts.fund_holdings(since, day)
    held = held[held["index"].isin(INDEXES)]
    truth, older = _newest_and_older(facts, held[held["index"] != BROAD], rules)
    if truth.empty:
        return pd.DataFrame(columns=COLUMNS)
    last = truth["as_of"].max()
    sample = _last(
        facts, held[(held["index"] == BROAD) & (held["as_of"] <= last)], rules
    )
    told = facts.free_floats(last.date()).drop_duplicates("symbol", keep="last")
    session = facts.day_on_or_before(last.date())
    companies = _companies(facts, truth, session)
    real = companies["free_float_frac"]
    joined = ~companies.index.isin(older.index) & companies["had_older"].to_numpy(bool)
    known_before = real.where(~joined)
    ways = {
        OLDER: older["free_float_frac"].reindex(companies.index),
        SAMPLE: sample["free_float_frac"].reindex(companies.index),
        PROVIDER: told.set_index("symbol")["free_float_frac"].reindex(companies.index),
        PEERS: _by_folds(companies, real, session.year, rules),
        ALL: pd.Series(1.0, index=companies.index),
        JOINED: floats.medians(companies, known_before, session.year, rules).where(
            joined
        ),
    }
    rows = [_row(way, estimate, real) for way, estimate in ways.items()]
    return pd.DataFrame([row for row in rows if row["names"]], columns=COLUMNS)


def _newest_and_older(
    facts: DemandFacts, held: pd.DataFrame, rules: Rulebook
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the floats of each index's newest list, and of the one before it."""
    newest, older = [floats.EMPTY], [floats.EMPTY]
    for _, of_index in held.groupby("index"):
        days = np.sort(of_index["as_of"].unique())
        for at, parts in ((-1, newest), (-2, older)):
            if len(days) >= -at:
                of_day = of_index[of_index["as_of"] == days[at]]
                found = _last(facts, of_day, rules)
                parts.append(found.assign(had_older=len(days) > 1))
    return _once(pd.concat(newest)), _once(pd.concat(older))


def _once(table: pd.DataFrame) -> pd.DataFrame:
    return table[~table.index.duplicated()]


def _last(facts: DemandFacts, held: pd.DataFrame, rules: Rulebook) -> pd.DataFrame:
    """Return the floats of the last list among some; none where no session is near."""
    if held.empty:
        return floats.EMPTY
    day = held["as_of"].max()
    if (session := floats.session_of(facts, day, rules)) is None:
        return floats.EMPTY
    of_day = held[held["as_of"] == day].drop_duplicates("symbol")
    return floats.of_list(facts, of_day, session, rules).assign(as_of=day)


def _companies(facts: DemandFacts, truth: pd.DataFrame, session: date) -> pd.DataFrame:
    """Return what peers are found by, of the companies of the newest lists."""
    quotes = floats.priced(facts, session)
    years = facts.securities(session, session).set_index("security_id")["ipo_year"]
    table = truth.join(quotes, how="inner")
    return table.assign(
        class_cap_usd=table["total_market_cap_usd"],
        ipo_year=table["security_id"].map(years).astype(float),
    )


def _by_folds(
    table: pd.DataFrame, real: pd.Series, year: int, rules: Rulebook
) -> pd.Series:
    """Ask each fifth of the companies from the others."""
    fold = np.random.default_rng(SEED).integers(0, FOLDS, len(table))
    found = pd.Series(np.nan, index=table.index)
    for number in range(FOLDS):
        others = real.where(fold != number)
        peers = floats.medians(table, others, year, rules)
        found = found.mask(fold == number, peers)
    return found


def _row(way: str, estimate: pd.Series, real: pd.Series) -> dict[str, object]:
    both = estimate.notna() & (estimate > 0) & (real > 0)
    ratio, points = estimate[both] / real[both], (estimate - real)[both].abs()
    return {
        "way": way,
        "names": int(both.sum()),
        "median_error_frac": float(np.expm1(np.log(ratio).abs().median())),
        "mean_points_frac": float(points.mean()),
        "within_frac": float((points <= WITHIN).mean()),
    }
