"""What an unfinished fetch has brought, so that the next run asks only for the rest."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import json
import shutil
import zlib
from dataclasses import astuple
from pathlib import Path

from marketshock.files import slug, write_atomically
from marketshock.sources.yahoo_answer import Bar, SymbolHistory

__all__ = ["Staging", "file_name"]

SCHEMA = 1


def file_name(symbol: str) -> str:
    """Return a file name for a symbol that every file system takes and no other symbol has.

    ``CON`` and ``BRK-B`` against ``brk-b`` are safe: a hash of the symbol is always added.
    """
    return f"{slug(symbol)}-{hashlib.sha256(symbol.encode()).hexdigest()[:8]}.json.gz"


class Staging:
    """Histories by symbol, all of the same last day; one of another day is thrown away.

    Parameters
    ----------
    folder : Path
    last : datetime.date
        Last settled day of this fetch.
    """

    def __init__(self, folder: Path, last: dt.date) -> None:
        self.folder, self.last = folder, last

    def keep(self, history: SymbolHistory) -> None:
        """Store one history, whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        content = {
            "schema": SCHEMA,
            "last": self.last.isoformat(),
            "symbol": history.symbol,
            "fetched": history.fetched.isoformat(),
            "bars": [[bar.day.isoformat(), *astuple(bar)[1:]] for bar in history.bars],
            "splits": [[day.isoformat(), value] for day, value in history.splits],
            "dividends": [[day.isoformat(), value] for day, value in history.dividends],
            "empty": [day.isoformat() for day in history.empty],
            "raw": history.raw.decode(),
        }
        data = gzip.compress(json.dumps(content).encode(), mtime=0)
        write_atomically(self.folder / file_name(history.symbol), data)

    def find(self, symbol: str) -> SymbolHistory | None:
        """Return the history of a symbol, or None where there is none of this last day."""
        path = self.folder / file_name(symbol)
        day = dt.date.fromisoformat
        try:
            content = json.loads(gzip.decompress(path.read_bytes()))
            if (content["schema"], content["last"]) != (SCHEMA, self.last.isoformat()):
                raise ValueError("another day")
            return SymbolHistory(
                content["symbol"],
                tuple(Bar(day(bar[0]), *bar[1:]) for bar in content["bars"]),
                tuple((day(when), value) for when, value in content["splits"]),
                tuple((day(when), value) for when, value in content["dividends"]),
                tuple(day(when) for when in content["empty"]),
                content["raw"].encode(),
                dt.datetime.fromisoformat(content["fetched"]),
            )
        except FileNotFoundError:
            return None
        except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError):
            self.drop(symbol)
            return None

    def drop(self, symbol: str) -> None:
        """Forget one symbol."""
        (self.folder / file_name(symbol)).unlink(missing_ok=True)

    def clear(self) -> None:
        """Forget everything."""
        shutil.rmtree(self.folder, ignore_errors=True)
