"""Why a company is in or out: every rule it met, in words."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from recon.reconstitution import project
from recon.rulebook import ERAS, Line, rulebook
from recon.studies import company, methodology

DAY = date(2024, 5, 2)
LISTED = [
    # symbol, name, country, close, cap
    ("GIANT", "Giant Inc. Common Stock", "United States", 100.0, 90e9),
    ("TWOA", "Two Inc. Class A Common Stock", "United States", 50.0, 40e9),
    ("TWOB", "Two Inc. Class B Common Stock", "United States", 51.0, 40.8e9),
    ("MID", "Mid Corp. Common Stock", "United States", 20.0, 9e9),
    ("EDGE", "Edge Corp. Common Stock", "United States", 20.0, 8e9),
    ("SMALL", "Small Corp. Common Stock", "United States", 10.0, 1e9),
    ("PENNY", "Penny Corp. Common Stock", "United States", 0.5, 5e8),
    ("BLANK", "Blank Corp. Common Stock", "United States", 9.0, None),
    ("ABROAD", "Abroad Ltd. Common Stock", "Germany", 30.0, 7e9),
]
RULES = replace(
    rulebook(DAY),
    lines=(Line(rank=3, band_frac=0.06), Line(rank=5, band_frac=0)),
    large_count=3,
    broad_count=5,
    universe_count=6,
)


class Facts:
    """A market of one day."""

    def day_on_or_before(self, as_of):
        return DAY

    def published_days(self):
        return pd.DatetimeIndex([DAY])

    def securities(self, since, until):
        table = pd.DataFrame(LISTED, columns=["symbol", "name", "country", "c", "m"])
        texts = ["sector", "industry", "security_type", "incorporation_country", "cik"]
        return table[["symbol", "name", "country"]].assign(
            security_id=range(len(LISTED)),
            symbol_id=range(len(LISTED)),
            exchange="NYSE",
            ipo_year=float("nan"),
            **{name: pd.Series([None] * len(LISTED), dtype="str") for name in texts},
        )

    def quotes(self, since, until):
        return pd.DataFrame(
            {
                "snapshot_date": pd.Timestamp(DAY),
                "security_id": range(len(LISTED)),
                "close_usd": [row[3] for row in LISTED],
                "total_market_cap_usd": [row[4] for row in LISTED],
                "volume_shares": 1e6,
                "shares_outstanding": float("nan"),
                "available_shares": float("nan"),
                "close_change_frac": float("nan"),
                "carried_sessions": 0,
            }
        ).astype({"total_market_cap_usd": float})

    def caps(self, since, until):
        return self.quotes(since, until)

    def priced_on(self, days):
        return self.quotes(DAY, DAY).dropna(subset=["total_market_cap_usd"])

    def trailing(self, since, until, symbol_ids):
        rows = [
            (pd.Timestamp(DAY), at, LISTED[at][3], 2e6 if at == 1 else 1e6)
            for at in symbol_ids
        ]
        columns = ["snapshot_date", "symbol_id", "close_usd", "volume_shares"]
        return pd.DataFrame(rows, columns=columns)

    def filers(self, as_of):
        return pd.DataFrame(columns=["cik", "known_on"])

    def free_floats(self, as_of):
        return pd.DataFrame(columns=["symbol", "known_on", "free_float_frac"])

    def membership_lists(self):
        return pd.DataFrame(
            {
                "list_id": [1, 2],
                "index": ["R1000", "R2000"],
                "as_of": pd.Timestamp(2024, 4, 30),
                "source": "a fund",
                "security_count": [3, 3],
                "usable": True,
                "reason": None,
            }
        )

    def members(self, since, until):
        held = [("R1000", s) for s in ("GIANT", "TWOA", "EDGE")]
        held += [("R2000", s) for s in ("SMALL", "PENNY")]
        return pd.DataFrame(
            [
                {
                    "list_id": 1 if code == "R1000" else 2,
                    "index": code,
                    "as_of": pd.Timestamp(2024, 4, 30),
                    "symbol": symbol,
                    "weight_frac": 0.1,
                    "source": "a fund",
                }
                for code, symbol in held
            ]
        )


@pytest.fixture(scope="module")
def projection():
    return project(Facts(), DAY, RULES)


def at(symbol):
    return [row[0] for row in LISTED].index(symbol)


def explained(projection, symbol):
    return company.explain(projection, at(symbol), "listings").set_index("rule")


def test_every_screen_and_rule_is_there_in_the_methodologys_order(projection):
    table = company.explain(projection, at("GIANT"), "listings")
    assert table["rule"].tolist() == [
        "Exchange",
        "Share type",
        "Structure",
        "Country",
        "Float and votes",
        "Price",
        "Total market cap",
        "Free float",
        "Russell 3000 line",
        "Russell 1000 line",
        "Russell 1000 band",
        "Projected index",
    ]
    assert table["clause"].str.len().min() > 0
    assert table["source"].str.len().min() > 0


def test_a_close_below_the_minimum_fails_with_its_margin(projection):
    price = explained(projection, "PENNY").loc["Price"]
    assert price["outcome"] == "✕ fail"
    assert price["value"] == "close $0.50"
    assert price["margin"] == "−50.0%"


def test_a_cap_that_is_not_known_is_called_so(projection):
    cap = explained(projection, "BLANK").loc["Total market cap"]
    assert cap["value"] == "not known"
    assert cap["outcome"] == "? not known"


def test_what_is_not_known_and_let_through_says_so(projection):
    row = explained(projection, "MID").loc["Float and votes"]
    shown = row[["value", "threshold", "outcome", "evidence"]].tolist()
    assert shown == [
        "not tested",
        "",
        "? not known",
        "let through: not known does not fail",
    ]


def test_float_and_votes_of_a_member_show_no_threshold_as_if_it_had_been_passed(
    projection,
):
    table = explained(projection, "GIANT")
    row = table.loc["Float and votes", ["value", "threshold"]]
    assert row.tolist() == ["not tested; a Russell 3000 member passed them", ""]
    row = table.loc["Free float", ["value", "threshold", "margin", "outcome"]]
    assert row.tolist() == ["not tested", "", "", "? not known"]


class Floats(Facts):
    """The market of one day with what is known of free floats."""

    def quotes(self, since, until):
        quotes = super().quotes(since, until)
        # 100 shares of every 1,000: SMALL's own count of shares, MID's by its cap
        own = quotes["security_id"].isin([at("SMALL"), at("MID")])
        shares = quotes["total_market_cap_usd"] / quotes["close_usd"]
        return quotes.assign(
            available_shares=(shares / 10).where(own),
            shares_outstanding=(shares * 3).where(own & own.index.isin([at("SMALL")])),
        )

    def free_floats(self, as_of):
        rows = [
            ("PENNY", "2023-03-28", 0.01),
            ("EDGE", "2024-05-01", 0.5),
            ("EDGE", "2024-05-02", 0.049999),
            ("GIANT", "2024-05-02", 0.05),
            ("TWOA", "2024-05-02", 0.01),
        ]
        table = pd.DataFrame(rows, columns=["symbol", "known_on", "free_float_frac"])
        return table.assign(known_on=pd.to_datetime(table["known_on"]))


FLOAT_ROW = ["value", "threshold", "margin", "outcome"]


@pytest.mark.parametrize(
    ("symbol", "row"),
    [
        pytest.param(
            "EDGE",
            ["4.9999% of the shares", "5%", "0.00 points", "✕ fail"],
            id="4.9999 percent fails, whatever was known the day before",
        ),
        pytest.param(
            "GIANT",
            ["5% of the shares", "5%", "0.00 points", "✓ pass"],
            id="5 percent passes",
        ),
        pytest.param(
            "SMALL",
            ["3.33333% of the shares", "5%", "−1.67 points", "✕ fail"],
            id="available shares against the count of shares",
        ),
        pytest.param(
            "MID",
            ["10% of the shares", "5%", "+5.00 points", "✓ pass"],
            id="available shares against those of the market cap",
        ),
        pytest.param(
            "TWOA",
            ["not tested", "", "", "? not known"],
            id="one class of several may be set against the shares of all",
        ),
        pytest.param(
            "PENNY",
            ["not tested", "", "", "? not known"],
            id="a figure older than 400 days",
        ),
    ],
)
def test_the_free_float_is_tested_wherever_a_figure_is_known(symbol, row):
    table = explained(project(Floats(), DAY, RULES), symbol)
    assert table.loc["Free float", FLOAT_ROW].tolist() == row


def test_a_member_with_too_little_float_leaves():
    projection = project(Floats(), DAY, RULES)
    listed = projection.securities.set_index("symbol")
    assert listed.loc["EDGE", ["move", "ineligible_reason"]].tolist() == [
        "deletion",
        "free float 4.9999% of the shares, below 5%",
    ]
    assert "EDGE" not in projection.companies["symbol"].tolist()


def test_a_foreign_company_fails_on_country_and_is_not_ranked(projection):
    table = explained(projection, "ABROAD")
    assert table.loc["Country", "outcome"] == "✕ fail"
    assert "Russell 1000 line" not in table.index


def test_a_member_below_the_line_but_inside_the_band_is_held(projection):
    table = explained(projection, "EDGE")
    assert table.loc["Russell 1000 line", "outcome"] == "▼ below"
    band = table.loc["Russell 1000 band"]
    assert band["outcome"] == "● inside"
    assert "keeps the Russell 1000" in band["evidence"]
    assert "because the band holds it" in company.verdict(projection, at("EDGE"))


def test_the_band_is_not_asked_of_a_newcomer(projection):
    band = explained(projection, "MID").loc["Russell 1000 band"]
    assert band["outcome"] == "– not asked"


def test_a_hard_cut_has_no_band_row():
    rules = replace(RULES, lines=(Line(rank=3, band_frac=0), Line(rank=5, band_frac=0)))
    table = explained(project(Facts(), DAY, rules), "EDGE")
    assert "Russell 1000 band" not in table.index


@pytest.mark.parametrize(
    ("symbol", "words"),
    [
        ("GIANT", "stays in the Russell 1000"),
        ("MID", "would join the Russell 1000"),
        ("SMALL", "stays in the Russell 2000"),
        ("PENNY", "would leave the Russell 2000: close $0.5 below $1.00"),
        ("ABROAD", "stays out of the Russell 3000: based in Germany"),
        ("BLANK", "stays out of the Russell 3000: market cap not known"),
    ],
)
def test_the_verdict_in_one_sentence(projection, symbol, words):
    assert words in company.verdict(projection, at(symbol))


def test_the_pricing_vehicle_says_why_it_is_one(projection):
    roles = company.classes(projection, at("TWOB")).set_index("symbol")["role"]
    assert roles["TWOA"] == "pricing vehicle: most traded over two years"
    assert roles["TWOB"].startswith("extra share class")


def test_an_extra_class_shows_its_own_screen(projection):
    row = explained(projection, "TWOB").loc["Extra share class"]
    assert row["outcome"] == "✕ fail"
    assert "Extra share class" not in explained(projection, "TWOA").index


def test_the_history_of_two_classes_is_one_company(projection):
    days = pd.to_datetime(["2024-05-01", "2024-05-02"])
    histories = pd.DataFrame(
        {
            "snapshot_date": [*days, *days],
            "symbol": ["TWOA"] * 2 + ["TWOB"] * 2,
            "close_usd": [49.0, 50.0, 50.0, 51.0],
            "total_market_cap_usd": [39.2e9, 40e9, 40e9, 40.8e9],
            "volume_shares": 1e6,
            "carried_sessions": 0,
        }
    )
    assert sorted(company.class_symbols(projection, at("TWOB"))) == ["TWOA", "TWOB"]
    history = company.cap_history(projection, at("TWOB"), histories)
    assert history["total_market_cap_usd"].tolist() == [39.2e9, 40e9]


def test_membership_history_marks_lists_without_the_company():
    lists = pd.DataFrame(
        {
            "index": ["R1000", "R2000", "R2000"],
            "as_of": pd.to_datetime(["2024-01-02", "2024-01-02", "2024-02-01"]),
            "source": "a fund",
            "usable": [True, True, False],
        }
    )
    held = lists.iloc[:1].drop(columns="usable")
    table = company.membership_history(lists, held, date(2024, 12, 31))
    assert table["is_held"].tolist() == [True, False]


def test_eras_list_every_number_once_and_then_only_changes():
    table = methodology.eras(ERAS)
    first = table[table["effective"] == pd.Timestamp(ERAS[0].effective)]
    assert first["rule"].is_unique
    changed = table[table["effective"] > pd.Timestamp(ERAS[0].effective)]
    assert (changed["value"] != changed["before"]).all()
    band = changed[changed["rule"] == "Band at rank 1,000"]
    assert band["value"].tolist() == ["±2.5 points of cumulative cap"]


@pytest.mark.parametrize(
    ("words", "symbols"),
    [
        ("mid", ["MID"]),
        ("two", ["TWOA", "TWOB"]),
        ("penny corp", ["PENNY"]),
        ("class b", ["TWOB"]),
        ("", []),
        ("%(", []),
        ("no such company", []),
    ],
)
def test_find_by_ticker_or_by_a_part_of_the_name(projection, words, symbols):
    assert company.find(projection.securities, words)["symbol"].tolist() == symbols
