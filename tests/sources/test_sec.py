"""The SEC's company facts through the real client, against the embedded figures."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from loopback import Clock, Loopback, Reply, company_facts, fiscal_years, year_to_date

from marketshock.errors import (
    AuthBlocked,
    BadPayload,
    FetchError,
    FetchTimeout,
    NotFound,
    OutputError,
    RateLimited,
    SymbolMismatch,
    UserInputError,
)
from marketshock.market.shares import ShareCounts
from marketshock.sources.facts_refresh import refresh_facts
from marketshock.sources.pace import Pace
from marketshock.sources.sec import SecClient, read_facts
from marketshock.sources.sec_capex import CAPEX_COLUMNS, capex_rows
from marketshock.sources.sec_shares import share_rows
from marketshock.sources.vintages import VintageStore

if TYPE_CHECKING:
    from marketshock.desk import Desk

NUMBERS = {"MSFT": 789019, "ORCL": 1341439, "META": 1326801}
PPE = "PaymentsToAcquirePropertyPlantAndEquipment"
COVER = "EntityCommonStockSharesOutstanding"
AGENT = "Ada Rossi ada.rossi@example.com"
COMPARED = tuple(set(CAPEX_COLUMNS) - {"finance_leases_musd", "source", "status"})
NOW = dt.datetime(2026, 9, 1, 12, tzinfo=dt.UTC)


def covers(desk: Desk, symbol: str) -> list[dict[str, Any]]:
    return [
        {
            "end": row["as_of"].isoformat(),
            "val": int(row["shares_as_reported"]),
            "accn": "1",
            "form": row["form"].split()[0],
            "filed": row["filed"].isoformat(),
        }
        for row in desk.source.table("shares")
        if row["symbol"] == symbol and row["kind"] == "cover" and row["filed"]
    ]


def answer(desk: Desk, symbol: str) -> bytes:
    years = fiscal_years(desk.source.table("capex"), symbol)
    capex = [fact for rows in years.values() for fact in year_to_date(rows)]
    facts = {"us-gaap": {PPE: {"USD": capex}}, "dei": {COVER: {"shares": covers(desk, symbol)}}}
    return company_facts(NUMBERS[symbol], symbol, facts)


@pytest.fixture
def server(desk: Desk) -> Iterator[Loopback]:
    listed = {
        str(at): {"cik_str": number, "ticker": symbol, "title": symbol}
        for at, (symbol, number) in enumerate(NUMBERS.items())
    }
    with Loopback() as server:
        server.put("/files/company_tickers.json", json.dumps(listed).encode())
        for symbol, number in NUMBERS.items():
            server.put(path(number), answer(desk, symbol))
        yield server


def path(number: int) -> str:
    return f"/api/xbrl/companyfacts/CIK{number:010d}.json"


def client(server: Loopback, pace: Pace | None = None) -> SecClient:
    return SecClient(settings(server), pace or Clock().pace())


def settings(server: Loopback) -> dict[str, str]:
    return {"MARKETSHOCK_SEC_USER_AGENT": AGENT, "MARKETSHOCK_SEC_ADDRESS": server.address}


# ---------------------------------------------------------------- round trips


@pytest.mark.parametrize("symbol", ["MSFT", "ORCL", "META"])
def test_d24_quarters_come_back_from_year_to_date_figures(
    desk: Desk, server: Loopback, symbol: str
) -> None:
    years = fiscal_years(desk.source.table("capex"), symbol)
    if symbol == "META":
        del years["FY2012"]
    expected = [row for rows in years.values() for row in rows]
    facts, _ = client(server).facts(symbol, NUMBERS[symbol])
    found = capex_rows(facts, expected[0]["company"]).rows
    quarters = {row["fiscal_label"]: row for row in found if row["frequency"] == "Q"}
    assert len(expected) >= 44
    for row in expected:
        mine = quarters[row["fiscal_label"]]
        for name in ("capex_musd", "capex_first_reported_musd"):
            assert mine[name] == pytest.approx(row[name], abs=1e-6), (row["fiscal_label"], name)
        for name in set(COMPARED) - {"capex_musd", "capex_first_reported_musd", "first_filed"}:
            assert mine[name] == row[name], (row["fiscal_label"], name)


def test_share_counts_of_covers_come_back(desk: Desk, server: Loopback) -> None:
    facts, _ = client(server).facts("ORCL", NUMBERS["ORCL"])
    counts = share_rows(facts, desk.splits)
    found = {(row["as_of"], row["filed"]): row["shares"] for row in counts.rows}
    expected = {
        (row["as_of"], row["filed"]): row["shares"]
        for row in desk.source.table("shares")
        if row["symbol"] == "ORCL" and row["kind"] == "cover" and row["filed"]
    }
    wrong = (dt.date(2012, 9, 17), dt.date(2012, 9, 24))
    assert expected.pop(wrong)
    assert found == expected
    assert ["2012-09-24" in line for line in counts.left_out] == [True]


def test_a_vintage_has_the_tables_of_the_embedded_one(
    desk: Desk, server: Loopback, tmp_path: Path
) -> None:
    store = VintageStore("sec", tmp_path)
    done = refresh_facts(
        store, settings(server), Clock().pace(), desk.source, ["MSFT", "ORCL"], lambda: NOW
    )
    assert done.symbols == ("MSFT", "ORCL")
    kept = store.source()
    assert kept.vintage == done.vintage
    assert kept.table("capex").columns.keys() == desk.source.table("capex").columns.keys()
    assert kept.table("shares").columns.keys() == desk.source.table("shares").columns.keys()
    own, embedded = (ShareCounts.from_table(s.table("shares")) for s in (kept, desk.source))
    day = dt.date(2025, 1, 27)
    one, other = own.known_before("MSFT", day), embedded.known_before("MSFT", day)
    assert one is not None
    assert other is not None
    assert (one.count, one.as_of, one.kind) == (other.count, other.as_of, other.kind)
    assert AGENT not in (kept.folder / "manifest.json").read_text("utf-8")
    again = refresh_facts(
        store, settings(server), Clock().pace(), desk.source, ["MSFT", "ORCL"], lambda: NOW
    )
    assert (again.vintage, again.revisions) == (done.vintage, ())


def test_what_changed_is_told(desk: Desk, server: Loopback, tmp_path: Path) -> None:
    store, clock = VintageStore("sec", tmp_path), Clock()
    ask = (store, settings(server), clock.pace(), desk.source, ["ORCL"], lambda: NOW)
    before = refresh_facts(*ask)
    body = json.loads(answer(desk, "ORCL"))
    facts = body["facts"]["us-gaap"][PPE]["units"]["USD"]
    last = max(facts, key=lambda fact: fact["end"])
    last["val"] += 10**6
    server.put(path(NUMBERS["ORCL"]), json.dumps(body).encode())
    after = refresh_facts(*ask)
    assert after.previous == before.vintage
    assert after.revisions == ("capex: 2 rows revised, the last of them ORCL total Q 2026-05-31",)
    assert len(store.vintages()) == 2


# -------------------------------------------------------------- manners and faults


@pytest.mark.parametrize("agent", ["", "  ", "Ada Rossi", "a@b\nc", "é@b"])
def test_without_a_user_agent_nothing_is_asked(server: Loopback, agent: str) -> None:
    told = {**settings(server), "MARKETSHOCK_SEC_USER_AGENT": agent}
    with pytest.raises(UserInputError, match="MARKETSHOCK_SEC_USER_AGENT"):
        SecClient(told, Clock().pace())
    assert server.requests == []


def test_the_user_agent_is_told(server: Loopback) -> None:
    client(server).facts("MSFT", NUMBERS["MSFT"])
    assert server.requests[0][1]["User-Agent"] == AGENT


@pytest.mark.parametrize("address", ["http://data.sec.gov", "ftp://127.0.0.1", "x", "https://"])
def test_an_address_must_be_encrypted_or_on_this_machine(address: str) -> None:
    told = {"MARKETSHOCK_SEC_USER_AGENT": AGENT, "MARKETSHOCK_SEC_ADDRESS": address}
    with pytest.raises(UserInputError, match="MARKETSHOCK_SEC_ADDRESS"):
        SecClient(told, Clock().pace())


def test_at_most_ten_requests_a_second(server: Loopback) -> None:
    clock = Clock()
    asking = client(server, clock.pace())
    start, asked = clock.now, 25
    for _ in range(asked):
        asking.facts("ORCL", NUMBERS["ORCL"])
    assert (clock.now - start) / (asked - 1) >= 0.1
    assert len(server.requests) == asked


def test_n1_a_rate_limit_waits_as_asked_and_then_gives_up(server: Loopback) -> None:
    clock = Clock()
    limited = Reply(b"slow down", 429, {"Retry-After": "5"})
    server.put(path(1341439), limited, limited, answer_of(server, 1341439))
    facts, _ = client(server, clock.pace()).facts("ORCL", 1341439)
    assert facts.symbol == "ORCL"
    assert clock.slept == [5.0, 5.0]
    server.put(path(1341439), Reply(b"", 429, {"Retry-After": "3600"}))
    with pytest.raises(RateLimited, match="3600"):
        client(server).facts("ORCL", 1341439)


def answer_of(server: Loopback, number: int) -> bytes:
    return server.replies[path(number)][-1].body


def test_n1_the_rate_page_of_the_sec_is_a_rate_limit(server: Loopback) -> None:
    page = Reply(b"<html><h1>Request Rate Threshold Exceeded</h1>", 403)
    server.put(path(1341439), page)
    with pytest.raises(RateLimited):
        client(server).facts("ORCL", 1341439)
    assert len(server.requests) == Pace().attempts


def test_n2_a_server_out_of_order_is_asked_again(server: Loopback) -> None:
    server.put(path(1341439), Reply(b"down", 503), answer_of(server, 1341439))
    assert client(server).facts("ORCL", 1341439)[0].symbol == "ORCL"
    server.put(path(1341439), Reply(b"down", 503))
    with pytest.raises(FetchError, match="503"):
        client(server).facts("ORCL", 1341439)


def test_n3_a_refusal_is_not_repeated(server: Loopback) -> None:
    server.put(path(1341439), Reply(b"Forbidden", 403))
    with pytest.raises(AuthBlocked, match="Forbidden"):
        client(server).facts("ORCL", 1341439)
    assert len(server.requests) == 1


BAD: dict[str, tuple[bytes | Reply, str]] = {
    "n4_html": (b"<!DOCTYPE html><html>Welcome</html>", r"no JSON but '<!DOCTYPE"),
    "n4_words": (b"Too Many Requests", "no JSON"),
    "n5_cut": (b'{"cik": 1341439, "entityName": "Ora', "no JSON"),
    "n5_wrong_length": (Reply(b'{"cik"', length=5000), "breaks off"),
    "n5_gzip_cut": (
        Reply(gzip.compress(b'{"cik": 1341439}' * 99)[:-30], headers={"Content-Encoding": "gzip"}),
        "no JSON|breaks off",
    ),
    "n5_no_gzip": (Reply(b"plain", headers={"Content-Encoding": "gzip"}), "breaks off"),
    "n8_null": (b"null", "no JSON object"),
    "n8_list": (b"[]", "no JSON object"),
    "n8_no_facts": (b'{"cik": 1341439, "entityName": "Oracle"}', "no facts or no name"),
    "n8_facts_list": (b'{"cik": 1341439, "entityName": "O", "facts": []}', "no facts"),
    "n9_nan": (b'{"cik": 1341439, "facts": NaN}', "NaN is no JSON number"),
    "n9_nested": (b"[" * 100_000, "no JSON"),
    "n12_redirect": (Reply(b"", 302, {"Location": "http://elsewhere.example/"}), "not followed"),
}


@pytest.mark.parametrize("case", BAD)
def test_an_answer_that_is_none_is_asked_for_once_more_and_refused(
    server: Loopback, case: str
) -> None:
    body, words = BAD[case]
    server.put(path(1341439), body)
    with pytest.raises(BadPayload, match=words):
        client(server).facts("ORCL", 1341439)
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "value", ["1e400", '"5"', "true", "null", "[1]", "-1e999", "1" + "0" * 400]
)
def test_n9_a_figure_must_be_a_finite_number(value: str) -> None:
    one = '{"end": "2024-03-31", "accn": "1", "form": "10-Q", "filed": "2024-04-25", "val": %s}'
    body = '{"cik": 1, "entityName": "X", "facts": {"dei": {"T": {"units": {"shares": [%s]}}}}}'
    with pytest.raises(BadPayload, match=r"X T: .* no finite number"):
        read_facts((body % (one % value)).encode(), "X", 1)


@pytest.mark.parametrize(
    "change", [{"end": "31/03/2024"}, {"filed": None}, {"start": 5}, {"start": "2024-05-01"}]
)
def test_n9_dates_must_be_days_in_order(change: dict[str, Any]) -> None:
    one = {"end": "2024-03-31", "val": 1, "accn": "1", "form": "10-Q", "filed": "2024-04-25"}
    body = company_facts(1, "X", {"dei": {COVER: {"shares": [one | change]}}})
    with pytest.raises(BadPayload, match="X EntityCommonStockSharesOutstanding"):
        read_facts(body, "X", 1)


def test_n6_a_slow_drip_ends_at_the_deadline(server: Loopback) -> None:
    pace, start = replace(Pace(), deadline=0.6), time.monotonic()
    server.put(path(1341439), Reply(answer_of(server, 1341439), pause=0.02))
    with pytest.raises(FetchTimeout, match=r"ORCL: .* within 0.6 seconds"):
        client(server, pace).facts("ORCL", 1341439)
    server.put(path(1341439), Reply(b"{}", head_pause=0.02))
    with pytest.raises(FetchTimeout):
        client(server, pace).facts("ORCL", 1341439)
    assert time.monotonic() - start < 5.0


def test_n7_the_facts_of_another_company_are_refused(server: Loopback) -> None:
    server.put(path(1341439), answer_of(server, 789019))
    with pytest.raises(SymbolMismatch, match="789019, asked was 1341439"):
        client(server).facts("ORCL", 1341439)


def test_n8_a_company_that_is_not_listed_is_named(server: Loopback) -> None:
    with pytest.raises(NotFound, match=r"\^GSPC, SPY"):
        client(server).numbers(["MSFT", "^GSPC", "SPY"])
    with pytest.raises(NotFound, match="no such file"):
        client(server).facts("XYZ", 42)


def test_n14_a_body_without_end_is_cut_off(server: Loopback) -> None:
    asking = client(server)
    asking.web.largest = 1_000_000
    bomb = gzip.compress(bytes(8_000_000))
    for reply in (
        Reply(endless=True, length=10**12),
        Reply(bomb, headers={"Content-Encoding": "gzip"}),
    ):
        server.put(path(1341439), reply)
        with pytest.raises(BadPayload, match="more than 1,000,000 bytes"):
            asking.facts("ORCL", 1341439)


def test_nothing_is_kept_when_one_company_fails(
    desk: Desk, server: Loopback, tmp_path: Path
) -> None:
    store = VintageStore("sec", tmp_path)
    ask = (store, settings(server), Clock().pace(), desk.source)
    good = refresh_facts(*ask, ["MSFT"], lambda: NOW)
    server.put(path(1341439), b"<html>")
    with pytest.raises(BadPayload):
        refresh_facts(*ask, ["MSFT", "ORCL"], lambda: NOW)
    assert store.vintages() == [good.vintage]
    assert store.source().vintage == good.vintage
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(OutputError):
        refresh_facts(VintageStore("sec", blocked), *ask[1:], ["MSFT"], lambda: NOW)
