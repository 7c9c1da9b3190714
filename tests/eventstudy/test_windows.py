from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as hs

from marketshock.errors import UserInputError
from marketshock.eventstudy.models import Raw
from marketshock.eventstudy.study import EventStudy
from marketshock.eventstudy.windows import EstimationWindow, EventWindow, check_apart


@given(hs.integers(-50, 50), hs.integers(0, 50))
def test_length_counts_both_ends(first, more):
    window = EventWindow(first, first + more)
    assert window.length == len(range(first, first + more + 1))
    assert EventWindow.parse(f"{window.first}, {window.last}") == window


def test_reversed_window_is_refused_with_the_other_reading():
    with pytest.raises(UserInputError, match=r"\[5, -5\] ends before it starts.*\[-5, 5\]"):
        EventWindow(5, -5)


@pytest.mark.parametrize("text", ["", "1", "1,2,3", "a,b", "-1.5,1", "-1;1", "1,"])
def test_text_that_is_no_window_is_refused(text):
    with pytest.raises(UserInputError, match="is not a window") as caught:
        EventWindow.parse(text)
    assert repr(text) in str(caught.value)
    assert "-1,1" in caught.value.hint


def test_default_estimation_is_minus_260_to_minus_11():
    estimation = EstimationWindow()
    assert (estimation.first, estimation.last) == (-260, -11)
    assert (estimation.length, estimation.gap) == (250, 10)


@given(hs.integers(3, 500), hs.integers(0, 60))
def test_estimation_window_has_its_length_and_its_gap(length, gap):
    estimation = EstimationWindow(length, gap)
    assert len(range(estimation.first, estimation.last + 1)) == length
    assert len(range(estimation.last + 1, 0)) == gap


@pytest.mark.parametrize(
    ("length", "fewest"), [(250, 175), (143, 101), (142, 100), (120, 100), (100, 100), (60, 42)]
)
def test_fewest_observations(length, fewest):
    assert EstimationWindow(length).fewest == fewest
    assert EstimationWindow(length, min_obs=17).fewest == 17


@pytest.mark.parametrize(("length", "gap"), [(2, 10), (0, 10), (-5, 10), (250, -1)])
def test_impossible_estimation_is_refused(length, gap):
    with pytest.raises(UserInputError, match=rf"{length} sessions with a gap of {gap}"):
        EstimationWindow(length, gap)


@pytest.mark.parametrize(("first", "allowed"), [(-12, False), (-11, False), (-10, True)])
def test_event_window_may_not_touch_the_estimation_window(first, allowed):
    windows = [EventWindow(0, 0), EventWindow(first, 1)]
    if allowed:
        check_apart(windows, EstimationWindow())
        assert EventStudy(windows=windows).tau[0] == first
        return
    for attempt in (
        lambda: check_apart(windows, EstimationWindow()),
        lambda: EventStudy(windows=windows),
    ):
        with pytest.raises(UserInputError, match=r"-260 \.\.\.estimation\.\.\. -11") as caught:
            attempt()
        assert f"[{first}, 1]" in caught.value.message


def test_no_window_is_refused():
    with pytest.raises(UserInputError, match="No event window"):
        EventStudy(windows=())


def test_sessions_are_the_union_of_windows_once_each():
    study = EventStudy(Raw(), [EventWindow(4, 5), EventWindow(-1, 1), EventWindow(0, 1)])
    assert study.tau.tolist() == [-1, 0, 1, 4, 5]


def test_repeated_windows_count_once_and_keep_their_order():
    spans = [EventWindow(0, 5), EventWindow(0, 0), EventWindow(0, 5)]
    assert EventStudy(windows=spans).all_windows == (EventWindow(0, 5), EventWindow(0, 0))
    assert EventStudy(windows=EventWindow(0, 1)).all_windows == (EventWindow(0, 1),)


def test_default_windows_are_the_event_day_three_days_and_six():
    spans = [(window.first, window.last) for window in EventStudy().all_windows]
    assert spans == [(0, 0), (-1, 1), (0, 5)]


def test_window_that_was_not_studied_is_refused(make_frame, events_at, small_study):
    frame = make_frame()
    result = small_study(Raw(), (-1, 1), (4, 5)).run(events_at(frame, 75), frame)
    assert np.isfinite(result.abnormal.car(EventWindow(0, 1))).all()
    for span in ((0, 2), (1, 4), (-1, 5)):
        with pytest.raises(UserInputError, match="not part of this result"):
            result.abnormal.car(EventWindow(*span))
