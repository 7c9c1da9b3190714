"""The gate on the embedded data: no true move, count or year is refused."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from marketshock.desk import Desk
from marketshock.eventstudy.study import EventStudy
from marketshock.gates import gate_capex, gate_events, gate_losses, gate_study
from marketshock.market.universe import Universe
from marketshock.marketcap.losses import rank_losses
from marketshock.quality.findings import blocking

MOVES = 200


def test_no_shock_of_the_catalogue_is_refused(desk: Desk) -> None:
    studied = 0
    for shock in desk.catalogue:
        stocks, _ = desk.covered(shock)
        if stocks and desk.exchange.covers(shock.first_session):
            found = gate_study(desk, stocks, EventStudy(), shock.first_session)
            assert blocking(found) == (), shock.id
            studied += 1
    assert studied > 30


def test_the_largest_true_moves_pass_as_informations(desk: Desk) -> None:
    stocks = desk.universe.stocks()
    closes = desk.source.prices(stocks).values
    moves = np.abs(np.nan_to_num(closes[1:] / closes[:-1] - 1.0))
    largest = np.argsort(-moves, axis=None)[:MOVES]
    events = [
        (stocks[column], int(row) + 1)
        for row, column in (np.unravel_index(at, moves.shape) for at in largest)
    ]
    found = gate_events(desk, EventStudy(), events)
    assert blocking(found) == ()
    assert {one.level for one in found if one.code == "D21"} == {"INFO"}
    told = {one.about for one in found if one.code == "D21"}
    days = [(symbol, str(desk.source.prices(()).calendar.day(at))) for symbol, at in events]
    large = moves.ravel()[largest] > 0.25
    assert {day for day, is_large in zip(days, large, strict=True) if is_large} <= told


@pytest.mark.parametrize("top", [10, 1000])
def test_no_ranking_is_refused(desk: Desk, top: int) -> None:
    found = rank_losses(desk.values, desk.universe.name, top=top)
    assert blocking(gate_losses(desk, desk.values, found)) == ()


@pytest.mark.parametrize("day", [None, dt.date(2025, 2, 10), dt.date(2019, 5, 1)])
def test_no_capital_expenditure_is_refused(desk: Desk, day: dt.date | None) -> None:
    found = gate_capex(desk, desk.source.table("capex"), day)
    assert {one.level for one in found} <= {"INFO"}


def test_the_calendar_is_kept_and_damage_to_the_copy_is_noticed(desk: Desk) -> None:
    from marketshock.sources.bundle import cache_folder
    from marketshock.sources.exchange_sessions import exchange_sessions

    span = dt.date(2024, 12, 20), dt.date(2025, 1, 31)
    first = exchange_sessions("XNYS", *span)
    assert first.position(dt.date(2025, 1, 9)) is None  # a day of mourning, no rule gives it
    assert first.position(dt.date(2024, 12, 24)) is not None
    (kept,) = cache_folder().glob("sessions-XNYS-*-202-202.npz")
    whole = kept.read_bytes()
    kept.write_bytes(whole[:200] + bytes([whole[200] ^ 1]) + whole[201:])
    assert exchange_sessions("XNYS", *span).sessions.tolist() == first.sessions.tolist()


def test_a_former_symbol_stands_for_its_successor_while_it_was_in_use(
    universe: Universe,
) -> None:
    assert universe.resolve("FB", dt.date(2018, 7, 26)) == "META"
    assert universe.resolve("fb ", dt.date(2022, 6, 8)) == "META"
    assert [one.successor for one in universe.renamed(["FB", "NVDA"])] == ["META"]
    from marketshock.errors import UserInputError

    for day in (None, dt.date(2022, 6, 9)):
        with pytest.raises(UserInputError, match=r"Meta Platforms to 8 June 2022.* Use META"):
            universe.resolve("FB", day)
    with pytest.raises(UserInputError, match="Silicon Valley Bank was closed"):
        universe.resolve("SIVBQ", dt.date(2023, 3, 10))


@pytest.fixture
def universe(desk: Desk) -> Universe:
    return desk.universe


def test_a_study_of_a_former_symbol_says_so() -> None:
    from marketshock import api

    found = api.event_study(date="2018-07-26", symbols=["FB"], window=(0, 0))
    assert found.result.abnormal.symbols == ("META",)
    (footnote,) = (one for one in found.findings if one.code == "IDENTITY")
    assert footnote.level == "FOOTNOTE"
    assert "FB was the symbol of Meta Platforms" in footnote.text.en


def test_an_event_says_which_of_its_companies_are_gone(desk: Desk) -> None:
    _, dropped = desk.covered(desk.catalogue.find("svb_2023"))
    reasons = {lost.symbol: lost.reason for lost in dropped}
    assert "Silicon Valley Bank was closed on 10 March 2023" in reasons["SIVBQ"].en
    assert "chiusa il 12 marzo 2023" in reasons["SBNY"].it
    assert reasons["WAL"].en == "not covered by the source"
