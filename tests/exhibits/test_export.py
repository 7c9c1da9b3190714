"""Files of an exhibit: one call for every ending, the same words, the figures of the exhibit."""

from __future__ import annotations

import csv
import io
import re
import struct
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from examples import KEYS, made, rows_of
from pypdf import PdfReader

from marketshock.errors import OutputError, UserInputError
from marketshock.exhibits.brand import Brand
from marketshock.exhibits.card import card_size, card_svg
from marketshock.exhibits.exhibit import Exhibit, Size
from marketshock.exhibits.in_force import branded
from marketshock.exhibits.plain_table import plain_table
from marketshock.exhibits.theme import PALETTE, WIDTH_MM
from marketshock.exhibits.writers import WRITERS
from marketshock.locale import LANGUAGES, Language, Text
from marketshock.table import Table

SVG = "{http://www.w3.org/2000/svg}"
FEW = ("car_path", "abnormal_table", "losses_table", "capex_columns")
BOTH = pytest.mark.parametrize("lang", LANGUAGES)
SIZES = pytest.mark.parametrize("size", ["full", "half"])
EVIL = '=1+1 <script>alert("1")</script> & $x$ #1 {{b}} ]]> \\'
OWN = (".csv", ".html", ".pdf", ".png", ".svg")


def plain(text: str) -> str:
    """Words without the blanks that a layout puts or breaks at."""
    return re.sub(r"\s+", "", text)


def words_of(shown: Exhibit) -> list[str]:
    """Everything that a file must say: title, unit, notes, source, and the cells of a table."""
    lang, payload = shown.lang, shown.payload()
    cells = [
        cell["text"] if isinstance(cell, dict) else cell
        for row in payload.get("rows", ())
        for cell in row
    ]
    notes = [note[lang] for note in shown.notes]
    return [shown.title[lang], shown.unit[lang], *notes, payload["source"], *cells]


def in_svg(text: str) -> str:
    """Printed words of a drawing; not those for screen readers only."""
    return plain("".join("".join(e.itertext()) for e in ET.fromstring(text).iter(f"{SVG}text")))


@pytest.mark.parametrize("ending", OWN)
def test_the_path_is_told_and_the_exhibit_returned(
    ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown, target = made("abnormal_table"), tmp_path / f"x{ending.upper()}"
    assert shown.export(target) is shown
    out, err = capsys.readouterr()
    assert (out, err) == ("", f"{target}\n")
    assert target.stat().st_size > 500


@pytest.mark.parametrize("ending", OWN)
@pytest.mark.parametrize("key", ["car_path", "losses_table"])
def test_the_same_exhibit_gives_the_same_bytes(key: str, ending: str, tmp_path: Path) -> None:
    made(key).export(tmp_path / f"one{ending}").export(tmp_path / f"two{ending}")
    one, two = ((tmp_path / f"{name}{ending}").read_bytes() for name in ("one", "two"))
    assert one == two


@pytest.mark.parametrize(
    "key", [key if key in FEW else pytest.param(key, marks=pytest.mark.slow) for key in KEYS]
)
@BOTH
def test_every_format_has_the_same_words(key: str, lang: Language, tmp_path: Path) -> None:
    shown = made(key).in_language(lang)
    for ending in (".svg", ".pdf"):
        shown.export(tmp_path / f"x{ending}")
    svg = (tmp_path / "x.svg").read_text("utf-8")
    pdf = PdfReader(tmp_path / "x.pdf")
    printed = {
        "svg": in_svg(svg),
        "pdf": plain("".join(page.extract_text() for page in pdf.pages)),
    }
    for name, text in printed.items():
        for words in words_of(shown):
            assert plain(words) in text, (name, words)
    assert len(pdf.pages) == 1
    assert pdf.metadata is not None
    assert pdf.metadata.title == shown.title[lang]
    csv_text = pdf.attachments[f"{key}.csv"][0].decode()
    assert list(csv.DictReader(io.StringIO(csv_text))) == rows_of(key)


@pytest.mark.parametrize("key", FEW)
@SIZES
def test_a_card_has_its_size_on_paper(key: str, size: Size, tmp_path: Path) -> None:
    shown = made(key).at_size(size)
    width, height = card_size(card_svg(shown.payload()))
    assert 0.96 * WIDTH_MM[size] < width <= WIDTH_MM[size] + 8.001
    shown.export(tmp_path / "x.png")
    pixels = struct.unpack(">2I", (tmp_path / "x.png").read_bytes()[16:24])
    assert pixels == pytest.approx((width / 25.4 * 300, height / 25.4 * 300), abs=1.5)


@pytest.mark.parametrize("key", FEW)
@BOTH
def test_a_drawing_speaks_to_a_screen_reader(key: str, lang: Language) -> None:
    shown = made(key).in_language(lang)
    root = ET.fromstring(card_svg(shown.payload()))
    assert root.get("role") == "img"
    assert next(root.iter(f"{SVG}title")).text == shown.title[lang]
    assert next(root.iter(f"{SVG}desc")).text == shown.alt[lang]


def test_a_language_and_a_size_can_be_asked_for(tmp_path: Path) -> None:
    shown = made("losses_table")
    assert shown.export(tmp_path / "x.svg", lang="it", size="half").lang == "en"
    text = (tmp_path / "x.svg").read_text("utf-8")
    assert plain(shown.title.it) in in_svg(text)


def test_a_drawing_carries_its_letters_and_names_nothing_outside(tmp_path: Path) -> None:
    made("abnormal_bars").export(tmp_path / "x.svg")
    text = (tmp_path / "x.svg").read_text("utf-8")
    assert text.count("@font-face") == 2
    assert not re.search(r"(href|src)=\"(?!#)", text)
    assert not [start for start in re.findall(r"url\((.)", text) if start not in "d#"]


def test_an_unknown_ending_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    for name in ("x.docx", "x"):
        with pytest.raises(UserInputError) as caught:
            made("losses_table").export(tmp_path / name)
        assert ".pptx" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", [".png", ".svg"])
def test_an_old_file_stays_when_the_folder_is_gone_or_the_target_special(
    ending: str, tmp_path: Path
) -> None:
    with pytest.raises(OutputError, match="folder does not exist"):
        made("losses_table").export(tmp_path / "none" / f"x{ending}")
    (tmp_path / f"link{ending}").symlink_to(tmp_path / "old")
    with pytest.raises(OutputError, match="symbolic link"):
        made("losses_table").export(tmp_path / f"link{ending}")


def test_another_ending_can_be_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(shown: Exhibit, path: Path) -> None:
        path.write_text(shown.title.en)

    monkeypatch.setitem(WRITERS, ".note", write)
    made("losses_table").export(tmp_path / "x.note")
    assert (tmp_path / "x.note").read_text() == made("losses_table").title.en


@pytest.mark.parametrize("key", ["abnormal_table", "abnormal_bars"])
def test_a_second_brand_changes_colours_and_not_the_words(key: str, tmp_path: Path) -> None:
    brand = Brand.from_toml(
        '[colours]\nink = "#5A0F2E"\naccent = "#0B6E4F"\nmark = "#3B4A9A"\n', tmp_path
    )
    made(key).export(tmp_path / "house.svg")
    with branded(brand):
        made(key).export(tmp_path / "own.svg").export(tmp_path / "own.html")
    house, own = ((tmp_path / f"{name}.svg").read_text("utf-8") for name in ("house", "own"))
    assert in_svg(own) == in_svg(house)
    for colour in ("#5A0F2E", "#0B6E4F"):
        assert colour.lower() in own.lower()
        assert colour.lower() not in house.lower()
    assert PALETTE.amber.lower() not in own.lower()
    assert "#5A0F2E" in (tmp_path / "own.html").read_text("utf-8")


# Bare tables.


def a_table(**more: Any) -> Table:
    rows = [
        {"name": EVIL, "value": -0.123456789012345678, "year": 2025, "words": Text("one", "uno")},
        {"name": "1.200", "value": float("nan"), "year": 2026, "words": Text("two", "due")},
    ]
    return Table.from_rows("evil", [{**row, **more} for row in rows])


@pytest.mark.parametrize("ending", OWN)
def test_every_table_goes_into_every_format(ending: str, tmp_path: Path) -> None:
    table = a_table()
    assert table.export(tmp_path / f"x{ending}", "it") is table
    assert (tmp_path / f"x{ending}").stat().st_size > 50


def test_u9_text_of_a_table_stays_text(tmp_path: Path) -> None:
    a_table().export(tmp_path / "x.csv").export(tmp_path / "x.svg").export(tmp_path / "x.html")
    row = next(csv.DictReader(io.StringIO((tmp_path / "x.csv").read_text("utf-8"))))
    assert row["name"] == "'" + EVIL
    assert row["value"] == "-0.123456789012"
    assert plain(EVIL) in in_svg((tmp_path / "x.svg").read_text("utf-8"))
    assert "<script" not in (tmp_path / "x.html").read_text("utf-8")


@BOTH
def test_cells_of_a_bare_table_follow_the_language(lang: Language) -> None:
    rows = plain_table(a_table(), lang).payload()["rows"]
    value = {"en": "−0.123457", "it": "−0,123457"}[lang]
    assert rows[0][1:] == [value, "2025", {"en": "one", "it": "uno"}[lang]]
    assert rows[1][1] == "n.a."


def test_recalled_rows_of_a_bare_table_are_marked() -> None:
    shown = plain_table(a_table(status="recalled"))
    assert "†" in str(shown.payload()["rows"])
    assert "†" in shown.notes[0].it


# Copies.


@pytest.mark.parametrize("key", ["car_path", "losses_table"])
def test_a_copy_keeps_every_digit(key: str) -> None:
    rows = [line.split("\t") for line in made(key).copy().splitlines()]
    assert rows[0] == list(made(key).data.columns)
    assert len(rows) == len(made(key).data) + 1
    for row, printed in zip(made(key).data, rows[1:], strict=True):
        for value, cell in zip(row.values(), printed, strict=True):
            if isinstance(value, float):
                assert float(cell) == value


def test_a_copy_has_the_decimal_sign_asked_for_and_no_formula() -> None:
    lines = a_table(tab="a\tb\nc").copy("it", decimal=",").splitlines()
    assert lines[1].split("\t") == ["'" + EVIL, "-0,12345678901234568", "2025", "uno", "a b c"]
    assert lines[2].split("\t")[1] == ""


def test_a_notebook_can_select_the_figures() -> None:
    for view in (made("car_path")._repr_html_(), a_table()._repr_html_()):
        assert "<details>" in view
        assert "<pre>" in view
        assert "<script" not in view
    assert "&lt;script&gt;" in a_table()._repr_html_()
    assert a_table().copy()._repr_html_().startswith("<pre>")
    long = Table.from_rows("long", [{"n": n} for n in range(1000)])
    assert "100 of 1000 rows" in long._repr_html_()
