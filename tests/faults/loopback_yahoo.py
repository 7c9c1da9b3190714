"""A Yahoo Finance on the loopback: it speaks Yahoo's JSON to the real yfinance.

The client is not changed in a line. Its process gets a proxy, which answers every host
itself with a certificate of its own authority, and the file of that authority.
"""

from __future__ import annotations

import contextlib
import http.server
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from datetime import time as clock
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

import numpy as np
import trustme

NEW_YORK = ZoneInfo("America/New_York")
HOSTS = ("*.finance.yahoo.com", "finance.yahoo.com", "*.yahoo.com", "elsewhere.example")
CHART = "/v8/finance/chart/"


@dataclass(frozen=True)
class Reply:
    """One answer and the ways in which it may go wrong on the wire.

    `breaks_after` bytes the connection closes, whatever length was announced; `drip` is the
    pause after each byte; `stall` comes before the head, `stall_body` after it.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    breaks_after: int | None = None
    drip: float = 0.0
    stall: float = 0.0
    stall_body: float = 0.0
    stream: Callable[[], Iterator[bytes]] | None = None


DROP = Reply(breaks_after=-1)


@dataclass
class History:
    """One symbol: rows of date, open, high, low, close, adjusted close, volume."""

    symbol: str
    rows: list[tuple[Any, ...]]
    splits: list[tuple[date, float]] = field(default_factory=list)
    dividends: list[tuple[date, float]] = field(default_factory=list)
    kind: str = "EQUITY"
    currency: str = "USD"
    zone: str = "America/New_York"

    def chart(self, first: float, last: float) -> dict[str, Any]:
        """The answer of the chart address for a span of epoch seconds."""
        rows = [row for row in self.rows if first <= epoch(row[0]) < last]
        columns = list(zip(*rows, strict=True)) if rows else [()] * 7
        names = ("open", "high", "low", "close")
        quote = {name: single(columns[at + 1]) for at, name in enumerate(names)}
        events: dict[str, Any] = {}
        for day, ratio in self.splits:
            if rows and rows[0][0] <= day <= rows[-1][0]:
                stamp = epoch(day)
                one = {"date": stamp, "numerator": ratio, "denominator": 1.0, "splitRatio": ""}
                events.setdefault("splits", {})[str(stamp)] = one
        for day, amount in self.dividends:
            if rows and rows[0][0] <= day <= rows[-1][0]:
                one = {"date": epoch(day), "amount": amount}
                events.setdefault("dividends", {})[str(epoch(day))] = one
        result: dict[str, Any] = {
            "meta": {
                "currency": self.currency,
                "symbol": self.symbol,
                "exchangeName": "NMS",
                "instrumentType": self.kind,
                "exchangeTimezoneName": self.zone,
                "regularMarketPrice": 1.0,
                "dataGranularity": "1d",
                "validRanges": ["1d", "5d", "1mo", "max"],
            },
            "timestamp": [epoch(row[0]) for row in rows],
            "indicators": {
                "quote": [{**quote, "volume": list(columns[6])}],
                "adjclose": [{"adjclose": single(columns[5])}],
            },
        }
        if events:
            result["events"] = events
        return {"chart": {"result": [result], "error": None}}


def epoch(day: date) -> int:
    """Yahoo's time stamp of a session: its opening in New York."""
    return int(datetime.combine(day, clock(9, 30), NEW_YORK).timestamp())


def single(values: Any) -> list[float | None]:
    """Figures as Yahoo has them: 32-bit numbers printed in full."""
    return [None if value is None else float(np.float32(value)) for value in values]


def json_reply(content: Any, status: int = 200, **more: Any) -> Reply:
    """An answer in JSON."""
    body = json.dumps(content).encode()
    return Reply(status, body, {"Content-Type": "application/json"}, **more)


NOT_FOUND = json_reply(
    {
        "chart": {
            "result": None,
            "error": {"code": "Not Found", "description": "No data found, may be delisted"},
        }
    },
    404,
)
Script = Callable[[int], Reply | None]
"""Asked with the number of the request (from 1); None for the true answer."""


class LoopbackYahoo:
    """`with LoopbackYahoo(histories) as yahoo`; `scripts` and `openings` misbehave."""

    def __init__(self, histories: Mapping[str, History], hosts: tuple[str, ...] = HOSTS) -> None:
        self.histories = dict(histories)
        self.scripts: dict[str, Script] = {}
        self.openings: dict[str, Script] = {}
        self.crumb: Reply = Reply(200, b"abcDEF12345", {"Content-Type": "text/plain"})
        self.counts: dict[str, int] = {}
        self.log: list[tuple[str, str]] = []
        self._guard = threading.Lock()
        self.authority = trustme.CA()
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert(*hosts).configure_cert(self.tls)

    def answer(self, host: str, path: str, query: Mapping[str, list[str]]) -> Reply:
        """Answer one request."""
        if path.endswith("/getcrumb"):
            return self.crumb
        if not path.startswith(CHART):
            return Reply(404, b"")
        symbol = unquote(path.removeprefix(CHART))
        history = "period1" in query
        key = symbol if history else f"{symbol} opening"
        with self._guard:
            number = self.counts[key] = self.counts.get(key, 0) + 1
        script = (self.scripts if history else self.openings).get(symbol)
        scripted = script(number) if script else None
        if scripted is not None:
            return scripted
        if symbol not in self.histories:
            return NOT_FOUND
        span = [float(query.get(name, [end])[0]) for name, end in SPAN]
        return json_reply(self.histories[symbol].chart(span[0], span[1]))

    def asked(self, symbol: str) -> int:
        """How often the history of a symbol was asked for."""
        return self.counts.get(symbol, 0)

    def __enter__(self) -> LoopbackYahoo:
        yahoo = self

        class Handler(_Handler):
            server_yahoo = yahoo

        self.server = _Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def environment(self, folder: Path) -> dict[str, str]:
        """What sends a whole process here."""
        authority = folder / "authority.pem"
        self.authority.cert_pem.write_to_path(str(authority))
        proxy = f"http://127.0.0.1:{self.server.server_address[1]}"
        trusted = dict.fromkeys(
            ("CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"), str(authority)
        )
        proxies = dict.fromkeys(("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"), proxy)
        return {**proxies, **trusted, "NO_PROXY": "", "no_proxy": ""}


COOKIE = "A3=d=x; Domain=.yahoo.com; Path=/; Max-Age=31557600; Secure; HttpOnly"
SPAN = (("period1", "0"), ("period2", "9e12"))


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Clients that go away are part of the play."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_yahoo: LoopbackYahoo
    host = ""

    def log_message(self, *_: object) -> None:
        """Stay silent."""

    def do_CONNECT(self) -> None:
        self.host = self.path.split(":")[0]
        self.send_response(200, "Connection Established")
        self.end_headers()
        self.connection = self.server_yahoo.tls.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb", -1)
        self.wfile = self.connection.makefile("wb", 0)  # type: ignore[assignment]
        self.close_connection = False

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        host = self.host or parts.hostname or ""
        self.server_yahoo.log.append((host, parts.path))
        reply = self.server_yahoo.answer(host, parts.path, parse_qs(parts.query))
        self._send(reply, host)

    def do_POST(self) -> None:
        self.do_GET()

    def finish(self) -> None:
        """Close the encrypted connection too, which the server does not know."""
        with contextlib.suppress(OSError, ValueError):
            super().finish()
        self.connection.close()

    def _send(self, reply: Reply, host: str) -> None:
        time.sleep(reply.stall)
        if reply.breaks_after == -1:
            self._hang_up()
            return
        self.send_response(reply.status)
        if reply.stream is None and "Content-Length" not in reply.headers:
            self.send_header("Content-Length", str(len(reply.body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if host == "fc.yahoo.com":
            self.send_header("Set-Cookie", COOKIE)
        self.end_headers()
        time.sleep(reply.stall_body)
        if reply.stream is not None:
            for part in reply.stream():
                self.wfile.write(part)
            self._hang_up()
        elif reply.drip:
            for byte in reply.body:
                self.wfile.write(bytes([byte]))
                time.sleep(reply.drip)
        else:
            self.wfile.write(reply.body[: reply.breaks_after])
            if reply.breaks_after is not None:
                self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
