"""What came next: against the engine, prices and brute force; base rates under the null."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from marketshock.analogue_study import analogues
from marketshock.desk import Desk
from marketshock.eventstudy.events import Event, EventSet
from marketshock.eventstudy.models import MarketModel
from marketshock.eventstudy.study import EventStudy
from marketshock.eventstudy.windows import EventWindow
from marketshock.inference.multiplicity import holm
from marketshock.inference.outcomes import overlapping
from marketshock.market.panel import PricePanel
from marketshock.shock.analogues import Analogues
from marketshock.shock.analogues_next import HORIZONS, MEASURES, base_rate


@pytest.fixture(scope="module")
def found() -> Analogues:
    return analogues("deepseek")


@pytest.fixture(scope="module")
def prices(desk: Desk) -> PricePanel:
    return desk.source.prices(desk.universe.stocks(), "adj_close")


@pytest.mark.parametrize("horizon", HORIZONS)
def test_abnormal_returns_are_those_of_an_event_study_of_each(
    found: Analogues, desk: Desk, horizon: int
) -> None:
    outcome = found.outcome(horizon)
    passed = [
        (shock, value)
        for shock, value in zip(found.shocks, outcome.values, strict=True)
        if value == value
    ]
    symbols = sorted({shock.symbol for shock, _ in passed})
    events = EventSet(
        tuple(Event(str(at), one.symbol, one.session) for at, (one, _) in enumerate(passed))
    )
    window = EventWindow(1, horizon)
    study = EventStudy(MarketModel(), window, placebo_sessions=0, tests=("portfolio_t",))
    result = study.run(events, desk.returns(symbols, "^GSPC"))
    assert len(result.abnormal) == len(passed) == outcome.n
    cars = dict(zip(result.abnormal.event_ids, result.abnormal.car(window).tolist(), strict=True))
    for at, (_, value) in enumerate(passed):
        assert value == pytest.approx(cars[str(at)], abs=1e-10)


@pytest.mark.parametrize("horizon", HORIZONS)
def test_returns_are_those_of_prices(found: Analogues, prices: PricePanel, horizon: int) -> None:
    outcome = found.outcome(horizon, "return")
    last = found.nearest.known.scan.sar.shape[0] - 1
    for shock, value in zip(found.shocks, outcome.values, strict=True):
        column = prices.column(shock.symbol)
        if shock.row + horizon > last:
            assert math.isnan(value)
        else:
            grown = column[shock.row + horizon] / column[shock.row] - 1
            assert value == pytest.approx(grown, abs=1e-9)


def test_the_table_counts_what_the_rows_hold(found: Analogues) -> None:
    rows = found.table()
    for row in found.next_table():
        values = [v for v in rows[f"{row['measure']}_{row['horizon']}"] if v is not None]
        assert row["n"] == len(values)
        assert row["mean"] == pytest.approx(np.mean(values))
        assert row["median"] == pytest.approx(np.median(values))
        assert row["positive"] == pytest.approx(np.mean([v > 0 for v in values]))
        assert row["positive_low"] <= row["positive"] <= row["positive_high"]
        assert row["base_low"] <= row["base_mean"] <= row["base_high"]


@pytest.mark.parametrize("measure", MEASURES)
def test_p_values_are_adjusted_for_the_number_of_horizons(found: Analogues, measure: str) -> None:
    rows = list(found.next_table().where(measure=measure))
    expected = holm(np.array([row["pvalue"] for row in rows]))
    assert [row["pvalue_holm"] for row in rows] == pytest.approx(expected.tolist())


def test_the_price_comes_back_when_the_prices_say_so(found: Analogues, prices: PricePanel) -> None:
    last = found.nearest.known.scan.sar.shape[0]
    waits, ended = [], []
    for shock in found.shocks:
        column = prices.column(shock.symbol)
        if column[shock.row] >= column[shock.row - 1]:
            continue
        after = column[shock.row + 1 : last]
        back = np.flatnonzero(after >= column[shock.row - 1] * (1 - 1e-12))
        waits.append(int(back[0]) + 1 if len(back) else len(after))
        ended.append(bool(len(back)))
    assert found.recovery is not None
    assert found.recovery.after.n == len(waits)
    assert found.recovery.after.happened == sum(ended)
    assert all(ended) or found.recovery.after.waiting > 0
    ordered = sorted(waits)
    assert found.recovery.after.median == ordered[math.ceil(len(ordered) / 2) - 1]


def table_of(kind: str, random: np.random.Generator, horizon: int) -> npt.NDArray[np.float64]:
    """Sums of the next returns of ten stocks with a common part."""
    common, own = random.normal(size=(600, 1)), random.normal(size=(600, 10))
    daily = 0.6 * common + own if kind == "common" else own
    path = np.vstack([np.zeros((1, 10)), np.cumsum(daily, axis=0)])
    table = np.full((600, 10), np.nan)
    table[: 600 - horizon] = path[horizon:-1] - path[: 600 - horizon]
    table[:40, 3] = np.nan
    return table


def test_the_base_rate_is_about_the_average_session_of_the_stocks() -> None:
    random = np.random.default_rng(1)
    table = table_of("own", random, 5) + np.arange(10.0)
    rows, columns = np.array([100, 200, 201, 400]), np.array([2, 3, 3, 9])
    base = base_rate(table, rows, columns, overlapping(rows, 5), random)
    assert base is not None
    expected = np.nanmean(table[:, columns])
    assert base.mean == pytest.approx(expected, abs=0.05)
    drawn = table[:, columns]
    positive = np.nanmean((drawn > 0).sum(axis=0) / np.isfinite(drawn).sum(axis=0))
    assert base.share == pytest.approx(positive, abs=0.02)
    assert base.pvalue >= 1 / 10_000


def test_an_outcome_beyond_all_others_has_the_smallest_p() -> None:
    random = np.random.default_rng(1)
    table = table_of("own", random, 1)
    rows, columns = np.arange(50, 500, 30), np.arange(15) % 10
    table[rows, columns] += 40.0
    base = base_rate(table, rows, columns, overlapping(rows, 1), random)
    assert base is not None
    assert base.pvalue == 1 / 10_000


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["own", "common"])
@pytest.mark.parametrize("horizon", [1, 20, 60])
def test_p_values_are_uniform_where_nothing_happened(kind: str, horizon: int) -> None:
    random = np.random.default_rng(horizon)
    pvalues = []
    for _ in range(300):
        table = table_of(kind, random, horizon)
        rows = np.sort(random.choice(np.arange(60, 500), 12, replace=False))
        columns = random.integers(0, 10, 12)
        base = base_rate(table, rows, columns, overlapping(rows, horizon), random)
        assert base is not None
        pvalues.append(base.pvalue)
    assert stats.kstest(pvalues, "uniform").pvalue > 0.001
    rate, error = np.mean(np.array(pvalues) < 0.05), math.sqrt(0.05 * 0.95 / 300)
    assert abs(rate - 0.05) < 0.03 + 2 * error
