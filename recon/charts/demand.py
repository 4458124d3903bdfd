"""Figures of what passive money trades: crowded names, totals, closing auctions."""

from datetime import date

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from recon import charts, formatting

BUYS, SELLS = "buys", "sells"
LANES = {BUYS: "▲ funds buy", SELLS: "▼ funds sell"}
SYMBOLS = {BUYS: "triangle-up", SELLS: "triangle-down"}
MOST_DOTS = 1_500  # the largest trades; beyond them a picture shows nothing
NAMED, NAME_ROOM = 16, (0.13, 0.055)  # of a decade across and up
DAY_TICKS = (0.01, 0.1, 1, 10, 100, 1_000)
LEAST_DAYS, LEAST_USD = 0.01, 1e5
CROWDED_DAYS = 10
BAR_PX, MOST_BARS = 25, 14
EXCHANGES = ("Nasdaq", "NYSE")


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
    ticks = charts.log_ticks(low, high)
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


def totals(table: pd.DataFrame, theme: str, *, by: str) -> go.Figure:
    """Draw what is bought and sold of each group, to both sides of zero.

    `table` has name, bought_usd, sold_usd (below zero), the largest first; `by` says
    what the groups are.
    """
    colours = charts.palette(theme)
    shown = table.head(MOST_BARS).iloc[::-1]
    bought = table["bought_usd"].sum()
    largest = table.iloc[0]
    made = charts.figure(
        theme,
        f"{largest['name']}: {formatting.usd(largest['bought_usd'])} bought, "
        f"{formatting.usd(-largest['sold_usd'])} sold",
        f"US dollars that passive funds buy and sell by {by}, base money; est.",
        height=charts.TOP + charts.BOTTOM + 24 + BAR_PX * len(shown),
        alt=f"Bars by {by}; the largest of {len(table)} groups first, together "
        f"{formatting.usd(bought)} bought.",
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
            text=[formatting.usd(abs(value)) for value in shown[column]],
            textposition="outside",
            cliponaxis=False,
            **charts.hover(
                [
                    f"<b>{charts.escaped(name)}</b><br>{words} {formatting.usd(abs(v))}"
                    for name, v in zip(shown["name"], shown[column], strict=True)
                ]
            ),
            showlegend=True,
        )
    most = float(max(shown["bought_usd"].max(), -shown["sold_usd"].min(), 1.0)) * 1.28
    step = charts.nice_step(most / 2.4)
    ticks = np.arange(-np.floor(most / step), np.floor(most / step) + 1) * step
    made.update_layout(
        barmode="relative",
        showlegend=True,
        margin={"t": charts.TOP + 22},
        xaxis={
            "range": [-most, most],
            "tickvals": ticks,
            "ticktext": [formatting.tick(abs(value)) for value in ticks],
        },
        yaxis={"showgrid": False},
    )
    return made


def auctions(table: pd.DataFrame, coming: date, name: str, theme: str) -> go.Figure:
    """Draw the closing crosses of past implementation days.

    `table` is `record.closing_auctions`; `coming` is the next implementation close, of
    the event `name`.
    """
    colours = charts.palette(theme)
    last = table.iloc[-1]
    total = last["both_usd"] if pd.notna(last["both_usd"]) else last["nasdaq_usd"]
    made = charts.figure(
        theme,
        f"Closing crosses traded {formatting.usd(total)} in {last['leg']} "
        f"{last['year']}; next on {formatting.day(coming)}",
        "US dollars in the closing auctions of the implementation day; a gap is a "
        "year or an exchange without a published figure<br>"
        f"{name} is implemented at the close of {formatting.day(coming)}",
        height=charts.HALF_HEIGHT,
    )
    # where only the total is published the rest of it is the other exchange's
    nyse = table["nyse_usd"].fillna(table["both_usd"] - table["nasdaq_usd"])
    for words, values, colour in (
        ("Nasdaq", table["nasdaq_usd"], colours.r1000),
        ("NYSE", nyse, colours.muted),
    ):
        made.add_bar(
            x=[
                f"{leg[:3]} {year}"
                for leg, year in zip(table["leg"], table["year"], strict=True)
            ],
            y=values,
            name=words,
            marker={"color": colour},
            **charts.hover(
                [
                    f"{words}, {leg} {year}: {formatting.usd(value)}"
                    for leg, year, value in zip(
                        table["leg"], table["year"], values, strict=True
                    )
                ]
            ),
            showlegend=True,
        )
    top = float((table["nasdaq_usd"] + nyse.fillna(0)).max())
    ends = charts.cap_axis(made, 0, top, is_log=False)
    made.update_layout(
        barmode="stack",
        showlegend=True,
        margin={"t": charts.TOP + 38},
        yaxis={"range": ends},
        xaxis={"type": "category", "tickangle": 0, "tickfont": {"size": 11}},
    )
    return made
