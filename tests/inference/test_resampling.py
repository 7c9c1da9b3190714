"""The sign permutation against scipy and against enumeration."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import scipy.stats as st

from marketshock.inference.resampling import FLIPS, SEED, sign_flip, sign_flip_pvalue


@pytest.mark.parametrize("size", [2, 3, 7, 8, 9, 13])
@pytest.mark.parametrize("shift", [0.0, 0.7, 5.0])
def test_few_events_are_enumerated(make_sample, size, shift):
    scar = make_sample(size).scar + shift
    ours = sign_flip(make_sample(size, scar=scar))
    oracle = st.permutation_test(
        (scar,), np.mean, permutation_type="samples", n_resamples=np.inf, vectorized=True
    )
    assert ours.statistic == pytest.approx(oracle.statistic, rel=1e-14)
    assert ours.pvalue == pytest.approx(oracle.pvalue, rel=1e-12)
    assert ours.df == 2**size - 1


def test_ties_count_against_the_event():
    values = np.array([0.1, 0.2, 0.3, -0.2, 0.4, 0.4])
    sums = [
        abs(sum(s * v for s, v in zip(x, values, strict=True))) for x in product((1, -1), repeat=6)
    ]
    beyond = sum(total >= sums[0] - 1e-12 for total in sums)
    assert sign_flip_pvalue(values)[0] == pytest.approx(beyond / 64, rel=1e-15)


def test_all_signs_alike_give_the_smallest_p():
    assert sign_flip_pvalue(np.arange(1.0, 6.0)) == (2 / 32, 31)
    assert sign_flip_pvalue(np.arange(1.0, 60.0)) == (1 / (FLIPS + 1), FLIPS)


@pytest.mark.parametrize(("size", "shift"), [(14, 0.3), (18, 0.5), (40, 0.2), (300, 0.05)])
def test_drawn_signs_agree_with_other_drawn_signs(size, shift):
    scar = np.random.default_rng(size).standard_t(4, size) + shift
    ours, flips = sign_flip_pvalue(scar)
    oracle = st.permutation_test(
        (scar,),
        np.mean,
        permutation_type="samples",
        n_resamples=19_999,
        vectorized=True,
        rng=np.random.default_rng(1),
    )
    assert flips == FLIPS
    error = np.sqrt(ours * (1 - ours) * (1 / 9_999 + 1 / 19_999))
    assert abs(ours - oracle.pvalue) < 4 * error


def test_the_seed_alone_decides():
    values = np.random.default_rng(6).normal(0.3, 1.0, 20)
    assert sign_flip_pvalue(values) == sign_flip_pvalue(values, FLIPS, SEED)
    others = {float(sign_flip_pvalue(values, seed=seed)[0]) for seed in range(5)}
    assert len(others) > 1
    assert sign_flip_pvalue(values, flips=99)[1] == 99


def test_drawn_signs_are_fair_and_unrelated():
    """One value alone is as large under any sign; two agree in half of the patterns."""
    values = np.r_[1.0, np.zeros(19)]
    assert sign_flip_pvalue(values)[0] == 1.0
    pair = np.r_[1.0, np.zeros(9), 1.0, np.zeros(9)]
    assert sign_flip_pvalue(pair)[0] == pytest.approx(0.5, abs=0.02)


def test_no_effect_and_one_event_are_told(make_sample):
    assert "two events" in sign_flip(make_sample(1)).reason.en
    assert sign_flip(make_sample(6, scar=np.zeros(6))).statistic is None
