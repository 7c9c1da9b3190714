"""What every source must keep; a new source only adds a line to PRICES or TABLES.

PRICES deliver prices and keep every test of this file. TABLES are vintages of facts: they keep
what is said of vintages, and say that they have no prices.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from loopback import Clock, Loopback, company_facts, fiscal_years, french_text, year_to_date, zipped

from marketshock.errors import NotCoveredError, UserInputError
from marketshock.market.panel import PricePanel
from marketshock.sources.base import PriceSource
from marketshock.sources.bundle import EmbeddedSource, FolderSource
from marketshock.sources.facts_refresh import refresh_facts
from marketshock.sources.file_import import FileStore, import_prices
from marketshock.sources.file_map import FileMap
from marketshock.sources.french import FACTOR_FILES
from marketshock.sources.memory import MemorySource
from marketshock.sources.vintages import VintageStore
from marketshock.table import Table

DATA = Path(__file__).resolve().parents[2] / "data"
FIELDS = ("close", "adj_close", "volume")
SYMBOLS = ("AAPL", "META", "NVDA")
NOW = dt.datetime(2026, 9, 1, 12, tzinfo=dt.UTC)


def from_memory(folder: Path) -> MemorySource:
    embedded = EmbeddedSource(DATA)
    return MemorySource({field: embedded.prices(SYMBOLS, field) for field in FIELDS})


def from_files(folder: Path) -> FolderSource:
    embedded = EmbeddedSource(DATA)
    panels = [embedded.prices(SYMBOLS, field) for field in FIELDS]
    rows = [
        {"symbol": symbol, "date": day, **dict(zip(FIELDS, map(float, values), strict=True))}
        for at, symbol in enumerate(SYMBOLS)
        for day, *values in zip(
            panels[0].sessions.astype(object),
            *(panel.values[:, at] for panel in panels),
            strict=True,
        )
    ]
    folder.mkdir(exist_ok=True)
    path, store = folder / "own.csv", FileStore(folder)
    path.write_text(Table.from_rows("own", rows).to_csv(), "utf-8")
    import_prices(store, path, FileMap(), embedded, lambda *panels: [], lambda: NOW)
    return store.source()


def from_sec(folder: Path) -> FolderSource:
    embedded = EmbeddedSource(DATA)
    years = fiscal_years(embedded.table("capex"), "ORCL")
    spent = {"PaymentsToAcquirePropertyPlantAndEquipment": {"USD": []}}
    for rows in years.values():
        spent["PaymentsToAcquirePropertyPlantAndEquipment"]["USD"] += year_to_date(rows)
    count = {"end": "2026-06-12", "val": 2876, "accn": "1", "form": "10-K", "filed": "2026-06-22"}
    dei = {"EntityCommonStockSharesOutstanding": {"shares": [count]}}
    listed = {"0": {"cik_str": 1341439, "ticker": "ORCL", "title": "ORACLE CORP"}}
    with Loopback() as server:
        server.put("/files/company_tickers.json", json.dumps(listed).encode())
        body = company_facts(1341439, "ORACLE CORP", {"us-gaap": spent, "dei": dei})
        server.put("/api/xbrl/companyfacts/CIK0001341439.json", body)
        told = {
            "MARKETSHOCK_SEC_USER_AGENT": "a@b.example",
            "MARKETSHOCK_SEC_ADDRESS": server.address,
        }
        return fetched("sec", folder, told)


def from_french(folder: Path) -> FolderSource:
    embedded = EmbeddedSource(DATA)
    with Loopback() as server:
        for name, columns in FACTOR_FILES.items():
            table = "factors3_daily" if len(columns) == 4 else "factors5_daily"
            text = french_text(columns, list(embedded.table(table))[-500:], "202604")
            server.put(f"/{name}", zipped("factors.csv", text))
        return fetched("french", folder, {"MARKETSHOCK_FRENCH_ADDRESS": server.address})


def fetched(name: str, folder: Path, settings: dict[str, str]) -> FolderSource:
    store, embedded = VintageStore(name, folder), EmbeddedSource(DATA)
    symbols = ["ORCL"] if name == "sec" else []
    refresh_facts(store, settings, Clock().pace(), embedded, symbols, lambda: NOW)
    return store.source()


PRICES: dict[str, Callable[[Path], PriceSource]] = {
    "embedded": lambda folder: EmbeddedSource(DATA),
    "memory": from_memory,
    "files": from_files,
}
TABLES: dict[str, Callable[[Path], FolderSource]] = {"sec": from_sec, "french": from_french}
SOURCES: dict[str, Callable[[Path], PriceSource]] = {**PRICES, **TABLES}


@pytest.fixture(scope="module", params=PRICES)
def source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> PriceSource:
    return PRICES[request.param](tmp_path_factory.mktemp(request.param))


@pytest.fixture(params=SOURCES)
def built(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_it_has_its_name_and_a_vintage_of_twelve_digits(built: str, tmp_path: Path) -> None:
    source = SOURCES[built](tmp_path)
    assert source.name == built
    assert len(source.vintage) == 12
    assert set(source.vintage) <= set("0123456789abcdef")


def test_the_same_figures_have_the_same_vintage(built: str, tmp_path: Path) -> None:
    one, other = (SOURCES[built](tmp_path / name) for name in ("one", "other"))
    assert one.vintage == other.vintage


@pytest.mark.parametrize("name", TABLES)
def test_a_vintage_of_facts_says_what_it_lacks(name: str, tmp_path: Path) -> None:
    source = TABLES[name](tmp_path)
    with pytest.raises(NotCoveredError, match=f"{name} has no prices"):
        source.prices(["ORCL"])
    with pytest.raises(NotCoveredError, match="no table 'timeline'"):
        source.table("timeline")


def test_imported_prices_have_no_range(tmp_path: Path) -> None:
    with pytest.raises(NotCoveredError, match="prices_range"):
        from_files(tmp_path).prices(["NVDA"], "open")


@pytest.mark.parametrize("field", FIELDS)
def test_it_delivers_sessions_by_symbols(source: PriceSource, field: str) -> None:
    panel = source.prices(("NVDA", "AAPL"), field)  # type: ignore[arg-type]
    assert panel.symbols == ("NVDA", "AAPL")
    assert panel.values.shape == (len(panel.sessions), 2)
    assert panel.sessions.dtype == np.dtype("datetime64[D]")
    assert (np.diff(panel.sessions) > np.timedelta64(0)).all()


def test_close_is_the_default_field(source: PriceSource) -> None:
    plain, named = source.prices(["NVDA"]), source.prices(["NVDA"], "close")
    np.testing.assert_array_equal(plain.values, named.values)
    adjusted = source.prices(["NVDA"], "adj_close")
    assert (adjusted.values != plain.values).any()


def test_it_tells_the_basis_and_where_figures_come_from(source: PriceSource) -> None:
    assert source.prices(["NVDA"]).basis == "splits"
    assert source.prices(["NVDA"], "adj_close").basis == "splits_dividends"
    assert source.prices(["NVDA"]).sources


def test_what_it_delivers_cannot_be_written_to(source: PriceSource) -> None:
    panel = source.prices(["NVDA"])
    with pytest.raises(ValueError, match="read-only"):
        panel.values[-1, 0] = 0.0
    with pytest.raises(ValueError, match="read-only"):
        panel.sessions[0] = panel.sessions[1]


def test_order_is_that_of_the_question(source: PriceSource) -> None:
    one, other = source.prices(["AAPL", "NVDA"]), source.prices(["NVDA", "AAPL"])
    np.testing.assert_array_equal(one.values, other.values[:, ::-1])


def test_it_knows_the_close_of_the_shock(source: PriceSource) -> None:
    panel = source.prices(["NVDA"])
    at = int(np.flatnonzero(panel.sessions == np.datetime64("2025-01-27"))[0])
    assert panel.values[at - 1 : at + 1, 0] == pytest.approx([142.62, 118.42])


def test_a_symbol_that_it_does_not_carry_is_an_input_error(source: PriceSource) -> None:
    with pytest.raises((UserInputError, NotCoveredError), match=r"NVDAX.*NVDA"):
        source.prices(["AAPL", "NVDAX"])


def test_a_field_that_it_does_not_carry_is_an_input_error(source: PriceSource) -> None:
    with pytest.raises(UserInputError, match="vwap"):
        source.prices(["NVDA"], "vwap")  # type: ignore[arg-type]


def test_no_symbols_are_an_empty_panel(source: PriceSource) -> None:
    panel = source.prices([])
    assert panel.symbols == ()
    assert panel.values.shape == (len(panel.sessions), 0)


def close_panel(values: list[float], days: list[str], symbol: str) -> PricePanel:
    return PricePanel(
        np.array(values, float)[:, None], np.array(days, "datetime64[D]"), (symbol,), "splits"
    )


@pytest.mark.parametrize(
    ("values", "days", "symbol"),
    [
        ([1.0, 3.0], ["2025-01-24", "2025-01-27"], "NVDA"),
        ([1.0, 2.0], ["2025-01-24", "2025-01-28"], "NVDA"),
        ([1.0, 2.0], ["2025-01-24", "2025-01-27"], "AVGO"),
    ],
)
def test_other_figures_days_or_symbols_are_another_vintage(
    values: list[float], days: list[str], symbol: str
) -> None:
    one = MemorySource({"close": close_panel([1.0, 2.0], ["2025-01-24", "2025-01-27"], "NVDA")})
    assert MemorySource({"close": close_panel(values, days, symbol)}).vintage != one.vintage
