from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest

from marketshock.api import losses
from marketshock.desk import Desk
from marketshock.errors import UserInputError
from marketshock.marketcap.bases import Valuation
from marketshock.marketcap.losses import rank_losses
from marketshock.table import Table

NVIDIA, META = ("NVDA", dt.date(2025, 1, 27)), ("META", dt.date(2022, 2, 3))
# price basis, share basis, and by hand from closes and counts as filed, billions
BY_HAND = [
    (NVIDIA, "official", "latest_filing", (118.42 - 142.62) * 24.49),
    (NVIDIA, "consolidated", "latest_filing", (118.58 - 142.62) * 24.49),
    (NVIDIA, "consolidated", "diluted", (118.58 - 142.62) * 24.774),
    (META, "official", "latest_filing", (237.76 - 323.0) * 2.814),
    (META, "official", "same_day", (237.76 - 323.0) * 2.722),
    (META, "official", "mixed", 237.76 * 2.7219 - 323.0 * 2.7817),
]
PUBLISHED = {588.7, 592.7, 595.6, 232.0, 239.9, 251.3}


@pytest.mark.parametrize(("row", "price", "share", "expected"), BY_HAND)
def test_the_published_figures_on_their_bases(
    desk: Desk, row: Any, price: Any, share: Any, expected: float
) -> None:
    ranking = losses(None, price_basis=price, share_basis=share, since=row[1], as_of=row[1])
    loss = next(one for one in ranking.losses if (one.symbol, one.date) == row)
    assert loss.loss_usd_bn == pytest.approx(expected, abs=1e-6)
    assert round(-loss.loss_usd_bn, 1) in PUBLISHED
    assert (loss.price_basis, loss.share_basis) == (price, share)


def test_the_identity_of_a_row_holds_on_every_basis(desk: Desk) -> None:
    inputs = desk.source.table("losses_inputs")
    for share in ("latest_filing", "same_day", "mixed", "diluted"):
        valued = Valuation.of(desk.values, "consolidated", share, inputs)
        for loss in rank_losses(desk.values, str, top=200, basis=valued).losses:
            before = loss.shares_bn if loss.shares_before_bn is None else loss.shares_before_bn
            total = loss.close * loss.shares_bn - loss.previous_close * before
            assert total == pytest.approx(loss.loss_usd_bn, rel=1e-9)


def test_without_stated_inputs_the_default_basis_is_the_plain_change(desk: Desk) -> None:
    valued = Valuation.of(desk.values)
    np.testing.assert_array_equal(valued.changes, desk.values.changes())


def test_a_filing_of_the_day_counts_only_where_it_is_asked_for(build: Any) -> None:
    values = build({"A": [10, 8, 8]}, [("A", "2024-12-01", 1e9), ("A", "2025-01-02", 2e9)])
    changes = {
        share: Valuation.of(values, "official", share).changes[1, 0]
        for share in ("latest_filing", "same_day", "mixed")
    }
    assert changes == {"latest_filing": -2.0, "same_day": -4.0, "mixed": 8 * 2 - 10 * 1}


def test_stated_counts_stand_on_the_basis_of_their_day(desk: Desk) -> None:
    row = {"symbol": "AMZN", "date": dt.date(2022, 4, 29), "item": "shares_diluted"}
    stated = Table.from_rows("losses_inputs", [{**row, "value": 508_844_410.0}])
    valued = Valuation.of(desk.values, "official", "diluted", stated)
    at = desk.values.closes.calendar.position(row["date"])
    column = desk.values.symbols.index("AMZN")
    assert valued.changes[at, column] == pytest.approx(-206.743, abs=1e-3)
    assert valued.after[at, column] == pytest.approx(20 * 508_844_410.0)


@pytest.mark.parametrize(("price", "share"), [("late", "latest_filing"), ("official", "float")])
def test_an_unknown_basis_is_refused(desk: Desk, price: Any, share: Any) -> None:
    with pytest.raises(UserInputError, match="Unknown basis"):
        Valuation.of(desk.values, price, share)
