"""A file as a reader says it is: tried out as such, and loaded by the same words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from recon.ingest import rehearsal
from recon.ingest.guessing import FUNDAMENTALS, PRICES
from recon.ingest.options import Options
from recon.ingest.rehearsal import Rehearsal
from recon.sources import column_names, fundamentals
from recon.store.notation import PLAIN, Notation

COMMANDS = {PRICES: "vendor", FUNDAMENTALS: "fundamentals"}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One file and how it is to be read.

    `mapping` has pairs of our name and the file's own, an empty one for a column that
    is left out, where that is not what its name says anyway; `known_on` is the day of
    fundamentals without such a column, `replaces` tells that stored days give way.
    """

    kind: str
    path: Path
    mapping: tuple[tuple[str, str], ...] = ()
    notation: Notation = PLAIN
    known_on: date | None = None
    replaces: bool = False

    @classmethod
    def of(
        cls,
        kind: str,
        path: Path,
        chosen: Mapping[str, str],
        *,
        names: Sequence[str],
        notation: Notation = PLAIN,
        known_on: date | None = None,
        replaces: bool = False,
    ) -> "Asked":
        """Return what is asked where `chosen` has the file's column for each of ours.

        `names` are all columns of the file.
        """
        known = column_names.recognized(names)
        if kind == FUNDAMENTALS:
            known = column_names.recognized(
                names, fundamentals.KNOWN_AS, fundamentals.IGNORED
            )
            notation = replace(notation, cap_unit=PLAIN.cap_unit)
        given = {ours: name for ours, name in chosen.items() if known.get(ours) != name}
        shown = fundamentals.FACTS if kind == FUNDAMENTALS else ()
        left_out = {
            ours: "" for ours in known if ours not in chosen and ours not in shown
        }
        return cls(
            kind=kind,
            path=path,
            mapping=tuple(sorted((given | left_out).items())),
            notation=notation,
            known_on=known_on,
            replaces=replaces,
        )

    def arguments(self) -> list[str]:
        """Return the arguments of ``python -m recon`` that load the file."""
        written = self.notation
        given = {
            "--dates": written.day_order,
            "--cap-unit": written.cap_unit,
            "--rows-above": written.rows_above,
        }
        usual = {
            "--dates": PLAIN.day_order,
            "--cap-unit": PLAIN.cap_unit,
            "--rows-above": PLAIN.rows_above,
        }
        parts = [part for pair in self.mapping for part in ("--map", "=".join(pair))]
        for name, value in given.items():
            parts += [name, str(value)] if value != usual[name] else []
        parts += ["--decimal-comma"] if written.decimal_comma else []
        parts += ["--known-on", self.known_on.isoformat()] if self.known_on else []
        parts += ["--replace"] if self.replaces else []
        return ["ingest", COMMANDS[self.kind], str(self.path), *parts]

    def rehearse(self, folder: Path, today: date) -> Rehearsal:
        """Try the file on the store of a folder; nothing is kept.

        Raises
        ------
        SourceUnreadable
            If it could not be understood.
        """
        options = Options(
            mapping=dict(self.mapping),
            notation=self.notation,
            replace=self.replaces,
            today=today,
        )
        if self.kind == FUNDAMENTALS:
            return rehearsal.fundamentals(self.path, options, self.known_on)
        return rehearsal.prices(folder, self.path, options)
