"""The errors a user can meet, each with what to do next and an exit code.

``MarketShockError``
    ├── ``UserInputError`` (2): unknown symbol, bad date, bad option
    ├── ``QualityError`` (3): the data do not carry the answer
    │     ├── ``InsufficientDataError``: too few observations
    │     ├── ``SingularModelError``: regressors without information
    │     └── ``DataCorruptError``: a file is missing, damaged or does not match its manifest
    ├── ``FetchError`` (4): a source on the network did not deliver
    │     ├── ``OfflineError``: the network is switched off
    │     ├── ``RateLimited``: the source asks to come back later
    │     ├── ``AuthBlocked``: the source refuses this client
    │     ├── ``FetchTimeout``: no whole answer in time
    │     ├── ``BadPayload``: the answer can't be read
    │     └── with exit code 3, because the answer itself is at fault: ``SymbolMismatch``,
    │         ``NotFound``, ``PartialDataError``, ``StaleDataError``
    └── ``OutputError`` (5): a file can't be written

Anything else that escapes is a defect of the package and ends with exit code 6.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import ClassVar

__all__ = [
    "AuthBlocked",
    "BadPayload",
    "DataCorruptError",
    "FetchError",
    "FetchTimeout",
    "InsufficientDataError",
    "MarketShockError",
    "MarketShockWarning",
    "NotCoveredError",
    "NotFound",
    "OfflineError",
    "OutputError",
    "PartialDataError",
    "QualityError",
    "RateLimited",
    "SingularModelError",
    "StaleDataError",
    "SymbolMismatch",
    "UserInputError",
    "suggest",
]


class MarketShockError(Exception):
    """Base of all errors of the package.

    Parameters
    ----------
    message : str
        What was received and what was expected.
    hint : str, optional
        What to do next.
    """

    exit_code: ClassVar[int] = 6

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UserInputError(MarketShockError):
    """The request can't be read or does not fit the data."""

    exit_code = 2


class QualityError(MarketShockError):
    """The data are there but must not be used for this."""

    exit_code = 3


class InsufficientDataError(QualityError):
    """Too few observations for the model or window that was asked for."""


class SingularModelError(QualityError):
    """The regressors are collinear or constant, so nothing can be estimated."""


class DataCorruptError(QualityError):
    """A data file is missing, damaged, or differs from its manifest."""


class NotCoveredError(QualityError):
    """The vintage chosen lacks a symbol or a table; it is never filled from another."""


class FetchError(MarketShockError):
    """A source on the network did not deliver."""

    exit_code = 4


class OfflineError(FetchError):
    """The network is switched off by the user."""


class RateLimited(FetchError):  # noqa: N818  (named as in the field)
    """The source asks to come back later.

    Parameters
    ----------
    retry_after : float, optional
        Seconds that the source asks to wait.
    """

    def __init__(self, message: str, hint: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, hint)
        self.retry_after = retry_after


class AuthBlocked(FetchError):  # noqa: N818
    """The source refuses this client."""


class FetchTimeout(FetchError):  # noqa: N818
    """No whole answer came in time."""


class BadPayload(FetchError):  # noqa: N818
    """What came is no answer that can be read."""


class SymbolMismatch(FetchError):  # noqa: N818
    """The answer speaks of another symbol, currency, exchange or kind."""

    exit_code = 3


class NotFound(FetchError):  # noqa: N818
    """The source says that it has nothing for this symbol."""

    exit_code = 3


class PartialDataError(FetchError):
    """Some of the symbols asked for did not come, so no vintage was made."""

    exit_code = 3


class StaleDataError(FetchError):
    """Some series end before the others."""

    exit_code = 3


class OutputError(MarketShockError):
    """A file can't be written."""

    exit_code = 5


class MarketShockWarning(UserWarning):
    """Something the reader of a result must know; collected in the result too."""


def suggest(word: str, known: Iterable[str], most: int = 3) -> str:
    """Return a hint that names up to `most` known words near `word`, or an empty string."""
    names = list(known)
    upper = {name.upper(): name for name in names}
    near = get_close_matches(str(word).upper(), list(upper), n=most, cutoff=0.5)
    if not near:
        return ""
    return f"Did you mean {' or '.join(upper[name] for name in near)}?"
