"""What the pages load of value and growth, cached like `pages.loads`."""

from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import streamlit as st

from pages import cache
from pages.cache import (
    _projection,
    _store,
    drawn,
    folder,
    provenance,
    stamp,
    store,
    told,
)
from pages.display import show, theme
from recon import formatting
from recon.charts import Figure
from recon.charts import style as figures
from recon.exhibits import headlines
from recon.export import Provenance
from recon.export.provenance import ESTIMATED, PROJECTED
from recon.rules import capping, style, style_shifts
from recon.studies import candidates
from recon.studies import style as reconstituted
from recon.studies.style import Styles

BASES = ("R1000", "R2000", "MICRO")
TABLE_PX, TABLE_ROWS = 420, 13  # the charts below are seen without much scrolling
HOW = "python -m recon ingest fundamentals FILE"


def projected(as_of: date) -> Styles:
    """Return the styles of a day against those of the last reconstitution."""
    return _projected(folder(), stamp(), as_of)


@st.cache_resource(max_entries=8, show_spinner="Scoring value and growth …")
def _projected(folder: str, stamp: int, as_of: date) -> Styles:
    return reconstituted.project(
        _store(folder, stamp), as_of, lambda day: _projection(folder, stamp, day)
    )


def is_known(as_of: date) -> bool:
    """Tell whether a day has styles."""
    return not projected(as_of).missing


def pick_base() -> str:
    """Let the reader choose the index whose style is shown; it is in the link."""
    names = {formatting.index_name(base): base for base in BASES}
    chosen = st.sidebar.radio(
        "Index",
        list(names),
        key="base",
        bind="query-params",
        help="Styles are scored within each of the three, apart",
    )
    return names[chosen]


def of_base(as_of: date, base: str) -> pd.DataFrame:
    """Return the day's companies of an index as `candidates.styled`."""
    return told("styled", (as_of, base), lambda: _of_base(as_of, base))


def _of_base(as_of: date, base: str) -> pd.DataFrame:
    companies = projected(as_of).companies
    return candidates.styled(companies[companies["base_index"] == base])


def shown(as_of: date, base: str, chosen: dict[str, list[str]]) -> pd.DataFrame:
    """Return the companies of an index that the filters let through, shifts first."""
    on = tuple((name, tuple(choices)) for name, choices in chosen.items())
    rows = of_base(as_of, base)
    return told(
        "styled_shown",
        (as_of, base, on),
        lambda: style_shifts.by_effect(
            candidates.filtered(rows, chosen, among=candidates.STYLE_FACETS)
        ),
    )


def totals(as_of: date) -> pd.DataFrame:
    """Return `style_shifts.totals` of the three indexes."""
    companies = projected(as_of).companies
    return told("style_totals", (as_of,), lambda: style_shifts.totals(companies, BASES))


def tilts(as_of: date, base: str) -> dict[str, pd.DataFrame]:
    """Return `style_shifts.sector_tilt` of an index by style."""
    companies = projected(as_of).companies
    return told(
        "style_tilts",
        (as_of, base),
        lambda: {
            name: style_shifts.sector_tilt(companies, base, name)
            for name in style_shifts.STYLES
        },
    )


def concentration(as_of: date, base: str) -> pd.DataFrame:
    """Return `capping.concentrate` of an index's growth half."""
    styled = projected(as_of)
    limits = styled.rules.style.capping
    return told(
        "concentration",
        (as_of, base),
        lambda: capping.concentrate(styled.companies, base, "growth", limits),
    )


def draw_totals(as_of: date, base: str, theme: str) -> Figure:
    """Draw value and growth of every index."""
    return figures.totals(totals(as_of), theme)


def draw_tilt(as_of: date, base: str, theme: str) -> Figure:
    """Draw the sectors of both styles of an index."""
    return figures.tilt(tilts(as_of, base), theme, index=formatting.index_name(base))


def draw_concentration(as_of: date, base: str, theme: str) -> Figure:
    """Draw the heaviest of an index's growth half, and what capping would cut."""
    limits = projected(as_of).rules.style.capping
    return figures.concentration(
        concentration(as_of, base),
        theme,
        index=formatting.index_name(base),
        limits=(limits.large_frac, limits.large_sum_frac),
    )


def note_of(name: str, styled: Styles) -> str:
    """Return what stands under a figure beside its source."""
    since = styled.rules.style.capping.since
    if name == "concentration" and styled.snapshot_date < since:
        return f"such capping is in force since {formatting.day(since)} only"
    return ""


def previous_name(styled: Styles) -> str:
    """Name the reconstitution that styles are set against; empty where not known."""
    event = styled.previous_event
    return "" if styled.previous_missing or event is None else event.name


def small_print(styled: Styles, rows: pd.DataFrame, base: str) -> list[str]:
    """Say what the styles rest on, what stands in, and what is not known."""
    key = (styled.snapshot_date, base)
    return told("style_print", key, lambda: _small_print(styled, rows, base))


def _small_print(styled: Styles, rows: pd.DataFrame, base: str) -> list[str]:
    said = [headlines.style_coverage(rows, base), headlines.style_proxies(rows)]
    if styled.previous_missing:
        said.append(f"Earlier styles are not known: {styled.previous_missing}.")
    if styled.previous_lists:
        said.append(
            f"Earlier styles (est.): {styled.previous_lists}; a company in both halves "
            "by its weights in them; others by the rules."
        )
    if styled.event.leg != reconstituted.JUNE:
        said.append(
            f"{styled.event.name} reassigns only additions and companies that change "
            "their index; the others keep the style they have (8.1.2)."
        )
    return [sentence for sentence in said if sentence]


def company_row(as_of: date, company_id: object) -> pd.Series | None:
    """Return a company's row of table `Styled`; None where its style is not known."""
    return told("styled_row", (as_of, company_id), lambda: _row(as_of, company_id))


def _row(as_of: date, company_id: object) -> pd.Series | None:
    companies = projected(as_of).companies
    rows = companies[companies["company_id"] == company_id]
    known = rows[rows["cvs"].notna()]
    return known.iloc[0] if len(known) else None


def show_company(as_of: date, company_id: object, symbol: str) -> None:
    """Show how a company's score comes about; nothing where it has no style."""
    company = company_row(as_of, company_id)
    if company is None:
        return
    figure = drawn(
        "waterfall",
        (company_id, as_of),
        theme(),
        lambda: figures.waterfall(
            company, style.variable_weights(projected(as_of).rules.style), theme()
        ),
    )
    words = "; ".join(filter(None, [company["missing"], company["proxy"]]))
    show(figure, "waterfall", about(f"{symbol} style", as_of), words)


def watched(as_of: date) -> pd.DataFrame:
    """Return `pages.watched` of a day with `style`, before and now in words."""
    return told("watched_style", (as_of,), lambda: _watched(as_of))


def _watched(as_of: date) -> pd.DataFrame:
    rows, words = cache.watched(as_of), style_shifts.words(projected(as_of).companies)
    return rows.assign(style=rows["symbol"].map(words).fillna(formatting.NOT_KNOWN))


def about(title: str, as_of: date, filters: str = "none") -> Provenance:
    """Say where a table or figure of styles is from: listings and fundamentals."""
    base = provenance(title, as_of, filters, f"{PROJECTED}, {ESTIMATED}")
    sources = told("style_sources", (as_of,), lambda: _sources(as_of))
    words = "; ".join(filter(None, [base.source, sources]))
    return replace(base, source=words)


def _sources(as_of: date) -> str:
    """Name the sources of the day's fundamentals with the days they are of."""
    oldest = timedelta(days=projected(as_of).rules.style.fundamentals_max_days)
    counts = store().fundamental_counts()
    used = counts["known_on"].between(pd.Timestamp(as_of - oldest), pd.Timestamp(as_of))
    last = counts[used].groupby("source", sort=False)["known_on"].max()
    is_demo = store().is_demo
    said = [
        f"{'fundamentals' if is_demo else source} of {formatting.day(day)}"
        for source, day in last.items()
    ]
    return "; ".join(said)


def say_missing(styled: Styles) -> None:
    """Say what is lacking for the style of a day, and how to bring it."""
    with st.container(key="empty"):
        st.markdown(f"**Value and growth are not known.** {styled.missing}")
        st.markdown(
            "They need book value or price to book, a growth forecast and five-year "
            "sales growth of each company. To bring them, run:"
        )
        st.code(HOW, language=None)
        st.caption(
            "FILE is a CSV, Parquet or XLSX with a row a company; columns are known by "
            "their names or named with --map, and --known-on gives the day on which "
            "the values were known. The app needs no restart afterwards."
        )
        st.button("Look again", key="look_again", type="primary")
