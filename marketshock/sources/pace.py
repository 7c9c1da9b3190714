"""How patiently a source on the network is asked."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from marketshock.errors import (
    BadPayload,
    FetchError,
    FetchTimeout,
    MarketShockError,
    RateLimited,
    UserInputError,
)

__all__ = ["Pace"]


@dataclass(frozen=True, slots=True)
class Pace:
    """Attempts, waits and deadline of one symbol; clocks and chance are parameters.

    Parameters
    ----------
    attempts : int
        At most, for one symbol.
    first_wait, longest_wait : float
        Seconds; the wait doubles from the first to the longest, with up to half of it
        added at random. A longer wait asked for by the source ends the attempts.
    deadline : float
        Seconds for one symbol in all, waits included.
    workers : int
        Symbols asked for at the same time.
    """

    attempts: int = 4
    first_wait: float = 2.0
    longest_wait: float = 60.0
    deadline: float = 180.0
    workers: int = 4
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Any] = time.sleep
    chance: Callable[[], float] = random.random

    def wait(self, error: MarketShockError, attempt: int) -> float | None:
        """Return the seconds to wait before the next attempt, or None to give up."""
        most = self.attempts
        if isinstance(error, BadPayload):
            most = min(2, self.attempts)
        elif type(error) not in (FetchError, RateLimited, FetchTimeout):
            return None
        if attempt >= most:
            return None
        asked = getattr(error, "retry_after", None)
        if asked is not None:
            return float(asked) if asked <= self.longest_wait else None
        wait = min(self.first_wait * 2.0 ** (attempt - 1), self.longest_wait)
        return float(wait * (1.0 + 0.5 * self.chance()))

    @classmethod
    def from_settings(cls, settings: Mapping[str, str]) -> Pace:
        """Return the defaults, changed by seconds that the user set in the environment.

        ``MARKETSHOCK_FETCH_DEADLINE`` is for one symbol in all, ``MARKETSHOCK_FETCH_WAIT``
        the first wait before asking again.

        Raises
        ------
        UserInputError
            For anything but a positive number.
        """
        pace = cls()
        return replace(
            pace,
            deadline=_seconds(settings, "MARKETSHOCK_FETCH_DEADLINE", pace.deadline),
            first_wait=_seconds(settings, "MARKETSHOCK_FETCH_WAIT", pace.first_wait),
        )


def _seconds(settings: Mapping[str, str], name: str, default: float) -> float:
    text = settings.get(name)
    if text is None:
        return default
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0.0 < seconds < math.inf:
        raise UserInputError(f"{name} is {text!r}.", "Give seconds above 0, or unset it.")
    return seconds
