from __future__ import annotations

import csv
import datetime as dt
import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from marketshock.api import losses
from marketshock.desk import Desk
from marketshock.errors import InsufficientDataError, UserInputError
from marketshock.market.panel import PricePanel
from marketshock.market.shares import ShareCounts
from marketshock.market.splits import Split, SplitTable
from marketshock.marketcap.history import MarketValues
from marketshock.marketcap.losses import MarketCapLosses, rank_losses
from marketshock.provenance import Status

KINDS = ["cover", "balance", "weighted_basic", "weighted_diluted"]
NOTE = dt.date(2025, 2, 2)


def read(path: Path) -> list[dict[str, str]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def top(desk: Desk) -> MarketCapLosses:
    return losses(60, desk=desk)


@pytest.fixture(scope="module")
def by_hand(data_folder: Path) -> pd.DataFrame:
    """Every one-day change of market value, straight from the files, another way round."""
    closes = pd.read_csv(data_folder / "prices_close.csv.gz", usecols=["symbol", "date", "close"])
    shares = pd.read_csv(data_folder / "shares.csv").dropna(subset=["filed"])
    shares = shares[shares["share_class"].isin(["common", "total"]) & shares["kind"].isin(KINDS)]
    age = pd.to_datetime(shares["filed"]) - pd.to_datetime(shares["as_of"])
    shares = shares[age <= pd.Timedelta(days=150)].copy()
    shares["preference"] = shares["kind"].map(KINDS.index)
    shares = shares.sort_values(["symbol", "filed", "preference", "as_of"], ascending=[1, 1, 0, 1])
    shares = shares.drop_duplicates(["symbol", "filed"], keep="last")
    spun = pd.read_csv(data_folder / "splits.csv").query("kind != 'split'")
    assert not set(spun["symbol"]) & set(shares["symbol"])
    closes = closes[closes["symbol"].isin(shares["symbol"])]
    closes["date"] = pd.to_datetime(closes["date"])
    shares["filed"] = pd.to_datetime(shares["filed"])
    joined = pd.merge_asof(
        closes.sort_values("date"),
        shares.sort_values("filed")[["symbol", "filed", "shares", "kind"]],
        left_on="date",
        right_on="filed",
        by="symbol",
        allow_exact_matches=False,
    ).sort_values(["symbol", "date"])
    before = joined.groupby("symbol")["close"].shift()
    joined["change"] = (joined["close"] - before) * joined["shares"] / 1e9
    joined["return"] = joined["close"] / before - 1
    return joined.dropna(subset=["change"])


def test_nvidia_on_the_day_of_the_shock_by_hand(data_folder: Path, top: MarketCapLosses) -> None:
    closes = {
        row["date"]: float(row["close"])
        for row in read(data_folder / "prices_close.csv.gz")
        if row["symbol"] == "NVDA" and "2025-01-24" <= row["date"] <= "2025-01-27"
    }
    filed = [
        (row["filed"], float(row["shares"]))
        for row in read(data_folder / "shares.csv")
        if row["symbol"] == "NVDA" and row["kind"] == "cover" and "" < row["filed"] < "2025-01-27"
    ]
    count = max(filed)[1]
    by_hand = (closes["2025-01-27"] - closes["2025-01-24"]) * count / 1e9
    assert by_hand == pytest.approx(-592.66, abs=0.05)
    first = top.losses[0]
    assert (first.symbol, first.date, first.rank) == ("NVDA", dt.date(2025, 1, 27), 1)
    assert first.loss_usd_bn == pytest.approx(by_hand, abs=1e-9)
    assert first.price_return == pytest.approx(-0.1697, abs=5e-5)
    assert (first.previous_close, first.close) == pytest.approx((142.62, 118.42))
    assert (first.shares_bn, first.share_kind) == (24.49, "cover")


@pytest.mark.parametrize("as_of", [None, NOTE])
def test_the_ranking_by_dollars_recomputed_with_pandas(
    desk: Desk, by_hand: pd.DataFrame, as_of: dt.date | None
) -> None:
    known = by_hand if as_of is None else by_hand[by_hand["date"] <= pd.Timestamp(as_of)]
    expected = known.nsmallest(12, "change")
    found = losses(12, as_of=as_of, desk=desk).losses
    assert [(loss.symbol, loss.date) for loss in found] == [
        (row.symbol, row.date.date()) for row in expected.itertuples()
    ]
    assert [loss.loss_usd_bn for loss in found] == pytest.approx(expected["change"].tolist())
    assert [loss.shares_filed for loss in found] == [day.date() for day in expected["filed"]]
    assert [loss.share_kind for loss in found] == expected["kind"].tolist()
    assert [loss.rank for loss in found] == list(range(1, 13))


def test_the_ranking_by_percent_recomputed_with_pandas(desk: Desk, by_hand: pd.DataFrame) -> None:
    expected = by_hand.nsmallest(12, "return")
    found = losses(12, by="pct", desk=desk)
    assert found.by == "pct"
    assert [(loss.symbol, loss.date) for loss in found.losses] == [
        (row.symbol, row.date.date()) for row in expected.itertuples()
    ]
    assert [loss.price_return for loss in found.losses] == pytest.approx(
        expected["return"].tolist()
    )


@pytest.fixture(scope="module")
def every(desk: Desk) -> MarketCapLosses:
    return losses(None, desk=desk)


def test_all_falls_and_nothing_else(every: MarketCapLosses, by_hand: pd.DataFrame) -> None:
    found = every
    assert len(found.losses) == int((by_hand["change"] < 0).sum())
    assert max(loss.loss_usd_bn for loss in found.losses) < 0
    assert found.companies == by_hand["symbol"].nunique()


def test_broadcom_on_the_same_day(desk: Desk) -> None:
    found = losses(1, symbols=["AVGO"], as_of=NOTE, desk=desk).losses[0]
    assert found.date == dt.date(2025, 1, 27)
    assert found.loss_usd_bn == pytest.approx(-199.5, abs=0.05)
    assert (found.previous_close, found.close) == pytest.approx((244.70, 202.13))


def test_every_row_can_be_recomputed_by_its_reader(top: MarketCapLosses) -> None:
    for loss in top.losses:
        printed = (loss.close - loss.previous_close) * loss.shares_bn
        assert loss.loss_usd_bn == pytest.approx(printed, rel=1e-9), loss
        assert loss.price_return == pytest.approx(loss.close / loss.previous_close - 1, rel=1e-9)
        assert loss.shares_filed < loss.date
        assert loss.shares_as_of <= loss.shares_filed


def test_amazon_is_told_as_traded_before_its_split(desk: Desk) -> None:
    found = losses(1, symbols=["amzn"], as_of="2022-04-29", since="2022-04-29", desk=desk).losses[0]
    assert found.close == pytest.approx(2485.63, abs=0.005)
    assert found.previous_close == pytest.approx(2891.93, abs=0.005)
    assert found.shares_bn == pytest.approx(0.508844410)
    assert found.loss_usd_bn == pytest.approx((2485.63 - 2891.93) * 0.508844410, abs=0.01)


def damaged(values: MarketValues, after: dt.date) -> MarketValues:
    """Return the same values with nonsense in every price and filing after a day."""
    closes = values.closes
    prices = closes.values.copy()
    late = closes.sessions > np.datetime64(after)
    prices[late] = np.random.default_rng(1).uniform(1.0, 1e6, (int(late.sum()), prices.shape[1]))
    filings = {
        symbol: tuple(count for count in counts if count.filed <= after)
        for symbol, counts in values.shares.filings.items()
        if counts[0].filed <= after
    }
    panel = PricePanel(prices, closes.sessions, closes.symbols, closes.basis, closes.sources)
    return MarketValues(panel, ShareCounts(filings), values.splits, values.sources)


@pytest.mark.parametrize("as_of", [NOTE, dt.date(2022, 2, 3), dt.date(2026, 1, 28)])
def test_a_ranking_as_of_a_day_never_looks_ahead(desk: Desk, as_of: dt.date) -> None:
    name = desk.universe.name
    honest = rank_losses(desk.values, name, top=40, as_of=as_of)
    blind = rank_losses(damaged(desk.values, as_of), name, top=40, as_of=as_of)
    assert blind == honest
    assert honest.as_of <= as_of
    assert rank_losses(damaged(desk.values, as_of), name, top=40) != honest


def test_the_day_itself_counts_and_a_weekend_means_the_session_before(desk: Desk) -> None:
    assert losses(1, as_of="2025-01-27", desk=desk).losses[0].date == dt.date(2025, 1, 27)
    assert losses(1, as_of="2025-01-26", desk=desk).losses[0].date < dt.date(2025, 1, 27)
    found = losses(1, as_of=NOTE, desk=desk)
    assert found.as_of == dt.date(2025, 1, 31)
    assert {source.as_of for source in found.sources} == {dt.date(2025, 1, 31)}


def test_since_leaves_earlier_days_out_and_includes_its_own(desk: Desk) -> None:
    found = losses(5, since="2025-01-27", as_of=NOTE, desk=desk)
    assert found.since == dt.date(2025, 1, 27)
    assert found.losses[0].date == dt.date(2025, 1, 27)
    assert all(loss.date >= dt.date(2025, 1, 27) for loss in found.losses)
    assert losses(1, since="2025-01-28", as_of=NOTE, desk=desk).losses[0].symbol == "MSFT"


def test_one_company_in_two_spellings_is_one(desk: Desk) -> None:
    assert losses(10, symbols=["meta", "META"], desk=desk).companies == 1


def test_symbols_narrow_the_ranking_and_may_repeat(desk: Desk) -> None:
    found = losses(10, symbols=["META", "amzn", "META"], desk=desk)
    assert {loss.symbol for loss in found.losses} == {"META", "AMZN"}
    assert found.companies == 2
    assert found.losses == tuple(sorted(found.losses, key=lambda loss: loss.loss_usd_bn))


def test_the_order_of_symbols_does_not_matter(desk: Desk) -> None:
    one = losses(20, symbols=["META", "NVDA", "AMZN"], desk=desk)
    other = losses(20, symbols=["AMZN", "META", "NVDA"], desk=desk)
    assert one.losses == other.losses


def test_a_company_counts_once_with_all_its_classes(desk: Desk, every: MarketCapLosses) -> None:
    symbols = {loss.symbol for loss in every.losses}
    assert "GOOGL" in symbols
    assert "GOOG" not in symbols
    companies = [desk.universe.card(symbol).company for symbol in symbols]
    assert len(companies) == len(set(companies))
    with pytest.raises(UserInputError, match="GOOG"):
        losses(1, symbols=["GOOG"], desk=desk)


def test_ties_come_by_session_and_then_by_column(build: Any) -> None:
    closes = {"B": [10, 9, 10, 9], "A": [10, 9, 10, 9]}
    values = build(closes, [("A", "2024-12-01", 1e9), ("B", "2024-12-01", 1e9)])
    found = rank_losses(values, str, top=None).losses
    assert [(loss.symbol, loss.date.day) for loss in found] == [
        ("B", 2),
        ("A", 2),
        ("B", 4),
        ("A", 4),
    ]


def test_a_recalled_count_marks_the_ranking(desk: Desk) -> None:
    after = losses(3, symbols=["META"], since="2022-02-04", as_of="2022-04-01", desk=desk)
    assert {loss.status for loss in after.losses} == {Status.RECALLED}
    assert after.status is Status.RECALLED
    assert after.table()["status"] == ("recalled",) * 3
    on_the_day = losses(1, symbols=["META"], since="2022-02-03", as_of="2022-02-03", desk=desk)
    assert on_the_day.losses[0].shares_bn == 2.814
    assert on_the_day.status is Status.VERIFIED1


def test_the_status_of_a_ranking_is_its_weakest_row(build: Any) -> None:
    values = build({"A": [10, 9]}, [("A", "2024-12-01", 1e9)], status=Status.ESTIMATED)
    assert rank_losses(values, str).status is Status.ESTIMATED


def test_a_split_on_the_day_is_no_loss(build: Any) -> None:
    splits = SplitTable((Split("A", dt.date(2025, 1, 2), 10.0, "split"),))
    values = build({"A": [10.0, 9.9]}, [("A", "2024-12-01", 1e9)], splits)
    loss = rank_losses(values, str).losses[0]
    assert loss.loss_usd_bn == pytest.approx(-0.1)
    assert (loss.previous_close, loss.close, loss.shares_bn) == pytest.approx((10.0, 9.9, 1.0))


def test_before_a_split_the_row_is_as_traded(build: Any) -> None:
    splits = SplitTable((Split("A", dt.date(2025, 1, 3), 10.0, "split"),))
    values = build({"A": [10.0, 9.0, 9.0]}, [("A", "2024-12-01", 1e9)], splits)
    loss = rank_losses(values, str).losses[0]
    assert (loss.previous_close, loss.close, loss.shares_bn) == pytest.approx((100.0, 90.0, 0.1))
    assert loss.loss_usd_bn == pytest.approx(-1.0)


def test_before_a_spin_off_the_loss_is_that_of_the_whole_company(build: Any) -> None:
    spun = SplitTable((Split("A", dt.date(2025, 1, 3), 2.0, "spin_off"),))
    values = build({"A": [50.0, 40.0, 40.0]}, [("A", "2024-12-01", 1e9)], spun)
    loss = rank_losses(values, str).losses[0]
    assert loss.loss_usd_bn == pytest.approx(-20.0)
    assert (loss.previous_close, loss.close, loss.shares_bn) == pytest.approx((100.0, 80.0, 1.0))


def test_rises_are_never_listed(build: Any) -> None:
    values = build({"A": [10, 11, 10.5, 12]}, [("A", "2024-12-01", 1e9)])
    assert [loss.date.day for loss in rank_losses(values, str, top=10).losses] == [3]


def test_the_answer_has_the_keys_of_the_contract(top: MarketCapLosses) -> None:
    row = top.table().to_records()[0]
    assert set(row) >= {
        "rank",
        "symbol",
        "name",
        "date",
        "loss_usd_bn",
        "return",
        "previous_close",
        "close",
        "price_basis",
        "shares_bn",
        "shares_as_of",
        "shares_filed",
        "share_kind",
        "status",
    }
    assert row["date"] == "2025-01-27"
    assert row["name"] == "Nvidia"
    assert list(top.to_frame()["rank"]) == list(range(1, 61))


@pytest.mark.parametrize("rows", [0, -3])
def test_a_ranking_of_nothing_is_refused(desk: Desk, rows: int) -> None:
    with pytest.raises(UserInputError, match=str(rows)):
        losses(rows, desk=desk)


@pytest.mark.parametrize(
    ("since", "as_of"),
    [
        ("2025-02-02", "2025-01-27"),
        (None, "2014-12-31"),
        ("2027-01-01", None),
        ("2025-01-25", "2025-01-26"),
    ],
)
def test_an_empty_period_is_refused_with_the_span(
    desk: Desk, since: str | None, as_of: str | None
) -> None:
    with pytest.raises(UserInputError) as caught:
        losses(5, since=since, as_of=as_of, desk=desk)
    assert "2015-01-02 to 2026-08-21" in caught.value.hint


@pytest.mark.parametrize("day", ["31/01/2025", "2025-02-31"])
def test_a_bad_day_is_refused(desk: Desk, day: str) -> None:
    with pytest.raises(UserInputError):
        losses(5, as_of=day, desk=desk)


def test_an_unknown_symbol_is_refused_with_a_suggestion(desk: Desk) -> None:
    with pytest.raises(UserInputError, match="NVDA"):
        losses(5, symbols=["NVDAA"], desk=desk)


def test_a_period_before_any_filing_has_no_answer(build: Any) -> None:
    values = build({"A": [10, 9, 8]}, [("A", "2025-01-03", 1e9)])
    with pytest.raises(InsufficientDataError, match="share count"):
        rank_losses(values, str)


def test_a_period_without_falls_still_answers(build: Any) -> None:
    values = build({"A": [10, 11, 12]}, [("A", "2024-12-01", 1e9)])
    found = rank_losses(values, str)
    assert found.losses == ()
    assert found.companies == 1
    assert "symbol" in found.table().columns
    assert isinstance(found.status, Status)
