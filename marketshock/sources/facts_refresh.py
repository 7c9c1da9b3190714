"""Fetch a vintage of company facts or of factor returns."""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib.metadata import version
from typing import Any

from marketshock.errors import DataCorruptError
from marketshock.files import preflight_folder
from marketshock.market.splits import SplitTable
from marketshock.market.universe import Universe
from marketshock.sources.bundle import FolderSource
from marketshock.sources.french import FACTOR_FILES, FrenchClient, factor_rows
from marketshock.sources.keeping import changes, csv_bytes, current, keep, refuse_broken
from marketshock.sources.pace import Pace
from marketshock.sources.refresh import Progress, Refreshed
from marketshock.sources.sec import SecClient
from marketshock.sources.sec_capex import CAPEX_COLUMNS, capex_rows
from marketshock.sources.sec_shares import SHARE_COLUMNS, share_rows
from marketshock.sources.staging import file_name
from marketshock.sources.vintages import VintageStore

__all__ = ["FACT_SOURCES", "refresh_facts"]

KEYS = {
    "capex": ("symbol", "scope", "frequency", "period_end"),
    "shares": ("symbol", "share_class", "as_of", "filed", "kind", "form"),
    "factors3_daily": ("date",),
    "factors5_daily": ("date",),
}
HEADERS = {
    "factors3_daily": ("date", "mkt_rf", "smb", "hml", "rf"),
    "factors5_daily": ("date", "mkt_rf", "smb", "hml", "rmw", "cma", "mom", "rf"),
}
Fetched = tuple[str, dict[str, bytes], dict[str, bytes], dict[str, Any]]
"""Title, tables, raw answers, further words of the manifest."""


def refresh_facts(
    store: VintageStore,
    settings: Mapping[str, str],
    pace: Pace,
    reference: FolderSource,
    symbols: Sequence[str],
    now: Callable[[], dt.datetime],
    progress: Progress = lambda message: None,
) -> Refreshed:
    """Fetch a vintage of ``sec`` or ``french``, named by the store, and make it the current one.

    All that was asked for must come and be sound, else nothing is kept.

    Parameters
    ----------
    store : VintageStore
    settings : mapping of str to str
        The environment: user-agent and addresses.
    pace : Pace
    reference : FolderSource
        Instrument cards and splits: the embedded data.
    symbols : sequence of str
        Companies; empty: those of the capex table of `reference`. Factors have none.
    now : callable
        The time in UTC.
    progress : callable

    Raises
    ------
    UserInputError
        Without a user-agent for the SEC, or for an unknown symbol.
    FetchError
        By what went wrong.
    QualityError
        If figures contradict each other.
    """
    started = now()
    fetch = FACT_SOURCES[store.name]
    title, tables, raw, words = fetch(settings, pace, reference, symbols, progress)
    refuse_broken(tables)
    with store.lock(lambda owner: progress(f"{owner} is writing: waiting")):
        store.sweep()
        preflight_folder(store.folder)
        old = current(store)
        told = {
            "libraries": {name: version(name) for name in ("httpx", "marketshock")},
            "started": started.isoformat(timespec="seconds"),
            **words,
        }
        manifest = keep(store, title, tables, raw, told, now(), reference.manifest.split_basis)
    new = store.source(manifest.vintage)
    revised: list[str] = []
    if old is not None and old.vintage != new.vintage:
        with suppress(DataCorruptError):
            revised = [line for name, key in KEYS.items() for line in changes(old, new, name, key)]
    spans = [record for record in manifest.files if record.first and record.last]
    return Refreshed(
        store.name,
        new.vintage,
        old.vintage if old is not None else None,
        tuple(words["received"]),
        min(record.first or "" for record in spans),
        max(record.last or "" for record in spans),
        len(raw),
        0,
        {},
        tuple(revised),
    )


def _sec(
    settings: Mapping[str, str],
    pace: Pace,
    reference: FolderSource,
    symbols: Sequence[str],
    progress: Progress,
) -> Fetched:
    client = SecClient(settings, pace)
    cards = Universe.from_table(reference.table("instruments"))
    wanted = sorted(cards.resolve_all(symbols or set(reference.table("capex")["symbol"])))
    splits = SplitTable.from_table(reference.table("splits"))
    numbers = client.numbers(wanted)
    capex: list[Mapping[str, Any]] = []
    shares: list[Mapping[str, Any]] = []
    raw: dict[str, bytes] = {}
    notes: list[str] = []
    for count, symbol in enumerate(wanted, 1):
        facts, body = client.facts(symbol, numbers[symbol])
        progress(f"{count} of {len(wanted)}: {symbol}")
        spent = capex_rows(facts, cards.instruments[symbol].company)
        counted = share_rows(facts, splits)
        capex += spent.rows
        shares += counted.rows
        notes += [*spent.gaps, *counted.left_out]
        raw[file_name(symbol)] = gzip.compress(body, mtime=0)
    tables = {
        "capex.csv": csv_bytes(CAPEX_COLUMNS, (row.values() for row in capex)),
        "shares.csv": csv_bytes(SHARE_COLUMNS, (row.values() for row in shares)),
    }
    words = {"requested": wanted, "received": wanted, "numbers": numbers, "notes": notes}
    return "Company facts of the SEC", tables, raw, words


def _french(
    settings: Mapping[str, str],
    pace: Pace,
    reference: FolderSource,
    symbols: Sequence[str],
    progress: Progress,
) -> Fetched:
    client = FrenchClient(settings, pace)
    files, raw = [], {}
    for name in FACTOR_FILES:
        progress(name)
        file, body = client.file(name)
        files.append(file)
        raw[file_name(name)] = gzip.compress(body, mtime=0)
    three, five, momentum = files
    rows, left_out = factor_rows(three, five, momentum)
    tables = {f"{name}.csv.gz": csv_bytes(HEADERS[name], rows[name]) for name in HEADERS}
    words = {
        "requested": list(FACTOR_FILES),
        "received": list(FACTOR_FILES),
        "crsp": three.vintage,
        "days_with_missing_values": [day.isoformat() for day in left_out],
    }
    told = f", CRSP vintage {three.vintage}" if three.vintage else ""
    return f"Kenneth R. French data library, daily factors{told}", tables, raw, words


FACT_SOURCES: dict[str, Callable[..., Fetched]] = {"sec": _sec, "french": _french}
"""Sources that this module can fetch, by name."""
