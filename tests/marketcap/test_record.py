from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketshock.desk import Desk
from marketshock.errors import InsufficientDataError
from marketshock.marketcap.record import LossRecord, loss_record
from marketshock.note_study import loss_record as short_record


@pytest.fixture(scope="module")
def found(desk: Desk) -> LossRecord:
    return short_record(desk=desk)


def test_the_holders_are_those_of_a_loop_over_all_losses(desk: Desk, found: LossRecord) -> None:
    changes, best, expected = desk.values.changes(), 0.0, []
    for row in range(1, len(changes)):
        for column, symbol in enumerate(desk.values.symbols):
            if changes[row, column] < best:
                best = float(changes[row, column])
                if expected and expected[-1][0] == desk.values.day(row):
                    expected.pop()
                expected.append((desk.values.day(row), symbol, best))
    got = [(one.loss.date, one.loss.symbol, one.loss.loss_usd_bn) for one in found.holders]
    assert got == expected


def test_known_holders(found: LossRecord) -> None:
    by_day = {str(one.loss.date): one.loss for one in found.holders}
    assert by_day["2018-07-26"].symbol == "META"
    assert by_day["2022-02-03"].loss_usd_bn == pytest.approx(-239.9, abs=0.05)
    assert by_day["2024-09-03"].loss_usd_bn == pytest.approx(-278.9, abs=0.05)
    assert by_day["2025-01-27"].loss_usd_bn == pytest.approx(-592.7, abs=0.05)
    assert found.holders[-1].until is None


def test_terms_follow_each_other_without_a_hole(found: LossRecord) -> None:
    for one, after in zip(found.holders, found.holders[1:], strict=False):
        assert one.until == after.loss.date
        assert one.loss.loss_usd_bn > after.loss.loss_usd_bn
    first = found.holders[0].loss.date
    assert found.holder(first - dt.timedelta(days=1)) is None
    assert found.holder(dt.date(2024, 12, 31)).loss.date == dt.date(2024, 9, 3)


def test_the_words_never_say_ever(found: LossRecord) -> None:
    assert found.words.en == "largest among the 36 companies with share counts since 2015"
    assert "ever" not in found.words.en
    assert "dal 2015" in found.words.it


def test_the_mixed_basis_changes_one_holder(desk: Desk) -> None:
    mixed = short_record(share_basis="mixed", as_of="2025-02-02", desk=desk)
    meta = next(one for one in mixed.holders if one.loss.symbol == "META" and one.sessions > 600)
    assert meta.loss.loss_usd_bn == pytest.approx(-251.3, abs=0.05)
    assert mixed.as_of == dt.date(2025, 1, 31)


@given(st.lists(st.integers(1, 50), min_size=2, max_size=12))
def test_sessions_of_all_holders_reach_to_the_end(build: Any, prices: list[int]) -> None:
    values = build({"A": prices}, [("A", "2024-12-01", 1e9)])
    found = loss_record(values, str)
    falls = [after - before for before, after in itertools.pairwise(prices)]
    if min(falls) >= 0:
        assert found.holders == ()
        return
    first = next(row for row, fall in enumerate(falls, 1) if fall < 0)
    assert sum(one.sessions for one in found.holders) == len(prices) - first
    assert found.holders[-1].loss.loss_usd_bn == min(falls)


def test_without_counts_there_is_no_record(build: Any) -> None:
    values = build({"A": [2, 1]}, [("A", "2025-02-01", 1e9)])
    with pytest.raises(InsufficientDataError, match="No company"):
        loss_record(values, str)
