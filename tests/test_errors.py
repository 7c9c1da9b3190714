from __future__ import annotations

import pytest

from marketshock import errors
from marketshock.errors import MarketShockError, MarketShockWarning, suggest

EXIT_CODES = {
    "MarketShockError": 6,
    "UserInputError": 2,
    "QualityError": 3,
    "InsufficientDataError": 3,
    "SingularModelError": 3,
    "DataCorruptError": 3,
    "NotCoveredError": 3,
    "FetchError": 4,
    "OfflineError": 4,
    "RateLimited": 4,
    "AuthBlocked": 4,
    "FetchTimeout": 4,
    "BadPayload": 4,
    "SymbolMismatch": 3,
    "NotFound": 3,
    "PartialDataError": 3,
    "StaleDataError": 3,
    "OutputError": 5,
}


@pytest.mark.parametrize(("name", "code"), EXIT_CODES.items())
def test_each_error_has_the_exit_code_of_the_contract(name: str, code: int) -> None:
    assert getattr(errors, name).exit_code == code


def test_no_error_is_without_an_exit_code_here() -> None:
    kinds = {n: getattr(errors, n) for n in errors.__all__ if n[0].isupper()}
    public = {n for n, kind in kinds.items() if issubclass(kind, MarketShockError)}
    assert public == set(EXIT_CODES)


@pytest.mark.parametrize("name", EXIT_CODES)
def test_all_errors_are_caught_by_the_base(name: str) -> None:
    with pytest.raises(MarketShockError):
        raise getattr(errors, name)("what came", "what to do")


@pytest.mark.parametrize("name", ["InsufficientDataError", "SingularModelError"])
def test_errors_about_data_are_quality_errors(name: str) -> None:
    assert issubclass(getattr(errors, name), errors.QualityError)


def test_message_and_hint_are_both_shown_and_both_kept() -> None:
    error = errors.UserInputError("Unknown symbol 'NVDX'.", "Did you mean NVDA?")
    assert str(error) == "Unknown symbol 'NVDX'. Did you mean NVDA?"
    assert (error.message, error.hint) == ("Unknown symbol 'NVDX'.", "Did you mean NVDA?")


def test_no_hint_leaves_no_trailing_blank() -> None:
    assert str(errors.FetchError("No answer.")) == "No answer."


def test_warnings_are_user_warnings_and_no_errors() -> None:
    assert issubclass(MarketShockWarning, UserWarning)
    assert not issubclass(MarketShockWarning, MarketShockError)


def test_suggest_names_the_nearest_word_first() -> None:
    assert suggest("NVDAA", ["AAPL", "NVDA", "MSFT"]) == "Did you mean NVDA?"


def test_suggest_forgives_case_and_answers_in_the_known_spelling() -> None:
    assert suggest("DeepSeak", ["deepseek_r1", "covid"]) == "Did you mean deepseek_r1?"


def test_suggest_names_three_words_at_most() -> None:
    hint = suggest("AAA", [f"AA{letter}" for letter in "BCDEFGH"])
    assert hint.count(" or ") == 2
    assert suggest("AAA", [f"AA{letter}" for letter in "BCDEFGH"], most=1).count(" or ") == 0


def test_suggest_is_silent_when_nothing_is_near() -> None:
    assert suggest("ZZZZ", ["AAPL", "MSFT"]) == ""
    assert suggest("AAPL", []) == ""


def test_suggest_takes_an_iterator() -> None:
    assert suggest("MSFX", iter(["MSFT"])) == "Did you mean MSFT?"
