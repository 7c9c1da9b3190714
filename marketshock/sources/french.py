"""Daily factor returns of Kenneth French's data library, as its files are laid out."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from marketshock.errors import BadPayload, StaleDataError
from marketshock.sources.pace import Pace
from marketshock.sources.web import LARGEST_BODY, PROXY, Web, checked_address, shown

__all__ = ["FACTOR_FILES", "FactorFile", "FrenchClient", "factor_rows", "read_factor_file"]

ADDRESS = "MARKETSHOCK_FRENCH_ADDRESS"
LIBRARY = "https://mba.tuck.dartmouth.edu/pages/faculty/ken.french/ftp"
FACTOR_FILES = {
    "F-F_Research_Data_Factors_daily_CSV.zip": ("Mkt-RF", "SMB", "HML", "RF"),
    "F-F_Research_Data_5_Factors_2x3_daily_CSV.zip": ("Mkt-RF", "SMB", "HML", "RMW", "CMA", "RF"),
    "F-F_Momentum_Factor_daily_CSV.zip": ("Mom",),
}
"""Files of three factors, five factors and momentum, and the columns of each."""
MISSING = (-99.99, -999.0)
LARGEST_RETURN = 50.0
"""Per cent a day; the worst session of a century stays below 25."""
_VINTAGE = re.compile(r"(\d{6}) CRSP database")
_DAY = re.compile(r"\d{8}")


@dataclass(frozen=True, slots=True)
class FactorFile:
    """One file as read.

    Parameters
    ----------
    vintage : str
        Month of the CRSP database that it was made from, ``202604``; empty if it is not told.
    columns : tuple of str
    rows : dict of datetime.date to tuple of (float or None)
        Per cent a day; None where the library has no value.
    """

    vintage: str
    columns: tuple[str, ...]
    rows: dict[dt.date, tuple[float | None, ...]]


class FrenchClient:
    """Asks the data library for the daily files.

    Parameters
    ----------
    settings : mapping of str to str
        ``MARKETSHOCK_FRENCH_ADDRESS`` names another server with the same files.
    pace : Pace
        Deadline and waits for one file.
    """

    name = "french"

    def __init__(self, settings: Mapping[str, str], pace: Pace) -> None:
        self.address = checked_address(settings.get(ADDRESS) or LIBRARY, ADDRESS)
        self.web = Web("Kenneth French's library", pace, {"User-Agent": "marketshock"})

    def file(self, name: str) -> tuple[FactorFile, bytes]:
        """Return a file, and the answer that it was read from."""
        columns = FACTOR_FILES[name]
        body = self.web.get(
            f"{self.address}/{name}", name, lambda body: read_factor_file(body, name, columns)
        )
        return read_factor_file(body, name, columns), body


def read_factor_file(body: bytes, name: str, columns: Sequence[str]) -> FactorFile:
    """Read a daily file, packed or plain: words, a header, rows, words.

    Raises
    ------
    BadPayload
        If it is no such file: other columns, a row that can't be read, dates that do not
        increase, a return beyond 50 % a day, or rows after the end of the block.
    """
    lines = _text(body, name).splitlines()
    header = ["", *columns]
    at = next((n for n, line in enumerate(lines) if _cells(line, len(header)) == header), None)
    if at is None:
        raise BadPayload(
            f"{name}: no header {','.join(header)} but {shown(body)}.",
            "The library may have changed its files; nothing was kept.",
        )
    rows: dict[dt.date, tuple[float | None, ...]] = {}
    last: dt.date | None = None
    end = at + 1
    while end < len(lines) and lines[end].strip(" ,"):
        day, values = _row(lines[end], f"{name}, line {end + 1}", len(header))
        if last is not None and day <= last:
            raise BadPayload(f"{name}, line {end + 1}: {day} does not come after the line before.")
        rows[day], last = values, day
        end += 1
    for number, line in enumerate(lines[end:], end + 1):
        if _DAY.fullmatch(line.split(",")[0].strip()):
            raise BadPayload(f"{name}, line {number}: a row after the end of the block.", PROXY)
    if not rows:
        raise BadPayload(f"{name}: a header without rows.", PROXY)
    told = _VINTAGE.search(" ".join(lines[:at]))
    return FactorFile(told.group(1) if told else "", tuple(columns), rows)


def _text(body: bytes, name: str) -> str:
    if body[:2] == b"PK":
        try:
            with zipfile.ZipFile(io.BytesIO(body)) as archive:
                (member,) = archive.infolist()
                with archive.open(member) as file:
                    body = file.read(LARGEST_BODY + 1)
        except (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError) as error:
            raise BadPayload(f"{name}: the archive can't be read ({error}).", PROXY) from None
        if len(body) > LARGEST_BODY:
            raise BadPayload(f"{name}: it unpacks to more than {LARGEST_BODY:,} bytes.", PROXY)
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("latin-1")


def _cells(line: str, wanted: int) -> list[str]:
    """Return stripped cells; the momentum file ends its lines with one comma too many."""
    cells = [cell.strip() for cell in line.split(",")]
    return cells[:-1] if len(cells) == wanted + 1 and not cells[-1] else cells


def _row(line: str, where: str, wanted: int) -> tuple[dt.date, tuple[float | None, ...]]:
    cells = _cells(line, wanted)
    try:
        if len(cells) != wanted or not _DAY.fullmatch(cells[0]):
            raise ValueError(f"{wanted} cells expected, the first a day")
        day = dt.datetime.strptime(cells[0], "%Y%m%d").date()
        values = tuple(None if float(cell) in MISSING else float(cell) for cell in cells[1:])
    except ValueError as error:
        raise BadPayload(f"{where}: {line[:80]!a} can't be read ({error}).", PROXY) from None
    if any(value is not None and not abs(value) < LARGEST_RETURN for value in values):
        raise BadPayload(f"{where}: {line[:80]!a} is no daily return in per cent.", PROXY)
    return day, values


def factor_rows(
    three: FactorFile, five: FactorFile, momentum: FactorFile
) -> tuple[dict[str, list[tuple[object, ...]]], list[dt.date]]:
    """Return the rows of the two factor tables, and the days left out for a missing value.

    Both tables begin where five factors do; momentum stands beside the five. A day with a
    missing value is left out, since a table has no empty cells; it is never zero.

    Raises
    ------
    StaleDataError
        If the files are of different CRSP vintages or end on different days.
    """
    files = {"three factors": three, "five factors": five, "momentum": momentum}
    told = {what: (file.vintage, max(file.rows)) for what, file in files.items()}
    if len(set(told.values())) > 1:
        words = "; ".join(
            f"{what}: CRSP {v or 'not told'} to {day}" for what, (v, day) in told.items()
        )
        raise StaleDataError(
            f"The files of the library do not belong together: {words}.",
            "The library is being updated: run the same command later. Nothing was kept.",
        )
    first = min(five.rows)
    joined = {
        day: (*values[:-1], *momentum.rows.get(day, (None,)), values[-1])
        for day, values in five.rows.items()
    }
    tables = {
        "factors3_daily": {day: row for day, row in three.rows.items() if day >= first},
        "factors5_daily": joined,
    }
    left_out = sorted({day for rows in tables.values() for day in rows if None in rows[day]})
    return {
        name: [(day, *row) for day, row in rows.items() if None not in row]
        for name, rows in tables.items()
    }, left_out
