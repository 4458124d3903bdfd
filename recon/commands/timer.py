"""A timer in the user's name for `recon daily`: systemd if there is one, else cron.

systemd follows New York time by itself. Cron knows only the machine's clock, whose
offset from New York changes with daylight saving time: its line names every hour at
which that moment falls in the coming year, and `recon daily` rests at the others.
"""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from crontab import CronTab

from recon.errors import BadRequest
from recon.store.generations import RUNS

ZONE = "America/New_York"
AT = time(17, 15)  # an hour and a quarter after the usual close
SATURDAY = 5
NAME = "recon-daily"
CRONTAB = "RECON_CRONTAB"  # a file in place of the user's crontab
ROOT = Path(__file__).parents[2]

Say = Callable[[str], None]


def install(command: list[str], *, is_dry: bool, say: Say) -> None:
    """Print a timer that runs a command, see `command`, then write it.

    Raises
    ------
    BadRequest
        If this machine has neither systemd for users nor cron.
    """
    if has_systemd():
        _install_units(command, is_dry, say)
    elif has_cron():
        _install_line(command, is_dry, say)
    else:
        raise BadRequest(
            "This machine has neither systemd for users nor cron; let its own "
            f"scheduler run this after the New York close: {shlex.join(command)}"
        )


def uninstall(*, is_dry: bool, say: Say) -> None:
    """Print what `install` wrote, then remove it."""
    found = [path for path in (_unit("timer"), _unit("service")) if path.exists()]
    for path in found:
        say(f"Remove {path}")
    if found and not is_dry:
        _systemctl("disable", "--now", f"{NAME}.timer")
        for path in found:
            path.unlink()
        _systemctl("daemon-reload")
    lines = []
    if has_cron():
        table = _table()
        lines = list(table.find_comment(NAME))
        for line in lines:
            say(f"Remove from the crontab: {line}")
        if lines and not is_dry:
            table.remove_all(comment=NAME)
            table.write()
    if not found and not lines:
        say("No timer of recon is installed.")
    elif is_dry:
        say("Nothing was removed.")


def command(store: Path, *, is_deep: bool = False, freezes: bool = False) -> list[str]:
    """Return the command that the timer runs."""
    chosen = {"--deep": is_deep, "--freeze": freezes}
    options = ["--catch-up", *(name for name, is_on in chosen.items() if is_on)]
    return [sys.executable, "-m", "recon", "daily", *options, "--store", str(store)]


def units(command: list[str]) -> dict[str, str]:
    """Return the texts of service and timer, by suffix."""
    started = " ".join(map(_quoted, command))
    return {
        "service": (
            "[Unit]\nDescription=One day's work of recon\n\n"
            f"[Service]\nType=oneshot\nWorkingDirectory={ROOT}\n"
            f"ExecStart={started}\nNice=10\n"
        ),
        "timer": (
            "[Unit]\nDescription=recon after the New York close\n\n"
            f"[Timer]\nOnCalendar=Mon..Fri {AT:%H:%M} {ZONE}\n"
            "RandomizedDelaySec=10min\nPersistent=true\n\n"
            "[Install]\nWantedBy=timers.target\n"
        ),
    }


def local_times(
    since: date, zone: tzinfo | None = None
) -> tuple[list[int], list[int], list[int]]:
    """Return minutes, hours and days of the week (0 Sunday) on this machine's clock.

    They are all those that `AT` in New York falls on, on weekdays in the year from
    `since`; `zone` replaces the machine's own.
    """
    days = [since + timedelta(days=number) for number in range(366)]
    moments = [datetime.combine(day, AT, ZoneInfo(ZONE)) for day in days]
    times = [each.astimezone(zone) for each in moments if each.weekday() < SATURDAY]
    minutes, hours = {each.minute for each in times}, {each.hour for each in times}
    weekdays = {each.isoweekday() % 7 for each in times}
    return sorted(minutes), sorted(hours), sorted(weekdays)


def has_systemd() -> bool:
    """Tell whether systemd runs timers for this user."""
    return shutil.which("systemctl") is not None and _systemctl("show-environment")


def has_cron() -> bool:
    """Tell whether there is a crontab to write to."""
    return bool(os.environ.get(CRONTAB)) or shutil.which("crontab") is not None


def _install_units(command: list[str], is_dry: bool, say: Say) -> None:
    files = {_unit(ending): text for ending, text in units(command).items()}
    for path, text in files.items():
        say(f"# {path}\n{text}")
    if is_dry:
        say("Nothing was written.")
        return
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    enable = ("enable", "--now", f"{NAME}.timer")
    if not (_systemctl("daemon-reload") and _systemctl(*enable)):
        raise BadRequest(
            f"The timer is written but could not be switched on; run 'systemctl --user "
            f"enable --now {NAME}.timer'."
        )
    say(
        "Written and switched on. It runs while you are logged in; 'loginctl "
        "enable-linger' keeps it running after that."
    )


def _install_line(command: list[str], is_dry: bool, say: Say) -> None:
    table = _table()
    table.remove_all(comment=NAME)
    log = Path(command[-1]) / RUNS / "daily.log"
    go = f"cd {shlex.quote(str(ROOT))} && {shlex.join(command)}"
    line = table.new(command=f"{go} >> {shlex.quote(str(log))} 2>&1", comment=NAME)
    for field, values in zip(
        (line.minute, line.hour, line.dow), local_times(date.today()), strict=True
    ):
        field.on(*values)
    say(f"{line}\n")
    say(
        f"{AT:%H:%M} in New York falls on these hours of this machine's clock in the "
        "coming year; at its other hours nothing is done."
    )
    if is_dry:
        say("Nothing was written.")
        return
    log.parent.mkdir(parents=True, exist_ok=True)
    table.write()
    say("Written to the crontab.")


def _table() -> CronTab:
    named = os.environ.get(CRONTAB)
    if not named:
        return CronTab(user=True)
    Path(named).touch()
    return CronTab(tabfile=named)


def _unit(ending: str) -> Path:
    config = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(config) / "systemd" / "user" / f"{NAME}.{ending}"


def _quoted(part: str) -> str:
    """Return an argument quoted for a unit file."""
    plain = part.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{plain}"' if " " in part else plain


def _systemctl(*arguments: str) -> bool:
    try:
        done = subprocess.run(
            ["systemctl", "--user", *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=20,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
