from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from marketshock import api
from marketshock.errors import InsufficientDataError, UserInputError
from marketshock.eventstudy.events import Event, EventSet
from marketshock.eventstudy.models import Raw


def test_catalogue_finds_an_id_or_its_unique_prefix(desk):
    assert desk.catalogue.find("deepseek").id == "deepseek_2025"
    assert desk.catalogue.find("deepseek_2025").id == "deepseek_2025"


def test_catalogue_has_each_id_once(desk):
    ids = [shock.id for shock in desk.catalogue]
    assert len(ids) == len(set(ids)) > 10
    for name in ids:
        assert desk.catalogue.find(name).id == name


def test_no_shock_starts_before_its_news(desk):
    for shock in desk.catalogue:
        assert shock.first_session >= shock.date, shock.id
        assert shock.first_session.weekday() < 5, shock.id


def test_prefix_of_several_events_lists_them(desk):
    ids = [shock.id for shock in desk.catalogue]
    letter = next(c for c in "abcdefghijklmnopqrstuvwxyz" if sum(i.startswith(c) for i in ids) > 1)
    with pytest.raises(UserInputError, match="fits several events") as caught:
        desk.catalogue.find(letter)
    assert all(name in caught.value.message for name in ids if name.startswith(letter))


@pytest.mark.parametrize(("name", "hint"), [("deepsek_2025", "deepseek_2025"), ("", "events")])
def test_unknown_event_is_refused_with_a_hint(desk, name, hint):
    with pytest.raises(UserInputError, match="Unknown event") as caught:
        desk.catalogue.find(name)
    assert hint in caught.value.hint


def test_ids_must_differ():
    day = dt.date(2025, 1, 27)
    with pytest.raises(UserInputError, match=r"'x' stands twice"):
        EventSet((Event("x", "NVDA", day), Event("y", "AMD", day), Event("x", "TSM", day)))


def test_one_stock_may_have_several_events(make_frame, small_study):
    frame = make_frame()
    days = [frame.index[position].date() for position in (75, 80)]
    events = EventSet(tuple(Event(str(day), "S1", day) for day in days))
    result = small_study(Raw(), (0, 0)).run(events, frame)
    assert result.abnormal.symbols == ("S1", "S1")
    assert result.abnormal.ar[:, 0].tolist() == frame["S1"].iloc[[75, 80]].tolist()
    assert not result.abnormal.shared_date


@pytest.mark.parametrize("days", [1, 2])
def test_weekend_moves_to_monday_and_says_so(make_frame, small_study, friday, days):
    frame = make_frame()
    weekend = friday + dt.timedelta(days=days)
    monday = friday + dt.timedelta(days=3)
    moved = small_study(Raw(), (0, 0)).run(EventSet.on_date(["S0"], weekend), frame)
    exact = small_study(Raw(), (0, 0)).run(EventSet.on_date(["S0"], monday), frame)
    assert moved.abnormal.ar.tolist() == exact.abnormal.ar.tolist()
    (caveat,) = moved.caveats
    for words in (caveat.en, caveat.it, moved.summary()):
        assert str(weekend) in words
        assert str(monday) in words
    assert exact.caveats == ()


def test_first_session_that_was_named_is_taken_as_it_is(make_frame, small_study, friday):
    frame = make_frame()
    tuesday = friday + dt.timedelta(days=4)
    events = EventSet.on_date(["S0"], friday, tuesday)
    result = small_study(Raw(), (0, 0)).run(events, frame)
    assert result.abnormal.ar[0, 0] == frame["S0"].loc[str(tuesday)]
    assert result.caveats == ()


def test_weekend_date_of_the_short_function_is_told():
    study = api.event_study(date="2025-01-25", symbols=["NVDA"], window=(0, 0))
    answer = study.as_dict()["event"]
    assert (answer["date"], answer["first_session"]) == ("2025-01-25", "2025-01-27")
    assert answer["moved"] is True
    catalogue = api.event_study("deepseek", symbols=["NVDA"], window=(0, 0))
    assert study.result.abnormal.ar.tolist() == catalogue.result.abnormal.ar.tolist()
    monday = api.event_study(date="2025-01-27", symbols=["NVDA"], window=(0, 0))
    assert monday.as_dict()["event"]["moved"] is False


@pytest.mark.parametrize(
    "date", ["2024-04-12", dt.date(2024, 4, 12), pd.Timestamp("2024-04-12 16:30")]
)
def test_events_from_a_frame(date):
    events = EventSet.from_frame(pd.DataFrame({"symbol": ["S0", "S1"], "date": [date] * 2}))
    assert [event.id for event in events] == ["S0@2024-04-12", "S1@2024-04-12"]
    assert [event.symbol for event in events] == ["S0", "S1"]
    assert {event.date for event in events} == {dt.date(2024, 4, 12)}
    assert all(type(event.date) is dt.date for event in events)


def test_events_from_a_frame_keep_their_ids():
    columns = {"symbol": ["S0", "S0"], "date": ["2024-04-12"] * 2, "event_id": ["a", 7]}
    assert [event.id for event in EventSet.from_frame(pd.DataFrame(columns))] == ["a", "7"]
    with pytest.raises(UserInputError, match=r"S0@2024-04-12"):
        EventSet.from_frame(pd.DataFrame(columns).drop(columns="event_id"))


def test_events_from_a_frame_without_its_columns():
    with pytest.raises(UserInputError, match="lacks date, symbol"):
        EventSet.from_frame(pd.DataFrame({"ticker": ["S0"]}))


@pytest.mark.parametrize("text", ["12/04/2024", "2024-4-12", "2024-02-31", "45394", "Apr 12 2024"])
def test_events_from_a_frame_read_only_iso_days(text):
    with pytest.raises(UserInputError):
        EventSet.from_frame(pd.DataFrame({"symbol": ["S0"], "date": [text]}))


def test_no_event_is_refused(make_frame, small_study):
    with pytest.raises(InsufficientDataError, match="No event was given"):
        small_study(Raw()).run(EventSet(()), make_frame())
