"""What leaves the program: tables, charts and notes as files.

Each with its `Provenance`: no function here takes a piece without one.
"""

from recon.export.provenance import DEMO, ESTIMATED, NOTE, PROJECTED, Provenance
from recon.export.tables import csv, xlsx

__all__ = [
    "DEMO",
    "ESTIMATED",
    "NOTE",
    "PROJECTED",
    "Provenance",
    "csv",
    "xlsx",
]
