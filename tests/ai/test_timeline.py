"""The timeline: every event once, on its session, with its status."""

from __future__ import annotations

import datetime as dt

import pytest

import marketshock as ms
from marketshock.ai.partial_days import first_and_last
from marketshock.ai.timeline import timeline
from marketshock.errors import DataCorruptError, InsufficientDataError, UserInputError
from marketshock.provenance import Status
from marketshock.table import Table

SHOCK = dt.date(2025, 1, 27)
WHOLE = {"since": "2015-01-02", "until": "2026-08-21"}


@pytest.fixture(scope="module")
def whole() -> object:
    return ms.timeline(**WHOLE)


def test_every_event_stands_there_once(whole, raw) -> None:
    rows = raw("timeline")
    assert len(rows) == len(whole.events) == 45
    printed = {r["event_en"].replace(" -", " \u2212"): r["status"] for r in rows}
    assert {e.text.en for e in whole.events} == set(printed)
    weak = {e.text.en for e in whole.events if e.status is Status.RECALLED}
    assert weak == {words for words, status in printed.items() if status == "recalled"}
    assert len(whole.placed) == sum(r["precision"] == "day" for r in rows)


def test_news_of_a_weekend_stands_at_the_next_session(whole) -> None:
    for event in whole.placed:
        assert event.session is not None
        assert dt.timedelta(0) <= event.session - event.first <= dt.timedelta(4)
        assert event.session in whole.sessions
        if event.first in whole.sessions:
            assert event.session == event.first
    sunday = next(e for e in whole.events if e.first == dt.date(2025, 1, 26))
    assert sunday.session == SHOCK


def test_the_return_is_that_of_the_closes(whole, source) -> None:
    panel = source.prices(["NVDA"])
    closes = dict(zip(whole.sessions, whole.closes, strict=True))
    assert panel.values[-1, 0] == whole.closes[-1]
    for event in whole.placed:
        at = whole.sessions.index(event.session)
        if at:
            before = closes[whole.sessions[at - 1]]
            assert event.session_return == pytest.approx(closes[event.session] / before - 1)
    shock = next(e for e in whole.placed if e.session == SHOCK)
    assert shock.session_return == pytest.approx(118.42 / 142.62 - 1, abs=1e-9)


def test_the_default_part_lies_around_the_shock() -> None:
    found = ms.timeline()
    assert len(found.sessions) == 56
    assert found.sessions[45] == found.accent == SHOCK
    for event in found.events:
        assert found.sessions[0] <= event.last
        assert event.first <= found.sessions[-1]


def test_an_index_and_other_names_work() -> None:
    assert ms.timeline("^GSPC").name == "S&P 500"
    assert ms.timeline("nvda").symbol == "NVDA"
    with pytest.raises(UserInputError):
        ms.timeline("NVDAX")
    with pytest.raises(UserInputError, match="Unknown event"):
        ms.timeline(event="nothing")


def test_bad_input_is_refused(source) -> None:
    closes = source.prices(["NVDA"])
    with pytest.raises(DataCorruptError, match="precision"):
        timeline(Table("timeline", {"date": ()}), closes)
    with pytest.raises(InsufficientDataError, match="fewer than two"):
        timeline(source.table("timeline"), closes, since=dt.date(2030, 1, 1))
    found = ms.timeline()
    with pytest.raises(UserInputError, match="no session"):
        found.close(dt.date(2025, 1, 26))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2025-01-27", "2025-01-27", "2025-01-27"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2021", "2021-01-01", "2021-12-31"),
    ],
)
def test_partial_days(text: str, first: str, last: str) -> None:
    found = first_and_last(text)
    assert [day.isoformat() for day in found] == [first, last]


@pytest.mark.parametrize("text", ["", "soon", "2025-13", "2025-02-30", "2025-1-2-3", "27/01/2025"])
def test_no_partial_day_is_guessed(text: str) -> None:
    with pytest.raises(DataCorruptError, match="neither a day"):
        first_and_last(text)
