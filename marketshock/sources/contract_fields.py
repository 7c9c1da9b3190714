"""Building blocks of a table contract: columns and rules over columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd
import pandera.pandas as pa

STATUS: Final = ("verified2", "verified1", "recalled")
SYMBOL: Final = r"^\^?[A-Z][A-Z0-9.\-]*$"
PARTIAL_DATE: Final = r"^\d{4}(-\d{2}(-\d{2})?)?$"
FISCAL: Final = r"^FY\d{4}( Q[1-4])?$"
_PLAIN_TEXT: Final = r"^(?![=+@\s])[^\r\n\t]*\S$"
_DTYPES: Final = {
    "text": "str",
    "number": "float64",
    "integer": "int64",
    "optional_integer": "Int64",
}


_FINITE: Final = pa.Check(lambda values: values.abs() < float("inf"), error="a finite number")


@dataclass(frozen=True, slots=True)
class Field:
    """One column: its kind, whether it may be empty, and its own checks."""

    kind: str
    nullable: bool
    checks: tuple[pa.Check, ...]

    @property
    def dtype(self) -> str | None:
        """Name the type to read the column with; None for dates, whose unit is free."""
        return _DTYPES.get(self.kind)

    def column(self) -> pa.Column:
        """Build the pandera column."""
        return pa.Column(self.dtype, checks=list(self.checks), nullable=self.nullable)


@dataclass(frozen=True, slots=True)
class TableContract:
    """Columns in file order, the key, and rules that span columns."""

    fields: Mapping[str, Field]
    key: Sequence[str]
    rules: tuple[pa.Check, ...] = ()

    def schema(self, name: str) -> pa.DataFrameSchema:
        """Build the pandera schema: strict columns in file order, unique key."""
        return pa.DataFrameSchema(
            {column: field.column() for column, field in self.fields.items()},
            checks=list(self.rules),
            unique=list(self.key),
            strict=True,
            ordered=True,
            name=name,
        )


def text(pattern: str = _PLAIN_TEXT, *, empty: bool = False) -> Field:
    """Describe a text column: one line and no spreadsheet formula, or a pattern."""
    said = "plain text on one line" if pattern == _PLAIN_TEXT else f"text that matches {pattern}"
    return Field("text", empty, (pa.Check.str_matches(pattern, error=said),))


def choice(*values: str, empty: bool = False) -> Field:
    """Describe a text column with a closed vocabulary."""
    return Field("text", empty, (pa.Check.isin(values, error="one of " + " | ".join(values)),))


def date(*, empty: bool = False) -> Field:
    """Describe a date column."""
    check = pa.Check(_is_midnight, error="an ISO date, read as datetime64 without time and zone")
    return Field("date", empty, (check,))


def _is_midnight(values: pd.Series) -> pd.Series | bool:
    """Tell whether dates are datetime64 without zone and time of day."""
    if not pd.api.types.is_datetime64_dtype(values.dtype):
        return False
    return values.eq(values.dt.normalize())


def number(low: float | None = None, high: float | None = None, *, empty: bool = False) -> Field:
    """Describe a float column, optionally bounded."""
    return Field("number", empty, (_FINITE, *_bounds(low, high)))


def positive(*, empty: bool = False) -> Field:
    """Describe a float column above zero."""
    return Field("number", empty, (_FINITE, pa.Check.gt(0, error="a number above 0")))


def integer(low: int | None = None, high: int | None = None, *, empty: bool = False) -> Field:
    """Describe an integer column, optionally bounded."""
    return Field("optional_integer" if empty else "integer", empty, _bounds(low, high))


def _bounds(low: float | None, high: float | None) -> tuple[pa.Check, ...]:
    """Build the checks of an inclusive range."""
    checks = []
    if low is not None:
        checks.append(pa.Check.ge(low, error=f"at least {low}"))
    if high is not None:
        checks.append(pa.Check.le(high, error=f"at most {high}"))
    return tuple(checks)


def status() -> Field:
    """Describe the column that says how well a row is sourced."""
    return choice(*STATUS)


def ordered(earlier: str, later: str, *, strict: bool = False) -> pa.Check:
    """Require two columns in order wherever both are filled."""

    def holds(frame: pd.DataFrame) -> pd.Series:
        first, second = frame[earlier], frame[later]
        return first.isna() | second.isna() | ((first < second) if strict else (first <= second))

    return pa.Check(holds, error=f"{earlier} {'<' if strict else '<='} {later}")


def one_filled(*columns: str) -> pa.Check:
    """Require that not all of these columns are empty."""
    return pa.Check(
        lambda frame: frame[list(columns)].notna().any(axis=1),
        error="at least one filled of " + ", ".join(columns),
    )


def precision_fits(date: str) -> pa.Check:
    """Require a partial date as long as its precision says."""
    lengths = {"day": 10, "month": 7, "year": 4}
    return pa.Check(
        lambda frame: frame[date].str.len().eq(frame["precision"].map(lengths)),
        error=f"precision that fits the length of {date}",
    )


def filled_exactly_when(column: str, other: str, value: str) -> pa.Check:
    """Require a column filled if, and only if, another holds this value."""
    return pa.Check(
        lambda frame: frame[column].notna().eq(frame[other].eq(value)),
        error=f"{column} filled exactly where {other} is {value}",
    )
