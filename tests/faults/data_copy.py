"""A small copy of the data folder that a test may damage, and the command line over it."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from marketshock.cli import main
from marketshock.sources.manifest import build_manifest

DAY = "2025-01-27"
STOCKS = ("AAPL", "ASML", "AVGO", "BRK-B", "GOOG", "GOOGL", "META", "MSFT", "NVDA", "TSM")
KEPT = (*STOCKS, "^GSPC")
FIRST, LAST = "2023-06-01", "2025-03-31"
LARGE = ("prices_close.csv.gz", "prices_range.csv.gz")
Row = dict[str, str]


@dataclass
class Answer:
    """What a command wrote and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        assert self.code == 0, self.err
        content: dict[str, Any] = json.loads(self.out)
        return content

    def findings(self, code: str) -> list[tuple[str, str]]:
        """Level and words of the findings of one code."""
        found = self.json["findings"]
        return [(one["level"], one["text"]["en"]) for one in found if one["code"] == code]


@dataclass
class DataCopy:
    """Tables that can be changed row by row, sealed with a new manifest."""

    folder: Path
    patch: pytest.MonkeyPatch

    def rows(self, table: str) -> list[Row]:
        return list(csv.DictReader(io.StringIO(read(next(self.folder.glob(f"{table}.csv*"))))))

    def write(self, table: str, rows: list[Row]) -> None:
        path = next(self.folder.glob(f"{table}.csv*"))
        write_rows(path, rows)
        (self.folder / "manifest.json").write_text(build_manifest(self.folder).to_json(), "utf-8")

    def change(self, table: str, change: Callable[[Row], Row | None], **where: str) -> int:
        """Replace rows that match; None removes them. Returns how many there were."""
        rows, many = [], 0
        for row in self.rows(table):
            new: Row | None = row
            if all(row[key] == value for key, value in where.items()):
                new, many = change(row), many + 1
            if new is not None:
                rows.append(new)
        assert many, f"no row of {table} with {where}"
        self.write(table, rows)
        return many

    def add(self, table: str, /, **cells: str) -> None:
        rows = self.rows(table)
        self.write(table, [*rows, dict.fromkeys(rows[0], "") | cells])

    def price(self, symbol: str, day: str, **cells: str) -> None:
        """Overwrite cells of one row of closes."""
        self.change("prices_close", lambda row: row | cells, symbol=symbol, date=day)

    def sessions(self, symbol: str = "^GSPC") -> list[str]:
        return [row["date"] for row in self.rows("prices_close") if row["symbol"] == symbol]

    def scale(self, symbol: str, before: str, price: float, volume: float = 1.0) -> None:
        """Multiply closes, and volumes, of the sessions before a day."""

        def scaled(row: Row) -> Row:
            if row["date"] >= before:
                return row
            new = {key: repr(float(row[key]) * price) for key in ("close", "adj_close")}
            return row | new | {"volume": repr(float(row["volume"]) * volume)}

        self.change("prices_close", scaled, symbol=symbol)

    def run(self, *arguments: str) -> Answer:
        """Run one command over the copy, in this process."""
        self.patch.setenv("MARKETSHOCK_DATA", str(self.folder))
        done = CliRunner().invoke(main, list(arguments), catch_exceptions=False)
        return Answer(done.exit_code, done.stdout, done.stderr)

    def study(self, *more: str, day: str = DAY, symbols: str = "NVDA,AVGO") -> Answer:
        stocks = ("--date", day, "--symbols", symbols, "--format", "json")
        return self.run("study", *stocks, *more)

    def losses(self, *more: str) -> Answer:
        return self.run("losses", "--top", "5", "--format", "json", *more)

    def capex(self, *more: str) -> Answer:
        return self.run("capex", "--format", "json", *more)


def read(path: Path) -> str:
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode()


def write_rows(path: Path, rows: list[Row]) -> None:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    data = out.getvalue().encode()
    path.write_bytes(gzip.compress(data, 1, mtime=0) if path.suffix == ".gz" else data)


def kept_rows(path: Path) -> Iterator[Row]:
    """Yield the rows of the symbols and sessions that the small copy has."""
    for row in csv.DictReader(io.StringIO(read(path))):
        inside = FIRST <= row.get("date", FIRST) <= LAST
        if row["symbol"] in KEPT and inside:
            yield row


def shrink(source: Path, folder: Path) -> Path:
    """Copy the data with ten stocks and two years of prices."""
    shutil.copytree(source, folder)
    for name in (*LARGE, "instruments.csv", "shares.csv", "splits.csv"):
        write_rows(folder / name, list(kept_rows(folder / name)))
    (folder / "manifest.json").write_text(build_manifest(folder).to_json(), "utf-8")
    return folder


def next_day(day: str) -> str:
    return (dt.date.fromisoformat(day) + dt.timedelta(1)).isoformat()
