"""Pages that show what other pages showed, and know nothing else.

`pages.py` records the elements of each page of the program; here every one of them is
made ready once, as a constant, and shown again by the same Streamlit call: the same
widgets, figures of the same points, tables of the same cells. A page runs nothing but
those calls. Tables go in plain, without the formatting that the program's own do.
"""

import atexit
import base64
import gc
import json
import pickle
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pyarrow as pa
import streamlit as st
from streamlit.proto.ButtonGroup_pb2 import ButtonGroup
from streamlit.proto.Checkbox_pb2 import Checkbox
from streamlit.proto.Dataframe_pb2 import Dataframe
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.Markdown_pb2 import Markdown
from streamlit.proto.PlotlyChart_pb2 import PlotlyChart
from streamlit_client import DeltaPath, user_key

MAIN, SIDEBAR, EVENT = 0, 1, 2
HEADINGS = {"h1": st.title, "h2": st.header, "h3": st.subheader}


@dataclass
class Recorded:
    """What one page showed, once for each value of its widget `key`."""

    title: str
    section: str
    url_path: str
    is_default: bool
    key: str | None
    shown: dict[object, dict[DeltaPath, bytes]]


@dataclass
class Node:
    """One call, and what goes inside of what it makes."""

    call: Callable[[], Any]
    children: "list[Node]" = field(default_factory=list)
    is_split: bool = False  # columns and tabs make one container for each child


def main(recording: str) -> None:
    """Run the page that the visitor asked for."""
    st.set_page_config(page_title="empty", layout="wide", initial_sidebar_state=240)
    sections: dict[str, list[Any]] = {}
    for page, trees in pages(recording):
        made = st.Page(
            partial(show, page.key, trees),
            title=page.title,
            url_path=page.url_path,
            default=page.is_default,
        )
        sections.setdefault(page.section, []).append(made)
    st.navigation(sections).run()
    settle()


@st.cache_resource(show_spinner=False)
def pages(recording: str) -> list[tuple[Recorded, dict[object, Node]]]:
    """Make every call of every page ready."""
    recorded = pickle.loads(Path(recording).read_bytes())
    return [
        (page, {value: tree(deltas) for value, deltas in page.shown.items()})
        for page in recorded
    ]


@st.cache_resource(show_spinner=False)
def settle() -> None:
    """Do as the program: take what is imported out of garbage collection, once."""
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)


def show(key: str | None, trees: dict[object, Node]) -> None:
    """Show what the page showed while its widget had the value that it has."""
    first, *_ = trees
    value = st.session_state.get(key, first) if key else first
    root = trees[value]
    for node, place in zip(root.children, (st.container(), st.sidebar), strict=False):
        with place:
            fill(node.children)


def fill(nodes: list[Node]) -> None:
    """Make the calls in order, each inside of its container."""
    for node in nodes:
        made = node.call()
        if node.is_split:
            for place, child in zip(made, node.children, strict=True):
                with place:
                    fill(child.children)
        elif node.children:
            with made:
                fill(node.children)


def tree(deltas: dict[DeltaPath, bytes]) -> Node:
    """Turn the elements of a page, by their places on it, into calls."""
    root = Node(st.empty, [Node(st.empty), Node(st.empty)])
    main, sidebar = root.children
    # what Streamlit puts aside by itself, such as a style, it puts there again
    nodes = {(MAIN,): main, (SIDEBAR,): sidebar, (EVENT,): main}
    read = {path: Delta.FromString(deltas[path]) for path in sorted(deltas)}
    for path, delta in read.items():
        inside = [
            other for at, other in read.items() if at[:-1] == path and len(at) > 1
        ]
        if delta.WhichOneof("type") == "add_block":
            node = container(delta.add_block, inside)
        else:
            node = Node(element(delta.new_element))
        nodes[path] = node
        nodes[path[:-1]].children.append(node)
    return root


def container(block: Any, inside: list[Delta]) -> Node:
    """Return the call that makes a container."""
    kind = block.WhichOneof("type")
    if kind == "expandable":
        options = {"expanded": block.expandable.expanded, "key": user_key(block.id)}
        return Node(partial(st.expander, block.expandable.label, **options))
    if kind == "tab_container":
        labels = [delta.add_block.tab.label for delta in inside]
        return Node(partial(st.tabs, labels), is_split=True)
    if inside and all(each.add_block.WhichOneof("type") == "column" for each in inside):
        weights = [delta.add_block.column.weight for delta in inside]
        return Node(partial(st.columns, weights), is_split=True)
    if kind in ("column", "tab"):
        return Node(st.container)
    direction = block.flex_container.direction
    is_horizontal = direction == block.flex_container.HORIZONTAL
    options = {"horizontal": is_horizontal, "key": user_key(block.id)}
    return Node(partial(st.container, **options))


def element(shown: Any) -> Callable[[], Any]:
    """Return the call that shows an element again."""
    kind = shown.WhichOneof("type")
    if kind not in ELEMENTS:
        raise NotImplementedError(f"empty_pages.py cannot show '{kind}' yet")
    width = "content" if shown.width_config.use_content else "stretch"
    return ELEMENTS[kind](getattr(shown, kind), width)


def _markdown(proto: Markdown, width: str) -> Callable[[], Any]:
    is_caption = proto.element_type == Markdown.CAPTION
    call = st.caption if is_caption else st.markdown
    return partial(call, proto.body, width=width, help=proto.help or None)


def _plotly(proto: PlotlyChart, width: str) -> Callable[[], Any]:
    figure = go.Figure(_with_arrays(json.loads(proto.spec)))
    modes = [PlotlyChart.SelectionMode.Name(mode) for mode in proto.selection_mode]
    options: dict[str, Any] = {"selection_mode": [mode.lower() for mode in modes]}
    return partial(
        st.plotly_chart,
        figure,
        theme=None,
        key=user_key(proto.id),
        config=json.loads(proto.config),
        alt=proto.alt or None,
        on_select="rerun" if modes else "ignore",
        **(options if modes else {}),
    )


def _with_arrays(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_arrays(each) for each in value]
    if not isinstance(value, dict):
        return value
    if "bdata" in value:
        array = np.frombuffer(base64.b64decode(value["bdata"]), value["dtype"])
        if "shape" not in value:
            return array
        return array.reshape([int(side) for side in str(value["shape"]).split(",")])
    return {name: _with_arrays(each) for name, each in value.items()}


def _table(proto: Dataframe, width: str) -> Callable[[], Any]:
    with pa.ipc.open_stream(proto.arrow_data.data) as stream:
        table = stream.read_pandas()
    modes = [Dataframe.SelectionMode.Name(mode) for mode in proto.selection_mode]
    options: dict[str, Any] = {
        "selection_mode": [mode.lower().replace("_", "-") for mode in modes]
    }
    return partial(
        st.dataframe,
        table,
        column_config=json.loads(proto.columns),
        row_height=proto.row_height or None,
        placeholder=proto.placeholder or None,
        key=user_key(proto.id),
        on_select="rerun" if modes else "ignore",
        **(options if modes else {}),
    )


def _checkbox(proto: Checkbox, width: str) -> Callable[[], Any]:
    call = st.toggle if proto.type == Checkbox.TOGGLE else st.checkbox
    return partial(call, proto.label, value=proto.default, **_widget(proto))


def _buttons(proto: ButtonGroup, width: str) -> Callable[[], Any]:
    is_pills = proto.style == ButtonGroup.PILLS
    is_multi = proto.click_mode == ButtonGroup.MULTI_SELECT
    labels = [option.content for option in proto.options]
    chosen = [labels[position] for position in proto.default]
    return partial(
        st.pills if is_pills else st.segmented_control,
        proto.label,
        labels,
        selection_mode="multi" if is_multi else "single",
        default=chosen if is_multi else (chosen or [None])[0],
        **_widget(proto),
    )


def _date(proto: Any, width: str) -> Callable[[], Any]:
    bounds = (proto.min, proto.max, *proto.default)
    low, high, *given = (date.fromisoformat(day.replace("/", "-")) for day in bounds)
    options = {"format": proto.format, "min_value": low, "max_value": high}
    value = given[0] if given else None
    return partial(st.date_input, proto.label, value, **options, **_widget(proto))


def _text(proto: Any, width: str) -> Callable[[], Any]:
    options = {"placeholder": proto.placeholder or None, **_widget(proto)}
    return partial(st.text_input, proto.label, proto.default, **options)


def _select(proto: Any, width: str) -> Callable[[], Any]:
    options = {"index": proto.default, **_widget(proto)}
    return partial(st.selectbox, proto.label, list(proto.options), **options)


def _radio(proto: Any, width: str) -> Callable[[], Any]:
    labels = list(proto.options)
    return partial(st.radio, proto.label, labels, proto.default, **_widget(proto))


def _widget(proto: Any) -> dict[str, Any]:
    bind = "query-params" if proto.query_param_key else None
    return {"key": user_key(proto.id), "bind": bind, "help": proto.help or None}


def _button(proto: Any, width: str) -> Callable[[], Any]:
    options = {"key": user_key(proto.id), "type": proto.type, "width": width}
    return partial(st.button, proto.label, help=proto.help or None, **options)


def _download(proto: Any, width: str) -> Callable[[], Any]:
    return partial(
        st.download_button,
        proto.label,
        data=bytes,
        key=user_key(proto.id),
        type=proto.type,
        help=proto.help or None,
        on_click="ignore",
    )


def _metric(proto: Any, width: str) -> Callable[[], Any]:
    options = {"help": proto.help or None, "width": width}
    return partial(st.metric, proto.label, proto.body, **options)


def _heading(proto: Any, width: str) -> Callable[[], Any]:
    return partial(HEADINGS[proto.tag], proto.body, anchor=False, width=width)


def _html(proto: Any, width: str) -> Callable[[], Any]:
    is_script = proto.unsafe_allow_javascript
    return partial(st.html, proto.body, unsafe_allow_javascript=is_script)


ELEMENTS: dict[str, Callable[[Any, str], Callable[[], Any]]] = {
    "markdown": _markdown,
    "heading": _heading,
    "html": _html,
    "plotly_chart": _plotly,
    "dataframe": _table,
    "checkbox": _checkbox,
    "button": _button,
    "button_group": _buttons,
    "date_input": _date,
    "text_input": _text,
    "selectbox": _select,
    "radio": _radio,
    "download_button": _download,
    "metric": _metric,
    "code": lambda proto, width: partial(st.code, proto.code_text, proto.language),
    "alert": lambda proto, width: partial(st.info, proto.body),
    "empty": lambda proto, width: st.empty,
    "space": lambda proto, width: st.space,
}
