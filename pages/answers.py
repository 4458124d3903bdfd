"""What a note asks, answered from what the pages keep: see `recon.note.answers`."""

from types import SimpleNamespace

from pages import cache, styles

ANSWERS = SimpleNamespace(
    store=cache.store,
    published_days=cache.published_days,
    day_on_or_before=cache.day_on_or_before,
    projection=cache.projection,
    adjusted_break_points=cache.adjusted_break_points,
    watched=styles.watched,
    styles=styles.projected,
    scored_years=cache.scored_years,
    scored=cache.scored,
    provenance=cache.provenance,
)
