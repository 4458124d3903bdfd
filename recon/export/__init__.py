"""What leaves the program: tables, charts and notes as files.

Each with its `Provenance`: no function here takes a piece without one.
"""

from recon.export.files import csv, xlsx
from recon.export.provenance import DEMO, ESTIMATED, NOTE, PROJECTED, Provenance

__all__ = [
    "DEMO",
    "ESTIMATED",
    "NOTE",
    "PROJECTED",
    "Provenance",
    "csv",
    "xlsx",
]
