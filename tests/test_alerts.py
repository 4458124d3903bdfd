"""Being told: rules read with their lines, each alert sent once, over real servers."""

import json
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from aiosmtpd.controller import Controller

from recon import alerts, ingest
from recon.alerts import keeping, sending
from recon.alerts.finding import Alert, Found
from recon.errors import AlertRules, AlertUnsent
from recon.exhibits import Answers
from recon.jobs import runs
from recon.sources.official_lists import Told
from recon.store import Store, locks
from tests import market, terminal

NOW = datetime(2024, 3, 8, 22, tzinfo=UTC)  # a Friday, 17:00 in New York
NIGHT = datetime(2024, 3, 9, 4, tzinfo=UTC)  # 23:00


@dataclass
class Mailbox:
    """An SMTP server's memory: what it is to answer, and the mails it has taken."""

    answers: list[str] = field(default_factory=list)
    mails: list[EmailMessage] = field(default_factory=list)
    calls: int = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Answer as told, else take the mail."""
        self.calls += 1
        if self.answers:
            return self.answers.pop(0)
        content = BytesParser(policy=default).parsebytes(envelope.content)
        self.mails.append(content)  # type: ignore[arg-type]
        return "250 taken"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box = Mailbox()
    with socket.socket() as probe:  # the server takes no port of the system's choice
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    yield box, port
    server.stop()


@contextmanager
def hooked(statuses: Sequence[int]) -> Iterator[tuple[str, list[dict]]]:
    """Serve a webhook that answers with each status in turn, then with 200."""
    left, taken = list(statuses), []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802
            data = self.rfile.read(int(self.headers["Content-Length"]))
            status = left.pop(0) if left else 200
            if status == 200:
                taken.append(json.loads(data))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *words: object) -> None:
            """Be quiet."""

    server = HTTPServer(("127.0.0.1", 0), Hook)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook", taken
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(sending.PACE, "0")


def email(port: int) -> str:
    return f"""
[[channel]]
name = "desk"
kind = "email"
host = "127.0.0.1"
port = {port}
starttls = false
sender = "recon@example.com"
to = ["desk@example.com"]
"""


HOOK = '[[channel]]\nname = "hook"\nkind = "{kind}"\nurl_env = "HOOK_URL"\n'
FEED = '[[channel]]\nname = "feed"\nkind = "feed"\n'
LINES = '[[channel]]\nname = "lines"\nkind = "file"\n'
STALE = '[[rule]]\nname = "old"\nwhen = "stale data"\nsessions = 1\n'
FACTS = [
    Alert(
        key=f"{name}:1", rule="old", title=f"{name} happened", text=f"What of {name}."
    )
    for name in ("this", "that")
]


def read(folder: Path, text: str) -> alerts.rules.Rules:
    path = folder / "alerts.toml"
    path.write_text(text, "utf-8")
    return alerts.read(path)


def finds(found: Sequence[Alert]) -> Callable[..., Found]:
    """A look at the store that finds these."""
    return lambda *given: Found(
        alerts=tuple(found), since="2024-03-07", day="2024-03-08"
    )


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("alerts") / "store"
    market.take(folder, market.calm(market.sessions(3)))
    return folder


@pytest.fixture
def folder(kept: Path) -> Iterator[Path]:
    """A store whose newest day is 5 March 2024, and which has told nothing yet."""
    yield kept
    for name in (alerts.STATE_FILE, "alerts.toml", "alerts.atom", "alerts.jsonl"):
        (kept / name).unlink(missing_ok=True)


# ---- the file of rules -----------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("quiet = \n", "is no TOML: .*line 1", id="no TOML"),
        pytest.param(STALE, "line 1: channel: Field required", id="no channel"),
        pytest.param(
            FEED + STALE + 'when = "x"\n', "no TOML: .*overwrite", id="a key twice"
        ),
        pytest.param(
            FEED + '\n[[rule]]\nname = "x"\nwhen = "the moon is full"\n',
            "alerts.toml, line 5: rule: Input tag 'the moon is full'",
            id="no such rule",
        ),
        pytest.param(
            FEED + STALE + '[[rule]]\nname = "n"\nwhen = "near line"\nwithin = 3\n',
            "alerts.toml, line 11: within: Input should be less than or equal to 1",
            id="the second rule's number",
        ),
        pytest.param(
            FEED + '[[rule]]\nname = "l"\nwhen = "list change"\nlists = ["SP500"]\n',
            "line 7: lists: 'SP500' is no index; one of TOP50",
            id="no such index",
        ),
        pytest.param(
            FEED + STALE + "within = 1\n", "line 8: within: Extra inputs", id="stranger"
        ),
        pytest.param(
            'quiet = "late"\n' + FEED + STALE,
            "line 1: quiet: expected hours",
            id="quiet",
        ),
        pytest.param(
            FEED + FEED + STALE, "line 5: 'feed' stands twice", id="a channel twice"
        ),
        pytest.param(
            FEED + STALE + 'channels = ["desk"]\n',
            "line 8: there is no channel 'desk'; there is feed",
            id="no such channel",
        ),
    ],
)
def test_a_rule_that_cannot_be_followed_is_refused_with_its_line(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(AlertRules, match=said):
        read(tmp_path, text)


def test_without_a_file_the_command_says_where_one_is_expected(folder: Path) -> None:
    with pytest.raises(AlertRules, match="There is no file of alert rules at"):
        terminal.run("alert", "--store", str(folder))


@pytest.mark.parametrize(
    ("quiet", "expected"), [("22:00-07:00", True), ("08:00-18:00", False), ("", False)]
)
def test_quiet_hours_are_new_yorks_and_may_pass_midnight(
    tmp_path: Path, quiet: str, expected: bool
) -> None:
    rules = read(tmp_path, f'quiet = "{quiet}"\n' + FEED + STALE)
    assert rules.is_quiet(NIGHT) == expected
    assert rules.is_quiet(NOW) == (quiet == "08:00-18:00")


# ---- sent once -------------------------------------------------------------------


def test_a_mail_is_sent_once_with_all_that_is_new(
    folder: Path, mailbox: tuple[Mailbox, int]
) -> None:
    box, port = mailbox
    rules = read(folder, email(port) + STALE)
    (first,) = alerts.tell(folder, rules, NOW, found=finds(FACTS[:1]))
    (second,) = alerts.tell(folder, rules, NOW, found=finds(FACTS))
    (third,) = alerts.tell(folder, rules, NOW, found=finds(FACTS))
    assert [each.sent_count for each in (first, second, third)] == [1, 1, 0]
    subjects = [mail["Subject"] for mail in box.mails]
    assert subjects == ["recon: this happened", "recon: that happened"]
    text = box.mails[0].get_content().splitlines()
    assert text == ["this happened", "What of this."]
    assert box.mails[0]["Message-ID"] != box.mails[1]["Message-ID"]


def test_a_digest_is_one_message_and_each_alert_one_without(
    folder: Path, mailbox: tuple[Mailbox, int]
) -> None:
    box, port = mailbox
    alerts.tell(folder, read(folder, email(port) + STALE), NOW, found=finds(FACTS))
    assert [mail["Subject"] for mail in box.mails] == [
        "recon: 2 alerts, this happened …"
    ]
    (folder / alerts.STATE_FILE).unlink()
    rules = read(folder, "digest = false\n" + email(port) + STALE)
    alerts.tell(folder, rules, NOW, found=finds(FACTS))
    assert len(box.mails) == 3


@pytest.mark.parametrize(
    ("answers", "calls", "said"),
    [
        pytest.param(["451 later"] * 2, 3, "", id="twice later, then taken"),
        pytest.param(["451 later"] * 3, 3, "answered 451", id="later three times"),
        pytest.param(["554 never"], 1, "answered 554", id="never"),
    ],
)
def test_a_mail_that_is_refused_is_tried_again_or_stays_for_the_next_time(
    folder: Path,
    mailbox: tuple[Mailbox, int],
    answers: list[str],
    calls: int,
    said: str,
) -> None:
    box, port = mailbox
    box.answers = answers
    rules = read(folder, email(port) + FEED + STALE)
    if said:
        with pytest.raises(AlertUnsent, match=said):
            alerts.tell(folder, rules, NOW, found=finds(FACTS))
    else:
        alerts.tell(folder, rules, NOW, found=finds(FACTS))
    assert (box.calls, len(box.mails)) == (calls, 0 if said else 1)
    again = alerts.tell(folder, rules, NOW, found=finds(FACTS))
    # the feed took its own the first time, whatever the mail server said
    assert [each.sent_count for each in again] == [2 if said else 0, 0]
    assert len(box.mails) == 1


def test_a_server_that_is_not_there_is_named_and_the_password_is_not(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = 'user_env = "U"\npassword_env = "P"\n'
    rules = read(folder, email(9) + secrets + STALE)
    with pytest.raises(AlertUnsent, match="the variable U is not set"):
        alerts.tell(folder, rules, NOW, found=finds(FACTS))
    monkeypatch.setenv("U", "me")
    monkeypatch.setenv("P", "hunter2")
    with pytest.raises(AlertUnsent, match="127.0.0.1:9 does not answer") as refused:
        alerts.tell(folder, rules, NOW, found=finds(FACTS))
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("kind", "taken"),
    [
        pytest.param(
            "slack",
            {"text": "*recon: this happened*\nthis happened\nWhat of this."},
            id="as Slack takes it",
        ),
        pytest.param(
            "webhook",
            {
                "id": sending.identity(FACTS[:1]),
                "subject": "recon: this happened",
                "alerts": [
                    {
                        "key": "this:1",
                        "rule": "old",
                        "title": "this happened",
                        "text": "What of this.",
                    }
                ],
            },
            id="plain",
        ),
    ],
)
def test_a_webhook_takes_json_after_it_was_busy(
    folder: Path, monkeypatch: pytest.MonkeyPatch, kind: str, taken: dict
) -> None:
    rules = read(folder, HOOK.format(kind=kind) + STALE)
    with hooked([503, 429]) as (url, bodies):
        monkeypatch.setenv("HOOK_URL", url)
        alerts.tell(folder, rules, NOW, found=finds(FACTS[:1]))
    assert bodies == [taken]


def test_teams_takes_a_card() -> None:
    channel = alerts.rules.Webhook(kind="teams", name="t", url_env="T")
    card = sending.body(channel, FACTS)["attachments"][0]["content"]  # type: ignore[index]
    assert card["type"] == "AdaptiveCard"
    assert [block["text"] for block in card["body"]][:2] == [
        "this happened",
        "What of this.",
    ]


def test_an_address_that_refuses_or_is_not_there_is_not_printed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = read(folder, HOOK.format(kind="slack") + STALE)
    with hooked([404]) as (url, bodies):
        monkeypatch.setenv("HOOK_URL", url)
        with pytest.raises(AlertUnsent, match="in HOOK_URL answered 404") as refused:
            alerts.tell(folder, rules, NOW, found=finds(FACTS))
    assert bodies == [] and url not in str(refused.value)
    with pytest.raises(AlertUnsent, match="HOOK_URL does not answer: Conn") as refused:
        alerts.tell(folder, rules, NOW, found=finds(FACTS))
    assert url not in str(refused.value)


def test_in_quiet_hours_mail_waits_and_files_are_written(
    folder: Path, mailbox: tuple[Mailbox, int]
) -> None:
    box, port = mailbox
    rules = read(folder, 'quiet = "22:00-07:00"\n' + email(port) + LINES + STALE)
    at_night = alerts.tell(folder, rules, NIGHT, found=finds(FACTS))
    assert [each.words() for each in at_night] == [
        "alerts to desk: 2 waiting: quiet until 07:00 New York",
        "alerts to lines: 2 sent",
    ]
    alerts.tell(folder, rules, NOW, found=finds(FACTS))
    assert len(box.mails) == 1
    lines = (folder / "alerts.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["title"] for line in lines] == [
        "this happened",
        "that happened",
    ]


def test_a_feed_has_the_newest_on_top_and_no_entry_twice(folder: Path) -> None:
    rules = read(folder, FEED + STALE)
    alerts.tell(folder, rules, NOW, found=finds(FACTS[:1]))
    (folder / alerts.STATE_FILE).unlink()  # as if killed before it was kept
    alerts.tell(folder, rules, NIGHT, found=finds(FACTS))
    feed = ElementTree.parse(folder / "alerts.atom").getroot()
    atom = "{http://www.w3.org/2005/Atom}"
    titles = [each.findtext(f"{atom}title") for each in feed.findall(f"{atom}entry")]
    assert titles == ["that happened", "this happened"]
    assert feed.findtext(f"{atom}updated") == "2024-03-09T04:00:00+00:00"


def test_a_record_that_cannot_be_read_stops_the_sending(folder: Path) -> None:
    rules = read(folder, FEED + STALE)
    (folder / alerts.STATE_FILE).write_text('{"day": ', "utf-8")
    with pytest.raises(AlertRules, match="move it away to begin anew"):
        alerts.tell(folder, rules, NOW, found=finds(FACTS))


def test_two_processes_do_not_tell_at_once(folder: Path) -> None:
    rules = read(folder, FEED + STALE)
    with (
        locks.held(folder / alerts.LOCK_FILE, 1.0),
        pytest.raises(Exception, match="Another process sends the alerts"),
    ):
        alerts.tell(folder, rules, NOW, wait_seconds=0.0, found=finds(FACTS))


def test_a_second_look_at_a_day_compares_the_same_days(kept: Path) -> None:
    store = Store(kept)
    first = keeping.State(day="2024-03-04", since="2024-03-01")
    assert first.base_for(store) == "2024-03-04"  # the newest is 5 March
    looked = first.with_days("2024-03-04", "2024-03-05")
    assert looked.base_for(store) == "2024-03-04"
    assert keeping.State().base_for(store) is None


# ---- what there is to tell ---------------------------------------------------------

EVERYTHING = """
[[rule]]
name = "old"
when = "stale data"
sessions = 3
[[rule]]
name = "dates"
when = "date coming"
days = 60
[[rule]]
name = "loads"
when = "load failed"
[[rule]]
name = "official"
when = "official list"
"""


def test_the_command_tells_of_old_data_dates_and_failed_loads(folder: Path) -> None:
    read(folder, FEED + EVERYTHING)
    made = runs.make(folder, ("ingest", "listings", "x.csv"), "Listings x.csv")
    with pytest.raises(ValueError), runs.recorded(made):
        raise ValueError("nothing to read")
    arguments = ["alert", "--store", str(folder), "--now", NOW.isoformat()]
    code, said = terminal.run(*arguments, "--dry-run")
    assert code == 0
    assert said.splitlines() == [
        "feed (feed): 3 to send",
        "  Data are 3 sessions old. The newest day is 5 Mar 2024.",
        "  June 2024: rank day in 53 days. 30 Apr 2024, New York; sourced.",
        "  Listings x.csv failed. ValueError: nothing to read",
    ]
    assert not (folder / "alerts.atom").exists()
    assert terminal.run(*arguments) == (0, "alerts to feed: 3 sent\n")
    assert terminal.run(*arguments) == (0, "alerts to feed: nothing new\n")


def test_names_that_change_lists_are_told_with_their_cause(demo_store: Path) -> None:
    store = Store(demo_store)
    rules = alerts.rules.Rules.model_validate(
        {
            "channel": [{"name": "feed", "kind": "feed"}],
            "rule": [
                {"name": "lists", "when": "list change", "lists": ["R1000"]},
                {"name": "near", "when": "near line", "within": 0.005},
            ],
        }
    )
    now = datetime(2026, 11, 19, 23, tzinfo=UTC)
    found = alerts.find(store, rules, now, "2026-10-29")
    assert (found.since, found.day) == ("2026-10-29", "2026-11-19")
    told = found.of({"lists"})
    assert told and all(" the projected R1000" in each.title for each in told)
    assert all("on 29 Oct 2026" in each.text for each in told)
    assert len({each.key for each in found.alerts}) == len(found.alerts)
    assert all("is near the" in each.title for each in found.of({"near"}))


def test_odds_are_told_where_they_have_passed_the_level(demo_store: Path) -> None:
    store = Store(demo_store)
    answers = Answers(store)
    then, last = (
        answers.odds(datetime(2026, *day).date()).companies.set_index("symbol")
        for day in ((10, 29), (11, 19))
    )
    rise = (last["p_move"] - then["p_move"]).sort_values(ascending=False)
    symbol = str(rise.index[0])
    level = float(then.at[symbol, "p_move"] + last.at[symbol, "p_move"]) / 2
    rules = alerts.rules.Rules.model_validate(
        {
            "channel": [{"name": "feed", "kind": "feed"}],
            "rule": [{"name": "odds", "when": "odds over", "odds": level}],
        }
    )
    now = datetime(2026, 11, 19, 23, tzinfo=UTC)
    found = alerts.find(store, rules, now, "2026-10-29")
    over = set(last.index[last["p_move"] > level])
    before = set(then.index[then["p_move"] > level])
    assert {each.title.split(" has odds")[0] for each in found.alerts} == over - before
    assert symbol in over - before and before & over
    told = next(each for each in found.alerts if each.title.startswith(f"{symbol} "))
    odds = f"{last.at[symbol, 'p_move']:.0%} at the event ranked on 30 Oct 2026, "
    assert odds + f"{then.at[symbol, 'p_move']:.0%} before" in told.text


def test_a_rule_without_an_answer_is_named_and_leaves_the_others(folder: Path) -> None:
    odds = '[[rule]]\nname = "odds"\nwhen = "odds over"\nodds = 0.5\n'
    read(folder, FEED + odds + STALE)
    arguments = ["alert", "--store", str(folder), "--now", NOW.isoformat()]
    code, said = terminal.run(*arguments, "--dry-run")
    assert code == 0 and "Data are 3 sessions old" in said
    assert "The rule 'odds' has no answer: Odds need" in said
    with pytest.raises(AlertUnsent, match="feed: 1 sent. The rule 'odds' has no"):
        terminal.run(*arguments)
    assert "Data are 3 sessions old" in (folder / "alerts.atom").read_text("utf-8")


def test_an_official_list_is_told_with_what_it_changed(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "store"
    sessions = market.sessions(2, first=datetime(2024, 4, 30).date())
    market.take(folder, market.calm(sessions))
    for day, names in (("2024-05-24", "AB"), ("2024-05-31", "BC")):
        path = tmp_path / f"{day}.csv"
        path.write_text("ticker\n" + "\n".join(names) + "\n", "utf-8")
        told = Told(
            index="R2000",
            action="addition",
            posted_on=datetime.fromisoformat(day).date(),
        )
        ingest.official(folder, [path], market.QUIET, told)
    read(folder, FEED + '[[rule]]\nname = "o"\nwhen = "official list"\n')
    now = datetime(2024, 6, 3, tzinfo=UTC)
    rules = alerts.read(folder / "alerts.toml")
    found = alerts.find(Store(folder), rules, now, None).alerts
    head = "June 2024: official R2000 additions, "
    assert [(each.title.removeprefix(head), each.text) for each in found] == [
        ("preliminary", "Posted 24 May 2024: 2 names."),
        ("update 1", "Posted 31 May 2024: 2 names; 1 new (C), 1 dropped (A)."),
    ]
