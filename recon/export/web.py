"""A note as one web page: charts that answer to the mouse, tables, and no call out.

Everything that is text is escaped. The script that draws the charts is handed in, and
goes into the page, so that it opens from a mail or without a network.
"""

import json
from collections.abc import Mapping
from html import escape

import pandas as pd

from recon.export import cells
from recon.export.pieces import Note, Piece

STYLE = """
body { font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Arial, sans-serif;
  color: #16202C; max-width: 62rem; margin: 2rem auto; padding: 0 1.2rem; }
h1 { font-size: 1.7rem; margin-bottom: 0.3rem; }
h2 { font-size: 1.2rem; margin: 2.4rem 0 0.2rem; }
p.quiet, figcaption, summary { color: #6B7280; font-size: 0.82rem; margin: 0.1rem 0; }
p.comment { white-space: pre-line; }
figure { margin: 0.6rem 0; } .chart { min-height: 20rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.85rem;
  font-variant-numeric: tabular-nums; }
th { text-align: left; border-bottom: 1px solid #16202C; padding: 0.2rem 0.7rem; }
td { border-bottom: 1px solid #E3E8EE; padding: 0.15rem 0.7rem; white-space: nowrap; }
.number { text-align: right; }
@media print { section { break-inside: avoid-page; } .scroll { overflow: visible; } }
"""
DRAW = """
for (const [id, figure] of Object.entries(figures)) {
  const { title, ...layout } = figure.layout
  const margin = { ...layout.margin, t: 24 }
  Plotly.newPlot(id, figure.data, { ...layout, margin, autosize: true },
    { displayModeBar: false, responsive: true })
}
"""


def html(note: Note, script: str) -> bytes:
    """Return a note as a web page; `script` is the library that draws figures."""
    sections, figures = [], {}
    for number, piece in enumerate(note.pieces):
        place = f"chart-{number}"
        if piece.figure is not None:
            figures[place] = piece.figure
        sections.append(_section(piece, place))
    lines = [line for line in [note.lead, *cells.about(note)] if line]
    body = "".join(f'<p class="quiet">{escape(line)}</p>' for line in lines)
    drawn = (
        f"<script>{script}</script><script>const figures = {_safe(figures)};{DRAW}"
        "</script>"
        if figures
        else ""
    )
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(note.title)}</title><style>{STYLE}</style></head><body>"
        f"<h1>{escape(note.title)}</h1>{body}{''.join(sections)}{drawn}</body></html>"
    )
    return page.encode("utf-8", "replace")


def _section(piece: Piece, place: str) -> str:
    parts = [f"<h2>{escape(piece.title)}</h2>"]
    if piece.comment:
        parts.append(f'<p class="comment">{escape(piece.comment)}</p>')
    table = _table(*cells.of(piece, thin=True))
    source = f"<figcaption>{escape(piece.stamp())}</figcaption>"
    figure = piece.drawing()
    if figure is None:
        parts.append(f'<figure><div class="scroll">{table}</div>{source}</figure>')
    else:
        parts.append(f'<p class="quiet">{escape(figure.subtitle)}</p>')
        parts.append(
            f'<figure><div class="chart" id="{place}" role="img" '
            f'aria-label="{escape(figure.alt)}"></div>{source}<details><summary>'
            f'Numbers of the chart</summary><div class="scroll">{table}</div>'
            "</details></figure>"
        )
    return f"<section>{''.join(parts)}</section>"


def _table(table: pd.DataFrame, columns: cells.Columns) -> str:
    shown = cells.texts(table, columns)
    sides = [
        ' class="number"' if cells.is_number(column) else ""
        for column in columns.values()
    ]
    heads = "".join(
        f'<th scope="col"{side} title="{escape(column.help or "")}">'
        f"{escape(column.label)}</th>"
        for side, column in zip(sides, columns.values(), strict=True)
    )
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td{side}>{escape(str(words))}</td>"
            for side, words in zip(sides, line, strict=True)
        )
        + "</tr>"
        for line in shown.itertuples(index=False, name=None)
    )
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _safe(figures: Mapping[str, object]) -> str:
    """Return figures as JSON that no text in them can end."""
    words = json.dumps(figures, ensure_ascii=True)
    return words.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
