"""Figures of value and growth: map, totals, sectors, capping, one company."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from recon import charts, formatting, vocabulary

NAMED = 7  # companies whose ticker stands beside their dot
NAME_ROOM = (0.10, 0.06)  # of the score, so that names do not overlap
WHOLE_PX, LEAST_PX = 176, 3.5  # diameter of a dot as large as the whole index
SHAPES = {
    vocabulary.TO_VALUE: "triangle-right",
    vocabulary.TO_GROWTH: "triangle-left",
    vocabulary.NEW: "cross",
}
ENDS = {0.0: "growth", 1.0: "value"}
ENDS_WORDS = "all growth, all value"
PLAIN = (vocabulary.STAYS, vocabulary.NOT_KNOWN, *ENDS.values())
OUTSIDE = "outside the filters"
LINES = ("cvs_lower_quartile", "cvs_median", "cvs_upper_quartile")
LINE_WORDS = ("all growth below", "half and half", "all value above")
TOP_WEIGHTS = 12
BEFORE_WORDS = "hollow: before; filled: now"


def score_map(rows: pd.DataFrame, shown: pd.DataFrame, theme: str) -> go.Figure:
    """Draw each company's score now against before; areas are available caps.

    `rows` are all companies of a base group, muted if not in `shown`; both come from
    `studies.style.styled`. Without earlier styles the two halves of the score are drawn
    against each other. The first value of `customdata` is the symbol.
    """
    has_before = rows["previous_cvs"].notna().any()
    is_against = rows["previous_value_weight_frac"].notna().any()
    halves = rows[["growth_forecast_score", "sales_growth_score"]].mean(axis=1)
    x, y = rows["book_to_price_score"], halves.where(rows["cvs"].notna())
    titles = ("Book to price, score", "Growth, score (mean of the two)")
    if has_before:
        x, y = rows["previous_cvs"], rows["cvs"]
        titles = ("Score at the last reconstitution", "Score now")
    drawn = rows.assign(x=x, y=y).dropna(subset=["x", "y"])
    is_shown = drawn["symbol"].isin(shown["symbol"])
    made = charts.figure(
        theme,
        _map_title(shown, is_against),
        _map_subtitle(has_before, is_against, len(rows) - len(drawn)),
        height=charts.FULL_HEIGHT + 60,
        alt="One dot for each company, area by available market cap; the table under "
        "the chart has those that the filters show.",
    )
    low, high = _range(drawn)
    if has_before:
        _guides(made, rows, theme, (low, high))
    sizes = _areas(drawn["float_market_cap_usd"])
    _dots(made, drawn[~is_shown], sizes[~is_shown], theme, OUTSIDE)
    kind = drawn["shift"] if is_against else drawn["value_weight_frac"].map(ENDS)
    for word in (*PLAIN, *SHAPES):
        part = is_shown & kind.fillna(vocabulary.STAYS).eq(word)
        _dots(made, drawn[part], sizes[part], theme, word)
    _names(made, drawn[is_shown].assign(size=sizes[is_shown]), theme)
    made.update_layout(
        xaxis={"range": [low, high], "title": {"text": titles[0]}, "showgrid": True},
        yaxis={"range": [low, high], "title": {"text": titles[1]}},
        margin={"b": charts.BOTTOM + 18},
        hovermode="closest",
        dragmode="select",
        clickmode="event+select",
    )
    return made


def _map_title(shown: pd.DataFrame, is_against: bool) -> str:
    if not is_against:
        one = shown["value_weight_frac"]
        return (
            f"{formatting.count(int((one == 0).sum()), 'company', 'companies')} all "
            f"growth, {int((one == 1).sum()):,} all value, "
            f"{int(((one > 0) & (one < 1)).sum()):,} in both"
        )
    value = int((shown["shift"] == vocabulary.TO_VALUE).sum())
    growth = int((shown["shift"] == vocabulary.TO_GROWTH).sum())
    sides = ((value, "towards value"), (growth, "towards growth"))
    said = [f"{count:,} {words}" for count, words in sides if count]
    of = f"of {formatting.count(len(shown), 'company', 'companies')}"
    if not said:
        return f"None {of} shifts"
    return (
        f"{value + growth:,} {of} {'shifts' if value + growth == 1 else 'shift'}: "
        + (", ".join(said))
    )


def _map_subtitle(has_before: bool, is_against: bool, left_out: int) -> str:
    what = (
        "Composite value score before and now, low growth, high value; area: available "
        "market cap<br>On the diagonal nothing changed; dotted: today's lines"
        if has_before
        else "The two halves of the composite value score, low growth, high value; "
        "area: available market cap<br>"
        f"In colour: {'shifts' if is_against else ENDS_WORDS}; "
        "the earlier score is not known"
    )
    return what + (
        f"; {left_out:,} without both scores are not drawn" if left_out else ""
    )


def _range(drawn: pd.DataFrame) -> tuple[float, float]:
    values = drawn[["x", "y"]].to_numpy(float)
    if not len(values):
        return 0.0, 1.0
    low, high = np.nanquantile(values, [0.002, 0.998])
    return float(min(low, 0)) - 0.06, float(max(high, 1)) + 0.06


def _guides(
    made: go.Figure, rows: pd.DataFrame, theme: str, ends: tuple[float, float]
) -> None:
    colours = charts.palette(theme)
    (low, high), guide = ends, {"color": colours.axis, "width": 1}
    made.add_shape(type="line", x0=low, y0=low, x1=high, y1=high, line=guide)
    for _, line in rows[list(LINES)].dropna().head(1).iterrows():
        for value, words in zip(line, LINE_WORDS, strict=True):
            font = {"size": 10, "color": colours.muted}
            made.add_hline(
                y=value,
                line={"color": colours.muted, "width": 1, "dash": "dot"},
                annotation={"text": words, "font": font, "x": 0, "xanchor": "left"},
                annotation_position="bottom left"
                if words == LINE_WORDS[0]
                else "top left",
            )


def _areas(caps: pd.Series) -> pd.Series:
    """Return diameters in pixels, with areas in proportion to the caps."""
    return (np.sqrt(caps / caps.sum()) * WHOLE_PX).clip(lower=LEAST_PX)


def _dots(
    made: go.Figure, rows: pd.DataFrame, sizes: pd.Series, theme: str, word: str
) -> None:
    if rows.empty:
        return
    colours, muted = charts.palette(theme), word == OUTSIDE
    colour = {
        vocabulary.TO_VALUE: colours.value,
        vocabulary.TO_GROWTH: colours.growth,
        "value": colours.value,
        "growth": colours.growth,
        vocabulary.NEW: colours.addition,
    }.get(word, colours.muted)
    made.add_scatter(
        x=rows["x"],
        y=rows["y"],
        mode="markers",
        name=formatting.shift(word),
        marker={
            "symbol": SHAPES.get(word, "circle"),
            "color": charts.tint(colour, 0.12 if muted else 0.5),
            "size": sizes,
            "line": {"width": 0 if muted else 1, "color": colour},
        },
        customdata=np.stack(
            [rows["symbol"], [_hover(row) for row in rows.to_dict("records")]], axis=1
        ),
        hovertemplate="%{customdata[1]}<extra></extra>",
        showlegend=False,
    )


def _hover(row: dict) -> str:
    before = formatting.style(row["previous_value_weight_frac"])
    lines = [
        f"<b>{charts.escaped(row['symbol'])}</b> {charts.escaped(row['company'])}",
        f"{formatting.style(row['value_weight_frac'])} now, {before} before",
        f"score {formatting.number(row['cvs'], 2)}, before "
        f"{formatting.number(row['previous_cvs'], 2)}",
        f"{formatting.usd(row['float_market_cap_usd'])} available",
    ]
    return "<br>".join([*lines, *([row["driver"]] if row["driver"] else [])])


def _names(made: go.Figure, rows: pd.DataFrame, theme: str) -> None:
    """Write the tickers of the largest shifts, or of the largest companies."""
    by_shift = rows["shifted_usd"].abs()
    moved = rows["shift"].isin([vocabulary.TO_VALUE, vocabulary.TO_GROWTH])
    order = by_shift[moved].sort_values(ascending=False).index
    ranked = rows.loc[order] if len(order) else rows.head(NAMED)
    for row in _apart(ranked.to_dict("records")):
        made.add_annotation(
            x=row["x"],
            y=row["y"],
            text=row["symbol"],
            showarrow=False,
            xanchor="left",
            xshift=row["size"] / 2 + 2,
            font={"size": 11, "color": charts.palette(theme).break_point},
        )


def _apart(rows: list[dict]) -> list[dict]:
    """Return the first rows whose names do not overlap."""
    kept: list[dict] = []
    for row in rows:
        if not any(
            abs(row["x"] - other["x"]) < NAME_ROOM[0]
            and abs(row["y"] - other["y"]) < NAME_ROOM[1]
            for other in kept
        ):
            kept.append(row)
    return kept[:NAMED]


def totals(table: pd.DataFrame, theme: str) -> go.Figure:
    """Draw the shares of value and growth in each index's available cap, then and now.

    `table` is `style_shifts.totals`; an index without a known style is left out.
    """
    colours = charts.palette(theme)
    table = table[table["frac"].notna()]
    bars = [
        (index, when, column)
        for index in dict.fromkeys(table["base_index"])
        for when, column in (("now", "frac"), ("before", "previous_frac"))
        if table.loc[table["base_index"] == index, column].notna().any()
    ]
    made = charts.figure(
        theme,
        _totals_title(table),
        "Share of each index's available market cap, percent",
        height=charts.TOP + charts.BOTTOM + 34 * max(len(bars), 2),
    )
    labels = [f"{formatting.index_name(index)}, {when}" for index, when, _ in bars]
    for style, colour in (("value", colours.value), ("growth", colours.growth)):
        of_style = table[table["style"] == style].set_index("base_index")
        parts = [of_style.at[index, column] for index, _, column in bars]
        looks = {
            "now": (colour, colours.ground),
            "before": (charts.tint(colour, 0.5), colours.break_point),
        }
        made.add_bar(
            y=labels,
            x=parts,
            orientation="h",
            name=style,
            marker={"color": [looks[when][0] for _, when, _ in bars]},
            text=[f"{style} {formatting.percent(part)}" for part in parts],
            textposition="inside",
            insidetextanchor="start" if style == "value" else "end",
            textfont={"color": [looks[when][1] for _, when, _ in bars]},
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    made.update_layout(
        barmode="stack",
        bargap=0.25,
        xaxis={"range": [0, 1], "visible": False},
        yaxis={"autorange": "reversed", "showgrid": False},
    )
    made.add_vline(x=0.5, line={"color": colours.ground, "width": 1})
    return made


def _totals_title(table: pd.DataFrame) -> str:
    value = table[table["style"] == "value"].head(2).to_dict("records")
    parts = [
        f"{formatting.percent(row['frac'])} of {row['base_index']}" for row in value
    ]
    return f"Value is {', '.join(parts)}" if parts else "No style is known"


def tilt(tilts: dict[str, pd.DataFrame], theme: str, *, index: str) -> go.Figure:
    """Draw each sector's share of the two style indexes, hollow before, filled now.

    `tilts` holds `style_shifts.sector_tilt` by style.
    """
    colours = charts.palette(theme)
    both = pd.concat(tilts)
    order = both.groupby("sector")["frac"].sum().sort_values()
    sectors = [name for name in order.index if order[name] > 0]
    top = tilts["growth"].iloc[0] if len(tilts["growth"]) else None
    title = (
        f"{top['sector']} is {formatting.percent(top['frac'], 0)} of growth"
        if top is not None and top["frac"] > 0
        else "Sectors of each style are not known"
    )
    made = charts.figure(
        theme,
        title,
        f"Sector's share of {index} value and growth, percent<br>{BEFORE_WORDS}",
        height=charts.TOP + charts.BOTTOM + 40 + 38 * max(len(sectors), 3),
    )
    for style, colour in (("value", colours.value), ("growth", colours.growth)):
        table = tilts[style].set_index("sector").reindex(sectors)
        for column, symbol, when in (
            ("previous_frac", "circle-open", " before"),
            ("frac", "circle", ""),
        ):
            parts = table[column]
            made.add_scatter(
                x=parts,
                y=sectors,
                mode="markers",
                name=f"{style}{when}",
                legendgroup=style,
                showlegend=not when,
                marker={"symbol": symbol, "size": 9, "color": colour},
                customdata=parts.map(formatting.percent, na_action="ignore").fillna(""),
                hovertemplate=f"%{{y}}: %{{customdata}} of {style}{when}"
                "<extra></extra>",
            )
    most = float(both[["frac", "previous_frac"]].max().max())
    made.update_layout(
        showlegend=True,
        legend={"y": 1.0, "yanchor": "bottom"},
        margin={"t": charts.TOP + 40},
        xaxis={"tickformat": ".0%", "range": [-0.015, most + 0.04], "showgrid": True},
        yaxis={"showgrid": False},
    )
    return made


def concentration(
    table: pd.DataFrame, theme: str, *, index: str, limits: tuple[float, float]
) -> go.Figure:
    """Draw the heaviest companies of a growth index, and their weight once capped.

    `table` is `capping.concentrate`; `limits` are the weight above which a company
    counts as heavy, and the most that heavy companies may weigh together.
    """
    colours = charts.palette(theme)
    top = table.head(TOP_WEIGHTS).iloc[::-1]
    heavy = table[table["is_large"]]
    cut = float(table["cut_frac"].clip(lower=0).sum())
    strengths = top["is_large"].map({True: 0.5, False: 0.3})
    about = [top["company"].map(charts.escaped)]
    for column in ("weight_frac", "capped_weight_frac"):
        about.append(top[column].map(lambda value: formatting.percent(value, 2)))
    made = charts.figure(
        theme,
        f"Capping would cut {formatting.number(cut * 100, 1)} points from "
        f"{formatting.count(len(heavy), 'company', 'companies')}"
        if cut
        else "Capping would cut nothing",
        f"Weight in {index} Growth; {len(heavy)} above {formatting.percent(limits[0])} "
        f"weigh {formatting.percent(heavy['weight_frac'].sum())}<br>Upright mark: "
        f"capped, those at most {formatting.percent(limits[1], 0)} together",
        height=charts.TOP + charts.BOTTOM + 24 * max(len(top), 3),
    )
    made.add_bar(
        x=top["weight_frac"],
        y=top["symbol"],
        orientation="h",
        name="Weight",
        marker={"color": [charts.tint(colours.growth, each) for each in strengths]},
        customdata=np.stack(about, axis=1) if len(top) else None,
        hovertemplate="<b>%{y}</b> %{customdata[0]}<br>%{customdata[1]}, capped "
        "%{customdata[2]}<extra></extra>",
    )
    made.add_scatter(
        x=top["capped_weight_frac"],
        y=top["symbol"],
        mode="markers",
        name="Capped",
        marker={
            "symbol": "line-ns",
            "size": 14,
            "line": {"width": 2.5, "color": colours.break_point},
        },
        hoverinfo="skip",
    )
    made.add_scatter(
        x=top[["weight_frac", "capped_weight_frac"]].max(axis=1),
        y=top["symbol"],
        mode="text",
        text=[f" {formatting.percent(value)}" for value in top["weight_frac"]],
        textposition="middle right",
        cliponaxis=False,
        hoverinfo="skip",
    )
    made.add_vline(x=limits[0], line={"color": colours.axis, "width": 1, "dash": "dot"})
    made.update_layout(
        bargap=0.35,
        xaxis={"tickformat": ".0%", "rangemode": "tozero"},
        yaxis={"showgrid": False},
        margin={"r": 44},
    )
    return made


STEPS = (
    ("book_to_price_score", "Book to price"),
    ("growth_forecast_score", "Growth forecast"),
    ("sales_growth_score", "Sales growth"),
)


def waterfall(
    company: pd.Series, weights: tuple[float, float, float], theme: str
) -> go.Figure:
    """Draw how a company's score adds up from the middle, and the index's lines.

    `company` is a row of table `Styled`, `weights` those of the variables.
    """
    colours = charts.palette(theme)
    pushes = [
        part * (company[name] - 0.5)
        for part, (name, _) in zip(weights, STEPS, strict=True)
    ]
    steps = [(label, push) for (_, label), push in zip(STEPS, pushes, strict=True)]
    if bool(company["is_cvs_kept"]):
        steps.append(("Kept from before", company["cvs"] - company["new_cvs"]))
    index = formatting.index_name(company["base_index"])
    made = charts.figure(
        theme,
        f"{company['symbol']} is {_style_words(company)} in the {index}",
        "Composite value score, low growth, high value: what each variable adds to the "
        "middle; dotted: the index's lines",
        height=330,
        alt=f"Waterfall of the style score of {company['symbol']}.",
    )
    made.add_waterfall(
        name="Score",
        x=[*(label for label, _ in steps), "Score"],
        y=[*(value for _, value in steps), 0],
        measure=[*["relative"] * len(steps), "total"],
        base=0.5,
        text=[
            *(formatting.number(value, 2, signed=True) for _, value in steps),
            formatting.number(company["cvs"], 2),
        ],
        textposition="outside",
        cliponaxis=False,
        increasing={"marker": {"color": colours.value}},
        decreasing={"marker": {"color": colours.growth}},
        totals={"marker": {"color": colours.muted}},
        connector={"line": {"color": colours.axis, "width": 1}},
        hovertemplate="%{x}: %{text}<extra></extra>",
    )
    levels = [0.5, *(0.5 + np.cumsum(pushes)), company["cvs"]]
    levels += [company[name] for name in LINES]
    low, high = min(levels), max(levels)
    room = max(high - low, 0.1) * 0.18
    ends = (float(low - room), float(high + room))
    made.update_layout(yaxis={"range": ends}, margin={"r": 190}, waterfallgap=0.45)
    line_colours = (colours.growth, colours.muted, colours.value)
    labels = []
    for name, words, colour in zip(LINES, LINE_WORDS, line_colours, strict=True):
        value = float(company[name])
        labels.append((value, f"{words} {formatting.number(value, 2)}", colour))
        made.add_hline(y=value, line={"color": colour, "width": 1, "dash": "dot"})
    charts.end_labels(made, labels, ends, is_log=False)
    return made


def _style_words(company: pd.Series) -> str:
    value = company["value_weight_frac"]
    if value in (0, 1):
        return f"all {'value' if value else 'growth'}"
    parts = (formatting.percent(value, 0), formatting.percent(1 - value, 0))
    return f"{parts[0]} value and {parts[1]} growth"
