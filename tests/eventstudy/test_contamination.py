"""Overlapping event windows and shocks inside the windows, against a count by brute force."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketshock import api, file_study
from marketshock.errors import UserInputError
from marketshock.eventstudy.contamination import contaminated, overlaps, shocks_inside
from marketshock.eventstudy.events import Event, EventSet
from marketshock.eventstudy.models import Raw
from marketshock.eventstudy.study import EventStudy
from marketshock.eventstudy.windows import EstimationWindow, EventWindow
from marketshock.market.sessions import SessionCalendar

DAYS = np.arange("2024-01-01", "2024-07-01", dtype="datetime64[D]")
CALENDAR = SessionCalendar(DAYS[np.is_busday(DAYS)])


def study_of(*windows: tuple[int, int]) -> EventStudy:
    return EventStudy(Raw(), [EventWindow(*pair) for pair in windows], EstimationWindow(30, 5))


def events_of(*places: tuple[str, int]) -> EventSet:
    """Return events, named by letters, of stocks at positions of the calendar."""
    names = "abcdefghijklmnop"
    return EventSet(
        tuple(
            Event(name, stock, CALENDAR.day(at))
            for name, (stock, at) in zip(names, places, strict=False)
        )
    )


PLACES = st.lists(st.tuples(st.sampled_from("XYZ"), st.integers(40, 60)), min_size=2, max_size=9)
WINDOWS = st.sampled_from([((0, 0),), ((-1, 1),), ((0, 0), (5, 6)), ((-4, -3), (2, 4)), ((0, 9),)])


@given(places=PLACES, windows=WINDOWS, same_stock=st.booleans())
def test_d11_overlaps_are_those_of_brute_force(places, windows, same_stock):
    events, study = events_of(*places), study_of(*windows)
    sessions = {}
    for event in events:
        zero = event.position(CALENDAR)
        sessions[event.id] = {zero + t for a, b in windows for t in range(a, b + 1)}
    expected = {
        (frozenset((one.id, two.id)), len(sessions[one.id] & sessions[two.id]))
        for one in events
        for two in events
        if one.id < two.id
        and sessions[one.id] & sessions[two.id]
        and (one.symbol == two.symbol or not same_stock)
    }
    found = overlaps(events, study, CALENDAR, same_stock=same_stock)
    got = [(frozenset((pair.event_id, pair.other_id)), pair.sessions) for pair in found.pairs]
    assert len(got) == len(set(got))
    assert set(got) == expected
    assert all(pair.same_stock for pair in found.pairs) or not same_stock


@given(places=PLACES, windows=WINDOWS)
def test_d11_contamination_is_that_of_brute_force(places, windows):
    events, study = events_of(*places), study_of(*windows)
    expected = set()
    for one in events:
        for two in events:
            apart = two.position(CALENDAR) - one.position(CALENDAR)
            if one.id == two.id or one.symbol != two.symbol:
                continue
            if -35 <= apart <= -6:
                expected.add((one.id, two.id, "estimation", apart))
            elif any(a <= apart <= b for a, b in windows):
                expected.add((one.id, two.id, "event", apart))
    found = contaminated(events, study, CALENDAR)
    got = [(item.event_id, item.other_id, item.where, item.tau) for item in found]
    assert len(got) == len(set(got))
    assert set(got) == expected
    assert len(found.table()) == len(expected)


@given(places=PLACES, windows=WINDOWS)
def test_d11_what_a_policy_leaves_no_longer_overlaps(places, windows):
    events, study = events_of(*places), study_of(*windows)
    found = overlaps(events, study, CALENDAR)
    assert found.without("keep") == events
    for policy in ("drop", "merge"):
        left = found.without(policy)
        assert not overlaps(left, study, CALENDAR)
        assert len(left) + len(found.dropped(policy)) == len(events)
        assert {event.symbol for event in left} == {event.symbol for event in events}
    assert set(found.without("merge").events) <= set(found.without("drop").events)


def test_d11_drop_keeps_what_is_free_and_merge_joins_the_chain():
    events = events_of(("X", 50), ("X", 46), ("X", 48), ("Y", 50))
    found = overlaps(events, study_of((-1, 1)), CALENDAR)
    assert [(pair.event_id, pair.other_id) for pair in found.pairs] == [("b", "c"), ("c", "a")]
    assert [event.id for event in found.without("drop")] == ["a", "b", "d"]
    assert [event.id for event in found.without("merge")] == ["b", "d"]
    told = {lost.event_id: lost.reason.en for lost in found.dropped("merge")}
    assert told == {"a": "merged into b", "c": "merged into b"}
    (lost,) = found.dropped("drop")
    assert (lost.event_id, lost.reason.en) == ("c", "its windows overlap those of b")


def test_d11_different_stocks_are_listed_but_never_left_out():
    events = events_of(("X", 50), ("Y", 50))
    found = overlaps(events, study_of((0, 0)), CALENDAR, same_stock=False)
    assert [pair.same_stock for pair in found.pairs] == [False]
    assert found.table()["sessions"] == (1,)
    assert found.without("drop") == found.without("merge") == events


def test_an_unknown_policy_is_refused():
    found = overlaps(events_of(("X", 50), ("X", 50)), study_of((0, 0)), CALENDAR)
    with pytest.raises(UserInputError, match="'drp'") as caught:
        found.without("drp")
    assert "drop" in caught.value.hint


def test_calendars_are_not_mixed_and_must_be_there():
    day = CALENDAR.day(50)
    events = EventSet((Event("a", "X", day, calendar="m"), Event("b", "X", day, calendar="n")))
    both = {"m": CALENDAR, "n": CALENDAR}
    assert not overlaps(events, study_of((0, 0)), both)
    with pytest.raises(UserInputError, match="No calendar 'n'"):
        overlaps(events, study_of((0, 0)), {"m": CALENDAR})


def test_events_outside_the_calendar_meet_nobody():
    events = EventSet(tuple(Event(name, "X", dt.date(2030, 1, 1)) for name in "ab"))
    assert not overlaps(events, study_of((0, 0)), CALENDAR)
    assert not contaminated(events, study_of((0, 0)), CALENDAR)


def test_d11_known_shocks_of_the_stock_are_found(desk, deepseek):
    events, panel = deepseek
    found = contaminated(events, EventStudy(), panel.calendar, desk.catalogue)
    nvidia = {item.other_id for item in found if item.symbol == "NVDA"}
    days = panel.calendar.sessions
    zero = int(np.searchsorted(days, np.datetime64("2025-01-27")))
    first, last = days[zero - 260], days[zero - 11]
    assert nvidia == {
        shock.id
        for shock in desk.catalogue
        if "NVDA" in shock.symbols and first <= np.datetime64(shock.first_session) <= last
    }
    assert len(nvidia) > 2
    assert all(item.where == "estimation" and item.known for item in found)


def test_d11_the_short_function_prints_one_footnote():
    study = api.event_study("deepseek", symbols=["MSFT", "VST"], window=(0, 0))
    (finding,) = [item for item in study.findings if item.code == "D11"]
    assert finding.level == "FOOTNOTE"
    assert finding.text.en.startswith("the estimation window contains other shocks of these stocks")
    assert "(19 Jul 2024)" in finding.text.en
    assert "19 lug 2024" in finding.text.it
    alone = api.event_study("deepseek", symbols=["VST"], window=(0, 0))
    assert [item for item in alone.findings if item.code == "D11"] == []


def test_d11_a_shock_inside_the_event_window_is_told_apart(desk):
    calendar = desk.source.prices(["^GSPC"]).calendar
    events = EventSet.on_date(["NVDA"], dt.date(2025, 4, 3))
    study = EventStudy(windows=EventWindow(0, 5))
    found = contaminated(events, study, calendar, desk.catalogue)
    texts = [item.text.en for item in shocks_inside(found, desk.catalogue)]
    assert [text.split(" contain")[0] for text in texts] == [
        "the estimation window",
        "the event windows",
    ]
    assert "(4 Apr 2025) and US tariffs suspended (9 Apr 2025)" in texts[1]


def test_d11_a_policy_must_be_chosen_where_events_overlap():
    days = (dt.date(2025, 1, 27), dt.date(2025, 1, 28))
    events = EventSet(tuple(Event(str(day), "NVDA", day) for day in days))
    with pytest.raises(UserInputError, match="2025-01-27 and 2025-01-28") as caught:
        file_study.study_events(events, windows=[(-1, 1)])
    assert all(word in caught.value.hint for word in ("drop", "merge", "keep"))
    assert len(file_study.study_events(events, windows=[(0, 0)]).result.abnormal) == 2
    dropped = file_study.study_events(events, windows=[(-1, 1)], overlapping="drop").result
    assert dropped.abnormal.event_ids == ("2025-01-27",)
    assert [lost.event_id for lost in dropped.dropped] == ["2025-01-28"]
    kept = file_study.study_events(events, windows=[(-1, 1)], overlapping="keep").result
    assert len(kept.abnormal) == 2
