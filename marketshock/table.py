"""A small immutable table: named columns, no pandas needed to read or filter it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from html import escape
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marketshock.locale import Language, Text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Copied", "Row", "Table", "optional_date", "optional_float"]

MOST_SHOWN = 100
"""Rows that a notebook shows."""
Row = Mapping[str, Any]


def optional_float(text: str) -> float | None:
    """Read a number; an empty cell is None, never zero."""
    return float(text) if text else None


def optional_date(text: str) -> dt.date | None:
    """Read an ISO day; an empty cell is None."""
    return dt.date.fromisoformat(text) if text else None


class Copied(str):
    """Text to paste into a spreadsheet; a notebook shows it in a block that can be selected."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self)}</pre>"


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Columns of equal length in a fixed order.

    Parameters
    ----------
    name : str
        Name of the table, used in messages.
    columns : mapping of str to sequence
        Values by column.
    """

    name: str
    columns: Mapping[str, tuple[Any, ...]]

    def __post_init__(self) -> None:
        lengths = {len(values) for values in self.columns.values()}
        if len(lengths) > 1:
            raise ValueError(f"Table {self.name}: columns of different length {sorted(lengths)}.")

    @classmethod
    def from_rows(cls, name: str, rows: Sequence[Row], columns: Sequence[str] = ()) -> Table:
        """Build from records; `columns` fixes the order (default: that of the first record)."""
        names = list(columns) or (list(rows[0]) if rows else [])
        return cls(name, {key: tuple(row[key] for row in rows) for key in names})

    @classmethod
    def from_csv(
        cls,
        name: str,
        text: str,
        types: Mapping[str, Callable[[str], Any]] | None = None,
    ) -> Table:
        """Read CSV text. Every cell stays text unless `types` names a reader for its column."""
        reader = csv.reader(io.StringIO(text))
        header = next(reader, [])
        cells = list(zip(*reader, strict=True)) or [() for _ in header]
        readers = types or {}
        return cls(
            name,
            {
                key: tuple(map(readers[key], values)) if key in readers else tuple(values)
                for key, values in zip(header, cells, strict=True)
            },
        )

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def __getitem__(self, column: str) -> tuple[Any, ...]:
        return self.columns[column]

    def __iter__(self) -> Iterator[Row]:
        names = tuple(self.columns)
        for values in zip(*self.columns.values(), strict=True):
            yield dict(zip(names, values, strict=True))

    def where(self, **wanted: Any) -> Table:
        """Return the rows whose columns equal the wanted values."""
        keep = [all(row[key] == value for key, value in wanted.items()) for row in self]
        return Table(
            self.name,
            {
                key: tuple(value for value, kept in zip(values, keep, strict=True) if kept)
                for key, values in self.columns.items()
            },
        )

    def to_frame(self) -> pd.DataFrame:
        """Return a pandas frame with the same columns."""
        import pandas as pd

        return pd.DataFrame(dict(self.columns))

    def to_csv(self) -> str:
        """Return CSV text; text cells that a spreadsheet would run get a leading apostrophe."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self.columns)
        for row in self:
            writer.writerow([csv_cell(value) for value in row.values()])
        return out.getvalue()

    def copy(self, lang: Language = "en", *, decimal: str = ".") -> Copied:
        """Return the cells with tabs between them, every digit kept, to paste into a spreadsheet.

        Parameters
        ----------
        lang : {"en", "it"}
            Language of words that stand in both.
        decimal : str
            Decimal sign. A spreadsheet set to Italian takes "," for numbers, and "." for text.
        """
        lines = [tuple(self.columns), *(tuple(row.values()) for row in self)]
        return Copied(
            "".join(
                "\t".join(tsv_cell(value, lang, decimal) for value in line) + "\n" for line in lines
            )
        )

    def export(self, path: str | Path, lang: Language = "en") -> Table:
        """Write the table by the ending of `path`, tell the path, and return the table.

        The endings are those of an exhibit; the file names the table and says what its figures
        are. Numbers are those of :meth:`copy` in a workbook, and rounded where they are set.

        Raises
        ------
        UserInputError
            For an unknown ending.
        OutputError
            The disk refuses; an old file is intact.
        """
        import_module("marketshock.exhibits.plain_table").plain_table(self, lang).export(path)
        return self

    def _repr_html_(self) -> str:
        if len(self) <= MOST_SHOWN:
            return self.to_html() + selectable(self.copy())
        first = Table(self.name, {key: cells[:MOST_SHOWN] for key, cells in self.columns.items()})
        return f"{first.to_html()}<p>{MOST_SHOWN} of {len(self)} rows; .copy() has all.</p>"

    def to_text(self) -> str:
        """Return aligned columns for a terminal; numbers to the right."""
        names = list(self.columns)
        cells = [[text_cell(value) for value in row.values()] for row in self]
        widths = [
            max(len(head), *(len(row[at]) for row in cells)) if cells else len(head)
            for at, head in enumerate(names)
        ]
        right = [
            all(isinstance(value, (int, float)) or value is None for value in self[head])
            for head in names
        ]
        lines = [
            "  ".join(
                cell.rjust(width) if to_right else cell.ljust(width)
                for cell, width, to_right in zip(row, widths, right, strict=True)
            ).rstrip()
            for row in [names, *cells]
        ]
        return "\n".join(lines)

    def to_html(self) -> str:
        """Return an HTML table with every word escaped."""
        heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in self.columns)
        lines = "".join(
            "<tr>"
            + "".join(f"<td>{escape(text_cell(value))}</td>" for value in row.values())
            + "</tr>"
            for row in self
        )
        return f"<table><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table>"

    def to_records(self) -> list[dict[str, Any]]:
        """Return JSON-ready records: ISO dates, and None instead of NaN or infinity."""
        return [{key: json_value(value) for key, value in row.items()} for row in self]


def csv_cell(value: Any) -> Any:
    """Return a cell for CSV: text is never a live formula.

    Numbers keep twelve significant digits, so that files agree between machines whose
    last bits differ.
    """
    if isinstance(value, Text):
        value = value.en
    if isinstance(value, (list, tuple)):
        value = " ".join(str(item) for item in value if item is not None)
    if isinstance(value, str):
        text = value.replace("\r", " ")
        return "'" + text if value[:1] in ("=", "+", "-", "@", "\t", "\r") else text
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return repr(float(f"{value:.12g}")) if math.isfinite(value) else ""
    return "" if value is None else value


def tsv_cell(value: Any, lang: Language = "en", decimal: str = ".") -> str:
    """Return a cell to paste: floats with every digit, and text that is never a live formula."""
    if isinstance(value, Text):
        value = value[lang]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return repr(value).replace(".", decimal) if math.isfinite(value) else ""
    return " ".join(str(csv_cell(json_value(value))).split("\t")).replace("\n", " ")


def selectable(text: str) -> str:
    """Return HTML in which the text is folded away and can be selected; there is no script."""
    return f"<details><summary>TSV</summary><pre>{escape(text)}</pre></details>"


def text_cell(value: Any) -> str:
    """Return a cell for a terminal: floats with six significant digits, lists with blanks."""
    if isinstance(value, float):
        return f"{value:.6g}" if math.isfinite(value) else "n.a."
    if isinstance(value, Mapping):
        return str(value.get("en", dict(value)))
    if isinstance(value, Text):
        return value.en
    return str(
        csv_cell(value) if isinstance(value, (list, tuple)) else "" if value is None else value
    )


def json_value(value: Any) -> Any:
    """Return `value` with ISO dates and without NaN, infinity or numpy scalars."""
    if isinstance(value, Mapping):
        return {key: json_value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_value(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if hasattr(value, "as_dict"):
        return json_value(value.as_dict())
    return value
