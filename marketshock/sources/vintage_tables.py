"""From fetched histories to the tables of a vintage, in the layout of the embedded data."""

from __future__ import annotations

import csv
import gzip
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from marketshock.errors import QualityError
from marketshock.sources.yahoo_answer import SymbolHistory
from marketshock.table import Table

__all__ = ["check_tables", "packed", "significant", "tables_of"]

DIGITS, DECIMALS = 7, 4
"""Yahoo's figures come from 32-bit numbers; beyond these digits they change from run to run."""
CHECKED = ("prices_close", "instruments", "dividends")


def significant(value: float | None) -> float | None:
    """Return a figure rounded to seven digits, and at least four decimals; None stays None."""
    if not value:
        return value
    return round(value, max(DECIMALS, DIGITS - 1 - math.floor(math.log10(value))))


def tables_of(
    histories: Sequence[SymbolHistory], instruments: Table, known_splits: Table
) -> dict[str, bytes]:
    """Return the files of the tables by name; the same histories give the same bytes.

    Parameters
    ----------
    histories : sequence of SymbolHistory
    instruments : Table
        Cards of all symbols; first and last session are set from the histories.
    known_splits : Table
        Tells splits from spin-offs, which Yahoo does not.
    """
    ordered = sorted(histories, key=lambda history: history.symbol)
    bars = [(history.symbol, bar) for history in ordered for bar in history.bars]
    closes = ((s, b.day, significant(b.close), significant(b.adj_close), b.volume) for s, b in bars)
    ranges = ((s, b.day, *map(significant, (b.open, b.high, b.low))) for s, b in bars)
    dividends = (
        (history.symbol, day, significant(amount), "reported", 1)
        for history in ordered
        for day, amount in history.dividends
    )
    return {
        "prices_close.csv.gz": _csv("symbol date close adj_close volume", closes),
        "prices_range.csv.gz": _csv("symbol date open high low", ranges),
        "splits.csv": _csv("symbol date ratio kind description", _splits(ordered, known_splits)),
        "dividends.csv": _csv("symbol ex_date amount quality sources", dividends),
        "instruments.csv": _instruments(ordered, instruments),
    }


def _splits(histories: Iterable[SymbolHistory], known: Table) -> Iterable[tuple[Any, ...]]:
    kinds = {(row["symbol"], row["date"]): row["kind"] for row in known}
    for history in histories:
        for day, ratio in history.splits:
            kind = kinds.get((history.symbol, day), "split")
            yield history.symbol, day, significant(ratio), kind, f"{ratio:g} for 1"


def _instruments(histories: Iterable[SymbolHistory], cards: Table) -> bytes:
    rows = {row["symbol"]: row for row in cards}
    own = (
        {
            **rows[history.symbol],
            "first_session": history.bars[0].day,
            "last_session": history.bars[-1].day,
            "sessions": len(history.bars),
            "providers": 1,
            "weak_spot": "",
        }
        for history in histories
    )
    names = list(cards.columns)
    return _csv(" ".join(names), ([row[name] for name in names] for row in own))


def _csv(header: str, rows: Iterable[Iterable[Any]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header.split())
    writer.writerows(rows)
    return out.getvalue().encode()


def packed(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files with those that are stored compressed packed, the same bytes each time."""
    return {
        name: gzip.compress(data, mtime=0) if name.endswith(".gz") else data
        for name, data in files.items()
    }


def check_tables(files: Mapping[str, bytes]) -> None:
    """Check tables before they are packed against the contracts of the embedded ones.

    Raises
    ------
    QualityError
        With the first problem.
    """
    import pandas as pd

    from marketshock.sources.contracts import check_table, read_options

    for path, data in files.items():
        name = path.split(".")[0]
        if name not in CHECKED or data.count(b"\n") == 1:
            continue
        problems = check_table(name, pd.read_csv(io.BytesIO(data), **read_options(name)))
        if problems:
            raise QualityError(
                f"What was fetched breaks the contract of its table: {problems[0]}.",
                "No vintage was made. Leave the symbol out, or try again later.",
            )
