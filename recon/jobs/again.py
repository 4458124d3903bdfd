"""A load found again by what it brought, to be run once more."""

from pathlib import Path

from recon.jobs import runs


def arguments_of(store: Path, origin: str) -> tuple[str, ...]:
    """Return the arguments of the newest load that brought the rows of an origin.

    `origin` is the ledger's: a file's name, or a folder's with a year. Empty where no
    load of it is on record, or its file is gone.
    """
    for run in runs.past(store):
        if run.arguments[:1] != ("ingest",):
            continue
        for name in run.arguments[2:]:
            path = Path(name)
            is_meant = origin == path.name or origin.startswith(f"{path.name} ")
            if path.is_absolute() and is_meant and path.exists():
                return run.arguments
    return ()
