"""Workbooks: every figure of every exhibit, as a number, in both languages."""

from __future__ import annotations

import ast
import datetime as dt
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from office import KEYS, book_of, check_package, entries, opened, plate

from marketshock import showcase
from marketshock.locale import LANGUAGES, Language
from marketshock.publish.look import house_look
from marketshock.publish.native_charts import native_chart
from marketshock.publish.plates import plate_of_exhibit, plate_of_payload
from marketshock.publish.xlsx import workbook_bytes
from marketshock.table import Table

BOTH = pytest.mark.parametrize("lang", LANGUAGES)
EVERY = pytest.mark.parametrize("key", KEYS)
EVIL = (
    '=HYPERLINK("http://x","y")', "+1+1", "-2+3", "@SUM(A1)", "=1+1", "{=1}",
    "https://example.org", "\tx", "0700", "1E5", "TRUE", "<script>&\"'",
)  # fmt: skip


def day(value: Any) -> Any:
    return value.date() if isinstance(value, dt.datetime) else value


@BOTH
@EVERY
def test_the_raw_sheet_holds_every_figure(key: str, lang: Language) -> None:
    sheet, data = opened(book_of(key, lang))[f"{key} data"], plate(key, lang).data
    rows = list(sheet.iter_rows(values_only=True))
    assert list(rows[0]) == list(data.columns)
    assert len(rows) == len(data) + 1
    for row, record in zip(rows[1:], data, strict=True):
        for found, wanted in zip(row, record.values(), strict=True):
            if isinstance(wanted, float):
                assert isinstance(found, (int, float))
                assert found == pytest.approx(wanted, rel=1e-14, abs=0)
            else:
                assert day(found) == wanted
                assert type(day(found)) is type(wanted)


@EVERY
def test_the_raw_sheet_is_the_exhibits_own_table(key: str) -> None:
    shown, data = showcase.example(key), plate(key).data
    for name, values in shown.data.columns.items():
        for given, kept in zip(values, data[name], strict=True):
            if isinstance(given, float):
                assert kept == given if math.isfinite(given) else kept is None


@BOTH
@pytest.mark.parametrize("key", [key for key in KEYS if key.endswith("_table")])
def test_the_formatted_sheet_has_heads_numbers_and_days(key: str, lang: Language) -> None:
    shown = plate(key, lang)
    sheet = opened(book_of(key, lang))[key]
    assert (sheet["A1"].value, sheet["A2"].value) == (shown.title, shown.unit)
    assert sheet.freeze_panes == "B5"
    heads = [cell.value for cell in sheet[4]][: len(shown.heads)]
    assert heads == [head.label for head in shown.heads]
    numbers = 0
    for at, printed in enumerate(shown.cells):
        for column, (head, text) in enumerate(zip(shown.heads, printed, strict=True), 1):
            cell, value = sheet.cell(at + 5, column), shown.data[head.field][at]
            if isinstance(value, dt.date):
                assert day(cell.value) == value
            elif isinstance(value, (int, float)) and not isinstance(value, bool):
                assert isinstance(cell.value, (int, float)), (head.field, cell.value)
                assert cell.value == pytest.approx(value, rel=1e-14, abs=0)
                numbers += 1
            else:
                assert cell.value == text
    assert numbers > 5 or key == "note_table"
    last = [row[0] for row in sheet.iter_rows(values_only=True) if row[0]]
    assert last[-1] == shown.source
    assert last[-1 - len(shown.notes) : -1] == list(shown.notes)


def shown_as(value: float, code: str) -> str:
    """Print a number by a format code, the few features that are used, without our own code."""
    if code.startswith("[<"):
        limit, below, rest = re.fullmatch(r'\[<([\d.e-]+)\]"([^"]*)";(.*)', code).groups()  # type: ignore[union-attr]
        return str(below) if value < float(limit) else f"{value:.{len(rest.split('.')[1])}f}"
    part = code.split(";")[1 if value < 0 else 2 if value == 0 else 0]
    body = re.search(r"#,##0(?:\.(0+))?(,*)", part)
    assert body
    scaled = (
        abs(value) / 1000.0 ** len(body[2]) * (100 if "%" in re.sub(r'"[^"]*"', "", part) else 1)
    )
    digits = f"{scaled:,.{len(body[1] or '')}f}"
    return (part[: body.start()] + digits + part[body.end() :]).replace('"', "")


@pytest.mark.parametrize("key", [key for key in KEYS if key.endswith("_table")])
def test_formats_print_what_the_page_prints(key: str) -> None:
    shown, sheet, compared = plate(key), opened(book_of(key))[key], 0
    for at, printed in enumerate(shown.cells):
        for column, text in enumerate(printed, 1):
            cell = sheet.cell(at + 5, column)
            if not isinstance(cell.value, (int, float)):
                continue
            seen = shown_as(cell.value, cell.number_format)
            if seen.endswith("%") and not text.endswith("%"):
                seen = seen[:-1]
            bare = seen.lstrip("+\u2212")
            zero = not any(char in "123456789" for char in bare)
            assert bare == text if zero else seen == text, (text, cell.number_format, cell.value)
            compared += 1
    assert compared > 5 or key == "note_table"


def figures_of(formula: str, sheet: Any) -> float:
    """Compute a formula from the cells it names, with Python's own arithmetic."""
    if found := re.fullmatch(r"=SUM\((\w+):(\w+)\)", formula):
        return math.fsum(cell.value for row in sheet[f"{found[1]}:{found[2]}"] for cell in row)
    text = re.sub(r"[A-Z]+\d+", lambda m: repr(float(sheet[m[0]].value)), formula[1:])
    text = text.replace("ABS", "abs")
    assert re.fullmatch(r"[\d.e+\-*/() abs]+", text)
    tree = ast.parse(text, mode="eval")
    return float(eval(compile(tree, "formula", "eval"), {"abs": abs}))


@EVERY
def test_live_formulas_give_the_figures_they_stand_for(key: str) -> None:
    live, values = opened(book_of(key), values=False), opened(book_of(key))
    found = 0
    for sheet in live:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    wanted = values[sheet.title][cell.coordinate].value
                    got = figures_of(cell.value, values[sheet.title])
                    assert got == pytest.approx(wanted, rel=1e-9, abs=1e-12)
                    found += 1
    if key in FORMULAS_IN:
        assert found >= FORMULAS_IN[key]


FORMULAS_IN = {
    "losses_table": 40,
    "abnormal_table": 26,
    "car_path": 30,
    "capex_columns": 12,
    "token_price_table": 72,
    "token_price_history": 21,
    "training_cost_table": 6,
}
"""Least number of formulas: both sheets of losses have loss and return of ten rows."""


def test_no_text_becomes_a_formula_link_or_number() -> None:
    data = Table("evil", {"text": EVIL, "value": tuple(float(at) for at in range(len(EVIL)))})
    shown = plate("losses_table")
    evil = replace(
        shown, data=data, heads=(shown.heads[0].__class__("text", EVIL[0], "left"),),
        cells=tuple((text,) for text in EVIL), title=EVIL[0], unit=EVIL[1], source=EVIL[3],
        notes=EVIL[:2], emphasis=(),
    )  # fmt: skip
    written = workbook_bytes([evil])
    book = opened(written, values=False)
    for sheet in book:
        for row in sheet.iter_rows():
            assert not [cell.coordinate for cell in row if cell.data_type == "f"]
    raw = [row[0].value for row in book["losses_table data"].iter_rows(min_row=2)]
    assert raw == list(EVIL)
    formatted = [book["losses_table"].cell(at + 5, 1).value for at in range(len(EVIL))]
    assert formatted == list(EVIL)
    parts = entries(written)
    assert not any(b"<f>" in content for name, content in parts.items() if "sheets/" in name)
    assert not any(b"example.org" in c for name, c in parts.items() if name.endswith(".rels"))


def test_what_is_missing_is_an_empty_cell_and_never_zero() -> None:
    data = Table("gap", {"a": (1.0, None, 0.0), "b": (None, None, dt.date(2025, 1, 27))})
    book = opened(workbook_bytes([replace(plate("losses_table"), data=data, heads=(), cells=(),
                                          kind="table", svg=plate("car_path").svg)]))  # fmt: skip
    rows = list(book["losses_table data"].iter_rows(min_row=2, values_only=True))
    assert [row[0] for row in rows] == [1, None, 0]
    assert rows[0][1] is None
    assert day(rows[2][1]) == dt.date(2025, 1, 27)


@BOTH
def test_the_read_me_says_what_from_where_and_as_of_when(lang: Language) -> None:
    shown = plate("losses_table", lang)
    sheet = opened(book_of("losses_table", lang)).worksheets[0]
    words = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell]
    assert sheet.title == {"en": "Read me", "it": "Leggimi"}[lang]
    assert shown.as_of is not None
    for text in (shown.title, shown.unit, shown.source, *shown.notes, "verified1", "verified2"):
        assert text in words
    assert shown.locale.date(shown.as_of) in words


@EVERY
def test_charts_are_native_and_described(key: str) -> None:
    parts = entries(book_of(key))
    native = native_chart(plate(key), house_look().palette) is not None
    assert ("xl/charts/chart1.xml" in parts) is native
    drawings = [
        c.decode() for name, c in parts.items() if "drawings/drawing" in name and c[:1] == b"<"
    ]
    drawings = [text for text in drawings if "wsDr" in text]
    assert bool(drawings) is (plate(key).kind == "chart")
    for text in drawings:
        assert re.search(r'descr="[^"]{20,}"', text)


@EVERY
def test_the_file_is_sound_and_the_same_each_time(key: str) -> None:
    check_package(book_of(key))
    again = plate_of_exhibit(showcase.example(key), "en")
    assert workbook_bytes([again]) == book_of(key)


def test_the_two_languages_hold_the_same_figures() -> None:
    books = [opened(book_of("abnormal_table", lang))["abnormal_table data"] for lang in LANGUAGES]
    first, second = ([c.value for row in s.iter_rows() for c in row] for s in books)
    numbers = [v for v in first if isinstance(v, float)]
    assert numbers == [v for v in second if isinstance(v, float)]
    assert numbers


def test_a_payload_gives_the_same_figures_to_twelve_digits() -> None:
    for key in ("car_path", "losses_table", "tests_table"):
        full, short = plate(key), plate_of_payload(showcase.example(key).payload())
        assert short.cells == full.cells
        for name, values in full.data.columns.items():
            for one, other in zip(values, short.data[name], strict=True):
                if isinstance(one, float):
                    assert other == pytest.approx(one, rel=1e-11)
                elif isinstance(one, (bool, int, dt.date)):
                    assert other == one


def test_an_exhibit_exports_itself(tmp_path: Path) -> None:
    target = tmp_path / "losses.xlsx"
    showcase.example("losses_table").export(target, lang="it")
    assert target.read_bytes() == book_of("losses_table", "it")
