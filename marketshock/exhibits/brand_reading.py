"""Reads the tables of a brand file; what is wrong is named with its line and its key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from marketshock.errors import UserInputError, suggest
from marketshock.locale import Text

__all__ = ["Section", "read_toml"]

LONGEST_LINE = 400
LONGEST_TEXT = 4000
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_HEAD = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$")
_KEY = re.compile(r"\s*([A-Za-z0-9_.\"'-]+?)\s*=")
Read = TypeVar("Read")


def read_toml(text: str) -> dict[str, Any]:
    """Return the content of a TOML text.

    Raises
    ------
    UserInputError
        It is no TOML; the message names the line.
    """
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UserInputError(
            f"The brand file is no valid TOML: {error}.", 'A line looks like ink = "#0B1F3A".'
        ) from error


@dataclass(frozen=True, slots=True)
class Section:
    """One table of the file, with the keys that it may have.

    Parameters
    ----------
    name : str
        Empty for the top of the file, else like ``colours`` or ``numbers.it``.
    values : mapping
    text : str
        The whole file, to find lines in.
    """

    name: str
    values: Mapping[str, Any]
    text: str

    def known(self, keys: Collection[str]) -> Section:
        """Return the section if it has no other keys than these.

        Raises
        ------
        UserInputError
        """
        for key in self.values:
            if key not in keys:
                near = suggest(key, keys) or f"Known are {', '.join(keys)}."
                raise UserInputError(f"{self.place(key)} is not known.", near)
        return self

    def place(self, key: str) -> str:
        """Return "Brand file, line 7: colours.ink"."""
        name = f"{self.name}.{key}" if self.name else key
        return f"Brand file, line {_line(self.text, name)}: {name}"

    def wrong(self, key: str, expected: str, hint: str = "") -> UserInputError:
        """Return the error that says what was received and what was expected."""
        received = str(self.values[key])
        shown = received if len(received) <= 60 else received[:57] + "..."
        return UserInputError(f"{self.place(key)} is {shown!r}, expected {expected}.", hint)

    def section(self, key: str) -> Section:
        """Return a table inside this one; an absent table is empty."""
        values = self.values.get(key, {})
        if not isinstance(values, dict):
            raise self.wrong(key, "a table", f"Write [{key}] on a line of its own.")
        return Section(f"{self.name}.{key}" if self.name else key, values, self.text)

    def line(self, key: str, longest: int = LONGEST_LINE) -> str | None:
        """Return a text, or None when it is absent."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not 0 < len(value.strip()) <= longest:
            raise self.wrong(key, f"a text of 1 to {longest} characters in quotes")
        return value.strip()

    def choice(self, key: str, among: Mapping[str, Read]) -> Read | None:
        """Return what one of the words stands for."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or value not in among:
            raise self.wrong(key, " or ".join(among), suggest(str(value), among))
        return among[value]

    def words(self, key: str, *, one_for_both: bool = False) -> Text | None:
        """Return words in both languages, from ``{en = "...", it = "..."}``."""
        value = self.values.get(key)
        if one_for_both and isinstance(value, str):
            line = self.line(key) or ""
            return Text(line, line)
        if value is None:
            return None
        both = 'both languages, as {en = "...", it = "..."}'
        if not isinstance(value, dict) or set(value) != {"en", "it"}:
            raise self.wrong(key, both)
        inner = self.section(key)
        en, it = (inner.line(lang, LONGEST_TEXT) for lang in ("en", "it"))
        return Text(en or "", it or "")

    def colour(self, key: str) -> str | None:
        """Return a colour as ``#RRGGBB``."""
        value = self.values.get(key)
        return None if value is None else self._colour(key, value)

    def colours(self, key: str, count: int) -> list[str] | None:
        """Return exactly so many colours."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, list) or len(value) != count:
            raise self.wrong(key, f"a list of {count} colours")
        return [self._colour(key, item) for item in value]

    def _colour(self, key: str, value: Any) -> str:
        if not isinstance(value, str) or not _COLOUR.fullmatch(value):
            raise UserInputError(
                f"{self.place(key)} is {value!r}, expected six hexadecimal digits.",
                "Write it like #0B1F3A.",
            )
        return value.upper()

    def lines(self, key: str) -> list[str]:
        """Return a list of texts; an absent list is empty."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.wrong(key, "a list of texts")
        return value

    def at(self, key: str, read: Callable[[], Read]) -> Read:
        """Return what `read` gives; its error is told with the place of the key."""
        try:
            return read()
        except UserInputError as error:
            raise UserInputError(f"{self.place(key)}: {error.message}", error.hint) from error


def _line(text: str, name: str) -> int:
    """Return the line on which a key stands, or the nearest table that holds it."""
    best, at, depth = 1, "", -1
    for number, line in enumerate(text.splitlines(), 1):
        if head := _HEAD.match(line):
            at = head[1].replace(" ", "") + "."
            found = at[:-1]
        elif key := _KEY.match(line):
            found = at + key[1].strip("\"'")
        else:
            continue
        if (name == found or name.startswith(f"{found}.")) and len(found) > depth:
            best, depth = number, len(found)
    return best
