"""The file of alert rules: what to tell, and over which channels (TOML).

Every mistake is refused with its line, before anything is sent. Passwords and secret
addresses stand in the environment; the file names the variables.
"""

import os
import re
import tomllib
from datetime import datetime, time
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from recon.errors import AlertRules, AlertUnsent
from recon.indexes import INDEXES

NEW_YORK = ZoneInfo("America/New_York")
SPAN = re.compile(r"(\d{2}:\d{2})-(\d{2}:\d{2})")


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ListChange(_Strict):
    """Tell when a name joins or leaves a projected list."""

    when: Literal["list change"]
    name: str
    channels: tuple[str, ...] = ()
    lists: tuple[str, ...] = ("R1000", "R2000")
    symbols: tuple[str, ...] = ()

    @field_validator("lists")
    @classmethod
    def _known(cls, lists: tuple[str, ...]) -> tuple[str, ...]:
        for code in lists:
            if code not in INDEXES:
                raise ValueError(f"'{code}' is no index; one of {', '.join(INDEXES)}")
        return lists


class NearLine(_Strict):
    """Tell when a name that moves or is held is near the line that matters to it."""

    when: Literal["near line"]
    name: str
    channels: tuple[str, ...] = ()
    within: float = Field(0.02, gt=0, le=1)
    symbols: tuple[str, ...] = ()


class OddsOver(_Strict):
    """Tell when the odds that a name moves have passed a level since the day before."""

    when: Literal["odds over"]
    name: str
    channels: tuple[str, ...] = ()
    odds: float = Field(0.5, gt=0, lt=1)
    symbols: tuple[str, ...] = ()


class StaleData(_Strict):
    """Tell when the newest day is some sessions old."""

    when: Literal["stale data"]
    name: str
    channels: tuple[str, ...] = ()
    sessions: int = Field(1, ge=1)


class LoadFailed(_Strict):
    """Tell when a load has failed."""

    when: Literal["load failed"]
    name: str
    channels: tuple[str, ...] = ()


class DateComing(_Strict):
    """Tell when a date of the event is some days away."""

    when: Literal["date coming"]
    name: str
    channels: tuple[str, ...] = ()
    days: int = Field(3, ge=0)


class OfficialList(_Strict):
    """Tell when an official list has been loaded, and what it changed."""

    when: Literal["official list"]
    name: str
    channels: tuple[str, ...] = ()


Rule = Annotated[
    ListChange
    | NearLine
    | OddsOver
    | StaleData
    | LoadFailed
    | DateComing
    | OfficialList,
    Field(discriminator="when"),
]


class Email(_Strict):
    """Mail over SMTP; user and password come from the variables named."""

    kind: Literal["email"]
    name: str
    host: str
    port: int = Field(587, ge=1, le=65_535)
    sender: str
    to: tuple[str, ...] = Field(min_length=1)
    starttls: bool = True
    user_env: str | None = None
    password_env: str | None = None

    is_silent: bool = False


class Webhook(_Strict):
    """A POST of JSON to the address in a variable: plain, Slack's or Teams'."""

    kind: Literal["webhook", "slack", "teams"]
    name: str
    url_env: str

    is_silent: bool = False


class Written(_Strict):
    """A file: JSON lines that grow, or an Atom feed; it wakes nobody at night."""

    kind: Literal["file", "feed"]
    name: str
    path: str = ""

    is_silent: bool = True


Channel = Annotated[Email | Webhook | Written, Field(discriminator="kind")]


class Rules(_Strict):
    """Everything that the file says.

    `quiet` is a span of New York hours such as ``22:00-07:00`` in which nothing is sent
    that would wake anyone; with `digest` the alerts of one time make one message.
    """

    quiet: str = ""
    digest: bool = True
    channel: tuple[Channel, ...] = Field(min_length=1)
    rule: tuple[Rule, ...] = Field(min_length=1)

    @field_validator("quiet")
    @classmethod
    def _span(cls, quiet: str) -> str:
        if quiet:
            found = SPAN.fullmatch(quiet)
            if found is None:
                raise ValueError("expected hours such as 22:00-07:00")
            for each in found.groups():
                time.fromisoformat(each)
        return quiet

    def is_quiet(self, now: datetime) -> bool:
        """Tell whether a moment is in the quiet hours."""
        if not self.quiet:
            return False
        start, end = (time.fromisoformat(each) for each in self.quiet.split("-"))
        at = now.astimezone(NEW_YORK).time()
        return start <= at < end if start <= end else at >= start or at < end

    def quiet_until(self) -> str:
        """Return the end of the quiet hours in words."""
        return f"{self.quiet.split('-')[-1]} New York"

    def names_for(self, channel: str) -> frozenset[str]:
        """Return the names of the rules that a channel is told by."""
        return frozenset(
            rule.name
            for rule in self.rule
            if not rule.channels or channel in rule.channels
        )


def read(path: Path) -> Rules:
    """Return the rules of a file.

    Raises
    ------
    AlertRules
        If there is none, or a line of it cannot be followed: the first such line.
    """
    try:
        text = path.read_text("utf-8")
        given = tomllib.loads(text)
    except FileNotFoundError:
        raise AlertRules(
            f"There is no file of alert rules at {path}; docs/alerts.md shows one."
        ) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise AlertRules(f"{path.name} is no TOML: {error}.") from None
    try:
        rules = Rules.model_validate(given)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = tuple(fault["loc"])
        why = fault["msg"].removeprefix("Value error, ")
        key = next((str(each) for each in reversed(place) if isinstance(each, str)), "")
        raise AlertRules(
            f"{path.name}, line {_line(text, place)}: {key}: {why}."
        ) from None
    _check_names(rules, path.name, text)
    return rules


def _check_names(rules: Rules, origin: str, text: str) -> None:
    """Refuse a name that stands twice, or a channel that there is not."""
    for table, entries in (("channel", rules.channel), ("rule", rules.rule)):
        names = [entry.name for entry in entries]
        for number, name in enumerate(names):
            if name in names[:number]:
                line = _line(text, (table, number, "name"))
                raise AlertRules(f"{origin}, line {line}: '{name}' stands twice.")
    known = {channel.name for channel in rules.channel}
    for number, rule in enumerate(rules.rule):
        for name in rule.channels:
            if name not in known:
                line = _line(text, ("rule", number, "channels"))
                raise AlertRules(
                    f"{origin}, line {line}: there is no channel '{name}'; there is "
                    f"{', '.join(sorted(known))}."
                )


def _line(text: str, place: tuple[int | str, ...]) -> int:
    """Return the line of a place such as ``("rule", 1, "stale data", "sessions")``.

    That of the entry where the key is not in it, the first where nothing is.
    """
    lines = text.splitlines()
    first, last = 0, len(lines)
    if len(place) > 1 and isinstance(place[1], int):
        heads = [
            number
            for number, line in enumerate(lines)
            if re.match(rf"\s*\[\[\s*{place[0]}\s*\]\]", line)
        ]
        if place[1] < len(heads):
            first = heads[place[1]]
            after = [
                number
                for number, line in enumerate(lines)
                if number > first and re.match(r"\s*\[", line)
            ]
            last = after[0] if after else last
    for key in reversed([each for each in place if isinstance(each, str)]):
        for number in range(first, last):
            if re.match(rf"\s*{re.escape(key)}\s*=", lines[number]):
                return number + 1
    return first + 1


def secret(variable: str | None) -> str | None:
    """Return what a variable of the environment holds, None where none is named.

    Raises
    ------
    AlertUnsent
        If it is not set.
    """
    if variable is None:
        return None
    value = os.environ.get(variable)
    if not value:
        raise AlertUnsent(f"the variable {variable} is not set")
    return value
