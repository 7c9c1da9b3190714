"""The scan against the engine, against numpy's QR with gaps, and its own windows to the bit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from marketshock.desk import Desk, named_model
from marketshock.errors import InsufficientDataError, UserInputError
from marketshock.eventstudy.events import Event, EventSet
from marketshock.eventstudy.models import FactorModel, MarketModel, MeanAdjusted, Raw
from marketshock.eventstudy.scan import Scan, scan
from marketshock.eventstudy.study import EventStudy
from marketshock.eventstudy.windows import EstimationWindow, EventWindow
from marketshock.market.panel import ReturnPanel

LINEAR = ("raw", "mean", "market_adjusted", "market", "capm", "ff3", "carhart", "ff5")
ESTIMATION = EstimationWindow(60, 5, 40)
Panel = Callable[..., ReturnPanel]


@pytest.fixture(scope="module")
def real(desk: Desk) -> ReturnPanel:
    """Every symbol of the vintage: late starts, early ends, funds, and indices."""
    return desk.returns([name for name in desk.universe.instruments if name != "^GSPC"], "^GSPC")


@pytest.fixture(scope="module")
def panel() -> Panel:
    """Return a builder of returns with holes: stocks S0, S1, ..., the market M, factors F."""

    def make(
        stocks: int = 6, sessions: int = 400, seed: int = 3, holes: float = 0.03
    ) -> ReturnPanel:
        rng = np.random.default_rng(seed)
        market = rng.normal(0.0004, 0.01, (sessions, 1))
        values = market * rng.normal(1, 0.3, stocks) + rng.normal(0, 0.02, (sessions, stocks))
        values[rng.random(values.shape) < holes] = np.nan
        values[:150, 0] = np.nan
        days = np.datetime64("2020-01-01", "D") + np.arange(sessions)
        names = (*(f"S{number}" for number in range(stocks)), "M")
        return ReturnPanel(np.hstack([values, market]), days, names, "splits_dividends")

    return make


def changed(panel: ReturnPanel, rows: slice, columns: slice, value: float) -> ReturnPanel:
    """Return the panel with some returns replaced."""
    values = panel.values.copy()
    values[rows, columns] = value
    return ReturnPanel(values, panel.sessions.copy(), panel.symbols, panel.basis)


def by_qr(panel: ReturnPanel, stock: int, session: int, x: Any) -> tuple[float, float, int]:
    """Return AR, SAR and sessions used by numpy's QR on one stock's own sessions."""
    rows = np.arange(session + ESTIMATION.first, session + ESTIMATION.last + 1)
    y = panel.values[:, stock]
    used = rows[np.isfinite(y[rows])]
    q, r = np.linalg.qr(x[used])
    beta = np.linalg.solve(r, q.T @ y[used])
    residuals = y[used] - x[used] @ beta
    abnormal = y[session] - x[session] @ beta
    lever = np.linalg.solve(r.T, x[session])
    variance = residuals @ residuals / (len(used) - x.shape[1]) * (1 + lever @ lever)
    return float(abnormal), float(abnormal / np.sqrt(variance)), len(used)


@pytest.mark.parametrize("name", LINEAR)
def test_scan_is_the_engine(name: str, desk: Desk, real: ReturnPanel) -> None:
    """Random stock-days of the real panel, and whether they can be studied at all."""
    factors, model = desk.factors(name), named_model(name, "^GSPC")
    found = scan(real, model, factors=factors)
    rng = np.random.default_rng(17)
    chosen = rng.integers(0, found.sar.size, 400)
    rows, columns = np.unravel_index(np.unique(chosen), found.sar.shape)
    events = [
        Event(str(number), found.symbols[column], found.sessions[row].astype(dt.date))
        for number, (row, column) in enumerate(zip(rows, columns, strict=True))
    ]
    study = EventStudy(model, EventWindow(0, 0), placebo_sessions=0, most_dropped=1.0)
    result = study.run(EventSet(tuple(events)), real, factors)
    kept = np.array([int(name) for name in result.abnormal.event_ids])
    assert len(kept) > 250
    estimated = np.zeros(len(rows), bool)
    estimated[kept] = True
    assert np.array_equal(estimated, np.isfinite(found.sar[rows, columns]))
    at = rows[kept], columns[kept]
    sar = result.abnormal.ar[:, 0] / np.sqrt(
        result.abnormal.variance * result.abnormal.forecast[:, 0, 0]
    )
    assert np.array_equal(found.count[at], result.abnormal.observations)
    assert np.array_equal(found.df[at], result.abnormal.df)
    assert found.sar[at] == pytest.approx(sar, rel=1e-10, abs=1e-10)
    assert found.ar[at] == pytest.approx(result.abnormal.ar[:, 0], rel=1e-10, abs=1e-14)


def test_scan_is_numpy_qr_with_holes(panel: Panel) -> None:
    returns = panel()
    found = scan(returns, MarketModel("M"), ESTIMATION)
    x = np.column_stack([np.ones(len(returns.sessions)), returns.values[:, -1]])
    rows, columns = np.nonzero(found.count)
    assert (found.count[rows, columns] < ESTIMATION.length).mean() > 0.5
    for row, column in zip(rows, columns, strict=True):
        abnormal, standardised, count = by_qr(returns, column, row, x)
        assert found.count[row, column] == count
        assert found.ar[row, column] == pytest.approx(abnormal, rel=1e-10, abs=1e-13)
        assert found.sar[row, column] == pytest.approx(standardised, rel=1e-10, abs=1e-11)


def test_six_factors_are_numpy_qr_with_holes(panel: Panel) -> None:
    returns = panel(stocks=3)
    rng = np.random.default_rng(5)
    values = rng.normal(0.0, 0.01, (len(returns.sessions), 6)) + returns.values[:, -1:]
    names = tuple(f"f{number}" for number in range(6))
    factors = ReturnPanel(values, returns.sessions.copy(), names, "index")
    found = scan(returns, FactorModel("own", names, ""), ESTIMATION, factors)
    x = np.column_stack([np.ones(len(values)), values])
    for row, column in zip(*np.nonzero(found.count), strict=True):
        abnormal, standardised, _ = by_qr(returns, column, row, x)
        assert found.ar[row, column] == pytest.approx(abnormal, rel=1e-10, abs=1e-13)
        assert found.sar[row, column] == pytest.approx(standardised, rel=1e-10, abs=1e-11)


def test_nothing_outside_a_window_touches_it(panel: Panel) -> None:
    """A bad tick, a missing return or a halt changes no bit of a window that lacks it."""
    returns = panel(holes=0.01)
    before = scan(returns, MarketModel("M"), ESTIMATION)
    bad = 230
    for value in (1e6, np.nan, 0.0):
        after = scan(
            changed(returns, slice(bad, bad + 1), slice(0, 3), value), MarketModel("M"), ESTIMATION
        )
        touched = np.zeros(len(before.sessions), bool)
        touched[bad] = True
        touched[bad - ESTIMATION.last : bad - ESTIMATION.first + 1] = True
        for name in ("ar", "sar", "count"):
            old, new = getattr(before, name), getattr(after, name)
            assert np.array_equal(old[~touched], new[~touched], equal_nan=True)
            assert np.array_equal(old[:, 3:], new[:, 3:], equal_nan=True)
        assert not np.array_equal(before.ar[touched, :3], after.ar[touched, :3], equal_nan=True)


def test_the_future_changes_nothing(panel: Panel) -> None:
    returns = panel()
    before = scan(returns, MarketModel("M"), ESTIMATION)
    for cut in (130, 200, 333):
        values = returns.values.copy()
        values[cut:] = np.random.default_rng(cut).normal(0, 5.0, values[cut:].shape)
        later = ReturnPanel(values, returns.sessions.copy(), returns.symbols, returns.basis)
        after = scan(later, MarketModel("M"), ESTIMATION)
        short = scan(
            ReturnPanel(
                returns.values[:cut].copy(),
                returns.sessions[:cut].copy(),
                returns.symbols,
                returns.basis,
            ),
            MarketModel("M"),
            ESTIMATION,
        )
        for name in ("ar", "sar", "count"):
            past = getattr(before, name)[:cut]
            assert np.array_equal(past, getattr(after, name)[:cut], equal_nan=True)
            assert np.array_equal(past, getattr(short, name), equal_nan=True)


@pytest.mark.parametrize("scale", [1e-9, 1e-4])
def test_accurate_after_a_bad_tick_and_in_a_near_halt(panel: Panel, scale: float) -> None:
    """The residual variance agrees with 80-bit arithmetic to 1e-10."""
    returns = panel(holes=0.0, seed=8)
    values = returns.values.copy()
    values[155, :-1] = 1e6
    values[160:230, :-1] *= scale
    stressed = ReturnPanel(values, returns.sessions.copy(), returns.symbols, returns.basis)
    found = scan(stressed, MarketModel("M"), ESTIMATION)
    market = values[:, -1].astype(np.longdouble)
    for session in range(160 - ESTIMATION.first, 230 - ESTIMATION.last):
        rows = np.arange(session + ESTIMATION.first, session + ESTIMATION.last + 1)
        m = market[rows] - market[rows].mean()
        y = values[rows, 1:-1].astype(np.longdouble)
        mean = y.mean(axis=0)
        beta = m @ (y - mean) / (m @ m)
        residuals = y - mean - m[:, None] * beta
        ahead = market[session] - market[rows].mean()
        factor = 1 + 1 / np.longdouble(len(rows)) + ahead * ahead / (m @ m)
        variance = (residuals**2).sum(axis=0) / (len(rows) - 2) * factor
        exact = (values[session, 1:-1] - mean - beta * ahead) / np.sqrt(variance)
        assert found.sar[session, 1:] == pytest.approx(exact.astype(float), rel=1e-10, abs=1e-10)


def test_a_perfect_tracker_and_a_halt_have_no_answer(panel: Panel) -> None:
    returns = panel(holes=0.0)
    values = returns.values.copy()
    values[:, 1] = 2.0 * values[:, -1]
    values[:, 2] = 0.0
    found = scan(
        ReturnPanel(values, returns.sessions.copy(), returns.symbols, returns.basis),
        MarketModel("M"),
        ESTIMATION,
    )
    assert not found.count[:, 1:3].any()
    assert np.isnan(found.sar[:, 1:3]).all()
    assert found.count[-1, 3] == ESTIMATION.length


def test_a_close_tracker_is_measured_from_residuals(panel: Panel) -> None:
    returns = panel(holes=0.0)
    values = returns.values.copy()
    values[:, 1] = values[:, -1] + 1e-6 * np.random.default_rng(2).normal(size=len(values))
    tracked = ReturnPanel(values, returns.sessions.copy(), returns.symbols, returns.basis)
    found = scan(tracked, MarketModel("M"), ESTIMATION)
    x = np.column_stack([np.ones(len(values)), values[:, -1]])
    for session in (70, 200, 399):
        assert found.sar[session, 1] == pytest.approx(by_qr(tracked, 1, session, x)[1], rel=1e-9)


def test_few_sessions_and_few_stocks() -> None:
    """A panel shorter than its window has no answer; one of just its length has one."""
    days = np.datetime64("2024-01-01", "D") + np.arange(30)
    values = np.random.default_rng(0).normal(0, 0.01, (30, 1))
    panel = ReturnPanel(values, days, ("A",), "splits_dividends")
    for length, sessions in ((40, 0), (30, 0), (29, 1), (10, 20)):
        found = scan(panel, MeanAdjusted(), EstimationWindow(length, 0, 3))
        assert found.n_stock_days == sessions
    window = scan(panel, MeanAdjusted(), EstimationWindow(29, 0))
    expected = values[29, 0] - values[:29, 0].mean()
    assert window.ar[29, 0] == pytest.approx(expected, rel=1e-12)
    assert window.sar[29, 0] == pytest.approx(
        expected / (values[:29, 0].std(ddof=1) * np.sqrt(1 + 1 / 29)), rel=1e-12
    )


@pytest.fixture
def small() -> Scan:
    """Three stocks on five sessions after 20, by the raw model."""
    values = np.random.default_rng(4).normal(0, 0.01, (25, 3))
    values[24] = (0.5, -0.7, np.nan)
    days = np.datetime64("2024-01-01", "D") + np.arange(25)
    panel = ReturnPanel(values, days, ("A", "B", "C"), "splits_dividends")
    return scan(panel, Raw(), EstimationWindow(20, 0))


def test_largest_by_size_and_by_dollars(small: Scan) -> None:
    first, second = list(small.largest(2))
    assert (first["symbol"], first["return"], first["date"]) == ("B", -0.7, dt.date(2024, 1, 25))
    assert (second["symbol"], second["rank"]) == ("A", 2)
    assert abs(first["sar"]) >= abs(second["sar"])
    changes = np.zeros((25, 3))
    changes[22] = (-3.0, np.nan, -9.0)
    changes[21, 0] = -5.0
    changes[23, 1] = 4.0
    changes[2, 0] = -99.0
    rows = list(small.largest(10, "usd", changes=changes))
    assert [row["loss_usd_bn"] for row in rows] == [-9.0, -5.0, -3.0]
    assert small.largest(1, changes=changes)["loss_usd_bn"] == (0.0,)
    assert len(small.largest(99, until=dt.date(2024, 1, 22))) == 6
    assert set(small.largest(99, since=dt.date(2024, 1, 25))["symbol"]) == {"A", "B"}


def test_breadth_counts_both_sides(small: Scan) -> None:
    breadth = small.breadth(5.0)
    assert (breadth.below[24], breadth.above[24], breadth.n[24]) == (1, 1, 2)
    assert breadth.share[24] == 1.0
    assert np.isnan(breadth.share[:20]).all()
    assert len(breadth.table()) == 5


def test_what_cannot_be_ranked_or_scanned_says_why(small: Scan, real: ReturnPanel) -> None:
    with pytest.raises(UserInputError, match="0 rows"):
        small.largest(0)
    with pytest.raises(UserInputError, match="needs changes"):
        small.largest(1, "usd")
    with pytest.raises(InsufficientDataError, match="between 2030-01-01"):
        small.largest(1, since=dt.date(2030, 1, 1))
    with pytest.raises(UserInputError, match="estimator of its own"):
        scan(real, named_model("garch", "^GSPC"))
