from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketshock.locale import Text
from marketshock.provenance import Source, Status, weakest

ORDER = ["verified2", "verified1", "derived", "estimated", "recalled", "schematic"]


def test_trust_falls_in_the_documented_order() -> None:
    assert [status.value for status in sorted(Status, key=lambda s: s.rank)] == ORDER


@pytest.mark.parametrize("weak", ORDER)
def test_a_result_is_as_strong_as_its_weakest_input(weak: str) -> None:
    stronger = [Status(value) for value in ORDER[: ORDER.index(weak) + 1]]
    assert weakest(stronger) is Status(weak)
    assert weakest(reversed(stronger)) is Status(weak)


def test_one_recalled_figure_marks_many_verified_ones() -> None:
    assert weakest([Status.VERIFIED2] * 9 + [Status.RECALLED]) is Status.RECALLED


@given(st.lists(st.sampled_from(Status), min_size=1))
def test_weakest_is_one_of_them_and_none_is_weaker(statuses: list[Status]) -> None:
    found = weakest(iter(statuses))
    assert found in statuses
    assert all(status.rank <= found.rank for status in statuses)


def test_no_input_has_no_status() -> None:
    with pytest.raises(ValueError, match="empty"):
        weakest([])


@pytest.mark.parametrize("status", Status)
def test_each_status_has_words_of_its_own_in_both_languages(status: Status) -> None:
    others = [other.words for other in Status if other is not status]
    assert status.words.en
    assert status.words.it != status.words.en
    assert status.words not in others


def test_a_source_is_moved_to_another_day_without_changing_itself() -> None:
    source = Source(Text("closes", "chiusure"), None, "personal use")
    later = source.at(dt.date(2025, 1, 27))
    assert source.as_of is None
    assert later == Source(Text("closes", "chiusure"), dt.date(2025, 1, 27), "personal use")


def test_a_source_prints_its_name_in_the_language_and_an_iso_day() -> None:
    source = Source(Text("closes", "chiusure"), dt.date(2025, 1, 27))
    assert source.as_dict("it") == {"name": "chiusure", "as_of": "2025-01-27"}
    assert Source(Text("closes", "chiusure")).as_dict() == {"name": "closes", "as_of": None}


def test_a_source_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Source(Text("a", "b")).licence = "free"  # type: ignore[misc]
