"""Figure by figure: what a page carries against what was computed again."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from marketshock.publish.attachments import cell_value, exhibit_names
from marketshock.publish.notebook import Shown
from marketshock.sources.maintenance import Check

__all__ = ["compare"]

ONE_LAST_DIGIT = 1e-11
"""Figures are attached with twelve significant digits; rounding can move the last by one."""
MOST_NAMED = 3
LONGEST_QUOTE = 60
DRAWN_WITH = ("marketshock", "matplotlib")
OWN_VERSION = re.compile(r"marketshock \d+(\.\w+)*")
_LABEL = re.compile(r"<text\b[^>]*>(.*?)</text>", re.DOTALL)
Difference = tuple[str, str, str]


def compare(
    attached: Shown,
    computed: Shown,
    made_with: Mapping[str, str],
    here: Mapping[str, str],
) -> Iterator[Check]:
    """Yield one check an exhibit, one for all words, and one for the drawings.

    Parameters
    ----------
    attached, computed : Shown
        What the notebook inside the page shows, and what it shows when it is run again.
    made_with, here : mapping of str to str
        Versions by package. With other versions the lines of a drawing are not compared.
    """
    before, after = exhibit_names(attached), exhibit_names(computed)
    for name in dict.fromkeys([*before, *after]):
        yield _figures(name, before.get(name), after.get(name))
    yield _words(attached, computed)
    changed = [name for name in DRAWN_WITH if made_with.get(name) != here[name]]
    yield _drawings(before, after, [f"{name} {made_with.get(name)}" for name in changed])


def _figures(name: str, before: Any, after: Any) -> Check:
    label = f"figures: {name}"
    if before is None or after is None:
        return Check(label, False, "different: " + ("not on the page" if after else "not computed"))
    old, new = (list(csv.reader(io.StringIO(item["data_csv"]))) for item in (before, after))
    found = list(_cells(old, new))
    if found:
        return Check(label, False, _listed(found))
    return Check(label, True, f"same: {len(old) - 1} rows, {len(old[0])} columns")


def _cells(old: list[list[str]], new: list[list[str]]) -> Iterator[Difference]:
    """Yield place, old and new of each cell that differs."""
    if old[:1] != new[:1]:
        yield "columns", ", ".join(*old[:1]), ", ".join(*new[:1])
        return
    head = old[0]
    one: list[str]
    two: list[str]
    for number, (one, two) in enumerate(zip_longest(old[1:], new[1:], fillvalue=[]), 1):
        known = " ".join((one or two)[:1])
        for column, a, b in zip_longest(head, one, two, fillvalue=""):
            if not same_figure(a, b):
                yield f"row {number} ({known}), column {column}", a, b


def same_figure(one: str, two: str) -> bool:
    """Return whether two cells of CSV agree: text exactly, numbers but for the last digit."""
    if one == two:
        return True
    values = cell_value(one), cell_value(two)
    if not all(isinstance(value, (int, float)) for value in values):
        return False
    return math.isclose(*values, rel_tol=ONE_LAST_DIGIT)


def _words(attached: Shown, computed: Shown) -> Check:
    found = []
    count = 0
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    for before, after in zip_longest(attached.items, computed.items, fillvalue={}):
        place = str((before or after).get("key") or (before or after).get("kind"))
        old, new = (dict(_leaves(item, place)) for item in (before, after))
        count += len(old)
        for key in dict.fromkeys([*old, *new]):
            if old.get(key) != new.get(key):
                found.append((key, old.get(key, "nothing"), new.get(key, "nothing")))
    if found:
        return Check("words", False, _listed(found))
    return Check("words", True, f"same: {count} titles, sentences, notes and printed cells")


def _leaves(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Yield every text and printed number with its place; drawings and CSV have their own check."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key not in ("svg", "data_csv"):
                yield from _leaves(inner, f"{place}.{key}")
    elif isinstance(value, list):
        for number, inner in enumerate(value, 1):
            yield from _leaves(inner, f"{place}[{number}]")
    else:
        yield place, OWN_VERSION.sub("marketshock", str(value))


def _drawings(before: Mapping[str, Any], after: Mapping[str, Any], changed: list[str]) -> Check:
    drawn = {name: item["svg"] for name, item in before.items() if item["kind"] == "chart"}
    again = {name: item["svg"] for name, item in after.items() if item["kind"] == "chart"}
    other = [name for name in dict.fromkeys([*drawn, *again]) if drawn.get(name) != again.get(name)]
    if not other:
        return Check("drawings", True, f"same: {len(drawn)} charts")
    if changed:
        other = [n for n in other if _labels(drawn.get(n, "")) != _labels(again.get(n, ""))]
        if not other:
            used = " and ".join(changed)
            words = f"the same labels; lines were not compared: drawn with {used}"
            return Check("drawings", True, words)
    return Check("drawings", False, f"different: {', '.join(other[:MOST_NAMED])}")


def _labels(svg: str) -> list[str]:
    return _LABEL.findall(svg)


def _listed(found: list[Difference]) -> str:
    """Return the first differences in words, and how many more there are."""
    named = [f"{place}: {_cut(old)}, here {_cut(new)}" for place, old, new in found[:MOST_NAMED]]
    more = len(found) - len(named)
    return "different: " + "; ".join(named) + (f"; and {more} more" if more else "")


def _cut(text: str) -> str:
    return repr(text if len(text) <= LONGEST_QUOTE else text[:LONGEST_QUOTE] + "…")
