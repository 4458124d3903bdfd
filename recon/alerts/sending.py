"""Alerts on their way out: mail, webhooks, a file, an Atom feed. The door for them.

A message has an identity made of its alerts: a mail server or a reader that is sent the
same one twice, after a crash in the wrong moment, can tell.
"""

import hashlib
import json
import os
import smtplib
import ssl
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from xml.etree import ElementTree

import requests
from tenacity import (
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential,
)

from recon import formatting
from recon.alerts.finding import Alert
from recon.alerts.rules import Channel, Email, Webhook, Written, secret
from recon.errors import AlertUnsent

ATTEMPTS, TIMEOUT_SECONDS = 3, 10.0
PACE = "RECON_ALERT_PACE"  # seconds before the second attempt; doubles after each
FEED_FILE, LINES_FILE = "alerts.atom", "alerts.jsonl"
FEED_ENTRIES = 200
ATOM = "http://www.w3.org/2005/Atom"


class _Again(Exception):
    """A refusal that may be over in a moment."""


def send(
    folder: Path, channel: Channel, alerts: Sequence[Alert], now: datetime
) -> None:
    """Send alerts as one message over a channel, in up to three attempts.

    Raises
    ------
    AlertUnsent
        With the reason of the last attempt.
    """
    pace = float(os.environ.get(PACE, "1"))
    attempts = Retrying(
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_exponential(multiplier=pace),
        retry=retry_if_exception_type(_Again),
        reraise=True,
    )
    try:
        if isinstance(channel, Email):
            message = mail(channel, alerts)
            attempts(_mail, channel, message)
        elif isinstance(channel, Webhook):
            attempts(_post, channel, body(channel, alerts))
        else:
            _write(folder, channel, alerts, now)
    except _Again as error:
        raise AlertUnsent(str(error)) from None


def subject(alerts: Sequence[Alert]) -> str:
    """Return one line for some alerts: the alert itself, or how many there are."""
    if len(alerts) == 1:
        return f"recon: {alerts[0].title}"
    return f"recon: {formatting.count(len(alerts), 'alert')}, {alerts[0].title} …"


def lines(alerts: Sequence[Alert]) -> str:
    """Return alerts as plain text, one paragraph each."""
    return "\n\n".join(f"{alert.title}\n{alert.text}" for alert in alerts)


def identity(alerts: Sequence[Alert]) -> str:
    """Return what identifies the message of some alerts."""
    keys = "\n".join(sorted(alert.key for alert in alerts))
    return hashlib.sha256(keys.encode()).hexdigest()[:32]


def mail(channel: Email, alerts: Sequence[Alert]) -> EmailMessage:
    """Return alerts as a mail."""
    message = EmailMessage()
    message["Subject"] = " ".join(subject(alerts).split())
    message["From"] = channel.sender
    message["To"] = ", ".join(channel.to)
    message["Message-ID"] = f"<{identity(alerts)}@recon>"
    message.set_content(lines(alerts) + "\n")
    return message


def body(channel: Webhook, alerts: Sequence[Alert]) -> dict[str, object]:
    """Return alerts as the JSON that a webhook takes: plain, Slack's, or Teams'."""
    if channel.kind == "slack":
        return {"text": f"*{subject(alerts)}*\n{lines(alerts)}"}
    if channel.kind == "teams":
        blocks = [
            {"type": "TextBlock", "text": text, "wrap": True, "weight": weight}
            for alert in alerts
            for text, weight in ((alert.title, "Bolder"), (alert.text, "Default"))
        ]
        card = {"type": "AdaptiveCard", "version": "1.4", "body": blocks}
        kind = "application/vnd.microsoft.card.adaptive"
        return {
            "type": "message",
            "attachments": [{"contentType": kind, "content": card}],
        }
    return {
        "id": identity(alerts),
        "subject": subject(alerts),
        "alerts": [
            {
                "key": alert.key,
                "rule": alert.rule,
                "title": alert.title,
                "text": alert.text,
            }
            for alert in alerts
        ],
    }


def _mail(channel: Email, message: EmailMessage) -> None:
    user, password = secret(channel.user_env), secret(channel.password_env)
    where = f"{channel.host}:{channel.port}"
    try:
        with smtplib.SMTP(
            channel.host, channel.port, timeout=TIMEOUT_SECONDS
        ) as server:
            if channel.starttls:
                server.starttls(context=ssl.create_default_context())
            if user and password:
                server.login(user, password)
            server.send_message(message)
    except (
        smtplib.SMTPAuthenticationError,
        smtplib.SMTPNotSupportedError,
        smtplib.SMTPRecipientsRefused,
        ssl.SSLError,
    ) as error:
        raise AlertUnsent(f"{where} refused the mail: {error}") from None
    except smtplib.SMTPResponseException as error:
        said = f"{where} answered {error.smtp_code}"
        raise (_Again if error.smtp_code < 500 else AlertUnsent)(said) from None
    except (OSError, smtplib.SMTPException) as error:
        raise _Again(f"{where} does not answer: {error}") from None


def _post(channel: Webhook, content: dict[str, object]) -> None:
    url = secret(channel.url_env)
    assert url is not None
    try:
        answer = requests.post(
            url, json=content, timeout=TIMEOUT_SECONDS, allow_redirects=False
        )
    except requests.RequestException as error:
        # the address is a secret, and stands in the words of the error
        raise _Again(
            f"the address in {channel.url_env} does not answer: {type(error).__name__}"
        ) from None
    if not 200 <= answer.status_code < 300:
        said = f"the address in {channel.url_env} answered {answer.status_code}"
        is_passing = answer.status_code >= 500 or answer.status_code == 429
        raise (_Again if is_passing else AlertUnsent)(said)


def _write(
    folder: Path, channel: Written, alerts: Sequence[Alert], now: datetime
) -> None:
    named = channel.path or (FEED_FILE if channel.kind == "feed" else LINES_FILE)
    path = folder / named  # a path from the root stays what it is
    stamp = now.isoformat(timespec="seconds")
    try:
        if channel.kind == "feed":
            _add_entries(path, alerts, stamp)
            return
        with path.open("a", encoding="utf-8") as stream:
            for alert in alerts:
                row = {"at": stamp, "rule": alert.rule, "key": alert.key}
                row |= {"title": alert.title, "text": alert.text}
                stream.write(json.dumps(row, ensure_ascii=False) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise AlertUnsent(f"{path} cannot be written: {error.strerror}") from None


def _add_entries(path: Path, alerts: Sequence[Alert], stamp: str) -> None:
    """Put alerts on top of an Atom feed (RFC 4287), which keeps the newest."""
    ElementTree.register_namespace("", ATOM)
    old: list[ElementTree.Element] = []
    if path.exists():
        old = ElementTree.parse(path).getroot().findall(f"{{{ATOM}}}entry")
    feed = ElementTree.Element(f"{{{ATOM}}}feed")
    for name, text in (
        ("id", "urn:recon:alerts"),
        ("title", "recon alerts"),
        ("updated", stamp),
    ):
        ElementTree.SubElement(feed, f"{{{ATOM}}}{name}").text = text
    author = ElementTree.SubElement(feed, f"{{{ATOM}}}author")
    ElementTree.SubElement(author, f"{{{ATOM}}}name").text = "recon"
    known = {each.findtext(f"{{{ATOM}}}id") for each in old}
    for alert in alerts:
        urn = f"urn:recon:{identity([alert])}"
        if urn in known:
            continue
        entry = ElementTree.SubElement(feed, f"{{{ATOM}}}entry")
        for name, text in (
            ("id", urn),
            ("title", alert.title),
            ("updated", stamp),
            ("summary", alert.text),
        ):
            ElementTree.SubElement(entry, f"{{{ATOM}}}{name}").text = text
    feed.extend(old[: max(FEED_ENTRIES - len(alerts), 0)])
    temporary = path.with_suffix(".new")
    ElementTree.ElementTree(feed).write(temporary, "utf-8", xml_declaration=True)
    os.replace(temporary, path)
