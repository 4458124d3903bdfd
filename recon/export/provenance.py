"""Where a chart or a table is from: the one place that says so.

Nothing is exported without a `Provenance`. What the caller need not know, the rulebook
in force and the version of the program, is worked out here from the day.
"""

from dataclasses import dataclass
from datetime import date
from ipaddress import ip_address
from urllib.parse import urlsplit

from recon import __version__
from recon.formatting import day
from recon.rulebook import rulebook

DEMO = "Demo market, synthetic"
NOTE = "Not a FTSE Russell product and not advice; projected until official."
ESTIMATED, PROJECTED, WHAT_IF = "est.", "projected", "what if"
NO_LINK = "none, made without a page"


def is_local(host: str) -> bool:
    """Tell whether an address is of this machine or of the network it stands in.

    >>> is_local("127.0.0.1"), is_local("desk"), is_local("desk.example")
    (True, True, False)
    """
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Where a table or a figure is from, in words.

    `mark` says what the numbers are not: ``est.`` where they rest on stand-ins,
    ``projected`` where they are not official; `link` opens the page as it stood.
    """

    title: str
    as_of: date
    source: str
    filters: str = "none"
    mark: str = ""
    is_demo: bool = False
    link: str = ""

    def day(self) -> str:
        """Return the as-of day in words."""
        return day(self.as_of)

    def rules(self) -> str:
        """Return the era of the rulebook in force on the day, and its document."""
        era = rulebook(self.as_of)
        return f"rules since {day(era.effective)} ({era.document})"

    def program(self) -> str:
        """Return name and version of this program."""
        return f"recon {__version__}"

    def rows(self) -> list[tuple[str, str]]:
        """Return label and words, one row per thing to know."""
        return [
            ("Title", self.title),
            *([("Market", DEMO)] if self.is_demo else []),
            ("As of", self.day()),
            ("Source", self.source),
            *([("Numbers are", self.mark)] if self.mark else []),
            ("Filters", self.filters),
            ("Rulebook", self.rules()),
            ("Program", self.program()),
            ("Link", self.link or NO_LINK),
            ("Note", NOTE),
        ]

    def sentence(self) -> str:
        """Return the source note that stands under a chart or a table."""
        parts = [DEMO] if self.is_demo else []
        if self.source.lower() not in DEMO.lower():
            parts.append(f"Source: {self.source}")
        parts.append(f"as of {self.day()}")
        parts += [self.mark] if self.mark else []
        if self.filters != "none":
            parts.append(self.filters)
        return " · ".join(parts)

    def public_link(self) -> str:
        """Return the link where others can open it, empty where only this machine can.

        >>> from datetime import date
        >>> about = {"title": "", "as_of": date(2026, 4, 30), "source": ""}
        >>> Provenance(**about, link="http://localhost:8501/style?v=1").public_link()
        ''
        >>> Provenance(**about, link="https://desk.example/style?v=1").public_link()
        'https://desk.example/style?v=1'
        """
        host = urlsplit(self.link).hostname
        return self.link if host and not is_local(host) else ""

    def versions(self) -> str:
        """Return what an export says beside the source note: rules and program."""
        return f"{self.rules()} · {self.program()}"

    def file_name(self) -> str:
        """Return a file name without ending, such as ``break-points-2026-04-30``."""
        words = "".join(c if c.isalnum() else " " for c in self.title.lower()).split()
        return "-".join(["recon", *words, self.as_of.isoformat()])
