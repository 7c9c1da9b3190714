"""Whether a PDF is what its own attachments give when the page is set again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from marketshock.errors import DataCorruptError
from marketshock.publish.attachments import EXECUTED, RESULTS, attachments_of, versions
from marketshock.publish.notebook import Shown, collect
from marketshock.publish.report import content_of, page_bytes
from marketshock.publish.verify_file import AttachedPage, page_texts, tried
from marketshock.sources.maintenance import Check

__all__ = ["attachments_check", "page_check", "shown_on"]

SETS_THE_PAGE = ("marketshock", "typst", "markdown-it-py", "layout")
PICTURE = "data:image"
"""How a drawing holds a picture, which could unpack to any size."""
MOST_NAMED = 3
LONGEST_QUOTE = 60
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_BREAKS = re.compile(r"[\s\u200b\u00ad\u2010-]+")
_PRINTED = {
    *("kicker", "title", "deck", "date", "client", "prepared_by", "reviewed_by", "figures"),
    *("value", "label", "note", "takeaways", "lead", "text", "items", "unit", "columns", "rows"),
    *("notes", "source", "heading", "paragraphs", "tree", "c", "v", "method", "sources"),
    *("vintage", "findings", "disclaimer"),
}
"""Keys of the content whose words stand on a page; inside charts they are drawn."""


def shown_on(page: AttachedPage) -> Shown:
    """Return what the notebook inside a page shows.

    Raises
    ------
    DataCorruptError
        If it is no whole notebook, or not fit for a page.
    """
    shown = tried(f"{EXECUTED} is damaged", lambda: collect(page.executed, page.origin.lang))
    if any(PICTURE in str(item.get("svg")) for item in shown.items):
        raise DataCorruptError("A chart holds a picture of dots; those of marketshock are lines.")
    return shown


def attachments_check(page: AttachedPage, shown: Shown) -> Check:
    """Compare the attachments with their digests and with what the notebook inside gives."""
    expected = tried(
        f"{EXECUTED} is damaged",
        lambda: attachments_of(shown, page.files[EXECUTED], page.origin),
    )
    stated = {name: data for name, data in expected.items() if name != RESULTS}
    wrong = [f"{name} is missing" for name in stated if name not in page.files]
    wrong += [f"{name} does not belong to it" for name in page.files if name not in expected]
    wrong += [
        f"{name} differs from what the notebook inside shows"
        for name in stated
        if name in page.files and page.files[name] != stated[name]
    ]
    same_writer = page.origin.versions.get("marketshock") == versions()["marketshock"]
    ours = json.loads(expected[RESULTS])
    compared = ours if same_writer else {key: ours[key] for key in ("attachments", "parameters")}
    wrong += [
        f"{RESULTS} states other {key} than the notebook inside"
        for key in compared
        if page.results.get(key) != ours[key]
    ]
    if wrong:
        return Check("attachments", False, "; ".join(wrong[:MOST_NAMED]))
    return Check("attachments", True, f"{len(page.files)} files as {RESULTS} states them")


def page_check(page: AttachedPage, shown: Shown) -> Check:
    """Set the page again from what is attached and compare; bytes if the versions are the same."""
    here, made_with = versions(), page.origin.versions
    other = [name for name in SETS_THE_PAGE if made_with.get(name) != here[name]]
    try:
        again = tried(
            "it can't be set again", lambda: page_bytes(page.files[EXECUTED], page.origin)
        )
        strange = list(_strange(page, shown, again)) if other else []
    except DataCorruptError as error:
        return Check("page", False, str(error))
    if again == page.data:
        return Check("page", True, f"set again from what is attached: the same {len(again)} bytes")
    if not other:
        return Check("page", False, f"altered or damaged: {_difference(page.data, again)}")
    used = ", ".join(f"{name} {made_with.get(name)} (here {here[name]})" for name in other)
    if strange:
        return Check("page", False, f"{'; '.join(strange[:MOST_NAMED])}. It was made with {used}")
    return Check(
        "page",
        True,
        f"bytes were not compared, because it was made with {used}; all words are on the page, "
        "and no figure that is not attached",
    )


def _difference(data: bytes, again: bytes) -> str:
    """Say where two PDFs differ: the first words of a page, or else the first byte."""
    try:
        texts = [[text.split() for text in page_texts(pdf)] for pdf in (data, again)]
    except DataCorruptError as error:
        return error.message
    for number, (old, new) in enumerate(zip_longest(*texts, fillvalue=[]), 1):
        for one, two in zip_longest(old, new, fillvalue="nothing"):
            if one != two:
                return f"page {number} prints {_cut(one)}, what is attached gives {_cut(two)}"
    place = next(
        (at for at, (one, two) in enumerate(zip(data, again, strict=False)) if one != two),
        min(len(data), len(again)),
    )
    return f"its words are those attached, but bytes differ from byte {place}"


def _strange(page: AttachedPage, shown: Shown, again: bytes) -> Iterator[str]:
    """Yield words of the content that the pages lack, and figures that it does not print."""
    content, _ = content_of(shown, page.origin.lang, page.origin.names, draft=False)
    pages = page_texts(page.data)
    printed = _BREAKS.sub("", "".join(pages))
    for text in _words([content["cover"], content["body"], content["closing"]]):
        if not _stands(text, printed):
            yield f"the pages lack {_cut(text)}"
    known = set(_FIGURE.findall(" ".join(page_texts(again))))
    for number, text in enumerate(pages, 1):
        for figure in _FIGURE.findall(text):
            if figure not in known:
                yield f"page {number} prints {figure}, which is not attached"


def _stands(text: str, printed: str) -> bool:
    """Return whether a text is printed, whole or cut in two by the end of a page."""
    words = [_BREAKS.sub("", word) for word in text.split()]
    cuts = range(len(words), 0, -1)
    return any("".join(words[:cut]) in printed and "".join(words[cut:]) in printed for cut in cuts)


def _words(value: Any) -> Iterator[str]:
    """Yield the texts of a content that are printed."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if key in _PRINTED:
                yield from _words(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _words(inner)


def _cut(text: str) -> str:
    return repr(text if len(text) <= LONGEST_QUOTE else text[:LONGEST_QUOTE] + "…")
