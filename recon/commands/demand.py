"""`recon demand`: what an event makes passive money trade."""

from functools import cache, partial
from typing import Annotated

import typer

from recon.commands import (
    DEFAULT_STORE,
    Format,
    FormatChoice,
    Output,
    StoreFolder,
    day_of,
    write,
)
from recon.errors import BadRequest
from recon.store import Store

COLUMNS = [
    "symbol",
    "company",
    "move",
    "current_index",
    "projected_index",
    "demand_usd_low",
    "demand_usd",
    "demand_usd_high",
    "demand_shares",
    "adv_shares_20",
    "demand_days",
    "demand_float_frac",
    "legs",
    "adv_shares_60",
    "demand_days_60",
    "demand_days_median_20",
    "demand_days_median_60",
    "available_shares",
    "float_basis",
    "close_usd",
    "sector",
    "reason",
]


def demand(
    as_of: Annotated[str, typer.Option("--as-of", help="Day, YYYY-MM-DD.")],
    store: StoreFolder = DEFAULT_STORE,
    format_: FormatChoice = Format.TABLE,
    output: Output = None,
    assets: Annotated[
        list[str] | None,
        typer.Option(help="INDEX=BN, base money in $bn, such as R2000=140."),
    ] = None,
    as_if_ranked: Annotated[
        bool, typer.Option("--as-if-ranked", help="What if it were ranked that day.")
    ] = False,
) -> None:
    """What passive money must trade of every security, net over all indexes.

    One row a security that trades, the largest trade first; positive is buying.
    Columns: symbol, company, move, current_index, projected_index, demand_usd_low,
    demand_usd, demand_usd_high (with low, base and high money), demand_shares,
    adv_shares_20 (mean daily volume of 20 sessions), demand_days, demand_float_frac,
    legs (what each index trades); then adv_shares_60, demand_days_60 and, by the
    median volume, demand_days_median_20 and demand_days_median_60, available_shares,
    float_basis (how they are known), close_usd, sector and reason, why a figure of the
    row is not known.
    """
    from recon import reconstitution
    from recon.studies import demand as study
    from recon.studies import style as styles

    day = day_of(as_of, "as-of")
    if day is None:
        raise BadRequest("--as-of needs a day, such as 2024-04-30.")
    facts, given = Store(store), given_of(assets or [])
    run = reconstitution.project_as_if if as_if_ranked else reconstitution.project
    project_on = cache(partial(run, facts))
    companies, missing = None, study.NO_FUNDAMENTALS
    if len(facts.fundamentals(facts.day_on_or_before(day))):
        styled = styles.project(facts, day, project_on)
        companies, missing = styled.companies, styled.missing
    known = study.known_of(facts, project_on(day), companies, missing)
    estimated = study.estimate(known, given)
    for words in study.caveats(estimated):
        typer.echo(f"recon: {words}", err=True)
    write(estimated.securities[COLUMNS], format_, output)


def given_of(assets: list[str]) -> dict[str, float]:
    """Read INDEX=BN of the command line; BadRequest where it cannot be read."""
    from recon.studies.demand.legs import TRACKED

    given: dict[str, float] = {}
    for text in assets:
        code, _, amount = text.partition("=")
        try:
            usd = float(amount) * 1e9
        except ValueError:
            usd = -1.0
        if code.upper() not in TRACKED or not 0 <= usd < float("inf"):
            raise BadRequest(
                f"--assets is '{text}'; expected an index and billions of dollars such "
                f"as R2000=140, the index one of {', '.join(TRACKED)}."
            )
        given[code.upper()] = usd
    return given
