"""Files of events: what is read, and every mistake with its line and column."""

from __future__ import annotations

import datetime as dt
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketshock import file_study
from marketshock.errors import InsufficientDataError, UserInputError
from marketshock.eventstudy.announcements import Announcement
from marketshock.eventstudy.events import Event, EventSet
from marketshock.eventstudy.models import MarketModel, Raw

PLAIN = "symbol,date\nNVDA,2025-01-27\nMETA,2022-02-03\n"
TOML = """
[[event]]
symbol = "NVDA"
date = 2025-01-27

[[event]]
symbol = "META"
date = "2022-02-02"
time = 16:05:00
zone = "America/New_York"
"""


def mistakes(text: str, read=EventSet.from_csv) -> list[str]:
    """Return the lines of the error that a text causes."""
    with pytest.raises(UserInputError) as caught:
        read(text)
    return [line.strip() for line in caught.value.message.splitlines()]


def test_plain_dates_are_session_0_and_ids_are_made():
    events = EventSet.from_csv(PLAIN)
    assert [event.id for event in events] == ["NVDA@2025-01-27", "META@2022-02-03"]
    assert [event.first_session for event in events] == [None, None]
    assert [event.announcement for event in events] == [None, None]


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + PLAIN,
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", "\r"),
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t"),
        "\n\n" + PLAIN.replace("META", "\n,\n  \nMETA"),
        PLAIN.replace("symbol", " Symbol "),
        PLAIN.replace("NVDA", '"NVDA"'),
        "date,symbol\n2025-01-27,NVDA\n2022-02-03,META",
    ],
    ids=["bom", "crlf", "cr", "semicolon", "tab", "blank", "header", "quotes", "order"],
)
def test_other_dialects_read_the_same(text):
    assert EventSet.from_csv(text) == EventSet.from_csv(PLAIN)


def test_symbols_stay_text():
    text = "symbol,date\nNA,2025-01-27\nTRUE,2025-01-27\n0700,2025-01-27\n1E5,2025-01-27\n"
    assert [event.symbol for event in EventSet.from_csv(text)] == ["NA", "TRUE", "0700", "1E5"]


def test_times_become_announcements_and_an_empty_time_is_unknown():
    text = (
        "event_id,symbol,date,time,zone,timing,exchange,first_session,benchmark\n"
        "a,META,2022-02-02,16:05,America/New_York,,,,^NDX\n"
        "b,NVDA,2025-01-24,,,,,,\n"
        "c,NVDA,2024-05-22,,,after_close,,2024-05-23,\n"
        "d,ENI.MI,2025-01-27,17:31,,,XMIL,,\n"
        "e,AMD,2025-01-27,,,,,2025-01-28,\n"
    )
    events = {event.id: event for event in EventSet.from_csv(text)}
    assert {name: str(event.first_session) for name, event in events.items()} == {
        "a": "2022-02-03",
        "b": "2025-01-24",
        "c": "2024-05-23",
        "d": "2025-01-28",
        "e": "2025-01-28",
    }
    timings = [event.announcement and event.announcement.timing for event in events.values()]
    assert timings == ["after_close", "unknown", "after_close", "after_close", None]
    assert events["a"].benchmark == "^NDX"


@pytest.mark.parametrize(
    ("row", "column", "received", "expected"),
    [
        ("NVDA,03/04/2025,,,,,", "date", "03/04/2025", "2025-04-03 or 2025-03-04"),
        ("NVDA,27/01/2025,,,,,", "date", "27/01/2025", "2025-01-27"),
        ("NVDA,2025-02-31,,,,,", "date", "2025-02-31", "YYYY-MM-DD"),
        ("NVDA,,,,,,", "date", "", "YYYY-MM-DD"),
        (",2025-01-27,,,,,", "symbol", "", "the symbol"),
        ("NVDA,2025-01-27,4 pm,,,,", "time", "4 pm", "HH:MM"),
        ("NVDA,2025-01-27,24:00,,,,", "time", "24:00", "HH:MM"),
        ("NVDA,2025-01-27,16:00,Europe/Roma,,,", "zone", "Europe/Roma", "Europe/Rome"),
        ("NVDA,2025-01-27,16:00,,XNYZ,,", "exchange", "XNYZ", "XNYS"),
        ("NVDA,2025-01-27,,,,after,", "timing", "after", "after_close"),
        ("NVDA,2025-01-27,16:00,,,after_close,", "timing", "after_close", "beside a time"),
        ("NVDA,2025-01-25,,,,in_session,", "timing", "in_session", "no session of XNYS"),
        ("NVDA,2025-03-09,02:30,,,,", "time", "02:30", "does not exist"),
        ("NVDA,2025-01-27,16:00,,,,2025-01-27", "first_session", "2025-01-27", "2025-01-28"),
        ("NVDA,2025-01-27,,,,,28/01/2025", "first_session", "28/01/2025", "2025-01-28"),
        ("NV\x00DA,2025-01-27,,,,,", "symbol", "NV\\x00DA", "on one line"),
        (f"{'N' * 201},2025-01-27,,,,,", "symbol", "N" * 37, "200 characters"),
    ],
)
def test_a_mistake_names_line_column_and_what_was_received(row, column, received, expected):
    head = "symbol,date,time,zone,exchange,timing,first_session\nAMD,2025-01-27,,,,,\n"
    told = mistakes(head + row + "\n")
    assert told[0] == "The file of events has 1 mistake:"
    assert told[1].startswith(f"line 3, {column}: received '{received}")
    assert expected in told[1]


def test_all_mistakes_are_told_at_once():
    text = "symbol,date\n,27/01/2025\nNVDA,2025-01-27\nNVDA,2025-01-27\nAMD\nAMD,tomorrow\n"
    told = mistakes(text)
    assert told[0].endswith("5 mistakes:")
    assert [line.split(":")[0] for line in told[1:]] == [
        "line 2, symbol",
        "line 2, date",
        "line 4, event_id",
        "line 5",
        "line 6, date",
    ]
    assert "stands on line 3 too" in told[3]
    assert told[4] == "line 5: received 'a line of 1', expected 2 cells as in the first line"


@pytest.mark.parametrize("count", [20, 21, 500])
def test_no_more_than_twenty_are_told_one_by_one(count):
    told = mistakes("symbol,date\n" + "NVDA,never\n" * count)
    assert told[0].endswith(f"{count} mistakes:")
    assert len(told) == 1 + min(count, 20) + (count > 20)
    assert count <= 20 or told[-1] == f"and {count - 20} more"


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("simbol,date", ["'simbol'", "Did you mean symbol?", "a column symbol"]),
        ("symbol,date,weight", ["'weight'", "one of event_id"]),
        ("symbol,date,date", ["line 1, date: received '2 columns', expected one"]),
        ("symbol", ["line 1, date"]),
    ],
)
def test_a_header_that_is_wrong(header, words):
    told = "\n".join(mistakes(f"{header}\nNVDA,2025-01-27\n"))
    assert [word for word in words if word not in told] == []


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff", "symbol,date\n", "symbol,date\n,\n"])
def test_an_empty_file_is_refused(text):
    assert mistakes(text)[1].startswith("line 1: received 'no event'")


@pytest.mark.parametrize("text", ['symbol,date\nAMD,"2025', "symbol,date\nAMD," + "9" * 200_000])
def test_what_is_no_csv_is_refused_with_its_line(text):
    assert mistakes(text)[1].startswith("line 2: received")


def test_a_cell_over_two_lines_does_not_shift_the_lines():
    told = mistakes('symbol,date\n"AM\nD",2025-01-27\nNVDA,never\n')
    assert [line.split(":")[0] for line in told[1:]] == ["line 2, symbol", "line 4, date"]


def test_toml_reads_the_same():
    events = EventSet.from_toml(TOML)
    text = "symbol,date,time,zone\nMETA,2022-02-02,16:05,America/New_York\n"
    assert tuple(events)[1] == next(iter(EventSet.from_csv(text)))
    assert str(next(iter(events)).first_session) == "2025-01-27"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"2022-02-02"', '"02/02/2022"', "line 8, date: received '02/02/2022'"),
        ('"2022-02-02"', "20220202", "line 8, date: received '20220202', expected text in quotes"),
        ("zone =", "zona =", "line 10: received 'zona', expected the name of a key. Did you mean"),
        ('symbol = "META"\n', "", "line 6, symbol: received ''"),
        ('"META"\ndate = "2022-02-02"', '"NVDA"\ndate = 2025-01-27', "line 6, event_id"),
        ("[[event]]\nsymbol", "[[evnt]]\nsymbol", "line 2: received 'evnt'"),
    ],
)
def test_toml_mistakes_have_lines(old, new, words):
    assert mistakes(TOML.replace(old, new), EventSet.from_toml)[1].startswith(words)


def test_toml_that_is_none_names_the_place():
    with pytest.raises(UserInputError, match=r"no TOML.*line 2"):
        EventSet.from_toml("[[event]]\nsymbol = NVDA\n")
    assert "[[event]] tables" in mistakes("event = 3", EventSet.from_toml)[1]
    assert "no event" in mistakes("", EventSet.from_toml)[1]


WORDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12)
ANNOUNCED = st.builds(
    Announcement, st.dates(dt.date(2024, 1, 2), dt.date(2025, 12, 1)), st.none() | st.times()
)


@given(st.dictionaries(WORDS, st.tuples(WORDS, ANNOUNCED), min_size=1, max_size=4))
def test_to_table_reads_back(rows):
    made = []
    for name, (symbol, news) in rows.items():
        time = news.time and news.time.replace(microsecond=0)
        made.append(
            Event.announced(name, symbol, Announcement(news.date, time, "UTC" if time else ""))
        )
    events = EventSet(tuple(made))
    assert EventSet.from_csv(events.to_table().to_csv()) == events


@pytest.mark.parametrize("symbol", ["=1+1", "@SUM(A1)", "+A", "-A", "'A"])
def test_cells_are_never_live_formulas(symbol):
    events = EventSet((Event("a", symbol, dt.date(2025, 1, 27)),))
    text = events.to_table().to_csv()
    assert not any(cell[:1] in "=+-@" for cell in text.splitlines()[1].split(",") if cell)
    assert EventSet.from_csv(text) == events


def test_a_shuffled_file_gives_the_same_study(make_frame, small_study):
    frame = make_frame()
    days = [str(frame.index[at].date()) for at in (70, 74, 78)]
    rows = [f"S{stock},{day}" for stock in range(4) for day in days]
    study = small_study(MarketModel("M"), (-1, 1))
    first = study.run(EventSet.from_csv("\n".join(["symbol,date", *rows])), frame)
    random.Random(5).shuffle(rows)
    second = study.run(EventSet.from_csv("\n".join(["symbol,date", *rows])), frame)
    assert first.abnormal.event_ids != second.abnormal.event_ids
    order = [second.abnormal.event_ids.index(name) for name in first.abnormal.event_ids]
    assert np.array_equal(first.abnormal.ar, second.abnormal.ar[order])
    for window, tests in first.tests.items():
        pairs = zip(tests, second.tests[window], strict=True)
        for one, other in pairs:
            assert one.name == other.name
            assert (one.statistic is None) == (other.statistic is None)
            if one.statistic is not None:
                assert one.statistic == pytest.approx(other.statistic, rel=1e-9)


@pytest.mark.parametrize("lost", [2, 3])
def test_half_of_the_events_may_be_dropped_and_no_more(make_frame, small_study, lost):
    rows = [f"S{at},2024-04-12" for at in range(4 - lost)] + [
        f"X{at},2024-04-12" for at in range(lost)
    ]
    events = EventSet.from_csv("\n".join(["symbol,date", *rows]))
    study = small_study(Raw(), (0, 0))
    if lost == 2:
        dropped = study.run(events, make_frame()).dropped
        assert [(one.symbol, one.reason.en) for one in dropped] == [
            ("X0", "not covered by the source"),
            ("X1", "not covered by the source"),
        ]
        return
    with pytest.raises(InsufficientDataError, match="3 of 4") as caught:
        study.run(events, make_frame())
    assert "X0, X1, X2: not covered by the source" in caught.value.message


def test_a_file_is_studied_on_the_embedded_prices(tmp_path):
    file = tmp_path / "events.csv"
    rows = [
        "symbol,date,time",
        "nvda,2025-01-27,08:00",
        "META,2022-02-02,16:05",
        "XXXX,2025-01-27,",
    ]
    file.write_text("\n".join(rows), "utf-8")
    found = file_study.study_events(file, windows=[(0, 0)])
    assert found.result.abnormal.symbols == ("NVDA", "META")
    assert [str(day) for day in found.result.abnormal.sessions[:, 0]] == [
        "2025-01-27",
        "2022-02-03",
    ]
    assert [one.event_id for one in found.result.dropped] == ["XXXX@2025-01-27"]
    answer = found.as_dict()
    assert [row["event_id"] for row in answer["windows"]] == ["nvda@2025-01-27", "META@2022-02-02"]
    assert answer["dropped"][0]["reason"]["it"] == "non coperto dalla fonte"
    assert "DeepSeek" not in str(answer["findings"])


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"symbol,date\nNVD\xe0,2025-01-27\n", "line 2: received bytes"), (None, "can't be read")],
)
def test_a_file_that_is_no_text_is_refused(tmp_path, content, words):
    file = tmp_path / "events.csv"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UserInputError, match=words):
        file_study.read_events(file)
    with pytest.raises(UserInputError, match="is no file"):
        file_study.read_events(tmp_path)
