"""Token prices: against hand computations from the rows, on any day and basis."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

import marketshock as ms
from marketshock.ai.price_list import PriceList, blended_price
from marketshock.ai.token_prices import token_price_comparison
from marketshock.errors import DataCorruptError, InsufficientDataError, UserInputError
from marketshock.provenance import Status
from marketshock.table import Table

SHOCK, NOTE, END = dt.date(2025, 1, 27), dt.date(2025, 2, 2), dt.date(2026, 10, 27)
V3 = ("DeepSeek-V3", "GPT-4o")
R1 = ("DeepSeek-R1", "o1")
usd = st.floats(0.001, 1000.0)


@pytest.fixture
def table(source) -> Table:
    return source.table("token_prices")


def multiples(table: Table, date: dt.date, names: tuple[str, str], **options) -> list[float]:
    pair = token_price_comparison(table, date, pairs=[names], **options).pairs[0]
    return [pair.multiple("input"), pair.multiple("output"), pair.multiple("blended")]


def test_the_day_of_the_shock_by_hand(table: Table) -> None:
    assert multiples(table, SHOCK, V3) == pytest.approx([2.5 / 0.14, 10 / 0.28, 4.375 / 0.175])
    blended = (3 * 15 + 60) / (3 * 0.55 + 2.19)
    assert multiples(table, SHOCK, R1) == pytest.approx([15 / 0.55, 60 / 2.19, blended])
    pair = token_price_comparison(table, SHOCK, pairs=[V3]).pairs[0]
    assert pair.delta("input") == pytest.approx(-0.944)
    assert pair.delta("output") == pytest.approx(-0.972)
    assert round(100 * pair.delta("output")) == -97


def test_published_multiples_are_found_again(table: Table) -> None:
    found = token_price_comparison(table, SHOCK, pairs=[V3, R1])
    assert [round(value, 1) for value in found.multiples()] == [17.9, 35.7]
    assert round(found.pair(*V3).multiple("blended"), 1) == 25.0
    assert round(found.pair(*R1).multiple("blended"), 1) == 27.3


def test_the_announced_price_differs_from_the_promotional_one(table: Table) -> None:
    listed = [2.5 / 0.27, 10 / 1.10, 4.375 / 0.4775]
    assert multiples(table, NOTE, V3, basis="announced") == pytest.approx(listed)
    assert multiples(table, dt.date(2025, 3, 1), V3) == pytest.approx(listed)
    charged = token_price_comparison(table, NOTE, pairs=[V3]).pairs[0]
    assert charged.price.output_usd == 0.28
    assert charged.successor is not None
    assert (charged.successor.output_usd, charged.successor.start) == (1.10, dt.date(2025, 2, 8))
    assert multiples(table, NOTE, R1, basis="announced") == multiples(table, NOTE, R1)


def test_a_price_is_not_known_before_it_was_announced(table: Table) -> None:
    early = token_price_comparison(table, dt.date(2025, 1, 26), pairs=[V3], basis="announced")
    assert early.pairs[0].price.output_usd == 0.28


@pytest.mark.parametrize(
    ("day", "output"),
    [("2025-02-07", 0.28), ("2025-02-08", 1.10), ("2025-09-30", 1.10)],
)
def test_the_new_price_counts_from_its_first_day(table: Table, day: str, output: float) -> None:
    found = PriceList.from_table(table).on("DeepSeek-V3", dt.date.fromisoformat(day))
    assert found is not None
    assert found.output_usd == output


@pytest.mark.parametrize("day", ["2024-12-25", "2025-10-01"])
def test_outside_its_days_a_model_has_no_price(table: Table, day: str) -> None:
    date = dt.date.fromisoformat(day)
    assert PriceList.from_table(table).on("DeepSeek-V3", date) is None
    with pytest.raises(UserInputError, match=f"No price of DeepSeek-V3 is known on {day}"):
        token_price_comparison(table, date, pairs=[V3])


def test_the_rerun_of_october_2026_by_hand(table: Table) -> None:
    found = {
        (pair.price.model, pair.reference.model): pair
        for pair in token_price_comparison(table, END).pairs
    }
    top = found["DeepSeek-V4-Pro-0813 (off-peak)", "GPT-6 Astra (short context)"]
    assert [round(top.multiple(m), 1) for m in ("input", "output")] == [15.2, 25.3]
    middle = found["DeepSeek-V4.1-Flash (off-peak)", "GPT-6 Sol (short context)"]
    assert [round(middle.multiple(m)) for m in ("input", "output")] == [13, 17]
    low = found["DeepSeek-V4.1-Flash (off-peak)", "GPT-6 Luna (short context)"]
    assert [round(low.multiple(m), 2) for m in ("input", "output")] == [0.67, 0.83]
    assert low.delta("input") == pytest.approx(0.5)
    assert all(day is None or day >= END for day in (p.price.end for p in found.values()))


@pytest.mark.parametrize("day", ["2025-01-27", "2025-10-15", "2026-05-10", "2026-10-27"])
def test_the_usual_pairs_were_on_sale(table: Table, day: str) -> None:
    date = dt.date.fromisoformat(day)
    for pair in token_price_comparison(table, date).pairs:
        assert pair.price.holds_on(date)
        assert pair.reference.holds_on(date)


def test_every_row_of_the_file_is_a_price(source, raw) -> None:
    rows = raw("token_prices")
    prices = PriceList.from_table(source.table("token_prices")).prices
    assert len(prices) == len(rows) == 21
    found = sorted((p.provider, p.model, p.input_usd, p.output_usd) for p in prices)
    assert found == sorted(
        (r["provider"], r["model"], float(r["input_usd_per_m"]), float(r["output_usd_per_m"]))
        for r in rows
    )
    assert {p.model for p in prices if p.status is Status.RECALLED} == {
        r["model"] for r in rows if r["status"] == "recalled"
    }


def test_a_day_from_memory_is_not_confirmed(source, raw) -> None:
    prices = PriceList.from_table(source.table("token_prices")).prices
    assert {p.model for p in prices if not p.start_confirmed} == {
        r["model"]
        for r in raw("token_prices")
        if not r["valid_from"] or "start date from memory" in r["comment"].lower()
    }


def test_printed_columns_change_nothing(table: Table, without_print) -> None:
    bare = without_print(table)
    for day in (SHOCK, END):
        one, two = (token_price_comparison(t, day).to_records() for t in (table, bare))
        assert one == two


def test_a_recalled_price_makes_the_pair_recalled(table: Table) -> None:
    found = token_price_comparison(table, SHOCK)
    weak = [pair for pair in found.pairs if pair.status is Status.RECALLED]
    assert [pair.reference.model for pair in weak] == ["Claude 3.5 Sonnet"]
    assert found.multiples()[1] == pytest.approx(10 / 0.28)
    assert found.multiples(confirmed=False)[1] == pytest.approx(15 / 0.28)


def test_a_changed_price_changes_the_figure(table: Table) -> None:
    rows = [dict(row) for row in table]
    row = next(r for r in rows if r["model"] == "DeepSeek-V3" and r["valid_to"] == "2025-02-08")
    row["output_usd_per_m"] = 0.25
    changed = Table.from_rows("token_prices", rows)
    assert multiples(changed, SHOCK, V3)[1] == pytest.approx(40.0)


@given(usd, usd, st.floats(0.0, 100.0))
def test_a_blended_price_lies_between_its_parts(first: float, second: float, ratio: float) -> None:
    value = blended_price(first, second, ratio)
    low, high = min(first, second), max(first, second)
    assert low * (1 - 1e-12) <= value <= high * (1 + 1e-12)
    assert blended_price(first, second, 0.0) == second


def test_delta_and_multiple_say_the_same(table: Table) -> None:
    for row in token_price_comparison(table, END).table():
        assert (1 + row["delta"]) * row["multiple"] == pytest.approx(1.0)


@pytest.mark.parametrize("ratio", [-1.0, float("nan"), float("inf")])
def test_a_senseless_ratio_is_refused(table: Table, ratio: float) -> None:
    with pytest.raises(UserInputError, match="make no sense"):
        token_price_comparison(table, SHOCK, ratio=ratio)


def test_bad_input_is_refused(table: Table) -> None:
    with pytest.raises(UserInputError, match="basis"):
        token_price_comparison(table, SHOCK, basis="cheapest")  # type: ignore[arg-type]
    with pytest.raises(UserInputError, match="GPT-4"):
        token_price_comparison(table, SHOCK, pairs=[("DeepSeek-V3", "GPT-4")])
    with pytest.raises(InsufficientDataError, match="No pair"):
        token_price_comparison(table, dt.date(2020, 1, 1))
    columns = {name: cells for name, cells in table.columns.items() if name != "provider"}
    with pytest.raises(DataCorruptError, match="lacks provider"):
        PriceList.from_table(Table("token_prices", columns))


@pytest.mark.parametrize("value", [None, 0.0, -1.0, float("inf"), float("nan")])
def test_a_price_that_is_none_is_refused(table: Table, value: float | None) -> None:
    rows = [dict(row) for row in table]
    rows[0]["input_usd_per_m"] = value
    with pytest.raises(DataCorruptError, match="no positive numbers"):
        PriceList.from_table(Table.from_rows("token_prices", rows))


def test_the_short_functions_print_themselves() -> None:
    found = ms.token_prices(as_of="2025-01-27")
    assert "17.9 to 35.7 times" in repr(found)
    assert ms.token_prices().date == END
    assert found.sources[0].as_of == SHOCK
    assert ms.token_price_history().to_frame().shape[0] == 21
    with pytest.raises(UserInputError, match="not compared"):
        found.pair("o1", "GPT-4o")
