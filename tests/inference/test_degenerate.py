"""Samples from which nothing can be learnt: a reason instead of a number."""

from __future__ import annotations

import math

import numpy as np
import pytest

from marketshock.inference import battery as all_tests
from marketshock.inference import nonparametric, parametric
from marketshock.inference.significance import f_pvalue, from_normal, t_pvalue

ACROSS = ("cross_sectional_t", "bmp", "kp_bmp")


def answers(sample):
    return {answer.name: answer for answer in all_tests.battery(sample)}


def assert_numbers_or_reasons(found):
    for answer in found.values():
        if answer.statistic is None:
            assert answer.pvalue is None
            assert not answer.valid
            assert answer.reason.en
            assert answer.reason.it
        else:
            assert math.isfinite(answer.statistic)
            assert 0.0 < answer.pvalue <= 1.0


@pytest.mark.parametrize("name", [*ACROSS, "wilcoxon"])
def test_one_event_has_no_dispersion(make_sample, name):
    found = answers(make_sample(1, correlation=0.0))
    assert_numbers_or_reasons(found)
    assert found[name].statistic is None
    assert "two events" in found[name].reason.en
    assert "not available" in str(found[name])


@pytest.mark.parametrize("value", [-0.013, 0.1, 1e-9])
def test_equal_values_have_no_dispersion(make_sample, value):
    sample = make_sample(7, car=np.full(7, value), scar=np.full(7, 100 * value))
    found = answers(sample)
    assert_numbers_or_reasons(found)
    for name in ACROSS:
        assert found[name].statistic is None
        assert "equal" in found[name].reason.en


def test_no_return_at_all_is_no_effect(make_sample):
    found = answers(make_sample(7, car=np.zeros(7), scar=np.zeros(7)))
    assert_numbers_or_reasons(found)
    assert found["portfolio_t"].pvalue == found["patell"].pvalue == 1.0
    assert found["placebo_rank"].pvalue == 1.0
    assert found["wilcoxon"].statistic is None
    assert "two events" not in found["wilcoxon"].reason.en


@pytest.mark.parametrize(("df", "known"), [(1.0, False), (2.0, False), (3.0, True)])
def test_patell_needs_the_variance_of_its_t(make_sample, df, known):
    sample = make_sample(6, degrees_of_freedom=np.array([50.0] * 5 + [df]))
    for test in (parametric.patell, parametric.kp_patell):
        assert (test(sample).statistic is not None) is known
    assert_numbers_or_reasons(answers(sample))


@pytest.mark.parametrize(("sessions", "known"), [(1, False), (2, False), (3, True)])
def test_portfolio_t_needs_degrees_of_freedom(make_sample, sessions, known):
    sample = make_sample(6, sessions, degrees_of_freedom=np.full(6, 50.0), length=1)
    answer = parametric.portfolio_t(sample)
    assert (answer.statistic is not None) is known
    assert (parametric.crude_dependence_t(sample).statistic is None) is (sessions < 2)
    assert_numbers_or_reasons(answers(sample))


def test_residuals_of_one_sign_leave_no_share_to_compare(make_sample):
    sample = make_sample(6, residuals=np.full((6, 60), -0.01) - np.linspace(0, 0.01, 60))
    assert nonparametric.generalized_sign(sample).statistic is None
    assert_numbers_or_reasons(answers(sample))


@pytest.mark.parametrize("noise", [0.0, 1e-19])
def test_residuals_that_cancel_give_no_portfolio_variance(make_sample, noise):
    rng = np.random.default_rng(1)
    half = rng.normal(0.0, 0.01, (3, 60))
    residuals = np.vstack([half, -half]) + noise * rng.normal(size=(6, 60))
    found = answers(make_sample(6, residuals=residuals))
    assert_numbers_or_reasons(found)
    for name in ("portfolio_t", "crude_dependence_t"):
        assert found[name].statistic is None
        assert "cancel" in found[name].reason.en


def test_zero_residuals_give_no_variance(make_sample):
    found = answers(make_sample(6, residuals=np.zeros((6, 60))))
    assert_numbers_or_reasons(found)
    assert found["portfolio_t"].statistic is None


def test_least_correlation_does_not_blow_up_the_adjusted_tests(make_sample):
    found = answers(make_sample(5, correlation=-0.25 + 1e-9))
    assert_numbers_or_reasons(found)
    for name in ("kp_patell", "kp_bmp"):
        assert found[name].statistic is None


def test_full_correlation_leaves_nothing_of_kp_bmp(make_sample):
    found = answers(make_sample(6, correlation=1.0))
    assert found["kp_bmp"].statistic == 0.0
    assert_numbers_or_reasons(found)


def test_window_longer_than_the_estimation_has_no_placebo(make_sample):
    answer = nonparametric.placebo_rank(make_sample(6, 10, length=11))
    assert answer.statistic is None
    assert "longer" in answer.reason.en
    assert nonparametric.placebo_rank(make_sample(6, 10, length=10)).pvalue in (0.5, 1.0)


@pytest.mark.parametrize(
    "pvalue", [f_pvalue(np.array(1e9), 3.0, 400.0), t_pvalue(np.array(-1e4), 400.0)]
)
def test_a_pvalue_too_small_for_a_double_is_not_zero(pvalue):
    assert 0.0 < pvalue < 1e-300
    assert 0.0 < from_normal(np.array(81.0)).pvalue < 1e-300
