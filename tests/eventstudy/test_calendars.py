"""Events with a benchmark or a calendar of their own."""

from __future__ import annotations

import numpy as np
import pytest

from marketshock.errors import UserInputError
from marketshock.eventstudy.events import Event, EventSet
from marketshock.eventstudy.models import MarketModel
from marketshock.eventstudy.study import EventStudy
from marketshock.eventstudy.windows import EstimationWindow, EventWindow

SPAN = EventWindow(-1, 2)
ARRAYS = ("ar", "coefficients", "forecast", "variance", "residuals", "benchmark")


@pytest.fixture
def markets(make_frame):
    """Two markets with different holidays."""
    home, away = make_frame(2, seed=1), make_frame(2, seed=2)
    away = away.rename(columns={"S0": "A0", "S1": "A1", "M": "N"})
    return {
        "home": home.drop(home.index[[20, 40, 76]]),
        "away": away.drop(away.index[[21, 74]]),
    }


def run(events, returns, model=MarketModel("M"), sizes=0):  # noqa: B008  (frozen)
    study = EventStudy(model, SPAN, EstimationWindow(60, 5), placebo_sessions=sizes)
    return study.run(EventSet(tuple(events)), returns)


def same(one, at, other, to):
    np.testing.assert_array_equal(one.sessions[at], other.sessions[to])
    for name in ARRAYS:
        ours, theirs = getattr(one, name)[at], getattr(other, name)[to]
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-16)


def test_each_event_is_studied_on_its_own_sessions(markets, make_frame):
    day = make_frame().index[78].date()
    events = [
        Event("h0", "S0", day, calendar="home"),
        Event("a0", "A0", day, calendar="away", benchmark="N"),
        Event("h1", "S1", day, calendar="home"),
        Event("a1", "A1", day, calendar="away", benchmark="N"),
    ]
    both = run(events, markets)
    assert both.abnormal.event_ids == ("h0", "a0", "h1", "a1")
    for calendar, benchmark, symbols, rows in (
        ("home", "M", ("S0", "S1"), (0, 2)),
        ("away", "N", ("A0", "A1"), (1, 3)),
    ):
        alone = [Event(symbol, symbol, day) for symbol in symbols]
        single = run(alone, markets[calendar], MarketModel(benchmark)).abnormal
        for to, at in enumerate(rows):
            same(both.abnormal, at, single, to)


def test_a_holiday_of_one_calendar_moves_only_its_events(markets, make_frame):
    day = make_frame().index[76].date()
    both = run(
        [
            Event("h", "S0", day, calendar="home"),
            Event("a", "A0", day, calendar="away", benchmark="N"),
        ],
        markets,
    )
    zero = both.abnormal.sessions[:, both.abnormal.session_zero()].astype(object).tolist()
    assert zero == [make_frame().index[77].date(), day]
    said = [caveat.en for caveat in both.caveats if "is no session" in caveat.en]
    assert said == [f"{day} is no session: session 0 is {zero[0]}"]


def test_what_can_not_be_measured_across_calendars_is_said(markets, make_frame):
    day = make_frame().index[80].date()
    events = [
        Event("h", "S0", day, calendar="home"),
        Event("a", "A0", day, calendar="away", benchmark="N"),
    ]
    result = run(events, markets, sizes=20)
    assert result.abnormal.shared_date is bool(
        np.ptp(result.abnormal.sessions[:, 0].astype(int)) == 0
    )
    assert result.sizes == ()
    said = any(caveat.en.startswith("false alarms not measured") for caveat in result.caveats)
    assert said is result.abnormal.shared_date


def test_a_calendar_without_returns_is_named(markets, make_frame):
    day = make_frame().index[78].date()
    with pytest.raises(UserInputError) as caught:
        run([Event("h", "S0", day, calendar="hone")], markets)
    assert "'hone'" in caught.value.message
    assert "home" in caught.value.hint


def test_own_benchmarks_equal_separate_studies(make_frame):
    frame = make_frame(3, seed=5)
    frame["N"] = np.roll(frame["M"], 7)
    day = frame.index[75].date()
    events = [
        Event("a", "S0", day),
        Event("b", "S1", day, benchmark="N"),
        Event("c", "S2", day, benchmark="M"),
    ]
    mixed = run(events, frame).abnormal
    plain = run([Event(s, s, day) for s in ("S0", "S1", "S2")], frame).abnormal
    other = run([Event("S1", "S1", day)], frame, MarketModel("N")).abnormal
    same(mixed, 0, plain, 0)
    same(mixed, 1, other, 0)
    same(mixed, 2, plain, 2)
    assert (mixed.ar[1] != plain.ar[1]).all()


def test_own_benchmarks_are_measured_on_earlier_sessions_too(make_frame):
    frame = make_frame(2, sessions=200, seed=5)
    frame["N"] = np.roll(frame["M"], 7)
    day = frame.index[180].date()
    mixed = run([Event("a", "S0", day), Event("b", "S1", day, benchmark="N")], frame, sizes=60)
    at = mixed.placebo.portfolio[SPAN]
    earlier = frame.index[180 - 8].date()
    again = run([Event("a", "S0", earlier), Event("b", "S1", earlier, benchmark="N")], frame)
    assert np.abs(at - again.test("portfolio_t").statistic).min() < 1e-9


def test_an_unknown_benchmark_is_named(make_frame):
    frame = make_frame(2)
    with pytest.raises(UserInputError, match="'Q'"):
        run([Event("a", "S0", frame.index[75].date(), benchmark="Q")], frame)
