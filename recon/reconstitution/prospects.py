"""Companies that may be ranked on a later day, whatever their prices become."""

import numpy as np
import pandas as pd

from recon.reconstitution.applying import current_index, pass_listings
from recon.reconstitution.filed import outcomes, overruled
from recon.reconstitution.gathered import Gathered
from recon.rules import eligibility
from recon.rules.eligibility import COUNTRY, UNKNOWN

SHELL, FLOAT = "blank-check company", "free float"
FROM_LISTINGS = ("symbol", "key", "company", "sector", "ipo_year")


def prospects(gathered: Gathered) -> pd.DataFrame:
    """Return every company of one day with what its listing alone decides.

    Largest first: the columns of `Gathered.companies` and of `FROM_LISTINGS`,
    current_index, `has_index`, and `failed_screen`, the first screen that no price
    decides and that it fails, empty where it passes them all. Closes and market caps
    are left to be screened.
    """
    companies = gathered.companies
    passes, has_index = pass_listings(gathered)
    at = companies["at"].to_numpy()
    listings = gathered.securities.iloc[at]
    return companies.assign(
        **{name: listings[name].to_numpy() for name in FROM_LISTINGS},
        current_index=current_index(gathered, companies),
        has_index=has_index,
        passes_listing=passes,
        failed_screen=np.where(passes, "", _failed(gathered, at)),
    )


def _failed(gathered: Gathered, at: np.ndarray) -> np.ndarray:
    """Name the first screen of each company's listing that stops it."""
    (spell,) = gathered.spells
    evidence, rules = spell.evidence, gathered.rules
    judged = eligibility.judge_listings(gathered.securities, rules)
    told = outcomes(gathered.filed, gathered.companies["filed_at"].to_numpy())
    weighed = eligibility.weigh_evidence(
        overruled({name: found[at] for name, found in judged.items()}, told),
        evidence.is_member[at],
        evidence.is_left_out[at],
        evidence.was_home[at] & (told[COUNTRY] == UNKNOWN),
    )
    stopped = [eligibility.stops(name, found, rules) for name, found in weighed.items()]
    is_shell = gathered.companies["is_shell"].to_numpy(bool)
    return np.select([*stopped, is_shell], [*weighed, SHELL], FLOAT)
