"""How workers share out the tests, so that none builds what the other has built.

The marks of pytest-xdist for this go unheeded with pytest 9.2, without a word.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

# files by what their tests share
TOGETHER = {
    "the demo market's answers": ("exhibits", "notes", "pages", "watchlists"),
    "the real years": (
        *("accuracy", "changes", "event", "events", "official"),
        *("reconstitution", "segments", "styles"),
    ),
}
GROUPS = {
    f"tests/test_{name}.py": group
    for group, names in TOGETHER.items()
    for name in names
}
BROWSER = "tests/browser/"  # a server and a browser beside pytest fill a core and more


class Scheduling(LoadScopeScheduling):
    """Gives a worker a whole file, or every file of a group, as they were collected.

    That begins with the browser's tests beside the real years, which take longest.
    """

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return GROUPS.get(file, BROWSER if file.startswith(BROWSER) else file)
