"""Plain files and JSON from a public web server: patient, bounded in time and size."""

from __future__ import annotations

import json
import math
import queue
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from marketshock.errors import (
    AuthBlocked,
    BadPayload,
    FetchError,
    FetchTimeout,
    MarketShockError,
    NotFound,
    RateLimited,
    UserInputError,
)
from marketshock.sources.pace import Pace

if TYPE_CHECKING:
    import httpx

__all__ = ["SHOWN", "Web", "checked_address", "finite", "read_object", "shown"]

LARGEST_BODY = 50_000_000
"""Bytes after decompression; the largest company has less than ten million."""
SHOWN = 80
STALL = 20.0
LOOPBACK = ("127.0.0.1", "::1", "localhost")
LATER = "What was there before is unchanged. Run the same command later."
PROXY = "Look at what stands between this machine and the server; nothing was kept."


def checked_address(address: str, name: str) -> str:
    """Return the address of a server: encrypted, or else on this machine.

    Raises
    ------
    UserInputError
    """
    parts = urlsplit(address)
    local = parts.scheme == "http" and parts.hostname in LOOPBACK
    if not parts.hostname or not (parts.scheme == "https" or local):
        raise UserInputError(
            f"{name} is {address!r}.", "Give an address that begins with https://, or unset it."
        )
    return address.rstrip("/")


def shown(body: bytes) -> str:
    """Return the beginning of an answer, safe to print."""
    return ascii(body[:SHOWN].decode("utf-8", "replace"))


def read_object(body: bytes, what: str) -> dict[str, Any]:
    """Read a JSON object; ``NaN`` and ``Infinity`` are no JSON.

    Raises
    ------
    BadPayload
        With the first characters of what came instead.
    """

    def refuse(word: str) -> float:
        raise ValueError(f"{word} is no JSON number")

    try:
        content = json.loads(body.decode("utf-8"), parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise BadPayload(f"{what}: no JSON but {shown(body)} ({error}).", PROXY) from None
    if not isinstance(content, dict):
        raise BadPayload(f"{what}: no JSON object but {shown(body)}.", PROXY)
    return content


def finite(value: Any) -> float | None:
    """Return a JSON number as a float; None for anything else, and where it is not finite."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


@dataclass(slots=True)
class Web:
    """Asks one server, one request at a time.

    Certificates are always verified, redirections are never followed.

    Parameters
    ----------
    server : str
        Its name in messages.
    pace : Pace
        Attempts, waits, and the deadline of one file in all.
    headers : mapping of str to str
    interval : float
        Seconds from one request to the next, at least.
    largest : int
        Bytes of a body after decompression.
    """

    server: str
    pace: Pace
    headers: Mapping[str, str]
    interval: float = 0.1
    largest: int = LARGEST_BODY
    _free: float = field(default=-math.inf, init=False)
    _trusted: ssl.SSLContext | None = field(default=None, init=False)

    def get(self, url: str, what: str, check: Callable[[bytes], Any] = len) -> bytes:
        """Return the body found at an address.

        Parameters
        ----------
        url : str
        what : str
            Its name in messages.
        check : callable
            Raises `BadPayload` for a body that can't be read; it is then asked for once more.

        Raises
        ------
        FetchError
            By what went wrong, after as many attempts as the pace allows.
        """
        end = self.pace.clock() + self.pace.deadline
        attempt = 0
        while True:
            attempt += 1
            try:
                body = self._attempt(url, what, end)
                check(body)
                return body
            except FetchError as error:
                wait = self.pace.wait(error, attempt)
                if wait is None or self.pace.clock() + wait >= end:
                    raise
                self.pace.sleep(wait)

    def _attempt(self, url: str, what: str, end: float) -> bytes:
        """Send one request and wait for its end, or until the deadline.

        The request runs in a thread of its own, which is left behind at the deadline: a
        server that sends one byte a second can't hold up the caller.
        """
        now = self.pace.clock()
        if now < self._free:
            self.pace.sleep(self._free - now)
        self._free = max(now, self._free) + self.interval
        answer: queue.SimpleQueue[bytes | Exception] = queue.SimpleQueue()
        remaining = end - self.pace.clock()
        threading.Thread(
            target=self._send, args=(url, what, max(remaining, 0.0), end, answer), daemon=True
        ).start()
        try:
            found = answer.get(timeout=max(remaining, 0.0))
        except queue.Empty:
            raise self._too_slow(what) from None
        if isinstance(found, Exception):
            raise found
        return found

    def _send(
        self,
        url: str,
        what: str,
        remaining: float,
        end: float,
        answer: queue.SimpleQueue[bytes | Exception],
    ) -> None:
        import httpx

        try:
            self._trusted = self._trusted or httpx.create_ssl_context()
            with (
                httpx.Client(verify=self._trusted, timeout=min(STALL, remaining)) as client,
                client.stream("GET", url, headers=dict(self.headers)) as response,
            ):
                answer.put(self._body(response, what, end))
        except httpx.TimeoutException:
            answer.put(self._too_slow(what))
        except (httpx.RemoteProtocolError, httpx.DecodingError) as error:
            reason = f"{what}: the answer of {self.server} breaks off ({error})."
            answer.put(BadPayload(reason, LATER))
        except httpx.HTTPError as error:
            reason = ascii(f"{type(error).__name__}: {error}")[:160]
            answer.put(FetchError(f"{what}: {self.server} can't be reached ({reason}).", LATER))
        except Exception as error:  # noqa: BLE001  (raised in the thread that waits)
            answer.put(error)

    def _body(self, response: httpx.Response, what: str, end: float) -> bytes:
        """Return the body of a good answer; raise by the status of another."""
        body = bytearray()
        for part in response.iter_bytes():
            body += part
            if len(body) > self.largest:
                raise BadPayload(
                    f"{what}: the answer of {self.server} has more than {self.largest:,} bytes.",
                    PROXY,
                )
            if self.pace.clock() >= end:
                raise self._too_slow(what)
        if response.status_code != 200:
            raise self._refusal(response, bytes(body), what)
        return bytes(body)

    def _refusal(self, response: httpx.Response, body: bytes, what: str) -> MarketShockError:
        status, text = response.status_code, shown(body)
        if status == 429 or b"Rate Threshold" in body or b"Too Many Requests" in body[:400]:
            asked = response.headers.get("Retry-After", "")
            after = float(asked) if asked.isascii() and asked.isdigit() else None
            asks = f" and asks to wait {after:.0f} seconds" if after is not None else ""
            return RateLimited(
                f"{what}: {self.server} limits the rate of requests{asks}.", LATER, after
            )
        if status in (401, 403):
            return AuthBlocked(
                f"{what}: {self.server} refuses this client ({status}: {text}).",
                "It may not accept the user-agent, or a proxy stands between.",
            )
        if status in (404, 410):
            return NotFound(f"{what}: {self.server} has no such file.", "Leave it out.")
        if status >= 500:
            return FetchError(
                f"{what}: {self.server} is out of order (status {status}: {text}).", LATER
            )
        if 300 <= status < 400:
            where = ascii(response.headers.get("Location", ""))[:SHOWN]
            return BadPayload(
                f"{what}: {self.server} sends us on to {where}; that is not followed.", PROXY
            )
        return BadPayload(f"{what}: {self.server} answers {status}: {text}.", LATER)

    def _too_slow(self, what: str) -> FetchTimeout:
        return FetchTimeout(
            f"{what}: no whole answer from {self.server} within {self.pace.deadline:g} seconds.",
            LATER,
        )
