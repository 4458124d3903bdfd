"""What index funds hold, as their pages serve it: two JSON forms and the CSV."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from recon import ingest
from recon.errors import SourceBlocked, SourceSilent, SourceUnreadable
from recon.indexes import INDEXES, STYLE_INDEXES
from recon.ingest import Counters
from recon.sources import fund_pages
from recon.sources.http_client import PACE
from recon.store import Store
from tests import market, terminal
from tests.fund_server import DAY, KEYS, aadata, csv, pages, product_data, well
from tests.market import Options


def test_product_data_gives_shares_with_weights_and_their_day() -> None:
    text = "\ufeff" + json.dumps(product_data())
    table = fund_pages.parse_product_data(text, "IWB", "R1000", "iShares R1000")
    assert table["symbol"].tolist() == KEYS
    weights = [0.079134, 0.016, 0.0001, 0.0002, 0.00001]
    assert table["weight_frac"].tolist() == pytest.approx(weights)
    assert set(table["as_of"]) == {pd.Timestamp(DAY)}
    assert set(table["source"]) == {"iShares R1000 holdings"}


def test_the_older_json_gives_the_same_shares_on_the_day_that_is_said() -> None:
    text = "\ufeff" + json.dumps(aadata())
    table = fund_pages.parse_aadata(text, "IWB", "R1000", DAY, "iShares R1000")
    other = fund_pages.parse_product_data(
        json.dumps(product_data()), "IWB", "R1000", "iShares R1000"
    )
    pd.testing.assert_frame_equal(table, other)


def without(name: str) -> dict:
    data = product_data()
    data["componentsByNameMap"]["holdings"]["containersByNameMap"]["all"][
        "dataPointsByNameMap"
    ].pop(name)
    return data


def one_short() -> dict:
    data = product_data()
    points = data["componentsByNameMap"]["holdings"]["containersByNameMap"]["all"][
        "dataPointsByNameMap"
    ]
    points["ticker"]["value"].pop()
    return data


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("<!DOCTYPE html>", "is not complete JSON", id="an error page"),
        pytest.param('{"aaData": [[', "is not complete JSON", id="half an answer"),
        pytest.param("[]", "JSON of another kind", id="a list"),
        pytest.param("{}", "where the fund pages keep them", id="nothing"),
        pytest.param(json.dumps(without("asOfDate")), "with its day", id="no day"),
        pytest.param(json.dumps(without("ticker")), "no list", id="no tickers"),
        pytest.param(json.dumps(one_short()), "different lengths", id="one short"),
    ],
)
def test_product_data_of_another_form_are_refused(text: str, words: str) -> None:
    with pytest.raises(SourceUnreadable) as refused:
        fund_pages.parse_product_data(text, "IWM.json", "R2000")
    assert str(refused.value).startswith("IWM.json")
    assert words in str(refused.value)


def test_the_older_json_of_a_bond_fund_is_refused() -> None:
    text = json.dumps({"aaData": [["A BOND", "Treasuries", "Fixed Income", "1", "2"]]})
    with pytest.raises(SourceUnreadable, match="no holdings of an equity fund"):
        fund_pages.parse_aadata(text, "AGG.json", "R1000", DAY)


# ---- files -------------------------------------------------------------------


def test_a_saved_answer_is_loaded_under_the_fund_of_its_name(tmp_path: Path) -> None:
    path = tmp_path / "IWF_holdings.json"
    path.write_text(json.dumps(product_data()), encoding="utf-8")
    ingest.memberships(tmp_path / "store", [path], Options())
    (entry,) = Store(tmp_path / "store").membership_lists().to_dict("records")
    assert (entry["index"], entry["source"]) == (
        "R1000G",
        "iShares Russell 1000 Growth ETF holdings",
    )


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("saved.json", product_data(), "does not say which fund it is of"),
        ("IWM_saved.json", aadata(), "does not say which day it is of"),
    ],
)
def test_a_saved_answer_that_does_not_say_enough_is_asked_for_it(
    tmp_path: Path, name: str, content: dict, words: str
) -> None:
    path = tmp_path / name
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(SourceUnreadable, match=words):
        ingest.memberships(tmp_path / "store", [path], Options())
    taken = ingest.memberships(tmp_path / "store", [path], Options(), "R2000", DAY)
    assert taken[0].accepted == len(KEYS)


def test_a_style_list_of_a_third_of_its_parent_is_one_days_members(
    tmp_path: Path,
) -> None:
    rows = [(f"A{number}", "Equity", 0.25) for number in range(390)]
    for code in ("R1000G", "R1000"):
        path = tmp_path / f"{code}.json"
        path.write_text(json.dumps(product_data(rows)), encoding="utf-8")
        ingest.memberships(tmp_path / "store", [path], Options(), code)
    store = Store(tmp_path / "store")
    lists = store.membership_lists().set_index("index")
    assert lists["usable"].to_dict() == {"R1000G": True, "R1000": False}
    members = store.members(*market.ALWAYS)
    assert len(members) == 2 * 390


def test_style_codes_are_no_size_indexes() -> None:
    assert not set(INDEXES) & set(STYLE_INDEXES)
    assert {entry.parent for entry in STYLE_INDEXES.values()} <= set(INDEXES)
    assert {fund.index for fund in fund_pages.FUNDS.values()} == {
        *("R1000", "R2000", "R3000", "MICRO"),
        *STYLE_INDEXES,
    }


# ---- asked for ----------------------------------------------------------------


@pytest.fixture(autouse=True)
def in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PACE, "0")


def of_number(number: int) -> fund_pages.Fund:
    return next(f for f in fund_pages.FUNDS.values() if f.number == number)


def test_eight_funds_are_asked_for_once_each_and_known_the_second_time(
    tmp_path: Path,
) -> None:
    noted = []
    options = Options(note_request=noted.append)
    with pages(well) as (base, asked):
        taken = ingest.fund_holdings(
            tmp_path, list(fund_pages.FUNDS), None, options, base
        )
        assert len(asked) == 8
        again = ingest.fund_holdings(tmp_path, ["IWM"], None, options, base)
    assert [each.origin for each in taken][:2] == [
        "IWB of 2026-11-18",
        "IWM of 2026-11-18",
    ]
    assert again[0].note == "already in the store; nothing changed"
    assert [(each["slice"], each["rows"]) for each in noted][1] == ("IWM newest", 5)
    assert set(Store(tmp_path).membership_lists()["index"]) == {
        fund.index for fund in fund_pages.FUNDS.values()
    }


def test_where_the_product_data_are_gone_the_csv_is_taken(tmp_path: Path) -> None:
    def answer(kind: str, number: int) -> tuple[int, str]:
        return (404, "") if kind == "json" else (200, csv(of_number(number).name))

    with pages(answer) as (base, asked):
        (taken,) = ingest.fund_holdings(tmp_path, ["IWD"], DAY, Options(), base)
    assert asked == ["json 239708 20261118", "csv 239708 20261118"]
    assert taken.accepted == len(KEYS)


def test_where_the_product_data_are_no_holdings_the_csv_is_taken(
    tmp_path: Path,
) -> None:
    def answer(kind: str, number: int) -> tuple[int, str]:
        page = "<!DOCTYPE html><p>moved</p>"
        return 200, page if kind == "json" else csv(of_number(number).name)

    with pages(answer) as (base, asked):
        (taken,) = ingest.fund_holdings(tmp_path, ["IWD"], DAY, Options(), base)
    assert asked == ["json 239708 20261118"] * 5 + ["csv 239708 20261118"]
    assert taken.accepted == len(KEYS)


def test_a_saved_answer_may_be_loaded_again_under_its_right_day(
    tmp_path: Path,
) -> None:
    path = tmp_path / "IWM_saved.json"
    path.write_text(json.dumps(aadata()), encoding="utf-8")
    for day in (date(2026, 11, 17), DAY):
        ingest.memberships(tmp_path / "store", [path], Options(), as_of=day)
    lists = Store(tmp_path / "store").membership_lists()
    assert lists["as_of"].dt.date.tolist() == [date(2026, 11, 17), DAY]


def test_an_answer_of_another_day_is_not_passed_off_as_the_day_asked_for(
    tmp_path: Path,
) -> None:
    def answer(kind: str, number: int) -> tuple[int, str]:
        text = json.dumps(product_data()) if kind == "json" else csv("x")
        return 200, text

    with (
        pages(answer) as (base, _),
        pytest.raises(SourceUnreadable, match="for 2026-11-13 and came back for"),
    ):
        ingest.fund_holdings(tmp_path, ["IWM"], date(2026, 11, 13), Options(), base)


def test_a_refusal_says_how_to_go_on_by_hand(tmp_path: Path) -> None:
    def answer(kind: str, number: int) -> tuple[int, str]:
        is_first = of_number(number).ticker == "IWB"
        return (200, json.dumps(product_data())) if is_first else (403, "denied")

    with (
        pages(answer) as (base, asked),
        pytest.raises(SourceBlocked, match=r"save the CSV of .*239710 by hand"),
    ):
        ingest.fund_holdings(tmp_path, ["IWB", "IWM", "IWV"], None, Options(), base)
    assert len(asked) == 3  # the third fund is left alone
    assert len(Store(tmp_path).membership_lists()) == 1


def test_without_a_network_the_first_fund_is_enough_to_know(tmp_path: Path) -> None:
    noted = []
    options = Options(note_request=noted.append)
    nobody = "http://127.0.0.1:9"  # the port of what is thrown away
    with pytest.raises(SourceSilent, match="Funds taken: none"):
        ingest.fund_holdings(tmp_path, ["IWB", "IWM"], None, options, nobody)
    assert {each["slice"] for each in noted} == {"IWB newest"}
    assert {each["outcome"] for each in noted} == {"no connection"}


def test_progress_counts_funds_rows_requests_and_those_repeated(tmp_path: Path) -> None:
    answers = iter(["half", *[json.dumps(product_data())] * 2])
    told = []

    def tell(what: str, fraction: float, counters: Counters | None = None) -> None:
        told.append((what, fraction, counters))

    with pages(lambda kind, number: (200, next(answers))) as (base, _):
        options = Options(progress=tell)
        ingest.fund_holdings(tmp_path, ["IWB", "IWM"], None, options, base)
    counters = Counters(slices=2, rows=10, requests=3, retries=1, seconds_left=0.0)
    assert [what for what, *_ in told] == [
        "requesting IWB",
        "IWB loaded",
        "requesting IWM",
        "IWM loaded",
    ]
    assert told[-1] == ("IWM loaded", 0.9, replace(counters, slices_done=2))


def test_half_an_answer_is_asked_for_again(tmp_path: Path) -> None:
    whole = json.dumps(product_data())
    answers = iter([whole[: len(whole) // 2], "<!DOCTYPE html><p>busy</p>", whole])
    with pages(lambda kind, number: (200, next(answers))) as (base, asked):
        (taken,) = ingest.fund_holdings(tmp_path, ["IWO"], None, Options(), base)
    assert (len(asked), taken.accepted) == (3, len(KEYS))


def test_the_command_line_asks_for_one_fund(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("RECON_STORE", str(tmp_path))
    with pages(well) as (base, asked):
        monkeypatch.setenv("RECON_ISHARES_BASE", base)
        arguments = ["ingest", "holdings", "--fund", "iwn", "--date", str(DAY)]
        code, printed = terminal.run(*arguments)
    assert (code, asked) == (0, ["json 239712 20261118"])
    assert printed.startswith("IWN of 2026-11-18: 5 rows offered, 5 accepted")
