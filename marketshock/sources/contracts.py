"""Contracts of the embedded tables, and the problems a frame has with them.

A contract speaks of one table alone: columns and their order, types, empty
cells, vocabularies, ranges, the key, dates in order. What two tables must agree
on is checked in :mod:`marketshock.sources.cross_checks`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from marketshock.sources.contract_fact_tables import FACT_TABLES
from marketshock.sources.contract_market_tables import MARKET_TABLES
from marketshock.sources.cross_checks import check_cross_table

__all__ = [
    "CONTRACTS",
    "check_cross_table",
    "check_table",
    "contract",
    "read_options",
    "table_names",
]

_TABLES: Final = {**MARKET_TABLES, **FACT_TABLES}

#: Contracts built so far; `contract` fills it.
CONTRACTS: Final[dict[str, pa.DataFrameSchema]] = {}

#: Problems of one kind reported row by row before the rest is only counted.
MAX_REPORTED: Final = 10

_DUPLICATE: Final = "multiple_fields_uniqueness"
_STRUCTURE: Final = {
    "column_in_dataframe": "missing column",
    "column_in_schema": "unexpected column",
    "column_ordered": "column out of order:",
}


def table_names() -> tuple[str, ...]:
    """Return the names of all tables that have a contract."""
    return tuple(_TABLES)


def contract(name: str) -> pa.DataFrameSchema:
    """Return the contract of one table, built on first use.

    Parameters
    ----------
    name : str
        Name of the table, which is its file name without ending.

    Returns
    -------
    pandera.DataFrameSchema

    Raises
    ------
    KeyError
        If no table has this name.
    """
    if name not in CONTRACTS:
        if name not in _TABLES:
            raise KeyError(f"no contract for table {name!r}; known: {', '.join(_TABLES)}")
        CONTRACTS[name] = _TABLES[name]().schema(name)
    return CONTRACTS[name]


def read_options(name: str) -> dict[str, Any]:
    """Return arguments for `pandas.read_csv` that give the contract's types.

    Parameters
    ----------
    name : str
        Name of the table.

    Returns
    -------
    dict
        ``dtype``, ``parse_dates``, ``keep_default_na`` and ``na_values``: an
        empty cell is the only missing value, so text such as ``NA`` survives.
    """
    contract(name)
    fields = _TABLES[name]().fields
    return {
        "dtype": {column: field.dtype for column, field in fields.items() if field.dtype},
        "parse_dates": [column for column, field in fields.items() if field.dtype is None],
        "keep_default_na": False,
        "na_values": [""],
    }


def check_table(name: str, frame: pd.DataFrame) -> list[str]:
    """Return the problems of a frame with the contract of its table.

    Parameters
    ----------
    name : str
        Name of the table.
    frame : pandas.DataFrame
        Rows read with `read_options`.

    Returns
    -------
    list of str
        One sentence a problem, with table, column, row (1 is the first row
        below the header), value and expectation; empty if there is none.
    """
    schema = contract(name)
    if frame.empty and name != "known_exceptions":
        return [f"{name}: found no rows, expected at least one"]
    numbered = frame.reset_index(drop=True)
    try:
        schema.validate(numbered, lazy=True)
    except SchemaErrors as problems:
        return list(_sentences(name, numbered, problems.failure_cases))
    return []


def _sentences(name: str, frame: pd.DataFrame, cases: pd.DataFrame) -> Iterator[str]:
    """Put failure cases into words, grouped by column and expectation."""
    wide = cases["schema_context"].eq("DataFrameSchema")
    places = cases["column"].where(~wide, "").fillna("").astype(str)
    for (column, check), group in cases.groupby([places, "check"], sort=False):
        rows = group.dropna(subset=["index"]).sort_values("index", kind="stable")
        place, expected = f"{name}.{column}".rstrip("."), str(check)
        if rows.empty:
            found = ", ".join(str(value) for value in group["failure_case"].unique())
            if found.startswith("TypeError("):  # follows from a wrong type, told apart
                continue
            yield f"{place}: {_structural(expected, found)}"
        elif column:
            yield from _column_sentences(place, expected, rows)
        else:
            yield from _wide_sentences(name, frame, expected, rows)


def _structural(check: str, found: str) -> str:
    """Word a problem of the table as a whole."""
    if check in _STRUCTURE:
        return f"{_STRUCTURE[check]} {found}"
    if check.startswith("dtype("):
        return f"found type {found}, expected {check[len('dtype(') : -1]}"
    return f"found {found}, expected {check}"


def _column_sentences(place: str, check: str, rows: pd.DataFrame) -> Iterator[str]:
    """Word each offending cell of one column."""
    expected = "a filled cell" if check == "not_nullable" else check
    shown = rows.head(MAX_REPORTED)
    for index, found in zip(shown["index"], shown["failure_case"], strict=True):
        cell = "an empty cell" if pd.isna(found) else repr(found)
        yield f"{place}, row {int(index) + 1}: found {cell}, expected {expected}"
    yield from _remainder(place, expected, len(rows))


def _wide_sentences(
    name: str, frame: pd.DataFrame, check: str, rows: pd.DataFrame
) -> Iterator[str]:
    """Word each row that breaks the key or a rule over columns."""
    key = CONTRACTS[name].unique or []
    expected = f"a unique {' + '.join(key)}" if check == _DUPLICATE else check
    words = expected.replace(",", " ").split()
    columns = [column for column in frame.columns if column in words]
    indices = rows["index"].astype(int).unique()
    for index in indices[:MAX_REPORTED]:
        cells = ", ".join(f"{column} {_cell(frame.at[index, column])}" for column in columns)
        yield f"{name}, row {index + 1}: found {cells}, expected {expected}"
    yield from _remainder(name, expected, len(indices))


def _cell(value: Any) -> str:
    """Write a cell as the file shows it."""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return "(empty)" if pd.isna(value) else str(value)


def _remainder(place: str, expected: str, count: int) -> Iterator[str]:
    """Say how many problems of this kind were left out."""
    if count > MAX_REPORTED:
        yield f"{place}: {count - MAX_REPORTED} more rows, expected {expected}"
