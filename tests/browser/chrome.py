"""Which browser this machine has, and how to get one. Standard library only."""

import os
import shutil
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"%ProgramFiles%\Google\Chrome\Application\chrome.exe",
    r"%LocalAppData%\Google\Chrome\Application\chrome.exe",
)
COMMANDS = {
    "darwin": "brew install --cask google-chrome",
    "win32": "winget install Google.Chrome",
}


def find() -> str | None:
    """Return the machine's Chrome or Chromium, `CHROME` first, or None."""
    named = [os.environ.get("CHROME"), *map(shutil.which, NAMES)]
    placed = [os.path.expandvars(place) for place in PLACES]
    paths = [path for path in [*named, *placed] if path and os.path.isfile(path)]
    return paths[0] if paths else None


def missing() -> str:
    """Return the sentence that says there is none and how to get one."""
    command = COMMANDS.get(sys.platform, "sudo apt-get install chromium")
    return f"no Chrome or Chromium on this machine; get one with: {command}"
