"""What must hold for any data: properties of abnormal returns and of the tests on them."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import scipy.stats as st
from hypothesis import given, settings
from hypothesis import strategies as hs

from marketshock.eventstudy.events import EventSet
from marketshock.eventstudy.models import MarketAdjusted, MarketModel, MeanAdjusted, Raw
from marketshock.eventstudy.windows import EventWindow
from marketshock.inference.nonparametric import placebo_rank

MARKET = MarketModel("M")
ZERO = EventWindow(0, 0)
WIDE = EventWindow(-1, 3)
few = settings(max_examples=10, deadline=None, derandomize=True)
seeds = hs.integers(0, 10**6)
fitted_models = hs.sampled_from([MeanAdjusted(), MARKET])
all_models = hs.sampled_from([Raw(), MeanAdjusted(), MarketAdjusted("M"), MARKET])


def near(expected, scale=1.0):
    return pytest.approx(expected, rel=1e-9, abs=1e-11 * scale)


@pytest.fixture(scope="session")
def run(make_frame, events_at, small_study):
    """Return a function: model and frame to result; all stocks on the session at 75."""

    def study(model, frame, *windows):
        spans = windows or ((0, 0), (-1, 3))
        return small_study(model, *spans).run(events_at(frame, 75), frame)

    return study


def statistics(result):
    return {
        (window, test.name): test.statistic
        for window, tests in result.tests.items()
        for test in tests
        if test.statistic is not None
    }


@few
@given(seeds, fitted_models)
def test_patell_of_one_event_is_its_t_over_the_variance_of_t(make_frame, run, seed, model):
    result = run(model, make_frame(1, seed=seed))
    t = result.abnormal.scar(WIDE)[0]
    df = result.abnormal.df[0]
    assert result.test("patell", WIDE).statistic ** 2 == near(t**2 * (df - 2) / df)


@few
@given(seeds, hs.integers(2, 8), all_models)
def test_bmp_is_the_one_sample_t_of_scar(make_frame, run, seed, stocks, model):
    result = run(model, make_frame(stocks, seed=seed))
    expected = st.ttest_1samp(result.abnormal.scar(WIDE), 0.0)
    ours = result.test("bmp", WIDE)
    assert (ours.statistic, ours.pvalue) == near((expected.statistic, expected.pvalue))


@few
@given(seeds, hs.integers(2, 8))
def test_bmp_is_the_cross_sectional_t_where_all_errors_are_equal(make_frame, run, seed, stocks):
    frame = make_frame(stocks, seed=seed)
    names = frame.columns[:-1]
    frame[names] /= np.sqrt((frame[names].iloc[10:70] ** 2).mean()) * 50
    result = run(Raw(), frame)
    assert result.abnormal.sigma == near(np.full(stocks, 0.02))
    plain = result.test("cross_sectional_t", WIDE).statistic
    assert result.test("bmp", WIDE).statistic == near(plain)


@few
@given(seeds, fitted_models)
def test_session_dummy_is_abnormal_return(make_frame, run, seed, model):
    frame = make_frame(2, seed=seed)
    result = run(model, frame, (0, 0))
    rows = [*range(10, 70), 75]
    columns = [np.ones(61), np.arange(61) == 60]
    if model is MARKET:
        columns.insert(1, frame["M"].iloc[rows])
    x = np.column_stack(columns).astype(float)
    inverse = np.linalg.inv(x.T @ x)
    for number, name in enumerate(frame.columns[:-1]):
        y = frame[name].iloc[rows].to_numpy()
        b = inverse @ x.T @ y
        s2 = np.sum((y - x @ b) ** 2) / (61 - x.shape[1])
        assert result.abnormal.ar[number, 0] == near(b[-1], 0.01)
        assert result.abnormal.car_error(ZERO)[number] == near(math.sqrt(s2 * inverse[-1, -1]))


@few
@given(seeds, hs.floats(-0.01, 0.01), fitted_models)
def test_a_constant_added_to_all_returns_changes_nothing_abnormal(
    make_frame, run, seed, constant, model
):
    frame = make_frame(seed=seed)
    before, after = run(model, frame), run(model, frame + constant)
    assert after.abnormal.ar == near(before.abnormal.ar, 0.1)
    assert statistics(after) == near(statistics(before))


@few
@given(seeds, hs.floats(1e-3, 1e3), all_models)
def test_scaled_returns_scale_abnormal_returns_and_leave_tests(
    make_frame, run, seed, factor, model
):
    frame = make_frame(seed=seed)
    before, after = run(model, frame), run(model, frame * factor)
    assert after.abnormal.ar == near(before.abnormal.ar * factor, factor * 0.1)
    assert after.abnormal.car_error(WIDE) == near(before.abnormal.car_error(WIDE) * factor)
    assert statistics(after) == near(statistics(before))


@few
@given(seeds, hs.integers(5, 9))
def test_without_correlation_the_adjusted_tests_are_the_plain_ones(make_frame, run, seed, stocks):
    from marketshock.inference.battery import battery

    abnormal = run(MARKET, make_frame(stocks, seed=seed)).abnormal
    found = {test.name: test for test in battery(abnormal.sample(WIDE, 0.0))}
    assert found["kp_bmp"].statistic == near(found["bmp"].statistic)
    assert found["kp_patell"].statistic == near(found["patell"].statistic)


@few
@given(seeds, hs.randoms(use_true_random=False))
def test_order_of_stocks_does_not_matter(make_frame, small_study, events_at, seed, random):
    frame = make_frame(6, seed=seed)
    events = list(events_at(frame, 75))
    study = small_study(MARKET, (0, 0), (-1, 3))
    before = study.run(EventSet(tuple(events)), frame)
    random.shuffle(events)
    columns = list(frame.columns)
    random.shuffle(columns)
    after = study.run(EventSet(tuple(events)), frame[columns])
    assert statistics(after) == near(statistics(before))
    order = [before.abnormal.symbols.index(symbol) for symbol in after.abnormal.symbols]
    assert np.array_equal(after.abnormal.ar, before.abnormal.ar[order])


@few
@given(seeds, all_models)
def test_order_of_estimation_sessions_does_not_matter(make_frame, run, seed, model):
    frame = make_frame(6, seed=seed)
    shuffled = frame.copy()
    order = np.random.default_rng(seed).permutation(60)
    shuffled.iloc[10:70] = frame.iloc[10:70].to_numpy()[order]
    before, after = run(model, frame, (0, 0)), run(model, shuffled, (0, 0))
    assert after.abnormal.ar == near(before.abnormal.ar, 0.1)
    assert statistics(after) == near(statistics(before))


@few
@given(seeds, all_models, hs.integers(-2, 3))
def test_window_of_one_session_is_that_session(make_frame, run, seed, model, tau):
    alone = run(model, make_frame(seed=seed), (tau, tau))
    among = run(model, make_frame(seed=seed), (-2, 3), (tau, tau), (0, 2))
    window = EventWindow(tau, tau)
    assert alone.abnormal.car(window) == near(alone.abnormal.ar[:, 0], 0.01)
    assert alone.abnormal.scar(window) == near(alone.abnormal.sar[:, 0])
    assert alone.abnormal.csar(window) == near(alone.abnormal.sar[:, 0])
    assert among.abnormal.sar[:, tau + 2] == near(alone.abnormal.sar[:, 0])
    ours, theirs = statistics(alone), statistics(among)
    assert ours == near({key: value for key, value in theirs.items() if key[0] == window})


@few
@given(seeds)
def test_market_adjusted_is_the_market_model_with_zero_and_one(make_frame, run, seed):
    frame = make_frame(seed=seed)
    stocks = list(frame.columns[:-1])
    adjusted = run(MarketAdjusted("M"), frame)
    excess = frame.copy()
    excess[stocks] = frame[stocks].sub(frame["M"], axis=0)
    imposed = run(Raw(), excess)
    assert adjusted.abnormal.ar == near(imposed.abnormal.ar, 0.1)
    assert adjusted.abnormal.sigma == near(imposed.abnormal.sigma)
    assert statistics(adjusted) == near(statistics(imposed))
    assert adjusted.abnormal.expected == near(
        frame["M"].iloc[74:79].to_numpy()[None, :] * np.ones((4, 1))
    )


@few
@given(seeds, all_models, hs.integers(-2, 0), hs.integers(0, 2), hs.integers(1, 2))
def test_windows_add_but_their_variances_do_not(make_frame, run, seed, model, first, more, rest):
    middle, last = first + more, first + more + rest
    spans = ((first, middle), (middle + 1, last), (first, last))
    abnormal = run(model, make_frame(seed=seed), *spans).abnormal
    left, right, whole = (EventWindow(*span) for span in spans)
    assert abnormal.car(left) + abnormal.car(right) == near(abnormal.car(whole), 0.1)
    parts = abnormal.car_error(left) ** 2 + abnormal.car_error(right) ** 2
    variance = abnormal.car_error(whole) ** 2
    if abnormal.parameters:
        assert (np.abs(variance - parts) > 1e-6 * variance).all()
    else:
        assert variance == near(parts, 1e-3)


def test_variance_of_a_window_is_not_the_sum_of_its_sessions(make_frame, run):
    """With M = 60 and the mean model the exact factor is L + L^2 / 60."""
    abnormal = run(MeanAdjusted(), make_frame(), (-2, 7)).abnormal
    ratio = (abnormal.car_error(EventWindow(-2, 7)) / abnormal.sigma) ** 2
    assert ratio == near(np.full(4, 10 + 100 / 60))
    one_by_one = sum((abnormal.ar / abnormal.sar / abnormal.sigma[:, None]).T ** 2)
    assert one_by_one == near(np.full(4, 10 + 10 / 60))


def test_noise_free_effect_comes_back_exactly(make_frame, run):
    frame = make_frame()
    calm = run(MARKET, frame).abnormal.ar
    frame.iloc[75, :4] -= 0.17
    assert run(MARKET, frame).abnormal.ar - calm == pytest.approx(
        np.array([[0, -0.17, 0, 0, 0]] * 4), abs=1e-15
    )


@pytest.mark.parametrize("length", [1, 3])
def test_placebo_p_is_uniform_without_an_effect(make_frame, small_study, run, length):
    """600 portfolios; rejection rates stay inside a binomial band that fails once in 10 000."""
    rng = np.random.default_rng(20250127 + length)
    template = run(Raw(), make_frame(4), (0, length - 1)).abnormal.sample(
        EventWindow(0, length - 1)
    )
    pvalues = []
    for _ in range(600):
        draws = rng.standard_t(4, size=(4, 60 + length)) + rng.normal(size=60 + length)
        sample = dataclasses.replace(
            template, residuals=draws[:, :60], car=draws[:, 60:].sum(axis=1)
        )
        pvalues.append(placebo_rank(sample).pvalue)
    for level in (0.05, 0.1, 0.25, 0.5, 0.75):
        rejected = int(np.sum(np.array(pvalues) <= level))
        n = 61 - length
        reachable = math.floor(level * (n + 1) + 1e-9) / (n + 1)
        low, high = st.binom.interval(0.9999, 600, reachable)
        assert low <= rejected <= high
