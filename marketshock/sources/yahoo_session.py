"""The web session given to yfinance: encrypted, within Yahoo, bounded in time and size."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from curl_cffi.curl import CURL_WRITEFUNC_ERROR
from curl_cffi.requests import Session

from marketshock.errors import BadPayload, FetchError, FetchTimeout

__all__ = ["Exchange", "GuardedSession", "Visit"]

DOMAIN = "yahoo.com"
REDIRECTS = (301, 302, 303, 307, 308)
MOST_REDIRECTS = 6
LARGEST_BODY = 50_000_000
"""Bytes after decompression; a whole daily history has less than one million."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One answer: where it came from, its status, what it asks to wait, its bytes."""

    url: str
    status: int
    retry_after: str
    body: bytes


@dataclass(slots=True)
class Visit:
    """All requests made for one attempt at one symbol, and when they must be over."""

    symbol: str
    deadline: float
    exchanges: list[Exchange] = field(default_factory=list)


class _Body:
    """Collects a body up to a size."""

    def __init__(self, limit: int) -> None:
        self.limit, self.size, self.parts = limit, 0, list[bytes]()

    def take(self, part: bytes) -> int:
        self.size += len(part)
        if self.size > self.limit:
            return int(CURL_WRITEFUNC_ERROR)
        self.parts.append(part)
        return len(part)


class GuardedSession(Session):  # type: ignore[type-arg]
    """A session that keeps every answer and refuses what a data source must not do.

    It speaks only to Yahoo and only encrypted, also after a redirection; certificates are
    always verified; no request outlives the deadline of its symbol, however slowly bytes
    drip; no body grows beyond a limit, also when it unpacks to more than it weighs.
    """

    def __init__(
        self, largest: int = LARGEST_BODY, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(impersonate="chrome")
        self._largest, self._clock = largest, clock
        self._visits = threading.local()

    def begin(self, visit: Visit) -> None:
        """Let the requests of this thread belong to a visit."""
        self._visits.current = visit

    def request(  # type: ignore[override]
        self, method: Any, url: str, **options: Any
    ) -> Any:
        """Send a request and follow redirections within Yahoo."""
        visit: Visit = self._visits.current
        wanted = options.pop("timeout", None)
        options.pop("allow_redirects", None)
        for _ in range(MOST_REDIRECTS):
            _refuse_foreign(url, visit.symbol)
            remaining = visit.deadline - self._clock()
            if remaining <= 0:
                raise FetchTimeout(f"{visit.symbol}: no whole answer from Yahoo in time.")
            options["timeout"] = min(wanted, remaining) if wanted else remaining
            response = self._send(method, url, visit, options)
            target = response.headers.get("Location")
            if response.status_code not in REDIRECTS or not target:
                return response
            url = urljoin(url, target)
            method, options = "GET", {"timeout": None}
        raise FetchError(f"{visit.symbol}: Yahoo redirects without end.")

    def _send(self, method: Any, url: str, visit: Visit, options: dict[str, Any]) -> Any:
        body = _Body(self._largest)
        try:
            response = super().request(
                method, url, allow_redirects=False, content_callback=body.take, **options
            )
        except OSError:
            if body.size <= self._largest:
                raise
            raise BadPayload(
                f"{visit.symbol}: Yahoo's answer is larger than {self._largest:,} bytes.",
                "A daily history has less than one million; look at what stands between.",
            ) from None
        response.content = b"".join(body.parts)
        after = str(response.headers.get("Retry-After") or "")
        visit.exchanges.append(Exchange(url, response.status_code, after, response.content))
        return response


def _refuse_foreign(url: str, symbol: str) -> None:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https":
        raise FetchError(
            f"{symbol}: Yahoo sent us to {parts.scheme}://{host}, which is not encrypted.",
            "Look at the network or the proxy between; nothing was read.",
        )
    if host != DOMAIN and not host.endswith("." + DOMAIN):
        raise FetchError(
            f"{symbol}: Yahoo sent us to the foreign host {host!r}.",
            "Look at the network or the proxy between; nothing was read.",
        )
