"""The one sentence on a window: by the tests that hold, never by those that don't."""

from __future__ import annotations

import numpy as np
import pytest

from marketshock.errors import UserInputError
from marketshock.eventstudy.conclusion import headline_tests
from marketshock.eventstudy.events import Event, EventSet
from marketshock.eventstudy.models import MarketModel
from marketshock.eventstudy.study import EventStudy
from marketshock.eventstudy.windows import EstimationWindow, EventWindow

MARKET = MarketModel("M")
ZERO = EventWindow(0, 0)
AT = 75


def run(frame, events, *, windows=ZERO, **options):
    study = EventStudy(MARKET, windows, EstimationWindow(60, 5), placebo_sessions=0, **options)
    return study.run(events, frame)


def test_a_planted_fall_is_abnormal_by_every_headline_test(make_frame, events_at):
    frame = make_frame(8, seed=3, correlation=0.0)
    frame.iloc[AT, :8] -= 0.2
    result = run(frame, events_at(frame, AT))
    assert "abnormal by every headline test" in result.conclusion().en
    assert "anomalo per tutti i test" in result.conclusion().it
    assert result.conclusion().en in result.summary()
    for test in headline_tests(result, ZERO):
        assert test.valid
        assert test.name in result.conclusion().it


def test_an_ordinary_session_is_called_so(make_frame, events_at):
    frame = make_frame(8, seed=3, correlation=0.0)
    frame.iloc[AT, :8] = frame["M"].iloc[AT]
    result = run(frame, events_at(frame, AT))
    assert all(test.pvalue > 0.05 for test in headline_tests(result, ZERO))
    assert result.conclusion().en.startswith("within what ordinary sessions show")


def test_disagreement_is_counted(make_frame, events_at):
    frame = make_frame(8, seed=3, correlation=0.0)
    frame.iloc[AT, 0] -= 0.6  # one stock alone: the portfolio moves, the others do not
    result = run(frame, events_at(frame, AT))
    tests = headline_tests(result, ZERO)
    rejecting = sum(test.pvalue < 0.05 for test in tests)
    assert 0 < rejecting < len(tests)
    assert f"{rejecting} of {len(tests)} reject" in result.conclusion().en


def test_one_stock_is_judged_by_its_own_t_and_rank(make_frame):
    frame = make_frame(2, seed=4)
    frame.iloc[AT, 0] -= 0.3
    day = frame.index[AT].date()
    result = run(frame, EventSet.on_date(["S0"], day))
    assert result.conclusion().en.startswith("S0: t -") or "−" in result.conclusion().en
    assert "ranks 1 of 61" in result.conclusion().en
    assert "al posto 1 su 61" in result.conclusion().it
    later = run(frame, EventSet.on_date(["S0"], day), windows=EventWindow(1, 3))
    assert "ranks" not in later.conclusion().en


def test_no_test_that_holds_is_said(make_frame):
    frame = make_frame(3, seed=5)
    days = [frame.index[AT + number].date() for number in range(3)]
    events = EventSet(tuple(Event(f"e{n}", f"S{n}", day) for n, day in enumerate(days)))
    result = run(frame, events, windows=EventWindow(0, 3))
    assert headline_tests(result, EventWindow(0, 3)) == ()
    assert result.conclusion().en == "no test across events holds for this sample"


def test_only_the_tests_asked_for_are_made(make_frame, events_at):
    frame = make_frame(6, seed=6)
    result = run(frame, events_at(frame, AT), tests=["bmp", "portfolio_t"])
    assert [test.name for test in result.tests[ZERO]] == ["portfolio_t", "bmp"]
    whole = run(frame, events_at(frame, AT))
    assert result.test("bmp").statistic == whole.test("bmp").statistic
    with pytest.raises(UserInputError, match="portfolio_tt"):
        EventStudy(MARKET, tests=["portfolio_tt"])


def test_numbers_depend_on_nothing_outside_their_windows(make_frame, events_at):
    """Prices before the estimation window, in the gap and after the event are spoilt."""
    frame = make_frame(6, 120, seed=7)
    spoilt = frame.copy()
    inside = np.r_[AT - 65 : AT - 5, AT - 1 : AT + 2]
    outside = np.setdiff1d(np.arange(len(frame)), inside)
    spoilt.iloc[outside] *= 1e6
    events, window = events_at(frame, AT), EventWindow(-1, 1)
    before, after = (run(data, events, windows=window) for data in (frame, spoilt))
    for view in ("car", "ar", "tests", "stocks"):
        assert before.to_frame(view).equals(after.to_frame(view))
