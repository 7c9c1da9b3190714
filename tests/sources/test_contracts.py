from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from marketshock.sources.contracts import (
    MAX_REPORTED,
    check_cross_table,
    check_table,
    contract,
    table_names,
)

Frames = dict[str, pd.DataFrame]


def put(column: str, row: int, value: Any) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Return a change of one cell; rows count from 1, as in the messages."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        frame.loc[frame.index[row - 1], column] = value
        return frame

    return change


def twice(row: int) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda frame: pd.concat([frame, frame.iloc[[row - 1]]], ignore_index=True)


MUTATIONS: list[tuple[str, Callable[[pd.DataFrame], pd.DataFrame], list[str]]] = [
    ("splits", put("ratio", 2, 0.05), ["splits.ratio", "row 2", "0.05", "at least 1"]),
    ("splits", put("ratio", 3, np.inf), ["splits.ratio", "row 3", "inf", "finite"]),
    ("splits", put("kind", 4, "merger"), ["splits.kind", "row 4", "'merger'", "spin_off"]),
    ("splits", put("symbol", 5, "amzn"), ["splits.symbol", "row 5", "'amzn'"]),
    ("splits", put("description", 6, "=1+1"), ["splits.description", "row 6", "plain text"]),
    ("splits", put("date", 7, pd.NaT), ["splits.date", "row 7", "an empty cell"]),
    ("splits", put("date", 8, pd.Timestamp("2024-01-02 16:00")), ["splits.date", "row 8", "ISO"]),
    ("prices_close", put("close", 9, 0.0), ["prices_close.close", "row 9", "0.0", "above 0"]),
    ("prices_close", put("close", 10, -5.0), ["prices_close.close", "row 10", "-5.0"]),
    ("prices_close", put("volume", 11, -1.0), ["prices_close.volume", "row 11", "at least 0"]),
    ("prices_close", put("adj_close", 12, 9e9), ["prices_close", "row 12", "adj_close <= close"]),
    ("prices_range", put("low", 3, 9e9), ["prices_range", "row 3", "low <= high"]),
    ("shares", put("status", 13, "certain"), ["shares.status", "row 13", "'certain'", "recalled"]),
    (
        "shares",
        put("filed", 14, pd.Timestamp("2001-01-01")),
        ["shares", "row 14", "as_of <= filed"],
    ),
    ("shares", put("shares", 15, np.nan), ["shares.shares", "row 15", "an empty cell"]),
    ("capex", put("fiscal_label", 1, "2014"), ["capex.fiscal_label", "row 1", "'2014'"]),
    ("capex", put("capex_musd", 2, -4.0), ["capex.capex_musd", "row 2", "-4.0"]),
    ("instruments", put("company", 1, np.nan), ["instruments", "row 1", "company filled exactly"]),
    ("factors3_daily", put("rf", 5, 4.2), ["factors3_daily.rf", "row 5", "4.2", "at most 0.1"]),
]


@pytest.mark.parametrize(
    ("table", "change", "words"), MUTATIONS, ids=[f"{m[0]}-{m[2][1]}" for m in MUTATIONS]
)
def test_one_wrong_cell_is_named_with_table_column_and_row(
    frames: Frames, table: str, change: Callable[[pd.DataFrame], pd.DataFrame], words: list[str]
) -> None:
    frame = frames[table].head(60).copy()
    assert check_table(table, frame) == []
    problems = check_table(table, change(frame))
    assert any(all(word in problem for word in words) for problem in problems), problems
    assert all(problem.startswith(table) and words[1] in problem for problem in problems)


@pytest.mark.parametrize(
    ("table", "key"),
    [("splits", "symbol + date"), ("shares", "symbol + share_class"), ("publications", "id")],
)
def test_a_row_that_stands_twice_is_named_with_its_key(
    frames: Frames, table: str, key: str
) -> None:
    frame = frames[table].head(20)
    problems = check_table(table, twice(1)(frame))
    assert f"{table}, row {len(frame) + 1}" in " ".join(problems)
    assert f"a unique {key}" in " ".join(problems)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: f.drop(columns="ratio"), "splits: missing column ratio"),
        (lambda f: f.assign(note="x"), "splits: unexpected column note"),
        (lambda f: f[["date", "symbol", "ratio", "kind", "description"]], "out of order"),
        (lambda f: f.assign(ratio=f["ratio"].astype(str)), "splits.ratio: found type"),
        (lambda f: f.head(0), "splits: found no rows"),
    ],
    ids=["missing", "extra", "order", "type", "empty"],
)
def test_a_wrong_shape_is_named(
    frames: Frames, change: Callable[[pd.DataFrame], pd.DataFrame], words: str
) -> None:
    assert any(words in problem for problem in check_table("splits", change(frames["splits"])))


def test_rows_are_counted_from_the_first_below_the_header(frames: Frames) -> None:
    frame = frames["splits"].iloc[10:20].copy()
    problems = check_table("splits", put("ratio", 1, 0.5)(frame))
    assert "row 1:" in problems[0]


def test_many_problems_of_one_kind_are_counted(frames: Frames) -> None:
    frame = frames["splits"].copy()
    frame["ratio"] = 0.0
    problems = check_table("splits", frame)
    assert len(problems) == MAX_REPORTED + 1
    assert f"{len(frame) - MAX_REPORTED} more rows" in problems[-1]


def test_every_small_table_keeps_its_contract(frames: Frames) -> None:
    names = [name for name in table_names() if not name.startswith("prices")]
    assert set(frames) == set(table_names())
    assert {name: found for name in names if (found := check_table(name, frames[name]))} == {}


def test_an_unknown_table_has_no_contract() -> None:
    with pytest.raises(KeyError, match="splits"):
        contract("split")


def test_ticker_na_survives_reading(tmp_path: Any) -> None:
    from marketshock.sources.contracts import read_options

    path = tmp_path / "splits.csv"
    path.write_text("symbol,date,ratio,kind,description\nNA,2024-01-02,2,split,2 for 1\n")
    assert pd.read_csv(path, **read_options("splits"))["symbol"].tolist() == ["NA"]


def days_of(frames: Frames, *symbols: str) -> pd.DataFrame:
    prices = frames["prices_close"]
    return prices[prices["symbol"].isin(symbols)].reset_index(drop=True).copy()


def at(frame: pd.DataFrame, symbol: str, day: str) -> pd.Series:
    return frame["symbol"].eq(symbol) & frame["date"].eq(pd.Timestamp(day))


def test_a_session_that_is_missing_is_named(frames: Frames) -> None:
    prices = days_of(frames, "^GSPC", "NVDA")
    assert check_cross_table({"prices_close": prices}) == []
    gap = prices[~at(prices, "NVDA", "2025-01-27")]
    assert check_cross_table({"prices_close": gap}) == [
        "prices_close.date, NVDA: no row for the session 2025-01-27"
    ]


def test_a_split_that_was_not_taken_out_is_named(frames: Frames) -> None:
    prices = days_of(frames, "^GSPC", "NVDA")
    before = prices["symbol"].eq("NVDA") & (prices["date"] < pd.Timestamp("2024-06-10"))
    prices.loc[before, "close"] *= 10
    splits = frames["splits"][frames["splits"]["symbol"].eq("NVDA")]
    problems = check_cross_table({"prices_close": prices, "splits": splits})
    assert len(problems) == 1
    assert "NVDA 2024-06-10" in problems[0]
    assert "10 for 1" in problems[0]


def test_a_share_count_on_another_split_basis_is_named(frames: Frames) -> None:
    shares = frames["shares"][frames["shares"]["symbol"].eq("NVDA")].copy()
    tables = {
        "prices_close": days_of(frames, "^GSPC", "NVDA"),
        "splits": frames["splits"][frames["splits"]["symbol"].eq("NVDA")],
    }
    assert check_cross_table({**tables, "shares": shares}) == []
    row = shares.index[shares["as_of"].eq(pd.Timestamp("2024-05-24"))][0]
    shares.loc[row, "shares"] /= 10
    problems = check_cross_table({**tables, "shares": shares})
    assert len(problems) == 1
    assert "shares.shares, NVDA common 2024-05-24" in problems[0]


def test_a_dividend_that_the_adjusted_close_does_not_know_is_named(frames: Frames) -> None:
    prices = days_of(frames, "^GSPC", "AAPL")
    dividends = frames["dividends"][frames["dividends"]["symbol"].eq("AAPL")].copy()
    assert check_cross_table({"prices_close": prices, "dividends": dividends}) == []
    dividends.loc[dividends.index[-1], "amount"] *= 2
    problems = check_cross_table({"prices_close": prices, "dividends": dividends})
    assert len(problems) == 1
    assert problems[0].startswith("prices_close.adj_close, AAPL")


def test_quarters_that_do_not_add_up_are_named(frames: Frames) -> None:
    capex = frames["capex"].copy()
    tables = {"known_exceptions": frames["known_exceptions"]}
    assert check_cross_table({**tables, "capex": capex}) == []
    row = capex.index[
        capex["symbol"].eq("MSFT") & capex["scope"].eq("total") & capex["fiscal_label"].eq("FY2024")
    ][0]
    capex.loc[row, "capex_musd"] += 100
    problems = check_cross_table({**tables, "capex": capex})
    assert len(problems) == 1
    assert "MSFT:total:FY2024:capex_musd" in problems[0]


def test_without_its_documented_exception_a_difference_is_a_problem(frames: Frames) -> None:
    known = frames["known_exceptions"]
    without = known[~known["key"].eq("GOOGL:total:FY2015:capex_musd")]
    problems = check_cross_table({"known_exceptions": without, "capex": frames["capex"]})
    assert [problem.split(":")[0] for problem in problems] == ["capex, GOOGL"]


def test_a_quoted_close_that_is_not_ours_is_named(frames: Frames) -> None:
    inputs = frames["losses_inputs"].copy()
    row = inputs.index[inputs["item"].eq("close_official") & inputs["symbol"].eq("NVDA")][0]
    inputs.loc[row, "value"] = 118.58
    closes = days_of(frames, "^GSPC", *inputs["symbol"].unique())
    problems = check_cross_table({"prices_close": closes, "losses_inputs": inputs})
    assert len(problems) == 1
    assert "NVDA 2025-01-27 close_official: found 118.58" in problems[0]


def test_a_symbol_that_no_card_describes_is_named(frames: Frames) -> None:
    splits = put("symbol", 1, "ZZZZ")(frames["splits"].copy())
    problems = check_cross_table({"instruments": frames["instruments"], "splits": splits})
    assert problems == ["splits.symbol: found ZZZZ, expected a symbol of instruments"]


def test_a_cross_rate_that_does_not_follow_is_named(frames: Frames) -> None:
    fx = put("usdchf", 3, 1.2)(frames["fx_daily"].copy())
    problems = check_cross_table({"fx_daily": fx})
    assert len(problems) == 1
    assert problems[0].startswith("fx_daily.usdchf, 2015-01-06")


def test_a_shock_on_a_weekend_is_named(frames: Frames) -> None:
    shocks = frames["shocks"].copy()
    row = shocks.index[shocks["first_session"].eq(pd.Timestamp("2025-01-27"))][0]
    shocks.loc[row, "first_session"] = pd.Timestamp("2025-01-25")
    prices = days_of(frames, "^GSPC")
    assert check_cross_table({"prices_close": prices, "shocks": frames["shocks"]}) == []
    problems = check_cross_table({"prices_close": prices, "shocks": shocks})
    assert len(problems) == 1
    assert "2025-01-25 is no session" in problems[0]
