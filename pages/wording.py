"""Words that come from data, a file or a link, as a page may show them: as text.

Streamlit reads every label and sentence as Markdown, in which an image would be fetched
from wherever it names. Whatever is not written in a page itself goes through `plain`.
"""

import re

MARKS = re.compile(r"([\\`*_\[\]<>~$|])")
LINE_STARTS = re.compile(r"^(\s*)([#+=-]|\d+[.)](?=\s))")
ENTITIES = re.compile(r"&(?=#|\w+;)")
SHORTCODES = re.compile(r":(?=[A-Za-z/+])")  # :material/home: and :smile:
ADDRESSES = re.compile(r"\b(www|ftp)\.", re.IGNORECASE)
JOINER = "\u2060"  # has no width; keeps a word from being taken for a code or a link


def plain(words: object) -> str:
    r"""Return words that Markdown shows as they stand, on one line.

    >>> plain("[A](b) costs $5"), plain("1. *x*")
    ('\\[A\\](b) costs \\$5', '1\\. \\*x\\*')
    """
    text = " ".join(str(words).split("\n"))
    text = MARKS.sub(r"\\\1", ENTITIES.sub(r"\&", text))
    text = LINE_STARTS.sub(_shown, text)
    text = SHORTCODES.sub(f":{JOINER}", text)
    return ADDRESSES.sub(rf"\1{JOINER}.", text)


def code(words: object) -> str:
    """Return words as code, which Markdown does not read."""
    return f"`{str(words).replace('`', ' ').replace(chr(10), ' ')}`"


def _shown(found: re.Match[str]) -> str:
    space, mark = found.groups()
    return f"{space}{mark[:-1]}\\{mark[-1]}"
