"""Sentences with figures in braces, filled in either language."""

from __future__ import annotations

import datetime as dt
import string
from collections.abc import Mapping
from typing import Any

from marketshock.errors import DataCorruptError
from marketshock.locale import LANGUAGES, Locale, Text, elided

__all__ = ["sentence"]


class _Formatter(string.Formatter):
    """``{name}`` in the words of a language; ``{name:1}`` a number with one decimal."""

    def __init__(self, locale: Locale) -> None:
        self.locale = locale

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, Text):
            return value[self.locale.lang]
        if isinstance(value, dt.date):
            return self.locale.short_date(value)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return self.locale.number(float(value), int(format_spec or 0))
        return str(value)


def sentence(words: Text, figures: Mapping[str, Any]) -> Text:
    """Fill figures into words.

    Parameters
    ----------
    words : Text
        With names in braces, ``{loss:1}`` for one decimal.
    figures : mapping
        Numbers, days, words or :class:`Text` by name.

    Raises
    ------
    DataCorruptError
        If a name has no figure.
    """
    try:
        filled = {
            lang: _Formatter(Locale(lang)).vformat(words[lang], (), figures) for lang in LANGUAGES
        }
    except KeyError as error:
        raise DataCorruptError(f"No figure called {error} for the words {words.en!r}.") from error
    return Text(filled["en"], elided(filled["it"]))
