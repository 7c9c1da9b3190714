"""Shocks planted in synthetic histories, p-values by brute force, and the real catalogue."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

import marketshock as ms
from marketshock.errors import InsufficientDataError, UserInputError
from marketshock.eventstudy.events import Shock
from marketshock.eventstudy.scan import Scan
from marketshock.eventstudy.windows import EstimationWindow
from marketshock.locale import Text
from marketshock.market.sessions import to_day
from marketshock.provenance import Status
from marketshock.shock.detection import DetectedShocks, Detection

EMPTY = Text("", "")


def history(sar: np.ndarray) -> Scan:
    """Return a scan that found these standardised abnormal returns."""
    days = np.datetime64("2020-01-01", "D") + np.arange(len(sar))
    names = tuple(f"S{number}" for number in range(sar.shape[1]))
    count = np.where(np.isfinite(sar), 250, 0).astype(np.int32)
    return Scan("market", EstimationWindow(), days, names, sar, sar.copy(), sar.copy(), count, 2)


def event(name: str, scan: Scan, row: int, symbol: str = "S1") -> Shock:
    day = to_day(scan.sessions[row])
    return Shock(name, day, day, EMPTY, EMPTY, (symbol,), "", "core", Status.DERIVED)


@pytest.fixture
def planted() -> Scan:
    """Forty stocks, 600 sessions, common shocks on rows 200, 203 and 400."""
    sar = np.random.default_rng(1).normal(size=(600, 40))
    sar[:60, 3] = np.nan
    for row, size in ((200, 6.0), (203, -4.0), (400, 5.0)):
        sar[row, ::2] += size
    return history(sar)


def test_planted_shocks_are_found_and_clustered(planted: Scan) -> None:
    """Three sessions in two episodes; the catalogue knows one and has one that was none."""
    known = (event("known", planted, 201), event("quiet", planted, 500))
    found = Detection(level=0.004).run(planted, known)
    assert np.flatnonzero(found.is_shock).tolist() == [200, 203, 400]
    first, second = found.episodes
    assert (first.first, first.last) == (to_day(planted.sessions[200]), dt.date(2020, 7, 22))
    assert (first.sessions, first.events, second.events) == (2, ("known",), ())
    assert first.peak == to_day(planted.sessions[200])
    assert first.breadth >= 0.5
    assert found.missing == (second,)
    assert found.unseen == ("quiet",)
    assert found.placebos == 600 - 2 * 11
    assert found.smallest_pvalue == 1 / 579
    assert found.by_chance == pytest.approx(2.4)
    assert found.false_share == pytest.approx(0.8)
    assert found.unrelated < 0.1


def test_pvalues_by_brute_force(planted: Scan) -> None:
    known = (event("known", planted, 201),)
    found = Detection(threshold=2.0, near=3).run(planted, known)
    for row in (0, 2, 17, 198, 202, 205, 400, 599):
        ordinary = [at for at in range(600) if abs(at - 201) > 3 and abs(at - row) > 3]
        worst = 0.0
        for values in (found.breadth, found.size):
            larger = sum(values[at] >= values[row] for at in ordinary)
            worst = max(worst, (1 + larger) / (1 + len(ordinary)))
        assert found.pvalues[row] == pytest.approx(worst, rel=1e-14)


def test_breadth_and_size_by_brute_force(planted: Scan) -> None:
    found = Detection(threshold=1.5).run(planted)
    for row in (10, 300):
        known = [value for value in planted.sar[row].tolist() if np.isfinite(value)]
        assert found.breadth[row] == sum(abs(value) > 1.5 for value in known) / len(known)
        assert found.size[row] == pytest.approx(np.mean(np.abs(known)))
        assert found.mean[row] == pytest.approx(np.mean(known))


def test_ordinary_sessions_are_rarely_called_shocks() -> None:
    """Without any shock the share found stays at or below the level, as the bound says."""
    shares = [
        Detection(level=0.05).run(history(np.random.default_rng(seed).normal(size=(400, 20))))
        for seed in range(40)
    ]
    found = np.array([one.is_shock.mean() for one in shares])
    assert found.mean() <= 0.05 + 2 * found.std(ddof=1) / np.sqrt(len(found))
    assert all(one.is_shock.sum() == 0 or one.false_share > 0.5 for one in shares)


def test_unrelated_moves_count_when_moves_are_unrelated() -> None:
    """Fat-tailed stocks without a common cause: rearranged histories hold as many shocks."""
    found = Detection(level=0.05).run(
        history(np.random.default_rng(3).standard_t(3, size=(2000, 30)))
    )
    count = found.is_shock.sum()
    assert count > 10
    assert found.unrelated == pytest.approx(count, rel=0.5)


def test_a_period_keeps_the_placebos_of_the_whole_history(planted: Scan) -> None:
    whole = Detection(level=0.006).run(planted)
    part = Detection(level=0.006).run(planted, since=to_day(planted.sessions[300]))
    assert part.placebos == whole.placebos
    assert np.array_equal(part.pvalues, whole.pvalues[300:])
    assert [one.peak for one in part.episodes] == [to_day(planted.sessions[400])]


def test_what_cannot_be_tested_says_why(planted: Scan) -> None:
    with pytest.raises(UserInputError, match="level of 0"):
        Detection(level=0.0)
    with pytest.raises(InsufficientDataError, match=r"too few for a level of 0\.001"):
        Detection(level=0.001).run(planted)
    with pytest.raises(InsufficientDataError, match="No session can be tested"):
        Detection().run(planted, since=dt.date(2030, 1, 1))
    with pytest.raises(InsufficientDataError, match="0 ordinary sessions"):
        Detection().run(history(planted.sar[:, :4].copy()))
    with pytest.raises(UserInputError, match="No view"):
        Detection().run(planted).table("days")  # type: ignore[arg-type]


def test_no_shock_has_no_false_share() -> None:
    sar = np.random.default_rng(0).normal(size=(300, 10))
    found = Detection(threshold=9.0, level=0.02).run(history(sar))
    assert found.episodes == ()
    assert found.false_share is None
    assert len(found.to_frame()) == 0


@pytest.fixture(scope="module")
def real() -> DetectedShocks:
    return ms.shocks()


def test_the_real_history_has_the_known_shocks(real: DetectedShocks) -> None:
    events = {name for episode in real.episodes for name in episode.events}
    assert {"deepseek_2025", "covid_crash_2020", "tariffs_2025"} <= events
    catalogue = {row["id"] for row in ms.events()}
    assert events <= catalogue
    assert set(real.unseen) <= catalogue - events
    assert all(not episode.events for episode in real.missing)
    assert real.missing


def test_the_answer_reads_itself(real: DetectedShocks) -> None:
    assert f"{real.is_shock.sum()} of {len(real.sessions):,} sessions" in real.summary()
    assert "at most" in real.summary()
    assert len(real.table("sessions")) == len(real.sessions)
    assert real.table("catalogue")["event_id"] == real.unseen
    assert "deepseek_2025" in repr(real)
    assert list(real.to_frame().columns)[:3] == ["first", "last", "sessions"]
