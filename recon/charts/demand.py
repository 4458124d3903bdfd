"""Figures of what passive money trades: crowded names, totals, closing auctions."""

from datetime import date

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from recon import charts, formatting

BUYS, SELLS = "buys", "sells"
LANES = {BUYS: "▲ funds buy", SELLS: "▼ funds sell"}
SYMBOLS = {BUYS: "triangle-up", SELLS: "triangle-down"}
MOST_DOTS = 1_000  # rows, the largest trades first; more a picture cannot show
NAMED, NAME_ROOM = 16, (0.13, 0.055)  # of a decade across and up
DAY_TICKS = tuple(10.0**power for power in range(-2, 5))
LEAST_DAYS, LEAST_USD = 0.01, 1e5
CROWDED_DAYS = 10
BAR_PX, MOST_BARS = 25, 14


def crowded(rows: pd.DataFrame, theme: str, *, window: str) -> go.Figure:
    """Draw days of volume against dollars, one mark a name, both on log scales.

    `rows` is `studies.demand.rows.shown`; names without a volume are not drawn. The
    first value of `customdata` is the symbol.
    """
    colours = charts.palette(theme)
    known = rows[rows["days"] > 0]
    large = known["demand_usd"].abs().sort_values(ascending=False).index[:MOST_DOTS]
    many = known["days"].gt(CROWDED_DAYS)
    drawn = known[many | known.index.isin(large)]
    count = int(many.sum())
    made = charts.figure(
        theme,
        f"{formatting.count(count, 'name')} "
        f"{'needs' if count == 1 else 'need'} more than {CROWDED_DAYS} days' volume",
        f"Days of {window} against what passive funds trade net, log scales; est."
        + _left_out(len(rows) - len(known), len(known) - len(drawn)),
        height=charts.FULL_HEIGHT + 30,
        alt="One mark for each name, up for buying and down for selling; the table "
        "under the chart holds the same rows.",
    )
    for side, words in LANES.items():
        part = drawn[drawn["trade"] == side]
        made.add_scatter(
            x=part["demand_usd"].abs().clip(lower=LEAST_USD),
            y=part["days"].clip(lower=LEAST_DAYS),
            mode="markers",
            name=words,
            marker={
                "symbol": SYMBOLS[side],
                "color": colours.addition if side == BUYS else colours.deletion,
                "size": np.where(part["change"].eq("drift of weights"), 5, 8),
                "opacity": np.where(part["change"].eq("drift of weights"), 0.35, 0.85),
                "line": {"width": 0},  # white otherwise, where sizes differ
            },
            unselected={"marker": {"opacity": 0.1}},
            customdata=_custom(part),
            hovertemplate="%{customdata[1]}<extra></extra>",
            showlegend=True,
        )
    made.add_hline(
        y=CROWDED_DAYS, line={"color": colours.break_point, "width": 1, "dash": "dot"}
    )
    _axes(made, drawn)
    _names(made, drawn, theme)
    made.update_layout(
        showlegend=True,
        legend={"y": 1.0, "yanchor": "bottom"},
        margin={"b": charts.BOTTOM + 20, "t": charts.TOP + 22},
        dragmode="select",
        clickmode="event+select",
        hovermode="closest",
    )
    return made


def _left_out(unknown: int, small: int) -> str:
    parts = [f"{unknown:,} without a known volume"] if unknown else []
    parts += [f"{small:,} small trades"] if small else []
    return f"; not drawn: {' and '.join(parts)}" if parts else ""


def _custom(rows: pd.DataFrame) -> np.ndarray:
    words = [_hover(row) for row in rows.to_dict("records")]
    return np.stack([rows["symbol"].astype(object), np.array(words, object)], axis=1)


def _hover(row: dict) -> str:
    low, base, high = (
        formatting.usd_signed(row[name])
        for name in ("demand_usd_low", "demand_usd", "demand_usd_high")
    )
    return "<br>".join(
        [
            f"<b>{charts.escaped(row['symbol'])}</b> {charts.escaped(row['company'])}",
            f"{row['change']}: {base} ({low} to {high})",
            f"{formatting.number(row['days'], 1)} days of volume, "
            f"{formatting.percent(row['demand_float_frac'], signed=True)} of the float",
            charts.escaped(row["legs"]).replace("; ", "<br>"),
        ]
    )


def _axes(made: go.Figure, drawn: pd.DataFrame) -> None:
    usd = drawn["demand_usd"].abs().clip(lower=LEAST_USD)
    days = drawn["days"].clip(lower=LEAST_DAYS)
    if drawn.empty:
        return
    low, high = usd.min() / 1.3, usd.max() * 1.9
    ticks = charts.log_ticks(low, high, least=4)
    made.update_layout(
        xaxis={
            "type": "log",
            "range": [float(np.log10(low)), float(np.log10(high))],
            "tickvals": ticks,
            "ticktext": [formatting.tick(value) for value in ticks],
            "title": {"text": "net trade, US dollars"},
            "showgrid": True,
            "tickangle": 0,
        },
        yaxis={
            "type": "log",
            "range": [
                float(np.log10(days.min() / 1.3)),
                float(np.log10(max(days.max(), CROWDED_DAYS) * 1.6)),
            ],
            "tickvals": DAY_TICKS,
            "ticktext": [f"{value:,g}" for value in DAY_TICKS],
            "title": {"text": "days of volume"},
        },
    )


def _names(made: go.Figure, drawn: pd.DataFrame, theme: str) -> None:
    """Write the tickers of names that are large in both, where they have room."""
    size = np.log10(drawn["demand_usd"].abs().clip(lower=LEAST_USD))
    days = np.log10(drawn["days"].clip(lower=LEAST_DAYS))
    order = (size + days).sort_values(ascending=False).index
    placed: list[tuple[float, float]] = []
    across = max(float(size.max() - size.min()), 1e-9) if len(size) else 1.0
    up = max(float(days.max() - days.min()), 1e-9) if len(days) else 1.0
    for at in order:
        x, y = float(size[at]), float(days[at])
        near = [
            abs(x - left) < NAME_ROOM[0] * across and abs(y - top) < NAME_ROOM[1] * up
            for left, top in placed
        ]
        if any(near):
            continue
        placed.append((x, y))
        made.add_annotation(
            x=x,
            y=y,
            text=charts.escaped(drawn.at[at, "symbol"]),
            showarrow=False,
            xanchor="left",
            xshift=6,
            font={"size": 11, "color": charts.palette(theme).break_point},
        )
        if len(placed) == NAMED:
            break


def by_index(table: pd.DataFrame, theme: str) -> go.Figure:
    """Draw what the money on each index trades each way, with low and high money.

    `table` has name, bought_usd, traded_low_usd, traded_high_usd, joins and leaves, the
    largest first; what an index sells is what it buys.
    """
    colours = charts.palette(theme)
    shown = table[table["bought_usd"] > 0].head(MOST_BARS).iloc[::-1]
    if shown.empty:
        made = charts.figure(theme, "No index trades", "US dollars by index; est.")
        return charts.without_data(made, "Nothing is known to join or leave an index.")
    largest, base = shown.iloc[-1], shown["bought_usd"]
    made = charts.figure(
        theme,
        f"{largest['name']} funds trade most: "
        f"{formatting.usd(largest['bought_usd'])} each way",
        "US dollars bought, and as many sold, by the money on each index<br>Line: from "
        "low to high money; est.",
        height=charts.TOP + charts.BOTTOM + 16 + BAR_PX * len(shown),
    )
    low, high = shown["traded_low_usd"], shown["traded_high_usd"]
    words = [
        f"<b>{row['name']}</b><br>{formatting.usd(row['bought_usd'])} each way "
        f"({formatting.usd(row['traded_low_usd'])} to "
        f"{formatting.usd(row['traded_high_usd'])})<br>"
        f"{formatting.percent(row['turnover_frac'])} of the index; "
        f"{row['joins']} join, {row['leaves']} leave"
        for row in shown.to_dict("records")
    ]
    made.add_bar(
        x=base,
        y=shown["name"],
        orientation="h",
        marker={"color": colours.r1000},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": high - base,
            "arrayminus": base - low,
            "color": colours.muted,
            "thickness": 1,
            "width": 3,
        },
        **charts.hover(words),
    )
    for name, value, end in zip(shown["name"], base, high, strict=True):
        made.add_annotation(
            x=end,
            y=name,
            text=formatting.usd(value),
            showarrow=False,
            xanchor="left",
            xshift=6,
            font={"size": 11},
        )
    _usd_axis(made, 0.0, float(high.max()) * 1.22)
    made.update_layout(yaxis={"showgrid": False, "type": "category"})
    return made


def by_sector(table: pd.DataFrame, theme: str) -> go.Figure:
    """Draw what is bought and sold of each sector, to both sides of zero.

    `table` has name, bought_usd and sold_usd (below zero), the largest first.
    """
    colours = charts.palette(theme)
    shown = table.head(MOST_BARS).iloc[::-1]
    net = table["bought_usd"] + table["sold_usd"]
    most = table.loc[net.abs().idxmax()]
    total = float(most["bought_usd"] + most["sold_usd"])
    made = charts.figure(
        theme,
        f"{most['name']}: {formatting.usd(abs(total))} net "
        f"{'bought' if total > 0 else 'sold'}",
        "US dollars that passive funds buy and sell, base money; mark: net; est.",
        height=charts.TOP + charts.BOTTOM + 24 + BAR_PX * len(shown),
    )
    for column, words, colour in (
        ("bought_usd", LANES[BUYS], colours.addition),
        ("sold_usd", LANES[SELLS], colours.deletion),
    ):
        made.add_bar(
            x=shown[column],
            y=shown["name"],
            orientation="h",
            name=words,
            marker={"color": colour},
            **charts.hover(
                [
                    f"<b>{charts.escaped(name)}</b><br>{words} {formatting.usd(abs(v))}"
                    for name, v in zip(shown["name"], shown[column], strict=True)
                ]
            ),
            showlegend=True,
        )
    made.add_scatter(
        x=shown["bought_usd"] + shown["sold_usd"],
        y=shown["name"],
        mode="markers",
        name="net",
        marker={
            "symbol": "line-ns",
            "size": 13,
            "line": {"color": colours.break_point, "width": 2},
        },
        hoverinfo="skip",
        showlegend=True,
    )
    ends = float(shown["sold_usd"].min()), float(shown["bought_usd"].max())
    _usd_axis(made, ends[0] * 1.06, ends[1] * 1.06)
    made.update_layout(
        barmode="relative",
        showlegend=True,
        margin={"t": charts.TOP + 22},
        yaxis={"showgrid": False},
    )
    return made


def past_days(rows: pd.DataFrame, year: int, theme: str) -> go.Figure:
    """Draw the volume of an implementation day against the days that were modeled.

    `rows` is `studies.demand.past.Past.volume`: one mark a name that moved. On the line
    the day traded its usual volume and what was modeled, no more.
    """
    colours = charts.palette(theme)
    drawn = rows[(rows["demand_days"].abs() > 0) & (rows["volume_multiple"] > 0)]
    came = drawn[drawn["came"]]
    correlation = (
        came["demand_days"].abs().corr(came["volume_multiple"], method="spearman")
    )
    made = charts.figure(
        theme,
        f"June {year}: the median name that moved traded "
        f"{formatting.number(came['volume_multiple'].median(), 1)} times its usual "
        "volume",
        "Volume of implementation day over the mean of 20 sessions, against days of "
        "volume modeled; log scales<br>Line: the usual volume and what was modeled; "
        f"rank correlation {formatting.number(correlation, 2)} of those that moved",
        height=charts.FULL_HEIGHT,
    )
    if drawn.empty:
        return charts.without_data(made, "No volume of implementation day is known.")
    absent = (NOT_COME, "did not move", drawn[~drawn["came"]])
    parts = [(m, words, came[came["move"] == m]) for m, words in PAST_MOVES.items()]
    for move, words, part in (absent, *parts):
        said = [
            f"<b>{charts.escaped(row['symbol'])}</b> {charts.escaped(row['company'])}"
            f"<br>{formatting.number(row['volume_multiple'], 1)} times its usual volume"
            f"<br>{formatting.number(abs(row['demand_days']), 1)} days modeled"
            for row in part.to_dict("records")
        ]
        made.add_scatter(
            x=part["demand_days"].abs().clip(lower=LEAST_DAYS),
            y=part["volume_multiple"].clip(lower=LEAST_MULTIPLE),
            mode="markers",
            name=words,
            marker={
                "symbol": charts.MOVE_SYMBOLS.get(move, "circle-open"),
                "color": colours.move(move),
                "size": 7,
                "opacity": 0.8 if move in PAST_MOVES else 0.5,
            },
            **charts.hover(said),
            showlegend=True,
        )
    top = float(max(drawn["demand_days"].abs().max(), 1.0)) * 1.3
    low = max(float(drawn["demand_days"].abs().min()) / 1.3, LEAST_DAYS)
    line = np.geomspace(low, top, 60)
    made.add_scatter(
        x=line,
        y=1 + line,
        mode="lines",
        name="modeled",
        line={"color": colours.break_point, "width": 1, "dash": "dot"},
        hoverinfo="skip",
        showlegend=False,
    )
    axis = {"type": "log", "tickangle": 0, "showgrid": True}
    ticks = {"tickvals": DAY_TICKS, "ticktext": [f"{tick:,g}" for tick in DAY_TICKS]}
    made.update_layout(
        showlegend=True,
        margin={"t": charts.TOP + 38, "b": charts.BOTTOM + 20},
        xaxis={
            **axis,
            **ticks,
            "title": {"text": "days of volume modeled, base money"},
        },
        yaxis={**axis, **ticks, "title": {"text": "times the usual volume"}},
    )
    return made


PAST_MOVES = {
    "migration up": "▲ up",
    "migration down": "▼ down",
    "addition": "+ in",
    "deletion": f"{formatting.MINUS} out",
}
NOT_COME = "none"
LEAST_MULTIPLE = 0.1


def _usd_axis(made: go.Figure, low: float, high: float) -> None:
    """Set up a horizontal axis of dollars to both sides of zero."""
    step = charts.nice_step(max((high - low) / 5, 1.0))
    ticks = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
    made.update_layout(
        xaxis={
            "range": [low, high],
            "tickvals": ticks,
            "ticktext": [formatting.tick(abs(value)) for value in ticks],
            "tickangle": 0,
        }
    )


def auctions(table: pd.DataFrame, coming: date, name: str, theme: str) -> go.Figure:
    """Draw the closing crosses of past implementation days.

    `table` is `record.closing_auctions`; `coming` is the next implementation close, of
    the event `name`.
    """
    colours = charts.palette(theme)
    last = table.iloc[-1]
    both = pd.notna(last["both_usd"])
    total = last["both_usd" if both else "nasdaq_usd"]
    where = "Closing crosses:" if both else "Closing cross of Nasdaq:"
    made = charts.figure(
        theme,
        f"{where} {formatting.usd(total)} in {last['leg']} {last['year']}",
        "US dollars on the implementation day, where published<br>"
        f"{name} is implemented at the close of {formatting.day(coming)}",
        height=charts.HALF_HEIGHT,
    )
    # where only the total is published the rest of it is the other exchange's
    nyse = table["nyse_usd"].fillna(table["both_usd"] - table["nasdaq_usd"])
    at = [
        f"{year}" if leg == "June" else f"{leg[:3]} {year}"
        for leg, year in zip(table["leg"], table["year"], strict=True)
    ]
    every = range(int(table["year"].min()), int(table["year"].max()) + 1)
    order = [words for year in every for words in (_of_year(at, year) or [f"{year}"])]
    for words, values, colour in (
        ("Nasdaq", table["nasdaq_usd"], colours.r1000),
        ("NYSE", nyse, colours.muted),
    ):
        said = [
            f"{words}, {when}: {formatting.usd(value)}"
            for when, value in zip(at, values, strict=True)
        ]
        made.add_bar(
            x=at,
            y=values,
            name=words,
            marker={"color": colour},
            **charts.hover(said),
            showlegend=True,
        )
    top = float((table["nasdaq_usd"] + nyse.fillna(0)).max())
    ends = charts.cap_axis(made, 0, top, is_log=False)
    made.update_layout(
        barmode="stack",
        showlegend=True,
        legend={"traceorder": "normal"},
        margin={"t": charts.TOP + 38},
        yaxis={"range": ends},
        xaxis={
            "type": "category",
            "categoryorder": "array",
            "categoryarray": order,
            "range": [-0.6, len(order) - 0.4],
            "tickangle": 0,
            "tickfont": {"size": 11},
        },
    )
    return made


def _of_year(labels: list[str], year: int) -> list[str]:
    """Return the labels of one year."""
    return [label for label in labels if label.endswith(str(year))]
