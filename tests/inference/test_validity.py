"""Which test holds for which sample, by rule, and the words that say so."""

from __future__ import annotations

import numpy as np
import pytest

from marketshock.inference.battery import battery

NAMES = {
    "portfolio_t",
    "crude_dependence_t",
    "placebo_rank",
    "kp_patell",
    "kp_bmp",
    "cross_sectional_t",
    "patell",
    "bmp",
    "generalized_sign",
    "sign",
    "wilcoxon",
}
HISTORY = {"portfolio_t", "crude_dependence_t", "placebo_rank"}
ADJUSTED = {"kp_patell", "kp_bmp"}
ACROSS = NAMES - HISTORY - ADJUSTED

RULES = [
    # shared date, events, valid tests
    (True, 1, set()),
    (True, 2, HISTORY),
    (True, 4, HISTORY),
    (True, 5, HISTORY | ADJUSTED),
    (True, 13, HISTORY | ADJUSTED),
    (True, 60, HISTORY | ADJUSTED),
    (False, 1, set()),
    (False, 9, HISTORY | ADJUSTED),
    (False, 10, NAMES),
]


@pytest.mark.parametrize(("shared", "size", "valid"), RULES)
def test_valid_tests(make_sample, shared, size, valid):
    answers = battery(make_sample(size, shared_date=shared, correlation=0.05))
    assert {answer.name for answer in answers} == NAMES
    assert len(answers) == len(NAMES)
    assert {answer.name for answer in answers if answer.valid} == valid


@pytest.mark.parametrize(("shared", "size", "valid"), RULES)
def test_valid_tests_stand_first_and_every_test_has_a_reason(make_sample, shared, size, valid):
    answers = battery(make_sample(size, shared_date=shared, correlation=0.05))
    flags = [answer.valid for answer in answers]
    assert flags == sorted(flags, reverse=True)
    for answer in answers:
        assert answer.reason.en
        assert answer.reason.it
        assert answer.reason.en != answer.reason.it
        assert answer.null.en != answer.null.it
        assert answer.reference


@pytest.mark.parametrize("name", sorted(ACROSS))
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
