"""The embedded vintage: facts that travel with the package and need no network."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from marketshock.errors import DataCorruptError, UserInputError, suggest
from marketshock.locale import Text
from marketshock.market.panel import Basis, Floats, PricePanel
from marketshock.market.sessions import Dates
from marketshock.provenance import Source
from marketshock.resources import resource_folder
from marketshock.sources.base import Field
from marketshock.sources.manifest import Manifest, read_bytes
from marketshock.table import Table, optional_date, optional_float

__all__ = ["EmbeddedSource", "data_folder"]

PRICES = "prices_close.csv.gz"
FIELDS: tuple[Field, ...] = ("close", "adj_close", "volume")
SOURCES = {
    "prices": Text(
        "Yahoo Finance daily prices (stored public copies, cross-checked)",
        "prezzi giornalieri Yahoo Finance (copie pubbliche archiviate e verificate)",
    ),
    "shares": Text("share counts from SEC filings", "azioni in circolazione da documenti SEC"),
    "capex": Text("company filings with the SEC", "bilanci depositati presso la SEC"),
    "published": Text(
        "totals of J.P. Morgan Asset Management as reprinted by Visual Capitalist",
        "totali di J.P. Morgan Asset Management ripresi da Visual Capitalist",
    ),
    "factors": Text("Kenneth R. French data library", "archivio dati di Kenneth R. French"),
}
PERSONAL_USE = Text(
    "Yahoo's terms allow personal use: check data rights before passing on",
    "le condizioni di Yahoo consentono l'uso personale: verificare i diritti sui dati",
)
NO_LICENCE = Text("", "")

_DATES = """
    date first_session last_session ex_date period_start period_end filed first_filed
    filed_latest as_of
"""
_NUMBERS = """
    ratio amount shares shares_as_reported capex_musd finance_leases_musd
    capex_first_reported_musd low_musd high_musd total_usd_bn low_usd_bn high_usd_bn
    revenue_musd net_income_musd diluted_eps revenue_first_reported_musd
    net_income_first_reported_musd printed_value paper_value repository_value published_value
    value printed_usd_bn published_usd_bn market_value_usd_tn input_usd_per_m output_usd_per_m
    cached_input_usd_per_m printed_input_usd_per_m printed_output_usd_per_m
    eurusd usdchf gbpusd eurchf eurgbp mkt_rf smb hml rmw cma mom rf
"""
_TYPES: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(_DATES.split(), optional_date),
    **dict.fromkeys(_NUMBERS.split(), optional_float),
}
_PARTIAL_DATES = {
    "timeline": ("date",),
    "token_prices": ("as_of",),
    "capex_published": ("as_of",),
    "capex_totals_quoted": ("as_of",),
}
"""Columns that may name a month or a year only; they stay text."""


def data_folder() -> Path:
    """Return the folder of the embedded data.

    ``MARKETSHOCK_DATA`` names another one; else the copy inside an installed package,
    else the ``data`` folder of a checkout.
    """
    chosen = os.environ.get("MARKETSHOCK_DATA")
    return Path(chosen) if chosen else resource_folder("data")


class EmbeddedSource:
    """Reads the embedded vintage; every file is checked against the manifest as it is read.

    Parameters
    ----------
    folder : Path, optional
        Another folder of the same layout.

    """

    name = "embedded"

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or data_folder()
        self._matrices: dict[Field, Floats] = {}

    @cached_property
    def manifest(self) -> Manifest:
        """The manifest of the folder."""
        return Manifest.read(self.folder)

    @property
    def vintage(self) -> str:
        """Twelve hexadecimal digits that name these data."""
        return self.manifest.vintage

    def table(self, name: str) -> Table:
        """Return a small table by its file name without ending, with dates and numbers read.

        Raises
        ------
        DataCorruptError
            If the file is missing, damaged, or a cell can't be read.

        """
        paths = {record.path.split(".")[0]: record for record in self.manifest.files}
        if name not in paths:
            raise DataCorruptError(f"The vintage has no table {name!r}.", suggest(name, paths))
        data = read_bytes(self.folder, paths[name])
        if paths[name].path.endswith(".gz"):
            data = gzip.decompress(data)
        partial = _PARTIAL_DATES.get(name, ())
        types = {column: read for column, read in _TYPES.items() if column not in partial}
        try:
            return Table.from_csv(name, data.decode("utf-8"), types)
        except ValueError as error:
            raise DataCorruptError(f"Table {paths[name].path}: {error}.") from error

    def source(self, name: str, as_of: dt.date | None = None) -> Source:
        """Return what is printed as the source of prices, shares, capex or factors."""
        return Source(SOURCES[name], as_of, PERSONAL_USE if name == "prices" else NO_LICENCE)

    def prices(self, symbols: Sequence[str], field: Field = "close") -> PricePanel:
        """Return one field of daily prices; adjusted closes of price indices are their closes."""
        if field not in FIELDS:
            raise UserInputError(f"This source has no {field}.", suggest(field, FIELDS))
        known = self._symbols
        for symbol in symbols:
            if symbol not in known:
                raise UserInputError(f"Unknown symbol {symbol!r}.", suggest(symbol, known))
        columns = [known.index(symbol) for symbol in symbols]
        values = self._matrix(field)[:, columns]
        basis: Basis = "splits_dividends" if field == "adj_close" else "splits"
        if symbols and all(symbol.startswith("^") for symbol in symbols):
            basis = "index"
            values = self._matrix("close" if field == "adj_close" else field)[:, columns]
        source = self.source("prices")
        return PricePanel(values.copy(), self._sessions, tuple(symbols), basis, (source,))

    @cached_property
    def _store(self) -> Path | dict[str, Any]:
        """Where the parsed prices are: in the cache, or in memory if it can't be written."""
        record = self.manifest.record(PRICES)
        data = read_bytes(self.folder, record)
        path = _cache_folder() / f"prices-{record.sha256[:24]}.npz"
        if _usable(path):
            return path
        stored = _parse_prices(data)
        _write_cache(path, stored)
        return stored

    def _array(self, name: str) -> Any:
        if isinstance(self._store, dict):
            return self._store[name]
        with np.load(self._store, allow_pickle=False) as stored:
            return stored[name]

    @cached_property
    def _sessions(self) -> Dates:
        sessions: Dates = self._array("sessions")
        return sessions

    @cached_property
    def _symbols(self) -> list[str]:
        return [str(symbol) for symbol in self._array("symbols")]

    def _matrix(self, field: Field) -> Floats:
        if field not in self._matrices:
            self._matrices[field] = self._array(field)
        return self._matrices[field]


def _parse_prices(data: bytes) -> dict[str, Any]:
    import pandas as pd

    blank: dict[Any, list[str]] = {field: [""] for field in FIELDS}
    kinds: dict[Any, Any] = {"symbol": "str", "date": "str"} | dict.fromkeys(FIELDS, "float64")
    frame = pd.read_csv(
        io.BytesIO(gzip.decompress(data)),
        dtype=kinds,
        keep_default_na=False,
        na_values=blank,
    )
    if frame.duplicated(["symbol", "date"]).any():
        raise DataCorruptError(f"{PRICES}: a symbol has two rows for one session.")
    rows, sessions = pd.factorize(frame["date"], sort=True)
    columns, symbols = pd.factorize(frame["symbol"], sort=True)
    store: dict[str, Any] = {
        "sessions": np.asarray(sessions, "datetime64[D]"),
        "symbols": np.asarray(symbols, str),
    }
    for field in FIELDS:
        store[field] = np.full((len(sessions), len(symbols)), np.nan)
        store[field][rows, columns] = frame[field].to_numpy()
    return store


def _cache_folder() -> Path:
    from platformdirs import user_cache_path

    return Path(os.environ.get("MARKETSHOCK_CACHE") or user_cache_path("marketshock"))


def _usable(path: Path) -> bool:
    """Return whether a cache file is whole, by its checksums, and holds what is needed."""
    import zipfile

    try:
        with zipfile.ZipFile(path) as archive:
            names = {name.removesuffix(".npy") for name in archive.namelist()}
            return {"sessions", "symbols", *FIELDS} <= names and archive.testzip() is None
    except (OSError, ValueError, zipfile.BadZipFile):
        return False


def _write_cache(path: Path, store: dict[str, Any]) -> None:
    """Keep the arrays for the next run; a read-only home is no error."""
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            np.savez(file, **store)
        temporary.replace(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
