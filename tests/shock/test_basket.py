from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from marketshock.desk import Desk
from marketshock.errors import InsufficientDataError, UserInputError
from marketshock.note_study import basket
from marketshock.shock.basket import BASKETS, Basket

DAY = "2025-01-27"


@pytest.fixture(scope="module")
def found(desk: Desk) -> dict[str, Basket]:
    return {name: basket(DAY, name, desk=desk) for name in BASKETS}


@pytest.mark.parametrize("name", BASKETS)
def test_parts_add_up(found: dict[str, Basket], name: str) -> None:
    one = found[name]
    changes = [row.change_usd_bn for row in one.rows]
    assert one.net_usd_bn == pytest.approx(sum(changes))
    assert one.losers_usd_bn == pytest.approx(sum(c for c in changes if c < 0))
    assert one.market_part_usd_bn + one.abnormal_part_usd_bn == pytest.approx(one.net_usd_bn)
    for row in one.rows:
        assert row.market_part_usd_bn + row.abnormal_part_usd_bn == row.change_usd_bn
    assert changes == sorted(changes)


def test_nvidia_by_hand(found: dict[str, Basket], desk: Desk) -> None:
    row = found["magnificent7"].rows[0]
    assert (row.symbol, row.name) == ("NVDA", "Nvidia")
    assert row.change_usd_bn == pytest.approx((118.42 - 142.62) * 24.49)
    panel = desk.returns(["NVDA"], "^GSPC")
    at = panel.calendar.position(found["magnificent7"].date)
    window = panel.values[at - 260 : at - 10]
    slope = np.polyfit(window[:, 1], window[:, 0], 1)[0]
    market = slope * panel.values[at, 1] * 142.62 * 24.49
    assert row.beta == pytest.approx(slope)
    assert row.market_part_usd_bn == pytest.approx(market)


def test_technology_lost_about_a_trillion(found: dict[str, Basket]) -> None:
    assert round(found["technology"].net_usd_bn, -3) == -1000
    assert found["technology"].losers_usd_bn < found["technology"].net_usd_bn < -900


def test_members_are_those_of_the_tables(found: dict[str, Basket], data_folder: Path) -> None:
    with (data_folder / "baskets.csv").open(encoding="utf-8") as file:
        listed = list(csv.DictReader(file))
    with (data_folder / "instruments.csv").open(encoding="utf-8") as file:
        cards = [row for row in csv.DictReader(file) if row["kind"] == "stock"]
    wanted = {
        name: {row["symbol"] for row in listed if row["basket"] == name}
        for name in ("magnificent7", "ai_supply_chain", "ai_power")
    }
    wanted["technology"] = {row["symbol"] for row in cards if row["sector"] == "Technology"}
    wanted["all"] = {row["symbol"] for row in cards}
    wanted["semiconductors"] = {
        row["symbol"] for row in cards if row["industry"].startswith("Semiconductor")
    }
    for name, symbols in wanted.items():
        one = found[name]
        counted = {row.symbol for row in one.rows}
        assert counted | {lost.symbol for lost in one.dropped} == symbols
        assert not counted & {lost.symbol for lost in one.dropped}


def test_a_company_counts_once(found: dict[str, Basket]) -> None:
    rows = [row.symbol for row in found["all"].rows]
    assert "GOOGL" in rows
    assert "GOOG" not in rows
    reason = next(lost.reason for lost in found["all"].dropped if lost.symbol == "GOOG")
    assert "another class" in reason.en


def test_who_rose(found: dict[str, Basket], desk: Desk) -> None:
    one = found["ai_power"]
    panel = desk.returns(list(desk.universe.stocks()), "")
    at = desk.source.prices(["AAPL"]).calendar.position(one.date)
    prices = desk.source.prices(desk.universe.stocks()).values
    moves = prices[at] / prices[at - 1] - 1
    rising = {s for s, m in zip(panel.symbols, moves, strict=True) if m > 0} - {"GOOG"}
    assert set(one.risers["symbol"]) == rising
    assert list(one.risers["return"]) == sorted(one.risers["return"], reverse=True)
    assert one.fallers == int((moves < 0).sum()) - 1  # both classes of Alphabet fell


def test_a_day_without_a_session_moves(desk: Desk) -> None:
    one = basket("2025-01-25", "magnificent7", desk=desk)
    assert str(one.date) == DAY
    assert one.as_dict()["moved"]


def test_own_symbols(desk: Desk) -> None:
    one = basket(DAY, symbols=["nvda", "AVGO", "TSM"], desk=desk)
    assert one.id == "own"
    assert [row.symbol for row in one.rows] == ["NVDA", "AVGO"]
    assert [lost.symbol for lost in one.dropped] == ["TSM"]


def test_bad_input(desk: Desk) -> None:
    with pytest.raises(UserInputError, match="Unknown basket"):
        basket(DAY, "magnificent", desk=desk)
    with pytest.raises(UserInputError, match="not both"):
        basket(DAY, "all", symbols=["NVDA"], desk=desk)
    with pytest.raises(InsufficientDataError, match="No company"):
        basket(DAY, symbols=["TSM"], desk=desk)
    with pytest.raises(UserInputError, match="Unknown symbol"):
        basket(DAY, symbols=["NVDAX"], desk=desk)
