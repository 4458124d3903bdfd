"""An event week: preliminary list, update, the pages between them, and one mail."""

import os
import signal
import socket
import subprocess
import sys
import threading
from datetime import UTC, date, datetime
from email import message_from_bytes

import pandas as pd
import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import expect

from recon import ingest
from recon.alerts import sending
from recon.exhibits import Answers
from recon.sources.official_lists import Told
from recon.store import Store
from tests import market, terminal

RANK_DAY, PRELIMINARY, UPDATE = (
    date(2026, 10, 30),
    date(2026, 11, 13),
    date(2026, 11, 20),
)
DAYS = [date(2026, 10, 29), RANK_DAY, date(2026, 11, 19), UPDATE]
SATURDAY = datetime(2026, 11, 21, 18, tzinfo=UTC)  # without a session to load
ANSWER = ".st-key-answer"


@pytest.fixture(scope="module")
def week(tmp_path_factory):
    """A made-up market whose members in June were its 2,850 largest."""
    folder = tmp_path_factory.mktemp("week") / "store"
    rows = market.crowd(3_400, DAYS)
    first = rows[rows["date"] == pd.Timestamp(DAYS[0])].sort_values(
        "market_cap", ascending=False
    )
    members = pd.DataFrame(
        {
            "index": ["R1000"] * 950 + ["R2000"] * 1_900,
            "as_of": "2026-06-29",
            "ticker": first["symbol"].iloc[:2_850].to_list(),
        }
    )
    path = folder.parent / "members.csv"
    members.to_csv(path, index=False)
    ingest.memberships(folder, [path], market.QUIET)
    market.take(folder, rows)
    return folder


class Mailbox:
    """A mail server that keeps the first caller waiting."""

    def __init__(self):
        self.called, self.mails = threading.Event(), []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if not self.called.is_set():
            self.called.set()
            return "451 try again later"
        self.mails.append(message_from_bytes(envelope.content))
        return "250 taken"


@pytest.fixture
def mailbox():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    box = Mailbox()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    yield box, port
    server.stop()


def post(folder, kind, day, names):
    """Load an official list of additions to the Russell 3000."""
    path = folder.parent / f"{kind}.csv"
    pd.DataFrame({"ticker": sorted(names)}).to_csv(path, index=False)
    told = Told(index="R3000", action="addition", kind=kind, posted_on=day)
    ingest.official(folder, [path], market.QUIET, told)


def reload_until(page, words, times=30):
    """Reload a page until the newest generation is served; it is made ready first."""
    for _ in range(times):
        page.reload()
        answer = page.locator(ANSWER)
        answer.wait_for()
        if words in answer.inner_text():
            return
        page.wait_for_timeout(500)
    pytest.fail(f"never said: {words}")


def rules(port):
    return f"""
[[channel]]
name = "desk"
kind = "email"
host = "127.0.0.1"
port = {port}
starttls = false
sender = "recon@example.com"
to = ["desk@example.com"]
[[rule]]
name = "official"
when = "official list"
"""


def test_an_event_week_from_preliminary_list_to_update(page, serve_anew, week, mailbox):
    box, port = mailbox
    (week / "alerts.toml").write_text(rules(port), "utf-8")
    ours = Answers(Store(week)).official_board(UPDATE).rows
    ours = ours.loc[ours["list"] == "R3000 additions", "symbol"].tolist()
    assert len(ours) > 40
    post(week, "preliminary", PRELIMINARY, [*ours[2:], "OTHER"])

    url = serve_anew(week)
    page.goto(f"{url}/official?as_of={UPDATE}")
    answer = page.locator(ANSWER)
    expect(answer).to_contain_text("preliminary of 13 Nov 2026")
    expect(answer).to_contain_text("ours alone 2, official alone 1")

    post(week, "update 1", UPDATE, ours[1:])
    reload_until(page, "update 1 of 20 Nov 2026")
    expect(answer).to_contain_text("ours alone 1, official alone 0")
    page.goto(f"{url}/changes?as_of={UPDATE}&against=week+before")
    expect(answer).to_contain_text("Since 30 Oct 2026, no name joins or leaves")

    daily = ["daily", "--store", str(week), "--now", SATURDAY.isoformat()]
    killed = subprocess.Popen(
        [sys.executable, "-m", "recon", *daily],
        env={**os.environ, sending.PACE: "60"},  # long enough to be killed in
        stdout=subprocess.DEVNULL,
    )
    assert box.called.wait(60)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert box.mails == []
    _, second = terminal.run(*daily)
    _, third = terminal.run(*daily)
    assert "alerts to desk: 2 sent" in second and "alerts to desk" not in third
    (mail,) = box.mails
    assert mail["Subject"].startswith("recon: 2 alerts, December 2026: official R3000")
    assert f"1 new ({ours[1]}), 1 dropped (OTHER)" in mail.get_payload()
    calendar = page.request.get(f"{url}/calendar.ics")
    assert "UID:2026-december-rank-day@recon" in calendar.text()
