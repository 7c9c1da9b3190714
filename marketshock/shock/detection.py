"""Which sessions were shocks: many stocks beyond their ordinary range, and by much.

Two figures describe a session: breadth, the share of stocks whose absolute standardised
abnormal return (SAR) exceeds a threshold; and size, the mean absolute SAR. Each is compared
with its placebo distribution, the same figure on ordinary sessions. A session is a shock if
both are rare there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from marketshock.errors import InsufficientDataError, UserInputError
from marketshock.eventstudy.events import Shock, ShockCatalogue
from marketshock.eventstudy.ols import Bools
from marketshock.eventstudy.scan import Scan
from marketshock.market.panel import Floats
from marketshock.market.sessions import Dates, to_day
from marketshock.quality.findings import Finding
from marketshock.table import Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DetectedShocks", "Detection", "Episode"]

FEWEST_STOCKS = 5
SHIFTS = 99
"""Rearrangements of the stocks' histories that tell what unrelated moves would give."""

View = Literal["episodes", "sessions", "catalogue"]
Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Episode:
    """Shock sessions near each other.

    ``peak`` is the session with the smallest p-value, the broadest of several; breadth, size,
    mean SAR and p-value are those of the peak. ``events`` are the ids of the catalogue whose
    first session lies in the episode or one session beside it.
    """

    first: dt.date
    last: dt.date
    sessions: int
    peak: dt.date
    breadth: float
    size: float
    mean: float
    pvalue: float
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class DetectedShocks:
    """Sessions tested, the shocks among them, and the catalogue beside them.

    Parameters
    ----------
    detection : Detection
    symbols : tuple of str
    sessions : ndarray of datetime64[D] of shape (n_sessions,)
        Those that were tested.
    breadth, size, mean : ndarray of shape (n_sessions,)
        Share of stocks beyond the threshold, mean absolute SAR, mean SAR.
    pvalues : ndarray of shape (n_sessions,)
        The larger of the two placebo p-values.
    is_shock : ndarray of bool of shape (n_sessions,)
    placebos : int
        Ordinary sessions in the placebo distribution.
    unrelated : float
        Shocks to be expected had the stocks moved as they did, but on unrelated sessions.
    episodes : tuple of Episode
    unseen : tuple of str
        Events of the catalogue whose first session was tested and lies in no episode.
    findings : tuple of Finding
    """

    detection: Detection
    symbols: tuple[str, ...]
    sessions: Dates
    breadth: Floats
    size: Floats
    mean: Floats
    pvalues: Floats
    is_shock: Bools
    placebos: int
    unrelated: float
    episodes: tuple[Episode, ...]
    unseen: tuple[str, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def smallest_pvalue(self) -> float:
        """Smallest p-value that can be reached, 1 / (placebos + 1)."""
        return 1.0 / (self.placebos + 1)

    @property
    def by_chance(self) -> float:
        """Most shocks to be expected if every session were an ordinary one: level x tested."""
        return self.detection.level * len(self.sessions)

    @property
    def false_share(self) -> float | None:
        """Upper bound of the share of false discoveries; None without any discovery."""
        found = int(self.is_shock.sum())
        return min(1.0, self.by_chance / found) if found else None

    @property
    def missing(self) -> tuple[Episode, ...]:
        """Episodes that the catalogue lacks."""
        return tuple(episode for episode in self.episodes if not episode.events)

    def table(self, view: View = "episodes") -> Table:
        """Return the episodes, the tested sessions, or the catalogue's unseen events.

        Raises
        ------
        UserInputError
            For another view.
        """
        if view == "episodes":
            names = tuple(Episode.__dataclass_fields__)
            rows = [{name: getattr(one, name) for name in names} for one in self.episodes]
            return Table.from_rows(view, rows, names)
        if view == "sessions":
            columns: dict[str, Any] = {
                "date": tuple(to_day(day) for day in self.sessions),
                **{
                    name: tuple(getattr(self, name).tolist())
                    for name in ("breadth", "size", "mean", "pvalues", "is_shock")
                },
            }
            return Table(view, columns)
        if view == "catalogue":
            return Table(view, {"event_id": self.unseen})
        raise UserInputError(f"No view {view!r}.", "Use episodes, sessions or catalogue.")

    def to_frame(self, view: View = "episodes") -> pd.DataFrame:
        """Return a view as a pandas frame."""
        return self.table(view).to_frame()

    def summary(self) -> str:
        """Return what was found and how much of it chance would give."""
        found, known = int(self.is_shock.sum()), len(self.episodes) - len(self.missing)
        text = (
            f"{found} of {len(self.sessions):,} sessions were shocks for {len(self.symbols)} "
            f"stocks, in {len(self.episodes)} episodes: {known} in the catalogue, "
            f"{len(self.missing)} not."
        )
        if found:
            text += (
                f" Had every session been ordinary, up to {self.by_chance:.0f} would be listed "
                f"(share of false discoveries: at most {self.false_share:.0%}); had the stocks "
                f"moved on unrelated sessions, {self.unrelated:.1f}."
            )
        return f"{text} Smallest p-value within reach: {self.smallest_pvalue:.2g}."

    def __repr__(self) -> str:
        return f"{self.summary()}\n{self.table().to_text()}"


@dataclass(frozen=True, slots=True)
class Detection:
    """How shocks are told from ordinary sessions; holds choices, never data.

    Parameters
    ----------
    threshold : float
        Absolute SAR from which a stock counts for breadth.
    level : float
        Placebo p-value up to which a session is a shock.
    near : int
        Sessions within which shocks belong to one episode, and within which a session is no
        placebo of an event of the catalogue or of itself.
    seed : int
        Of the rearrangements.
    """

    threshold: float = 3.0
    level: float = 0.01
    near: int = 5
    seed: int = 0

    def __post_init__(self) -> None:
        if not (self.threshold > 0 and 0 < self.level < 1 and self.near >= 1):
            raise UserInputError(
                f"A threshold of {self.threshold}, a level of {self.level} and {self.near} near "
                "sessions can't be used.",
                "Give a positive threshold, a level between 0 and 1, and one session or more.",
            )

    def run(
        self,
        scan: Scan,
        catalogue: ShockCatalogue | Iterable[Shock] = (),
        *,
        since: dt.date | None = None,
        until: dt.date | None = None,
    ) -> DetectedShocks:
        """Find the shocks of a scan.

        The p-value of a figure is ``(1 + placebos at least as large) / (1 + placebos)``.
        Placebos are the sessions on which at least five stocks have a SAR, without those within
        `near` sessions of an event of the catalogue that concerns one of the stocks or an
        index, and of the session itself. The session's p-value is the larger of the two.

        Raises
        ------
        InsufficientDataError
            If fewer placebos are left than the level needs.
        """
        rows = np.flatnonzero((scan.count > 0).sum(axis=1) >= FEWEST_STOCKS)
        shocks = tuple(catalogue)
        breadth, size, mean = _figures(scan.sar[rows], self.threshold)
        ordinary = self._ordinary(scan, rows, shocks)
        if ordinary.sum() < 1.0 / self.level - 1.0 + 2 * self.near + 1:
            raise InsufficientDataError(
                f"{int(ordinary.sum())} ordinary sessions with {FEWEST_STOCKS} stocks are too few "
                f"for a level of {self.level}.",
                "Raise the level, or take a longer history or more stocks.",
            )
        pvalues = np.maximum(
            _placebo_pvalues(breadth, rows, ordinary, self.near),
            _placebo_pvalues(size, rows, ordinary, self.near),
        )
        asked = scan.inside(since, until)[rows]
        if not asked.any():
            raise InsufficientDataError(
                f"No session can be tested between {since} and {until}.",
                f"Sessions run from {scan.sessions[rows[0]]} to {scan.sessions[rows[-1]]}.",
            )
        is_shock = pvalues <= self.level
        found = DetectedShocks(
            self,
            scan.symbols,
            scan.sessions[rows[asked]],
            breadth[asked],
            size[asked],
            mean[asked],
            pvalues[asked],
            is_shock[asked],
            int(ordinary.sum()),
            self._unrelated(scan.sar[rows], breadth, size, is_shock) * float(asked.mean()),
            (),
            (),
        )
        return _with_catalogue(found, scan, shocks)

    def _ordinary(self, scan: Scan, rows: Whole, shocks: tuple[Shock, ...]) -> Bools:
        """Return which tested sessions are not near an event that concerns the stocks."""
        ordinary = np.ones(len(scan.sessions), bool)
        stocks = set(scan.symbols)
        for shock in shocks:
            if any(symbol in stocks or symbol.startswith("^") for symbol in shock.symbols):
                at = int(np.searchsorted(scan.sessions, np.datetime64(shock.first_session, "D")))
                ordinary[max(0, at - self.near) : at + self.near + 1] = False
        return np.asarray(ordinary[rows])

    def _unrelated(self, sar: Floats, breadth: Floats, size: Floats, is_shock: Bools) -> float:
        """Return the shocks that remain when each stock's history is shifted by itself.

        Every stock keeps its moves and their order; only that they fall together is undone.
        """
        if not is_shock.any():
            return 0.0
        least = breadth[is_shock].min(), size[is_shock].min()
        moves = np.abs(np.nan_to_num(sar)).T
        around = np.stack([moves > self.threshold, moves, np.isfinite(sar).T], axis=1)
        around = np.concatenate([around, around], axis=2)
        rng, count = np.random.default_rng(self.seed), 0
        for _ in range(SHIFTS):
            total = np.zeros((3, len(sar)))
            for stock, start in zip(around, rng.integers(0, len(sar), len(around)), strict=True):
                total += stock[:, start : start + len(sar)]
            many = np.maximum(total[2], FEWEST_STOCKS)
            count += int(((total[0] >= least[0] * many) & (total[1] >= least[1] * many)).sum())
        return count / SHIFTS


def _figures(sar: Floats, threshold: float) -> tuple[Floats, Floats, Floats]:
    """Return breadth, size and mean SAR of sessions by stocks, each (n_sessions,)."""
    known = np.isfinite(sar)
    moves = np.where(known, sar, 0.0)
    many = np.maximum(known.sum(axis=1), 1)
    breadth = (np.abs(moves) > threshold).sum(axis=1) / many
    return breadth, np.abs(moves).sum(axis=1) / many, moves.sum(axis=1) / many


def _placebo_pvalues(values: Floats, rows: Whole, ordinary: Bools, near: int) -> Floats:
    """Return (1 + placebos at least as large) / (1 + placebos), those near a session left out."""
    placebo = np.sort(values[ordinary])
    larger = len(placebo) - np.searchsorted(placebo, values, side="left")
    many = np.full(len(values), len(placebo))
    for step in range(-near, near + 1):
        other = np.searchsorted(rows, rows + step)
        inside = np.minimum(other, len(rows) - 1)
        beside = (rows[inside] == rows + step) & ordinary[inside]
        many -= beside
        larger -= beside & (values[inside] >= values)
    return np.asarray((1.0 + larger) / (1.0 + many), float)


def _with_catalogue(found: DetectedShocks, scan: Scan, shocks: tuple[Shock, ...]) -> DetectedShocks:
    """Return what was found with its episodes, and the events in none of them."""
    rows = np.searchsorted(scan.sessions, found.sessions)
    hits = np.flatnonzero(found.is_shock)
    apart = np.flatnonzero(np.diff(rows[hits]) > found.detection.near) + 1
    firsts = {shock.id: np.datetime64(shock.first_session, "D") for shock in shocks}
    places = {
        name: int(np.searchsorted(scan.sessions, day))
        for name, day in firsts.items()
        if found.sessions[0] <= day <= found.sessions[-1]
    }
    groups = np.split(hits, apart) if len(hits) else []
    spans = [(rows[group[0]] - 1, rows[group[-1]] + 1) for group in groups]
    events = [
        tuple(name for name, row in places.items() if start <= row <= stop) for start, stop in spans
    ]
    seen = {name for names in events for name in names}
    episodes = tuple(_episode(found, *pair) for pair in zip(groups, events, strict=True))
    unseen = tuple(name for name in places if name not in seen)
    return replace(found, episodes=episodes, unseen=unseen)


def _episode(found: DetectedShocks, group: Whole, events: tuple[str, ...]) -> Episode:
    """Return the episode of neighbouring shock sessions, described by its peak."""
    peak = min(group, key=lambda at: (found.pvalues[at], -found.breadth[at]))
    return Episode(
        to_day(found.sessions[group[0]]),
        to_day(found.sessions[group[-1]]),
        len(group),
        to_day(found.sessions[peak]),
        float(found.breadth[peak]),
        float(found.size[peak]),
        float(found.mean[peak]),
        float(found.pvalues[peak]),
        events,
    )
