"""Earlier shocks found and described, against brute force; and no look ahead."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

import marketshock as ms
from marketshock.analogue_study import analogues
from marketshock.desk import Desk
from marketshock.errors import InsufficientDataError, UserInputError
from marketshock.eventstudy.models import MarketModel
from marketshock.market.panel import ReturnPanel
from marketshock.shock.analogues import Analogues, find_analogues
from marketshock.shock.analogues_history import ShockHistory, shock_history
from marketshock.shock.analogues_search import AMONG, Among, PastShock, nearest_shocks

SESSION = np.datetime64("2025-01-27")
LEAD = "NVDA"


@pytest.fixture(scope="module")
def panel(desk: Desk) -> ReturnPanel:
    return desk.returns(desk.universe.stocks(), "^GSPC")


def measured(panel: ReturnPanel, desk: Desk, values: bool = True) -> ShockHistory:
    shares = desk.values if values else None
    return shock_history(panel, MarketModel(), "^GSPC", desk.universe, values=shares)


@pytest.fixture(scope="module")
def history(panel: ReturnPanel, desk: Desk) -> ShockHistory:
    return measured(panel, desk)


@pytest.fixture(scope="module")
def found() -> Analogues:
    return analogues("deepseek")


def event_row(history: ShockHistory) -> int:
    return int(np.searchsorted(history.scan.sessions, SESSION))


def place(history: ShockHistory) -> tuple[int, int]:
    return event_row(history), history.symbols.index(LEAD)


# The event, and the shocks that are near.


def test_the_event_is_the_stock_that_lost_most(found: Analogues) -> None:
    study = ms.event_study("deepseek", window=(0, 0))
    lead = ms.lead_of(study)
    assert found.event.symbol == lead.symbol
    assert found.event.ar == pytest.approx(lead.abnormal, abs=1e-10)
    assert found.event.move == pytest.approx(lead.realised, abs=1e-12)
    assert found.event.dollars == pytest.approx(lead.loss_usd_bn)
    assert found.title == study.shock.title


def test_shocks_are_earlier_as_large_and_one_a_session(found: Analogues) -> None:
    assert len(found.shocks) == 30
    assert all(shock.session < found.event.session for shock in found.shocks)
    assert all(shock.sar <= -3.0 for shock in found.shocks)
    assert len({shock.session for shock in found.shocks}) == 30
    assert all(one.distance <= other.distance for one, other in pairwise(found.shocks))


def distances_by_hand(history: ShockHistory) -> dict[tuple[int, int], float]:
    """The distance written anew, shock by shock."""
    row, column = place(history)
    sar, dollars = history.scan.sar, history.dollars
    market = history.market
    known = [
        (t, s)
        for t in range(row)
        for s in range(sar.shape[1])
        if np.isfinite(sar[t, s]) and sar[t, s] <= -3.0
    ]

    def features(t: int, s: int) -> list[float]:
        others = sar[t][np.isfinite(sar[t])]
        loss = -dollars[t, s]
        return [
            float(np.log(-sar[t, s])),
            float(np.log(loss)) if loss > 0 else float("nan"),
            float((others <= -2.0).mean()),
            float(np.log(np.std(market[t - 60 : t], ddof=1))),
        ]

    table = np.array([features(t, s) for t, s in known])
    own = np.array(features(row, column))
    quarter, three = np.nanquantile(table, [0.25, 0.75], axis=0)
    squares = ((table - own) / ((three - quarter) / 1.349)) ** 2
    squares = np.where(np.isfinite(squares), squares, np.nanmean(squares, axis=0))
    return dict(zip(known, np.sqrt(squares.mean(axis=1)).tolist(), strict=True))


def test_the_nearest_are_those_of_the_distance_by_hand(history: ShockHistory) -> None:
    nearest = nearest_shocks(history, *place(history), number=40)
    by_hand = distances_by_hand(history)
    assert nearest.searched == len(by_hand)
    best: dict[int, float] = {}
    for (row, _), apart in by_hand.items():
        best[row] = min(apart, best.get(row, np.inf))
    expected = sorted(best.values())[:40]
    assert [shock.distance for shock in nearest.shocks] == pytest.approx(expected)
    for shock in nearest.shocks:
        assert by_hand[shock.row, shock.column] == pytest.approx(shock.distance)


def test_the_same_stock_is_only_the_same_stock(history: ShockHistory) -> None:
    nearest = nearest_shocks(history, *place(history), among="same_stock")
    row, column = place(history)
    assert {shock.symbol for shock in nearest.shocks} == {LEAD}
    assert len(nearest.shocks) == int((history.scan.sar[:row, column] <= -3.0).sum())


def kind_by_hand(history: ShockHistory, shock: PastShock) -> str:
    window = range(shock.row - 260, shock.row - 10)
    moved = abs(history.market[shock.row])
    if np.mean([abs(history.market[t]) < moved for t in window]) >= 0.95:
        return "macro"
    cards = [history.universe.card(symbol).sector for symbol in history.symbols]
    others = [
        at
        for at, sector in enumerate(cards)
        if sector == cards[shock.column] and at != shock.column
    ]
    if len(others) < 5:
        others = [at for at in range(len(cards)) if at != shock.column]

    def share(t: int) -> float:
        values = history.scan.sar[t, others]
        known = values[np.isfinite(values)]
        return float((known <= -2.0).mean()) if len(known) else float("nan")

    shares = [share(t) for t in window]
    known = [one for one in shares if one == one]
    rare = sum(one < share(shock.row) for one in known) >= 0.95 * len(known)
    return "sector_wide" if rare else "single_name"


def test_kinds_are_those_of_the_rule_by_hand(history: ShockHistory) -> None:
    nearest = nearest_shocks(history, *place(history), number=40)
    kinds = [shock.kind for shock in nearest.shocks]
    assert set(kinds) == {"macro", "sector_wide", "single_name"}
    assert kinds == [kind_by_hand(history, shock) for shock in nearest.shocks]
    assert nearest.event.kind == kind_by_hand(history, nearest.event) == "sector_wide"


def test_the_same_kind_is_only_the_same_kind(history: ShockHistory) -> None:
    nearest = nearest_shocks(history, *place(history), among="same_kind", number=200)
    assert {shock.kind for shock in nearest.shocks} == {"sector_wide"}


def test_a_rise_looks_for_rises(history: ShockHistory) -> None:
    column = history.symbols.index("META")
    row = int(np.nanargmax(history.scan.sar[:, column]))
    nearest = nearest_shocks(history, row, column)
    assert all(shock.sar >= 3.0 for shock in nearest.shocks)
    assert nearest.direction == 1.0


def test_without_share_counts_dollars_do_not_count(panel: ReturnPanel, desk: Desk) -> None:
    bare = measured(panel, desk, values=False)
    nearest = nearest_shocks(bare, *place(bare))
    assert "dollars" not in nearest.features
    assert nearest.event.dollars is None


# No look ahead.


def corrupted(panel: ReturnPanel, after: int) -> ReturnPanel:
    values = panel.values.copy()
    noise = np.random.default_rng(0).standard_t(2, values[after:].shape)
    values[after:] = np.where(np.isfinite(values[after:]), 0.05 * noise, 0.07 * noise)
    values[after + 3 :: 7, 5] = np.nan
    return replace(panel, values=values)


@pytest.mark.parametrize("among", AMONG)
def test_the_future_changes_nothing(
    history: ShockHistory, panel: ReturnPanel, desk: Desk, among: Among
) -> None:
    row, column = place(history)
    other = measured(corrupted(panel, row + 1), desk)
    wrong = other.dollars.copy()
    wrong[row + 1 :] *= -9.0
    other = replace(other, dollars=wrong)
    assert not np.array_equal(other.scan.sar, history.scan.sar, equal_nan=True)
    now = find_analogues(history, row, column, among=among).as_dict()
    then = find_analogues(other, row, column, among=among).as_dict()
    assert json.dumps(now) == json.dumps(then)


def after_each(found: Analogues) -> dict[object, str]:
    """What came after each shock, whatever their order."""
    values = zip(*(one.values for one in found.outcomes), strict=True)
    return {shock.session: str(own) for shock, own in zip(found.shocks, values, strict=True)}


def test_the_session_of_the_event_enters_no_outcome(
    history: ShockHistory, panel: ReturnPanel, desk: Desk
) -> None:
    row, column = place(history)
    values = panel.values.copy()
    others = [at for at in range(values.shape[1]) if panel.symbols[at] not in (LEAD, "^GSPC")]
    values[row, others] *= -3.0
    other = measured(replace(panel, values=values), desk)
    now = find_analogues(history, row, column, among="same_stock")
    then = find_analogues(other, row, column, among="same_stock")
    assert then.event.breadth != now.event.breadth
    assert after_each(now) == after_each(then)


def test_all_history_looks_after_the_event_and_says_so(history: ShockHistory) -> None:
    row, column = place(history)
    late = find_analogues(history, row, column, all_history=True, number=60)
    assert any(shock.session > late.event.session for shock in late.shocks)
    assert all(shock.session != late.event.session for shock in late.shocks)
    assert "later sessions too" in late.summary()


# What is said, and what is refused.


def test_n_universe_and_survivorship_are_always_said(found: Analogues) -> None:
    for text in (found.summary(), repr(found), found._repr_html_()):
        assert "30 analogues" in text
        assert "111 stocks" in text
        assert "failed or shrank" in text
    said = found.as_dict()
    assert (said["n"], said["searched"]["stocks"]) == (30, 111)
    assert "fallite" in said["survivorship"]["it"]


def test_below_ten_the_reason_is_given() -> None:
    few = analogues("facebook_2018", among="same_stock")
    assert 0 < len(few.shocks) < 10
    assert few.withheld is not None
    assert f"{len(few.shocks)} such shocks" in few.withheld.en
    assert "withheld" in repr(few)
    assert not any(one.stands_out for one in few.outcomes)


def test_where_there_is_none_nothing_is_invented(history: ShockHistory) -> None:
    column = history.symbols.index("ARM")
    row = int(np.flatnonzero(np.isfinite(history.scan.sar[:, column]))[0])
    while history.scan.sar[row, column] > -2.0:
        row += 1
    none = find_analogues(history, row, column, among="same_stock", number=1)
    assert none.shocks == ()
    assert none.withheld is not None
    assert {one.n for one in none.outcomes} == {0}
    assert {one.mean for one in none.outcomes} == {None}
    assert none.recovery is None
    assert "NaN" not in json.dumps(none.as_dict())


def test_the_same_question_has_the_same_answer(found: Analogues) -> None:
    assert json.dumps(analogues("deepseek").as_dict()) == json.dumps(found.as_dict())
    other = analogues("deepseek", rng=np.random.default_rng(5))
    assert [one.mean for one in other.outcomes] == [one.mean for one in found.outcomes]
    assert other.outcomes[0].mean_interval != found.outcomes[0].mean_interval


def test_a_date_alone_takes_the_stock_that_moved_most_dollars() -> None:
    assert analogues(date="2025-01-27").event.symbol == "NVDA"
    assert analogues(date="2025-01-27", symbol="avgo").event.symbol == "AVGO"


def test_a_move_that_the_market_explains_is_compared_as_a_whole() -> None:
    macro = analogues(date="2024-08-05")
    assert macro.model == "mean"
    assert [remark.en[:10] for remark in macro.remarks] == ["the market"]
    assert analogues("deepseek", model="ff3").model == "ff3"


def test_what_cannot_be_asked_is_refused(history: ShockHistory, panel: ReturnPanel) -> None:
    with pytest.raises(UserInputError, match="event of the catalogue or a date"):
        analogues()
    with pytest.raises(UserInputError, match="same_stok") as caught:
        analogues("deepseek", among="same_stok")  # type: ignore[arg-type]
    assert "same_stock" in caught.value.hint
    with pytest.raises(UserInputError, match="0 analogues"):
        analogues("deepseek", number=0)
    with pytest.raises(UserInputError, match="Horizons"):
        find_analogues(history, *place(history), horizons=(0, 5))
    with pytest.raises(InsufficientDataError, match="no abnormal return"):
        nearest_shocks(history, 30, 0)
    with pytest.raises(UserInputError, match="log returns"):
        shock_history(replace(panel, kind="log"), MarketModel(), "^GSPC", history.universe)
    with pytest.raises(UserInputError, match="can't be scanned"):
        analogues("deepseek", model="garch")
