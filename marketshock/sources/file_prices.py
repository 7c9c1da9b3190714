"""Prices from a user's file: every problem named by its line, all of them at once."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from marketshock.errors import MarketShockError, QualityError, UserInputError, suggest
from marketshock.locale import Text
from marketshock.market.sessions import parse_day
from marketshock.sources.file_map import CODEBOOK, FileMap
from marketshock.sources.file_rows import FORMULA, read_rows

__all__ = ["FilePrices", "read_prices"]

SHOWN = 20
SMALLEST_PRICE = 1e-4
"""US prices have no smaller unit."""
FIELDS = ("close", "adj_close", "volume")
_SYMBOL = re.compile(r"\^?[A-Z][A-Z0-9.\-]*")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
Day = dict[str, float | None]


@dataclass(frozen=True, slots=True)
class FilePrices:
    """What a file holds.

    Parameters
    ----------
    rows : dict of (str, datetime.date) to dict of str to (float or None)
        By symbol and session, in order: ``close``, ``adj_close``, ``volume``.
    findings : tuple of dict
        ``level``, ``code`` and ``text`` of what was noticed and is no error.
    """

    rows: dict[tuple[str, dt.date], Day]
    findings: tuple[dict[str, Any], ...]


@dataclass(slots=True)
class _Reading:
    """Rows so far, and the problems with them."""

    file: str
    layout: FileMap
    rows: dict[tuple[str, dt.date], Day] = field(default_factory=dict)
    lines: dict[tuple[str, dt.date], int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)
    repeated: int = 0
    empty: int = 0

    def take(self, line: int, symbol: str, day: dt.date, values: Day) -> None:
        """Add one row, or the problem with it."""
        key = (symbol, day)
        if key not in self.rows:
            self.rows[key], self.lines[key] = values, line
        elif self.rows[key] == values:
            self.repeated += 1
        else:
            self.blocks.append(
                f"line {line}: {symbol} on {day} has other values than line {self.lines[key]}"
            )


def read_prices(path: Path, data: bytes, layout: FileMap) -> FilePrices:
    """Read prices as declared; without a declaration ISO days and decimal points only.

    Rows may stand in any order. A row that stands twice is taken once; twice with different
    values is a problem. A cell is a number above zero, empty, or a word declared as missing.

    Raises
    ------
    UserInputError
        With all lines that can't be read.
    QualityError
        If all can be read but prices are impossible or contradict each other.
    """
    lines = read_rows(path, data, layout)
    header = next(lines, None)
    if header is None:
        raise UserInputError(f"{path} is empty.", "It needs a header and rows.")
    names = [_title(cell, header[0]) for cell in header[1]]
    _refuse_names(path, names)
    reading = _Reading(path.name, layout)
    long = "symbol" in layout.columns or (not layout.columns and "symbol" in names)
    (_read_long if long else _read_wide)(reading, names, lines)
    problem = _problem(reading)
    if problem is not None:
        raise problem
    days = list(reading.rows)
    return FilePrices(dict(sorted(reading.rows.items())), tuple(_findings(reading, days)))


def _title(cell: Any, line: int) -> str:
    if cell is FORMULA:
        raise UserInputError(f"line {line}: a formula in the header.", "Keep values only.")
    return "" if cell is None else str(cell)


def _refuse_names(path: Path, names: Sequence[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise UserInputError(f"{path}: the column {min(twice)!r} stands twice.", "Rename one.")


def _column(reading: _Reading, names: Sequence[str], own: str) -> int | None:
    """Return where a column of the codebook stands, None if the file has none."""
    layout = reading.layout
    title = layout.columns.get(own, own if not layout.columns else None)
    if title is None or (title not in names and own not in layout.columns):
        return None
    if title not in names:
        near = suggest(title, names) or f"The file has {', '.join(names)}."
        raise UserInputError(f"{reading.file} has no column {title!r} for {own}.", near)
    return names.index(title)


def _needed(reading: _Reading, names: Sequence[str], own: str) -> int:
    at = _column(reading, names, own)
    if at is None:
        raise UserInputError(
            f"{reading.file} has no column {own}, but {', '.join(names)}.",
            f'Name it in a map: [columns] {own} = "..." (of {", ".join(CODEBOOK)}).',
        )
    return at


def _read_long(reading: _Reading, names: Sequence[str], lines: Iterable[Any]) -> None:
    at_date, at_symbol = (_needed(reading, names, own) for own in ("date", "symbol"))
    _needed(reading, names, "close")
    fields = {own: _column(reading, names, own) for own in FIELDS}
    for line, cells, day in _dated(reading, names, lines, at_date):
        symbol = _symbol(reading, line, cells[at_symbol])
        values: Day = {
            own: None if at is None else _value(reading, line, names[at], cells[at], own)
            for own, at in fields.items()
        }
        if values["close"] is None:
            reading.empty += 1
        elif symbol and day:
            reading.take(line, symbol, day, values)


def _read_wide(reading: _Reading, names: Sequence[str], lines: Iterable[Any]) -> None:
    at_date = _needed(reading, names, "date")
    symbols = {
        at: _symbol(reading, 1, name) for at, name in enumerate(names) if at != at_date and name
    }
    if not symbols:
        raise UserInputError(f"{reading.file} has no column of a symbol.", "It needs one at least.")
    for line, cells, day in _dated(reading, names, lines, at_date):
        for at, symbol in symbols.items():
            close = _value(reading, line, names[at], cells[at], "close")
            if close is None:
                reading.empty += 1
            elif symbol and day:
                reading.take(line, symbol, day, dict.fromkeys(FIELDS) | {"close": close})


def _dated(
    reading: _Reading, names: Sequence[str], lines: Iterable[Any], at_date: int
) -> Iterator[tuple[int, list[Any], dt.date | None]]:
    """Yield lines of the right width with their day; others are faults."""
    for line, cells in lines:
        if len(cells) != len(names):
            reading.faults.append(f"line {line}: {len(cells)} cells under {len(names)} names")
            continue
        yield line, cells, _day(reading, line, cells[at_date])


def _day(reading: _Reading, line: int, cell: Any) -> dt.date | None:
    form = reading.layout.date
    try:
        if isinstance(cell, dt.datetime):
            if cell.tzinfo is not None or cell.time() != dt.time():
                raise ValueError("a time of day; session dates are needed")
            return cell.date()
        if isinstance(cell, dt.date):
            return cell
        if not isinstance(cell, str):
            raise ValueError("no date")
        return dt.datetime.strptime(cell, form).date() if form else parse_day(cell)
    except ValueError as error:
        reading.faults.append(f"line {line}: {_shown(cell)} is no date ({error})")
    except UserInputError as error:
        reading.faults.append(f"line {line}: {error}")
    return None


def _symbol(reading: _Reading, line: int, cell: Any) -> str:
    name = reading.layout.symbols.get(cell, cell) if isinstance(cell, str) else cell
    if isinstance(name, str) and _SYMBOL.fullmatch(name):
        return name
    reading.faults.append(f"line {line}: {_shown(cell)} is no symbol; name it under [symbols]")
    return ""


def _value(reading: _Reading, line: int, title: str, cell: Any, own: str) -> float | None:
    """Return a number; None for an empty cell, and for one that is at fault."""
    layout, where = reading.layout, f"line {line}, {title}"
    if cell is None or cell == "" or (isinstance(cell, str) and cell in layout.missing):
        return None
    value = _number(cell, layout)
    if value is None:
        what = "a formula" if cell is FORMULA or str(cell)[:1] in "=@+" else "no number"
        reading.faults.append(f"{where}: {_shown(cell)} is {what}")
        return None
    if not math.isfinite(value):
        reading.blocks.append(f"{where}: {_shown(cell)} is not finite")
    elif own == "volume" and value >= 0:
        return value
    elif value < 0:
        reading.blocks.append(
            f"{where}: {_shown(cell)} is negative; some files mark a mean of bid and ask so"
        )
    elif value < SMALLEST_PRICE:
        reading.blocks.append(f"{where}: {_shown(cell)} is no price")
    else:
        return value
    return None


def _number(cell: Any, layout: FileMap) -> float | None:
    """Return a number written as declared, which may be infinite; None for anything else."""
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return float(cell)
    if not isinstance(cell, str):
        return None
    text = cell
    if layout.thousands:
        whole, mark, rest = text.partition(layout.decimal)
        groups = whole.removeprefix("-").split(layout.thousands)
        if len(groups) > 1 and not (
            1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])
        ):
            return None
        text = whole.replace(layout.thousands, "") + mark + rest
    if layout.decimal != "." and "." in text:
        return None
    text = text.replace(layout.decimal, ".")
    return float(text) if _NUMBER.fullmatch(text) else None


def _shown(cell: Any) -> str:
    return "a computed cell" if cell is FORMULA else ascii(cell)[:60]


def _problem(reading: _Reading) -> MarketShockError | None:
    """Return one error with all problems, or None."""
    problems = [*reading.faults, *reading.blocks]
    if not problems:
        if not reading.rows:
            return UserInputError(f"{reading.file} holds no price.", "It needs rows.")
        return None
    problems.sort(key=_line)
    more = f"; and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
    words = f"{reading.file}: {'; '.join(problems[:SHOWN])}{more}."
    if reading.faults:
        return UserInputError(
            words, "Dates are ISO and decimals have a point unless a map declares others (--map)."
        )
    return QualityError(words, "Nothing was written. Mend the file first.")


def _line(problem: str) -> int:
    found = re.match(r"line (\d+)", problem)
    return int(found.group(1)) if found else 0


def _findings(reading: _Reading, days: Sequence[Any]) -> Iterator[dict[str, Any]]:
    ordered = sorted(days, key=lambda key: key[1])
    if reading.repeated:
        yield _finding(
            *("INFO", "D3"),
            f"{reading.repeated} rows stand twice with the same values and were taken once",
            f"{reading.repeated} righe ripetute con gli stessi valori sono state lette una volta",
        )
    by_symbol: Mapping[str, list[dt.date]] = {symbol: [] for symbol, _ in days}
    for symbol, day in days:
        by_symbol[symbol].append(day)
    if ordered and any(own != sorted(own) for own in by_symbol.values()):
        yield _finding(
            *("INFO", "D4"),
            "rows were not in order of dates and were sorted",
            "le righe non erano in ordine di data e sono state ordinate",
        )
    if reading.empty:
        yield _finding(
            *("INFO", "D1"),
            f"{reading.empty} closes are empty and stay missing",
            f"{reading.empty} chiusure sono vuote e restano mancanti",
        )
    if not (reading.layout.basis and reading.layout.currency):
        yield _finding(
            *("FOOTNOTE", "BASIS"),
            "basis and currency are not both declared: closes are taken as dollars, adjusted for "
            "splits and not for dividends, unless declared",
            "base e valuta non sono entrambe dichiarate: salvo dichiarazione, le chiusure sono "
            "intese in dollari, rettificate per i frazionamenti e non per i dividendi",
        )


def _finding(level: str, code: str, english: str, italian: str) -> dict[str, Any]:
    return {"level": level, "code": code, "text": Text(english, italian).as_dict()}
