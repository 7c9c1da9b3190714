"""From the announcement to session 0: bells, weekends, holidays, half days, zones, clocks."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import exchange_calendars
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketshock.errors import UserInputError
from marketshock.eventstudy.announcements import Announcement, announcement_findings
from marketshock.eventstudy.events import Event, EventSet
from marketshock.eventstudy.models import Raw
from marketshock.locale import LANGUAGES

NEW_YORK = "America/New_York"
FIRST, LAST = dt.date(2015, 1, 2), dt.date(2026, 8, 21)


def news(day: str, time: str = "", zone: str = "", exchange: str = "XNYS", stated="unknown"):
    at = dt.time.fromisoformat(time) if time else None
    return Announcement(dt.date.fromisoformat(day), at, zone, exchange, stated)


@pytest.mark.parametrize(
    ("time", "timing", "session"),
    [
        ("00:00", "before_open", "2025-01-27"),
        ("09:29:59", "before_open", "2025-01-27"),
        ("09:30", "in_session", "2025-01-27"),
        ("15:59", "in_session", "2025-01-27"),
        ("15:59:59", "in_session", "2025-01-27"),
        ("16:00", "after_close", "2025-01-28"),
        ("16:01", "after_close", "2025-01-28"),
        ("23:59:59", "after_close", "2025-01-28"),
    ],
)
def test_d10_the_bell_decides(time, timing, session):
    found = news("2025-01-27", time, NEW_YORK)
    assert (found.timing, str(found.first_session())) == (timing, session)
    assert found.candidates == (found.first_session(),)


@pytest.mark.parametrize(
    ("day", "time", "session"),
    [
        ("2025-07-03", "12:59", "2025-07-03"),
        ("2025-07-03", "13:00", "2025-07-07"),
        ("2025-07-03", "13:01", "2025-07-07"),
        ("2024-11-29", "13:01", "2024-12-02"),
        ("2025-07-02", "13:01", "2025-07-02"),
    ],
)
def test_d10_a_half_day_closes_early(day, time, session):
    found = news(day, time)
    assert str(found.first_session()) == session
    assert found.half_day == (day != "2025-07-02")


@pytest.mark.parametrize(
    ("day", "timing", "session"),
    [
        ("2025-01-25", "weekend", "2025-01-27"),
        ("2025-01-26", "weekend", "2025-01-27"),
        ("2025-01-20", "holiday", "2025-01-21"),
        ("2025-01-09", "holiday", "2025-01-10"),
        ("2001-09-11", "holiday", "2001-09-17"),
    ],
)
def test_d9_a_day_without_session_moves_to_the_next_or_is_refused(day, timing, session):
    found = news(day, "12:00", NEW_YORK)
    assert (found.timing, str(found.first_session())) == (timing, session)
    assert str(news(day).first_session()) == session
    with pytest.raises(UserInputError, match=f"{day} is no session of XNYS \\({timing}\\)"):
        found.first_session("error")


def test_d9_news_after_the_close_of_a_session_is_not_refused():
    assert str(news("2025-01-24", "17:00").first_session("error")) == "2025-01-27"


def test_d9_a_moved_event_and_a_half_day_are_told():
    moved, half = news("2025-01-25"), news("2025-07-03", "12:00")
    events = [Event.announced(str(at), "NVDA", one) for at, one in enumerate((moved, half))]
    first, second = announcement_findings(events)
    assert (first.level, first.code, second.level, second.code) == ("FOOTNOTE", "D9", "INFO", "D9")
    for lang in LANGUAGES:
        assert "2025-01-25 → 2025-01-27" in first.text[lang]
        assert "2025-07-03" in second.text[lang]


@pytest.mark.parametrize(
    ("day", "exchange", "span"),
    [("1990-01-05", "XTKS", "1997-01-06"), ("2049-12-31", "XHKG", "2049-12-31")],
)
@pytest.mark.filterwarnings("ignore:DatetimeIndex.weekday")
def test_d9_outside_the_calendar_is_refused_with_its_range(day, exchange, span):
    with pytest.raises(UserInputError, match=f"{day}.*{span}"):
        news(day, exchange=exchange, stated="after_close").first_session()


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_d9_a_year_that_no_calendar_reaches_is_refused(day):
    with pytest.raises(UserInputError, match="No calendar of XNYS"):
        news(day, "12:00").first_session()


@pytest.mark.parametrize(
    ("stated", "session"),
    [("before_open", "2025-01-24"), ("in_session", "2025-01-24"), ("after_close", "2025-01-27")],
)
def test_d10_a_stated_timing_stands_for_the_time(stated, session):
    found = news("2025-01-24", stated=stated)
    assert (found.timing, str(found.first_session())) == (stated, session)


def test_d10_an_unknown_time_has_two_candidates_and_a_footnote():
    found = news("2025-01-24")
    assert found.timing == "unknown"
    assert [str(day) for day in found.candidates] == ["2025-01-24", "2025-01-27"]
    (finding,) = announcement_findings([Event.announced("a", "NVDA", found)])
    assert (finding.level, finding.code) == ("FOOTNOTE", "D10")
    for lang in LANGUAGES:
        assert "a (2025-01-24 / 2025-01-27)" in finding.text[lang]
    assert news("2025-01-25").candidates == (dt.date(2025, 1, 27),)


def test_d10_the_footnote_reaches_the_result(make_frame, small_study, friday):
    event = Event.announced("a", "S0", Announcement(friday))
    result = small_study(Raw(), (0, 0)).run(EventSet((event,)), make_frame())
    assert any("a (2024-04-12 / 2024-04-15)" in caveat.it for caveat in result.caveats)


@pytest.mark.parametrize("stated", ["in_session", "non_session"])
def test_a_stated_timing_must_fit_the_calendar(stated):
    day = {"in_session": "2025-01-25", "non_session": "2025-01-24"}[stated]
    with pytest.raises(UserInputError, match=f"{stated}' does not fit {day}"):
        news(day, stated=stated).first_session()


@pytest.mark.parametrize(
    ("day", "time", "zone", "exchange", "timing", "session"),
    [
        ("2025-01-27", "02:00", "Europe/Rome", "XNYS", "weekend", "2025-01-27"),
        ("2025-01-28", "01:00", "Asia/Tokyo", "XNYS", "in_session", "2025-01-27"),
        ("2025-01-27", "21:59", "Europe/Rome", "XNYS", "in_session", "2025-01-27"),
        ("2025-01-27", "22:00", "Europe/Rome", "XNYS", "after_close", "2025-01-28"),
        # Between the two changes of clocks, Rome is five hours ahead of New York.
        ("2025-03-17", "20:59", "Europe/Rome", "XNYS", "in_session", "2025-03-17"),
        ("2025-03-17", "21:00", "Europe/Rome", "XNYS", "after_close", "2025-03-18"),
        ("2024-10-31", "15:00", "Asia/Tokyo", "XTKS", "after_close", "2024-11-01"),
        ("2024-11-05", "15:00", "Asia/Tokyo", "XTKS", "in_session", "2024-11-05"),
        ("2024-11-05", "15:30", "", "XTKS", "after_close", "2024-11-06"),
        ("2025-01-26", "22:00", NEW_YORK, "XTKS", "in_session", "2025-01-27"),
        ("2025-01-27", "17:29", "", "XMIL", "in_session", "2025-01-27"),
        ("2025-01-27", "17:30", "", "XMIL", "after_close", "2025-01-28"),
        ("2025-01-27", "11:29", NEW_YORK, "XMIL", "in_session", "2025-01-27"),
        ("2025-12-26", "12:00", "", "XMIL", "holiday", "2025-12-29"),
    ],
)
def test_times_are_those_of_the_exchange(day, time, zone, exchange, timing, session):
    found = news(day, time, zone, exchange)
    assert (found.timing, str(found.first_session())) == (timing, session)


@pytest.mark.parametrize(
    ("day", "time", "zone", "words"),
    [
        ("2025-03-09", "02:30", NEW_YORK, "does not exist"),
        ("2025-11-02", "01:30", NEW_YORK, "comes twice"),
        ("2025-03-30", "02:30", "Europe/Rome", "does not exist"),
        ("2025-10-26", "02:30", "Europe/Rome", "comes twice"),
    ],
)
def test_a_local_time_must_be_one_moment(day, time, zone, words):
    with pytest.raises(UserInputError, match=words) as caught:
        news(day, time, zone).first_session()
    assert "UTC" in caught.value.hint
    assert news(day, time, "UTC").first_session() >= dt.date.fromisoformat(day)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"zone": "America/NewYork"}, "America/New_York"),
        ({"exchange": "XNYZ"}, "XNYS"),
        ({"stated": "after_clos"}, "after_close"),
        ({"time": "16:00", "stated": "after_close"}, "the time decides"),
    ],
)
def test_what_is_not_known_is_refused_with_a_hint(more, words):
    with pytest.raises(UserInputError) as caught:
        news("2025-01-27", **more).first_session()
    assert words in caught.value.hint


def test_a_time_with_a_zone_of_its_own_is_refused():
    with pytest.raises(UserInputError, match="zone of its own"):
        Announcement(dt.date(2025, 1, 27), dt.time(16, tzinfo=dt.UTC))


@lru_cache
def closes_of(exchange: str) -> pd.Series:
    found = exchange_calendars.get_calendar(exchange, start="2014-12-01", end="2026-12-31")
    return found.closes


@given(
    day=st.dates(FIRST, LAST),
    time=st.times(),
    exchange=st.sampled_from(["XNYS", "XTKS", "XMIL"]),
)
def test_session_0_is_the_first_whose_close_is_later(day, time, exchange):
    found = Announcement(day, time, "UTC", exchange)
    theirs = closes_of(exchange)
    moment = dt.datetime.combine(day, time, dt.UTC)
    later = [
        s
        for s, close in theirs.loc[str(day - dt.timedelta(3)) :].head(15).items()
        if close.to_pydatetime() > moment
    ]
    assert found.first_session() == later[0].date()


def test_the_catalogue_dates_session_0_by_the_rule(desk):
    """Three rows date the slide that followed days after its news, and say so."""
    apart = set()
    for row in desk.source.table("shocks"):
        times = [(None, row["timing"])]
        if row["announced_time"]:
            times.append((dt.time.fromisoformat(row["announced_time"]), "unknown"))
        for time, stated in times:
            one = Announcement(row["date"], time, row["announced_zone"], "XNYS", stated)
            if one.first_session() != row["first_session"]:
                apart.add(row["id"])
    assert apart == {"china_deval_2015", "yen_carry_2024", "software_agents_2026"}


def test_an_announced_event_lies_on_the_day_of_its_exchange():
    event = Event.announced("a", "NVDA", news("2025-01-28", "01:00", "Asia/Tokyo"), calendar="x")
    assert (str(event.date), str(event.first_session)) == ("2025-01-27", "2025-01-27")
    assert (event.id, event.symbol, event.calendar) == ("a", "NVDA", "x")
