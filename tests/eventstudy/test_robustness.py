"""The robustness grid: every row equals a study of its own, and failures are rows."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import marketshock as ms
from marketshock.errors import UserInputError
from marketshock.eventstudy.events import EventSet
from marketshock.eventstudy.models import FactorModel, MarketModel, MeanAdjusted, Raw
from marketshock.eventstudy.robustness import RobustnessGrid, robustness
from marketshock.eventstudy.study import EventStudy
from marketshock.eventstudy.windows import EstimationWindow, EventWindow
from marketshock.market.panel import ReturnPanel

AT = 130
SPANS = [EventWindow(0, 0), EventWindow(-1, 1)]
LENGTHS = [EstimationWindow(60, 5), EstimationWindow(100, 5)]
DECLARED = EventStudy(MarketModel("M"), EventWindow(-1, 1), EstimationWindow(100, 5))


@pytest.fixture(scope="module")
def frame(make_frame: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    return make_frame(stocks=5, sessions=140, seed=3)


@pytest.fixture(scope="module")
def grid(frame: pd.DataFrame, events_at: Callable[..., EventSet]) -> RobustnessGrid:
    return robustness(
        DECLARED,
        events_at(frame, AT),
        frame,
        windows=SPANS,
        models=[Raw(), MeanAdjusted(), MarketModel("M")],
        estimations=LENGTHS,
        tests=("portfolio_t", "kp_patell"),
    )


def test_every_combination_stands_once_for_each_test(grid: RobustnessGrid) -> None:
    table = grid.to_frame()
    keys = ["model", "first", "last", "estimation", "gap", "test"]
    assert len(table) == 3 * 2 * 2 * 2
    assert not table.duplicated(keys).any()
    assert list(table["test"][:12]) == ["portfolio_t"] * 12


@pytest.mark.parametrize("span", SPANS, ids=str)
@pytest.mark.parametrize("estimation", LENGTHS, ids=str)
def test_a_row_equals_a_regression_with_a_dummy(
    grid: RobustnessGrid, frame: pd.DataFrame, span: EventWindow, estimation: EstimationWindow
) -> None:
    """One dummy a session, sum of their coefficients: CAAR, its error and its interval."""
    rows = [*range(AT - 5 - estimation.length, AT - 5), *range(AT + span.first, AT + span.last + 1)]
    days = np.vstack([np.zeros((estimation.length, span.length)), np.eye(span.length)])
    x = np.column_stack([np.ones(len(rows)), frame["M"].iloc[rows], days])
    fit = sm.OLS(frame.filter(like="S").mean(axis=1).iloc[rows].to_numpy(), x).fit()
    answer = fit.t_test(np.r_[0.0, 0.0, np.ones(span.length)])
    row = next(
        s
        for s in grid.headline
        if (s.model, s.window, s.estimation) == ("market", span, estimation)
    )
    assert row.caar == pytest.approx(answer.effect[0], rel=1e-9)
    assert row.pvalue == pytest.approx(float(answer.pvalue), rel=1e-6)
    assert row.interval == pytest.approx(answer.conf_int()[0], rel=1e-9)
    assert row.declared == ((span, estimation) == (SPANS[1], LENGTHS[1]))


def test_the_summary_follows_from_the_rows(grid: RobustnessGrid) -> None:
    table = grid.to_frame()
    own = table[(table["test"] == "portfolio_t")]
    valid = own[own["valid"]]
    assert grid.share_rejecting == pytest.approx((valid["pvalue"].astype(float) < 0.05).mean())
    assert grid.median == pytest.approx(median(own["caar"]))
    assert grid.range == (own["caar"].min(), own["caar"].max())
    for lang in ("en", "it"):
        words = grid.sentence()[lang]
        assert "12" in words
        assert ms.Locale(lang).percent(grid.median, sign=True) in words
        assert ms.Locale(lang).percent(grid.share_rejecting, 0) in words
    assert grid.sentence().en in repr(grid)
    assert "<table>" in grid._repr_html_()


def test_only_a_test_with_a_standard_error_has_an_interval(grid: RobustnessGrid) -> None:
    names = {s.test.name for s in grid.specifications if s.interval is None}
    assert names == {"kp_patell"}


def test_the_declared_choice_is_added_and_marked_once(
    frame: pd.DataFrame, events_at: Callable[..., EventSet]
) -> None:
    grid = robustness(DECLARED, events_at(frame, AT), frame, models=[Raw()])
    assert [(s.model, s.declared) for s in grid.headline] == [("market", True), ("raw", False)]
    assert grid.declared is grid.headline[0]


def test_what_can_not_be_computed_is_a_row_with_a_reason(
    frame: pd.DataFrame, events_at: Callable[..., EventSet]
) -> None:
    grid = robustness(
        DECLARED,
        events_at(frame, AT),
        frame,
        windows=[*SPANS, EventWindow(-9, 0), EventWindow(0, 30)],
        models=[FactorModel("ff3", ("mkt_rf",))],
        estimations=[*LENGTHS, EstimationWindow(130, 5)],
    )
    assert len(grid.specifications) == 2 * 4 * 3
    assert len(grid.headline) == 2 * 2
    for row in grid.failed:
        assert row.caar is None
        assert row.pvalue is None
        assert not row.valid
        assert row.n == 0
        assert row.reason.en
        assert row.reason.it
        assert row.reason.en != row.reason.it
    reasons = {row.reason.en for row in grid.failed}
    for part in ("needs factors", "reaches into", "ends after the last", "start before"):
        assert any(part in reason for reason in reasons), part
    assert "20 could not be computed" in grid.sentence().en
    assert "non calcolabili 20" in grid.sentence().it


def test_nothing_computable_is_said(frame: pd.DataFrame, events_at: Any) -> None:
    short = EventStudy(MarketModel("M"), EventWindow(0, 0), EstimationWindow(135, 5))
    grid = robustness(short, events_at(frame, AT), frame)
    assert grid.median is None
    assert grid.range is None
    assert grid.share_rejecting is None
    assert grid.declared is None
    assert grid.sentence().en == "No specification could be computed."


def test_one_event_has_no_valid_group_test(frame: pd.DataFrame) -> None:
    grid = robustness(DECLARED, EventSet.on_date(["S0"], frame.index[AT].date()), frame)
    assert grid.share_rejecting is None
    assert "portfolio_t is valid in none" in grid.sentence().en


def test_a_row_depends_on_nothing_outside_its_own_window(
    frame: pd.DataFrame, events_at: Callable[..., EventSet]
) -> None:
    """A stock without a return after session 0 still counts in the window [0, 0]."""
    gappy = frame.copy()
    gappy.loc[gappy.index[AT + 1], "S0"] = np.nan
    grid = robustness(
        DECLARED, events_at(frame, AT), gappy, windows=[EventWindow(0, 0), EventWindow(0, 2)]
    )
    assert {s.window: s.n for s in grid.headline} == {
        EventWindow(-1, 1): 4,
        EventWindow(0, 0): 5,
        EventWindow(0, 2): 4,
    }


def test_each_model_reads_its_own_factors(
    frame: pd.DataFrame,
    events_at: Callable[..., EventSet],
    factor_panel: Callable[[pd.DataFrame], ReturnPanel],
) -> None:
    factors = factor_panel(frame)
    model = FactorModel("ff3", ("mkt_rf", "smb", "hml"))
    given: dict[str, ReturnPanel | None] = {"ff3": factors, "market": None}
    both = robustness(DECLARED, events_at(frame, AT), frame, models=[model], factors=given)
    alone = EventStudy(model, SPANS[1], LENGTHS[1], placebo_sessions=0)
    result = alone.run(events_at(frame, AT), frame, factors)
    assert both.headline[1].caar == result.abnormal.caar(SPANS[1])


def test_progress_counts_to_the_end(frame: pd.DataFrame, events_at: Any) -> None:
    told: list[tuple[int, int]] = []
    robustness(
        DECLARED,
        events_at(frame, AT),
        frame,
        windows=SPANS,
        progress=lambda done, of: told.append((done, of)),
    )
    assert told == [(1, 2), (2, 2)]


@pytest.mark.parametrize("tests", [(), ("portfolio_tt",)])
def test_an_unknown_test_is_an_error(
    frame: pd.DataFrame, events_at: Any, tests: tuple[str, ...]
) -> None:
    with pytest.raises(UserInputError, match="portfolio_t"):
        robustness(DECLARED, events_at(frame, AT), frame, tests=tests)


def test_the_short_way_agrees_with_the_study() -> None:
    grid = ms.robustness("deepseek", models=("market", "ff3"), estimations=(120,))
    assert len(grid.headline) == 2 * 3 * 2
    shock = ms.event_study("deepseek", window=(0, 0), model="market")
    assert grid.declared is not None
    assert grid.declared.caar == shock.result.abnormal.caar(EventWindow(0, 0))
    assert grid.declared.pvalue == shock.result.test("portfolio_t").pvalue
    assert len({source.name for source in grid.sources}) == len(grid.sources) == 2
    last = max(shock.result.abnormal.sessions[:, -1])
    assert all(source.as_of >= last.astype(object) for source in grid.sources if source.as_of)
