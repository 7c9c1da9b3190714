"""Event and estimation windows, in sessions relative to session 0."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from marketshock.errors import UserInputError

__all__ = ["EstimationWindow", "EventWindow", "check_apart"]


@dataclass(frozen=True, slots=True, order=True)
class EventWindow:
    """Sessions ``first`` to ``last`` around session 0, both included."""

    first: int
    last: int

    def __post_init__(self) -> None:
        if not (isinstance(self.first, int) and isinstance(self.last, int)):
            raise UserInputError(
                f"A window counts whole sessions, not [{self.first}, {self.last}].",
                "For example -1 and 1.",
            )
        if self.first > self.last:
            raise UserInputError(
                f"The window [{self.first}, {self.last}] ends before it starts.",
                f"Did you mean [{self.last}, {self.first}]?",
            )

    @property
    def length(self) -> int:
        """L, the number of sessions."""
        return self.last - self.first + 1

    @classmethod
    def parse(cls, text: str) -> EventWindow:
        """Read ``-1,1``."""
        try:
            first, last = (int(part) for part in text.split(","))
        except ValueError:
            raise UserInputError(
                f"{text!r} is not a window.", "Write two whole numbers, for example -1,1."
            ) from None
        return cls(first, last)


@dataclass(frozen=True, slots=True)
class EstimationWindow:
    """The sessions on which ordinary behaviour is estimated.

    Parameters
    ----------
    length : int
        M, sessions of the window.
    gap : int
        Sessions left out between its end and session 0; it ends at ``-(gap + 1)``.
    min_obs : int, optional
        Fewest usable returns of a stock. Default: 70 % of the length, and at least 100
        where the window is that long.
    """

    length: int = 250
    gap: int = 10
    min_obs: int | None = None

    def __post_init__(self) -> None:
        if self.length < 3 or self.gap < 0:
            raise UserInputError(
                f"An estimation window of {self.length} sessions with a gap of {self.gap} "
                "can't be used.",
                "Give at least 3 sessions and a gap of 0 or more.",
            )

    @property
    def first(self) -> int:
        """First relative session."""
        return self.last - self.length + 1

    @property
    def last(self) -> int:
        """Last relative session."""
        return -(self.gap + 1)

    @property
    def fewest(self) -> int:
        """Fewest usable returns."""
        if self.min_obs is not None:
            return self.min_obs
        return max(math.ceil(0.7 * self.length), 100 if self.length >= 100 else 0)


def check_apart(windows: Sequence[EventWindow], estimation: EstimationWindow) -> None:
    """Refuse event windows that reach into the estimation window.

    Raises
    ------
    UserInputError
        With a picture of the two windows.
    """
    if not windows:
        raise UserInputError("No event window given.", "Give one, for example -1,1.")
    for window in windows:
        if window.first <= estimation.last:
            raise UserInputError(
                f"The event window [{window.first}, {window.last}] reaches into the estimation "
                f"window: {estimation.first} ...estimation... {estimation.last} | gap | 0.",
                f"Start it after {estimation.last} or widen the gap.",
            )
