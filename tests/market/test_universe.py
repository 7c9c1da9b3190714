from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest

from marketshock.desk import Desk
from marketshock.errors import UserInputError
from marketshock.market.universe import Universe


@pytest.fixture(scope="module")
def universe(desk: Desk) -> Universe:
    return desk.universe


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("NVDA", "NVDA"),
        ("nvda", "NVDA"),
        (" nvda\n", "NVDA"),
        ("BRK.B", "BRK-B"),
        ("brk.b", "BRK-B"),
        ("BRK-B", "BRK-B"),
        ("^gspc", "^GSPC"),
    ],
)
def test_case_blanks_and_the_dot_are_forgiven(universe: Universe, typed: str, meant: str) -> None:
    assert universe.resolve(typed) == meant
    assert universe.card(typed).symbol == meant


@pytest.mark.parametrize(
    ("typed", "meant"), [("NVDIA", "NVDA"), ("APPL", "AAPL"), ("MSTF", "MSFT"), ("GSPC", "^GSPC")]
)
def test_a_typo_is_refused_with_suggestions(universe: Universe, typed: str, meant: str) -> None:
    with pytest.raises(UserInputError, match=repr(typed)) as caught:
        universe.resolve(typed)
    assert meant in caught.value.hint
    assert caught.value.hint.count(" or ") <= 2


@pytest.mark.parametrize("typed", ["US67066G1040", "US0378331005"])
def test_an_isin_is_never_resolved(universe: Universe, typed: str) -> None:
    with pytest.raises(UserInputError, match=typed):
        universe.resolve(typed)


@pytest.mark.parametrize("typed", ["", "   ", "\u202e", "ZZZZZZ", "NVDA,AVGO", "日本"])
def test_anything_else_is_an_input_error_with_a_next_step(universe: Universe, typed: str) -> None:
    with pytest.raises(UserInputError) as caught:
        universe.resolve(typed)
    assert caught.value.hint


@pytest.mark.parametrize(("typed", "meant"), [("Nvidia", "NVDA"), ("apple", "AAPL")])
def test_the_name_of_a_company_leads_to_its_symbol(
    universe: Universe, typed: str, meant: str
) -> None:
    with pytest.raises(UserInputError, match=meant):
        universe.resolve(typed)


def test_every_name_leads_to_its_symbol(universe: Universe) -> None:
    lost = []
    for symbol, card in universe.instruments.items():
        try:
            universe.resolve(card.short_name)
        except UserInputError as error:
            if symbol not in error.hint:
                lost.append((card.short_name, symbol, error.hint))
    assert lost == []


def test_cards_are_those_of_the_file(universe: Universe, data_folder: Path) -> None:
    with (data_folder / "instruments.csv").open(encoding="utf-8") as file:
        rows = {row["symbol"]: row for row in csv.DictReader(file)}
    assert set(universe.instruments) == set(rows)
    for symbol, row in rows.items():
        card = universe.card(symbol)
        assert (card.name, card.kind, card.company) == (row["name"], row["kind"], row["company"])
        assert card.first_session == dt.date.fromisoformat(row["first_session"])


def test_stocks_are_sorted_and_without_funds_and_indices(universe: Universe) -> None:
    stocks = universe.stocks()
    assert list(stocks) == sorted(stocks)
    assert {"NVDA", "BRK-B"} <= set(stocks)
    assert not {"^GSPC", "SMH", "XLK"} & set(stocks)


def test_share_classes_name_one_company(universe: Universe) -> None:
    assert universe.card("GOOG").company == universe.card("GOOGL").company != ""
    assert universe.card("^GSPC").company == ""


def test_a_name_for_print_falls_back_to_the_symbol(universe: Universe) -> None:
    assert universe.name("NVDA") == "Nvidia"
    assert universe.name("ZZZZ") == "ZZZZ"


def test_only_exact_symbols_are_contained(universe: Universe) -> None:
    assert "NVDA" in universe
    assert "nvda" not in universe
