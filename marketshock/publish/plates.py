"""One exhibit as decks and workbooks need it: the words as printed and the figures as figures.

A plate is made from an exhibit, or from the payload that a notebook keeps of one, so a deck of
a report holds what its page holds.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

from marketshock.exhibits.exhibit import Exhibit
from marketshock.locale import Language, Locale, Text
from marketshock.provenance import Status
from marketshock.table import Table

__all__ = ["Head", "Plate", "plate_of_exhibit", "plate_of_payload", "status_lines"]

_INTEGER = re.compile(r"-?(0|[1-9]\d{0,14})")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TRUTH = {"True": True, "False": False}


@dataclass(frozen=True, slots=True)
class Head:
    """Head of a printed column: the figure behind it, its words and its side."""

    field: str
    label: str
    align: Literal["left", "right"] = "right"


@dataclass(frozen=True, slots=True, eq=False)
class Plate:
    """One exhibit in one language.

    Parameters
    ----------
    key : str
    kind : {"chart", "table"}
    lang : {"en", "it"}
    title, unit, alt, source : str
        As printed on the page.
    notes : tuple of str
        Footnotes.
    data : Table
        Numbers, days, truth values and text; None where a figure is missing.
    heads, cells
        Printed columns and cells of a table; empty for a chart.
    emphasis : tuple of int
        Rows of the event.
    svg : str
        Drawing of a chart.
    as_of : datetime.date, optional
        Latest day of which the sources speak.
    """

    key: str
    kind: Literal["chart", "table"]
    lang: Language
    title: str
    unit: str
    alt: str
    source: str
    notes: tuple[str, ...]
    data: Table
    heads: tuple[Head, ...]
    cells: tuple[tuple[str, ...], ...]
    emphasis: tuple[int, ...]
    svg: str
    as_of: dt.date | None

    @property
    def locale(self) -> Locale:
        """Prints numbers and days in the language of the plate."""
        return Locale(self.lang)

    def say(self, en: str, it: str) -> str:
        """Return the words in the language of the plate."""
        return en if self.lang == "en" else it


def plate_of_exhibit(exhibit: Exhibit, lang: Language | None = None) -> Plate:
    """Return an exhibit with its figures at full precision."""
    shown = exhibit.in_language(lang or exhibit.lang)
    data = {
        name: tuple(_figure(value, shown.lang) for value in values)
        for name, values in shown.data.columns.items()
    }
    days = [source.as_of for source in shown.sources if source.as_of]
    fields = [column.field for column in shown.columns]
    return _plate(shown.payload(), Table(shown.key, data), fields, max(days, default=None))


def plate_of_payload(payload: Mapping[str, Any], as_of: dt.date | None = None) -> Plate:
    """Return what a notebook shows; figures have the twelve digits of its CSV.

    Words that differ between the languages are those of the printed cells.
    """
    rows = list(csv.reader(io.StringIO(payload["data_csv"])))
    columns = list(zip(*rows[1:], strict=True)) or [() for _ in rows[0]]
    data = {name: _typed(values) for name, values in zip(rows[0], columns, strict=True)}
    fields = [head["field"] for head in payload.get("columns", ())]
    for at, field in enumerate(fields):
        if all(isinstance(value, str) and " " in value for value in data[field]):
            data[field] = tuple(_words(row[at]) for row in payload["rows"])
    return _plate(payload, Table(payload["key"], data), fields, as_of)


def _plate(
    payload: Mapping[str, Any], data: Table, fields: list[str], as_of: dt.date | None
) -> Plate:
    heads = [
        Head(field, head["label"], head["align"])
        for field, head in zip(fields, payload.get("columns", ()), strict=True)
    ]
    return Plate(
        **{name: payload[name] for name in ("key", "kind", "lang", "title", "unit", "alt")},
        source=payload["source"],
        notes=tuple(payload["notes"]),
        data=data,
        heads=tuple(heads),
        cells=tuple(tuple(map(_words, row)) for row in payload.get("rows", ())),
        emphasis=tuple(payload.get("emphasis", ())),
        svg=payload.get("svg", ""),
        as_of=as_of,
    )


def _words(cell: Any) -> str:
    return str(cell["text"] if isinstance(cell, Mapping) else cell)


def _figure(value: Any, lang: Language) -> Any:
    """Return a number, day, truth value or text; None for what is missing or not finite."""
    if isinstance(value, Text):
        return value[lang]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (list, tuple)):
        return " ".join(map(str, value))
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _typed(values: tuple[str, ...]) -> tuple[Any, ...]:
    """Read a column of CSV back: all its cells are of one kind, or they stay text."""
    readers: tuple[Callable[[str], Any], ...] = (_TRUTH.__getitem__, _integer, float, _day)
    for read in readers:
        try:
            return tuple(read(value) if value else None for value in values)
        except (KeyError, ValueError):
            continue
    return tuple(value.removeprefix("'") if value else None for value in values)


def _integer(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise ValueError(text)
    return int(text)


def _day(text: str) -> dt.date:
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    return dt.date.fromisoformat(text)


def status_lines(plate: Plate) -> list[tuple[str, str]]:
    """Return the statuses that occur among the figures, strongest first, with their words."""
    found = set(plate.data.columns.get("status", ()))
    return [(s.value, s.words[plate.lang]) for s in Status if s.value in found]
