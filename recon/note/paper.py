"""A note as PDF, printed by LibreOffice or Chrome where one of them is there."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from recon.errors import BadRequest

OFFICES = ("soffice", "libreoffice")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
PATIENCE_SECONDS = 120


def unavailable() -> str:
    """Return why no PDF can be printed here; empty if one can."""
    if _found(OFFICES) or _found(BROWSERS):
        return ""
    return "A PDF needs LibreOffice, Chrome or Chromium on the machine that serves."


def printed(document: Callable[[], bytes], page: Callable[[], bytes]) -> bytes:
    """Return a PDF: LibreOffice prints the document, else Chrome the web page.

    Raises
    ------
    BadRequest
        If there is neither, or it fails.
    """
    if reason := unavailable():
        raise BadRequest(f"{reason} Take the Word file or the web page instead.")
    office = _found(OFFICES)
    with TemporaryDirectory() as folder:
        given = Path(folder) / ("note.docx" if office else "note.html")
        given.write_bytes(document() if office else page())
        command = (
            [office, "--headless", "--convert-to", "pdf", "--outdir", folder]
            + [f"-env:UserInstallation={Path(folder, 'profile').as_uri()}", str(given)]
            if office
            else [_found(BROWSERS), "--headless", "--no-sandbox", "--disable-gpu"]
            + [f"--print-to-pdf={folder}/note.pdf", given.as_uri()]
        )
        try:
            subprocess.run(
                command, capture_output=True, timeout=PATIENCE_SECONDS, check=True
            )
            return given.with_suffix(".pdf").read_bytes()
        except (OSError, subprocess.SubprocessError) as error:
            raise BadRequest(
                f"The PDF could not be printed ({type(error).__name__}); take the Word "
                "file or the web page instead."
            ) from None


def _found(names: tuple[str, ...]) -> str:
    return next((path for name in names if (path := shutil.which(name))), "")
