"""Rivals' numbers, each against its formula written out from the returns alone."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from marketshock.errors import MarketShockWarning, UserInputError
from marketshock.eventstudy.events import EventSet
from marketshock.eventstudy.models import MarketModel, MeanAdjusted, Raw
from marketshock.eventstudy.peers import PeerComparison, as_peer
from marketshock.eventstudy.peers_catalogue import PEERS
from marketshock.eventstudy.result import StudyResult
from marketshock.eventstudy.windows import EventWindow
from marketshock.locale import LANGUAGES

M, GAP, K = 60, 5, 2
WINDOWS = ((0, 0), (-1, 1), (0, 3))
EVERY = pytest.mark.parametrize("window", [EventWindow(*window) for window in WINDOWS], ids=str)
PEER = pytest.mark.parametrize("peer", PEERS)
EXACT = 1e-10


class Fitted:
    """One stock's market model, from normal equations written out."""

    def __init__(self, frame: pd.DataFrame, symbol: str, at: int, window: EventWindow) -> None:
        rows = slice(at - GAP - M, at - GAP)
        y, m = frame[symbol].to_numpy()[rows], frame["M"].to_numpy()[rows]
        self.mean, self.spread = m.mean(), ((m - m.mean()) ** 2).sum()
        beta = ((m - self.mean) * (y - y.mean())).sum() / self.spread
        alpha = y.mean() - beta * self.mean
        self.residuals = y - alpha - beta * m
        self.sigma = math.sqrt((self.residuals**2).sum() / (M - K))
        days = slice(at + window.first, at + window.last + 1)
        self.ar = frame[symbol].to_numpy()[days] - alpha - beta * frame["M"].to_numpy()[days]
        self.factor = 1 + 1 / M + (frame["M"].to_numpy()[days] - self.mean) ** 2 / self.spread


@pytest.fixture(scope="module")
def frame(make_frame: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    return make_frame(stocks=6, sessions=100, seed=11)


@pytest.fixture(scope="module")
def one_date(frame: pd.DataFrame, events_at: Any, small_study: Any) -> StudyResult:
    return small_study(MarketModel("M"), *WINDOWS).run(events_at(frame, 80), frame)


@pytest.fixture(scope="module")
def dates() -> list[int]:
    return [78, 80, 82, 84, 86, 88]


@pytest.fixture(scope="module")
def many_dates(frame: pd.DataFrame, dates: list[int], small_study: Any) -> StudyResult:
    events = pd.DataFrame(
        {"symbol": [f"S{i}" for i in range(6)], "date": [frame.index[at].date() for at in dates]}
    )
    return small_study(MarketModel("M"), *WINDOWS).run(EventSet.from_frame(events), frame)


def fits(frame: pd.DataFrame, window: EventWindow, at: int | list[int] = 80) -> list[Fitted]:
    places = [at] * 6 if isinstance(at, int) else at
    return [Fitted(frame, f"S{i}", place, window) for i, place in enumerate(places)]


def r_bar(residuals: list[np.ndarray]) -> float:
    pairs = [
        np.corrcoef(one, other)[0, 1]
        for i, one in enumerate(residuals)
        for j, other in enumerate(residuals)
        if i != j
    ]
    return float(np.mean(pairs))


def t_of(values: list[float]) -> float:
    return float(stats.ttest_1samp(values, 0.0).statistic)


def running(fit: Fitted) -> float:
    """Sum of AR / (sigma C^(1/4)) / sqrt(s), session by session."""
    total = 0.0
    for s, (ar, factor) in enumerate(zip(fit.ar, fit.factor, strict=True), 1):
        total += ar / fit.sigma / math.sqrt(math.sqrt(factor)) / math.sqrt(s)
    return total


Q = (M - K) / (M - K - 2)


@EVERY
def test_r_eventstudy_sums_sar(
    frame: pd.DataFrame, many_dates: StudyResult, dates: list[int], window: EventWindow
) -> None:
    sums = [(f.ar / f.sigma / np.sqrt(f.factor)).sum() for f in fits(frame, window, dates)]
    line = as_peer(many_dates, "r_eventstudy").line("patell", window)
    assert line.theirs.statistic == pytest.approx(
        sum(sums) / math.sqrt(6 * window.length * Q), rel=EXACT
    )
    assert line.theirs.pvalue == pytest.approx(2 * stats.norm.sf(abs(line.theirs.statistic)))
    assert line.peer_is_wrong == (window.length > 1)


@EVERY
def test_r_eventstudy_leaves_the_forecast_error_out_and_matches_relative_sessions(
    frame: pd.DataFrame, many_dates: StudyResult, dates: list[int], window: EventWindow
) -> None:
    fitted = fits(frame, window, dates)
    bmp = t_of([f.ar.sum() / f.sigma for f in fitted])
    r = r_bar([f.residuals for f in fitted])
    told = as_peer(many_dates, "r_eventstudy")
    assert told.line("bmp", window).theirs.statistic == pytest.approx(bmp, rel=EXACT)
    assert not told.line("bmp", window).peer_is_wrong
    line = told.line("kp_bmp", window)
    assert line.theirs.statistic == pytest.approx(bmp * math.sqrt((1 - r) / (1 + 5 * r)), rel=EXACT)
    assert line.peer_is_wrong


@EVERY
def test_on_one_date_the_forecast_error_cancels(one_date: StudyResult, window: EventWindow) -> None:
    told = as_peer(one_date, "r_eventstudy")
    for name in ("bmp", "kp_bmp"):
        line = told.line(name, window)
        assert line.difference == pytest.approx(0.0, abs=1e-9)
        assert line.verdict.en == "equal"


@EVERY
def test_eventstudy2_sums_over_running_roots(
    frame: pd.DataFrame, one_date: StudyResult, window: EventWindow
) -> None:
    fitted = fits(frame, window)
    scar, r = [running(f) for f in fitted], r_bar([f.residuals for f in fitted])
    told = as_peer(one_date, "eventstudy2")
    z = sum(scar) / math.sqrt(6 * Q)
    shrink = math.sqrt((1 - r) / (1 + 5 * r))
    assert told.line("patell", window).theirs.statistic == pytest.approx(z, rel=EXACT)
    assert told.line("kp_patell", window).theirs.statistic == pytest.approx(z * shrink, rel=EXACT)
    bmp = told.line("bmp", window).theirs
    assert bmp.statistic == pytest.approx(t_of(scar), rel=EXACT)
    assert bmp.pvalue == pytest.approx(2 * stats.t.sf(abs(t_of(scar)), M - K), rel=1e-8)
    assert all(told.line(name, window).peer_is_wrong for name in ("patell", "kp_patell", "bmp"))


@EVERY
def test_eventstudy2_counted_the_diagonal_once(
    frame: pd.DataFrame, one_date: StudyResult, window: EventWindow
) -> None:
    fitted = fits(frame, window)
    bmp = t_of([running(f) for f in fitted])
    told = as_peer(one_date, "eventstudy2")
    r = r_bar([f.residuals for f in fitted])
    whole = float(np.corrcoef([f.residuals for f in fitted]).mean())
    for variant, mean in (("from July", r), ("before July", whole)):
        line = told.line("kp_bmp", window, variant)
        expected = bmp * math.sqrt((1 - mean) / (1 + 5 * mean))
        assert line.theirs.statistic == pytest.approx(expected, rel=EXACT)
    assert whole > r


@EVERY
def test_eventstudy2_divides_by_m_minus_k(
    frame: pd.DataFrame, one_date: StudyResult, window: EventWindow
) -> None:
    fitted = fits(frame, window)
    aar = np.mean([f.residuals for f in fitted], axis=0)
    variance = aar.var(ddof=1) * (M - 1) / (M - K)
    caar = np.mean([f.ar.sum() for f in fitted])
    line = as_peer(one_date, "eventstudy2").line("crude_dependence_t", window)
    t = caar / math.sqrt(window.length * variance)
    assert line.theirs.statistic == pytest.approx(t, rel=EXACT)
    assert line.theirs.pvalue == pytest.approx(2 * stats.t.sf(abs(t), M - K), rel=1e-8)
    assert line.verdict.en == "another choice"


def test_eventstudy2_takes_a_zero_for_a_gain(one_date: StudyResult) -> None:
    window = EventWindow(0, 0)
    sample = one_date.abnormal.sample(window)
    car = sample.car.copy()
    car[0] = 0.0
    tied = dataclasses.replace(sample, car=car)
    rule = next(c for c in PEERS["eventstudy2"].conventions if c.test.name == "generalized_sign")
    p = np.mean((sample.residuals > 0).mean(axis=1))
    gains = (car >= 0).sum()
    answer = rule.answer(one_date.abnormal, window, tied)
    assert answer.statistic == pytest.approx((gains - 6 * p) / math.sqrt(6 * p * (1 - p)))
    assert answer.statistic > rule.test(tied).statistic


def test_estudy2_takes_the_sample_deviation(frame: pd.DataFrame, one_date: StudyResult) -> None:
    window = EventWindow(0, 0)
    sar = [f.ar[0] / f.residuals.std(ddof=1) / math.sqrt(f.factor[0]) for f in fits(frame, window)]
    line = as_peer(one_date, "estudy2").line("patell", window)
    assert line.theirs.statistic == pytest.approx(sum(sar) / math.sqrt(6 * Q), rel=EXACT)
    assert line.peer_is_wrong
    assert as_peer(one_date, "estudy2").line("patell", EventWindow(0, 3)).theirs is None


@pytest.mark.parametrize(("model", "peer"), [(MeanAdjusted(), "estudy2"), (Raw(), "r_eventstudy")])
def test_what_is_not_documented_is_not_reproduced(
    model: Any, peer: str, frame: pd.DataFrame, events_at: Any, small_study: Any
) -> None:
    result = small_study(model, (0, 0)).run(events_at(frame, 80), frame)
    line = as_peer(result, peer).line("patell")
    assert line.theirs is None
    assert line.difference is None
    assert line.words.en.startswith("not reproduced: its")


def test_a_closed_service_is_not_reproduced(one_date: StudyResult) -> None:
    told = as_peer(one_date, "eventstudytools")
    assert all(line.theirs is None for line in told.lines)
    assert not told.warnings
    assert "closed" in told.summary()


def test_one_event_has_reasons_instead_of_numbers(frame: pd.DataFrame, small_study: Any) -> None:
    events = EventSet.on_date(["S0"], frame.index[80].date())
    result = small_study(MarketModel("M"), (0, 0)).run(events, frame)
    line = as_peer(result, "eventstudy2").line("bmp")
    assert line.theirs is None
    assert "at least two events" in line.words.en


# The object.


@PEER
def test_every_test_of_every_window_has_a_line(one_date: StudyResult, peer: str) -> None:
    told = as_peer(one_date, peer)
    wanted = {(w, t.name) for w, tests in one_date.tests.items() for t in tests}
    assert {(line.window, line.test) for line in told.lines} == wanted
    for line in told.lines:
        assert line.words.en != line.words.it
        assert line.peer_is_wrong == bool(line.why.en) == bool(line.why.it)
        assert (line.theirs is None) == (not line.reference)


@PEER
def test_it_prints_itself_in_both_languages(one_date: StudyResult, peer: str) -> None:
    told = as_peer(one_date, peer)
    texts = [told.summary(lang) for lang in LANGUAGES]
    assert texts[0] != texts[1]
    assert repr(told) == texts[0]
    for text in (*texts, told._repr_html_()):
        assert PEERS[peer].name.split(" (")[0] in text
        assert "nan" not in text.lower().split()


@PEER
def test_the_frame_is_tidy(one_date: StudyResult, peer: str) -> None:
    told = as_peer(one_date, peer)
    frame = told.to_frame("it")
    assert len(frame) == len(told.lines)
    known = frame[frame["reproduced"]]
    gap = known["theirs"].astype(float) - known["ours"].astype(float)
    assert np.allclose(gap, known["difference"].astype(float), rtol=0, atol=1e-12)
    assert set(known["reference"]) - {""} or known.empty


def test_faults_are_collected_as_warnings(one_date: StudyResult) -> None:
    found = as_peer(one_date, "eventstudy2").warnings
    assert all(isinstance(item, MarketShockWarning) for item in found)
    assert any("patell" in str(item) and "rooted twice" in str(item) for item in found)


def test_it_can_not_be_changed(one_date: StudyResult) -> None:
    told = as_peer(one_date, "estudy2")
    with pytest.raises(dataclasses.FrozenInstanceError):
        told.name = "other"
    assert isinstance(told, PeerComparison)
    assert isinstance(told.lines, tuple)


@pytest.mark.parametrize(("peer", "hint"), [("eventstudy", "eventstudy2"), ("xyz", "Known")])
def test_an_unknown_peer_is_an_error_with_suggestions(
    one_date: StudyResult, peer: str, hint: str
) -> None:
    with pytest.raises(UserInputError, match=hint):
        as_peer(one_date, peer)


def test_an_unknown_line_is_an_error(one_date: StudyResult) -> None:
    told = as_peer(one_date, "eventstudy2")
    with pytest.raises(UserInputError, match="patell"):
        told.line("patel")
    with pytest.raises(UserInputError, match="before July"):
        told.line("kp_bmp", variant="1999")


def test_a_moved_date_is_remarked(frame: pd.DataFrame, small_study: Any) -> None:
    symbols = [f"S{i}" for i in range(6)]
    friday = frame.index[79].date()
    assert friday.weekday() == 4
    events = EventSet.on_date(symbols, friday, frame.index[80].date())
    result = small_study(MarketModel("M"), (0, 0)).run(events, frame)
    remarks = as_peer(result, "eventstudy2").remarks
    assert len(remarks) == 1
    assert "6 events" in remarks[0].en
    assert "0 of them" in remarks[0].en
