"""Users' files: declared, never guessed; every problem named by its line."""

from __future__ import annotations

import datetime as dt
import io
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketshock.errors import MarketShockError, QualityError, UserInputError
from marketshock.sources.file_map import FileMap, read_map
from marketshock.sources.file_prices import FilePrices, read_prices
from marketshock.sources.file_rows import MOST_ROWS

PLAIN = """symbol,date,close,adj_close,volume
NVDA,2025-01-24,142.62,142.58,234657600
NVDA,2025-01-27,118.42,118.39,818830900
AVGO,2025-01-27,202.13,,60000000
"""
ITALIAN = """
[columns]
date = "Data"
symbol = "Titolo"
close = "Ultimo"
volume = "Volume"

[format]
delimiter = ";"
decimal = ","
thousands = "."
encoding = "cp1252"
date = "%d/%m/%Y"
missing = ["n.d."]
basis = "splits"
currency = "USD"
name = "Terminale"
licence = "uso interno"

[symbols]
"NVDA US Equity" = "NVDA"
"Società \u20ac" = "AVGO"
"""


def read(text: str | bytes, layout: FileMap | None = None, name: str = "own.csv") -> FilePrices:
    data = text.encode() if isinstance(text, str) else text
    return read_prices(Path(name), data, layout or FileMap())


def mapped(folder: Path, text: str) -> FileMap:
    path = folder / "map.toml"
    path.write_text(text, "utf-8")
    return read_map(path)


def closes(found: FilePrices) -> dict[tuple[str, str], float | None]:
    return {(symbol, str(day)): row["close"] for (symbol, day), row in found.rows.items()}


def codes(found: FilePrices) -> list[tuple[str, str]]:
    return [(finding["level"], finding["code"]) for finding in found.findings]


def test_a_plain_file_needs_no_map() -> None:
    found = read(PLAIN)
    key = ("NVDA", dt.date(2025, 1, 27))
    assert found.rows[key] == {"close": 118.42, "adj_close": 118.39, "volume": 818830900.0}
    assert found.rows["AVGO", dt.date(2025, 1, 27)]["adj_close"] is None
    assert codes(found) == [("FOOTNOTE", "BASIS")]


def test_a_wide_file_has_one_column_a_symbol() -> None:
    found = read("date,NVDA,^GSPC\n2025-01-24,142.62,6101.24\n2025-01-27,,6012.28\n")
    assert closes(found) == {
        ("NVDA", "2025-01-24"): 142.62,
        ("^GSPC", "2025-01-24"): 6101.24,
        ("^GSPC", "2025-01-27"): 6012.28,
    }
    assert ("INFO", "D1") in codes(found)


def test_an_export_of_a_terminal_is_read_as_declared(tmp_path: Path) -> None:
    layout = mapped(tmp_path, ITALIAN)
    text = (
        "Data;Titolo;Ultimo;Volume\n"
        "27/01/2025;NVDA US Equity;118,42;818.830.900\n"
        "27/01/2025;Società €;202,13;n.d.\n"
        "03/02/2025;NVDA US Equity;1.116,66;n.d.\n"
    )
    found = read(text.encode("cp1252"), layout)
    assert closes(found) == {
        ("AVGO", "2025-01-27"): 202.13,
        ("NVDA", "2025-01-27"): 118.42,
        ("NVDA", "2025-02-03"): 1116.66,
    }
    assert found.rows["NVDA", dt.date(2025, 1, 27)]["volume"] == 818830900.0
    assert codes(found) == []


@pytest.mark.parametrize(
    "cell", ["118,42", "1.118.42", "1 118.42", "$118.42", "118.42-", "12%", "0x10", "1_000", "TRUE"]
)
def test_u3_a_number_in_another_style_is_refused(cell: str) -> None:
    with pytest.raises(UserInputError, match=r"line 2, close: .* is no number"):
        read(f'symbol,date,close\nNVDA,2025-01-27,"{cell}"\n')


@pytest.mark.parametrize("cell", ["118.42", "1.18,42", "12.3456,1", "1.1.118,4"])
def test_u3_thousands_must_stand_in_threes(tmp_path: Path, cell: str) -> None:
    layout = mapped(tmp_path, ITALIAN)
    with pytest.raises(UserInputError, match=r"line 2, Ultimo: .* is no number"):
        read(f"Data;Titolo;Ultimo;Volume\n27/01/2025;NVDA;{cell};1\n", layout)


def test_u3_a_point_is_no_comma() -> None:
    layout = FileMap(delimiter=";", decimal=",")
    assert list(closes(read("date;NVDA\n2025-01-27;118,42\n", layout)).values()) == [118.42]
    with pytest.raises(UserInputError, match=r"line 2, NVDA: '118.42' is no number"):
        read("date;NVDA\n2025-01-27;118.42\n", layout)


@pytest.mark.parametrize("cell", ["NaN", "nan", "#N/A", "n.a.", "null", "-"])
def test_d1_a_word_for_missing_must_be_declared(cell: str) -> None:
    text = f"symbol,date,close\nNVDA,2025-01-24,142.62\nNVDA,2025-01-27,{cell}\n"
    with pytest.raises(UserInputError, match=r"line 3, close: .* is no number"):
        read(text)
    found = read(text, FileMap(missing=(cell,)))
    assert list(closes(found)) == [("NVDA", "2025-01-24")]


IMPOSSIBLE = {
    "0": "is no price",
    "0.0": "is no price",
    "1e-9": "is no price",
    "-118.42": "is negative; some files mark a mean of bid and ask so",
    "1e400": "is not finite",
    "-1e400": "is not finite",
}


@pytest.mark.parametrize("cell", IMPOSSIBLE)
def test_d2_an_impossible_price_blocks(cell: str) -> None:
    with pytest.raises(QualityError, match=f"line 2, close: '{cell}' {IMPOSSIBLE[cell]}"):
        read(f"symbol,date,close\nNVDA,2025-01-27,{cell}\n")


def test_d3_a_row_that_stands_twice_is_taken_once() -> None:
    found = read(PLAIN + "NVDA,2025-01-27,118.42,118.39,818830900\n")
    assert found.rows == read(PLAIN).rows
    assert ("INFO", "D3") in codes(found)


def test_d3_two_values_for_one_day_block_with_both_lines() -> None:
    with pytest.raises(QualityError, match=r"line 5: NVDA on 2025-01-27 has other .* than line 3"):
        read(PLAIN + "NVDA,2025-01-27,118.43,118.39,818830900\n")


@given(st.randoms())
def test_d4_the_order_of_rows_has_no_meaning(chance: random.Random) -> None:
    head, *rows = PLAIN.splitlines()
    chance.shuffle(rows)
    assert read("\n".join([head, *rows])).rows == read(PLAIN).rows


def test_d4_sorting_is_told() -> None:
    head, first, second, third = PLAIN.splitlines()
    assert ("INFO", "D4") in codes(read("\n".join([head, second, first, third])))
    assert ("INFO", "D4") not in codes(read(PLAIN))


@pytest.mark.parametrize("cell", ["=1+1", "@SUM(A1)", "+118.42", '=HYPERLINK("x")'])
def test_u9_a_formula_is_refused(cell: str) -> None:
    quoted = cell.replace('"', '""')
    with pytest.raises(UserInputError, match=r"line 2, close: .* is a formula"):
        read(f'symbol,date,close\nNVDA,2025-01-27,"{quoted}"\n')


@pytest.mark.parametrize(
    ("cell", "hint"),
    [
        ("03/04/2025", "2025-04-03 or 2025-03-04"),
        ("27.01.2025", "2025-01-27"),
        ("2025-02-31", "not a day of the calendar"),
        ("45684", "YYYY-MM-DD"),
        ("27/01/25", "YYYY-MM-DD"),
        ("2025-01-27 16:00", "YYYY-MM-DD"),
    ],
)
def test_u2_only_iso_days_without_a_declaration(cell: str, hint: str) -> None:
    with pytest.raises(UserInputError, match=f"line 2: .*{hint}"):
        read(f"symbol,date,close\nNVDA,{cell},118.42\n")


def test_all_problems_are_listed_at_once_in_order() -> None:
    text = (
        "symbol,date,close\n"
        "NVDA,2025-01-24,abc\n"
        "nvda,2025-01-27,118.42\n"
        "AVGO,2025-13-27,202.13\n"
        "AVGO,2025-01-28\n"
        "AVGO,2025-01-29,-5\n"
    )
    with pytest.raises(UserInputError) as caught:
        read(text)
    said = caught.value.message
    places = [said.index(f"line {line}") for line in range(2, 7)]
    assert places == sorted(places)


def test_a_long_list_of_problems_is_cut() -> None:
    rows = "".join(f"NVDA,2025-01-{day:02d},x\n" for day in range(1, 31))
    with pytest.raises(UserInputError, match="and 10 more"):
        read("symbol,date,close\n" + rows)


BROKEN: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "header_only": (b"symbol,date,close\n", "holds no price"),
    "no_date": (b"symbol,day,close\nNVDA,2025-01-27,1\n", "no column date"),
    "no_close": (b"symbol,date,last\nNVDA,2025-01-27,1\n", "no column close"),
    "twice": (b"symbol,date,close,close\n", "'close' stands twice"),
    "no_symbols": (b"date\n2025-01-27\n", "no column of a symbol"),
    "u4_latin": ("symbol,date,close\nSociété,2025-01-27,1\n".encode("cp1252"), "no text in utf-8"),
    "u4_utf16": (PLAIN.encode("utf-16"), "no text in utf-8"),
    "u4_utf16_plain": (PLAIN.encode("utf-16-le"), "line 1: a NUL character"),
    "u4_nul": (b"symbol,date,close\nNVDA,2025-01-27,1\0\n", "line 2: a NUL character"),
    "u4_quote": (b'symbol,date,close\n"NVDA"x,2025-01-27,1\n', "line 2"),
    "u4_cell": (b"symbol,date,close\n" + b"A" * 70_000, "line 2: field larger"),
    "u4_semicolon": (b"symbol;date;close\nNVDA;2025-01-27;1\n", "no column date"),
    "symbol": (b"symbol,date,close\n0700,2025-01-27,1\n", "line 2: '0700' is no symbol"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_file_that_is_none_is_refused(case: str) -> None:
    data, words = BROKEN[case]
    with pytest.raises(UserInputError, match=words):
        read(data)


def test_u4_byte_order_marks_line_ends_and_declared_encodings() -> None:
    plain = read(PLAIN).rows
    assert read(b"\xef\xbb\xbf" + PLAIN.encode()).rows == plain
    assert read(PLAIN.replace("\n", "\r\n")).rows == plain
    assert read(PLAIN.encode("utf-16"), FileMap(encoding="utf-16")).rows == plain
    assert read(PLAIN.replace("\n", "\n\n")).rows == plain


def test_u4_a_file_with_too_many_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_ROWS == 2_000_000
    monkeypatch.setattr("marketshock.sources.file_rows.MOST_ROWS", 2)
    with pytest.raises(UserInputError, match="more than 2 rows"):
        read(PLAIN)
    monkeypatch.setattr("marketshock.sources.file_rows.LARGEST_FILE", 10)
    with pytest.raises(UserInputError, match="bytes, 10 are possible"):
        read(PLAIN)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[colums]\n", "unknown 'colums'.*columns"),
        ("[columns]\ncloze = 'x'\n", "unknown 'cloze'.*close"),
        ("[format]\ndecimals = ','\n", "unknown 'decimals'.*decimal"),
        ("[format]\ndecimal = 5\n", "decimal is 5, no text"),
        ("[format]\ndelimiter = ';;'\n", "not one character"),
        ("[format]\ndecimal = ','\nthousands = ','\n", "make no numbers"),
        ("[format]\nbasis = 'as_traded'\n", "as traded must be adjusted"),
        ("[format]\ncurrency = 'EUR'\n", "only USD"),
        ("[format]\nencoding = 'latin-99'\n", "unknown encoding"),
        ("[format]\nmissing = 'x'\n", "missing is None"),
        ("columns = 5\n", "columns is no table"),
        ("[columns\n", "can't be read"),
        ("[columns]\ndate = 'a'\ndate = 'b'\n", "can't be read"),
    ],
)
def test_u11_a_map_that_is_wrong_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UserInputError, match=words):
        mapped(tmp_path, text)


def test_a_column_that_is_mapped_but_missing_is_named() -> None:
    layout = FileMap(columns={"date": "date", "symbol": "symbol", "close": "closing"})
    with pytest.raises(UserInputError, match=r"no column 'closing' for close.*close"):
        read(PLAIN, layout)


@pytest.mark.parametrize(("name", "module"), [("own.parquet", "pyarrow"), ("own.xlsx", "openpyxl")])
def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, name: str, module: str) -> None:
    monkeypatch.setitem(__import__("sys").modules, module, None)
    with pytest.raises(UserInputError, match=rf"needs {module}.*marketshock\[files\]"):
        read(b"", name=name)


ROWS: list[list[Any]] = [
    ["symbol", "date", "close"],
    ["NVDA", dt.date(2025, 1, 24), 142.62],
    ["NVDA", dt.datetime(2025, 1, 27), 118.42],
]


def workbook(rows: list[list[Any]]) -> bytes:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_excel_gives_the_same_rows_as_csv() -> None:
    expected = read("symbol,date,close\nNVDA,2025-01-24,142.62\nNVDA,2025-01-27,118.42\n")
    assert read(workbook(ROWS), name="own.xlsx") == expected


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("=118+0.42", "line 3, close: a computed cell is a formula"),
        (True, "line 3, close: True is no number"),
        ("118,42", "line 3, close: '118,42' is no number"),
    ],
)
def test_excel_cells_are_as_strict(cell: Any, words: str) -> None:
    rows = [*ROWS[:2], ["NVDA", dt.date(2025, 1, 27), cell]]
    with pytest.raises(MarketShockError, match=words):
        read(workbook(rows), name="own.xlsx")
    timed = [*ROWS[:2], ["NVDA", dt.datetime(2025, 1, 27, 16), 118.42]]
    with pytest.raises(UserInputError, match=r"line 3: .* .a time of day"):
        read(workbook(timed), name="own.xlsx")


def test_parquet_gives_the_same_rows_and_a_flipped_bit_does_not() -> None:
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    columns = dict(zip(ROWS[0], zip(*ROWS[1:], strict=True), strict=True))
    days = [dt.date(2025, 1, 24), dt.date(2025, 1, 27)]
    table = pa.table({**{k: list(v) for k, v in columns.items()}, "date": days})
    buffer = io.BytesIO()
    parquet.write_table(table, buffer, write_page_checksum=True, compression="none")
    data = buffer.getvalue()
    expected = read("symbol,date,close\nNVDA,2025-01-24,142.62\nNVDA,2025-01-27,118.42\n")
    assert read(data, name="own.parquet") == expected
    import struct

    at = data.index(struct.pack("<d", 118.42))
    flipped = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    with pytest.raises(UserInputError, match="no Parquet file that can be read"):
        read(flipped, name="own.parquet")
    with pytest.raises(UserInputError, match="no Parquet file that can be read"):
        read(data[:-9], name="own.parquet")
