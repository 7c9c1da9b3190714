"""Yahoo Finance through yfinance: one symbol at a time, every failure under its own name.

Only this module knows yfinance. It never calls ``download``, which answers a rate limit, an
outage and a delisting alike with an empty column.
"""

from __future__ import annotations

import datetime as dt
import logging
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from marketshock.errors import (
    AuthBlocked,
    BadPayload,
    FetchError,
    FetchTimeout,
    MarketShockError,
    NotFound,
    RateLimited,
)
from marketshock.market.universe import Instrument
from marketshock.sources.pace import Pace
from marketshock.sources.web import read_object, shown
from marketshock.sources.yahoo_answer import (
    NEW_YORK,
    Bar,
    SymbolHistory,
    check_answer,
    check_card,
)

if TYPE_CHECKING:
    import pandas as pd

    from marketshock.sources.yahoo_session import Exchange, GuardedSession, Visit

__all__ = ["YahooClient", "last_settled_day"]

SETTLED = dt.time(18, 0)
"""New York time from which the bar of a day no longer changes."""
CHART = "/v8/finance/chart/"
BLOCKED_HINT = (
    "Ad blockers and company networks often block fc.yahoo.com, where Yahoo hands out its "
    "cookie; allow that name, or try another network."
)
LATER = "Try again later: what has come is kept, and the same command fetches the rest."


def last_settled_day(now: dt.datetime) -> dt.date:
    """Return the last day whose bar can't change any more, a trading day or not."""
    there = now.astimezone(ZoneInfo(NEW_YORK))
    return there.date() if there.time() >= SETTLED else there.date() - dt.timedelta(days=1)


class YahooClient:
    """Fetches daily histories; use it as a context.

    Parameters
    ----------
    pace : Pace
    now : callable
        The time in UTC.
    """

    name = "yahoo"

    def __init__(self, now: Callable[[], dt.datetime], pace: Pace | None = None) -> None:
        self.pace, self._now = pace or Pace(), now
        self._session: GuardedSession | None = None
        self._stop = threading.Event()

    @contextmanager
    def opened(self) -> Iterator[YahooClient]:
        """Set yfinance up: errors raised, a private cache, our own session."""
        import pandas as pd
        import yfinance

        from marketshock.sources.yahoo_session import GuardedSession

        warnings.filterwarnings("ignore", category=pd.errors.Pandas4Warning, module=r"^yfinance")
        logging.getLogger("yfinance").setLevel(logging.CRITICAL)
        yfinance.config.debug.hide_exceptions = False
        self._stop.clear()
        with tempfile.TemporaryDirectory(
            prefix="marketshock-yahoo-", ignore_cleanup_errors=True
        ) as private:
            yfinance.set_tz_cache_location(private)
            self._session = GuardedSession(clock=self.pace.clock)
            try:
                yield self
            finally:
                self._session.close()
                self._session = None

    @property
    def libraries(self) -> dict[str, str]:
        """Versions of the libraries that fetch."""
        from importlib.metadata import version

        return {name: version(name) for name in ("yfinance", "curl_cffi", "pandas")}

    def fetch(
        self,
        cards: Sequence[Instrument],
        first: Mapping[str, dt.date],
        last: dt.date,
        done: Callable[[SymbolHistory], Any],
    ) -> dict[str, MarketShockError]:
        """Fetch symbols one by one in a small pool; hand each to `done` as it comes.

        Parameters
        ----------
        cards : sequence of Instrument
        first : mapping of str to datetime.date
            First day by symbol.
        last : datetime.date
            Last day, settled.
        done : callable

        Returns
        -------
        dict of str to MarketShockError
            What went wrong, by symbol. After a rate limit or a refusal that outlasts the
            attempts no further symbol is asked for.
        """
        failures: dict[str, MarketShockError] = {}
        with ThreadPoolExecutor(self.pace.workers, "yahoo") as pool:
            jobs = {
                pool.submit(self._patiently, card, first[card.symbol], last): card.symbol
                for card in cards
            }
            try:
                for job in as_completed(jobs):
                    error = job.exception()
                    if error is None:
                        done(job.result())
                    elif isinstance(error, MarketShockError):
                        failures[jobs[job]] = error
                    else:
                        raise error
            finally:
                self._stop.set()
                pool.shutdown(cancel_futures=True)
        return {card.symbol: failures[card.symbol] for card in cards if card.symbol in failures}

    def _patiently(self, card: Instrument, first: dt.date, last: dt.date) -> SymbolHistory:
        deadline = self.pace.clock() + self.pace.deadline
        attempt = 0
        while True:
            if self._stop.is_set():
                raise RateLimited(f"{card.symbol}: not asked for any more.", LATER)
            attempt += 1
            try:
                return self.once(card, first, last, deadline)
            except MarketShockError as error:
                wait = self.pace.wait(error, attempt)
                if wait is None or self.pace.clock() + wait >= deadline:
                    if isinstance(error, (RateLimited, AuthBlocked)):
                        self._stop.set()
                    raise
                self.pace.sleep(wait)

    def once(
        self, card: Instrument, first: dt.date, last: dt.date, deadline: float
    ) -> SymbolHistory:
        """Ask once for one symbol.

        Raises
        ------
        FetchError
            By what went wrong; never an error of a library.
        """
        import yfinance

        from marketshock.sources.yahoo_session import Visit

        assert self._session is not None
        visit = Visit(card.symbol, deadline)
        self._session.begin(visit)
        yfinance.data.YfData.cache_get.cache_clear()
        try:
            frame = yfinance.Ticker(card.symbol, session=self._session).history(
                start=first,
                end=last + dt.timedelta(days=1),
                auto_adjust=False,
                actions=True,
                keepna=True,
            )
        except MarketShockError:
            raise
        except Exception as error:
            raise _explained(error, visit) from error
        answers = [one for one in visit.exchanges if CHART in one.url]
        if not answers:
            raise BadPayload(f"{card.symbol}: yfinance answered without asking Yahoo.")
        return self._history(frame, answers[-1], card, last)

    def _history(
        self, frame: pd.DataFrame, answer: Exchange, card: Instrument, last: dt.date
    ) -> SymbolHistory:
        _check_status(answer, card.symbol)
        result = check_answer(answer.body, card.symbol)
        check_card(result["meta"], card)
        rows = [row for row in _rows(frame) if row[0] <= last]
        days = [row[0] for row in rows]
        if len(set(days)) != len(days) or days != sorted(days):
            raise BadPayload(f"{card.symbol}: sessions of Yahoo's answer repeat or go back.")
        bars = tuple(_bar(day, values) for day, values in rows if _number(values["Close"]))
        if not bars:
            raise NotFound(f"{card.symbol}: Yahoo's answer has no close.", "Leave it out.")
        return SymbolHistory(
            card.symbol,
            bars,
            _events(rows, "Stock Splits"),
            _events(rows, "Dividends"),
            tuple(day for day, values in rows if not _number(values["Close"])),
            answer.body,
            self._now(),
        )


def _rows(frame: pd.DataFrame) -> list[tuple[dt.date, dict[str, Any]]]:
    records = frame.to_dict("records")
    return [
        (stamp.date(), {str(key): value for key, value in record.items()})
        for stamp, record in zip(frame.index, records, strict=True)
    ]


def _number(value: Any) -> float | None:
    """Return a positive number, or None for an empty cell."""
    number = float(value)
    return number if number > 0 else None


def _bar(day: dt.date, values: Mapping[str, Any]) -> Bar:
    volume = float(values["Volume"])
    return Bar(
        day,
        _number(values["Open"]),
        _number(values["High"]),
        _number(values["Low"]),
        float(values["Close"]),
        _number(values["Adj Close"]),
        int(volume) if volume >= 0 else None,
    )


def _events(rows: Sequence[tuple[dt.date, Mapping[str, Any]]], name: str) -> tuple[Any, ...]:
    return tuple((day, float(values[name])) for day, values in rows if values.get(name, 0.0) > 0)


def _check_status(answer: Exchange, symbol: str) -> None:
    """Raise by the status of an answer; a good one passes."""
    status = answer.status
    text = shown(answer.body)
    if status == 429 or b"Too Many Requests" in answer.body[:400]:
        after = float(answer.retry_after) if answer.retry_after.isdigit() else None
        asks = f" and asks to wait {after:.0f} seconds" if after is not None else ""
        raise RateLimited(f"{symbol}: Yahoo limits the rate of requests{asks}.", LATER, after)
    if status in (401, 403):
        raise AuthBlocked(f"{symbol}: Yahoo refuses this client ({status}).", BLOCKED_HINT)
    if status >= 500 or b"Will be right back" in answer.body[:4000]:
        raise FetchError(f"{symbol}: Yahoo is out of order (status {status}: {text}).", LATER)
    if status == 404:
        check_answer(answer.body, symbol)
    if status >= 400:
        raise BadPayload(f"{symbol}: Yahoo answered with status {status}: {text}.", LATER)


def _explained(error: Exception, visit: Visit) -> MarketShockError:
    """Return our error for one of yfinance: by what Yahoo answered, or else by its class."""
    answers = [one for one in visit.exchanges if CHART in one.url]
    try:
        if answers:
            _check_status(answers[-1], visit.symbol)
    except MarketShockError as refused:
        return refused
    found = _by_class(error, visit.symbol)
    try:
        if found is None and answers:
            check_answer(answers[-1].body, visit.symbol)
        elif found is None and visit.exchanges:
            read_object(visit.exchanges[-1].body, f"{visit.symbol}, Yahoo's answer")
    except MarketShockError as unreadable:
        return unreadable
    reason = ascii(f"{type(error).__name__}: {error}")[:160]
    return found or BadPayload(
        f"{visit.symbol}: yfinance can't read Yahoo's answer ({reason}).", LATER
    )


def _by_class(error: Exception, symbol: str) -> FetchError | None:
    """Return our error for one that speaks of the connection, or None."""
    classes = {parent.__name__ for parent in type(error).__mro__}
    reason = ascii(f"{type(error).__name__}: {error}")[:160]
    if "YFRateLimitError" in classes:
        return RateLimited(f"{symbol}: Yahoo limits the rate of requests.", LATER)
    if classes & {"Timeout", "TimeoutError"}:
        return FetchTimeout(f"{symbol}: no whole answer from Yahoo in time.", LATER)
    if "SSLError" in classes:
        return FetchError(
            f"{symbol}: the encrypted connection to Yahoo is not trusted ({reason}).",
            "Certificates are always checked. A company proxy needs its own authority in "
            "the file named by CURL_CA_BUNDLE.",
        )
    if classes & {"IncompleteRead", "ChunkedEncodingError", "ContentDecodingError"}:
        return BadPayload(f"{symbol}: Yahoo's answer breaks off ({reason}).", LATER)
    if "CurlError" in classes:
        return FetchError(f"{symbol}: Yahoo can't be reached ({reason}).", LATER)
    return None
