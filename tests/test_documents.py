"""Notes written out: numbers of native charts, names with markup, and templates."""

import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import docx
import numpy as np
import openpyxl
import pandas as pd
import plotly.graph_objects as go
import pptx
import pytest
from lxml import etree
from pptx.enum.chart import XL_CHART_TYPE

from recon import charts
from recon.charts import overview, printing
from recon.errors import BadRequest
from recon.export import (
    Provenance,
    cells,
    chart_data,
    documents,
    figure_reader,
    files,
    slides,
    templates,
    web,
    workbook,
)
from recon.export.pieces import Note, Piece
from recon.formatting import Column

HOSTILE = ("A<b>&\"'", "=cmd()", "+1+1", "-2", "@sum(a)", "\x00\x0b\uffff]]>", "{=1}")
ABOUT = Provenance(
    title="Lines", as_of=date(2024, 4, 30), source="daily US listings", mark="est."
)
DAYS = pd.bdate_range("2024-01-02", periods=90)
LINE_USD = 4e9 + 1e7 * np.arange(90)


def line_figure() -> go.Figure:
    made = charts.figure("dark", "The line rises", "US dollars")
    low, high = LINE_USD * 0.6, LINE_USD * 1.5
    for values, fill in ((low, None), (high, "tonexty")):
        made.add_scatter(
            x=DAYS, y=values, mode="lines", line={"width": 0}, fill=fill,
            fillcolor="rgba(31, 78, 156, 0.16)",
            name="Lower edge" if fill is None else "Upper edge",
        )  # fmt: skip
    y = LINE_USD.copy()
    y[40] = np.nan
    made.add_scatter(
        x=DAYS, y=y, mode="lines", name="Breakpoint",
        line={"color": charts.DARK.break_point, "width": 2},
    )  # fmt: skip
    ends = charts.cap_axis(made, low.min(), high.max())
    label = (float(LINE_USD[-1]), "Breakpoint $4.89bn", charts.DARK.break_point)
    charts.end_labels(made, [label], ends)
    charts.event_marks(made, "dark", [(DAYS[10].date(), "Rank day", True)])
    return made


@pytest.mark.parametrize("high", [5.24e9, 5.1e9, 5.061e9])
def test_labels_of_lines_that_nearly_meet_keep_their_distance(high: float) -> None:
    made = charts.figure("dark", "Two lines", "US dollars")
    ends = charts.cap_axis(made, 1.2e9, 9.9e9)
    labels = [(high, "Breakpoint", "#000000"), (5.06e9, "Market alone", "#000000")]
    charts.end_labels(made, labels, ends)
    height = made.layout.height - made.layout.margin.t - charts.BOTTOM
    per_px = (ends[1] - ends[0]) / height
    upper, lower = (each.y / per_px + each.yshift for each in made.layout.annotations)
    assert upper - lower == pytest.approx(charts.LABEL_PX)


def bar_figure() -> go.Figure:
    made = charts.figure("light", "Bars", "companies")
    return made.add_bar(x=list(HOSTILE), y=list(range(1, 8)), name=HOSTILE[0])


def cloud_figure(sizes: bool = False) -> go.Figure:
    made = charts.figure("light", "Cloud", "US dollars")
    for n, name in enumerate(HOSTILE[:2]):
        marker = {"color": "#1F4E9C", "symbol": "circle"}
        marker |= {"size": [4, 5, 6]} if sizes else {}
        made.add_scatter(
            x=[1, 2, 3], y=[n + 1, n + 2, n + 3], mode="markers", name=name,
            marker=marker,
        )  # fmt: skip
    return made


def chart(figure: go.Figure, **words: str) -> Piece:
    plain = printing.printed(figure)
    title = words.pop("title", plain["layout"]["meta"]["title"])
    return Piece(
        kind="break-points/drift", title=title, provenance=ABOUT, figure=plain, **words
    )


def hostile_table() -> Piece:
    table = pd.DataFrame(
        {"company": HOSTILE, "cap_usd": np.arange(7) * 1e9, "day": DAYS[:7]}
    )
    columns = {
        "company": Column("=Company"),
        "cap_usd": Column("Cap, $bn", "usd_bn"),
        "day": Column("Day", "day"),
    }
    return Piece(
        kind="candidates/candidates", title=HOSTILE[0], comment=HOSTILE[1],
        provenance=ABOUT, table=table, columns=columns,
    )  # fmt: skip


def note(*pieces: Piece) -> Note:
    return Note(title="A preview", lead=HOSTILE[0], pieces=pieces)


def charts_of(deck: bytes) -> list:
    found = pptx.Presentation(io.BytesIO(deck))
    return [
        shape.chart
        for slide in found.slides
        for shape in slide.shapes
        if shape.has_chart
    ]


def test_a_column_that_says_nothing_of_the_rows_shown_is_left_out_of_slides() -> None:
    count = slides.ROWS_LIMIT + 1
    reasons = pd.Series([None] * (count - 1) + ["no close"], dtype="str")
    table = pd.DataFrame({"symbol": [f"S{n}" for n in range(count)], "reason": reasons})
    columns = {
        "symbol": Column("Ticker"),
        "reason": Column("Screen failed", missing=""),
    }
    piece = Piece(
        kind="candidates/candidates", title="Leavers", provenance=ABOUT,
        table=table, columns=columns,
    )  # fmt: skip
    deck = pptx.Presentation(io.BytesIO(slides.pptx(note(piece))))
    tables = [s.table for slide in deck.slides for s in slide.shapes if s.has_table]
    heads = [[cell.text for cell in each.rows[0].cells] for each in tables]
    assert heads == [["Ticker"]] * 4


def test_the_numbers_of_a_slide_s_line_are_those_of_the_figure() -> None:
    (native,) = charts_of(slides.pptx(note(chart(line_figure()))))
    lines = {each.name: each for plot in native.plots for each in plot.series}
    expected = [None if n == 40 else v / 1e9 for n, v in enumerate(LINE_USD)]
    assert list(lines["Breakpoint"].values) == pytest.approx(expected)
    assert list(lines["Lower edge"].values) == pytest.approx(list(LINE_USD * 0.6 / 1e9))
    assert list(lines["Upper edge"].values) == pytest.approx(list(LINE_USD * 1.5 / 1e9))
    days = [
        pd.Timestamp("1899-12-30") + pd.Timedelta(days=float(c))
        for c in native.plots[-1].categories
    ]
    assert days == list(DAYS)


def test_a_band_is_a_stack_whose_floor_is_not_seen() -> None:
    (native,) = charts_of(slides.pptx(note(chart(line_figure()))))
    area = next(p for p in native.plots if "area" in p._element.tag)
    floor, height = area.series
    total = np.array(floor.values) + np.array(height.values)
    assert total == pytest.approx(LINE_USD * 1.5 / 1e9)
    assert "noFill" in etree.tostring(floor._element.spPr).decode()


def test_a_market_cap_axis_stays_logarithmic() -> None:
    (native,) = charts_of(slides.pptx(note(chart(line_figure()))))
    assert native.value_axis._element.find(".//{*}logBase").get("val") == "2"
    assert native.value_axis.minimum_scale == 2.0


def test_a_line_s_end_carries_its_label_in_print_colours() -> None:
    (native,) = charts_of(slides.pptx(note(chart(line_figure()))))
    xml = etree.tostring(native._chartSpace).decode()
    assert "Breakpoint $4.89bn" in xml
    assert charts.LIGHT.break_point[1:] in xml
    assert charts.DARK.break_point[1:] not in xml


@pytest.mark.parametrize(
    ("figure", "kind"),
    [
        pytest.param(bar_figure(), XL_CHART_TYPE.COLUMN_CLUSTERED, id="bars"),
        pytest.param(cloud_figure(), XL_CHART_TYPE.XY_SCATTER, id="points"),
        pytest.param(cloud_figure(sizes=True), XL_CHART_TYPE.BUBBLE, id="bubbles"),
    ],
)
def test_each_kind_of_chart_is_native(figure, kind) -> None:
    (native,) = charts_of(slides.pptx(note(chart(figure))))
    assert native.chart_type == kind
    traces = figure_reader.read(printing.printed(figure)).series
    drawn = [list(each.values) for each in native.plots[0].series]
    assert drawn == [list(each.y) for each in traces]


def test_bands_one_in_another_are_a_stack_that_grows_darker_inward() -> None:
    """From 2 to 8 and, inside, from 4 to 6: two, then two, then two again."""
    made = charts.figure("light", "The line fans out", "")
    ones = np.ones(90)
    for low, high, strength in ((2, 8, 0.2), (4, 6, 0.5)):
        for value, fill in ((high, None), (low, "tonexty")):
            made.add_scatter(
                x=DAYS, y=value * ones, mode="lines", line={"width": 0}, fill=fill,
                fillcolor=f"rgba(31, 78, 156, {strength})", name=f"{value}",
            )  # fmt: skip
    shade = chart_data.shades(figure_reader.read(printing.printed(made)))
    assert shade is not None and set(shade.floor) == {2.0}
    assert [set(heights) for _, heights, _, _ in shade.heights] == [{2.0}] * 3
    strengths = [strength for *_, strength in shade.heights]
    assert strengths == pytest.approx([0.2, 1 - 0.8 * 0.5, 0.2])


@pytest.mark.parametrize(
    ("ticks", "unit", "kept"),
    [
        (["0%", "50%", "100%"], figure_reader.FRACTION, 0),
        (["0", "0.5", "1"], "", 0),
        (["up", "held", "down"], "", 3),
    ],
)
def test_an_axis_of_numbers_is_left_to_the_office_program(
    ticks: list[str], unit: str, kept: int
) -> None:
    made = charts.figure("light", "Parts", "")
    made.add_scatter(x=DAYS, y=np.linspace(0, 1, 90), mode="lines")
    made.update_yaxes(range=[0, 1], tickvals=[0, 0.5, 1], ticktext=ticks)
    axis = figure_reader.read(printing.printed(made)).y
    assert (axis.unit, len(axis.ticks)) == (unit, kept)


def test_bars_lie_from_the_top_as_on_the_page_on_slides_and_in_workbooks() -> None:
    made = charts.figure("light", "Parts", "")
    made.add_bar(y=["whole", "part"], x=[-3.0, -1.0], orientation="h")
    made.update_layout(yaxis={"autorange": "reversed"})
    paper = note(chart(made))
    (native,) = charts_of(slides.pptx(paper))
    assert native.category_axis.reverse_order and not native.value_axis.visible
    with zipfile.ZipFile(io.BytesIO(workbook.xlsx(paper))) as book:
        tree = etree.fromstring(book.read("xl/charts/chart1.xml"))
    spine = {"c": "http://schemas.openxmlformats.org/drawingml/2006/chart"}
    turned = {
        axis: tree.xpath(f"//c:{axis}/c:scaling/c:orientation/@val", namespaces=spine)
        for axis in ("catAx", "valAx")
    }
    assert turned == {"catAx": ["maxMin"], "valAx": ["minMax"]}


def test_what_a_spreadsheet_would_run_is_text_inside_a_chart_s_workbook() -> None:
    (native,) = charts_of(slides.pptx(note(chart(bar_figure()))))
    book = openpyxl.load_workbook(io.BytesIO(native.part.chart_workbook.xlsx_part.blob))
    found = [cell for row in book.active.iter_rows() for cell in row]
    assert any("cmd()" in str(cell.value) for cell in found)
    assert {cell.data_type for cell in found} <= {"s", "n"}


def test_a_workbook_s_tables_and_charts_hold_the_figure_s_numbers() -> None:
    made = note(chart(line_figure()), hostile_table(), chart(cloud_figure()))
    book = openpyxl.load_workbook(io.BytesIO(workbook.xlsx(made)))
    sheet = book.worksheets[1]
    heads = {cell.value: cell.column for cell in sheet[4]}
    column = heads["Breakpoint, $bn"]
    values = [sheet.cell(5 + n, column).value for n in range(90)]
    expected = [None if n == 40 else v / 1e9 for n, v in enumerate(LINE_USD)]
    assert values == pytest.approx(expected)
    assert [len(each._charts) for each in book.worksheets] == [0, 1, 0, 1]
    assert book.worksheets[0].title == "Notes"
    assert "daily US listings" in str(list(book.worksheets[0].values))


def test_no_cell_of_a_workbook_is_a_formula() -> None:
    made = workbook.xlsx(note(hostile_table(), chart(bar_figure())))
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/sheet"):
                assert b"<f>" not in archive.read(name)


def test_no_words_of_a_workbook_s_chart_are_a_cell_s_address() -> None:
    address = "=Other!$A$1"
    bars, cloud = bar_figure(), cloud_figure()
    bars.data[0].text = [address] * 7
    bars.update_layout(meta={"title": address})
    cloud.data[0].name = address[1:]
    cloud.update_layout(xaxis={"title": {"text": address}})
    made = workbook.xlsx(note(chart(bars, title="x"), chart(cloud, title="y")))
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        parts = [archive.read(n).decode() for n in archive.namelist() if "/chart" in n]
    formulas = re.findall("<c:f>(.*?)</c:f>", "".join(parts))
    sheets = {each.partition("!")[0] for each in formulas}
    assert sheets == {"Lines", "'Lines 2'"}


@pytest.mark.parametrize("form", ["pptx", "docx", "xlsx", "html"])
def test_a_chart_of_nothing_is_written_as_nothing(form: str) -> None:
    made = note(chart(charts.figure("light", "None left", "US dollars")))
    data = {
        "pptx": lambda: slides.pptx(made),
        "docx": lambda: documents.docx(made, {}),
        "xlsx": lambda: workbook.xlsx(made),
        "html": lambda: web.html(made, ""),
    }[form]()
    if form == "pptx":
        (slide,) = list(pptx.Presentation(io.BytesIO(data)).slides)[1:]
        words = [s.text_frame.text for s in slide.shapes if s.has_text_frame]
        assert cells.NOTHING in words
    assert data


def test_a_number_without_an_end_is_an_empty_cell() -> None:
    table = pd.DataFrame({"cap_usd": [1.0, np.inf, np.nan]})
    book = openpyxl.load_workbook(io.BytesIO(files.xlsx(table, ABOUT)))
    found = {row[0] for row in list(book.worksheets[0].values)[1:]}
    assert found - {None} == {1}


def test_provenance_in_a_csv_stays_within_its_lines() -> None:
    about = replace(ABOUT, filters="Sector: A\n=cmd()")
    lines = files.csv(pd.DataFrame({"a": [1]}), about).decode().splitlines()
    assert [line for line in lines if not line.startswith("#")] == ["a", "1"]


def test_a_document_without_a_picture_has_the_chart_s_numbers() -> None:
    made = documents.docx(note(chart(line_figure()), hostile_table()), {})
    paper = docx.Document(io.BytesIO(made))
    first, second = paper.tables
    heads = [cell.text for cell in first.rows[0].cells]
    column = heads.index("Breakpoint, $bn")
    ends = pd.Series(LINE_USD, DAYS).groupby(DAYS.to_period("M")).last()
    shown = [row.cells[column].text for row in first.rows[1:]]
    assert shown == [f"{value / 1e9:,.2f}" for value in ends]
    assert [row.cells[1].text for row in second.rows[1:]] == [
        f"{n:.2f}" for n in range(7)
    ]
    assert documents.NO_PICTURE in "\n".join(p.text for p in paper.paragraphs)


def test_a_picture_takes_the_place_of_a_chart_s_table() -> None:
    dot = io.BytesIO()
    from PIL import Image

    Image.new("RGB", (4, 4)).save(dot, "PNG")
    made = documents.docx(note(chart(line_figure())), {0: dot.getvalue()})
    paper = docx.Document(io.BytesIO(made))
    assert len(paper.inline_shapes) == 1 and not paper.tables


def visible(name: str) -> str:
    return "".join(c for c in name if 32 <= ord(c) < 0xFFFE)


def test_names_with_markup_are_names_in_every_form() -> None:
    made = note(hostile_table())
    deck = pptx.Presentation(io.BytesIO(slides.pptx(made)))
    tables = [s.table for s in deck.slides[1].shapes if s.has_table]
    found = [tables[0].cell(n + 1, 0).text for n in range(7)]
    assert found == [visible(name) for name in HOSTILE]
    paper = docx.Document(io.BytesIO(documents.docx(made, {})))
    rows = [row.cells[0].text for row in paper.tables[0].rows[1:]]
    assert rows == [visible(name) for name in HOSTILE]
    book = openpyxl.load_workbook(io.BytesIO(workbook.xlsx(made)))
    names = [row[0] for row in list(book.worksheets[1].values)[4:]]
    assert names == [visible(name) for name in HOSTILE]
    page = web.html(made, "").decode()
    assert "<b>" not in page and "A&lt;b&gt;&amp;&quot;&#x27;" in page


def test_a_name_with_markup_is_a_name_in_a_figure_and_its_table() -> None:
    leaders = pd.DataFrame(
        {
            "rank": [1], "symbol": ["A&B"], "company": [HOSTILE[0]],
            "total_market_cap_usd": [1e12], "then_rank": [1.0], "rank_change": [0.0],
            "cap_change_frac": [0.0], "total_frac": [0.1],
        }
    )  # fmt: skip
    figure = overview.largest(leaders, "30 Apr 2024", "light")
    assert "A&lt;b&gt;&amp;" in figure.data[0].y[0]
    (native,) = charts_of(slides.pptx(note(chart(figure))))
    assert list(native.plots[0].categories) == [f"1  {HOSTILE[0]} A&B"]


def test_no_text_of_a_figure_ends_the_script_of_a_page() -> None:
    figure = cloud_figure()
    figure.data[0].name = "</script><script>alert(1)</script>"
    page = web.html(note(chart(figure, title="x")), "").decode()
    assert "<script>alert" not in page


@pytest.mark.parametrize("form", ["pptx", "docx", "xlsx", "html"])
def test_every_form_says_where_each_piece_is_from(form: str) -> None:
    made = note(hostile_table())
    write = {
        "pptx": lambda: slides.pptx(made),
        "docx": lambda: documents.docx(made, {}),
        "xlsx": lambda: workbook.xlsx(made),
        "html": lambda: web.html(made, ""),
    }[form]
    data = write()
    if form == "html":
        text = data.decode()
    else:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = [archive.read(n).decode("utf-8", "replace")
                     for n in archive.namelist() if n.endswith(".xml")]  # fmt: skip
        text = re.sub(r"<[^>]+>", "", "".join(parts))
    for words in ("30 Apr 2024", "daily US listings", "est.", "rules since 1 Apr 2023"):
        assert words in text
    assert "recon 0.1.0" in text


def test_a_piece_without_provenance_is_refused() -> None:
    with pytest.raises(TypeError):
        Piece(kind="a/b", title="x", table=pd.DataFrame({"a": [1]}))  # type: ignore[call-arg]
    with pytest.raises(BadRequest, match="where it is from"):
        Piece(kind="a/b", title="x", table=pd.DataFrame(), provenance=None)  # type: ignore[arg-type]


def test_no_export_takes_a_piece_without_its_provenance() -> None:
    """Whatever writes a file takes a note, a provenance, or figures of a note."""
    import inspect

    takes = {
        write: set(inspect.signature(write).parameters)
        for write in (
            slides.pptx,
            documents.docx,
            workbook.xlsx,
            web.html,
            files.csv,
            files.xlsx,
        )  # fmt: skip
    }
    assert all(names & {"note", "provenance"} for names in takes.values())


# ---- templates -----------------------------------------------------------------


def own_deck(change=lambda deck: None) -> bytes:
    deck, stream = pptx.Presentation(), io.BytesIO()
    change(deck)
    deck.save(stream)
    return stream.getvalue()


def test_a_user_s_deck_gives_its_layouts_and_loses_its_slides() -> None:
    def add(deck) -> None:
        deck.slides.add_slide(deck.slide_layouts[6])

    made = slides.pptx(note(hostile_table(), chart(line_figure())), own_deck(add), "x")
    deck = pptx.Presentation(io.BytesIO(made))
    assert deck.slide_width == pptx.Presentation().slide_width
    names = [slide.slide_layout.name for slide in deck.slides]
    assert names == ["Title Slide", "Title Only", "Title Only"]


def test_a_deck_that_lacks_a_layout_says_which_and_what_it_has() -> None:
    def rename(deck) -> None:
        for layout in deck.slide_layouts:
            if layout.name == "Title Only":
                layout.name = "Chart"

    with pytest.raises(BadRequest, match="no layout called “Title Only”.*“Chart”"):
        slides.pptx(note(hostile_table()), own_deck(rename), "house.pptx")


def test_a_user_s_document_gives_its_styles_and_loses_its_text() -> None:
    own, stream = docx.Document(), io.BytesIO()
    own.add_paragraph("our boilerplate")
    own.save(stream)
    made = documents.docx(note(hostile_table()), {}, stream.getvalue(), "own.docx")
    texts = [p.text for p in docx.Document(io.BytesIO(made)).paragraphs]
    assert "our boilerplate" not in texts and texts[0] == "A preview"


def packed(**parts: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/"), data)
    return stream.getvalue()


def corrupt() -> bytes:
    """Return a deck with a part that cannot be unpacked."""
    deck = own_deck()
    with zipfile.ZipFile(io.BytesIO(deck)) as archive:
        part = archive.getinfo("ppt/presentation.xml")
    start = part.header_offset + 30 + len(part.filename)
    middle = bytes(byte ^ 0xA5 for byte in deck[start : start + 40])
    return deck[:start] + middle + deck[start + 40 :]


TYPES = b"presentationml.presentation.main+xml"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(b"no zip", "is no .pptx document", id="no archive"),
        pytest.param(corrupt(), "is no .pptx document", id="a damaged archive"),
        pytest.param(
            packed(**{"[Content_Types].xml": TYPES + b" ms-office.vbaProject"}),
            "may hold macros",
            id="macros under another name",
        ),
        pytest.param(packed(a=b""), "is no .pptx document", id="no document"),
        pytest.param(
            packed(**{"[Content_Types].xml": b"wordprocessingml.document.main+xml"}),
            "is no .pptx document",
            id="another kind of document",
        ),
        pytest.param(
            packed(**{"[Content_Types].xml": TYPES, "ppt__vbaProject.bin": b"x"}),
            "holds macros",
            id="macros",
        ),
        pytest.param(
            packed(**{"[Content_Types].xml": TYPES + b" macroEnabled"}),
            "may hold macros",
            id="a file type with macros",
        ),
        pytest.param(
            packed(**{"[Content_Types].xml": TYPES, "a": bytes(201_000_000)}),
            "unpacks to more than",
            id="a bomb",
        ),
        pytest.param(bytes(20_000_001), "a template may have", id="too large"),
    ],
)
def test_a_template_is_refused_with_a_reason(data: bytes, words: str) -> None:
    with pytest.raises(BadRequest, match=words):
        templates.checked(data, "own.pptx", ".pptx")


# ---- an office program opens them ----------------------------------------------


@pytest.fixture(scope="module")
def office() -> str:
    """Return LibreOffice; skip without it."""
    path = shutil.which("soffice") or shutil.which("libreoffice")
    if path is None:
        pytest.skip(
            "no LibreOffice on this machine; get one with: sudo apt-get install "
            "libreoffice-impress libreoffice-writer libreoffice-calc"
        )
    return path


@pytest.mark.slow
def test_an_office_program_opens_every_form(office: str, tmp_path: Path) -> None:
    pieces = (
        chart(line_figure()), chart(bar_figure()), chart(cloud_figure()),
        hostile_table(),
    )  # fmt: skip
    made = note(*pieces)
    forms = {
        "slides.pptx": slides.pptx(made),
        "document.docx": documents.docx(made, {}),
        "workbook.xlsx": workbook.xlsx(made),
    }
    paths = [tmp_path / name for name in forms]
    for path in paths:
        path.write_bytes(forms[path.name])
    # one start of the program for all: it takes longer than what it does
    own = f"-env:UserInstallation=file://{tmp_path}/office"
    subprocess.run(
        [office, own, "--headless", "--convert-to", "pdf", "--outdir", tmp_path,
         *paths],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    for path, least in zip(paths, (5, 2, 2), strict=True):
        pdf = path.with_suffix(".pdf").read_bytes()
        assert pdf.startswith(b"%PDF")
        assert len(re.findall(rb"/Type\s*/Page[^s]", pdf)) >= least, path.name


def test_the_table_of_a_chart_is_what_it_draws() -> None:
    table, columns = cells.of(chart(line_figure()))
    assert columns["Breakpoint"].label == "Breakpoint, $bn"
    assert table["Breakpoint"].to_numpy() == pytest.approx(
        np.where(np.arange(90) == 40, np.nan, LINE_USD), nan_ok=True
    )
