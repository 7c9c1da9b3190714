"""Decks: native charts and tables with every figure, read back by python-pptx."""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from office import KEYS, check_package, deck_of, entries, opened, plate
from pptx import Presentation
from pptx.util import Emu

from marketshock import showcase
from marketshock.locale import LANGUAGES, Language
from marketshock.publish.look import house_look
from marketshock.publish.native_charts import native_chart
from marketshock.publish.plates import plate_of_exhibit, plate_of_payload
from marketshock.publish.pptx import deck, deck_bytes
from marketshock.publish.shown_plates import Cover

BOTH = pytest.mark.parametrize("lang", LANGUAGES)
EVERY = pytest.mark.parametrize("key", KEYS)


def slides(data: bytes) -> list[Any]:
    return list(Presentation(io.BytesIO(data)).slides)


def exhibit_of(slide: Any) -> Any:
    """Return the chart, table or picture of a slide."""
    kinds = [s for s in slide.shapes if s.has_chart or s.has_table or s.shape_type == 13]
    assert len(kinds) == 1
    return kinds[0]


def words(slide: Any) -> list[str]:
    return [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]


@BOTH
@EVERY
def test_the_slide_says_what_the_page_says(key: str, lang: Language) -> None:
    shown = plate(key, lang)
    for slide in slides(deck_of(key, lang)):
        texts = words(slide)
        assert texts[0].startswith(shown.title)
        assert texts[1] == shown.unit
        assert shown.source in texts[-1]
        if shown.notes:
            notes = texts[-2] if not slide.has_notes_slide else ""
            notes = notes or slide.notes_slide.notes_text_frame.text
            for number, note in enumerate(shown.notes, 1):
                assert f"{number}. {note}" in notes


@BOTH
@EVERY
def test_every_exhibit_has_its_alternative_text(key: str, lang: Language) -> None:
    for slide in slides(deck_of(key, lang)):
        shape = exhibit_of(slide)
        described = shape._element.xpath(".//p:cNvPr/@descr")
        assert described == [plate(key, lang).alt]
        assert shape.name.endswith(key)


@EVERY
def test_a_screen_reader_reads_title_message_exhibit_note(key: str) -> None:
    for slide in slides(deck_of(key)):
        shapes = list(slide.shapes)
        places = [shape.top for shape in shapes]
        assert shapes[0] == slide.shapes.title
        assert places == sorted(places)


@BOTH
@pytest.mark.parametrize("key", [key for key in KEYS if key.endswith("_table")])
def test_native_tables_hold_every_cell(key: str, lang: Language) -> None:
    shown, rows = plate(key, lang), []
    for slide in slides(deck_of(key, lang)):
        grid = [[cell.text for cell in row.cells] for row in exhibit_of(slide).table.rows]
        assert grid[0] == [head.label for head in shown.heads]
        rows += grid[1:]
    assert rows == [list(row) for row in shown.cells]


@BOTH
@EVERY
def test_native_charts_hold_every_figure(key: str, lang: Language) -> None:
    shown = plate(key, lang)
    native = native_chart(shown, house_look().palette)
    if native is None:
        return
    chart = exhibit_of(slides(deck_of(key, lang))[0]).chart
    found = {series.name: list(series.values) for plot in chart.plots for series in plot.series}
    data = [value for values in shown.data.columns.values() for value in values]
    for series in native.series:
        drawn = found[series.name]
        drawn += [None] * (len(series.values) - len(drawn))
        for one, wanted in zip(drawn, series.values, strict=True):
            assert one == (None if wanted is None else pytest.approx(wanted, rel=1e-12, abs=1e-15))
        if "histogram" not in key:
            assert {value for value in series.values if value is not None} <= set(data)
    if native.categories:
        names = [str(name) for name in chart.plots[0].categories]
        assert names == [str(name) for name in native.categories]
    if "histogram" in key:
        assert sum(map(sum, found.values())) == len(shown.data)


DRAWN = {
    "car_path": ("car", "low", "high"),
    "abnormal_bars": ("car",),
    "capex_columns": ("Alphabet", "AWS", "Meta", "Microsoft", "Oracle", "total_usd_bn"),
    "specification_curve": ("caar",),
    "token_price_dots": ("usd_per_m", "reference_usd_per_m"),
    "token_price_history": ("blended_usd_per_m",),
    "benchmark_scores": ("score",),
    "training_sensitivity": ("total_usd",),
}


@pytest.mark.parametrize("key", DRAWN)
def test_no_figure_of_the_exhibit_is_left_out(key: str) -> None:
    chart = exhibit_of(slides(deck_of(key))[0]).chart
    drawn = [v for plot in chart.plots for s in plot.series for v in s.values if v is not None]
    for column in DRAWN[key]:
        for value in plate(key).data[column]:
            assert any(value == pytest.approx(one, rel=1e-12) for one in drawn), (column, value)


@EVERY
def test_the_workbook_of_a_chart_holds_the_figures_behind_it(key: str) -> None:
    shape = exhibit_of(slides(deck_of(key))[0])
    if not shape.has_chart:
        return
    part = shape.chart.part.chart_workbook.xlsx_part
    book = opened(part.blob)
    check_package(part.blob)
    raw = list(book["Data"].iter_rows(values_only=True))
    assert list(raw[0]) == list(plate(key).data.columns)
    assert len(raw) == len(plate(key).data) + 1
    cells = {value for row in book["Chart"].iter_rows(values_only=True) for value in row}
    numbers = [value for value in cells if isinstance(value, float)]
    for plot in shape.chart.plots:
        for series in plot.series:
            assert series.name in cells
            for value in series.values:
                assert value is None or any(
                    value == pytest.approx(n, rel=1e-12) for n in cells_of(numbers, cells)
                )


def cells_of(numbers: list[float], cells: set[Any]) -> list[float]:
    return numbers + [float(cell) for cell in cells if isinstance(cell, int)]


@BOTH
@EVERY
def test_nothing_lies_outside_the_slide_or_over_its_neighbour(key: str, lang: Language) -> None:
    file = Presentation(io.BytesIO(deck_of(key, lang)))
    for slide in file.slides:
        boxes = []
        for shape in slide.shapes:
            height = shape.height
            if shape.has_table:
                height = Emu(sum(row.height for row in shape.table.rows))
            assert 0 <= shape.left <= shape.left + shape.width <= file.slide_width
            assert 0 <= shape.top <= shape.top + height <= file.slide_height
            boxes.append((shape.top, shape.top + height, shape.name))
        for (_, bottom, name), (top, _, below) in pairwise(boxes):
            assert bottom <= top, (name, below)


@EVERY
def test_the_deck_is_sound_and_the_same_each_time(key: str) -> None:
    check_package(deck_of(key))
    assert deck_bytes([plate_of_exhibit(showcase.example(key), "en")]) == deck_of(key)


def test_the_file_tells_nothing_of_machine_or_clock() -> None:
    written = entries(deck_of("car_path"))
    day = plate("car_path").as_of
    assert day is not None
    properties = written["docProps/core.xml"].decode()
    assert properties.count(f"{day.isoformat()}T00:00:00Z") == 2
    home = str(Path.home()).encode()
    assert home == b"/" or not any(home in content for content in written.values())


def test_the_cover_prints_client_as_of_and_vintage() -> None:
    cover = Cover("A title", "A deck", client="Banca & <Figli>", vintage="2025-01", draft=True)
    first, *others = slides(deck_bytes([plate("car_path")], cover))
    text = "\n".join(words(first))
    for part in ("A title", "A deck", "Banca & <Figli>", "2025-01", "25 February 2025", "Draft"):
        assert part in text
    assert len(others) == 1


def test_a_payload_makes_the_same_slide_as_its_exhibit() -> None:
    for key in ("car_path", "abnormal_table"):
        given = plate_of_payload(showcase.example(key).payload(), plate(key).as_of)
        one, other = (slides(data)[0] for data in (deck_of(key), deck_bytes([given])))
        assert words(one) == words(other)


def test_several_exhibits_make_one_deck(tmp_path: Path) -> None:
    shown = [showcase.example(key) for key in ("car_path", "losses_table", "compute_frontier")]
    path = deck(shown, tmp_path / "x.pptx", lang="it", title="Titolo", client="Cliente")
    found = slides(path.read_bytes())
    assert [slide.shapes.title.text for slide in found[1:]] == [one.title.it for one in shown]
    check_package(path.read_bytes())


def test_an_exhibit_exports_itself(tmp_path: Path) -> None:
    target = tmp_path / "losses.pptx"
    showcase.example("losses_table").export(target, lang="it")
    assert target.read_bytes() == deck_of("losses_table", "it")
