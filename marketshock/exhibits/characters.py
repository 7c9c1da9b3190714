"""Characters that a reader can't see, or that turn the reading order, are refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from marketshock.errors import QualityError

__all__ = ["refuse_invisible", "texts"]

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def texts(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield every string of nested mappings and sequences with its place."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from texts(inner, f"{place}.{key}" if place else str(key))
    elif isinstance(value, (list, tuple)):
        for number, inner in enumerate(value):
            yield from texts(inner, f"{place}[{number}]")


def refuse_invisible(content: Any) -> None:
    """Refuse characters that can't be seen, or that turn the reading order, naming the place.

    Raises
    ------
    QualityError
        For control characters, marks of direction, a byte-order mark, or half a character.
    """
    for place, text in texts(content):
        if found := _UNSEEN.search(text):
            raise QualityError(
                f"{place} holds the invisible character U+{ord(found[0]):04X}.",
                "Remove it: it can't be printed or would change the reading order.",
            )
