"""A web server on the loopback that answers by path, in the formats of the SEC and of French."""

from __future__ import annotations

import contextlib
import datetime as dt
import http.server
import io
import json
import threading
import time
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from marketshock.sources.pace import Pace
from marketshock.table import Table

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Reply:
    """One answer: `length` is announced instead of the true one, `pause` follows each byte."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None
    pause: float = 0.0
    head_pause: float = 0.0
    endless: bool = False


class Loopback:
    """Answers each path with its replies in turn, the last one for ever."""

    def __init__(self) -> None:
        self.replies: dict[str, list[Reply]] = {}
        self.requests: list[tuple[str, Mapping[str, str]]] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.requests.append((self.path, dict(self.headers)))
                replies = outer.replies.get(self.path, [Reply(b"no such file", 404)])
                reply = replies[0] if len(replies) == 1 else replies.pop(0)
                with contextlib.suppress(OSError):
                    outer.send(self, reply)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True

    def send(self, handler: http.server.BaseHTTPRequestHandler, reply: Reply) -> None:
        if reply.head_pause:
            for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 600:
                handler.wfile.write(bytes([byte]))
                time.sleep(reply.head_pause)
        handler.send_response(reply.status)
        length = reply.length if reply.length is not None else len(reply.body)
        for name, value in {"Content-Length": str(length), **reply.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        while reply.endless:
            handler.wfile.write(bytes(65_536))
        for byte in reply.body if reply.pause else b"":
            handler.wfile.write(bytes([byte]))
            time.sleep(reply.pause)
        if not reply.pause:
            handler.wfile.write(reply.body)

    def __enter__(self) -> Loopback:
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *args: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def put(self, path: str, *replies: Reply | bytes) -> None:
        self.replies[path] = [one if isinstance(one, Reply) else Reply(one) for one in replies]


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now, self.slept = 1000.0, list[float]()

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def pace(self, **changes: Any) -> Pace:
        return Pace(clock=lambda: self.now, sleep=self.sleep, chance=lambda: 0.0, **changes)


def fact(row: Row, start: dt.date, value: float, filed: dt.date) -> dict[str, Any]:
    """A fact of company facts that ends where a row of the capex table ends."""
    late = (filed - row["period_end"]).days >= 365
    fourth = row["frequency"] == "A" or row["fiscal_label"].endswith("Q4")
    return {
        "start": start.isoformat(),
        "end": row["period_end"].isoformat(),
        "val": round(value * 1e6),
        "accn": f"0000000000-{filed:%y}-{filed:%m%d}{int(late):02d}",
        "fy": filed.year,
        "fp": "FY" if fourth else row["fiscal_label"][-2:],
        "form": "10-K" if fourth else "10-Q",
        "filed": filed.isoformat(),
    }


def year_to_date(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """The facts of one fiscal year as filed: cumulated, and again if they were restated."""
    facts, start = [], None
    first = latest = 0.0
    for row in sorted(rows, key=lambda row: row["period_end"]):
        if row["frequency"] == "A":
            first, latest = row["capex_first_reported_musd"], row["capex_musd"]
            start = row["period_start"]
        else:
            start = start or row["period_start"]
            first += row["capex_first_reported_musd"]
            latest += row["capex_musd"]
        facts.append(fact(row, start, first, row["filed"]))
        if row["filed_latest"] != row["filed"]:
            facts.append(fact(row, start, latest, row["filed_latest"]))
    return facts


def company_facts(number: int, name: str, facts: Mapping[str, Mapping[str, Any]]) -> bytes:
    """The JSON of company facts: taxonomy, tag -> unit -> facts."""
    content = {
        taxonomy: {tag: {"label": tag, "units": units} for tag, units in tags.items()}
        for taxonomy, tags in facts.items()
    }
    return json.dumps({"cik": number, "entityName": name, "facts": content}).encode()


def fiscal_years(capex: Table, symbol: str) -> dict[str, list[Row]]:
    """Whole fiscal years of the embedded table: quarters, and one row for the year."""
    rows = [row for row in capex if (row["symbol"], row["scope"]) == (symbol, "total")]
    years: dict[str, list[Row]] = {}
    for row in rows:
        if row["frequency"] == "Q":
            years.setdefault(row["fiscal_label"][:6], []).append(row)
    return {year: quarters for year, quarters in years.items() if len(quarters) == 4}


HEAD = """This file was created using the {vintage} CRSP database.
The 1-month TBill rate data until 202405 are from Ibbotson Associates. Starting from 202406,
the 1-month TBill rate is from ICE BofA US 1-Month Treasury Bill Index.

"""
MOMENTUM_HEAD = """This file was created by CMPT_ME_PRIOR_RETS_DAILY
using the {vintage} CRSP database.
It contains a momentum factor, constructed from six value-weight portfolios formed,,
using independent sorts on size and prior return of NYSE, AMEX, and NASDAQ stocks.,,

Missing data are indicated by -99.99 or -999.

"""


def french_text(columns: tuple[str, ...], rows: Iterable[Row], vintage: str) -> str:
    """A daily file of the library, with its words, blanks, stray commas and footer."""
    names = [column.lower().replace("-", "_") for column in columns]
    momentum = columns == ("Mom",)
    stray = "," if momentum else ""
    lines = [f",{','.join(columns)}{stray}"]
    for row in rows:
        cells = ",".join(f"{row[name]:8.3f}" for name in names)
        lines.append(f"{row['date']:%Y%m%d},{cells}{stray}")
    head = (MOMENTUM_HEAD if momentum else HEAD).format(vintage=vintage)
    year = "20" + vintage[2:4]
    return (
        head
        + "\r\n".join(lines)
        + f"\r\n\r\nCopyright {year} Eugene F. Fama and Kenneth R. French\r\n"
    )


def zipped(name: str, text: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
    return buffer.getvalue()
