"""A user's prices become a vintage of the source ``files``, through the same checks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from marketshock.errors import QualityError, UserInputError
from marketshock.files import preflight_folder, slug
from marketshock.locale import Text
from marketshock.market.panel import PricePanel
from marketshock.market.splits import SplitTable
from marketshock.market.universe import Instrument
from marketshock.provenance import Source
from marketshock.sources.base import Field
from marketshock.sources.bundle import EXCHANGE, FolderSource
from marketshock.sources.exchange_sessions import exchange_sessions
from marketshock.sources.file_map import CURRENCY, FileMap
from marketshock.sources.file_prices import FIELDS, Day, FilePrices, read_prices
from marketshock.sources.file_rows import read_file
from marketshock.sources.keeping import csv_bytes, current, keep, refuse_broken
from marketshock.sources.vintages import VintageSource, VintageStore

__all__ = ["FILES", "FileSource", "FileStore", "Gate", "Imported", "import_prices"]

FILES = "files"
Gate = Callable[[Mapping[str, PricePanel], SplitTable, frozenset[str]], Sequence[dict[str, Any]]]
"""Checks panels by field, given known splits and moves that somebody has looked up.

Each finding has ``level`` (BLOCK, FOOTNOTE, INFO), ``code`` and ``text``.
"""
BASES = {
    "splits": Text("closes without dividends", "chiusure senza dividendi"),
    "splits_dividends": Text("total return", "rendimento totale"),
    "both": Text("closes and total return", "chiusure e rendimento totale"),
}

NO_DIVIDENDS = {
    "level": "FOOTNOTE",
    "code": "BASIS",
    "text": {
        "en": "the file has closes without dividends: so have the returns",
        "it": "il file contiene chiusure senza dividendi: anche i rendimenti ne sono privi",
    },
}


class FileSource(VintageSource):
    """One imported vintage; it says what the user declared of the file."""

    @cached_property
    def declared(self) -> dict[str, Any]:
        """Name, licence and basis of the file."""
        return dict(self.manifest.fetch or {})

    def source(self, name: str, as_of: dt.date | None = None) -> Source:
        """Return what is printed as the source of prices."""
        if name != "prices":
            return super().source(name, as_of)
        told, basis = self.declared, BASES[self.declared["basis"]]
        words = Text(
            f"{told['name']}, daily prices ({basis.en}), imported {self.fetched}",
            f"{told['name']}, prezzi giornalieri ({basis.it}), importati il {self.fetched}",
        )
        return Source(words, as_of, Text(told["licence"], told["licence"]))

    @property
    def exchange(self) -> str:
        """Code of the exchange that the user declared."""
        return str(self.declared.get("exchange") or EXCHANGE)

    @property
    def remarks(self) -> tuple[Mapping[str, Any], ...]:
        """What was found at the import, and what a file of closes alone leaves out."""
        found = tuple(self.declared.get("findings", ()))
        return found if self.declared["basis"] != "splits" else (*found, NO_DIVIDENDS)

    def cards(self) -> dict[str, Instrument]:
        """Return a card for each symbol that says what the file declares, and nothing else."""
        closes, cards = self.prices(self.symbols), {}
        for symbol, values in zip(closes.symbols, closes.values.T, strict=True):
            there = closes.sessions[np.isfinite(values)].astype(object)
            kind = "index" if symbol.startswith("^") else "stock"
            company = "" if kind == "index" else symbol
            words = (symbol, symbol, symbol, kind, self.exchange)
            currency = str(self.declared.get("currency") or CURRENCY)
            cards[symbol] = Instrument(*words, currency, "", "", company, there[0], there[-1])
        return cards

    def prices(self, symbols: Sequence[str], field: Field = "close") -> PricePanel:
        """Return one field; a file of one price has that price as close and as adjusted close."""
        basis = self.declared["basis"]
        if field not in ("close", "adj_close") or basis == "both":
            return super().prices(symbols, field)
        panel = super().prices(symbols)
        own = panel.basis if panel.basis == "index" else basis
        return PricePanel(panel.values, panel.sessions, panel.symbols, own, panel.sources)


class FileStore(VintageStore):
    """All imported vintages."""

    def __init__(self, root: Path | None = None) -> None:
        super().__init__(FILES, root)

    @property
    def hint(self) -> str:
        """The command that makes a new vintage."""
        return "Run `marketshock data import FILE`."

    def source(self, vintage: str = "") -> FileSource:
        """Return the vintage imported last, or the one named."""
        return FileSource(self, super().source(vintage).folder.name)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did."""

    vintage: str
    previous: str | None
    path: Path
    symbols: tuple[str, ...]
    first: dt.date
    last: dt.date
    rows: int
    findings: tuple[dict[str, Any], ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON answer of ``marketshock data import``."""
        return {
            "vintage": self.vintage,
            "previous": self.previous,
            "source": FILES,
            "path": str(self.path),
            "symbols": list(self.symbols),
            "first": self.first,
            "last": self.last,
            "rows": self.rows,
            "findings": list(self.findings),
        }


def import_prices(
    store: FileStore,
    path: Path,
    layout: FileMap,
    reference: FolderSource,
    gate: Gate,
    now: Callable[[], dt.datetime],
    waiting: Callable[[str], Any] = lambda owner: None,
) -> Imported:
    """Read a file and make it the current vintage of ``files``.

    Parameters
    ----------
    store : FileStore
    path : Path
        CSV, Parquet or Excel.
    layout : FileMap
    reference : FolderSource
        Known splits, to tell a split from a crash: the embedded data.
    gate : callable
    now : callable
        The time in UTC.
    waiting : callable
        Told who holds the lock.

    Raises
    ------
    UserInputError
        If the file can't be read as declared.
    QualityError
        If the gate or a table's contract blocks; nothing is written.
    OutputError
        If the disk refuses.
    """
    data = read_file(path)
    prices = read_prices(path, data, layout)
    rows, basis = _on_basis(prices, layout, path)
    splits = SplitTable.from_table(reference.table("splits"))
    confirmed = frozenset(reference.table("known_exceptions")["key"])
    findings = (*prices.findings, *gate(_panels(rows), splits, confirmed))
    blocks = [finding["text"]["en"] for finding in findings if finding["level"] == "BLOCK"]
    if blocks:
        raise QualityError(f"{path.name}: {'; '.join(blocks)}.", "Nothing was written.")
    tables = _tables(rows)
    refuse_broken({"prices_close.csv.gz": tables["prices_close.csv.gz"]})
    days = sorted({day for _, day in rows})
    if layout.exchange:
        exchange_sessions(layout.exchange, days[0], days[-1])
    fetch: dict[str, Any] = {
        "name": layout.name or path.name,
        "licence": layout.licence,
        "basis": basis,
        "currency": layout.currency or CURRENCY,
        "exchange": layout.exchange or EXCHANGE,
        "file": path.name,
        "findings": list(findings),
        "received": sorted({symbol for symbol, _ in rows}),
    }
    raw = {slug(path.name): data}
    with store.lock(waiting):
        store.sweep()
        preflight_folder(store.folder)
        old = current(store)
        manifest = keep(store, fetch["name"], tables, raw, fetch, now(), days[-1])
    return Imported(
        manifest.vintage,
        old.vintage if old is not None else None,
        store.path(manifest.vintage),
        tuple(fetch["received"]),
        days[0],
        days[-1],
        len(rows),
        findings,
    )


def _on_basis(
    prices: FilePrices, layout: FileMap, path: Path
) -> tuple[dict[tuple[str, dt.date], Day], str]:
    """Return rows with close and adjusted close where the file has both, and the basis."""
    adjusted = any(row["adj_close"] is not None for row in prices.rows.values())
    if not adjusted:
        return prices.rows, layout.basis or "splits"
    if layout.basis == "splits_dividends":
        raise UserInputError(
            f"{path.name} has closes beside adjusted closes, but the basis splits_dividends.",
            'Declare basis = "splits": that of the closes.',
        )
    return prices.rows, "both"


def _panels(rows: dict[tuple[str, dt.date], Day]) -> dict[str, PricePanel]:
    """Return a panel of each field that the file has."""
    symbols = sorted({symbol for symbol, _ in rows})
    days = sorted({day for _, day in rows})
    column = {symbol: at for at, symbol in enumerate(symbols)}
    line = {day: at for at, day in enumerate(days)}
    sessions = np.array(days, "datetime64[D]")
    panels = {}
    for name in FIELDS:
        values = np.full((len(days), len(symbols)), np.nan)
        for (symbol, day), row in rows.items():
            value = row[name]
            values[line[day], column[symbol]] = np.nan if value is None else value
        if np.isfinite(values).any():
            panels[name] = PricePanel(values, sessions, tuple(symbols), "splits")
    return panels


def _tables(rows: dict[tuple[str, dt.date], Day]) -> dict[str, bytes]:
    lines = ((symbol, day, *(row[name] for name in FIELDS)) for (symbol, day), row in rows.items())
    return {
        "prices_close.csv.gz": csv_bytes(("symbol", "date", *FIELDS), lines),
        "splits.csv": csv_bytes(("symbol", "date", "ratio", "kind", "description"), ()),
    }
