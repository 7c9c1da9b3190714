"""A folder of tables as a source; the embedded one travels with the package."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import os
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from marketshock.errors import DataCorruptError, UserInputError, suggest
from marketshock.locale import Text
from marketshock.market.panel import Basis, Floats, PricePanel
from marketshock.market.sessions import Dates
from marketshock.market.universe import Instrument
from marketshock.provenance import Source
from marketshock.resources import resource_folder
from marketshock.sources.base import Field
from marketshock.sources.manifest import Manifest, read_bytes
from marketshock.table import Table, optional_date, optional_float

__all__ = [
    "EXCHANGE",
    "EmbeddedSource",
    "FolderSource",
    "cache_folder",
    "data_folder",
    "write_cache",
]

EXCHANGE = "XNYS"
"""All symbols of the instrument cards are traded in New York."""
PRICES, RANGES = "prices_close.csv.gz", "prices_range.csv.gz"
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
FIELDS: dict[Field, str] = {
    **dict.fromkeys(("close", "adj_close", "volume"), PRICES),
    **dict.fromkeys(("open", "high", "low"), RANGES),
}
"""The file of each field."""
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


class FolderSource:
    """Reads a vintage; every file is checked against the manifest as it is read.

    Parameters
    ----------
    folder : Path
        Tables and their manifest.
    name : str
        As the user names it with ``--source``.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        self._stores: dict[str, Path | dict[str, Any]] = {}
        self._matrices: dict[Field, Floats] = {}

    @cached_property
    def manifest(self) -> Manifest:
        """The manifest of the folder."""
        return Manifest.read(self.folder)

    @property
    def vintage(self) -> str:
        """Twelve hexadecimal digits that name these data."""
        return self.manifest.vintage

    @property
    def parts(self) -> tuple[FolderSource, ...]:
        """The vintages that the figures are of: this one alone."""
        return (self,)

    @property
    def exchange(self) -> str:
        """Code (ISO 10383) of the exchange whose sessions the prices have."""
        return EXCHANGE

    @property
    def remarks(self) -> tuple[Mapping[str, Any], ...]:
        """What is known of the figures: ``level``, ``code`` and ``text`` in both languages."""
        return ()

    def cards(self) -> dict[str, Instrument]:
        """Return the cards that the source itself has to give for symbols that have no other."""
        return {}

    def has(self, name: str) -> bool:
        """Return whether there is a table of this name."""
        return any(record.path.split(".")[0] == name for record in self.manifest.files)

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
        data = self._read(paths[name].path)
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
        """Return one field of daily prices; adjusted closes of price indices are their closes.

        Volume counts shares, on the split basis of the prices.
        """
        if field not in FIELDS:
            raise UserInputError(f"This source has no {field}.", suggest(field, FIELDS))
        known = self._symbols
        for symbol in symbols:
            if symbol not in known:
                raise self._unknown(symbol, field)
        columns = [known.index(symbol) for symbol in symbols]
        values = self._matrix(field)[:, columns]
        basis: Basis = "splits_dividends" if field == "adj_close" else "splits"
        if symbols and all(symbol.startswith("^") for symbol in symbols):
            basis = "index"
            values = self._matrix("close" if field == "adj_close" else field)[:, columns]
        source = self.source("prices")
        return PricePanel(values.copy(), self._sessions, tuple(symbols), basis, (source,))

    @property
    def symbols(self) -> tuple[str, ...]:
        """All symbols with prices, sorted."""
        return tuple(self._symbols)

    @property
    def repeated(self) -> int:
        """Rows of the prices that stand twice with the same values and count once."""
        return int(self._array("repeated"))

    @property
    def unsorted(self) -> bool:
        """Whether the rows of the prices had to be put in order."""
        return bool(self._array("unsorted"))

    def _unknown(self, symbol: str, field: Field) -> Exception:
        """Return the error for a symbol without prices."""
        return UserInputError(f"Unknown symbol {symbol!r}.", suggest(symbol, self._symbols))

    def _read(self, file: str) -> bytes:
        """Return the bytes of a file, checked against the manifest."""
        return read_bytes(self.folder, self.manifest.record(file))

    def _store(self, file: str) -> Path | dict[str, Any]:
        """Where a parsed file is: in the cache, or in memory if it can't be written."""
        if file not in self._stores:
            data = self._read(file)
            digest = self.manifest.record(file).sha256
            path = cache_folder() / f"prices-{digest[:24]}.npz"
            self._stores[file] = path
            if not _usable(path, file):
                stored = _parse_prices(data, file)
                write_cache(path, stored)
                self._stores[file] = stored
        return self._stores[file]

    def _array(self, name: str, file: str = PRICES) -> Any:
        store = self._store(file)
        if isinstance(store, dict):
            return store[name]
        with np.load(store, allow_pickle=False) as stored:
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
            file = FIELDS[field]
            for name in ("sessions", "symbols") if file != PRICES else ():
                if not np.array_equal(self._array(name, file), self._array(name)):
                    raise DataCorruptError(f"{file}: other {name} than in {PRICES}.")
            self._matrices[field] = self._array(field, file)
        return self._matrices[field]


class EmbeddedSource(FolderSource):
    """The vintage that travels with the package and needs no network.

    Parameters
    ----------
    folder : Path, optional
        Another folder of the same layout.
    """

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__(folder or data_folder(), "embedded")


def _fields(file: str) -> tuple[Field, ...]:
    return tuple(field for field, home in FIELDS.items() if home == file)


def _parse_prices(data: bytes, file: str = PRICES) -> dict[str, Any]:
    import pandas as pd

    fields = _fields(file)
    blank: dict[Any, list[str]] = {field: [""] for field in fields}
    kinds: dict[Any, Any] = {"symbol": "str", "date": "str"} | dict.fromkeys(fields, "float64")
    frame = pd.read_csv(
        io.BytesIO(gzip.decompress(data)),
        dtype=kinds,
        keep_default_na=False,
        na_values=blank,
    )
    twice = frame.duplicated()
    frame = frame[~twice]
    doubled = frame[frame.duplicated(["symbol", "date"])]
    if len(doubled):
        symbol, day = doubled.iloc[0][["symbol", "date"]]
        raise DataCorruptError(
            f"{file}: {symbol} has two different rows for {day}.", "Keep the right one."
        )
    rows, sessions = pd.factorize(frame["date"], sort=True)
    for day in sessions:
        if not ISO_DAY.fullmatch(day):
            raise DataCorruptError(
                f"{file}: {day!r} is no ISO day.",
                "Give the session in the exchange's own zone, without a time, as YYYY-MM-DD.",
            )
    columns, symbols = pd.factorize(frame["symbol"], sort=True)
    store: dict[str, Any] = {
        "sessions": np.asarray(sessions, "datetime64[D]"),
        "symbols": np.asarray(symbols, str),
        "repeated": np.asarray(int(twice.sum())),
        "unsorted": np.asarray(bool((np.diff(columns) < 0).any() | _backwards(rows, columns))),
    }
    for field in fields:
        store[field] = np.full((len(sessions), len(symbols)), np.nan)
        store[field][rows, columns] = frame[field].to_numpy()
    return store


def _backwards(rows: Any, columns: Any) -> bool:
    """Tell whether the days of a symbol run backwards anywhere."""
    return bool(((np.diff(rows) < 0) & (np.diff(columns) == 0)).any())


def cache_folder() -> Path:
    """Return the folder of what can be worked out again."""
    from platformdirs import user_cache_path

    return Path(os.environ.get("MARKETSHOCK_CACHE") or user_cache_path("marketshock"))


def _usable(path: Path, file: str) -> bool:
    """Return whether a cache file is whole, by its checksums, and holds what is needed."""
    import zipfile

    try:
        with zipfile.ZipFile(path) as archive:
            names = {name.removesuffix(".npy") for name in archive.namelist()}
            needed = {"sessions", "symbols", "repeated", "unsorted", *_fields(file)}
            return needed <= names and archive.testzip() is None
    except (OSError, ValueError, zipfile.BadZipFile):
        return False


def write_cache(path: Path, store: dict[str, Any]) -> None:
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
