"""One day's work: on sessions only, twice without harm; and the timer that runs it."""

import os
import stat
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from crontab import CronTab

from recon import schedule
from recon.commands import timer
from recon.errors import BadRequest, MarketMixed, SourceBlocked, StoreBusy
from recon.ingest import daily
from recon.jobs import processes, runs
from recon.jobs.runs import State
from recon.sources.fund_pages import FUNDS
from recon.sources.http_client import PACE
from recon.store import Store
from recon.store.writer import open_writer
from tests import fund_server, terminal
from tests.market import Options
from tests.yahoo_market import crowd
from tests.yahoo_server import Yahoo, serving

SESSION = date(2026, 11, 19)  # a Thursday
EVENING = schedule.closes_at(SESSION) + timedelta(hours=1)
SATURDAY = EVENING + timedelta(days=2)


@pytest.fixture
def yahoo(monkeypatch: pytest.MonkeyPatch) -> Iterator[Yahoo]:
    monkeypatch.setenv(PACE, "0")
    monkeypatch.setenv("RECON_SAMPLE", "1")
    with serving(Yahoo(crowd(60, SESSION))) as server:
        monkeypatch.setenv("RECON_YAHOO_BASE", server.address)
        yield server


@pytest.fixture
def funds(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Serve the fund pages; return what they were asked."""
    with fund_server.pages(fund_server.well) as (base, asked):
        monkeypatch.setenv("RECON_ISHARES_BASE", base)
        yield asked


def run(store: Path, now: datetime, *options: str) -> tuple[int, str]:
    """Run the command as a person would; return its exit code and words."""
    arguments = ["daily", "--store", str(store), "--now", now.isoformat(), *options]
    return terminal.run(*arguments)


def test_a_session_is_loaded_with_the_funds_and_the_second_time_nothing_is_asked(
    yahoo: Yahoo, funds: list[str], tmp_path: Path
) -> None:
    code, words = run(tmp_path, EVENING)
    assert code == 0
    assert f"Yahoo {SESSION}: " in words and "1 day published" in words
    assert len(funds) == len(FUNDS)
    store = Store(tmp_path)
    assert store.published_days().date.tolist() == [SESSION]
    (record,) = runs.past(tmp_path)
    assert (record.state, record.arguments) == (State.DONE, ("daily",))
    ledger = runs.requests(tmp_path, record.id)
    assert len(ledger) >= len(yahoo.asked) + len(FUNDS)
    always = [name for name in ledger if name not in ("status", "rows")]
    assert ledger[always].notna().all(axis=None)

    asked = len(yahoo.asked), len(funds)
    assert run(tmp_path, EVENING) == (
        0,
        "The session of 2026-11-19 is loaded already; nothing to do.\n",
    )
    assert (len(yahoo.asked), len(funds)) == asked
    assert store.generation == Store(tmp_path).generation
    assert len(runs.past(tmp_path)) == 1


def test_on_a_day_without_session_it_says_so_and_asks_nobody(
    yahoo: Yahoo, funds: list[str], tmp_path: Path
) -> None:
    assert run(tmp_path / "store", SATURDAY) == (
        0,
        "2026-11-21 is no session of the New York Stock Exchange; nothing to do.\n",
    )
    assert (len(yahoo.asked), funds) == (0, [])
    assert not (tmp_path / "store").exists()


def test_a_session_that_was_missed_is_caught_up_the_day_after(
    yahoo: Yahoo, funds: list[str], tmp_path: Path
) -> None:
    morning = schedule.opens_at(date(2026, 11, 20)) - timedelta(hours=6)
    assert daily.reason_to_rest(tmp_path, morning, catches_up=True) is None
    daily.one_day(tmp_path, Options(), morning)
    assert Store(tmp_path).published_days().date.tolist() == [SESSION]


def test_a_run_of_the_app_that_has_nothing_to_do_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = runs.make(tmp_path, ("daily",), "Daily load")
    monkeypatch.setenv(processes.RUN, str(folder))
    run(tmp_path, SATURDAY)
    record = runs.read(folder)
    assert record is not None and record.state is State.DONE
    assert "is no session" in record.message


def test_the_record_says_how_the_same_is_run_again(
    yahoo: Yahoo, funds: list[str], tmp_path: Path
) -> None:
    run(tmp_path, EVENING, "--catch-up", "--deep")
    (record,) = runs.past(tmp_path)
    assert record.arguments == ("daily", "--catch-up", "--deep")


def test_names_near_a_line_are_asked_for_where_that_is_wanted(
    yahoo: Yahoo, funds: list[str], tmp_path: Path
) -> None:
    run(tmp_path, EVENING)
    assert daily.reason_to_rest(tmp_path, EVENING) is not None
    code, words = run(tmp_path, EVENING, "--deep")
    assert code == 0
    assert words.startswith("Yahoo profiles: ")


def test_before_the_close_it_says_when_to_come_back(tmp_path: Path) -> None:
    noon = schedule.closes_at(SESSION) - timedelta(hours=3)
    code, words = run(tmp_path / "store", noon)
    assert code == 0
    assert words.startswith("The session of 2026-11-19 is under way")


def test_refused_funds_do_not_keep_the_market_out(
    yahoo: Yahoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fund_server.pages(lambda kind, number: (403, "denied")) as (base, _):
        monkeypatch.setenv("RECON_ISHARES_BASE", base)
        with pytest.raises(SourceBlocked, match="iShares refuses requests for IWB"):
            run(tmp_path, EVENING)
    assert Store(tmp_path).published_days().date.tolist() == [SESSION]
    (record,) = runs.past(tmp_path)
    assert record.state is State.FAILED
    assert "iShares refuses" in record.message


@pytest.mark.parametrize(
    ("age", "is_due"),
    [
        pytest.param(daily.HOLDINGS_SESSIONS, False, id="a week old"),
        pytest.param(daily.HOLDINGS_SESSIONS + 1, True, id="a session more"),
    ],
)
def test_a_fund_is_due_when_its_list_is_more_than_a_week_old(
    funds: list[str], tmp_path: Path, age: int, is_due: bool, monkeypatch
) -> None:
    monkeypatch.setenv(PACE, "0")
    from recon.ingest import fund_holdings

    base = os.environ["RECON_ISHARES_BASE"]
    fund_holdings(tmp_path, ["IWM"], None, Options(), base)
    sessions = schedule.sessions().date
    at = list(sessions).index(fund_server.DAY)
    due = daily.due_funds(tmp_path, sessions[at + age])
    assert ("IWM" in due) == is_due
    assert "IWB" in due


def test_a_demo_store_is_left_alone(
    yahoo: Yahoo, funds: list[str], tmp_path: Path
) -> None:
    with open_writer(tmp_path, "demo") as writer:
        writer._draft().publish()
    with pytest.raises(MarketMixed, match="demo --remove"):
        run(tmp_path, EVENING)
    assert (len(yahoo.asked), funds) == (0, [])


def test_a_load_under_way_goes_before(tmp_path: Path) -> None:
    folder = runs.make(tmp_path, ("ingest", "archive"), "Archive")
    with (
        runs.recorded(folder),
        pytest.raises(StoreBusy, match="'Archive' is under way"),
    ):
        run(tmp_path, EVENING)
    assert len(runs.past(tmp_path)) == 1


# ---- the timer ---------------------------------------------------------------

FAKE_SYSTEMCTL = """#!/bin/sh
echo "$@" >> "$SYSTEMCTL_LOG"
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, without systemd and with a crontab that is a file."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("RECON_CRONTAB", str(tmp_path / "crontab"))
    monkeypatch.setenv("SYSTEMCTL_LOG", str(tmp_path / "systemctl.log"))
    (tmp_path / "bin").mkdir()
    return tmp_path


@pytest.fixture
def systemd(home: Path) -> Path:
    """Add a systemctl that notes what it is asked; return its notes."""
    program = home / "bin" / "systemctl"
    program.write_text(FAKE_SYSTEMCTL)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return home / "systemctl.log"


def command(*options: str) -> str:
    code, printed = terminal.run("daily", *options)
    assert code == 0, printed
    return printed


def test_a_systemd_timer_keeps_new_york_hours_and_is_printed_first(
    home: Path, systemd: Path
) -> None:
    words = command("--install", "--deep", "--store", str(home / "my store"))
    folder = home / "config" / "systemd" / "user"
    written = {path.suffix: path.read_text() for path in folder.iterdir()}
    assert set(written) == {".service", ".timer"}
    assert "OnCalendar=Mon..Fri 17:15 America/New_York\n" in written[".timer"]
    assert "Persistent=true\n" in written[".timer"]
    start = f'-m recon daily --catch-up --deep --store "{home / "my store"}"\n'
    assert f"ExecStart={sys.executable} {start}" in written[".service"]
    assert all(text in words for text in written.values())
    assert systemd.read_text().splitlines()[-2:] == [
        "--user daemon-reload",
        "--user enable --now recon-daily.timer",
    ]
    assert not (home / "crontab").exists()


def test_a_dry_run_prints_and_writes_nothing(home: Path, systemd: Path) -> None:
    words = command("--install", "--dry-run")
    assert "OnCalendar" in words and "Nothing was written." in words
    assert not (home / "config").exists()
    assert "enable" not in systemd.read_text()


def test_the_timer_is_removed_again(home: Path, systemd: Path) -> None:
    command("--install", "--store", str(home))
    words = command("--uninstall")
    assert words.count("Remove ") == 2
    assert list((home / "config" / "systemd" / "user").iterdir()) == []
    assert "--user disable --now recon-daily.timer" in systemd.read_text()
    assert command("--uninstall") == "No timer of recon is installed.\n"


def test_without_systemd_a_cron_line_is_printed_and_written_once(home: Path) -> None:
    (home / "crontab").write_text("5 4 * * * somebody-elses-job\n")
    store = home / "100% store"
    words = command("--install", "--store", str(store))
    command("--install", "--store", str(store))
    lines = (home / "crontab").read_text().splitlines()
    ours = [line for line in lines if "recon-daily" in line]
    assert len(ours) == 1 and ours[0] in words
    assert "5 4 * * * somebody-elses-job" in lines
    assert r"100\% store" in ours[0]
    (job,) = CronTab(tabfile=str(home / "crontab")).find_comment("recon-daily")
    assert job.is_valid() and job.is_enabled()
    assert (store / "runs").is_dir()  # the shell opens the log before the command
    assert "Remove from the crontab" in command("--uninstall")
    assert (home / "crontab").read_text().split() == [
        "5",
        "4",
        *"***",
        "somebody-elses-job",
    ]


def test_where_there_is_neither_the_command_is_told(home: Path, monkeypatch) -> None:
    monkeypatch.delenv("RECON_CRONTAB")
    with pytest.raises(BadRequest, match="neither systemd for users nor cron") as error:
        terminal.run("daily", "--install")
    assert "-m recon daily --catch-up" in str(error.value)


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        pytest.param("America/New_York", ([15], [17], [1, 2, 3, 4, 5]), id="the same"),
        pytest.param("Europe/London", ([15], [21, 22], [1, 2, 3, 4, 5]), id="London"),
        pytest.param("UTC", ([15], [21, 22], [1, 2, 3, 4, 5]), id="no summer time"),
        pytest.param("Asia/Kolkata", ([45], [2, 3], [2, 3, 4, 5, 6]), id="half hours"),
        pytest.param("Asia/Tokyo", ([15], [6, 7], [2, 3, 4, 5, 6]), id="a day later"),
    ],
)
def test_cron_names_every_hour_at_which_the_moment_falls(zone: str, expected) -> None:
    assert timer.local_times(date(2026, 11, 21), ZoneInfo(zone)) == expected


def test_the_machines_own_clock_is_meant_without_a_zone() -> None:
    minutes, hours, weekdays = timer.local_times(date(2026, 11, 21))
    assert minutes and 1 <= len(hours) <= 4 and len(weekdays) >= 5
