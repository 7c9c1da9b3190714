from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from marketshock.errors import (
    DataCorruptError,
    MarketShockError,
    NotCoveredError,
    OfflineError,
    UserInputError,
)
from marketshock.sources.bundle import EmbeddedSource
from marketshock.sources.manifest import Manifest, describe
from marketshock.sources.opening import offline, open_source, refuse_offline
from marketshock.sources.revisions import revisions
from marketshock.sources.staging import Staging
from marketshock.sources.vintage_tables import check_tables, packed, significant, tables_of
from marketshock.sources.vintages import VintageSource, VintageStore
from marketshock.sources.yahoo_answer import Bar, SymbolHistory

NOW = dt.datetime(2025, 2, 1, 12, tzinfo=dt.UTC)
DAYS = [dt.date(2025, 1, day) for day in (23, 24, 27, 28)]
Make = Callable[..., VintageSource]


def history(symbol: str, closes: list[float], first: int = 0) -> SymbolHistory:
    bars = tuple(
        Bar(day, close, close, close, close, close, 100)
        for day, close in zip(DAYS[first:], closes, strict=False)
    )
    return SymbolHistory(symbol, bars, ((DAYS[2], 2.0),), ((DAYS[1], 0.1),), (), b"{}", NOW)


@pytest.fixture
def store(tmp_path: Path) -> VintageStore:
    return VintageStore("yahoo", tmp_path)


@pytest.fixture
def make(store: VintageStore, data_folder: Path) -> Make:
    """Publish a vintage of histories and return it."""
    reference = EmbeddedSource(data_folder)

    def published(*histories: SymbolHistory) -> VintageSource:
        tables = tables_of(histories, reference.table("instruments"), reference.table("splits"))
        check_tables(tables)
        files = packed(tables)
        fetch = {"finished": NOW.isoformat(), "raw": [], "sessions_without_close": {}}
        records = tuple(describe(name, files[name]) for name in sorted(files))
        manifest = Manifest("test", NOW.date(), DAYS[-1], records, fetch)
        with store.lock(lambda owner: None):
            store.publish(manifest, files, NOW)
        return store.source()

    return published


def test_what_was_fetched_is_read_again(make: Make) -> None:
    source = make(history("NVDA", [1.5, 2.5, 3.5]), history("^GSPC", [7.0, 8.0, 9.0]))
    panel = source.prices(["^GSPC", "NVDA"])
    assert panel.values.tolist() == [[7.0, 1.5], [8.0, 2.5], [9.0, 3.5]]
    assert panel.sessions.astype(object).tolist() == DAYS[:3]
    assert source.prices(["NVDA"], "high").values[:, 0].tolist() == [1.5, 2.5, 3.5]
    assert source.table("splits")["ratio"] == (2.0, 2.0)
    assert source.symbols == ("NVDA", "^GSPC")
    assert "fetched 2025-02-01" in source.source("prices").name.en


def test_a_gap_stays_a_gap(make: Make) -> None:
    source = make(history("NVDA", [1.0, 2.0, 3.0]), history("AVGO", [5.0, 6.0], first=1))
    assert np.isnan(source.prices(["AVGO"]).values[0, 0])


def test_the_same_figures_make_no_second_vintage(make: Make, store: VintageStore) -> None:
    one = make(history("NVDA", [1.0, 2.0]))
    stamp = (one.folder / "manifest.json").stat().st_mtime_ns
    assert make(history("NVDA", [1.00000001, 2.0])).vintage == one.vintage
    assert (one.folder / "manifest.json").stat().st_mtime_ns == stamp
    assert store.vintages() == [one.vintage]


def test_an_older_vintage_can_be_opened_by_name(make: Make, store: VintageStore) -> None:
    old = make(history("NVDA", [1.0, 2.0]))
    new = make(history("NVDA", [1.0, 2.1]))
    assert store.source().vintage == new.vintage
    assert store.source(old.vintage).prices(["NVDA"]).values[1, 0] == 2.0
    with pytest.raises(UserInputError, match="No vintage"):
        store.source("0123456789ab")


def test_what_a_vintage_lacks_is_named_and_not_filled(make: Make) -> None:
    source = make(history("NVDA", [1.0, 2.0]))
    with pytest.raises(NotCoveredError, match=r"no close of \^GSPC.*holds NVDA"):
        source.prices(["NVDA", "^GSPC"])
    with pytest.raises(NotCoveredError, match="no table 'shares'"):
        source.table("shares")
    assert not source.has("shares")


def test_before_the_first_fetch_the_command_is_named(store: VintageStore) -> None:
    with pytest.raises(NotCoveredError, match="data refresh --source yahoo"):
        store.source()


def test_a_damaged_vintage_is_set_aside_and_made_again(make: Make, store: VintageStore) -> None:
    source = make(history("NVDA", [1.0, 2.0]))
    (source.folder / "prices_close.csv.gz").write_bytes(b"")
    with pytest.raises(DataCorruptError, match="quarantine"):
        store.source().prices(["NVDA"])
    assert not source.folder.exists()
    with pytest.raises(DataCorruptError, match="data refresh"):
        store.source()
    assert make(history("NVDA", [1.0, 2.0])).vintage == source.vintage


def test_revisions_are_told_with_size_and_days(make: Make) -> None:
    old = make(history("NVDA", [100.0, 200.0, 300.0]), history("META", [1.0]))
    new = make(history("NVDA", [100.0, 200.02, 300.0, 400.0]))
    said = revisions(old, new)
    assert said[0] == "no longer held: META"
    assert said[1] == "NVDA: 1 close revised, at most 1 bp, 2025-01-24"
    assert revisions(old, old) == []


def test_lost_sessions_are_told(make: Make) -> None:
    old, new = make(history("NVDA", [1.0, 2.0])), make(history("NVDA", [2.0, 3.0], first=1))
    assert revisions(old, new)[0] == "NVDA: 1 session gone, 2025-01-23"


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        (142.6199951171875, 142.62),
        (5117.93994140625, 5117.9399),
        (0.503250002861023, 0.50325),
        (0.001234567891, 0.001234568),
        (None, None),
    ],
)
def test_figures_keep_the_digits_that_yahoo_knows(
    value: float | None, rounded: float | None
) -> None:
    assert significant(value) == rounded


def test_staging_gives_back_what_it_was_given(tmp_path: Path) -> None:
    kept, one = Staging(tmp_path, DAYS[-1]), history("^GSPC", [1.0, 2.0])
    kept.keep(one)
    assert Staging(tmp_path, DAYS[-1]).find("^GSPC") == one
    assert kept.find("NVDA") is None


def test_staging_forgets_another_day_and_damage(tmp_path: Path) -> None:
    kept = Staging(tmp_path, DAYS[0])
    kept.keep(history("NVDA", [1.0]))
    assert Staging(tmp_path, DAYS[1]).find("NVDA") is None
    assert list(tmp_path.iterdir()) == []
    kept.keep(history("NVDA", [1.0]))
    next(tmp_path.iterdir()).write_bytes(b"\x1f\x8b broken")
    assert kept.find("NVDA") is None


def test_a_table_that_breaks_its_contract_is_refused(data_folder: Path) -> None:
    reference = EmbeddedSource(data_folder)
    good = history("NVDA", [1.0, 2.0])
    twice = replace(good, bars=(*good.bars, good.bars[0]))
    tables = tables_of([twice], reference.table("instruments"), reference.table("splits"))
    with pytest.raises(MarketShockError, match="contract"):
        check_tables(tables)


@pytest.mark.parametrize("name", ["bloomberg", "", "embedded@0123456789ab"])
def test_unknown_sources_are_input_errors(name: str) -> None:
    with pytest.raises(UserInputError, match="No source"):
        open_source(name)


@pytest.mark.parametrize(
    ("value", "closed"), [("1", True), ("true", True), ("0", False), ("", False), ("no", False)]
)
def test_the_offline_switch(monkeypatch: pytest.MonkeyPatch, value: str, closed: bool) -> None:
    monkeypatch.setenv("MARKETSHOCK_OFFLINE", value)
    assert offline() is closed
    if closed:
        with pytest.raises(OfflineError, match=r"refresh of sec .* data refresh --source sec"):
            refuse_offline("sec")
