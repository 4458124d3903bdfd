"""Which sectors lead, by their segments, and what the coming event would tilt.

Levels are of table `SegmentDays`; weights before and after an event are total market
caps of a projection's companies, by the index they are in now and by the rules.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from recon.indexes import BROAD, IN_BROAD, LARGE, SMALL
from recon.reconstitution import Projection
from recon.rules import segments
from recon.vocabulary import NOT_KNOWN

STRENGTH_SESSIONS, MOMENTUM_SESSIONS = 60, 20
TRAIL_SESSIONS, TRAIL_STEP = 10, 5
LEADING, WEAKENING = "leading", "weakening"
LAGGING, IMPROVING = "lagging", "improving"
TECHNOLOGY = "Technology"


def relative(days: pd.DataFrame) -> pd.DataFrame:
    """Return each sector's strength and momentum against the Russell 3000.

    `days` is table `SegmentDays`. With RS the sector's level over the index's, strength
    is 100 + (RS less its mean of 60 sessions) in standard deviations of those; momentum
    is the same of the change of strength over 20 sessions. JdK's own formula is not
    published; this is alike. Columns: snapshot_date, sector, strength, momentum,
    quadrant; the last session and those five and ten before it.
    """
    rows = days[days["segment"].eq(BROAD) & days["sector"].ne(NOT_KNOWN)]
    moved = rows.pivot(
        index="snapshot_date", columns="sector", values="cap_weighted_frac"
    )
    level = (1 + moved.fillna(0)).cumprod()
    ratio = level.div(level[segments.WHOLE], axis=0).drop(columns=segments.WHOLE)
    strength = _standard(ratio)
    momentum = _standard(strength.diff(MOMENTUM_SESSIONS))
    shown = strength.index[-1 : -TRAIL_SESSIONS - 2 : -TRAIL_STEP][::-1]
    table = pd.DataFrame(
        {
            "strength": strength.loc[shown].stack(),
            "momentum": momentum.loc[shown].stack(),
        }
    ).dropna()
    table = table.reset_index()
    return table.assign(
        quadrant=np.select(
            [
                (table["strength"] >= 100) & (table["momentum"] >= 100),
                table["strength"] >= 100,
                table["momentum"] >= 100,
            ],
            [LEADING, WEAKENING, IMPROVING],
            LAGGING,
        )
    )


def _standard(values: pd.DataFrame) -> pd.DataFrame:
    window = values.rolling(STRENGTH_SESSIONS)
    return 100 + (values - window.mean()) / window.std()


def inside_sectors(days: pd.DataFrame, since: pd.Timestamp) -> pd.DataFrame:
    """Return small against large caps inside each sector, since a session.

    Columns: sector, small_frac and large_frac (returns), lead_frac (small against
    large), small_weight_frac and large_weight_frac (of their index, on the last
    session).
    """
    rows = days[(days["snapshot_date"] > since) & days["segment"].isin(IN_BROAD)]
    parts = rows[~rows["sector"].isin([segments.WHOLE, NOT_KNOWN])]
    growth = (
        (1 + parts["cap_weighted_frac"])
        .groupby([parts["sector"], parts["segment"]])
        .prod()
        .unstack()
    )
    last = rows[rows["snapshot_date"].eq(rows["snapshot_date"].max())]
    cap = last.set_index(["sector", "segment"])["start_cap_usd"].unstack()
    weight = cap / cap.loc[segments.WHOLE]
    table = pd.DataFrame(
        {
            "small_frac": growth[SMALL] - 1,
            "large_frac": growth[LARGE] - 1,
            "lead_frac": growth[SMALL] / growth[LARGE] - 1,
            "small_weight_frac": weight[SMALL].reindex(growth.index),
            "large_weight_frac": weight[LARGE].reindex(growth.index),
        }
    )
    return table.sort_values("lead_frac", ascending=False).reset_index()


def tilt(projection: Projection) -> pd.DataFrame:
    """Return the weight of each sector in both indexes, now and by the rules.

    One row per index and sector: index, sector, before_frac, after_frac, change_frac;
    weights are of total market caps. A sector that is not known is called so.
    """
    companies = projection.companies
    sector = companies["sector"].astype(object).fillna(NOT_KNOWN)
    cap = companies["total_market_cap_usd"]
    rows = []
    for index in (LARGE, SMALL):
        weights = {}
        for name, column in (
            ("before_frac", "current_index"),
            ("after_frac", "projected_index"),
        ):
            own = cap.where(companies[column].eq(index), 0).groupby(sector).sum()
            weights[name] = own / own.sum() if own.sum() else own * np.nan
        rows.append(pd.DataFrame(weights).assign(index=index))
    table = pd.concat(rows).rename_axis("sector").reset_index()
    table["change_frac"] = table["after_frac"] - table["before_frac"]
    columns = ["index", "sector", "before_frac", "after_frac", "change_frac"]
    return table[columns].sort_values(["index", "sector"], ignore_index=True)


def statements(projections: Sequence[Projection]) -> pd.DataFrame:
    """Test what desks say that an event tilts, on projections of rank days.

    One row a statement and day: statement, ranked_on, before_frac, after_frac,
    change_frac, holds (whether the change is above zero). What the tilt of an event is
    follows from prices of the year before, so few years prove little: count them.
    """
    rows = []
    for projection in projections:
        companies = projection.companies
        cap = companies["total_market_cap_usd"]

        def part(of: pd.Series, whole: pd.Series, cap: pd.Series = cap) -> float:
            total = float(cap[whole].sum())
            return float(cap[of & whole].sum()) / total if total else np.nan

        is_tech = companies["sector"].eq(TECHNOLOGY)
        now, then = companies["current_index"], companies["projected_index"]
        for words, of_now, of_then, whole_now, whole_then in (
            (
                "larger over small: R1000 in the R3000",
                *(now.eq(LARGE), then.eq(LARGE)),
                *(now.isin(IN_BROAD), then.isin(IN_BROAD)),
            ),
            (
                "tech over the rest: Technology in the R1000",
                *(is_tech, is_tech, now.eq(LARGE), then.eq(LARGE)),
            ),
            (
                "tech over the rest: Technology in the R2000",
                *(is_tech, is_tech, now.eq(SMALL), then.eq(SMALL)),
            ),
        ):
            before, after = part(of_now, whole_now), part(of_then, whole_then)
            rows.append(
                {
                    "statement": words,
                    "ranked_on": pd.Timestamp(projection.snapshot_date),
                    "before_frac": before,
                    "after_frac": after,
                    "change_frac": after - before,
                    "holds": "yes" if after > before else "no",
                }
            )
    return pd.DataFrame(rows)
