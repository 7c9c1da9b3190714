"""What every source of prices must keep; a new source only adds a line to SOURCES."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from marketshock.errors import UserInputError
from marketshock.market.panel import PricePanel
from marketshock.sources.base import PriceSource
from marketshock.sources.bundle import EmbeddedSource
from marketshock.sources.memory import MemorySource

DATA = Path(__file__).resolve().parents[2] / "data"
FIELDS = ("close", "adj_close", "volume")
SYMBOLS = ("AAPL", "META", "NVDA")


def from_memory() -> MemorySource:
    embedded = EmbeddedSource(DATA)
    return MemorySource({field: embedded.prices(SYMBOLS, field) for field in FIELDS})


SOURCES: dict[str, Callable[[], PriceSource]] = {
    "embedded": lambda: EmbeddedSource(DATA),
    "memory": from_memory,
}


@pytest.fixture(params=SOURCES)
def source(request: pytest.FixtureRequest) -> PriceSource:
    return SOURCES[request.param]()


def test_it_has_a_name_and_a_vintage_of_twelve_digits(source: PriceSource) -> None:
    assert source.name in SOURCES
    assert len(source.vintage) == 12
    assert set(source.vintage) <= set("0123456789abcdef")


def test_the_same_figures_have_the_same_vintage(request: pytest.FixtureRequest) -> None:
    for build in SOURCES.values():
        assert build().vintage == build().vintage


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
    with pytest.raises(UserInputError, match=r"'NVDAX'.*NVDA"):
        source.prices(["AAPL", "NVDAX"])


def test_a_field_that_it_does_not_carry_is_an_input_error(source: PriceSource) -> None:
    with pytest.raises(UserInputError, match="open"):
        source.prices(["NVDA"], "open")  # type: ignore[arg-type]


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
