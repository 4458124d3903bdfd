"""Being told: rules in one readable file, each alert sent once over each channel.

`rules` reads the file, `finding` asks the store what there is to tell, `sending` takes
it out, `keeping` remembers in the store's folder what has been sent; decision 0052.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from recon.alerts import keeping, sending
from recon.alerts.finding import Alert, Found, find
from recon.alerts.rules import Channel, Rules, read
from recon.errors import AlertUnsent, StoreBusy
from recon.store import Store, locks

__all__ = ["Alert", "Told", "find", "read", "tell"]

RULES_FILE, STATE_FILE, LOCK_FILE = "alerts.toml", "alerts.json", "alerts.lock"


@dataclass(frozen=True, kw_only=True)
class Told:
    """What became of a channel's alerts: how many were sent, and what was not, why."""

    channel: str
    sent_count: int
    waiting_count: int = 0
    reason: str = ""

    def words(self) -> str:
        """Return it as a line, such as ``desk: 3 alerts sent``."""
        parts = [f"{self.sent_count:,} sent"] if self.sent_count else []
        if self.waiting_count:
            parts.append(f"{self.waiting_count:,} waiting: {self.reason}")
        return f"alerts to {self.channel}: {', '.join(parts) or 'nothing new'}"


def tell(
    folder: Path,
    rules: Rules,
    now: datetime,
    wait_seconds: float = 30.0,
    found: Callable[[Store, Rules, datetime, str | None], Found] = find,
) -> list[Told]:
    """Send what is new of a store by its rules, each alert once over each channel.

    What a channel does not take stays for the next time. A process that dies between
    two channels leaves the first as sent.

    Raises
    ------
    StoreBusy
        If another process is telling the same.
    AlertUnsent
        If a channel refused, or a rule has no answer: after the others were served.
    """
    with locks.held(folder / LOCK_FILE, wait_seconds) as is_ours:
        if not is_ours:
            raise StoreBusy(f"Another process sends the alerts of {folder}; try again.")
        state = keeping.read(folder / STATE_FILE)
        store = Store(folder)
        told = found(store, rules, now, state.base_for(store))
        store.close()
        state = state.with_days(told.since, told.day)
        keeping.write(folder / STATE_FILE, state)
        done = []
        for channel in rules.channel:
            new = state.unsent(channel.name, told.of(rules.names_for(channel.name)))
            outcome, state = _serve(folder, channel, rules, new, state, now)
            done.append(outcome)
    failed = [each for each in done if each.reason and not rules.is_quiet(now)]
    if failed or told.unanswered:
        words = [*(f"{each.words()}." for each in done), *told.unanswered_words()]
        raise AlertUnsent(" ".join(words))
    return done


def _serve(
    folder: Path,
    channel: Channel,
    rules: Rules,
    new: Sequence[Alert],
    state: keeping.State,
    now: datetime,
) -> tuple[Told, keeping.State]:
    """Send a channel its new alerts and keep what was taken; return both."""
    name = channel.name
    if new and rules.is_quiet(now) and not channel.is_silent:
        waiting = f"quiet until {rules.quiet_until()}"
        return Told(
            channel=name, sent_count=0, waiting_count=len(new), reason=waiting
        ), state
    batches = [new] if rules.digest else [[alert] for alert in new]
    sent = 0
    for batch in filter(None, batches):
        try:
            sending.send(folder, channel, batch, now)
        except AlertUnsent as error:
            left = len(new) - sent
            return Told(
                channel=name, sent_count=sent, waiting_count=left, reason=str(error)
            ), state
        sent += len(batch)
        state = state.with_sent(name, batch, now)
        keeping.write(folder / STATE_FILE, state)
    return Told(channel=name, sent_count=sent), state
