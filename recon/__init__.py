"""The workbench's library: the methodology's table of contents, one rule a module.

Floors (imports point down only, a test enforces it)::

    7  commands                       the command line (and app.py, pages/ outside)
    6  note                           pieces put together for a research note
    5  exhibits                       each chart and table, declared once
    4  charts  export  jobs           figures, files, loads as processes
    3  studies  ingest                what readers ask; what is published
    2  reconstitution                 facts to rules to a projection
    1  rules  |  store  sources       the methodology; facts kept and parsed
    0  vocabulary  indexes  places  tables  rulebook  schedule  record  formatting
       errors

A *table* is a DataFrame whose columns `tables` declares; a *thing* is a frozen
dataclass. Facts are fetched by SQL in `store`, rules are pandas and numpy, and
Streamlit (outside this package) only chooses, calls and shows.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recon.reconstitution import Facts, Projection, break_points, project
    from recon.reconstitution import project_as_if as project_as_if
    from recon.store import Store
    from recon.studies.accuracy import score as backtest

__version__ = "0.1.0"
__all__ = [
    "Facts",
    "Projection",
    "Store",
    "backtest",
    "break_points",
    "project",
    "project_as_if",
]
_HOMES = {
    "Store": ("recon.store", "Store"),
    "backtest": ("recon.studies.accuracy", "score"),
}


def __getattr__(name: str) -> object:
    """Import what a notebook asks for when it asks: ``from recon import project``."""
    if name not in __all__:
        raise AttributeError(f"module 'recon' has no attribute '{name}'")
    home, there = _HOMES.get(name, ("recon.reconstitution", name))
    return getattr(import_module(home), there)
