"""A page of the app run in this process, as a visitor's link opens it."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[1]
PATIENCE_SECONDS = 120


def opened(file: str, email: str = "", **link: str) -> AppTest:
    """Open a page of `RECON_STORE` by its file in ``pages/`` and its link's words.

    `email` is that of a visitor who has signed in; all others are one.

    The app is run once before on no store: only then does a test know its pages, and
    a first page that nobody looks at would answer for nothing.
    """
    test = AppTest.from_file(ROOT / "app.py", default_timeout=PATIENCE_SECONDS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECON_STORE", str(ROOT / "no store"))
        test.run()
    test.switch_page(f"pages/{file}")
    if email:
        test.user = {"email": email}
    for name, value in link.items():
        test.query_params[name] = value
    return test.run()
