"""The workbench's library: the methodology's table of contents, one rule a module.

Floors (imports point down only, a test enforces it)::

    6  __main__ (and app.py, pages/ outside)
    5  commands                             the command line, a file a group
    4  note                                 pieces put together for a research note
    3  charts  export  ingest  backtest  reasons  sentences
    2  reconstitution                       composition of the rules below
    1  rules:  eligibility  ranking  bands  membership  renames  candidates  style
              capping
       read off their answers:  drift  facets  health  shifts
       facts:  store  sources  quality
    0  measures  tables  rulebook  schedule  indexes  record  errors  wording

A *table* is a DataFrame whose columns `tables` declares; a *thing* is a frozen
dataclass. Facts are fetched by SQL in `store`, rules are pandas and numpy, and
Streamlit (outside this package) only chooses, calls and shows.
"""

__version__ = "0.1.0"
