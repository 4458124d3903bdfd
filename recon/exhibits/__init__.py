"""Charts and tables as a reader sees them, each declared once.

A study's module declares its exhibits; `EXHIBITS` has every one by its key.
"""

from recon.errors import BadRequest
from recon.exhibits import (
    accuracy,
    breadth,
    break_points,
    candidates,
    changes,
    company,
    concentration,
    data_health,
    demand,
    events,
    forecast,
    methodology,
    official,
    overview,
    past_demand,
    rates,
    rotation,
    segments,
    style,
    valuation,
    watchlist,
    what_if,
)
from recon.exhibits.answers import Answers
from recon.exhibits.exhibit import Exhibit, Made
from recon.exhibits.question import Question

__all__ = ["EXHIBITS", "Answers", "Exhibit", "Made", "Question", "exhibit"]

STUDIES = (
    overview,
    break_points,
    candidates,
    changes,
    official,
    watchlist,
    company,
    style,
    demand,
    what_if,
    accuracy,
    past_demand,
    forecast,
    events,
    segments,
    valuation,
    breadth,
    concentration,
    rotation,
    rates,
    data_health,
    methodology,
)
EXHIBITS: dict[str, Exhibit] = {
    each.key: each
    for study in STUDIES
    for each in vars(study).values()
    if isinstance(each, Exhibit)
}


def exhibit(key: str) -> Exhibit:
    """Return the exhibit of a key such as ``break-points/drift``.

    Raises
    ------
    BadRequest
        If there is none.
    """
    try:
        return EXHIBITS[key]
    except KeyError:
        raise BadRequest(
            f"There is no exhibit '{key}'; 'python -m recon exhibits' lists them."
        ) from None
