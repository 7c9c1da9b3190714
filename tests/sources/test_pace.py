from __future__ import annotations

import pytest

from marketshock.errors import (
    AuthBlocked,
    BadPayload,
    FetchError,
    FetchTimeout,
    NotFound,
    RateLimited,
    SymbolMismatch,
    UserInputError,
)
from marketshock.sources.pace import Pace


def test_waits_double_up_to_the_longest() -> None:
    pace = Pace(attempts=9, first_wait=2.0, longest_wait=10.0, chance=lambda: 0.0)
    error = FetchError("out of order")
    assert [pace.wait(error, attempt) for attempt in range(1, 6)] == [2.0, 4.0, 8.0, 10.0, 10.0]


def test_chance_adds_up_to_half_of_the_wait() -> None:
    pace = Pace(first_wait=2.0, chance=lambda: 1.0)
    assert pace.wait(FetchError("x"), 1) == 3.0


def test_after_the_last_attempt_there_is_no_wait() -> None:
    pace = Pace(attempts=3)
    assert pace.wait(FetchError("x"), 2) is not None
    assert pace.wait(FetchError("x"), 3) is None


@pytest.mark.parametrize(("asked", "wait"), [(5.0, 5.0), (60.0, 60.0), (3600.0, None)])
def test_what_the_source_asks_is_honoured_up_to_a_cap(asked: float, wait: float | None) -> None:
    assert Pace(longest_wait=60.0).wait(RateLimited("x", retry_after=asked), 1) == wait


@pytest.mark.parametrize("error", [AuthBlocked("x"), NotFound("x"), SymbolMismatch("x")])
def test_what_would_not_change_is_not_asked_again(error: FetchError) -> None:
    assert Pace().wait(error, 1) is None


def test_an_unreadable_answer_is_asked_for_once_more() -> None:
    assert Pace().wait(BadPayload("x"), 1) is not None
    assert Pace().wait(BadPayload("x"), 2) is None
    assert Pace().wait(FetchTimeout("x"), 2) is not None


def test_seconds_come_from_the_environment() -> None:
    settings = {"MARKETSHOCK_FETCH_DEADLINE": "7.5", "MARKETSHOCK_FETCH_WAIT": "0.5"}
    pace = Pace.from_settings(settings)
    assert (pace.deadline, pace.first_wait) == (7.5, 0.5)
    assert Pace.from_settings({}) == Pace()


@pytest.mark.parametrize("text", ["", "soon", "0", "-1", "nan", "inf"])
def test_seconds_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(UserInputError, match="MARKETSHOCK_FETCH_WAIT"):
        Pace.from_settings({"MARKETSHOCK_FETCH_WAIT": text})
