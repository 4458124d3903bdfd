"""The controls of a page, drawn from the question that its exhibits ask.

Each is bound to the link by the name of its parameter.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal, TypeVar, get_args, get_origin

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recon.exhibits.question import AS_OF, Question, choices_of
from recon.indexes import INDEXES

Asked = TypeVar("Asked", bound=Question)
SEGMENTS_WIDTH = 24  # characters that fit side by side in the sidebar


def ask(
    kind: type[Asked],
    as_of: date,
    *,
    span: tuple[date, date] | None = None,
    choices: Mapping[str, Sequence[Any]] | None = None,
    hints: Mapping[str, str] | None = None,
    within: DeltaGenerator | None = None,
    **given: Any,
) -> Asked:
    """Return the question that the sidebar asks, its controls in the order of fields.

    `span` limits days; `choices` are those of fields whose choices the data decide,
    the first of them for a text meaning every one; what is `given` has no control.
    Numbers are asked for in the part `within` of the page, with the `hints` that stand
    in empty ones; without it they are in the sidebar like all others.
    """
    values = dict(given)
    for name in kind.model_fields:
        if name == AS_OF or name in given:
            continue
        if kind.model_fields[name].annotation == float | None:
            hint = (hints or {}).get(name, "")
            values[name] = _number(kind, name, hint, within or st.sidebar)
        else:
            values[name] = _control(kind, name, span, (choices or {}).get(name))
    return kind(as_of=as_of, **values)


def _control(
    kind: type[Question],
    name: str,
    span: tuple[date, date] | None,
    choices: Sequence[Any] | None,
) -> Any:
    field = kind.model_fields[name]
    label = field.title or name
    about: dict[str, Any] = {
        "key": name,
        "bind": "query-params",
        "help": field.description,
    }
    if get_origin(field.annotation) is tuple:
        options = list(choices_of(kind, name))
        default = list(field.default)
        chosen = st.sidebar.pills(
            label, options, selection_mode="multi", default=default, **about
        )
        return tuple(chosen or default)
    if get_origin(field.annotation) is Literal:
        return _one(label, [str(each) for each in get_args(field.annotation)], about)
    if field.annotation is bool:
        return st.sidebar.toggle(label, value=field.default, **about)
    if choices is not None and field.annotation is str:
        chosen = st.sidebar.selectbox(label, list(choices), **about)
        return "" if chosen == choices[0] else chosen
    if choices is not None:
        return st.sidebar.segmented_control(
            label, list(choices), default=choices[-1], required=True, **about
        )
    if field.annotation in (float, float | None):
        given = st.sidebar.number_input(
            label, value=field.default, step=1.0, format="%g", **about
        )
        return field.default if given is None else float(given)
    if field.annotation == date | None and span is not None:
        first, last = span
        day = st.sidebar.date_input(
            label, first, min_value=first, max_value=last, format="YYYY-MM-DD", **about
        )
        return None if day == first else day
    return st.sidebar.text_input(label, placeholder=field.description, **about).strip()


def _number(
    kind: type[Question], name: str, hint: str, within: DeltaGenerator
) -> float | None:
    """Let the reader type an amount; an empty one leaves it as it is known."""
    field = kind.model_fields[name]
    return within.number_input(
        field.title or name,
        min_value=0.0,
        value=None,
        step=None,
        placeholder=hint,
        key=name,
        bind="query-params",
        help=field.description,
    )


def _one(label: str, options: list[str], about: dict[str, Any]) -> str:
    """Let the reader choose one of a few words, beside each other where they fit."""
    if sum(map(len, options)) > SEGMENTS_WIDTH:
        names = [INDEXES[each].name if each in INDEXES else "" for each in options]
        captions = names if any(names) else None
        return st.sidebar.radio(label, options, captions=captions, **about)
    chosen = st.sidebar.segmented_control(
        label, options, default=options[0], required=True, **about
    )
    return str(chosen)


def reset_question(kind: type[Question]) -> None:
    """Give every control of a question its default again."""
    for name in kind.parameters():
        if name in st.session_state:
            st.session_state[name] = kind.model_fields[name].default
