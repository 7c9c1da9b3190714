from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketshock.errors import BadPayload, FetchError, NotFound, SymbolMismatch
from marketshock.market.universe import Instrument
from marketshock.sources.yahoo import last_settled_day
from marketshock.sources.yahoo_answer import check_answer, check_card

META = {
    "symbol": "NVDA",
    "instrumentType": "EQUITY",
    "currency": "USD",
    "exchangeTimezoneName": "America/New_York",
}
DAY = dt.date(2025, 1, 27)
CARD = Instrument("NVDA", "", "", "stock", "NASDAQ", "USD", "", "", "NVIDIA", DAY, DAY)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["chart", "result", "error", "meta", "timestamp", "indicators", "quote", "adjclose"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=25,
)


def answer(**quote: Any) -> dict[str, Any]:
    names = ("open", "high", "low", "close", "volume")
    columns = {name: [1.0, 2.0] for name in names} | quote
    adjusted = columns.pop("adjclose", [1.0, 2.0])
    result = {
        "meta": META,
        "timestamp": columns.pop("timestamp", [1, 2]),
        "indicators": {"quote": [columns], "adjclose": [{"adjclose": adjusted}]},
    }
    return {"chart": {"result": [result], "error": None}}


def check(content: Any) -> Any:
    return check_answer(json.dumps(content).encode(), "NVDA")


def test_a_sound_answer_passes() -> None:
    assert check(answer())["meta"] == META
    assert check(answer(close=[1.0, None], open=[0.0, 1.0]))


@pytest.mark.parametrize("name", ["open", "high", "low", "close", "volume", "adjclose"])
@pytest.mark.parametrize(
    "values", [[1.0], [1.0, 2.0, 3.0], None, "12", ["1", "2"], [1.0, -1.0], [True, 1.0], [[], {}]]
)
def test_a_column_that_is_none_is_refused(name: str, values: Any) -> None:
    with pytest.raises(BadPayload, match="NVDA"):
        check(answer(**{name: values}))


@pytest.mark.parametrize("word", [b"NaN", b"Infinity", b"-Infinity", b"1e400"])
def test_numbers_that_are_none_are_refused(word: bytes) -> None:
    body = json.dumps(answer(close=[1.0, 77.5])).encode().replace(b"77.5", word)
    with pytest.raises(BadPayload, match="NVDA"):
        check_answer(body, "NVDA")


def test_what_yahoo_says_is_repeated_without_control_characters() -> None:
    error = {"code": "Not Found", "description": "No data\x1b[31m"}
    with pytest.raises(NotFound, match=r"No data\\x1b"):
        check({"chart": {"result": None, "error": error}})


@given(JSON)
def test_any_json_is_an_answer_or_an_error_of_ours(content: Any) -> None:
    with pytest.raises(FetchError):
        check_answer(json.dumps(content).encode(), "NVDA")


@given(st.binary(max_size=200))
def test_any_bytes_are_an_error_of_ours(body: bytes) -> None:
    with pytest.raises(FetchError):
        check_answer(body, "NVDA")


@pytest.mark.parametrize("name", META)
def test_each_part_of_the_card_is_compared(name: str) -> None:
    check_card(META, CARD)
    with pytest.raises(SymbolMismatch, match=name):
        check_card({**META, name: "other"}, CARD)
    with pytest.raises(SymbolMismatch, match=name):
        check_card({key: value for key, value in META.items() if key != name}, CARD)


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2025-01-27T22:59:59+00:00", dt.date(2025, 1, 26)),
        ("2025-01-27T23:00:00+00:00", dt.date(2025, 1, 27)),
        ("2025-07-01T21:59:59+00:00", dt.date(2025, 6, 30)),
        ("2025-07-01T22:00:00+00:00", dt.date(2025, 7, 1)),
    ],
)
def test_a_day_is_settled_in_the_evening_of_new_york(now: str, day: dt.date) -> None:
    assert last_settled_day(dt.datetime.fromisoformat(now)) == day
