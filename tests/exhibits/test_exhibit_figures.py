"""Exhibits: the figures are those of the result, and what is printed and drawn equals them."""

from __future__ import annotations

import numpy as np
import pytest
from examples import (
    BOTH,
    EVENT,
    KEYS,
    drawn,
    made,
    number,
    payload,
    result_of,
    study,
)
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from scipy import stats

from marketshock import ai_numbers
from marketshock.desk import Desk
from marketshock.exhibits.catalogue import exhibit
from marketshock.exhibits.study_words import lead_of
from marketshock.locale import LANGUAGES, Language

# The data are those of the result.


def test_the_path_sums_abnormal_returns_from_the_close_before_the_event() -> None:
    data, abnormal = made("car_path").data, result_of("car_path").result.abnormal
    assert list(data["tau"]) == list(range(-10, 21))
    steps = np.diff(data["car"])
    np.testing.assert_allclose(steps, abnormal.ar[0, 1:], rtol=1e-10, atol=1e-15)
    assert data["car"][9] == data["high"][9] == 0.0
    np.testing.assert_array_equal(data["ar"], abnormal.ar[0])
    np.testing.assert_array_equal(np.array(data["session"], "datetime64[D]"), abnormal.sessions[0])
    assert data["session"][10] == EVENT
    np.testing.assert_allclose(data["low"], -np.array(data["high"]))
    one = stats.t.ppf(0.975, abnormal.df[0]) * abs(data["ar"][10] / abnormal.sar[0, 10])
    assert data["high"][10] == pytest.approx(one)
    assert (np.diff(data["high"][9:]) > 0).all()
    assert (np.diff(data["high"][:10]) < 0).all()


def test_the_bars_are_the_abnormal_returns_with_their_intervals() -> None:
    data, result = made("abnormal_bars").data, study().result
    lines = {row["symbol"]: row for row in result.table("car").where(first=0, last=0)}
    assert list(data["car"]) == sorted(data["car"])
    assert set(data["symbol"]) == set(lines)
    for row in data:
        line = lines[row["symbol"]]
        at = result.row(row["symbol"])
        half = stats.t.ppf(0.975, result.abnormal.df[at]) * line["se"]
        assert row["car"] == line["car"]
        assert (row["low"], row["high"]) == pytest.approx((line["car"] - half, line["car"] + half))
        assert row["name"] == study().name(row["symbol"])


def test_the_histogram_is_the_estimation_window_and_the_event() -> None:
    data, abnormal = made("residual_histogram").data, study().result.abnormal
    lead = lead_of(study())
    assert lead.symbol == "NVDA"
    residuals = abnormal.residuals[lead.row]
    np.testing.assert_array_equal(data["ar"][:-1], residuals[np.isfinite(residuals)])
    assert (data["ar"][-1], data["session"][-1]) == (lead.abnormal, EVENT)
    assert data["event"] == (False,) * 250 + (True,)


def test_the_table_adds_up_and_agrees_with_the_prices(desk: Desk) -> None:
    data = made("abnormal_table").data
    symbols = list(data["symbol"])
    closes = desk.source.prices(symbols, "adj_close")
    at = closes.calendar.position(EVENT)
    assert at is not None
    returns = closes.values[at] / closes.values[at - 1] - 1
    np.testing.assert_allclose(data["realised"], returns, rtol=1e-12)
    np.testing.assert_allclose(
        np.add(data["expected"], data["car"]), data["realised"], rtol=1e-12, atol=1e-15
    )
    assert list(data["car"]) == sorted(data["car"])


def test_dollars_are_price_change_times_shares_known_before(desk: Desk) -> None:
    data = made("abnormal_table").data
    values = desk.values
    known = 0
    for row in data:
        if row["symbol"] not in values.symbols or row["loss_usd_bn"] is None:
            continue
        closes = values.closes.column(row["symbol"])
        at = values.closes.calendar.position(EVENT)
        assert at is not None
        shares = values.counts(row["symbol"])[at]
        assert row["loss_usd_bn"] == pytest.approx((closes[at] - closes[at - 1]) * shares / 1e9)
        before = closes[at - 1] * shares / 1e9
        assert row["abnormal_usd_bn"] == pytest.approx(row["car"] * before)
        known += 1
    assert known >= 10


def test_a_stock_without_a_share_count_says_so() -> None:
    data = made("abnormal_table").data
    row = next(at for at, symbol in enumerate(data["symbol"]) if symbol == "TSM")
    assert (data["loss_usd_bn"][row], data["abnormal_usd_bn"][row]) == (None, None)
    for lang in LANGUAGES:
        assert payload("abnormal_table", lang)["rows"][row][-2:] == ["n.a.", "n.a."]
        assert any("n.a." in note for note in payload("abnormal_table", lang)["notes"])


def test_valid_tests_and_well_known_naive_ones_are_shown_valid_ones_first() -> None:
    data, result = made("tests_table").data, study().result
    naive = {"cross_sectional_t", "patell", "bmp", "generalized_sign"}
    battery = result.tests[result.headline_window]
    tests = [test for test in battery if test.valid or test.name in naive][:11]
    valid = [test for test in battery if test.valid]
    assert tests[: len(valid)] == valid
    assert len(valid) < len(data) == len(tests) < len(battery)
    for lang in LANGUAGES:
        notes = payload("tests_table", lang)["notes"]
        assert any(str(len(battery)) in note and "JSON" in note for note in notes)
    for row, test in zip(data, tests, strict=True):
        assert (row["test"], row["statistic"], row["pvalue"], row["valid"]) == (
            test.name,
            test.statistic,
            test.pvalue,
            test.valid,
        )
        assert row["reason"].en
        assert row["reason"].it
    assert list(data["valid"]) == sorted(data["valid"], reverse=True)


def test_the_ranking_is_that_of_the_losses() -> None:
    data, losses = made("losses_table").data, result_of("losses_table").losses
    assert list(data["rank"]) == list(range(1, 11))
    assert list(data["loss_usd_bn"]) == [loss.loss_usd_bn for loss in losses]
    product = (np.array(data["close"]) - data["previous_close"]) * data["shares_bn"]
    np.testing.assert_allclose(data["loss_usd_bn"], product, rtol=1e-12)
    rows = [at for at, day in enumerate(data["date"]) if day == EVENT]
    assert rows
    assert list(made("losses_table").emphasis) == rows
    assert exhibit(result_of("losses_table"), "losses_table").emphasis == ()


def test_the_reconciliation_has_every_row_once() -> None:
    data, found = made("reconciliation_table").data, result_of("reconciliation_table")
    assert [rank for rank in data["rank"] if rank] == list(range(1, 11))
    assert list(data["computed_usd_bn"]) == [row.computed_usd_bn for row in found.rows]
    assert list(data["verdict"]) == [row.verdict for row in found.rows]
    extra = [row["name"] for row in data if row["rank"] is None]
    assert "Broadcom" in extra
    printed = payload("reconciliation_table", "it")["rows"]
    assert [row[0] for row in printed[-len(extra) :]] == ["–"] * len(extra)


def test_the_columns_add_up_to_the_totals_of_the_trend() -> None:
    data, trend = made("capex_columns").data, result_of("capex_columns")
    for row in data:
        names = ("Alphabet", "AWS", "Meta", "Microsoft", "Oracle")
        assert sum(row[name] for name in names) == pytest.approx(row["total_usd_bn"])
        assert row["total_usd_bn"] == trend.total(row["period"])
        assert None in (row["projected_usd_bn"], row["published_usd_bn"])
    assert data["projected_usd_bn"][-1] is not None


# What is printed and drawn equals the data.

PRINTED = {
    **dict.fromkeys(("usd_per_m", "reference_usd_per_m"), (1.0, 2)),
    "delta": (100.0, 0),
    "multiple": (1.0, 1),
    **{score.metric: (1.0, 1) for score in ai_numbers.benchmarks().scores},
    "codeforces_rating": (1.0, 0),
    "gpu_hours": (1.0, 0),
    "days": (1.0, 1),
    "usd": (1e-6, 3),
    "session_return": (100.0, 1),
    "beta": (1, 2),
    "realised": (100, 1),
    "expected": (100, 1),
    "car": (100, 1),
    "t": (1, 1),
    "loss_usd_bn": (1, 0),
    "abnormal_usd_bn": (1, 0),
    "previous_close": (1, 2),
    "close": (1, 2),
    "shares_bn": (1, 3),
    "return": (100, 1),
    "published_usd_bn": (1, 0),
    "computed_usd_bn": (1, 1),
    "rank": (1, 0),
    "sar": (1, 1),
    "dollars": (1, 0),
    **dict.fromkeys(("breadth", "volatility"), (100, 0)),
    **dict.fromkeys(("ar", "car_5", "car_20", "car_60"), (100, 1)),
    "market_value_usd_bn": (1, 0),
    **dict.fromkeys(("price_earnings", "price_sales"), (1, 1)),
    **dict.fromkeys(("price_earnings_percentile", "price_sales_percentile"), (100, 0)),
}
WORDY = ("tests_table", "training_cost_table", "note_table")
"""Tables with few numbers of their own."""


@BOTH
@pytest.mark.parametrize("key", [key for key in KEYS if key.endswith("_table")])
def test_every_printed_number_is_its_figure_rounded(key: str, lang: Language) -> None:
    shown, rows = made(key), payload(key, lang)["rows"]
    read_back = 0
    for at, column in enumerate(shown.columns):
        if column.field not in PRINTED:
            continue
        factor, decimals = PRINTED[column.field]
        decimals = 1 if column.bar else decimals
        for row, value in zip(rows, shown.data[column.field], strict=True):
            cell = row[at]["text"] if column.bar else row[at]
            if value is None:
                assert cell in ("n.a.", "–")
                continue
            assert abs(number(cell, lang) - factor * value) <= 0.5000001 * 10**-decimals
            assert (value < 0) == ("\u2212" in cell) or round(factor * value, decimals) == 0
            read_back += 1
    assert read_back > 20 or key in WORDY


@BOTH
@pytest.mark.parametrize("key", ["abnormal_table", "tests_table"])
def test_p_values_are_never_printed_as_zero(key: str, lang: Language) -> None:
    column = next(at for at, c in enumerate(made(key).columns) if c.field == "pvalue")
    point = {"en": ".", "it": ","}[lang]
    cells = [row[column] for row in payload(key, lang)["rows"]]
    for cell, value in zip(cells, made(key).data["pvalue"], strict=True):
        if value is None:
            assert cell == "n.a."
        elif value < 0.001:
            assert cell == f"<\u202f0{point}001"
        else:
            assert abs(number(cell, lang) - value) < 0.0005001


def test_bars_in_the_ranking_are_shares_of_the_longest() -> None:
    cells = [row[-1] for row in payload("losses_table", "en")["rows"]]
    losses = np.abs(made("losses_table").data["loss_usd_bn"])
    np.testing.assert_allclose([cell["bar"] for cell in cells], losses / losses.max(), atol=1e-6)
    assert [at for at, cell in enumerate(cells) if cell["accent"]] == list(
        made("losses_table").emphasis
    )


def bars(figure: Figure) -> list[Rectangle]:
    return [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]


def test_drawn_bars_equal_the_abnormal_returns() -> None:
    widths = [bar.get_width() for bar in bars(drawn("abnormal_bars"))]
    np.testing.assert_allclose(sorted(widths), made("abnormal_bars").data["car"], rtol=1e-12)


def test_drawn_columns_equal_the_spending() -> None:
    data = made("capex_columns").data
    names = ("Alphabet", "AWS", "Meta", "Microsoft", "Oracle")
    heights = [bar.get_height() for bar in bars(drawn("capex_columns"))]
    wanted = [value for name in names for value in data[name]]
    np.testing.assert_allclose(sorted(heights), sorted(wanted), rtol=1e-9)
    tops = max(bar.get_y() + bar.get_height() for bar in bars(drawn("capex_columns")))
    assert tops == pytest.approx(max(data["total_usd_bn"]))


def test_the_drawn_histogram_counts_every_ordinary_session() -> None:
    columns = bars(drawn("residual_histogram"))
    ordinary = made("residual_histogram").data["ar"][:-1]
    assert sum(column.get_height() for column in columns) == len(ordinary)
    for column in columns:
        low, high = column.get_x(), column.get_x() + column.get_width()
        inside = sum(low - 1e-12 <= value < high - 1e-12 for value in ordinary)
        assert abs(inside - column.get_height()) <= 1  # the last bin holds its right edge


def test_the_drawn_line_is_the_path() -> None:
    data = made("car_path").data
    lines = [line.get_xydata() for line in drawn("car_path").axes[0].lines]
    path = np.column_stack([data["tau"], data["car"]])
    assert any(line.shape == path.shape and np.allclose(line, path) for line in lines)
