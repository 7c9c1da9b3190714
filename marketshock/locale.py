"""Words, numbers and dates in Italian and English.

Numbers stay numbers until they pass through a :class:`Locale`. Unit words are
ours, because compact formats of the Unicode tables print 1.2 trillion in
Italian as "1,2 Bln", which readers take for billions.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from marketshock.errors import UserInputError

__all__ = [
    "LANGUAGES",
    "Language",
    "Locale",
    "NumberStyle",
    "Text",
    "elided",
    "real_minus",
    "use_number_styles",
]

Language = Literal["en", "it"]
LANGUAGES: tuple[Language, ...] = ("en", "it")

MINUS = "\u2212"
NARROW = "\u202f"
NBSP = "\u00a0"
NOT_AVAILABLE = "n.a."
MONTHS: Mapping[Language, tuple[str, ...]] = {
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "it": (
        *("gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno"),
        *("luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"),
    ),
}
SHORT_MONTHS: Mapping[Language, tuple[str, ...]] = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec"),
    "it": tuple(name[:3] for name in MONTHS["it"]),
}


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in both languages."""

    en: str
    it: str

    def __getitem__(self, lang: Language) -> str:
        return self.en if lang == "en" else self.it

    def as_dict(self) -> dict[str, str]:
        """Return ``{"en": ..., "it": ...}`` for JSON."""
        return {"en": self.en, "it": self.it}


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """The marks of printed numbers.

    Parameters
    ----------
    decimal, grouping : str
        Between units and tenths, and between thousands.
    minus : str
    """

    decimal: str
    grouping: str
    minus: str = MINUS

    def dress(self, digits: str, plain: NumberStyle) -> str:
        """Return digits printed in the plain style with the marks of this one."""
        marks = {plain.decimal: self.decimal, plain.grouping: self.grouping}
        return "".join(marks.get(char, char) for char in digits)


NUMBER_STYLES: dict[Language, NumberStyle] = {
    "en": NumberStyle(".", ","),
    "it": NumberStyle(",", "."),
}
_STYLES: ContextVar[Mapping[Language, NumberStyle]] = ContextVar("styles", default=NUMBER_STYLES)


def use_number_styles(styles: Mapping[Language, NumberStyle]) -> None:
    """Print numbers with other marks for the rest of this context; a brand does this."""
    _STYLES.set(styles)


def real_minus(text: str) -> str:
    """Return words with U+2212 for a hyphen that stands before a figure, as in ``-17``."""
    return re.sub(r"(?<![\w.,)-])-(?=\d)", MINUS, text)


def elided(text: str) -> str:
    """Return Italian words with the articles that figures take: dell'8 %, all'11, dello 0,5 %."""
    text = re.sub(r"\b(de|a|da|ne|su)l (?=8|11\b|1,)", r"\1ll'", text)
    text = re.sub(r"\b(de|a|da|ne|su)l (?=0,)", r"\1llo ", text)
    text = re.sub(r"\bil (?=8|11\b|1,)", "l'", text)
    return re.sub(r"\bil (?=0,)", "lo ", text)


@dataclass(frozen=True, slots=True)
class Locale:
    """Formats numbers and dates in one language.

    Parameters
    ----------
    lang : {"en", "it"}
    """

    lang: Language = "en"

    def __post_init__(self) -> None:
        if self.lang not in LANGUAGES:
            raise UserInputError(f"Unknown language {self.lang!r}.", "Use it or en.")

    def number(self, value: float | None, decimals: int = 0, *, sign: bool = False) -> str:
        """Format with grouped thousands, a real minus sign and, if asked, a plus sign.

        The shortest decimal that gives the value is rounded half to even.
        """
        if value is None or not math.isfinite(value):
            return NOT_AVAILABLE
        plain = format(Decimal(repr(abs(float(value)))), f",.{decimals}f")
        style = _STYLES.get()[self.lang]
        digits = style.dress(plain, NUMBER_STYLES["en"])
        if not any(char in "123456789" for char in digits):
            return digits
        if value < 0:
            return style.minus + digits
        return "+" + digits if sign else digits

    def percent(self, fraction: float | None, decimals: int = 1, *, sign: bool = False) -> str:
        """Format a decimal return (0.01 = 1 %) as a percentage."""
        if fraction is None or not math.isfinite(fraction):
            return NOT_AVAILABLE
        digits = self.number(100.0 * fraction, decimals, sign=sign)
        return f"{digits}%" if self.lang == "en" else f"{digits}{NBSP}%"

    def billions(self, usd_bn: float | None, decimals: int = 0, *, sign: bool = False) -> str:
        """Format USD billions: ``−$593bn`` or ``−593 mld USD``; never "Bln"."""
        if usd_bn is None or not math.isfinite(usd_bn):
            return NOT_AVAILABLE
        if self.lang == "it":
            return f"{self.number(usd_bn, decimals, sign=sign)}{NBSP}mld{NBSP}USD"
        trillions = round(abs(usd_bn), decimals) >= 1000
        scaled = usd_bn / 1000 if trillions else usd_bn
        digits = self.number(scaled, max(decimals, 1) if trillions else decimals, sign=sign)
        mark = "" if digits[0].isdigit() else digits[0]
        return f"{mark}${digits.removeprefix(mark)}{'tn' if trillions else 'bn'}"

    def p_value(self, p: float | None) -> str:
        """Format a p-value with three decimals; below 0.001 it says so."""
        if p is None or not math.isfinite(p):
            return NOT_AVAILABLE
        if p < 0.001:
            return f"<{NARROW}{self.number(0.001, 3)}"
        return self.number(p, 3)

    def date(self, day: dt.date) -> str:
        """Format as ``27 January 2025`` or ``27 gennaio 2025``."""
        return f"{day.day} {self.month(day)}"

    def short_date(self, day: dt.date) -> str:
        """Format as ``27 Jan 2025`` or ``27 gen 2025``."""
        return f"{day.day} {self.short_month(day)}"

    def day_month(self, day: dt.date) -> str:
        """Format as ``27 Jan`` or ``27 gen``."""
        return f"{day.day} {SHORT_MONTHS[self.lang][day.month - 1]}"

    def month(self, day: dt.date) -> str:
        """Format as ``January 2025`` or ``gennaio 2025``."""
        return f"{MONTHS[self.lang][day.month - 1]} {day.year}"

    def short_month(self, day: dt.date) -> str:
        """Format as ``Jan 2025`` or ``gen 2025``."""
        return f"{SHORT_MONTHS[self.lang][day.month - 1]} {day.year}"

    def join(self, words: list[str]) -> str:
        """Join words with commas and a last "and" or "e"."""
        if len(words) < 2:
            return "".join(words)
        last = " and " if self.lang == "en" else " e "
        return ", ".join(words[:-1]) + last + words[-1]
