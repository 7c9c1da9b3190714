"""Files and frames of the user's own factors: read, or refused with the line."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from marketshock.errors import QualityError, UserInputError
from marketshock.sources.factor_file import factors_from_frame, read_factors

GOOD = "date,oil,rf\n2025-01-03,0.01,0.0001\n2025-01-02,-0.02,\n"


@pytest.fixture
def write(tmp_path):
    def make(text, encoding="utf-8"):
        path = tmp_path / "factors.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return make


def test_rows_in_any_order_with_a_missing_value(write):
    panel = read_factors(write(GOOD))
    assert panel.symbols == ("oil", "rf")
    assert panel.sessions.astype(str).tolist() == ["2025-01-02", "2025-01-03"]
    np.testing.assert_array_equal(panel.values, [[-0.02, np.nan], [0.01, 0.0001]])
    assert panel.sources[0].as_of == dt.date(2025, 1, 3)
    assert "factors.csv" in panel.sources[0].name.it


@pytest.mark.parametrize("text", ["﻿" + GOOD, GOOD.replace("\n", "\r\n"), "\n" + GOOD + "\n , ,\n"])
def test_marks_line_ends_and_blank_lines_are_forgiven(write, text):
    np.testing.assert_array_equal(
        read_factors(write(text)).values, read_factors(write(GOOD)).values
    )


BAD = {
    "date": ("date,oil\n2025-01-02,0.1\n03/04/2025,0.1\n", "line 3", "03/04/2025", "2025-04-03"),
    "no day": ("date,oil\n2025-02-30,0.1\n", "line 2", "2025-02-30", ""),
    "comma": ('date,oil\n2025-01-02,"0,1"\n', "line 2", "'0,1' under oil", "decimal point"),
    "word": ("date,oil\n\n2025-01-02,n/a\n", "line 3", "'n/a'", "empty"),
    "nan": ("date,oil\n2025-01-02,nan\n", "line 2", "'nan'", "empty"),
    "infinity": ("date,oil\n2025-01-02,inf\n", "line 2", "'inf'", "empty"),
    "twice": ("date,oil\n2025-01-02,0\n2025-01-02,0\n", "line 3", "stands twice", "one row"),
    "percent": ("date,oil\n2025-01-02,0.5\n2025-01-03,-1.2\n", "line 3", "-1.2", "divide"),
    "cells": ("date,oil\n2025-01-02,0.1,0.2\n", "line 2", "3 cells under 2 names", "column"),
    "no factor": ("date\n2025-01-02\n", "no column of a factor", "", "one column per factor"),
    "only rf": ("date,rf\n2025-01-02,0\n", "no column of a factor", "", "one column per factor"),
    "no date": ("day,oil\n2025-01-02,0\n", "no column date", "day, oil", "column date"),
    "semicolons": ("date;oil\n2025-01-02;0\n", "no column date", "date;oil", "column date"),
    "same name": ("date,oil,oil\n2025-01-02,0,0\n", "twice", "oil, oil", "column"),
    "no name": ("date,\n2025-01-02,0\n", "without a name", "", "column"),
    "empty": ("", "no column date", "", "column date"),
    "header only": ("date,oil\n", "no row", "", "column date"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_said_with_its_line(write, name):
    text, *words, hint = BAD[name]
    with pytest.raises(UserInputError) as caught:
        read_factors(write(text))
    assert all(word in caught.value.message for word in words)
    assert hint in (caught.value.hint or "")


def test_a_file_that_is_missing_or_no_text(tmp_path, write):
    with pytest.raises(UserInputError, match="No such file"):
        read_factors(tmp_path / "none.csv")
    with pytest.raises(UserInputError, match="not a text file"):
        read_factors(write(GOOD.replace("oil", "öl"), "latin-1"))


def test_a_frame_is_read_as_the_file(write):
    file = read_factors(write(GOOD))
    frame = pd.DataFrame(
        {"date": ["2025-01-03", "2025-01-02"], "oil": [0.01, -0.02], "rf": [0.0001, None]}
    )
    for given in (frame, frame.set_index("date"), frame.assign(date=pd.to_datetime(frame["date"]))):
        panel = factors_from_frame(given)
        np.testing.assert_array_equal(panel.values, file.values)
        assert panel.symbols == file.symbols


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ({"oil": [0.1, -3.0]}, "2025-01-03: -3 under oil"),
        ({"oil": [0.1, np.inf]}, "inf under oil"),
        ({"oil": ["a", "b"]}, "can't be read"),
        ({"rf": [0.0, 0.0]}, "no column of a factor"),
        ({}, "no column of a factor"),
    ],
)
def test_a_frame_that_holds_no_factors_is_refused(column, words):
    frame = pd.DataFrame(column, index=pd.to_datetime(["2025-01-02", "2025-01-03"]))
    with pytest.raises(UserInputError) as caught:
        factors_from_frame(frame)
    assert words in caught.value.message


def test_a_frame_with_a_date_twice_or_without_rows():
    day = pd.to_datetime(["2025-01-02", "2025-01-02"])
    with pytest.raises(QualityError, match="twice"):
        factors_from_frame(pd.DataFrame({"oil": [0.1, 0.2]}, index=day))
    with pytest.raises(UserInputError, match="no row"):
        factors_from_frame(pd.DataFrame({"oil": []}, index=day[:0]))
