"""`recon check`: what of a store is sound, and back to what is."""

from typing import Annotated

import typer

from recon.commands import DEFAULT_STORE, StoreFolder
from recon.formatting import count
from recon.store import recovery
from recon.store.recovery import Found


def check(
    store: StoreFolder = DEFAULT_STORE,
    repair: Annotated[
        bool, typer.Option("--repair", help="Go back to the newest whole generation.")
    ] = False,
) -> None:
    """Say what of the store is sound, file by file; --repair goes back to it.

    Exit code 0 if the newest generation is whole, or was made so; else 1.
    """
    health = recovery.check(store)
    for found in health.found:
        typer.echo(f"generation {found.manifest.generation}: {_words(found)}")
    if not health.fault:
        typer.echo(f"{store} is sound.")
        return
    typer.echo(f"damaged: {health.fault}")
    whole = health.newest_whole()
    if whole is None or not repair:
        typer.echo(
            "No generation is whole: move the folder away and load again."
            if whole is None
            else f"'--repair' goes back to generation {whole.manifest.generation}."
        )
        raise typer.Exit(1)
    recovery.repair(store)
    typer.echo(
        f"Went back to generation {whole.manifest.generation}; load again what came "
        "after it."
    )


def _words(found: Found) -> str:
    if found.fault:
        return f"damaged, {found.fault}"
    last = f", the last {found.last_day}" if found.last_day else ""
    return f"whole, {count(found.day_count, 'day')}{last}"
