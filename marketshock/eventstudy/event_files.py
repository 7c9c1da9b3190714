"""Files of events, CSV or TOML: every mistake at once, each with its line and column."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import tomllib
from collections.abc import Iterable, Iterator
from typing import Any

from marketshock.errors import UserInputError, suggest
from marketshock.eventstudy.event_cells import COLUMNS, NEEDED, Mistakes, Record, read_events
from marketshock.eventstudy.events import Event
from marketshock.table import Table

__all__ = ["csv_events", "event_rows", "toml_events"]

LIVE = "=+-@\t\r"
"""First characters of cells that `Table.to_csv` guards with an apostrophe."""

_TABLE = re.compile(r"^[ \t]*\[\[[ \t]*event[ \t]*\]\]", re.M)


def csv_events(text: str) -> tuple[Event, ...]:
    """Read CSV text; the delimiter is the comma, semicolon or tab of its first line.

    A byte-order mark, any line ends and blank lines are accepted.
    """
    mistakes = Mistakes()
    records = list(_csv_records(text.removeprefix("\ufeff"), mistakes))
    return read_events(records, mistakes)


def toml_events(text: str) -> tuple[Event, ...]:
    """Read TOML text with one ``[[event]]`` for each event."""
    mistakes = Mistakes()
    text = text.removeprefix("\ufeff")
    try:
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UserInputError(f"The events are no TOML: {error}.", "Mend that place.") from None
    for key in content.keys() - {"event"}:
        hint = suggest(key, ["event"])
        mistakes.add(_line_of(text, key), "", key, f"[[event]] tables only. {hint}".strip())
    tables = content.get("event", [])
    if not (isinstance(tables, list) and all(isinstance(table, dict) for table in tables)):
        mistakes.add(_line_of(text, "event"), "event", type(tables).__name__, "[[event]] tables")
        tables = []
    mistakes.stop()
    return read_events(list(_toml_records(text, tables, mistakes)), mistakes)


def event_rows(events: Iterable[Event]) -> Table:
    """Return events as rows of an event file, without the columns that none of them uses."""
    rows = [_row(event) for event in events]
    always = ("event_id", *NEEDED)
    used = [name for name in COLUMNS if name in always or any(row[name] for row in rows)]
    return Table.from_rows("events", rows, used)


def _row(event: Event) -> dict[str, str]:
    news = event.announcement
    shown = {
        "event_id": event.id,
        "symbol": event.symbol,
        "date": news.date if news else event.date,
        "time": news.time if news else None,
        "zone": news.zone if news else "",
        "timing": news.stated if news and news.time is None else "",
        "exchange": news.exchange if news else "",
        "first_session": event.first_session,
        "benchmark": event.benchmark,
        "calendar": event.calendar,
    }
    return {name: "" if value is None else str(value) for name, value in shown.items()}


def _csv_records(text: str, mistakes: Mistakes) -> Iterator[Record]:
    head = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] = []
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            mistakes.add(line, "", str(error), "cells on one line, quotes in pairs")
            return
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        if not header:
            header = [name.lower() for name in cells]
            _check_names(line, header, mistakes)
        elif len(cells) != len(header):
            found = f"a line of {len(cells)}"
            mistakes.add(line, "", found, f"{len(header)} cells as in the first line")
        else:
            plain = (c[1:] if c[:1] == "'" and c[1:2] in LIVE else c for c in cells)
            yield Record(line, dict(zip(header, plain, strict=True)))


def _check_names(line: int, names: list[str], mistakes: Mistakes) -> None:
    """Check the names of columns; rows of unknown columns can't be read."""
    for name in dict.fromkeys(names):
        if name not in COLUMNS:
            hint = suggest(name, COLUMNS) or f"one of {', '.join(COLUMNS)}"
            mistakes.add(line, "", name, f"the name of a column. {hint}")
        elif names.count(name) > 1:
            mistakes.add(line, name, f"{names.count(name)} columns", "one")
    for name in NEEDED:
        if name not in names:
            mistakes.add(line, name, "no such column", f"a column {name}")
    mistakes.stop()


def _toml_records(text: str, tables: list[dict[str, Any]], mistakes: Mistakes) -> Iterator[Record]:
    starts = [text.count("\n", 0, match.start()) + 1 for match in _TABLE.finditer(text)]
    if len(starts) != len(tables):
        starts = [1] * len(tables)
    rows = text.split("\n")
    for number, (start, table) in enumerate(zip(starts, tables, strict=True)):
        end = starts[number + 1] if number + 1 < len(starts) else len(rows) + 1
        lines = {
            name: start + at
            for at, row in enumerate(rows[start - 1 : end - 1])
            for name in table
            if re.match(rf"\s*[\"']?{re.escape(name)}[\"']?\s*=", row)
        }
        cells = {}
        for name, value in table.items():
            line = lines.get(name, start)
            if name not in COLUMNS:
                hint = suggest(name, COLUMNS) or f"one of {', '.join(COLUMNS)}"
                mistakes.add(line, "", name, f"the name of a key. {hint}")
            elif not isinstance(value, (str, dt.date, dt.time)):
                mistakes.add(line, name, repr(value), "text in quotes")
            else:
                cells[name] = str(value).strip()
        yield Record(start, cells, lines)


def _line_of(text: str, key: str) -> int:
    """Return the line on which a key or a table stands, 1 if it can't be told."""
    found = re.search(rf"^[ \t]*\[*[ \t]*[\"']?{re.escape(key)}", text, re.M)
    return text.count("\n", 0, found.start()) + 1 if found else 1
