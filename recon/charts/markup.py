"""Texts of a figure without markup that is not ours.

Plotly reads every text as markup: links, and styles that can fetch a picture. What the
program itself writes into texts is known and short; all else is shown as it stands.
"""

import re
from typing import Any

import numpy as np
import plotly.graph_objects as go

# as `charts` writes it: bold, breaks, the styles of subtitles
OURS = re.compile(
    r"</?(?:b|i|sup|sub|extra|span)>|<br ?/?>"
    r"|<span style='(?:(?:font-size|font-weight|color) ?: ?[\w#.,()%]+ ?;? ?)*'>"
)
OPENING = re.compile("<")


def plain(words: str) -> str:
    """Return a text in which only our own markup is any.

    >>> plain("<b>A</b><a href='x'>B</a>")
    "<b>A</b>&lt;a href='x'>B&lt;/a>"
    """
    parts, at = [], 0
    for found in OURS.finditer(words):
        parts += [OPENING.sub("&lt;", words[at : found.start()]), found[0]]
        at = found.end()
    return "".join([*parts, OPENING.sub("&lt;", words[at:])])


def without_strangers(value: Any) -> Any:
    """Return a part of a figure in JSON's terms with every text `plain`."""
    if isinstance(value, str):
        return plain(value) if "<" in value else value
    if isinstance(value, dict):
        return {key: without_strangers(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_strangers(each) for each in value]
    if isinstance(value, np.ndarray) and value.dtype.kind in "OUST":
        flat = [without_strangers(each) for each in value.ravel().tolist()]
        made = np.empty(len(flat), dtype=object)
        made[:] = flat
        return made.reshape(value.shape)
    return value


def clean(figure: go.Figure) -> None:
    """Make every text of a figure plain, in place."""
    for part in (*figure.data, figure.layout):
        held = part.to_plotly_json()
        for name in ("template", "meta"):  # ours, and what is shown as plain text
            held.pop(name, None)
        strange = {name: value for name, value in held.items() if is_strange(value)}
        part.update(without_strangers(strange), overwrite=True)


def is_strange(value: Any) -> bool:
    """Tell whether a part of a figure, in JSON's terms, holds markup not ours."""
    if isinstance(value, str):
        return "<" in value and plain(value) != value
    if isinstance(value, dict):
        return any(map(is_strange, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(is_strange, value))
    is_text = isinstance(value, np.ndarray) and value.dtype.kind in "OUST"
    return is_text and any(map(is_strange, value.ravel().tolist()))
