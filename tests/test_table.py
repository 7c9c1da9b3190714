from __future__ import annotations

import csv
import datetime as dt
import io
import json
import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketshock.locale import Text
from marketshock.provenance import Status
from marketshock.table import Table, csv_cell, json_value, optional_date, optional_float

ROWS = [
    {"symbol": "NVDA", "date": dt.date(2025, 1, 27), "change": -592.658},
    {"symbol": "AVGO", "date": dt.date(2025, 1, 27), "change": -199.541},
    {"symbol": "AAPL", "date": dt.date(2025, 1, 28), "change": None},
]
READERS = {"date": optional_date, "change": optional_float}


def cells(table: Table) -> list[list[str]]:
    return list(csv.reader(io.StringIO(table.to_csv())))


def test_a_table_written_to_csv_reads_back_equal() -> None:
    table = Table.from_rows("losses", ROWS)
    assert list(Table.from_csv("losses", table.to_csv(), READERS)) == ROWS


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_every_float_survives_csv_to_twelve_digits(values: list[float]) -> None:
    text = Table("t", {"x": tuple(values)}).to_csv()
    found = Table.from_csv("t", text, {"x": float})["x"]
    assert found == pytest.approx(values, rel=1e-11, abs=0)


@given(st.lists(st.decimals(-(10**6), 10**6, places=4), min_size=1))
def test_a_figure_of_a_table_survives_csv_as_it_is(figures: list[Decimal]) -> None:
    values = tuple(map(float, figures))
    assert Table.from_csv("t", Table("t", {"x": values}).to_csv(), {"x": float})["x"] == values


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), min_size=1))
def test_every_text_survives_csv_but_for_the_apostrophe(text: str) -> None:
    back = Table.from_csv("t", Table("t", {"x": (text,), "y": ("1",)}).to_csv())["x"][0]
    assert back in (text, "'" + text)
    assert back[:1] not in tuple("=+-@\t")


@pytest.mark.parametrize("cell", ["NA", "TRUE", "0700", "1E5", "1.234,56", "null", "nan", " x "])
def test_cells_stay_text_unless_a_reader_is_named(cell: str) -> None:
    assert Table.from_csv("t", f'x,y\n"{cell}",1\n')["x"] == (cell,)


@pytest.mark.parametrize("text", ["=1+1", "+39", "-5%", "@SUM(A1)", "\t=1", "=", '=H("x")'])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert cells(Table("t", {"x": (text,), "y": (1,)}))[1][0] == "'" + text


def test_a_formula_behind_a_carriage_return_gets_an_apostrophe() -> None:
    assert csv_cell("\r=1") == "' =1"


@pytest.mark.parametrize("text", ["a\rb", "\r=1"])
def test_a_carriage_return_does_not_break_the_row(text: str) -> None:
    assert len(Table.from_csv("t", Table("t", {"x": (text,), "y": (1,)}).to_csv())) == 1


@pytest.mark.parametrize("text", ["^GSPC", "a=b", "1-2", "", "(5)", "'x", "–5"])
def test_harmless_text_is_left_alone(text: str) -> None:
    assert csv_cell(text) == text


@pytest.mark.parametrize("number", [-3.2, -1, 0, 1e-300, -0.0, 24_490_000_000])
def test_a_number_never_gets_an_apostrophe(number: float) -> None:
    cell = cells(Table("t", {"x": (number,), "y": ("a",)}))[1][0]
    assert float(cell) == number
    assert not cell.startswith("'")


@pytest.mark.parametrize("number", [np.float64(-3.2), np.float32(0.5), np.int64(-7)])
def test_a_numpy_number_is_written_as_a_number(number: np.generic) -> None:
    assert float(str(csv_cell(number))) == number.item()


@pytest.mark.parametrize("items", [("=1+1", "b"), ["@x"]])
def test_a_list_cannot_smuggle_a_formula(items: list[str]) -> None:
    assert str(csv_cell(items)).startswith("'")


def test_words_in_two_languages_are_not_written_as_python() -> None:
    assert "Text(" not in Table("t", {"title": (Text("loss", "perdita"),)}).to_csv()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, None])
def test_what_is_no_number_is_empty_in_csv_and_null_in_json(value: float | None) -> None:
    table = Table("t", {"x": (value,), "y": (1,)})
    assert cells(table)[1] == ["", "1"]
    assert table.to_records() == [{"x": None, "y": 1}]


def test_records_are_json_without_nan() -> None:
    table = Table(
        "t",
        {
            "day": (dt.date(2025, 1, 27),),
            "title": (Text("loss", "perdita"),),
            "nested": ({"a": [math.nan, np.float64(2.5)], "b": np.datetime64("2025-01-27")},),
            "count": (np.int64(3),),
        },
    )
    assert json.loads(json.dumps(table.to_records(), allow_nan=False)) == [
        {
            "day": "2025-01-27",
            "title": {"en": "loss", "it": "perdita"},
            "nested": {"a": [None, 2.5], "b": "2025-01-27"},
            "count": 3,
        }
    ]


@pytest.mark.parametrize("nan", [np.float64("nan"), np.float64("inf"), math.nan])
def test_json_value_has_no_nan_of_any_kind(nan: float) -> None:
    assert json_value(nan) is None


def test_json_value_keeps_truth_and_text() -> None:
    assert json_value(True) is True
    assert json_value("nan") == "nan"
    assert json_value(np.bool_(False)) is False


def test_a_status_is_its_word_in_json() -> None:
    assert json_value(Status.RECALLED) == "recalled"


def test_an_empty_cell_is_none_and_never_zero() -> None:
    assert optional_float("") is None
    assert optional_date("") is None
    assert optional_float("0") == 0.0


def test_where_keeps_order_and_all_columns() -> None:
    table = Table.from_rows("losses", ROWS)
    chosen = table.where(date=dt.date(2025, 1, 27))
    assert chosen["symbol"] == ("NVDA", "AVGO")
    assert list(table.where(date=dt.date(2025, 1, 27), symbol="AVGO")) == [ROWS[1]]
    assert len(table.where(symbol="none")) == 0
    assert tuple(table.where(symbol="none").columns) == ("symbol", "date", "change")
    assert len(table) == 3


def test_columns_keep_the_order_asked_for() -> None:
    table = Table.from_rows("losses", ROWS, ("change", "symbol"))
    assert tuple(table.columns) == ("change", "symbol")
    assert cells(table)[0] == ["change", "symbol"]


def test_a_table_without_rows_keeps_its_header() -> None:
    table = Table.from_rows("losses", [], ("symbol", "date"))
    assert len(table) == 0
    assert table.to_csv() == "symbol,date\n"
    assert Table.from_csv("losses", "symbol,date\n")["date"] == ()


@pytest.mark.parametrize("text", ["a,b\n1\n", "a,b\n1,2\n3\n", "a,b\n1,2,3\n"])
def test_a_ragged_file_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"zip\(\)"):
        Table.from_csv("t", text)


def test_columns_of_different_length_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="losses"):
        Table("losses", {"a": (1, 2), "b": (1,)})


def test_a_table_is_a_frame_with_the_same_columns() -> None:
    frame = Table.from_rows("losses", ROWS).to_frame()
    assert list(frame.columns) == ["symbol", "date", "change"]
    assert frame["change"].isna().tolist() == [False, False, True]
