"""A batch is nothing but its samples: every test, one by one, also where there is no answer."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from marketshock.inference.battery import TESTS
from marketshock.inference.sample import WindowSample

SINGLE_ONLY = {"placebo_dates", "calendar_time_t", "clustered_t"}
ARRAYS = ("car", "scar", "residuals", "degrees_of_freedom", "ar", "sar")


def batch_of(samples):
    """Return the samples as one batch; what a batch can't hold is left out."""
    stacked = {name: np.stack([getattr(s, name) for s in samples]) for name in ARRAYS}
    return dataclasses.replace(
        samples[0],
        **stacked,
        window_factor=np.array([s.window_factor for s in samples]),
        correlation=np.array([s.correlation for s in samples]),
        sessions=None,
        firms=None,
        placebo=None,
    )


def one_by_one(test, samples):
    plain = [dataclasses.replace(s, sessions=None, firms=None, placebo=None) for s in samples]
    return np.array([test(s).pvalue for s in plain], float)


def degenerate(make_sample, size):
    """Return ordinary samples among such from which some tests can't learn anything."""
    rng = np.random.default_rng(9)
    plain = make_sample(size)
    half = plain.residuals[: size // 2]
    cancel = np.vstack([half, -half, np.zeros((size % 2, 60))])
    copied = plain.residuals.copy()
    copied[1] = copied[0]
    flat = plain.residuals.copy()
    flat[0] = 0.0
    return [
        plain,
        make_sample(size, residuals=cancel),
        make_sample(size, residuals=cancel + 1e-19 * rng.normal(size=cancel.shape)),
        make_sample(size, residuals=np.zeros((size, 60))),
        make_sample(size, residuals=copied),
        make_sample(size, residuals=flat),
        make_sample(size, residuals=np.abs(plain.residuals)),
        make_sample(size, residuals=np.round(plain.residuals, 2)),
        make_sample(size, car=np.zeros(size), scar=np.zeros(size)),
        make_sample(size, car=np.full(size, 0.1), scar=np.full(size, 2.1)),
        make_sample(size, sar=np.ones((size, 3))),
        make_sample(size, correlation=-1 / (size - 1) + 1e-9),
        make_sample(size, degrees_of_freedom=np.r_[2.0, np.full(size - 1, 58.0)]),
        make_sample(size, seed=5),
    ]


@pytest.mark.parametrize("test", TESTS, ids=lambda test: test.name)
@pytest.mark.parametrize("size", [1, 2, 6, 18])
@pytest.mark.parametrize("length", [1, 3, 6])
def test_a_batch_equals_its_samples(make_sample, test, size, length):
    samples = [make_sample(size, seed=seed, length=length) for seed in range(12)]
    ours, theirs = test.pvalues(batch_of(samples)), one_by_one(test, samples)
    assert ours == pytest.approx(theirs, rel=1e-11, nan_ok=True)
    assert np.isfinite(ours).any() == (test.name not in SINGLE_ONLY and np.isfinite(theirs).any())


@pytest.mark.parametrize("test", TESTS, ids=lambda test: test.name)
@pytest.mark.parametrize("size", [2, 7, 16])
def test_a_batch_has_no_answer_where_its_sample_has_none(make_sample, test, size):
    samples = degenerate(make_sample, size)
    ours, theirs = test.pvalues(batch_of(samples)), one_by_one(test, samples)
    assert np.array_equal(np.isnan(ours), np.isnan(theirs))
    assert ours == pytest.approx(theirs, rel=1e-11, nan_ok=True)


@pytest.mark.parametrize("size", [6, 7])
def test_degenerate_samples_are_among_them(make_sample, size):
    samples = degenerate(make_sample, size)
    missing = {test.name: int(np.isnan(one_by_one(test, samples)).sum()) for test in TESTS}
    for name in ("portfolio_t", "kp_bmp", "corrado_rank", "grank_t", "joint_f", "wilcoxon"):
        assert 0 < missing[name] < len(samples)


def test_the_period_is_shared_only_with_its_own_residuals(make_sample):
    sample = make_sample()
    assert dataclasses.replace(sample, car=sample.car * 2).period is sample.period
    other = dataclasses.replace(sample, residuals=sample.residuals.copy())
    assert other.period is not sample.period
    assert isinstance(other, WindowSample)
