"""Number formats of a spreadsheet, read off the cells as they are printed on the page."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from marketshock.locale import MINUS, Language, Locale

__all__ = ["DATE_FORMAT", "NumberFormat", "cell_format", "raw_format"]

DATE_FORMAT = {"en": "d mmm yyyy", "it": "d mmm yyyy"}
_PRINTED = re.compile(
    rf"([^\d{MINUS}+-]*)([{MINUS}+-]?)([^\d]*)(\d(?:[\d.,'\u2019\u202f]*\d)?)(.*)", re.DOTALL
)
_SCALES = {0: "", 3: ",", 6: ",,"}


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How a column prints its numbers.

    Parameters
    ----------
    power : int
        Printed number = figure times ten to this power: 2 for percent, -6 for millions.
    decimals : int
    sign : bool
        Rises carry a plus sign.
    """

    power: int
    decimals: int
    sign: bool

    @classmethod
    def of(cls, values: Sequence[Any], texts: Sequence[str], lang: Language) -> NumberFormat | None:
        """Infer the format from figures and their printed cells; None if they are no numbers."""
        found = [
            (value, *read)
            for value, text in zip(values, texts, strict=True)
            if _is_number(value) and (read := _read(text, lang)) is not None
        ]
        if not found or len(found) < sum(map(_is_number, values)):
            return None
        value, printed, decimals, _ = max(found, key=lambda item: abs(item[1]))
        power = round(math.log10(abs(printed / value))) if value and printed else 0
        if power not in (0, 2, -3, -6):
            return None
        near = 0.5000001 * 10.0**-decimals
        if any(abs(number - v * 10.0**power) > near for v, number, d, _ in found if d == decimals):
            return None
        return cls(power, decimals, any(mark == "+" for *_, mark in found))

    def code(self, before: str = "", after: str = "", lang: Language = "en") -> str:
        """Return the code of the format, with literal words around the number."""
        digits = "#,##0" + ("." + "0" * self.decimals if self.decimals else "")
        digits += _SCALES.get(-self.power, "")
        head, tail = _literal(before), _literal(after)
        if self.power == 2:
            tail = ("" if lang == "en" else '"\u00a0"') + "%" + tail
        body = f"{head}{digits}{tail}"
        plus = f'"+"{body}' if self.sign else body
        return f'{plus};"{_marks(lang)[2]}"{body};{body}'


def cell_format(
    found: NumberFormat, value: float, text: str, lang: Language, *, p_value: bool = False
) -> str:
    """Return the code for one cell, so that it prints what the page prints."""
    read = _PRINTED.fullmatch(text)
    before, after = (read[1] + read[3], read[5]) if read else ("", "")
    if p_value or before.startswith("<"):
        limit = 10.0**-found.decimals
        below = f'"<\u202f{_digits(limit, found.decimals, lang)}"'
        return f"[<{limit:g}]{below};0.{'0' * found.decimals}"
    after = after.lstrip("\u00a0 %") if found.power == 2 else after
    own = _read(text, lang)
    shape = replace(found, decimals=own[1]) if own else found
    return shape.code(before, after, lang)


def raw_format(value: Any, lang: Language) -> str:
    """Return the code for a figure of the raw data: days as days, numbers in full."""
    return DATE_FORMAT[lang] if isinstance(value, dt.date) else "General"


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _read(text: str, lang: Language) -> tuple[float, int, str] | None:
    """Return number, decimals and sign of a printed cell."""
    found = _PRINTED.fullmatch(text)
    if not found:
        return None
    group, point, minus = _marks(lang)
    digits = found[4].replace(group, "")
    whole, _, part = digits.partition(point)
    if not (whole + part).isdigit():
        return None
    value = float(f"{whole}.{part or 0}")
    if found[1].startswith("<"):
        return 0.0, len(part), ""
    return (-value if found[2] == minus else value), len(part), found[2]


def _marks(lang: Language) -> tuple[str, str, str]:
    """Return the marks of thousands, decimals and negative numbers that are in force."""
    printed = Locale(lang).number(-12345.6, 1)
    return printed[-6], printed[-2], printed[0]


def _digits(value: float, decimals: int, lang: Language) -> str:
    return Locale(lang).number(value, decimals)


def _literal(words: str) -> str:
    return '"' + words.replace('"', "") + '"' if words else ""
