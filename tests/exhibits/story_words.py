"""What the cover and the titles of a shock say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from marketshock import api, cover
from marketshock.exhibits.catalogue import EXHIBITS, exhibit
from marketshock.locale import LANGUAGES, Language
from marketshock.shock.study import ShockStudy

BOTH = pytest.mark.parametrize("lang", LANGUAGES)
STUDY_KEYS = [key for key, (kind, _) in EXHIBITS.items() if kind is ShockStudy]
POSITIVE = ("nvidia_guidance_2023", "vaccine_2020")
BROKEN = re.compile(r"\b(nan|none|inf|nat)\b|Text\(|Status\.|\{\w*\}|  |\(\)|\$\u2212", re.I)
KNOWN = {
    "facebook_2018",
    "covid_oil_2020",
    "vaccine_2020",
    "meta_2022",
    "nvidia_guidance_2023",
    "crowdstrike_2024",
    "us_election_2024",
    "deepseek_2025",
}


@cache
def study(event: str = "deepseek", **options: Any) -> ShockStudy:
    return api.event_study(event, **options)


@cache
def around() -> tuple[Any, Any]:
    return api.losses(10), api.capex_trend()


@cache
def front(event: str, lang: Language, **options: Any) -> dict[str, Any]:
    return cover(study(event, **options), *around()).in_language(lang).payload()


@cache
def titles(event: str, lang: Language) -> dict[str, str]:
    return {key: exhibit(study(event), key).title[lang] for key in STUDY_KEYS}


@cache
def offline() -> list[str]:
    """Every event that can be studied with the embedded data."""
    return [row["id"] for row in api.events() if row["testable"]]


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from strings(inner)


def prose(event: str, lang: Language) -> str:
    """Everything that the cover and the titles of a shock say."""
    return "\n".join([*strings(front(event, lang)), *titles(event, lang).values()])


def everything() -> Iterator[tuple[str, Language, str]]:
    for event in offline():
        for lang in LANGUAGES:
            yield event, lang, prose(event, lang)
