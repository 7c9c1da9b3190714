"""How close things stand on the pages, chosen so that pages are full and few.

The template reports where every item of the body starts and ends. Several densities are tried;
the best one has the fewest pages, then the least empty space at their feet, then the most air.
What is left on a page is spread above its items.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

__all__ = ["DENSITIES", "Fit", "Mark", "best_fit"]

DENSITIES = (1.0, 0.85, 0.7, 0.6)
PAGE_FOOT = 275.0
MOST_EXTRA = 6.0
_TOLERATED = 12.0
_COST_OF_PAGE = 1000.0
_COST_OF_AIR = 30.0
_COST_OF_ORPHAN = 200.0
_PAGE_HEAD = 30.0

Mark = Mapping[str, Any]
"""``name`` ("start", "end", or "foot": the notes of a long table), ``item`` (its number),
``page``, and ``y`` (millimetres from the top)."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Spacing of one layout.

    Parameters
    ----------
    density : float
        Factor on the vertical spaces; 1 is roomy.
    cover : float
        The same for the cover.
    extra : tuple of float
        Space added above each item of the body and the closing part, millimetres.
    """

    density: float
    cover: float
    extra: tuple[float, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return what the template reads."""
        return {"density": self.density, "cover": self.cover, "extra": list(self.extra)}


def best_fit(items: int, marks_of: Callable[[Fit], Sequence[Mark]], foot: float = PAGE_FOOT) -> Fit:
    """Try the densities and return the best layout.

    Parameters
    ----------
    items : int
        Number of items in the body, the closing part included.
    marks_of : callable
        Lays the note out and returns its marks.
    foot : float
        Where the body of a page ends, millimetres from the top.
    """
    trials = []
    for density in DENSITIES:
        fit = Fit(density, density, (0.0,) * items)
        trials.append((fit, marks_of(fit)))
    fit, marks = min(trials, key=lambda trial: _cost(trial[0], trial[1], foot))
    fit, marks = _airy_cover(fit, marks, marks_of)
    spread = replace(fit, extra=_extra(items, marks, foot))
    return spread if _pages(marks_of(spread)) == _pages(marks) else fit


def _airy_cover(
    fit: Fit, marks: Sequence[Mark], marks_of: Callable[[Fit], Sequence[Mark]]
) -> tuple[Fit, Sequence[Mark]]:
    """Give the cover as much air as it can take without moving anything to another page."""
    for cover in DENSITIES:
        if cover <= fit.cover:
            break
        airy = replace(fit, cover=cover)
        moved = marks_of(airy)
        if _pages(moved) == _pages(marks):
            return airy, moved
    return fit, marks


def _pages(marks: Sequence[Mark]) -> dict[tuple[str, int], int]:
    return {(mark["name"], mark["item"]): mark["page"] for mark in marks}


def _holes(marks: Sequence[Mark], page_foot: float) -> dict[int, float]:
    """Return the empty millimetres at the foot of every page but the last."""
    last = max(mark["page"] for mark in marks)
    feet: dict[int, float] = {}
    for mark in marks:
        feet[mark["page"]] = max(feet.get(mark["page"], 0.0), mark["y"])
    return {page: page_foot - foot for page, foot in feet.items() if page < last}


def _cost(fit: Fit, marks: Sequence[Mark], foot: float) -> float:
    pages: int = max(mark["page"] for mark in marks)
    empty: float = sum(max(0.0, hole - _TOLERATED) for hole in _holes(marks, foot).values())
    orphans: int = sum(mark["name"] == "foot" and mark["y"] < _PAGE_HEAD for mark in marks)
    return (
        _COST_OF_PAGE * pages
        + _COST_OF_ORPHAN * orphans
        + _COST_OF_AIR * (1.0 - fit.density)
        + empty
    )


def _extra(items: int, marks: Sequence[Mark], foot: float) -> tuple[float, ...]:
    """Spread the hole of each page above the items that start on it below something else."""
    pages = _pages(marks)
    below = [
        item
        for item in range(items)
        if pages["end", item - 1] == pages["start", item] == pages["end", item]
    ]
    extra = [0.0] * items
    for page, hole in _holes(marks, foot).items():
        here = [item for item in below if pages["start", item] == page]
        for item in here:
            extra[item] = round(max(0.0, min(MOST_EXTRA, (hole - 1.0) / len(here))), 2)
    return tuple(extra)
