"""Commands that list the charts and tables of the pages, and make any of them."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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

if TYPE_CHECKING:
    from recon.exhibits import Exhibit


def listed(format_: FormatChoice = Format.TABLE, output: Output = None) -> None:
    """Every chart and table that the pages show, with what it can be asked.

    Columns: exhibit, kind (chart or table), subject, parameters.
    """
    import pandas as pd

    from recon.exhibits import EXHIBITS

    rows = [
        (key, "chart" if each.is_chart else "table", each.topic(), _parameters(each))
        for key, each in EXHIBITS.items()
    ]
    columns = ["exhibit", "kind", "subject", "parameters"]
    write(pd.DataFrame(rows, columns=columns), format_, output)


def make(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="Such as break-points/drift.")],
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", help="File: .svg .png .csv .xlsx .json .pptx .docx .html."
        ),
    ],
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="Day, YYYY-MM-DD; else the last.")
    ] = None,
    store: StoreFolder = DEFAULT_STORE,
) -> None:
    """Write one chart or table, with the numbers of its page.

    Its parameters are those of its page's link, such as --line "Top 200" or
    --since 2024-01-02; 'recon exhibits' names them. A chart's .csv, .xlsx and .json
    hold the numbers that it draws.
    """
    from recon.exhibits import Answers, exhibit
    from recon.note import output as files
    from recon.store import Store

    declared = exhibit(key)
    files.check_form(declared, output.suffix.lower())
    answers = Answers(Store(store))
    day = answers.day_on_or_before(day_of(as_of, "as-of") or date.max)
    question = declared.question.asked(_asked(context.args), day)
    made = declared.made(answers, question)
    data = files.of_exhibit(made, output.suffix.lower())
    output.write_bytes(data)
    print(f"{output}: {made.piece(made.path()).title}, {made.provenance.day()}")


def _parameters(declared: "Exhibit") -> str:
    return " ".join(f"--{name}" for name in declared.question.parameters())


def _asked(arguments: list[str]) -> dict[str, list[str]]:
    """Read ``--name value`` and ``--name=value``, several times where it is a list."""
    asked: dict[str, list[str]] = {}
    rest = list(arguments)
    while rest:
        option = rest.pop(0)
        if not option.startswith("--"):
            raise BadRequest(f"'{option}' is no option; write --name value.")
        name, is_joined, value = option[2:].partition("=")
        if not is_joined:
            if not rest:
                raise BadRequest(f"--{name} needs a value.")
            value = rest.pop(0)
        asked.setdefault(name, []).append(value)
    return asked
