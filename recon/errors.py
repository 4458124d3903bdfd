"""What can be refused, named after what is missing or wrong.

Every message is one sentence that says what was asked for, what there is and what to
do; pages and the command line show it unchanged.
"""


class ReconError(Exception):
    """Parent of everything this package refuses on purpose."""


class StoreMissing(ReconError):
    """The folder holds no store yet."""


class StoreFormat(ReconError):
    """The store was written by another version of the program, or is not a store."""


class StoreBusy(ReconError):
    """Another ingest is at work on the same store."""


class SnapshotMissing(ReconError):
    """No stored day answers the date that was asked for."""


class SourceUnreadable(ReconError):
    """A file could not be understood at all."""


class SourceBlocked(ReconError):
    """A provider refuses our requests for now."""


class SourceSilent(ReconError):
    """A provider gave no whole answer, however often it was asked."""


class SessionUnfinished(ReconError):
    """The session asked for is not over, or not the one that the provider shows."""


class MarketMixed(ReconError):
    """Synthetic and real data were about to share one store."""


class ScheduleMissing(ReconError):
    """No reconstitution is known for what was asked."""


class RulesMissing(ReconError):
    """No era of the rulebook covers the day."""


class BadRequest(ReconError):
    """A choice that does not exist."""
