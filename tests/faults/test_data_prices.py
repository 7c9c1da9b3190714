"""Faults of prices, by their id, through the command line on a changed copy of the data."""

from __future__ import annotations

import pytest
from data_copy import DAY, STOCKS, DataCopy, Row, next_day

BEFORE, AFTER = "2025-01-24", "2025-01-28"
QUIET = "2025-01-15"
"""A session on which Nvidia moved little and traded as usual."""


def nothing(row: Row) -> None:
    """Drop a row."""


def test_the_small_copy_passes(data: DataCopy) -> None:
    found = {(one["level"], one["code"]) for one in data.study().json["findings"]}
    assert found == {("INFO", "D23"), ("FOOTNOTE", "D11"), ("FOOTNOTE", "STUDY")}
    assert data.losses().json["findings"] == []


@pytest.mark.parametrize("day", [BEFORE, DAY, AFTER])
def test_d1_a_close_missing_beside_the_shock_blocks(data: DataCopy, day: str) -> None:
    data.change("prices_close", nothing, symbol="NVDA", date=day)
    data.change("prices_range", nothing, symbol="NVDA", date=day)
    for answer in (data.study(), data.losses()):
        assert (answer.code, answer.out) == (3, "")
        assert f"NVDA: no close on {day}" in answer.err


@pytest.mark.parametrize("day", [BEFORE, DAY])
def test_d1_a_session_that_every_series_lacks_blocks(data: DataCopy, day: str) -> None:
    """Two days would melt into one return: minus 17 % would be of another length or day."""
    data.change("prices_close", nothing, date=day)
    for answer in (data.study(day="2025-01-28", symbols="NVDA"), data.losses()):
        assert (answer.code, answer.out) == (3, "")
        assert f"all prices lack 1 sessions of the exchange, among them {day}" in answer.err


def test_d1_a_session_lost_in_the_estimation_window_is_printed(data: DataCopy) -> None:
    data.change("prices_close", nothing, date="2024-08-14")
    ((level, text),) = data.study().findings("D1")
    assert (level, text[:29]) == ("FOOTNOTE", "all prices lack 1 sessions of")


def test_d1_one_close_lost_in_the_estimation_window_is_counted(data: DataCopy) -> None:
    data.change("prices_close", nothing, symbol="NVDA", date="2024-08-14")
    answer = data.study().json
    assert {one["symbol"]: one["n"] for one in answer["stocks"]} == {"NVDA": 248, "AVGO": 250}
    words = [one["text"]["en"] for one in answer["findings"]]
    assert "NVDA: 248 of 250 estimation sessions usable" in words


@pytest.mark.parametrize("close", ["0", "-118.42", "1e-9", "inf"])
@pytest.mark.parametrize("day", [DAY, "2024-08-14"])
def test_d2_an_impossible_close_blocks(data: DataCopy, close: str, day: str) -> None:
    data.price("NVDA", day, close=close)
    answer = data.study()
    assert (answer.code, answer.out) == (3, "")
    assert f"NVDA: a close of {float(close)} on {day} is impossible" in answer.err
    assert ("average of bid and ask" in answer.err) is close.startswith("-1")


def test_d2_an_impossible_adjusted_close_blocks(data: DataCopy) -> None:
    data.price("NVDA", DAY, adj_close="0")
    assert "NVDA: a close of 0.0 on 2025-01-27 is impossible" in data.study().err


def test_d3_a_row_that_stands_twice_counts_once(data: DataCopy) -> None:
    before = data.study().json["stocks"]
    rows = data.rows("prices_close")
    again = [row for row in rows if (row["symbol"], row["date"]) == ("NVDA", DAY)]
    data.write("prices_close", [*rows, *again])
    answer = data.study()
    assert answer.json["stocks"] == before
    assert ("INFO", "1 rows of the prices stand twice and count once") in answer.findings("D3")


def test_d3_two_different_rows_for_one_session_are_refused(data: DataCopy) -> None:
    rows = data.rows("prices_close")
    again = [
        row | {"close": "118.58"} for row in rows if (row["symbol"], row["date"]) == ("NVDA", DAY)
    ]
    data.write("prices_close", [*rows, *again])
    answer = data.study()
    assert (answer.code, answer.out) == (3, "")
    assert "NVDA has two different rows for 2025-01-27" in answer.err


def test_d4_the_order_of_the_rows_does_not_matter(data: DataCopy) -> None:
    before = data.study().json
    data.write("prices_close", data.rows("prices_close")[::-1])
    answer = data.study()
    assert answer.json["stocks"] == before["stocks"]
    assert answer.json["aggregate"] == before["aggregate"]
    assert answer.findings("D4") == [("INFO", "the rows of the prices were put in order")]


@pytest.mark.parametrize("stamp", ["2025-01-27 05:00:00+00:00", "2025-01-27T00:00", "27/01/2025"])
def test_d5_a_session_is_a_plain_day_of_the_exchange(data: DataCopy, stamp: str) -> None:
    data.change("prices_close", lambda row: row | {"date": stamp}, symbol="NVDA", date=DAY)
    answer = data.study()
    assert (answer.code, answer.out) == (3, "")
    assert "is no ISO day" in answer.err
    assert "exchange's own zone" in answer.err


def test_d6_a_halt_is_printed_with_its_sessions(data: DataCopy) -> None:
    days = [day for day in data.sessions() if DAY <= day <= "2025-01-29"]
    close, adjusted = next(
        (row["close"], row["adj_close"])
        for row in data.rows("prices_close")
        if (row["symbol"], row["date"]) == ("AVGO", BEFORE)
    )
    for day in days:
        data.price("AVGO", day, close=close, adj_close=adjusted, volume="0")
    ((level, text),) = data.study("--window", "0,0", "--window", "0,2").findings("D6")
    assert level == "FOOTNOTE"
    assert text == f"AVGO: nothing traded on 3 sessions, the first on {DAY}"


@pytest.mark.parametrize(("more", "studied"), [(-1, False), (0, True), (1, True)])
def test_d7_a_late_listing_needs_the_least_estimation(
    data: DataCopy, more: int, studied: bool
) -> None:
    sessions = data.sessions()
    last = sessions.index(DAY) - 11
    first = sessions[last - (175 + more)]
    rows = [
        row
        for row in data.rows("prices_close")
        if not (row["symbol"] == "NVDA" and row["date"] < first)
    ]
    data.write("prices_close", rows)
    answer = data.study().json
    assert ("NVDA" in {one["symbol"] for one in answer["stocks"]}) is studied
    if not studied:
        (lost,) = answer["dropped"]
        told = f"first return on {sessions[sessions.index(first) + 1]}"
        assert told in lost["reason"]["en"]
        alone = data.study(symbols="NVDA")
        assert alone.code == 3
        assert told in alone.err


def test_d8_a_delisting_in_the_window_is_named_and_never_a_return_of_zero(data: DataCopy) -> None:
    rows = [
        row
        for row in data.rows("prices_close")
        if not (row["symbol"] == "NVDA" and row["date"] > AFTER)
    ]
    data.write("prices_close", rows)
    answer = data.study("--window", "0,5").json
    (lost,) = answer["dropped"]
    assert (lost["symbol"], lost["reason"]["en"]) == ("NVDA", "no return on 2025-01-29")
    short = data.study("--window", "0,1").json
    assert {one["symbol"] for one in short["stocks"]} == {"NVDA", "AVGO"}


@pytest.mark.parametrize(("day", "session"), [("2025-01-25", DAY), ("2025-01-20", "2025-01-21")])
def test_d9_a_day_without_session_moves_to_the_next(data: DataCopy, day: str, session: str) -> None:
    event = data.study(day=day).json["event"]
    assert (event["date"], event["first_session"], event["moved"]) == (day, session, True)


@pytest.mark.parametrize("day", ["2014-01-02", "2030-01-02"])
def test_d9_a_day_outside_the_data_is_refused_with_their_span(data: DataCopy, day: str) -> None:
    answer = data.study(day=day)
    assert (answer.code, answer.out) == (2, "")
    assert "2023-06-01 to 2025-03-31" in answer.err


def test_d9_prices_of_a_day_without_session_block(data: DataCopy) -> None:
    day = "2025-01-25"
    rows = data.rows("prices_close")
    data.write("prices_close", [*rows, *(r | {"date": day} for r in rows if r["date"] == BEFORE)])
    answer = data.study()
    assert (answer.code, answer.out) == (3, "")
    assert f"there are prices of {day}, on which the exchange was shut" in answer.err


def test_d9_a_half_day_is_a_session(data: DataCopy) -> None:
    event = data.study(day="2024-12-24").json["event"]
    assert (event["first_session"], event["moved"]) == ("2024-12-24", False)


@pytest.mark.parametrize("ratio", [2, 3, 4, 10, 20, 1 / 190])
@pytest.mark.parametrize("known", [False, True])
def test_d12_a_split_left_in_the_prices_blocks(data: DataCopy, ratio: float, known: bool) -> None:
    """The prices before it are as traded, and so are the volumes."""
    data.scale("NVDA", QUIET, ratio, 1 / ratio)
    if known:
        data.add("splits", symbol="NVDA", date=QUIET, ratio=repr(ratio), kind="split")
    for answer in (data.study(day=QUIET), data.study()):
        assert (answer.code, answer.out) == (3, "")
        assert f"NVDA: the move on {QUIET} is near 1:" in answer.err
        assert "(D12)" in answer.err


@pytest.mark.parametrize("ratio", [2, 3, 4, 10])
def test_d12_a_known_split_on_the_day_of_a_shock_blocks(data: DataCopy, ratio: float) -> None:
    """Minus 17 % on top of the split: no longer near 1/k, but undoing the split explains it."""
    data.scale("NVDA", DAY, ratio, 1 / ratio)
    data.add("splits", symbol="NVDA", date=DAY, ratio=repr(ratio), kind="split")
    assert f"NVDA: the move on {DAY} is near 1:" in data.study().err


def test_d12_a_split_that_is_taken_out_passes(data: DataCopy) -> None:
    assert data.study(day="2024-06-10", symbols="NVDA").code == 3  # too few sessions before
    answer = data.study("--estimation", "120", day="2024-06-10", symbols="NVDA")
    assert answer.findings("D12") == []


def test_d13_a_dividend_in_the_window_is_printed(data: DataCopy) -> None:
    def paid(row: Row) -> Row:
        adjusted = float(row["adj_close"]) * (0.98 if row["date"] < DAY else 1.0)
        return row | {"adj_close": repr(adjusted)}

    data.change("prices_close", paid, symbol="AVGO")
    ((level, text),) = data.study().findings("D13")
    assert level == "FOOTNOTE"
    assert "AVGO 2.0% of the price" in text


@pytest.mark.parametrize("factor", [0.97, 1.6])
def test_d13_an_adjustment_that_no_dividend_explains_blocks(data: DataCopy, factor: float) -> None:
    def wrong(row: Row) -> Row:
        adjusted = float(row["adj_close"]) * (1.0 if row["date"] < DAY else factor)
        return row | {"adj_close": repr(adjusted)}

    data.change("prices_close", wrong, symbol="AVGO")
    answer = data.study()
    assert (answer.code, answer.out) == (3, "")
    assert f"AVGO: the adjusted close of {DAY} follows from no close and dividend" in answer.err


@pytest.mark.parametrize(("start", "level"), [("2024-07-01", "FOOTNOTE"), ("2025-01-14", "BLOCK")])
def test_d20_a_close_that_stands_still_while_shares_trade(
    data: DataCopy, start: str, level: str
) -> None:
    sessions = data.sessions()
    still = sessions[sessions.index(start) : sessions.index(start) + 10]
    data.change(
        "prices_close",
        lambda row: row | ({"close": "200", "adj_close": "200"} if row["date"] in still else {}),
        symbol="AVGO",
    )
    rest = [row for row in data.rows("prices_close") if row["symbol"] == "AVGO"]
    factor = float(rest[-1]["adj_close"]) / float(rest[-1]["close"])
    data.change(
        "prices_close",
        lambda row: row | {"adj_close": repr(float(row["close"]) * factor)},
        symbol="AVGO",
    )
    answer = data.study()
    words = f"AVGO: the same close on 10 sessions up to {still[-1]}"
    if level == "BLOCK":
        assert (answer.code, answer.out) == (3, "")
        assert words in answer.err
    else:
        assert (level, words) in answer.findings("D20")


def test_d20_a_session_copied_from_the_one_before_blocks(data: DataCopy) -> None:
    """The last bar of a feed that has not moved on."""
    old = {row["symbol"]: row for row in data.rows("prices_close") if row["date"] == BEFORE}
    data.change(
        "prices_close",
        lambda row: row | {key: old[row["symbol"]][key] for key in ("close", "adj_close")},
        date=DAY,
    )
    answer = data.study()
    assert (answer.code, answer.out) == (3, "")
    assert f"every close of {DAY} equals the one before" in answer.err


@pytest.mark.parametrize(("traded", "code"), [(8.0, 0), (1.0, 3)])
def test_d20_a_crash_to_a_third_is_told_from_a_split_by_the_dollars_traded(
    data: DataCopy, traded: float, code: int
) -> None:
    data.scale("AVGO", QUIET, 3.0)
    volume = next(
        float(row["volume"])
        for row in data.rows("prices_close")
        if (row["symbol"], row["date"]) == ("AVGO", QUIET)
    )
    data.price("AVGO", QUIET, volume=repr(volume * 3.0 * traded))
    answer = data.study(day=QUIET)
    assert answer.code == code
    if code == 0:
        assert any(level == "INFO" and QUIET in text for level, text in answer.findings("D21"))
    else:
        assert f"prices_close,AVGO:{QUIET} of known_exceptions" in answer.err


def test_d20_a_move_that_somebody_confirmed_passes(data: DataCopy) -> None:
    data.scale("AVGO", QUIET, 10.0)
    assert data.study(day=QUIET).code == 3
    key = f"AVGO:{QUIET}"
    data.add("known_exceptions", table="prices_close", key=key, reason="looked up")
    answer = data.study(day=QUIET)
    assert any(level == "INFO" and QUIET in text for level, text in answer.findings("D21"))


@pytest.mark.parametrize("move", [-0.27, -0.17, 1.35, -0.45])
def test_d21_an_extreme_true_move_passes(data: DataCopy, move: float) -> None:
    data.scale("AVGO", QUIET, 1.0 / (1.0 + move))
    volume = next(
        float(row["volume"])
        for row in data.rows("prices_close")
        if (row["symbol"], row["date"]) == ("AVGO", QUIET)
    )
    data.price("AVGO", QUIET, volume=repr(volume * 8.0))
    answer = data.study(day=QUIET)
    found = [one for one in answer.findings("D21") if QUIET in one[1]]
    assert [level for level, _ in found] == (["INFO"] if abs(move) > 0.25 else [])


def test_d22_a_holiday_of_the_benchmark_is_left_out_and_counted(data: DataCopy) -> None:
    data.change("prices_close", nothing, symbol="^GSPC", date="2024-08-14")
    answer = data.study().json
    assert {one["n"] for one in answer["stocks"]} == {248}
    assert sum("248 of 250" in one["text"]["en"] for one in answer["findings"]) == 2


def test_d22_a_benchmark_without_the_session_of_the_shock_is_refused(data: DataCopy) -> None:
    data.change("prices_close", nothing, symbol="^GSPC", date=DAY)
    answer = data.study()
    assert (answer.code, answer.out) == (3, "")
    assert DAY in answer.err


def test_d23_stocks_inside_their_benchmark_are_told(data: DataCopy) -> None:
    ((level, text),) = data.study().findings("D23")
    assert level == "INFO"
    assert "--exclude-self" in text
    assert data.study("--exclude-self").findings("D23") == []


def test_prices_from_after_their_own_making_block(data: DataCopy) -> None:
    head = (data.folder / "vintage.toml").read_text("utf-8")
    for made, code in (("2025-01-28", 3), ("2025-03-31", 0)):
        changed = "\n".join(
            f"created = {made}" if line.startswith("created") else line
            for line in head.splitlines()
        )
        (data.folder / "vintage.toml").write_text(changed + "\n", "utf-8")
        data.write("instruments", data.rows("instruments"))
        answer = data.study("--window", "0,5")
        assert answer.code == code
        assert code == 0 or "in data made on 2025-01-28" in answer.err


def test_the_copy_holds_what_the_tests_change(data: DataCopy) -> None:
    rows = data.rows("prices_close")
    assert {row["symbol"] for row in rows} == {*STOCKS, "^GSPC"}
    assert next_day("2025-01-31") == "2025-02-01"
