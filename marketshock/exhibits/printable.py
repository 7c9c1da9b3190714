"""Which characters can be printed: none unseen, and none that the letters in use lack."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from marketshock.errors import QualityError

__all__ = ["refuse_invisible", "refuse_without_letters", "texts"]

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


def refuse_without_letters(key: str, words: Iterable[str], fonts: Iterable[Path]) -> None:
    """Refuse words of an exhibit for which a font in use has no letters.

    Raises
    ------
    QualityError
        It names the first such character.
    """
    lacking = set("".join(words)) - {"\n", "\t"} - frozenset.intersection(*map(_letters, fonts))
    if lacking:
        raise QualityError(
            f"The fonts of exhibit {key} can't print {min(lacking)!r}.",
            "Write it in Latin or Greek letters, or leave it out.",
        )


@lru_cache(maxsize=16)
def _letters(font: Path) -> frozenset[str]:
    from matplotlib.ft2font import FT2Font

    return frozenset(map(chr, FT2Font(str(font)).get_charmap()))
