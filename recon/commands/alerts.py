"""`recon alert`: what there is to tell, sent once; and the same after `recon daily`."""

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from recon.commands import DEFAULT_STORE, StoreFolder
from recon.commands.daily import moment
from recon.errors import ReconError

RULES = "RECON_ALERTS"  # names a file of rules elsewhere


def alert(
    store: StoreFolder = DEFAULT_STORE,
    rules: Annotated[
        Path | None,
        typer.Option(help="File of rules; alerts.toml in the store's folder if none."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be sent; send nothing.")
    ] = False,
    now: Annotated[
        str | None, typer.Option(hidden=True, help="Moment to take for now, ISO.")
    ] = None,
) -> None:
    """Tell what is new by the rules of a file: mail, webhook, file or feed.

    Each alert is sent once over each channel, however often this runs; what a channel
    does not take is sent the next time. Exit code 1 where one did not. Passwords and
    addresses of webhooks come from the environment.
    """
    from recon import alerts
    from recon.alerts import keeping
    from recon.store import Store

    declared = alerts.read(rules or rules_file(store))
    if not dry_run:
        for told in alerts.tell(store, declared, moment(now)):
            typer.echo(told.words())
        return
    state, facts = keeping.read(store / alerts.STATE_FILE), Store(store)
    found = alerts.find(facts, declared, moment(now), state.base_for(facts))
    for channel in declared.channel:
        own = found.of(declared.names_for(channel.name))
        new = state.unsent(channel.name, own)
        typer.echo(f"{channel.name} ({channel.kind}): {len(new):,} to send")
        for each in new:
            typer.echo(f"  {each.title}. {each.text}")
    for words in found.unanswered_words():
        typer.echo(words)


def rules_file(store: Path) -> Path:
    """Return the file of rules of a store: `RECON_ALERTS`, else in its folder."""
    from recon.alerts import RULES_FILE

    named = os.environ.get(RULES)
    return Path(named) if named else store / RULES_FILE


def after_daily(store: Path, now: datetime) -> list[str]:
    """Tell what is new after a day's work; return what became of it, line by line.

    Nothing where there is no file of rules. The work stands whatever becomes of it.
    """
    path = rules_file(store)
    if not path.exists():
        return []
    from recon import alerts

    try:
        told = alerts.tell(store, alerts.read(path), now)
    except ReconError as error:
        return [f"alerts not sent: {error}"]
    return [each.words() for each in told if each.sent_count or each.waiting_count]
