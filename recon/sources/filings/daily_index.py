"""EDGAR's daily index of filings: who filed what on a day.

The form is that of ``form.YYYYMMDD.idx`` and ``company.YYYYMMDD.idx``: a head of a few
lines, a line of dashes, then columns of fixed width in an order that differs.
"""

import re

from recon.errors import SourceUnreadable
from recon.sources.filings import Row, Told
from recon.sources.filings.submissions import KEPT_FORMS

HEAD = "Daily Index of EDGAR Dissemination Feed"
# form, CIK, day and file stand at the end or the beginning; names may hold anything
BY_FORM = re.compile(r"(\S+(?: \S+)*?)\s{2,}.*?\s+(\d{1,10})\s+(\d{8})\s+(\S+)\s*")
BY_COMPANY = re.compile(r".*?\s{2,}(\S+(?: \S+)*?)\s+(\d{1,10})\s+(\d{8})\s+(\S+)\s*")
ACCESSION = re.compile(r"(\d{10}-\d{2}-\d{6})\.txt$")


def recognizes(content: bytes) -> bool:
    """Tell whether a text is a daily index."""
    return HEAD.encode() in content[:400]


def parse(content: bytes, origin: str) -> Told:
    """Parse the filings of a day; forms that are not read are left out.

    Raises
    ------
    SourceUnreadable
        If it is not of the form.
    """
    text = content.decode("latin-1")
    head, line, body = text.partition("\n---")
    if not line:
        raise SourceUnreadable(f"{origin} has no line of dashes, as a daily index has.")
    is_by_form = head.index("Form Type") < head.index("Company Name   ")
    pattern = BY_FORM if is_by_form else BY_COMPANY
    rows: list[Row] = []
    unread = 0
    for each in body.splitlines()[1:]:
        found = pattern.fullmatch(each)
        accession = ACCESSION.search(found.group(4)) if found else None
        if not found or not accession:
            unread += bool(each.strip())
            continue
        form, cik, day, _ = found.groups()
        if KEPT_FORMS.fullmatch(form):
            filed = f"{day[:4]}-{day[4:6]}-{day[6:]}"
            rows.append((int(cik), form, filed, None, None, accession.group(1)))
    if unread:
        raise SourceUnreadable(f"{origin} has {unread:,} lines of another form.")
    return Told(forms=rows)
