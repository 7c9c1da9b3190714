"""Simulated histories through the engine's own placebo path, and how often each test rejects.

All replications of a case stand one below the other in one long panel; each replication's
event is one session of it. So hundreds of studies are estimated at once by the very code that
measures the size of the tests on a user's own sessions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations

import numpy as np

from marketshock.eventstudy.models import MarketModel
from marketshock.eventstudy.placebo import Block, _samples
from marketshock.eventstudy.study import EventStudy
from marketshock.eventstudy.windows import EstimationWindow, EventWindow
from marketshock.inference.battery import TESTS, battery
from marketshock.inference.sample import Floats, WindowSample
from marketshock.inference.significance import SignificanceTest
from marketshock.market.panel import ReturnPanel

LEVEL = 0.05
LONGEST = 5
WINDOWS = (EventWindow(0, 0), EventWindow(0, LONGEST - 1))
AT_ONCE = 200
"""Replications in memory at once."""

ASKED = 600
"""Samples that a test without a batch form is asked about, one by one."""

JUDGED = 20
"""Samples that the battery judges; a test counts as valid if it is so in most of them."""

TIGHT = (0.035, 0.065)
BAND = (0.03, 0.08)
BANDS = dict.fromkeys(("portfolio_t", "placebo_rank", "placebo_dates", "kp_patell"), TIGHT)

LAYOUTS = {
    "one": lambda stock: 0,
    "apart": lambda stock: LONGEST * stock,
    "groups": lambda stock: LONGEST * (stock // 4),
    "close": lambda stock: stock // 4,
}
"""Sessions between the first event and that of each stock: one date, separate windows, four
stocks a date in separate windows, and the same in windows that overlap where L > 1."""


@dataclass(frozen=True, slots=True)
class Case:
    """What is drawn: N stocks with common residual correlation r.

    ``tails`` are degrees of freedom of t draws, 0 for normal ones; ``effect`` is added to
    every stock's return on its session 0, in decimals; ``estimation`` is M.
    """

    stocks: int
    correlation: float
    dates: str = "one"
    tails: int = 0
    effect: float = 0.0
    estimation: int = 250

    @property
    def study(self) -> EventStudy:
        return EventStudy(MarketModel("M"), WINDOWS, EstimationWindow(self.estimation, gap=0), 0)

    @property
    def sigma(self) -> Floats:
        """Residual standard deviation of each stock, from 1 to 2 %."""
        return np.linspace(0.01, 0.02, self.stocks)

    @property
    def portfolio_sigma(self) -> float:
        """Residual standard deviation of the stocks' mean on one date."""
        shared = self.correlation * self.sigma.mean() ** 2
        own = (1.0 - self.correlation) * (self.sigma**2).sum() / self.stocks**2
        return float(np.sqrt(shared + own))

    @property
    def sessions(self) -> int:
        """Sessions of one history."""
        return self.estimation + max(self.offsets) + LONGEST

    @property
    def offsets(self) -> list[int]:
        return [LAYOUTS[self.dates](stock) for stock in range(self.stocks)]

    def generator(self) -> np.random.Generator:
        layout = list(LAYOUTS).index(self.dates)
        key = (self.stocks, round(100 * self.correlation), layout, self.tails, self.estimation)
        return np.random.default_rng((20250127, *key))


@dataclass(frozen=True, slots=True)
class Rate:
    """How often one test rejected, and whether the battery calls it valid.

    ``spread`` is the standard error where the counted samples are not independent.
    """

    test: str
    length: int
    rejected: int
    of: int
    valid: bool
    spread: float | None = None

    @property
    def share(self) -> float:
        return self.rejected / self.of

    @property
    def error(self) -> float:
        if self.spread is not None:
            return self.spread
        return float(np.sqrt(self.share * (1.0 - self.share) / self.of))

    @property
    def band(self) -> tuple[float, float]:
        return BANDS.get(self.test, BAND)

    @property
    def inside(self) -> bool:
        """Whether the band can't be excluded by two standard errors."""
        low, high = self.band
        return low - 2 * self.error <= self.share <= high + 2 * self.error


def listed(rates: Iterable[Rate]) -> list[str]:
    """Return rates in words, for a message."""
    return [
        f"{rate.test} L={rate.length}: {rate.share:.4f} +- {2 * rate.error:.4f}, "
        f"band {rate.band[0]:.3f} to {rate.band[1]:.3f}"
        for rate in rates
    ]


def drawn(case: Case, runs: int, rng: np.random.Generator) -> ReturnPanel:
    """Return `runs` histories of all stocks S0 ... and the market M, one below the other."""

    def unit(*shape: int) -> Floats:
        if not case.tails:
            return rng.normal(size=shape)
        return rng.standard_t(case.tails, size=shape) * np.sqrt(1.0 - 2.0 / case.tails)

    sessions = case.sessions
    market = 0.01 * unit(runs, sessions, 1)
    common = np.sqrt(case.correlation) * unit(runs, sessions, 1)
    own = np.sqrt(1.0 - case.correlation) * unit(runs, sessions, case.stocks)
    beta = np.linspace(0.5, 1.5, case.stocks)
    values = beta * market + case.sigma * (common + own)
    for stock, offset in enumerate(case.offsets):
        values[:, case.estimation + offset, stock] += case.effect
    columns = np.concatenate([values, market], axis=2).reshape(runs * sessions, -1)
    days = np.datetime64("1900-01-01", "D") + np.arange(len(columns))
    return ReturnPanel(columns, days, (*(f"S{i}" for i in range(case.stocks)), "M"), "splits")


def batches(
    case: Case, runs: int, at_once: int = AT_ONCE
) -> Iterator[tuple[ReturnPanel, dict[EventWindow, WindowSample]]]:
    """Yield panels and their batches of samples, one a window, until there are `runs`."""
    rng = case.generator()
    for start in range(0, runs, at_once):
        panel = drawn(case, min(at_once, runs - start), rng)
        yield panel, sampled(case, panel)


def sampled(case: Case, panel: ReturnPanel) -> dict[EventWindow, WindowSample]:
    """Return one batch of samples a window, estimated by the engine."""
    study = case.study
    first = np.arange(case.estimation, len(panel.sessions), case.sessions)
    block = Block(panel.values[:, : case.stocks], study.model.design(panel, None))
    if case.dates == "one":
        return _samples(study, [block], np.ones(case.stocks, bool), first)
    parts = [
        _samples(study, [block], np.arange(case.stocks) == stock, first + offset)
        for stock, offset in enumerate(case.offsets)
    ]
    return {window: _joined(case, [part[window] for part in parts]) for window in WINDOWS}


def _joined(case: Case, parts: list[WindowSample]) -> WindowSample:
    """Return one batch of events of several dates from a batch for each event."""

    def together(name: str) -> Floats:
        return np.concatenate([getattr(part, name) for part in parts], axis=1)

    names = ("car", "scar", "residuals", "degrees_of_freedom", "ar", "sar")
    arrays = {name: together(name) for name in names}
    length = parts[0].length
    return replace(
        parts[0],
        **arrays,
        window_factor=np.mean([part.window_factor for part in parts], axis=0),
        correlation=_correlation(arrays["residuals"], case.offsets, length),
        shared_date=False,
        overlapping=any(abs(a - b) < length for a, b in combinations(case.offsets, 2)),
    )


def _correlation(residuals: Floats, offsets: list[int], length: int) -> Floats:
    """Return r-bar of each sample: pairs count by the sessions that their windows share."""
    total = np.zeros(len(residuals))
    for i, j in combinations(range(len(offsets)), 2):
        apart = offsets[j] - offsets[i]
        if apart < length:
            one = _unit(residuals[:, i, apart:])
            two = _unit(residuals[:, j, : residuals.shape[-1] - apart])
            total += 2.0 * (1.0 - apart / length) * (one * two).sum(axis=1)
    n = len(offsets)
    return np.maximum(total / (n * (n - 1)), 1e-9 - 1.0 / (n - 1))


def _unit(values: Floats) -> Floats:
    centred = values - values.mean(axis=1, keepdims=True)
    return np.asarray(centred / np.sqrt((centred * centred).sum(axis=1, keepdims=True)))


def single(case: Case, batch: WindowSample, number: int) -> WindowSample:
    """Return one sample of a batch, with its sessions, as a study of one history has it."""
    days = np.array(case.offsets)[:, None] + np.arange(batch.length)
    lone = ("car", "scar", "residuals", "degrees_of_freedom", "ar", "sar")
    return replace(
        batch,
        **{name: getattr(batch, name)[number] for name in lone},
        window_factor=float(np.asarray(batch.window_factor)[number]),
        correlation=float(np.asarray(batch.correlation)[number]),
        sessions=days,
        firms=np.arange(case.stocks),
        overlapping=len(np.unique(days)) < days.size,
    )


def valid_tests(case: Case, batch: WindowSample) -> set[str]:
    """Return the tests that the battery calls valid for most samples of a batch."""
    votes: dict[str, int] = {}
    judged = min(JUDGED, len(batch.car))
    for number in range(judged):
        for answer in battery(single(case, batch, number)):
            votes[answer.name] = votes.get(answer.name, 0) + answer.valid
    return {name for name, count in votes.items() if 2 * count > judged}


@cache
def rejections(case: Case, runs: int) -> tuple[Rate, ...]:
    """Return how often each test of the battery rejects, by window length.

    A test that reads the calendar has no batch form and is asked sample by sample. Tests
    without any answer, placebo dates among them, are left out.
    """
    counts: dict[tuple[str, int], list[int]] = {}
    valid: dict[int, set[str]] = {}
    for _, samples in batches(case, runs):
        for window, batch in samples.items():
            if window.length not in valid:
                valid[window.length] = valid_tests(case, batch)
            for test in TESTS:
                tally = counts.setdefault((test.name, window.length), [0, 0])
                wanted = ASKED - tally[1] if test.name in valid[window.length] else 0
                found = _pvalues(case, test, batch, wanted)
                tally[0] += int((found <= LEVEL).sum())
                tally[1] += len(found)
    return tuple(
        Rate(name, length, rejected, of, name in valid[length])
        for (name, length), (rejected, of) in counts.items()
        if of
    )


def _pvalues(case: Case, test: SignificanceTest, batch: WindowSample, wanted: int) -> Floats:
    found = test.pvalues(batch)
    if wanted > 0 and not np.isfinite(found).any():
        several = range(min(wanted, len(batch.car)))
        answers = (test(single(case, batch, number)) for number in several)
        found = np.array([a.pvalue for a in answers if a.pvalue is not None], float)
    return found[np.isfinite(found)]
