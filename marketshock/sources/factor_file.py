"""Factor returns of the user's own, from a CSV file or a frame."""

from __future__ import annotations

import csv
import datetime as dt
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from marketshock.errors import UserInputError
from marketshock.locale import Text
from marketshock.market.panel import ReturnPanel
from marketshock.market.sessions import parse_day
from marketshock.provenance import Source

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["RISK_FREE", "factors_from_frame", "read_factors"]

RISK_FREE = "rf"
LAYOUT = "It needs a column date and one column per factor, in decimals: 0.01 is one per cent."


def read_factors(path: Path) -> ReturnPanel:
    """Read a CSV file with a column ``date`` and one column of decimal returns per factor.

    An optional column ``rf`` is the risk-free return, which turns the model into one of
    excess returns. An empty cell is a missing value; rows may stand in any order.

    Raises
    ------
    UserInputError
        If the file can't be read; for a bad date or number, a date that stands twice, or a
        header without a factor, with the line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = _lines(path.name, file)
            header = next(lines, (1, []))[1]
            names = _names(path.name, header)
            rows = _rows(path.name, lines, header)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = getattr(error, "strerror", None) or "not a text file in UTF-8"
        raise UserInputError(f"The factor file {path} can't be read: {why}.", LAYOUT) from None
    if not rows:
        raise UserInputError(f"{path.name} holds no row of factors.", LAYOUT)
    days = sorted(rows)
    return ReturnPanel(
        np.array([rows[day] for day in days]),
        np.array(days, "datetime64[D]"),
        names,
        "index",
        (_source(path.name, days[-1]),),
    )


def factors_from_frame(frame: pd.DataFrame) -> ReturnPanel:
    """Return factors from a frame: dates as index or in a column ``date``, factors as columns.

    Raises
    ------
    UserInputError
        If a column holds anything but decimal returns, or there is no factor.
    QualityError
        If a date or a column stands twice.
    """
    indexed = frame.set_index("date") if "date" in frame.columns else frame
    try:
        panel = ReturnPanel.from_frame(indexed, "index")
    except (TypeError, ValueError) as error:
        raise UserInputError(f"The frame of factors can't be read: {error}.", LAYOUT) from None
    _names("The frame of factors", ["date", *panel.symbols])
    for name in panel.symbols:
        column = panel.column(name)
        for at in np.flatnonzero((column <= -1.0) | np.isinf(column)):
            raise _no_return(f"{panel.calendar.day(int(at))}", name, f"{column[at]:g}")
    if not len(panel.sessions):
        raise UserInputError("The frame of factors holds no row.", LAYOUT)
    last = panel.calendar.day(len(panel.sessions) - 1)
    sources = (_source("", last),)
    return ReturnPanel(panel.values, panel.sessions, panel.symbols, "index", sources)


def _lines(name: str, file: Iterator[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the cells of each line that is not blank."""
    reader = csv.reader(file)
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, [cell.strip() for cell in cells]


def _names(where: str, header: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the columns of returns, or say what the header lacks."""
    names = tuple(name for name in header if name != "date")
    if "date" not in header:
        raise UserInputError(f"{where} has no column date: {', '.join(header)}.", LAYOUT)
    if len(set(header)) < len(header) or "" in header:
        raise UserInputError(
            f"{where} has a column without a name, or one name twice: {', '.join(header)}.", LAYOUT
        )
    if not set(names) - {RISK_FREE}:
        raise UserInputError(f"{where} has no column of a factor.", LAYOUT)
    return names


def _rows(
    name: str, lines: Iterator[tuple[int, list[str]]], header: Sequence[str]
) -> dict[dt.date, list[float]]:
    rows: dict[dt.date, list[float]] = {}
    at = list(header).index("date")
    for line, cells in lines:
        where = f"{name}, line {line}"
        if len(cells) != len(header):
            raise UserInputError(f"{where}: {len(cells)} cells under {len(header)} names.", LAYOUT)
        try:
            day = parse_day(cells[at])
        except UserInputError as error:
            raise UserInputError(f"{where}: {error.message}", error.hint) from None
        if day in rows:
            raise UserInputError(f"{where}: {day} stands twice.", "Keep one row a session.")
        pairs = zip(header, cells, strict=True)
        rows[day] = [_number(where, key, cell) for key, cell in pairs if key != "date"]
    return rows


def _number(where: str, column: str, cell: str) -> float:
    """Read a decimal return; an empty cell is missing."""
    if not cell:
        return math.nan
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UserInputError(
            f"{where}: {cell!r} under {column} is no number.",
            "Write a decimal point; leave the cell empty where a value is missing.",
        )
    if value <= -1.0:
        raise _no_return(where, column, cell)
    return value


def _no_return(where: str, column: str, value: str) -> UserInputError:
    return UserInputError(
        f"{where}: {value} under {column} would be a loss of everything or more.",
        "Factors are decimals, 0.01 is one per cent; divide a file in per cent by 100.",
    )


def _source(name: str, last: dt.date) -> Source:
    words = f" ({name})" if name else ""
    return Source(Text(f"factors of the user{words}", f"fattori dell'utente{words}"), last)
