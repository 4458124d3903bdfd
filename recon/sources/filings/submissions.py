"""EDGAR's submissions: who a filer is, and every form it has filed.

The form is that of ``submissions.zip``, one JSON a filer; a filer with more than a
thousand filings has further members for the older ones, named in the first.
"""

import re
from typing import Any

import orjson

from recon import places
from recon.errors import SourceUnreadable
from recon.sources.filings import Row, Told

# forms that tell what a filer is, when it came and when it left; the others go by
KEPT_FORMS = re.compile(
    r"(10-K|10-KT|10-Q|20-F|40-F|8-K|8-K12B|6-K|S-1|S-11|S-4|F-1|F-4|10-12B|10-12G|"
    r"8-A12B|8-A12G|424B4|DEFM14A|25|25-NSE|15-12B|15-12G|15-15D|15F-12B|"
    r"N-2|N-1A|N-CSR|N-54A|N-54C|N-8A|N-8F|N-CEN)(/A)?"
)
# of 8-K: completed takeover (2.01), shares sold (3.02), delisting (3.01), change in
# control (5.01), and the end of a shell company (5.06)
KEPT_ITEMS = {"2.01", "3.01", "3.02", "5.01", "5.06"}
REPORTS = (b'"10-K', b'"20-F', b'"40-F', b'"N-CSR', b'"N-54A')
PART = re.compile(r"CIK(\d{10})-submissions-\d+\.json")


def recognizes(content: bytes, name: str) -> bool:
    """Tell whether a JSON has the form of submissions, or of a further member."""
    is_part = bool(PART.search(name)) and b'"accessionNumber"' in content[:4096]
    return is_part or (b'"filings"' in content and b'"entityType"' in content)


def is_of_a_company(content: bytes) -> bool:
    """Tell, without parsing, whether a filer has a ticker or files reports."""
    is_listed = b'"tickers":[]' not in content and b'"tickers": []' not in content
    return is_listed or any(report in content for report in REPORTS)


def parse(content: bytes, origin: str) -> Told:
    """Parse one filer; what it is counts as known on the day of its newest filing.

    Raises
    ------
    SourceUnreadable
        If it is not of the form.
    """
    try:
        whole = orjson.loads(content)
        if part := PART.search(origin):
            return Told(forms=_forms(int(part.group(1)), whole))
        cik, recent = int(whole["cik"]), whole["filings"]["recent"]
        newest = max(recent["filingDate"], default=None)
        return Told(
            filers=_filers(cik, whole, newest),
            former_names=_former_names(cik, whole),
            symbols=_symbols(cik, whole, newest),
            forms=_forms(cik, recent),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceUnreadable(
            f"{origin} is not of the form of EDGAR's submissions ({error!r})."
        ) from error


def _filers(cik: int, whole: dict[str, Any], newest: str | None) -> list[Row]:
    if newest is None:  # without a filing nobody has stated anything
        return []
    business = (whole.get("addresses") or {}).get("business") or {}
    row = (
        cik,
        newest,
        whole.get("name") or None,
        whole.get("entityType") or None,
        int(whole["sic"]) if whole.get("sic") else None,
        places.sec_place(whole.get("stateOfIncorporation")),
        places.sec_place(business.get("stateOrCountry")),
        "",
    )
    return [row]


def _former_names(cik: int, whole: dict[str, Any]) -> list[Row]:
    return [
        (cik, each["name"], _day(each.get("from")), _day(each.get("to")))
        for each in whole.get("formerNames") or ()
    ]


def _day(text: str | None) -> str | None:
    return text[:10] if text else None


def _symbols(cik: int, whole: dict[str, Any], newest: str | None) -> list[Row]:
    tickers, exchanges = whole.get("tickers") or [], whole.get("exchanges") or []
    if newest is None:
        return []
    exchanges = [*exchanges, *[None] * (len(tickers) - len(exchanges))]
    pairs = zip(tickers, exchanges, strict=False)
    return [(cik, symbol, where, newest) for symbol, where in pairs]


def _forms(cik: int, columns: dict[str, list[Any]]) -> list[Row]:
    rows: list[Row] = []
    for form, filed, period, items, accession in zip(
        columns["form"],
        columns["filingDate"],
        columns["reportDate"],
        columns.get("items") or [""] * len(columns["form"]),
        columns["accessionNumber"],
        strict=True,
    ):
        if not KEPT_FORMS.fullmatch(form):
            continue
        told = KEPT_ITEMS.intersection((items or "").split(","))
        if form.startswith("8-K") and not told:
            continue
        words = ",".join(sorted(told)) or None
        rows.append((cik, form, filed, period or None, words, accession))
    return rows
