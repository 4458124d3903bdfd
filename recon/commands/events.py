"""`recon events`: what prices did around past events."""

from datetime import date
from enum import StrEnum
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
from recon.studies.events.names import GROUPS
from recon.studies.events.windows import WINDOWS


class Basis(StrEnum):
    """What the lists of names rest on."""

    CAME = "came"
    PROJECTED = "projected"
    OFFICIAL = "official"


def events(
    store: StoreFolder = DEFAULT_STORE,
    year: Annotated[
        list[int] | None, typer.Option(help="Event of a year; all else.")
    ] = None,
    group: Annotated[
        list[str] | None, typer.Option(help=f"One of {', '.join(GROUPS)}.")
    ] = None,
    window: Annotated[
        list[str] | None, typer.Option(help=f"One of {', '.join(WINDOWS)}.")
    ] = None,
    lists: Annotated[
        Basis, typer.Option(help="Names as they came, as projected, or as official.")
    ] = Basis.CAME,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="Day, YYYY-MM-DD; else the last.")
    ] = None,
    format_: FormatChoice = Format.TABLE,
    output: Output = None,
) -> None:
    """What prices did around events: abnormal returns by group and window.

    Columns: year (all for pooled), event, group, window, n, mean_car_frac,
    median_car_frac, ci_low_frac, ci_high_frac, p_placebo, share_positive_frac,
    implementation_volume_multiple, then what stands beside them: p_adjusted and the
    placebos, matched names, names beside the line, and costs. The benchmark of
    mean_car_frac is the cap-weighted return of the companies that are in the R2000
    before and after, from the close of the window's first day to that of its last.
    """
    from recon.exhibits import Answers
    from recon.store import Store
    from recon.studies.events import summary

    _known("group", group, GROUPS)
    _known("window", window, WINDOWS)
    answers = Answers(Store(store))
    day = answers.day_on_or_before(day_of(as_of, "as-of") or date.max)
    past = answers.past_events(day)
    there = sorted({event.year for event in past})
    if not past:
        raise BadRequest(
            f"The store holds no event to study by {day}: it needs listings from rank "
            "day to after the implementation, and membership lists of before and after."
        )
    if missing := sorted(set(year or ()) - set(there)):
        raise BadRequest(
            f"There is no event of {missing[0]} to study by {day}; there is "
            f"{', '.join(map(str, there))}. Load its listings and membership lists of "
            "before and after it."
        )
    wanted = [event for event in past if not year or event.year in year]
    chosen = answers.studied_all(wanted)
    table = summary.summary(chosen, lists.value, day)
    table = table[table["group"].isin(group or GROUPS)]
    table = table[table["window"].isin(window or WINDOWS)]
    write(table.reset_index(drop=True), format_, output)


def _known(option: str, values: list[str] | None, choices: tuple[str, ...]) -> None:
    for value in values or ():
        if value not in choices:
            raise BadRequest(
                f"--{option} is '{value}'; choose one of {', '.join(choices)}."
            )
