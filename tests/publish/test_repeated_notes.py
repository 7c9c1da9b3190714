"""A footnote is printed once on a page; later exhibits name it."""

from __future__ import annotations

import pytest

from marketshock.publish.repeated_notes import notes_once

LONG = "The estimation window holds another shock of these stocks, which raises its variance."
OTHER = "The event window of these stocks holds a second shock, so that causes can't be told apart."


def exhibit(kind, *notes):
    return {"kind": kind, "notes": list(notes)}


@pytest.mark.parametrize(
    ("lang", "one", "two"),
    [
        ("en", "Note 2 of Figure 1 applies here too.", "Notes 2 and 3 of Figure 1 apply here too."),
        (
            "it",
            "Vale anche la nota 2 della Figura 1.",
            "Valgono anche le note 2 e 3 della Figura 1.",
        ),
    ],
)
def test_a_later_exhibit_names_the_note(lang, one, two):
    page = [
        exhibit("chart", "Short.", LONG, OTHER),
        {"kind": "prose"},
        exhibit("table", "Short.", LONG),
        exhibit("chart", OTHER, LONG),
    ]
    done = notes_once(page, lang)
    assert done[0] == page[0]
    assert done[1] == page[1]
    assert done[2]["notes"] == ["Short.", one]
    assert done[3]["notes"] == [two]
    assert page[2]["notes"] == ["Short.", LONG]


def test_notes_of_two_exhibits_are_named_apart():
    page = [exhibit("chart", LONG), exhibit("table", OTHER), exhibit("table", LONG, OTHER)]
    assert notes_once(page, "en")[2]["notes"] == [
        "Note 1 of Figure 1 and note 1 of Table 1 apply here too."
    ]


def test_nothing_repeated_changes_nothing():
    page = [exhibit("chart", LONG), exhibit("table", "Short."), exhibit("table", "Short.")]
    assert notes_once(page, "it") == page
