"""A firm's own template: found by placeholder names, its master, fonts and colours kept."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from office import check_package, plate
from pptx import Presentation
from pptx.util import Inches

from marketshock.errors import UserInputError
from marketshock.publish.pptx import deck_bytes


def template(path: Path, *, wide: bool = True, named: bool = True, notes: bool = False) -> Path:
    """Write a firm's template: layouts renamed, some placeholders named in the selection pane."""
    file = Presentation()
    file.slide_width = Inches(13.333 if wide else 10)
    for number, layout in enumerate(file.slide_layouts):
        layout.name = f"Acme {number}"
    layout = file.slide_layouts[3]  # two contents: title, two bodies, date, footer, number
    bodies = [shape for shape in layout.placeholders if shape.placeholder_format.idx in (1, 2)]
    extra = [shape for shape in layout.placeholders if shape.placeholder_format.idx in (10, 11)]
    places = [*bodies, *extra]
    if named:
        words = ["Exhibit", "UNIT", "source 7", "notes" if notes else "Anything"]
        for top, (shape, name) in enumerate(zip(places, words, strict=True)):
            shape.name = name
            shape.left, shape.width = Inches(0.5), Inches(9)
            shape.top, shape.height = (
                Inches([2.2, 1.7, 6.6, 6.0][top]),
                Inches([3.5, 0.4, 0.7, 0.6][top]),
            )
    file.save(str(path))
    return path


def shapes_by_text(slide: Any) -> list[str]:
    found = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
    return [text for text in found if text != "‹#›"]


@pytest.mark.parametrize("wide", [True, False])
def test_the_template_is_filled_and_its_master_kept(tmp_path: Path, wide: bool) -> None:
    path = template(tmp_path / "acme.pptx", wide=wide)
    written = deck_bytes([plate("abnormal_bars"), plate("tests_table")], template=path)
    check_package(written)
    before, after = Presentation(str(path)), Presentation(io.BytesIO(written))
    assert after.slide_width == before.slide_width
    assert [one.name for one in after.slide_layouts] == [one.name for one in before.slide_layouts]
    chart, table = after.slides
    assert {chart.slide_layout.name, table.slide_layout.name} == {"Acme 3"}
    assert [s.has_chart for s in chart.shapes].count(True) == 1
    assert [s.has_table for s in table.shapes].count(True) == 1
    for slide, key in zip((chart, table), ("abnormal_bars", "tests_table"), strict=True):
        texts = shapes_by_text(slide)
        assert texts[0] == plate(key).title
        assert plate(key).unit in texts
        assert plate(key).source in texts[-1]
        assert plate(key).notes[0][:30] in texts[-1]
        assert "" not in texts


def test_colours_of_a_chart_are_slots_of_the_template(tmp_path: Path) -> None:
    path = template(tmp_path / "acme.pptx")
    written = deck_bytes([plate("capex_columns"), plate("car_path")], template=path)
    with zipfile.ZipFile(io.BytesIO(written)) as archive, zipfile.ZipFile(path) as own:
        for name in archive.namelist():
            if name.startswith("ppt/charts/chart"):
                text = archive.read(name).decode()
                assert "srgbClr" not in text
                assert "latin" not in text
                assert 'schemeClr val="accent' in text or "tx2" in text
        assert archive.read("ppt/theme/theme1.xml") == own.read("ppt/theme/theme1.xml")


def test_a_template_without_the_names_is_refused_with_what_it_has(tmp_path: Path) -> None:
    path = template(tmp_path / "bare.pptx", named=False)
    with pytest.raises(UserInputError, match="no layout for a chart") as caught:
        deck_bytes([plate("car_path")], template=path)
    message = str(caught.value)
    for words in ("unit", "source", "exhibit (or chart)", "Acme 3", "Selection Pane", "Title 1"):
        assert words in message


def test_a_placeholder_for_notes_takes_them_out_of_the_source_box(tmp_path: Path) -> None:
    path = template(tmp_path / "acme.pptx", notes=True)
    slide = next(
        iter(Presentation(io.BytesIO(deck_bytes([plate("car_path")], template=path))).slides)
    )
    texts = shapes_by_text(slide)
    assert texts[-2].startswith("1. ")
    assert texts[-1].startswith("Source: ")


def test_a_potx_is_read_and_a_pptm_refused(tmp_path: Path) -> None:
    path = template(tmp_path / "acme.pptx")
    kinds = {"potx": b"template.main+xml", "pptm": b"macroEnabled.main+xml"}
    for ending, kind in kinds.items():
        other = tmp_path / f"acme.{ending}"
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w") as new:
            for name in old.namelist():
                new.writestr(name, old.read(name).replace(b"presentation.main+xml", kind))
    assert deck_bytes([plate("car_path")], template=tmp_path / "acme.potx")
    with pytest.raises(UserInputError, match="macros"):
        deck_bytes([plate("car_path")], template=tmp_path / "acme.pptm")


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 broken"])
def test_what_is_no_presentation_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.pptx"
    path.write_bytes(content)
    with pytest.raises(UserInputError, match="no PowerPoint file"):
        deck_bytes([plate("car_path")], template=path)
    with pytest.raises(UserInputError, match="Can't read"):
        deck_bytes([plate("car_path")], template=tmp_path / "absent.pptx")


def test_the_same_template_gives_the_same_bytes(tmp_path: Path) -> None:
    path = template(tmp_path / "acme.pptx")
    first, second = (deck_bytes([plate("car_path")], template=path) for _ in range(2))
    assert first == second
