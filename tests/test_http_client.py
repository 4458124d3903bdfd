"""The HTTP client: its pace, its patience, its ledger, and what it keeps."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from recon.errors import SourceBlocked, SourceSilent
from recon.sources.http_client import HttpClient, Incomplete, RequestRecord, RetryPolicy
from recon.sources.response_cache import ResponseCache
from tests.yahoo_market import Market
from tests.yahoo_server import Yahoo, serving

SESSION = date(2026, 11, 19)
ADDRESS = "https://query2.finance.yahoo.com/v8/finance/chart/NONE?period1=0"
QUICK = RetryPolicy(
    seconds_between=0.001,
    jitter_seconds=0.0,
    first_wait_seconds=0.001,
    longest_wait_seconds=0.005,
    timeout_seconds=2.0,
)


@pytest.fixture
def yahoo() -> Iterator[Yahoo]:
    with serving(Yahoo(Market(SESSION, {}, {}))) as server:
        yield server


def one_row(url: str, status: int, content: bytes) -> int:
    if not content.startswith(b"{"):
        raise Incomplete("no JSON")
    return 1


def client(yahoo: Yahoo, policy: RetryPolicy = QUICK, **options) -> HttpClient:
    return HttpClient("Yahoo", policy=policy, base=yahoo.address, **options)


def test_an_answer_comes_with_its_line_in_the_ledger(yahoo: Yahoo) -> None:
    ledger: list[RequestRecord] = []
    ours = client(yahoo, record=ledger.append, inspect=one_row)
    response = ours.get(f"{ADDRESS}&crumb=secret", slice="a chart")
    assert b"No data found" in response.content
    (row,) = ledger
    assert row.url == ADDRESS
    assert (row.slice, row.rows, row.status, row.attempt) == ("a chart", 1, 404, 1)
    assert row.outcome == "not there"
    assert row.seconds < 1


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        pytest.param("server_error", "server error 502", id="an error of the server"),
        pytest.param("html", None, id="a page of HTML in place of an answer"),
        pytest.param("dropped", "no connection", id="a connection that breaks off"),
    ],
)
def test_what_fails_every_time_is_given_up_after_five_attempts(
    yahoo: Yahoo, fault: str, outcome: str | None
) -> None:
    yahoo.always = fault
    ledger: list[RequestRecord] = []
    with pytest.raises(SourceSilent, match="in 5 attempts"):
        client(yahoo, record=ledger.append, inspect=one_row).get(ADDRESS)
    assert [row.attempt for row in ledger] == [1, 2, 3, 4, 5]
    if outcome:
        assert {row.outcome for row in ledger} == {outcome}


def test_without_a_way_to_the_provider_the_third_attempt_is_the_last() -> None:
    ledger: list[RequestRecord] = []
    nobody = "http://127.0.0.1:9"  # the port of what is thrown away
    ours = HttpClient("Yahoo", policy=QUICK, base=nobody, record=ledger.append)
    with pytest.raises(SourceSilent, match="cannot be reached from this machine"):
        ours.get(ADDRESS)
    assert [row.outcome for row in ledger] == ["no connection"] * 3


def test_a_provider_that_answered_before_is_not_given_up_so_soon(yahoo: Yahoo) -> None:
    ours = client(yahoo)
    ours.get(ADDRESS)
    ours.base = "http://127.0.0.1:9"
    with pytest.raises(SourceSilent, match="in 5 attempts"):
        ours.get(ADDRESS)


def test_an_answer_that_does_not_come_is_a_time_out(yahoo: Yahoo) -> None:
    yahoo.delay_seconds = 1.0
    ledger: list[RequestRecord] = []
    hasty = replace(QUICK, timeout_seconds=0.1, attempts=2)
    with pytest.raises(SourceSilent):
        client(yahoo, hasty, record=ledger.append).get(ADDRESS)
    assert [row.outcome for row in ledger] == ["timed out", "timed out"]


def test_after_six_refusals_in_a_row_nothing_more_is_asked(yahoo: Yahoo) -> None:
    yahoo.always = "too_many"
    ours = client(yahoo, replace(QUICK, attempts=4))
    for _ in range(5):
        with pytest.raises(SourceBlocked, match="run the same command again"):
            ours.get(ADDRESS)
    assert len(yahoo.asked) == 6
    assert ours.blocked


def test_once_rested_one_request_tries_whether_the_provider_answers(
    yahoo: Yahoo,
) -> None:
    yahoo.always = "too_many"
    ours = client(yahoo, replace(QUICK, rest_seconds=1.0, attempts=9))
    with pytest.raises(SourceBlocked):
        ours.get(ADDRESS)
    yahoo.always = None
    with pytest.raises(SourceBlocked):
        ours.get(ADDRESS)
    time.sleep(1.05)
    assert ours.get(ADDRESS).content
    assert len(yahoo.asked) == 7


def test_requests_keep_their_distance(yahoo: Yahoo) -> None:
    ours = client(yahoo, replace(QUICK, seconds_between=0.05))
    began = time.monotonic()
    for _ in range(5):
        ours.get(ADDRESS)
    assert 0.2 <= time.monotonic() - began < 20


def test_a_kept_answer_is_not_asked_for_again(yahoo: Yahoo, tmp_path: Path) -> None:
    said = [
        client(yahoo, inspect=one_row, cache=ResponseCache(tmp_path))
        .get(f"{ADDRESS}&crumb={crumb}", slice="a chart")
        .content
        for crumb in ("one", "two")
    ]
    assert said[0] == said[1]
    assert len(yahoo.asked) == 1
    client(yahoo, inspect=one_row, cache=ResponseCache(tmp_path)).get(
        ADDRESS, slice="b"
    )
    assert len(yahoo.asked) == 2, "another purpose asks for itself"


def test_an_answer_half_written_is_no_answer(yahoo: Yahoo, tmp_path: Path) -> None:
    client(yahoo, inspect=one_row, cache=ResponseCache(tmp_path)).get(ADDRESS)
    (kept,) = tmp_path.glob("*.gz")
    kept.rename(kept.with_suffix(".new"))
    client(yahoo, inspect=one_row, cache=ResponseCache(tmp_path)).get(ADDRESS)
    assert len(yahoo.asked) == 2


def test_waits_shrink_only_where_a_local_server_stands_in(
    yahoo: Yahoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECON_SOURCE_PACE", "0.01")
    assert HttpClient("Yahoo").policy == RetryPolicy()
    local = HttpClient("Yahoo", base=yahoo.address).policy
    assert local.seconds_between == pytest.approx(RetryPolicy().seconds_between / 100)
    assert local.attempts == RetryPolicy().attempts
