"""Which tests stay on one worker: those that would else build or answer a thing twice.

The marks of pytest-xdist for this go unheeded with pytest 9.2, without a word.
"""

from xdist.scheduler import LoadScopeScheduling

# files by what their tests share; a browser's tests share one server of the demo market
TOGETHER = {
    "the demo market's answers": ("exhibits", "notes", "pages"),
    "the real years": (
        *("accuracy", "changes", "event", "events", "official"),
        *("reconstitution", "segments", "styles"),
    ),
    "the hostile market": ("hostile_words",),
}
GROUPS = {
    f"tests/test_{name}.py": group
    for group, names in TOGETHER.items()
    for name in names
}
OWN_SERVERS = ("event_week", "hostile", "load")
GROUPS |= {f"tests/browser/test_{name}.py": name for name in OWN_SERVERS}


class Scheduling(LoadScopeScheduling):
    """Gives a worker all the tests of a group; the largest groups come first."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        default = "browser" if file.startswith("tests/browser/") else nodeid
        return GROUPS.get(file, default)
