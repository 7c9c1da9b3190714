"""The brand in force: it belongs to the context (a thread, a task, a kernel), not to the process.

Charts, words and pages are made in many places, so they ask here instead of handing a brand
through every call; whoever starts to make a page says once which one it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from marketshock.exhibits.brand import HOUSE, Brand
from marketshock.locale import use_number_styles

__all__ = ["branded", "current_brand", "wear", "wear_toml"]

_BRAND: ContextVar[Brand] = ContextVar("brand", default=HOUSE)


def current_brand() -> Brand:
    """Return the brand in force: the house's, unless :func:`wear` or :func:`branded` set one."""
    return _BRAND.get()


def wear(brand: Brand) -> None:
    """Put a brand in force for the rest of this context, such as the kernel of a notebook."""
    _BRAND.set(brand)
    use_number_styles(brand.numbers)


def wear_toml(text: str, folder: str) -> None:
    """Put the brand of a TOML text in force; kernels are told theirs in this way."""
    wear(Brand.from_toml(text, Path(folder)))


@contextmanager
def branded(brand: Brand) -> Iterator[None]:
    """Draw, print numbers and set pages in a brand, and return to the one before."""
    before = _BRAND.get()
    wear(brand)
    try:
        yield
    finally:
        wear(before)
