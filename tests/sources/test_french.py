"""Kenneth French's daily files through the real client, against the embedded factors."""

from __future__ import annotations

import datetime as dt
import sys
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from loopback import Clock, Loopback, Reply, french_text, zipped

from marketshock.errors import BadPayload, FetchError, QualityError, StaleDataError, UserInputError
from marketshock.sources.facts_refresh import refresh_facts
from marketshock.sources.french import FACTOR_FILES, FrenchClient, factor_rows, read_factor_file
from marketshock.sources.vintages import VintageStore

if TYPE_CHECKING:
    from marketshock.desk import Desk

THREE, FIVE, MOMENTUM = FACTOR_FILES
NOW = dt.datetime(2026, 9, 1, 12, tzinfo=dt.UTC)
VINTAGE = "202604"
SMALL = """This file was created using the 202604 CRSP database.

,Mkt-RF,SMB,HML,RF
20260428,   0.12,  -0.30,   0.25,  0.015
20260429,  -1.46, -99.99,   0.40,  0.015
20260430,   0.75,   0.10,  -0.05,  0.015

Copyright 2026 Eugene F. Fama and Kenneth R. French
"""


def text(desk: Desk, name: str, vintage: str = VINTAGE, last: int | None = None) -> str:
    table = desk.source.table("factors3_daily" if name == THREE else "factors5_daily")
    return french_text(FACTOR_FILES[name], list(table)[:last], vintage)


def put(server: Loopback, name: str, content: str) -> None:
    server.put(f"/{name}", zipped(name.replace("_CSV.zip", ".csv"), content))


@pytest.fixture(scope="module")
def packed(desk: Desk) -> dict[str, bytes]:
    return {name: zipped(name[:-8] + ".csv", text(desk, name)) for name in FACTOR_FILES}


@pytest.fixture
def server(packed: dict[str, bytes]) -> Iterator[Loopback]:
    with Loopback() as server:
        for name, body in packed.items():
            server.put(f"/{name}", body)
        yield server


def fetch(desk: Desk, server: Loopback, folder: Path) -> VintageStore:
    store = VintageStore("french", folder)
    told = {"MARKETSHOCK_FRENCH_ADDRESS": server.address}
    refresh_facts(store, told, Clock().pace(), desk.source, [], lambda: NOW)
    return store


def test_the_embedded_factors_come_back(desk: Desk, server: Loopback, tmp_path: Path) -> None:
    kept = fetch(desk, server, tmp_path).source()
    for name in ("factors3_daily", "factors5_daily"):
        own, embedded = kept.table(name), desk.source.table(name)
        assert list(own.columns) == list(embedded.columns)
        for column in own.columns:
            assert own[column] == embedded[column], (name, column)
    assert kept.manifest.title.endswith("CRSP vintage 202604")
    assert (kept.manifest.fetch or {})["days_with_missing_values"] == []
    assert not kept.has("prices_close")


def test_files_of_different_vintages_or_ends_are_refused(
    desk: Desk, server: Loopback, tmp_path: Path
) -> None:
    put(server, MOMENTUM, text(desk, MOMENTUM, "202603"))
    with pytest.raises(StaleDataError, match="momentum: CRSP 202603"):
        fetch(desk, server, tmp_path)
    put(server, MOMENTUM, text(desk, MOMENTUM, last=-1))
    with pytest.raises(StaleDataError, match="momentum: CRSP 202604 to 2026-04-29"):
        fetch(desk, server, tmp_path)
    assert VintageStore("french", tmp_path).vintages() == []


def read(content: str | bytes, columns: tuple[str, ...] = FACTOR_FILES[THREE]) -> Any:
    body = content.encode() if isinstance(content, str) else content
    return read_factor_file(body, "file", columns)


def test_a_plain_file_and_a_packed_one_are_the_same() -> None:
    plain = read(SMALL)
    assert read(zipped("file.csv", SMALL)) == plain
    assert read(SMALL.replace("\n", "\r\n")) == plain
    assert read("\ufeff" + SMALL) == plain
    assert plain.vintage == VINTAGE
    assert plain.rows[dt.date(2026, 4, 28)] == (0.12, -0.30, 0.25, 0.015)


@pytest.mark.parametrize("code", ["-99.99", "-999", "-999.00"])
def test_the_codes_of_missing_values_are_missing(code: str) -> None:
    rows = read(SMALL.replace("-99.99", code)).rows
    assert rows[dt.date(2026, 4, 29)] == (-1.46, None, 0.40, 0.015)


def test_a_day_with_a_missing_value_is_left_out_and_told() -> None:
    three = read(SMALL)
    five_text = SMALL.replace(",Mkt-RF,SMB,HML,RF", ",Mkt-RF,SMB,HML,RMW,CMA,RF")
    five = read(five_text.replace("  0.015", " 0.1, 0.2, 0.015"), FACTOR_FILES[FIVE])
    mom = "using the 202604 CRSP database\n,Mom,\n20260428, 1.0,\n20260430,-2.5,\n"
    tables, left_out = factor_rows(three, five, read(mom, ("Mom",)))
    assert left_out == [dt.date(2026, 4, 29)]
    assert tables["factors3_daily"][0] == (dt.date(2026, 4, 28), 0.12, -0.30, 0.25, 0.015)
    assert tables["factors5_daily"][1] == (
        *(dt.date(2026, 4, 30), 0.75, 0.10, -0.05),
        *(0.1, 0.2, -2.5, 0.015),
    )


def test_a_block_by_year_after_the_days_is_not_read() -> None:
    years = (
        "\n  Annual Factors: January-December\n,Mkt-RF,SMB,HML,RF\n  2025,  1.0,  2.0,  3.0,  4.0\n"
    )
    assert read(SMALL.replace("\nCopyright", years + "\nCopyright")) == read(SMALL)


BAD = {
    "html": ("<html>moved</html>", "no header .* but '<html>"),
    "other_columns": (SMALL.replace("SMB", "SMALL"), "no header"),
    "months": (SMALL.replace("20260428", "202604"), "line 4: .* the first a day"),
    "no_day": (SMALL.replace("20260428", "20260431"), "line 4"),
    "twice": (SMALL.replace("20260429", "20260428"), "line 5: 2026-04-28 does not come after"),
    "unsorted": (SMALL.replace("20260430", "20260101"), "line 6: 2026-01-01 does not come after"),
    "word": (SMALL.replace("0.12", "n.a."), "line 4"),
    "nan": (SMALL.replace("0.12", "nan"), "line 4: .* no daily return"),
    "infinite": (SMALL.replace("0.12", "1e400"), "line 4: .* no daily return"),
    "too_large": (SMALL.replace("0.12", "120"), "line 4: .* no daily return"),
    "cell_lost": (
        SMALL.replace(",  0.015\n20260429", "\n20260429"),
        "line 4: .* .5 cells expected",
    ),
    "cut": (SMALL[: SMALL.index("-0.05")], "line 6"),
    "empty_block": (SMALL[: SMALL.index("20260428")], "without rows"),
    "hole": (SMALL.replace("\n20260429", "\n\n20260429"), "line 6: a row after the end"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_file_that_is_none_is_refused_with_its_line(case: str) -> None:
    content, words = BAD[case]
    with pytest.raises(BadPayload, match=words):
        read(content)


def two_members() -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.csv", SMALL)
        archive.writestr("b.csv", SMALL)
    return buffer.getvalue()


def flipped() -> bytes:
    body = bytearray(zipped("a.csv", SMALL))
    body[60] ^= 1
    return bytes(body)


@pytest.mark.parametrize(
    "body",
    [zipped("a.csv", SMALL)[:-40], two_members(), flipped(), b"PK nonsense"],
    ids=["n5_cut", "two_members", "bit_flip", "nonsense"],
)
def test_a_damaged_archive_is_refused(body: bytes) -> None:
    with pytest.raises(BadPayload, match="the archive can't be read"):
        read(body)


def test_n14_an_archive_that_unpacks_without_end_is_refused() -> None:
    with pytest.raises(BadPayload, match="unpacks to more than"):
        read(zipped("a.csv", "\0" * 70_000_000))


def test_n5_a_cut_answer_is_asked_for_again(packed: dict[str, bytes], server: Loopback) -> None:
    whole = packed[MOMENTUM]
    server.put(f"/{MOMENTUM}", Reply(whole[:9000], length=len(whole)), whole)
    asking = FrenchClient({"MARKETSHOCK_FRENCH_ADDRESS": server.address}, Clock().pace())
    file, body = asking.file(MOMENTUM)
    assert body == whole
    assert max(file.rows) == dt.date(2026, 4, 30)


def test_n2_a_library_out_of_order_keeps_nothing(
    desk: Desk, server: Loopback, tmp_path: Path
) -> None:
    server.put(f"/{FIVE}", Reply(b"", 500))
    with pytest.raises(FetchError, match="Kenneth French's library is out of order"):
        fetch(desk, server, tmp_path)
    assert VintageStore("french", tmp_path).vintages() == []


def test_a_return_beyond_the_contract_makes_no_vintage(
    desk: Desk, server: Loopback, tmp_path: Path
) -> None:
    for name in (THREE, FIVE):
        put(server, name, text(desk, name).replace("   1.690,", "  41.690,", 1))
    with pytest.raises(QualityError, match="factors3_daily"):
        fetch(desk, server, tmp_path)


def test_the_library_must_be_encrypted_or_on_this_machine() -> None:
    with pytest.raises(UserInputError, match="MARKETSHOCK_FRENCH_ADDRESS"):
        FrenchClient({"MARKETSHOCK_FRENCH_ADDRESS": "http://example.org"}, Clock().pace())
