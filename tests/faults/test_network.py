"""Network faults by their number: the real client in a child process against the loopback.

After each fault the vintage that was good before is the same byte for byte.
"""

from __future__ import annotations

import copy
import gzip
import json
import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trustme
from child import NAMES, Shell
from loopback_yahoo import DROP, NOT_FOUND, History, LoopbackYahoo, Reply, json_reply

pytestmark = pytest.mark.slow
TOO_MANY = Reply(429, b"Too Many Requests\n")
HTML = Reply(200, b"<!doctype html><html><title>Sad\x1b[31mPanda</title></html>")


@pytest.fixture
def good(kept: Shell, yahoo: LoopbackYahoo) -> Iterator[Shell]:
    """A shell whose vintage must outlive the fault, byte for byte."""
    before = kept.good()
    assert len(before) > 6
    yahoo.counts.clear()
    yahoo.log.clear()
    yield kept
    after = kept.good()
    del before["current.json"]
    assert {path: after.get(path) for path in before} == before


def fails(shell: Shell, code: int, *words: str, symbols: str = NAMES, **variables: str) -> str:
    before = shell.good()
    done = shell.refresh(symbols, **variables)
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert shell.good() == before
    for word in words:
        assert word in done.stderr
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr
    return done.stderr


def test_n1_a_rate_limit_once_is_waited_for(kept: Shell, yahoo: LoopbackYahoo) -> None:
    yahoo.counts.clear()
    yahoo.scripts["NVDA"] = lambda number: TOO_MANY if number <= 2 else None
    done = kept.refresh()
    assert done.returncode == 0, done.stderr
    assert yahoo.asked("NVDA") == 3
    assert json.loads(done.stdout)["fetched"] == 3


def test_n1_a_rate_limit_that_stays_keeps_what_came(good: Shell, yahoo: LoopbackYahoo) -> None:
    yahoo.scripts["NVDA"] = lambda number: TOO_MANY
    said = fails(good, 4, "limits the rate", "NVDA", "2 of 3 symbols came and are kept")
    assert "AVGO, ^GSPC" in said
    assert yahoo.asked("NVDA") <= 8
    asked = yahoo.asked("AVGO"), yahoo.asked("^GSPC")
    del yahoo.scripts["NVDA"]
    again = good.refresh()
    assert again.returncode == 0, again.stderr
    answer = json.loads(again.stdout)
    assert (answer["fetched"], answer["reused"]) == (1, 2)
    assert (yahoo.asked("AVGO"), yahoo.asked("^GSPC")) == asked


@pytest.mark.parametrize(("seconds", "code"), [("1", 0), ("3600", 4)])
def test_n1_retry_after_is_honoured_up_to_a_cap(
    kept: Shell, yahoo: LoopbackYahoo, seconds: str, code: int
) -> None:
    limited = replace(TOO_MANY, headers={"Retry-After": seconds})
    yahoo.counts.clear()
    yahoo.scripts["NVDA"] = lambda number: limited if number <= 2 else None
    start = time.monotonic()
    done = kept.refresh("NVDA")
    took = time.monotonic() - start
    assert done.returncode == code, done.stderr
    assert yahoo.asked("NVDA") == (3 if code == 0 else 2)
    if code == 0:
        assert took >= 1.0
    else:
        assert "asks to wait 3600 seconds" in done.stderr


@pytest.mark.parametrize("status", [500, 502, 503])
def test_n2_an_outage_is_tried_again_and_named(
    good: Shell, yahoo: LoopbackYahoo, status: int
) -> None:
    yahoo.scripts["NVDA"] = lambda number: Reply(status, b"Will be right back")
    said = fails(good, 4, "out of order", str(status))
    assert "delisted" not in said
    assert 4 <= yahoo.asked("NVDA") <= 8


def test_n2_a_failed_answer_is_not_remembered(kept: Shell, yahoo: LoopbackYahoo) -> None:
    """yfinance keeps every answer about the time zone, also that of an outage."""
    yahoo.openings["NVDA"] = lambda number: Reply(500, b"") if number <= 2 else None
    done = kept.refresh("NVDA")
    assert done.returncode == 0, done.stderr


def test_n3_a_refusal_is_named_and_not_repeated(good: Shell, yahoo: LoopbackYahoo) -> None:
    yahoo.crumb = Reply(200, b"")
    for symbol in NAMES.split(","):
        yahoo.scripts[symbol] = lambda number: Reply(401, b'{"finance":{"error":"Unauthorized"}}')
    fails(good, 4, "refuses this client (401)", "fc.yahoo.com")
    assert all(yahoo.asked(symbol) <= 2 for symbol in NAMES.split(","))


def test_n3_a_captcha_in_place_of_the_crumb(good: Shell, yahoo: LoopbackYahoo) -> None:
    yahoo.crumb = Reply(200, b"<html>are you human</html>")
    yahoo.scripts["NVDA"] = lambda number: Reply(403, b"<html>are you human</html>")
    fails(good, 4, "refuses this client (403)", symbols="NVDA")
    assert yahoo.asked("NVDA") <= 2


def test_n4_a_page_in_place_of_figures(good: Shell, yahoo: LoopbackYahoo) -> None:
    yahoo.scripts["NVDA"] = lambda number: HTML
    said = fails(good, 4, "no JSON", "<!doctype html>", "\\x1b[31m")
    assert "delisted" not in said
    assert "\x1b" not in said


def test_n4_a_rate_limit_in_words(good: Shell, yahoo: LoopbackYahoo) -> None:
    yahoo.scripts["NVDA"] = lambda number: Reply(200, b"Edge: Too Many Requests")
    fails(good, 4, "limits the rate", symbols="NVDA")


def full(yahoo: LoopbackYahoo, symbol: str = "NVDA") -> bytes:
    return json.dumps(yahoo.histories[symbol].chart(0, 9e12)).encode()


@pytest.mark.parametrize("how", ["cut JSON", "short body", "cut gzip", "dropped"])
def test_n5_an_answer_that_breaks_off(good: Shell, yahoo: LoopbackYahoo, how: str) -> None:
    body = full(yahoo)
    packed = gzip.compress(body)[:-400]
    replies = {
        "cut JSON": Reply(200, body[:-400]),
        "short body": Reply(200, body, breaks_after=len(body) - 400),
        "cut gzip": Reply(200, packed, {"Content-Encoding": "gzip"}),
        "dropped": DROP,
    }
    yahoo.scripts["NVDA"] = lambda number: replies[how]
    fails(good, 4, "NVDA", symbols="NVDA")


@pytest.mark.parametrize("how", ["drip", "stall", "stall_body"])
def test_n6_the_deadline_of_a_symbol_is_total(good: Shell, yahoo: LoopbackYahoo, how: str) -> None:
    """A sound answer takes six seconds, less than any patience of yfinance itself."""
    body = full(yahoo)
    slow = Reply(200, body, **{how: 6.0 / len(body) if how == "drip" else 6.0})
    yahoo.scripts["NVDA"] = lambda number: slow
    fails(good, 4, "in time", symbols="NVDA", MARKETSHOCK_FETCH_DEADLINE="3")
    assert yahoo.asked("NVDA") == 1
    assert good.refresh("NVDA").returncode == 0


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("symbol", "ZZZZ"),
        ("currency", "GBp"),
        ("exchangeTimezoneName", "Europe/London"),
        ("instrumentType", "MUTUALFUND"),
    ],
)
def test_n7_an_answer_about_something_else(
    good: Shell, yahoo: LoopbackYahoo, part: str, value: str
) -> None:
    wrong = yahoo.histories["NVDA"].chart(0, 9e12)
    wrong["chart"]["result"][0]["meta"][part] = value
    yahoo.scripts["NVDA"] = lambda number: json_reply(wrong)
    fails(good, 3, f"answers with {part} '{value}'", symbols="NVDA")
    assert yahoo.asked("NVDA") == 1


QUOTE, ADJUSTED = ("indicators", "quote", 0), ("indicators", "adjclose", 0)
BREAKS: dict[str, tuple[tuple[Any, ...], Any]] = {
    "empty quote": (QUOTE, {}),
    "no timestamp": (("timestamp",), None),
    "no meta": (("meta",), None),
    "lengths": ((*QUOTE, "close"), [1.0, 2.0]),
    "text": ((*QUOTE, "close", 3), "12.5"),
    "zero": ((*QUOTE, "close", 3), 0.0),
    "negative": ((*ADJUSTED, "adjclose", 3), -1.0),
    "infinity": ((*QUOTE, "close", 3), float("inf")),
    "not a number": ((*QUOTE, "close", 3), float("nan")),
}


def broken(chart: dict[str, Any], what: str) -> Any:
    """One of the ways in which an answer can be empty or out of shape."""
    answer = copy.deepcopy(chart)
    if what not in BREAKS:
        answer["chart"]["result"] = None if what == "no result" else []
        return answer
    place, value = BREAKS[what]
    part = answer["chart"]["result"][0]
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = value
    return answer


EMPTY = {"no result": 3, "empty result": 3, "no timestamp": 3, "empty quote": 4, "no meta": 4}


@pytest.mark.parametrize(("what", "code"), EMPTY.items())
def test_n8_an_empty_answer(good: Shell, yahoo: LoopbackYahoo, what: str, code: int) -> None:
    wrong = broken(yahoo.histories["NVDA"].chart(0, 9e12), what)
    yahoo.scripts["NVDA"] = lambda number: json_reply(wrong)
    said = fails(good, code, "NVDA", symbols="NVDA")
    assert "delisted" not in said


@pytest.mark.parametrize(
    "what", ["lengths", "text", "zero", "negative", "infinity", "not a number"]
)
def test_n9_figures_that_are_none(good: Shell, yahoo: LoopbackYahoo, what: str) -> None:
    wrong = broken(yahoo.histories["NVDA"].chart(0, 9e12), what)
    yahoo.scripts["NVDA"] = lambda number: json_reply(wrong)
    fails(good, 4, "NVDA", symbols="NVDA")


def test_n9_a_number_too_large_to_be_one(good: Shell, yahoo: LoopbackYahoo) -> None:
    chart = yahoo.histories["NVDA"].chart(0, 9e12)
    chart["chart"]["result"][0]["indicators"]["quote"][0]["close"][3] = 12345.678
    body = json.dumps(chart).replace("12345.678", "1e400").encode()
    yahoo.scripts["NVDA"] = lambda number: Reply(200, body)
    fails(good, 4, "inf", symbols="NVDA")


def test_n10_one_of_several_is_missing(good: Shell, yahoo: LoopbackYahoo) -> None:
    yahoo.scripts["^GSPC"] = lambda number: NOT_FOUND
    fails(good, 3, "^GSPC", "2 of 3 symbols came", "No vintage was made")


def test_n11_a_series_that_ends_before_the_others(good: Shell, yahoo: LoopbackYahoo) -> None:
    late = yahoo.histories["NVDA"]
    yahoo.histories["NVDA"] = replace(late, rows=late.rows[:-1])
    fails(good, 3, "NVDA on", "end before")
    yahoo.histories["NVDA"] = late
    again = good.refresh()
    assert json.loads(again.stdout)["fetched"] == 1


@pytest.mark.parametrize(
    "target", ["http://query2.finance.yahoo.com/", "https://elsewhere.example/"]
)
def test_n12_a_redirection_away_is_refused(good: Shell, yahoo: LoopbackYahoo, target: str) -> None:
    yahoo.scripts["NVDA"] = lambda number: Reply(302, b"", {"Location": target})
    yahoo.scripts.setdefault("AVGO", lambda number: None)
    fails(good, 4, "sent us to", symbols="NVDA")
    assert "elsewhere.example" not in {host for host, _ in yahoo.log}


def test_n12_a_certificate_of_a_stranger_is_refused(good: Shell, yahoo: LoopbackYahoo) -> None:
    stranger = trustme.CA()
    yahoo.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    stranger.issue_cert("*.finance.yahoo.com", "*.yahoo.com").configure_cert(yahoo.tls)
    fails(good, 4, "not trusted", "CURL_CA_BUNDLE", symbols="NVDA")
    assert yahoo.log == []


@pytest.mark.parametrize("value", ["1", "true"])
def test_n13_offline_opens_no_connection(good: Shell, yahoo: LoopbackYahoo, value: str) -> None:
    fails(good, 4, "switched off", "marketshock data refresh", MARKETSHOCK_OFFLINE=value)
    status = good.run("data", "status", "--source", "yahoo", MARKETSHOCK_OFFLINE=value)
    assert status.returncode == 0, status.stderr
    assert yahoo.log == []


def test_n13_no_route(good: Shell) -> None:
    nowhere = dict.fromkeys(("HTTPS_PROXY", "https_proxy"), "http://127.0.0.1:9")
    fails(good, 4, "can't be reached", symbols="NVDA", **nowhere)


def test_n14_a_body_without_end(good: Shell, yahoo: LoopbackYahoo) -> None:
    def zeros() -> Iterator[bytes]:
        for _ in range(500):
            yield bytes(1_000_000)

    yahoo.scripts["NVDA"] = lambda number: Reply(200, stream=zeros)
    fails(good, 4, "larger than 50,000,000 bytes", symbols="NVDA")


def test_n14_a_small_body_that_unpacks_without_end(good: Shell, yahoo: LoopbackYahoo) -> None:
    bomb = gzip.compress(bytes(200_000_000), 9)
    assert len(bomb) < 400_000
    yahoo.scripts["NVDA"] = lambda number: Reply(200, bomb, {"Content-Encoding": "gzip"})
    fails(good, 4, "larger than 50,000,000 bytes", symbols="NVDA")


def test_n15_a_revised_history_keeps_both_vintages(
    good: Shell, yahoo: LoopbackYahoo, tmp_path: Path
) -> None:
    first = json.loads(good.run("data", "status", "--source", "yahoo", "--format", "json").stdout)
    old = yahoo.histories["NVDA"]
    rows = [
        (*r[:4], r[4] * 1.0002, r[5] * 1.0002, r[6]) if n in (5, 9) else r
        for n, r in enumerate(old.rows)
    ]
    yahoo.histories["NVDA"] = History("NVDA", rows, old.splits)
    done = good.refresh()
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["previous"] == first["vintage"] != answer["vintage"]
    said = [line for line in answer["revisions"] if "close" in line]
    assert len(said) == 1
    assert said[0].startswith("NVDA: 2 closes revised, at most 2")
    assert str(rows[5][0]) in said[0]
    assert {first["vintage"], answer["vintage"]} <= {path.name for path in good.store.iterdir()}
