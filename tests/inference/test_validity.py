"""Which test holds for which sample, by rule, and the words that say so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.stats as st

from marketshock.inference.battery import battery

HISTORY = {"portfolio_t", "crude_dependence_t", "placebo_rank", "placebo_dates"}
ADJUSTED = {"kp_patell", "kp_bmp"}
RANKS = {"corrado_rank", "corrado_zivney"}
JOINT = {"joint_f", "equality_f"}
ACROSS = {
    "cross_sectional_t",
    "patell",
    "bmp",
    "generalized_sign",
    "sign",
    "wilcoxon",
    "grank_z",
    "sign_flip",
}
INDEPENDENT = ACROSS | {"skewness_t"}
CALENDAR = {"calendar_time_t", "clustered_t"}
NAMES = HISTORY | ADJUSTED | RANKS | JOINT | INDEPENDENT | CALENDAR | {"grank_t"}

RANK, ZIVNEY, GRANK = {"corrado_rank"}, {"corrado_zivney"}, {"grank_t"}

RULES = [
    # shared date, events, valid tests of a window of 3, 250 estimation sessions
    (True, 1, set()),
    (True, 2, HISTORY | RANK | JOINT),
    (True, 4, HISTORY | RANK | JOINT),
    (True, 5, HISTORY | RANK | JOINT | ADJUSTED),
    (True, 11, HISTORY | RANK | JOINT | ADJUSTED),
    (True, 12, HISTORY | RANK | JOINT | ADJUSTED | ZIVNEY),
    (True, 14, HISTORY | RANK | JOINT | ADJUSTED | ZIVNEY),
    (True, 15, HISTORY | RANK | JOINT | ADJUSTED | ZIVNEY | GRANK),
    (True, 50, HISTORY | RANK | JOINT | ADJUSTED | ZIVNEY | GRANK),
    (True, 51, HISTORY | RANK | ADJUSTED | ZIVNEY | GRANK),
    (False, 1, set()),
    (False, 6, HISTORY | RANK | ADJUSTED),
    (False, 9, HISTORY | RANK | ADJUSTED | {"calendar_time_t"}),
    (False, 10, HISTORY | RANK | ADJUSTED | {"calendar_time_t"} | ACROSS),
    (False, 20, HISTORY | RANK | ADJUSTED | ZIVNEY | GRANK | CALENDAR | ACROSS),
    (False, 49, HISTORY | RANK | ADJUSTED | ZIVNEY | GRANK | CALENDAR | ACROSS),
    (False, 50, NAMES - JOINT),
]
LONG = 250


@pytest.mark.parametrize(("shared", "size", "valid"), RULES)
def test_valid_tests(make_sample, shared, size, valid):
    answers = battery(make_sample(size, LONG, shared_date=shared, correlation=0.05))
    assert {answer.name for answer in answers} == NAMES
    assert len(answers) == len(NAMES)
    assert {answer.name for answer in answers if answer.valid} == valid


def valid_of(sample):
    return {answer.name for answer in battery(sample) if answer.valid}


def test_windows_of_different_dates_that_overlap_leave_what_allows_for_it(make_sample):
    sessions = np.arange(60)[:, None] + np.arange(3)
    sample = replace(make_sample(60, shared_date=False, overlapping=True), sessions=sessions)
    assert valid_of(sample) == ADJUSTED | CALENDAR


@pytest.mark.parametrize(("length", "valid"), [(1, True), (5, True), (6, False)])
def test_corrado_is_for_short_windows(make_sample, length, valid):
    answers = {a.name: a for a in battery(make_sample(12, length=length, correlation=0.1))}
    for name in RANKS:
        assert answers[name].valid is valid
        assert str(length) in answers[name].reason.it


@pytest.mark.parametrize(
    ("size", "correlation", "zivney", "grank"),
    [
        (11, 0.1, False, False),
        (12, 0.15, True, False),
        (12, 0.16, False, False),
        (15, 0.16, True, True),
        (15, 0.25, True, True),
        (60, 0.26, False, False),
    ],
)
def test_a_spread_across_few_or_dependent_events_is_not_trusted(
    make_sample, size, correlation, zivney, grank
):
    valid = valid_of(make_sample(size, correlation=correlation))
    assert ("corrado_zivney" in valid) is zivney
    assert ("grank_t" in valid) is grank


@pytest.mark.parametrize(
    ("shared", "sessions", "length", "valid"),
    [
        (True, 119, 3, False),
        (True, 120, 3, True),
        (True, 30, 1, True),
        (False, 239, 3, False),
        (False, 240, 3, True),
        (False, 30, 1, True),
    ],
)
def test_overlapping_sums_need_a_long_history(make_sample, shared, sessions, length, valid):
    sample = make_sample(6, sessions, shared_date=shared, length=length)
    assert ("placebo_rank" in valid_of(sample)) is valid


@pytest.mark.parametrize(
    ("dates", "length", "valid"), [(59, 1, False), (60, 3, True), (99, 5, False), (100, 5, True)]
)
def test_placebo_dates_need_many_dates(make_sample, dates, length, valid):
    sample = make_sample(6, length=length, placebo=np.linspace(-2.0, 2.0, dates))
    assert ("placebo_dates" in valid_of(sample)) is valid


def test_several_stocks_on_dates_of_their_own_do_not_overlap(make_sample):
    """Four stocks on each of five dates whose windows are apart: history tests hold."""
    sessions = np.repeat(10 * np.arange(5), 4)[:, None] + np.arange(3)
    sample = make_sample(20, LONG, shared_date=False, overlapping=True, correlation=0.05)
    valid = valid_of(replace(sample, sessions=sessions))
    assert {"portfolio_t", "crude_dependence_t", "placebo_rank", "corrado_rank"} <= valid
    assert not valid & ACROSS


def test_fat_tails_send_the_joint_tests_to_the_placebo(make_sample):
    residuals = np.random.default_rng(3).standard_t(2, (6, 200))
    answers = {a.name: a for a in battery(make_sample(6, 200, residuals=residuals))}
    kurtosis = st.kurtosis(residuals, axis=1).mean()
    assert kurtosis > 1
    for name in JOINT:
        assert not answers[name].valid
        assert answers[name].statistic is not None
        assert f"{kurtosis:.1f}" in answers[name].reason.en
        assert "placebo" in answers[name].reason.it


def test_the_headline_stands_first(make_sample):
    names = [answer.name for answer in battery(make_sample(12, LONG))]
    headline = ["portfolio_t", "kp_patell", "kp_bmp", "placebo_rank", "placebo_dates"]
    assert names[:5] == headline


@pytest.mark.parametrize(("shared", "size", "valid"), RULES)
def test_valid_tests_stand_first_and_every_test_has_a_reason(make_sample, shared, size, valid):
    answers = battery(make_sample(size, LONG, shared_date=shared, correlation=0.05))
    flags = [answer.valid for answer in answers]
    assert flags == sorted(flags, reverse=True)
    for answer in answers:
        assert answer.reason.en
        assert answer.reason.it
        assert answer.reason.en != answer.reason.it
        assert answer.null.en != answer.null.it
        assert answer.reference


@pytest.mark.parametrize("name", sorted(INDEPENDENT))
def test_dependence_is_told_with_its_numbers(make_sample, name):
    # 1 + 12 x 0.121 = 2.452
    answers = {a.name: a for a in battery(make_sample(13, correlation=0.121))}
    reason = answers[name].reason
    assert all(part in reason.en for part in ("13", "0.121", "2.5"))
    assert all(part in reason.it for part in ("13", "0,121", "2,5"))


@pytest.mark.parametrize("name", sorted(ADJUSTED))
def test_adjusted_tests_tell_their_correlation_or_what_is_missing(make_sample, name):
    five = {a.name: a for a in battery(make_sample(5, correlation=0.333))}[name]
    assert "0.333" in five.reason.en
    assert "0,333" in five.reason.it
    four = {a.name: a for a in battery(make_sample(4))}[name]
    for words in (four.reason.en, four.reason.it):
        assert "5" in words
        assert "4" in words


@pytest.mark.parametrize("name", sorted(ACROSS))
def test_few_events_on_different_dates_are_told(make_sample, name):
    nine = {a.name: a for a in battery(make_sample(9, shared_date=False))}[name]
    for words in (nine.reason.en, nine.reason.it):
        assert "10" in words
        assert "9" in words


def test_negative_correlation_understates_nothing_but_is_still_no_independence(make_sample):
    answers = {a.name: a for a in battery(make_sample(6, correlation=-0.1))}
    assert not answers["patell"].valid
    assert "variance × 0.5" in answers["patell"].reason.en


def test_a_single_event_is_sent_to_its_own_statistics(make_sample):
    for answer in battery(make_sample(1)):
        assert not answer.valid
        available = answer.statistic is not None
        assert ("quantile rank" in answer.reason.en) is available


def test_printing_names_the_hypothesis_and_the_verdict(make_sample):
    for answer in battery(make_sample(13)):
        words = str(answer)
        assert answer.name in words
        assert answer.null.en in words
        assert ("not valid" in words) is not answer.valid


def test_answer_as_json_has_the_contract_keys(make_sample):
    answer = battery(make_sample(13))[0].as_dict()
    keys = {"name", "statistic", "pvalue", "df", "distribution", "valid", "reason"}
    assert keys <= set(answer)
    assert set(answer["reason"]) == {"en", "it"}
    assert isinstance(answer["statistic"], float)
    assert not isinstance(answer["pvalue"], np.floating)
