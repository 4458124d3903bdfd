"""What a note asks, answered from what the pages keep: see `recon.note.answers`."""

from types import SimpleNamespace

from pages import loads, styles

ANSWERS = SimpleNamespace(
    store=loads.store,
    published_days=loads.published_days,
    day_on_or_before=loads.day_on_or_before,
    projection=loads.projection,
    adjusted_break_points=loads.adjusted_break_points,
    watched=styles.watched,
    styles=styles.projected,
    scored_years=loads.scored_years,
    scored=loads.scored,
    provenance=loads.provenance,
)
