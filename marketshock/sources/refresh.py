"""Fetch a new vintage: only what is missing is asked for, and all of it must be there."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from marketshock.errors import (
    DataCorruptError,
    FetchError,
    MarketShockError,
    PartialDataError,
    QualityError,
    RateLimited,
    StaleDataError,
    UserInputError,
)
from marketshock.files import preflight_folder
from marketshock.market.universe import Universe
from marketshock.sources.bundle import FolderSource
from marketshock.sources.manifest import Manifest, NewerSchemaError, describe
from marketshock.sources.revisions import revisions
from marketshock.sources.staging import Staging, file_name
from marketshock.sources.vintage_tables import check_tables, packed, tables_of
from marketshock.sources.vintages import VintageSource, VintageStore
from marketshock.sources.yahoo import YahooClient, last_settled_day
from marketshock.sources.yahoo_answer import SymbolHistory

__all__ = ["Refreshed", "refresh"]

SHOWN = 6
Progress = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh did.

    ``reused`` of the symbols had been fetched before this run; ``revisions`` says what
    history tells differently than in the vintage before; ``missing`` says why symbols that were
    allowed to be missing are.
    """

    source: str
    vintage: str
    previous: str | None
    symbols: tuple[str, ...]
    first: str
    last: str
    fetched: int
    reused: int
    empty: dict[str, list[str]]
    revisions: tuple[str, ...]
    missing: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON answer of ``marketshock data refresh``."""
        return {
            "vintage": self.vintage,
            "previous": self.previous,
            "source": self.source,
            "symbols": list(self.symbols),
            "first": self.first,
            "last": self.last,
            "fetched": self.fetched,
            "reused": self.reused,
            "sessions_without_close": self.empty,
            "revisions": list(self.revisions),
            "missing": dict(self.missing),
        }


def refresh(
    store: VintageStore,
    client: YahooClient,
    reference: FolderSource,
    symbols: Sequence[str],
    now: Callable[[], dt.datetime],
    progress: Progress = lambda message: None,
    allow_missing: Sequence[str] = (),
) -> Refreshed:
    """Fetch a vintage of these symbols and make it the current one.

    Parameters
    ----------
    store : VintageStore
    client : YahooClient
    reference : FolderSource
        Instrument cards, first days and kinds of splits: the embedded data.
    symbols : sequence of str
        Empty: those of the current vintage, or else all that have a card.
    now : callable
        The time in UTC.
    progress : callable
        Told in one line what is going on.
    allow_missing : sequence of str
        Symbols without which a vintage is made where Yahoo has nothing for them; the vintage
        names them, and every answer from it does.

    Returns
    -------
    Refreshed

    Raises
    ------
    FetchError
        By what went wrong. The vintage before stays current; what came is kept for the
        next run.
    OutputError
        If the disk refuses, before anything is fetched where that can be known.
    """
    started = now()
    cards = Universe.from_table(reference.table("instruments"))
    with store.lock(lambda owner: progress(f"{owner} is refreshing: waiting")) as waited:
        store.sweep()
        preflight_folder(store.folder)
        old = _current(store)
        wanted = _wanted(symbols, cards, old)
        last = last_settled_day(started)
        if waited and old is not None:
            done = _made_meanwhile(store, old, wanted, last, started)
            if done is not None:
                return done
        staging = Staging(store.folder / "staging", last)
        allowed = _allowed(allow_missing, cards, wanted)
        histories, fetched, missing = _collect(client, staging, cards, wanted, allowed, progress)
        _refuse_stale(histories, staging)
        progress("checking and writing")
        files = tables_of(histories, reference.table("instruments"), reference.table("splits"))
        check_tables(files)
        raw = {f"raw/{file_name(h.symbol)}": gzip.compress(h.raw, mtime=0) for h in histories}
        finished = now()
        fetch = _fetch_part(client, histories, wanted, raw, last, started, finished)
        fetch |= {"missing": missing} if missing else {}
        stored = packed(files)
        manifest = Manifest(
            f"Yahoo Finance, fetched {finished.date()}",
            finished.date(),
            last,
            tuple(describe(name, stored[name]) for name in sorted(stored)),
            fetch,
        )
        store.publish(manifest, {**stored, **raw}, finished)
        staging.clear()
    new = store.source(manifest.vintage)
    return _told(store, new, old, len(fetched), len(histories) - len(fetched))


def _current(store: VintageStore) -> VintageSource | None:
    """Return the current vintage; one that is damaged is as good as none."""
    try:
        pointer = store.pointer()
        return None if pointer is None else store.source(pointer.vintage)
    except NewerSchemaError:
        raise
    except MarketShockError:
        return None


def _wanted(symbols: Sequence[str], cards: Universe, old: VintageSource | None) -> tuple[str, ...]:
    if symbols:
        return tuple(sorted(cards.resolve_all(symbols)))
    if old is not None:
        with suppress(DataCorruptError):
            return tuple(old.symbols)
    return tuple(sorted(cards.instruments))


def _allowed(symbols: Sequence[str], cards: Universe, wanted: tuple[str, ...]) -> frozenset[str]:
    """Return the symbols that may be missing, each of them one that is asked for."""
    allowed = frozenset(cards.resolve_all(symbols))
    strange = sorted(allowed - set(wanted))
    if strange:
        raise UserInputError(
            f"{', '.join(strange)} may be missing, but was not asked for.",
            f"Asked for are {_some(wanted)}.",
        )
    return allowed


def _made_meanwhile(
    store: VintageStore,
    old: VintageSource,
    wanted: tuple[str, ...],
    last: dt.date,
    started: dt.datetime,
) -> Refreshed | None:
    """Return what the other process made while we waited, if it is what we want."""
    pointer, fetch = store.pointer(), old.manifest.fetch or {}
    if pointer is None or pointer.checked < started.replace(microsecond=0):
        return None
    if fetch["received"] != list(wanted) or fetch["last_day"] != last.isoformat():
        return None
    return _told(store, old, None, 0, len(wanted))


def _collect(
    client: YahooClient,
    staging: Staging,
    cards: Universe,
    wanted: tuple[str, ...],
    allowed: frozenset[str],
    progress: Progress,
) -> tuple[list[SymbolHistory], list[str], dict[str, str]]:
    """Return histories, from staging or fetched now, which were fetched, and what is missing.

    Only a symbol that is allowed to be missing is, and only where the answer itself is at
    fault: whoever is asked to come back later must come back.
    """
    kept = {symbol: staging.find(symbol) for symbol in wanted}
    have = {symbol: history for symbol, history in kept.items() if history is not None}
    missing = [symbol for symbol in wanted if symbol not in have]
    first = {symbol: cards.instruments[symbol].first_session for symbol in missing}
    fetched: list[str] = []
    without: dict[str, str] = {}

    def take(history: SymbolHistory) -> None:
        staging.keep(history)
        have[history.symbol] = history
        fetched.append(history.symbol)
        progress(f"{len(have)} of {len(wanted)}: {history.symbol}")

    if missing:
        progress(f"{len(have)} of {len(wanted)} kept from before")
        with client.opened():
            chosen = [cards.instruments[symbol] for symbol in missing]
            failures = client.fetch(chosen, first, staging.last, take)
        without = {
            symbol: error.message
            for symbol, error in sorted(failures.items())
            if symbol in allowed and error.exit_code == QualityError.exit_code
        }
        if failures.keys() != without.keys() or not have:
            raise _failure(failures, sorted(have), len(wanted))
    return [have[symbol] for symbol in wanted if symbol in have], fetched, without


def _failure(
    failures: Mapping[str, MarketShockError], kept: Sequence[str], asked: int
) -> MarketShockError:
    """Return one error for all symbols that did not come.

    A failure of the network is named as such. Where the network is sound but some answers
    are at fault, the fetch is partial.
    """
    network = [error for error in failures.values() if error.exit_code == FetchError.exit_code]
    said = [error for error in network if "not asked for any more" not in error.message]
    lead = (said or network or list(failures.values()))[0]
    if asked == 1:
        return lead
    tally = (
        f"{len(kept)} of {asked} symbols came and are kept: {_some(kept)}; "
        f"{len(failures)} did not: {_some(list(failures))}."
    )
    if isinstance(lead, RateLimited):
        return RateLimited(f"{lead.message} {tally}", lead.hint, lead.retry_after)
    if network:
        return type(lead)(f"{lead.message} {tally}", lead.hint)
    reasons = " ".join(error.message for error in failures.values())
    if not kept and len({type(error) for error in failures.values()}) == 1:
        return type(lead)(f"{reasons} {tally}", lead.hint)
    return PartialDataError(
        f"{reasons} {tally}",
        "No vintage was made. To go without, name the others or --allow-missing.",
    )


def _some(symbols: Sequence[str]) -> str:
    more = f" and {len(symbols) - SHOWN} more" if len(symbols) > SHOWN else ""
    return (", ".join(symbols[:SHOWN]) or "none") + more


def _refuse_stale(histories: Sequence[SymbolHistory], staging: Staging) -> None:
    """Refuse series that end before the others: a shock in the last session would be lost."""
    ends = {history.symbol: history.bars[-1].day for history in histories}
    latest = max(ends.values())
    stale = {symbol: day for symbol, day in ends.items() if day < latest}
    if not stale:
        return
    for symbol in stale:
        staging.drop(symbol)
    words = ", ".join(f"{symbol} on {day}" for symbol, day in sorted(stale.items()))
    raise StaleDataError(
        f"The last session of the others is {latest}, but these end before: {words}. "
        f"Common to all is {min(stale.values())}.",
        "Try again later, or name the symbols without them.",
    )


def _fetch_part(
    client: YahooClient,
    histories: Sequence[SymbolHistory],
    wanted: tuple[str, ...],
    raw: Mapping[str, bytes],
    last: dt.date,
    started: dt.datetime,
    finished: dt.datetime,
) -> dict[str, Any]:
    return {
        "source": client.name,
        "libraries": client.libraries,
        "requested": list(wanted),
        "received": [history.symbol for history in histories],
        "last_day": last.isoformat(),
        "started": started.isoformat(timespec="seconds"),
        "finished": finished.isoformat(timespec="seconds"),
        "fetched": {h.symbol: h.fetched.isoformat(timespec="seconds") for h in histories},
        "sessions_without_close": {
            h.symbol: [day.isoformat() for day in h.empty] for h in histories if h.empty
        },
        "raw": [
            {"path": path, "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
            for path, data in sorted(raw.items())
        ],
    }


def _told(
    store: VintageStore, new: VintageSource, old: VintageSource | None, fetched: int, reused: int
) -> Refreshed:
    record = new.manifest.record("prices_close.csv.gz")
    changes: list[str] = []
    if old is not None and old.vintage != new.vintage:
        with suppress(DataCorruptError):
            changes = revisions(old, new)
    return Refreshed(
        store.name,
        new.vintage,
        old.vintage if old is not None else None,
        new.symbols,
        str(record.first),
        str(record.last),
        fetched,
        reused,
        (new.manifest.fetch or {})["sessions_without_close"],
        tuple(changes),
        (new.manifest.fetch or {}).get("missing", {}),
    )
