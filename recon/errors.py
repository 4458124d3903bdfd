"""What can be refused, named after what is missing or wrong.

Every message is one sentence that says what was requested, what there is, and what to
do; the pages and the command line show it as it stands.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError


class ReconError(Exception):
    """Parent of everything this package refuses on purpose."""


class StoreMissing(ReconError):
    """The folder holds no store yet."""


class StoreFormat(ReconError):
    """The store was written by another version of the program, or is not a store."""


class StoreDamaged(StoreFormat):
    """A file of the store is not as it was written."""


class StoreBusy(ReconError):
    """Another ingest is at work on the same store."""


class StoreUnwritable(ReconError):
    """The store's folder takes no more: full, read-only, or short of memory."""


class SnapshotMissing(ReconError):
    """No stored day is on or before the requested date."""


class LineMissing(ReconError):
    """A day was published on which a line cannot be drawn."""


class SourceUnreadable(ReconError):
    """A file could not be understood at all."""


class SourceBlocked(ReconError):
    """A provider refuses our requests for now."""


class SourceSilent(ReconError):
    """A provider gave no complete response in several attempts."""


class SessionUnfinished(ReconError):
    """The session is not over, or not the one that the provider shows."""


class MarketMixed(ReconError):
    """Synthetic and real data were about to share one store."""


class ScheduleMissing(ReconError):
    """No reconstitution is known for the request."""


class RulesMissing(ReconError):
    """No era of the rulebook covers the day."""


class AlertRules(ReconError):
    """The file of alert rules, or the record of what was sent, cannot be followed."""


class AlertUnsent(ReconError):
    """A channel did not take an alert."""


class BadRequest(ReconError):
    """A choice that does not exist."""


def first_fault(error: "ValidationError") -> str:
    """Return what is wrong with a record read from JSON, after the field's name."""
    fault = error.errors(include_url=False)[0]
    field = ".".join(map(str, fault["loc"]))
    return f"{field}: {fault['msg']}" if field else fault["msg"]
