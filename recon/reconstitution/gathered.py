"""What the rules need to know, of one day or of many."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from recon.reconstitution.evidence import Spell
from recon.rulebook import Rulebook


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """The facts of one session or of many under the same rules.

    `securities` are prepared attribute versions, `quotes` the rows of the sessions and
    `companies` what they roll up to, largest first within each session, not screened;
    `at` of both is the row in `securities`. `spells` say, in order, what is known of
    membership when. `filed` is what filings say (`filed.judged_by_symbol`), and
    `filed_at` of companies and quotes the row in it.
    """

    rules: Rulebook
    securities: pd.DataFrame
    quotes: pd.DataFrame
    companies: pd.DataFrame
    spells: Sequence[Spell]
    filed: pd.DataFrame = field(default_factory=pd.DataFrame)
