"""What has been sent, kept in the store's folder in a file never half written."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from recon.alerts.finding import Alert
from recon.errors import AlertRules
from recon.store import Store

KEPT_KEYS = 20_000  # of each channel; the oldest go first


@dataclass(frozen=True, kw_only=True)
class State:
    """What was sent over each channel, by the key of the alert and when.

    `day` is the newest day that was looked at and `since` what it was compared with:
    a second look at a day compares the same two days, however the first one ended.
    """

    day: str | None = None
    since: str | None = None
    sent: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def base_for(self, store: Store) -> str | None:
        """Return the day to compare the store's newest day with, None for any."""
        days = store.published_days()
        newest = str(days[-1].date()) if len(days) else None
        return self.since if newest == self.day else self.day

    def unsent(self, channel: str, alerts: Sequence[Alert]) -> list[Alert]:
        """Return the alerts that a channel has not been sent."""
        known = self.sent.get(channel, {})
        return [alert for alert in alerts if alert.key not in known]

    def with_sent(
        self, channel: str, alerts: Sequence[Alert], now: datetime
    ) -> "State":
        """Return the state after a channel has taken some alerts."""
        stamp = now.isoformat(timespec="seconds")
        own = {**self.sent.get(channel, {}), **{each.key: stamp for each in alerts}}
        kept = dict(list(own.items())[-KEPT_KEYS:])
        return replace(self, sent={**self.sent, channel: kept})

    def with_days(self, since: str | None, day: str | None) -> "State":
        """Return the state after a look at a day against another."""
        return replace(self, since=since, day=day)


def read(path: Path) -> State:
    """Return the state of a file; an empty one where there is none.

    Raises
    ------
    AlertRules
        If the file is damaged: to go on would send everything again.
    """
    try:
        given = json.loads(path.read_text("utf-8"))
        return State(day=given["day"], since=given["since"], sent=given["sent"])
    except FileNotFoundError:
        return State()
    except (ValueError, KeyError, TypeError) as error:
        raise AlertRules(
            f"{path} says what was sent and cannot be read ({error}); move it away to "
            "begin anew: what stands now is then sent once more."
        ) from None


def write(path: Path, state: State) -> None:
    """Put a state in the place of the one before; after this returns it is on disk."""
    temporary = path.with_suffix(".new")
    content = {"day": state.day, "since": state.since, "sent": state.sent}
    with temporary.open("w", encoding="utf-8") as stream:
        json.dump(content, stream, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(temporary, path)
