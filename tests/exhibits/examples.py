"""Every exhibit of the catalogue as the gallery makes it, and readers of what it prints."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from matplotlib.figure import Figure

from marketshock import api, showcase
from marketshock.exhibits.catalogue import EXHIBITS
from marketshock.locale import LANGUAGES, Language
from marketshock.shock.study import ShockStudy

KEYS = list(EXHIBITS)
BOTH = pytest.mark.parametrize("lang", LANGUAGES)
EVERY = pytest.mark.parametrize("key", KEYS)
EVENT = dt.date(2025, 1, 27)
EVIL = '<script>alert("1")</script> & $x$ #1 *b* `c` \\'
BROKEN = re.compile(
    r"\b(nan|(?-i:None)(?! of)|null|inf|nat|undefined)\b|"
    r"Text\(|Status\.|\{\w*\}|<\w|object at|n\.a\.%|  ",
    re.IGNORECASE,
)


@cache
def study(event: str = "deepseek", **options: Any) -> ShockStudy:
    return api.event_study(event, **options)


result_of, made = showcase.example_result, showcase.example


@cache
def payload(key: str, lang: Language) -> dict[str, Any]:
    return made(key).in_language(lang).payload()


@cache
def drawn(key: str) -> Figure:
    return made(key).figure()


def strings(value: Any) -> Iterator[str]:
    """Every string of a payload; of a drawing the words only."""
    if isinstance(value, str) and value.startswith("<?xml"):
        yield from filter(str.strip, ET.fromstring(value).itertext())
    elif isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from strings(inner)


def rows_of(key: str, lang: Language = "en") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(payload(key, lang)["data_csv"])))


def number(text: str, lang: Language) -> float:
    """Read a printed number back, without help from the code that wrote it."""
    plain = text.replace("\u2212", "-").replace("%", "").replace("\u00a0", "").lstrip("+")
    group, point = (",", ".") if lang == "en" else (".", ",")
    return float(plain.replace(group, "").replace(point, "."))
