"""Footnotes of a page: once and then named, or all of them overleaf."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marketshock.locale import Language, Locale
from marketshock.publish.labels import LABELS

__all__ = ["notes_once", "notes_overleaf"]

NUMBERED = {"chart": "figure", "table": "table"}
"""Under which label the kinds of exhibit are counted."""

LEAST_LENGTH = 60
"""Characters from which naming a note is shorter than printing it again."""


def notes_once(items: Sequence[dict[str, Any]], lang: Language) -> list[dict[str, Any]]:
    """Return the items of a page, in reading order, with each long note printed once.

    An exhibit keeps all of its notes in files of its own; on a page a later one says
    where the note is, by the number that the page prints.
    """
    printed: dict[str, tuple[str, int]] = {}
    done = []
    for label, item in zip(_labels(items, lang), items, strict=True):
        if not label:
            done.append(item)
            continue
        known = [note for note in item["notes"] if note in printed and len(note) >= LEAST_LENGTH]
        notes = [note for note in item["notes"] if note not in known]
        for number, note in enumerate(notes, start=1):
            printed.setdefault(note, (label, number))
        elsewhere = [_named([printed[note] for note in known], lang)] if known else []
        done.append({**item, "notes": notes + elsewhere})
    return done


def notes_overleaf(
    items: Sequence[dict[str, Any]], lang: Language
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the items without notes, and each note once with the exhibits that it belongs to."""
    belongs: dict[str, list[str]] = {}
    for label, item in zip(_labels(items, lang), items, strict=True):
        for note in item["notes"] if label else ():
            belongs.setdefault(note, []).append(label)
    bare = [{**item, "notes": []} if "notes" in item else item for item in items]
    locale = Locale(lang)
    return bare, [f"{locale.join(labels)}. {note}" for note, labels in belongs.items()]


def _labels(items: Sequence[dict[str, Any]], lang: Language) -> list[str]:
    """Return what the page calls each item, as "Figure 2"; nothing for what is no exhibit."""
    counts = dict.fromkeys(NUMBERED, 0)
    labels = []
    for item in items:
        kind = item["kind"]
        if kind in NUMBERED:
            counts[kind] += 1
            labels.append(LABELS[NUMBERED[kind]][lang].format(number=counts[kind]))
        else:
            labels.append("")
    return labels


def _named(places: list[tuple[str, int]], lang: Language) -> str:
    """Return a sentence that names notes by exhibit and number."""
    locale = Locale(lang)
    numbers: dict[str, list[int]] = {}
    for label, number in places:
        numbers.setdefault(label, []).append(number)
    parts = []
    for label, of in numbers.items():
        which = locale.join([str(number) for number in sorted(of)])
        if lang == "it":
            parts.append(f"{'la nota' if len(of) == 1 else 'le note'} {which} della {label}")
        else:
            parts.append(f"{'note' if len(of) == 1 else 'notes'} {which} of {label}")
    several = len(places) > 1
    if lang == "it":
        return f"{'Valgono' if several else 'Vale'} anche {locale.join(parts)}."
    listed = locale.join(parts)
    return f"{listed[0].upper()}{listed[1:]} {'apply' if several else 'applies'} here too."
