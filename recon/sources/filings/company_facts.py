"""EDGAR's company facts: every number a company has tagged, with its filing.

The form is that of ``companyfacts.zip``, one JSON a company. Dimensions are not in it:
its facts are of the whole company, and shares of several classes may be missing.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from recon.errors import SourceUnreadable
from recon.sources.filings import Row, Told
from recon.sources.filings.tags import Tag, tags


def recognizes(content: bytes) -> bool:
    """Tell whether a JSON has the form of company facts."""
    return b'"facts"' in content and b'"entityName"' in content[:4096]


def parse(content: bytes, origin: str) -> Told:
    """Parse the facts of one company.

    Raises
    ------
    SourceUnreadable
        If it is not of the form.
    """
    try:
        whole = orjson.loads(content)
        cik, facts = int(whole["cik"]), whole["facts"]
        found = list(_entries(facts))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceUnreadable(
            f"{origin} is not of the form of EDGAR's company facts ({error!r})."
        ) from error
    rows: dict[Row, tuple[int, Row]] = {}
    passed_over = 0
    for tag, unit, entry in found:
        start, end = entry.get("start"), entry.get("end")
        value, filed = entry.get("val"), entry.get("filed")
        is_read = unit == tag.unit and isinstance(value, int | float) and end and filed
        if not is_read or bool(start) != tag.is_of_span:
            passed_over += 1
            continue
        accession = entry.get("accn") or ""
        key = (tag.fact, start, end, accession)
        if key not in rows or tag.order < rows[key][0]:
            form = entry.get("form") or ""
            row = (cik, tag.fact, "", value, start, end, filed, form, accession)
            rows[key] = (tag.order, row)
    return Told(facts=[row for _, row in rows.values()], passed_over=passed_over)


def _entries(facts: dict[str, Any]) -> Iterator[tuple[Tag, str, dict[str, Any]]]:
    for (taxonomy, name), tag in tags().items():
        units = facts.get(taxonomy, {}).get(name, {}).get("units", {})
        for unit, entries in units.items():
            for entry in entries:
                yield tag, unit, entry
