"""The workbench's library: the methodology's table of contents, one rule a module.

Floors (imports point down only, a test enforces it)::

    7  commands                       the command line (and app.py, pages/ outside)
    6  note                           pieces put together for a research note
    5  exhibits                       each chart and table, declared once
    4  charts  export  jobs           figures, files, loads as processes
    3  studies  ingest                what readers ask; what is published
    2  reconstitution                 facts to rules to a projection
    1  rules  |  store  sources       the methodology; facts kept and parsed
    0  tables  rulebook  schedule  indexes  record  formatting  errors

A *table* is a DataFrame whose columns `tables` declares; a *thing* is a frozen
dataclass. Facts are fetched by SQL in `store`, rules are pandas and numpy, and
Streamlit (outside this package) only chooses, calls and shows.
"""

__version__ = "0.1.0"

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recon.reconstitution import Facts, Projection, break_points, project
    from recon.reconstitution import project_as_if as project_as_if
    from recon.store import Store
    from recon.studies.accuracy import score as backtest

__all__ = [
    "Facts",
    "Projection",
    "Store",
    "backtest",
    "break_points",
    "project",
    "project_as_if",
]
# imported when asked for: the command line starts without them
_HOMES = {
    "Facts": "recon.reconstitution",
    "Projection": "recon.reconstitution",
    "Store": "recon.store",
    "backtest": "recon.studies.accuracy",
    "break_points": "recon.reconstitution",
    "project": "recon.reconstitution",
    "project_as_if": "recon.reconstitution",
}


def __getattr__(name: str) -> Any:
    """Return a public name from where it lives."""
    if name not in _HOMES:
        raise AttributeError(f"module 'recon' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), "score" if name == "backtest" else name)
