"""Figures of what changed between two days."""

import pandas as pd
import plotly.graph_objects as go

from recon import charts, formatting

ROW_PX, NAMED = 24, 3


def lists(table: pd.DataFrame, since: str, theme: str) -> go.Figure:
    """Draw how many names join each projected list to the right, and leave it left.

    `table` is `summary.by_list`; `since` names the earlier day.
    """
    colours = charts.palette(theme)
    drawn = table[(table["joins"] + table["leaves"]) > 0].iloc[::-1]
    whole = table.set_index("list")
    made = charts.figure(
        theme,
        f"{_count(whole, 'joins')} the Russell 3000, "
        f"{formatting.number(whole.loc['R3000', 'leaves'])} leave it",
        f"Names on each projected list now and not on {since}, and the other way round",
        height=charts.TOP + charts.BOTTOM + ROW_PX * max(len(drawn), 2),
        alt="Bars of names that join and leave each projected list: "
        + "; ".join(
            f"{row.list} {row.joins} in, {row.leaves} out" for row in drawn.itertuples()
        ),
    )
    for side, sign, colour, word in (
        ("leaves", -1, colours.deletion, "leave"),
        ("joins", 1, colours.addition, "join"),
    ):
        names = drawn["joining" if side == "joins" else "leaving"]
        made.add_bar(
            x=sign * drawn[side],
            y=drawn["list"],
            orientation="h",
            name=f"names that {word}",
            marker={"color": colour},
            text=[
                _label(count, text)
                for count, text in zip(drawn[side], names, strict=True)
            ],
            textposition="outside",
            textfont={"size": 11},
            cliponaxis=False,
            **charts.hover(
                [
                    f"<b>{name}</b>: {count:,} {word}<br>{_wrapped(text)}"
                    for name, count, text in zip(
                        drawn["list"], drawn[side], names, strict=True
                    )
                ]
            ),
        )
    reach = max(drawn["joins"].max(), drawn["leaves"].max()) * 3.4
    made.update_layout(
        barmode="relative",
        xaxis={"visible": False, "range": [-reach, reach]},
        yaxis={"showgrid": False, "ticksuffix": "  "},
        bargap=0.35,
        dragmode=False,
    )
    made.add_vline(x=0, line={"color": colours.axis, "width": 1})
    return made


def causes(table: pd.DataFrame, theme: str) -> go.Figure:
    """Draw how many companies each cause moved; `table` is `summary.by_cause`."""
    colours = charts.palette(theme)
    drawn = table.iloc[::-1]
    most = str(table.iloc[0]["cause"])
    made = charts.figure(
        theme,
        f"{formatting.capitalized(most)} moved most names",
        "Companies whose lists changed, by what brought it about",
        height=charts.TOP + charts.BOTTOM + ROW_PX * max(len(drawn), 2),
        alt="Companies by cause: "
        + "; ".join(f"{row.cause} {row.company_count}" for row in table.itertuples()),
    )
    made.add_bar(
        x=drawn["company_count"],
        y=drawn["cause"],
        orientation="h",
        name="companies",
        marker={"color": colours.muted},
        text=[f"{count:,}" for count in drawn["company_count"]],
        textposition="outside",
        cliponaxis=False,
        **charts.hover(
            [
                f"<b>{row.cause}</b>: {row.company_count:,}<br>{_wrapped(row.symbols)}"
                for row in drawn.itertuples()
            ]
        ),
    )
    made.update_layout(
        xaxis={
            "visible": False,
            "range": [0, 1.15 * float(table["company_count"].max())],
        },
        yaxis={"showgrid": False, "ticksuffix": "  "},
        bargap=0.35,
        dragmode=False,
    )
    return made


def _count(whole: pd.DataFrame, side: str) -> str:
    count = int(whole.loc["R3000", side])
    return f"{formatting.count(count, 'name')} {'joins' if count == 1 else 'join'}"


def _label(count: int, names: str) -> str:
    if not count:
        return ""
    first = names.split(", ")[:NAMED]
    more = " …" if count > NAMED else ""
    return f"<b>{count:,}</b>  {charts.escaped(', '.join(first))}{more}"


def _wrapped(names: str, per_line: int = 8) -> str:
    each = names.split(", ")
    lines = [
        ", ".join(each[at : at + per_line]) for at in range(0, len(each), per_line)
    ]
    return charts.escaped("<br>".join(lines[:8])).replace("&lt;br&gt;", "<br>")
