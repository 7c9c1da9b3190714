from __future__ import annotations

import datetime as dt

import exchange_calendars
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketshock.desk import Desk
from marketshock.errors import UserInputError
from marketshock.market.sessions import SessionCalendar, parse_day, to_day

FIRST, LAST = dt.date(2015, 1, 2), dt.date(2026, 8, 21)
WEEK = ("2025-01-22", "2025-01-23", "2025-01-24", "2025-01-27", "2025-01-28")


@pytest.fixture(scope="module")
def calendar() -> SessionCalendar:
    return SessionCalendar(np.array(WEEK, "datetime64[D]"))


def test_sessions_of_the_benchmark_are_those_of_new_york(desk: Desk) -> None:
    closes = desk.source.prices(["^GSPC"])
    ours = closes.sessions[np.isfinite(closes.values[:, 0])]
    exchange = exchange_calendars.get_calendar("XNYS", start=FIRST, end=LAST)
    theirs = exchange.sessions.to_numpy().astype("datetime64[D]")
    assert sorted(set(ours) ^ set(theirs)) == []
    assert (to_day(ours[0]), to_day(ours[-1])) == (FIRST, LAST)


@pytest.mark.parametrize("day", ["2025-01-27", " 2025-01-27 ", "2024-02-29"])
def test_an_iso_day_is_read(day: str) -> None:
    assert parse_day(day) == dt.date.fromisoformat(day.strip())


@pytest.mark.parametrize("day", ["2025-02-31", "2025-02-29", "2025-13-01", "2025-00-10"])
def test_a_day_that_no_calendar_has_is_refused(day: str) -> None:
    with pytest.raises(UserInputError, match="not a day of the calendar") as caught:
        parse_day(day)
    assert day in str(caught.value)


@pytest.mark.parametrize(
    "day",
    [
        "03/04/2025",
        "27/01/2025",
        "45684",
        "25-01-27",
        "27-01-25",
        "20250127",
        "2025-1-27",
        "2025-01-27T00:00:00",
        "27 January 2025",
        "2025-W05-1",
        "2025-027",
        "-2025-01-27",
        "yesterday",
        "",
    ],
)
def test_another_notation_is_refused_and_never_guessed(day: str) -> None:
    with pytest.raises(UserInputError) as caught:
        parse_day(day)
    assert repr(day) in caught.value.message
    assert "YYYY-MM-DD" in caught.value.hint or "Did you mean" in caught.value.hint


@pytest.mark.parametrize(
    ("day", "readings"),
    [
        ("03/04/2025", "2025-04-03 or 2025-03-04"),
        ("27/01/2025", "2025-01-27"),
        ("01.27.2025", "2025-01-27"),
        ("05/05/2025", "2025-05-05"),
    ],
)
def test_u2_both_readings_are_shown(day: str, readings: str) -> None:
    with pytest.raises(UserInputError) as caught:
        parse_day(day)
    assert caught.value.hint == f"Did you mean {readings}?"


@given(st.dates())
def test_every_day_reads_back_from_iso(day: dt.date) -> None:
    assert parse_day(day.isoformat()) == day


@given(st.text(max_size=12))
def test_any_text_is_a_day_or_an_input_error(text: str) -> None:
    try:
        day = parse_day(text)
    except UserInputError:
        return
    assert day.isoformat() == text.strip()


def test_a_weekend_moves_to_the_next_session(calendar: SessionCalendar) -> None:
    assert calendar.first_on_or_after(dt.date(2025, 1, 25)) == 3
    assert calendar.first_on_or_after(dt.date(2025, 1, 27)) == 3
    assert calendar.day(3) == dt.date(2025, 1, 27)


def test_only_a_session_has_a_position(calendar: SessionCalendar) -> None:
    assert [calendar.position(dt.date.fromisoformat(day)) for day in WEEK] == [0, 1, 2, 3, 4]
    for day in ("2025-01-25", "2025-01-21", "2025-01-29"):
        assert calendar.position(dt.date.fromisoformat(day)) is None


@pytest.mark.parametrize("day", [dt.date(2025, 1, 21), dt.date(2025, 1, 29)])
def test_a_day_outside_is_refused_with_the_span(calendar: SessionCalendar, day: dt.date) -> None:
    with pytest.raises(UserInputError, match="2025-01-22 to 2025-01-28"):
        calendar.first_on_or_after(day)


def test_an_empty_calendar_covers_no_day() -> None:
    with pytest.raises(UserInputError, match="nowhere"):
        SessionCalendar(np.array([], "datetime64[D]")).first_on_or_after(FIRST)


@pytest.mark.parametrize("days", [("2025-01-24", "2025-01-24"), ("2025-01-27", "2025-01-24")])
def test_sessions_must_increase(days: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="increasing"):
        SessionCalendar(np.array(days, "datetime64[D]"))


@given(st.dates(FIRST, LAST))
def test_the_next_session_is_never_before_the_day(desk: Desk, day: dt.date) -> None:
    calendar = desk.source.prices(["^GSPC"]).calendar
    position = calendar.first_on_or_after(day)
    assert calendar.day(position) >= day
    assert position == 0 or calendar.day(position - 1) < day


def test_closed_days_are_those_between_sessions():
    days = [dt.date(2025, 1, 1) + dt.timedelta(days=at) for at in range(40)]
    held = [day for day in days[5:30] if day.weekday() < 5]
    calendar = SessionCalendar(np.array(held, "datetime64[D]"))
    expected = [day for day in days if held[0] < day < held[-1] and day not in held]
    assert calendar.closed_among(days) == expected
    assert len(expected) == 6
    assert SessionCalendar(np.array([], "datetime64[D]")).closed_among(days) == []
