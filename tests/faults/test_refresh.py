from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest
from child import Shell
from loopback_yahoo import History, LoopbackYahoo

STUDY = ("study", "--date", "2025-01-27", "--symbols", "NVDA,AVGO", "--format", "json")


def numbers(answer: Any, path: str = "") -> dict[str, float | None]:
    """Every number of a JSON answer by its place."""
    if isinstance(answer, list):
        answer = dict(enumerate(answer))
    if isinstance(answer, dict):
        return {k: v for key in answer for k, v in numbers(answer[key], f"{path}.{key}").items()}
    if isinstance(answer, (int, float)) and not isinstance(answer, bool):
        return {path: float(answer)}
    return {path: None} if answer is None else {}


@pytest.fixture
def yahoo(histories: dict[str, History]) -> Iterator[LoopbackYahoo]:
    with LoopbackYahoo(histories) as server:
        yield server


@pytest.mark.slow
def test_a_fetched_vintage_gives_the_numbers_of_the_embedded_one(
    shell: Shell, yahoo: LoopbackYahoo
) -> None:
    done = shell.refresh()
    assert done.returncode == 0, done.stderr
    embedded = shell.run(*STUDY)
    fetched = shell.run(*STUDY, "--source", "yahoo")
    assert embedded.returncode == fetched.returncode == 0, fetched.stderr
    ours, theirs = json.loads(fetched.stdout), json.loads(embedded.stdout)
    assert ours["source"] == "yahoo"
    assert ours["vintage"] != theirs["vintage"]
    for answer in (ours, theirs):
        del answer["findings"], answer["sources"]
    one, other = numbers(ours), numbers(theirs)
    dollars = {place for place in other if place.endswith("_usd_bn")}
    assert dollars
    assert all(one[place] is None for place in dollars)
    assert {place for place in one if one[place] is None} - dollars == {
        place for place in other if other[place] is None
    } - dollars
    compared = {place for place in other if other[place] is not None} - dollars
    assert len(compared) > 200
    for place in compared:
        assert one[place] == pytest.approx(other[place], rel=1e-6, abs=1e-6), place
    assert not any(math.isinf(value) for value in one.values() if value is not None)
