"""Where labels go: pure geometry in millimetres, so that no label covers another.

All boxes are measured from the lower left corner of the plot area.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = [
    "Box",
    "cut",
    "fitting_scale",
    "least_crowded",
    "nice_step",
    "nice_ticks",
    "raised",
    "spread",
    "thinned",
    "wrap",
]

Points = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, millimetres."""

    left: float
    bottom: float
    right: float
    top: float

    @classmethod
    def centred(cls, x: float, y: float, width: float, height: float) -> Box:
        """Return the box of that size around a point."""
        return cls(x - width / 2, y - height / 2, x + width / 2, y + height / 2)

    @property
    def centre(self) -> tuple[float, float]:
        """The middle of the box."""
        return (self.left + self.right) / 2, (self.bottom + self.top) / 2

    def moved(self, right: float = 0.0, up: float = 0.0) -> Box:
        """Return the same box elsewhere."""
        return Box(self.left + right, self.bottom + up, self.right + right, self.top + up)

    def overlaps(self, other: Box, gap: float = 0.0) -> bool:
        """Return whether the boxes come nearer than `gap`."""
        return self.beside(other, gap) and (
            self.bottom < other.top + gap and other.bottom < self.top + gap
        )

    def beside(self, other: Box, gap: float = 0.0) -> bool:
        """Return whether the boxes share a stretch of the horizontal axis."""
        return self.left < other.right + gap and other.left < self.right + gap

    def within(self, width: float, height: float) -> bool:
        """Return whether the box lies inside a plot area of that size."""
        return (
            self.left >= -1e-9
            and self.bottom >= -1e-9
            and self.right <= width + 1e-9
            and self.top <= height + 1e-9
        )


def spread(positions: Sequence[float], minimum_gap: float, low: float, high: float) -> list[float]:
    """Move positions apart as little as possible, in order, within bounds.

    The sum of squared moves is smallest: with ``q_i = p_i - i * gap`` the task is an
    isotonic regression, solved by pooling adjacent violators.

    Parameters
    ----------
    positions : sequence of float of shape (n,)
        In any order; the result comes in the same order.
    minimum_gap : float
        Smallest distance; it shrinks evenly if the room is too small.
    low, high : float
        Bounds of the result.
    """
    count = len(positions)
    if not count:
        return []
    gap = min(minimum_gap, (high - low) / max(count - 1, 1))
    order = sorted(range(count), key=lambda index: positions[index])
    pools: list[tuple[float, int]] = []
    for rank, index in enumerate(order):
        mean, size = positions[index] - rank * gap, 1
        while pools and pools[-1][0] > mean:
            before, more = pools.pop()
            mean, size = (mean * size + before * more) / (size + more), size + more
        pools.append((mean, size))
    ceiling = high - (count - 1) * gap
    flat = [min(max(mean, low), ceiling) for mean, size in pools for _ in range(size)]
    moved = [0.0] * count
    for rank, index in enumerate(order):
        moved[index] = flat[rank] + rank * gap
    return moved


def raised(box: Box, obstacles: Iterable[Box], gap: float = 0.6) -> Box:
    """Lift a box straight up until it is clear of all obstacles."""
    for other in sorted(obstacles, key=lambda obstacle: obstacle.bottom):
        if box.overlaps(other, gap - 1e-6):
            box = box.moved(up=other.top + gap - box.bottom)
    return box


def least_crowded(
    candidates: Iterable[Box], points: Points, boxes: Sequence[Box] = (), gap: float = 0.8
) -> tuple[Box, float]:
    """Return the first candidate with the least underneath, and how much that is.

    Parameters
    ----------
    candidates : iterable of Box
        Best first; at least one.
    points : ndarray of shape (n, 3)
        Points of lines already drawn, as x, y and weight.
    boxes : sequence of Box
        Labels already placed; covering one weighs more than any line.
    gap : float
        Clear distance around the label, millimetres.
    """
    best: tuple[Box, float] | None = None
    for box in candidates:
        under = (
            (points[:, 0] > box.left - gap)
            & (points[:, 0] < box.right + gap)
            & (points[:, 1] > box.bottom - gap)
            & (points[:, 1] < box.top + gap)
        )
        load = float(points[under, 2].sum())
        load += 1e6 * sum(box.overlaps(other, gap) for other in boxes)
        if best is None or load < best[1]:
            best = (box, load)
        if load == 0.0:
            break
    if best is None:
        raise ValueError("There is no candidate position.")
    return best


def nice_step(span: float, most: int) -> float:
    """Return the smallest step of 1, 2 or 5 times a power of ten with at most `most` steps."""
    rough = max(span, 1e-12) / max(most, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    for factor in (1.0, 2.0, 5.0):
        if factor * power >= rough * (1 - 1e-9):
            return factor * power
    return 10.0 * power


def nice_ticks(low: float, high: float, most: int) -> tuple[list[float], float]:
    """Return round tick values inside [low, high] and their step; zero is exactly zero."""
    step = nice_step(high - low, most)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)], step


def thinned(count: int, width: float, pitch: float) -> list[int]:
    """Return which of `count` evenly spaced labels to print so that they fit; always the last."""
    every = max(1, math.ceil(width / pitch)) if pitch > 0 else 1
    return sorted(range(count - 1, -1, -every))


def wrap(text: str, width: float, measure: Callable[[str], float], lines: int = 2) -> list[str]:
    """Break text at spaces into lines of similar length, at most `lines` of them.

    Parameters
    ----------
    text : str
        What does not fit ends in an ellipsis.
    width : float
        Longest line, in the unit of `measure`.
    measure : callable
        Width of a line.
    lines : int
    """
    text = text.replace(" %", "\u00a0%")
    done = _greedy(text, width, measure, lines)
    narrower = width
    while len(done) > 1:
        narrower *= 0.96
        closer = _greedy(text, narrower, measure, lines)
        if len(closer) > len(done) or max(map(measure, closer)) > narrower:
            break
        done = closer
    return [cut(line, width, measure) for line in done]


def _greedy(text: str, width: float, measure: Callable[[str], float], lines: int) -> list[str]:
    done: list[str] = []
    words = text.split(" ")
    while words and len(done) < lines:
        count = 1
        while count < len(words) and measure(" ".join(words[: count + 1])) <= width:
            count += 1
        done.append(" ".join(words[:count]))
        words = words[count:]
    if words:
        done[-1] = " ".join([done[-1], *words])
    return done


def cut(text: str, width: float, measure: Callable[[str], float]) -> str:
    """Return the text, or as much of it as fits with an ellipsis."""
    if measure(text) <= width:
        return text
    while text and measure(text + "\u2026") > width:
        text = text[:-1].rstrip()
    return text + "\u2026"


def fitting_scale(height: float, start: float, top: Callable[[float], float]) -> float:
    """Return the largest scale up to `start` at which everything drawn ends below `height`.

    Parameters
    ----------
    height : float
        Room, millimetres.
    start : float
        Millimetres per unit of data to begin with.
    top : callable
        ``top(scale)`` gives the upper edge of the highest thing, millimetres.
    """
    scale = start
    for _ in range(60):
        reach = top(scale)
        if reach <= height:
            return scale
        scale *= max(min(height / reach, 0.995), 0.2)
    return scale
