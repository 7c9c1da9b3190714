"""Exhibits: words in both languages, figures equal to the result, nothing read as code."""

from __future__ import annotations

import base64
import csv
import datetime as dt
import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from scipy import stats

from marketshock import ai_numbers, api
from marketshock.desk import Desk
from marketshock.errors import QualityError, UserInputError
from marketshock.exhibits.catalogue import EXHIBITS, exhibit
from marketshock.exhibits.exhibit import MIME, Column, Exhibit, exhibit_html
from marketshock.exhibits.study_words import lead_of
from marketshock.locale import LANGUAGES, Language, Locale, Text
from marketshock.market.universe import Universe
from marketshock.provenance import Source
from marketshock.shock.study import ShockStudy
from marketshock.table import Table

KEYS = list(EXHIBITS)
BOTH = pytest.mark.parametrize("lang", LANGUAGES)
EVERY = pytest.mark.parametrize("key", KEYS)
EVENT = dt.date(2025, 1, 27)
EVIL = '<script>alert("1")</script> & $x$ #1 *b* `c` \\'
BROKEN = re.compile(
    r"\b(nan|none|null|inf|nat|undefined)\b|Text\(|Status\.|\{\w*\}|<\w|object at|n\.a\.%|  ",
    re.IGNORECASE,
)


@cache
def study(event: str = "deepseek", **options: Any) -> ShockStudy:
    return api.event_study(event, **options)


AI_RESULTS = {
    "TokenPriceComparison": ai_numbers.token_prices,
    "PriceList": ai_numbers.token_price_history,
    "Benchmarks": ai_numbers.benchmarks,
    "TrainingCost": ai_numbers.training_cost,
    "ComputeFrontier": ai_numbers.compute_frontier,
    "Timeline": ai_numbers.timeline,
}


@cache
def result_of(key: str) -> Any:
    kind = EXHIBITS[key][0].__name__
    if kind in AI_RESULTS:
        return AI_RESULTS[kind]()
    if key == "car_path":
        return study(symbols=("NVDA",), window=(-10, 20))
    if key == "losses_table":
        return api.losses(10)
    if key == "reconciliation_table":
        return api.reconcile_losses()
    if key == "specification_curve":
        return api.robustness("deepseek", models=("market", "ff3", "ff5"))
    return api.capex_trend() if key == "capex_columns" else study()


@cache
def made(key: str) -> Exhibit:
    options = {"event": EVENT} if key == "losses_table" else {}
    return exhibit(result_of(key), key, **options)


@cache
def payload(key: str, lang: Language) -> dict[str, Any]:
    return made(key).in_language(lang).payload()


@cache
def drawn(key: str) -> Figure:
    return made(key).figure()


def strings(value: Any) -> Iterator[str]:
    """Every string of a payload; of a drawing the words only."""
    if isinstance(value, str) and value.startswith("<?xml"):
        yield from filter(str.strip, ET.fromstring(value).itertext())
    elif isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from strings(inner)


def rows_of(key: str, lang: Language = "en") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(payload(key, lang)["data_csv"])))


def number(text: str, lang: Language) -> float:
    """Read a printed number back, without help from the code that wrote it."""
    plain = text.replace("\u2212", "-").replace("%", "").replace("\u00a0", "").lstrip("+")
    group, point = (",", ".") if lang == "en" else (".", ",")
    return float(plain.replace(group, "").replace(point, "."))


# Words.


@EVERY
def test_words_differ_between_the_languages(key: str) -> None:
    shown = made(key)
    for words in (shown.title, shown.unit, shown.alt, *shown.notes):
        assert words.en.strip()
        assert words.it.strip()
        assert words.en != words.it
    for column in shown.columns:
        assert column.label.en
        assert column.label.it


@BOTH
@EVERY
def test_no_string_holds_what_a_program_left(key: str, lang: Language) -> None:
    content = {name: value for name, value in payload(key, lang).items() if name != "data_csv"}
    found = [text for text in strings(content) if BROKEN.search(text.replace("\n", ""))]
    assert found == []
    assert not re.search(r"\b(nan|None|NaT|inf)\b|Text\(", payload(key, lang)["data_csv"])


@BOTH
@EVERY
def test_the_source_is_named_with_its_day(key: str, lang: Language) -> None:
    line = payload(key, lang)["source"]
    head, own, as_of = {
        "en": ("Source: ", "marketshock calculations.", "as of"),
        "it": ("Fonte: ", "elaborazioni marketshock.", "al"),
    }[lang]
    assert line.startswith(head)
    assert line.endswith(own)
    days = [source.as_of for source in made(key).sources if source.as_of]
    assert days
    for day in days:
        assert f"({as_of} {Locale(lang).short_date(day)})" in line


@pytest.mark.parametrize("key", ["car_path", "abnormal_bars", "abnormal_table", "tests_table"])
def test_no_source_of_a_study_is_later_than_its_last_session(key: str) -> None:
    shown, last = made(key), result_of(key).result.abnormal.sessions.max()
    assert {np.datetime64(source.as_of) for source in shown.sources if source.as_of} <= {last}


@BOTH
@pytest.mark.parametrize(
    ("key", "column"),
    [("car_path", "car"), ("abnormal_bars", "car"), ("residual_histogram", "ar")],
)
def test_the_alternative_text_gives_count_and_extremes(
    key: str, column: str, lang: Language
) -> None:
    values, locale = made(key).data[column], Locale(lang)
    alt = payload(key, lang)["alt"]
    for words in (
        locale.number(len(values)),
        locale.percent(min(values), sign=True),
        locale.percent(max(values), sign=True),
    ):
        assert words in alt


@BOTH
def test_the_alternative_text_of_the_columns_gives_both_ends(lang: Language) -> None:
    alt, trend = payload("capex_columns", lang)["alt"], result_of("capex_columns")
    for year in (2014, 2025):
        assert str(year) in alt
        assert Locale(lang).billions(trend.total(year)) in alt


@EVERY
def test_weak_figures_are_marked_and_explained(key: str) -> None:
    marks = {"losses_table": "marked", "abnormal_table": "name"}
    if key in marks:
        marked = " ".join(made(key).data[marks[key]])
    elif key == "capex_columns":
        marked = "†" if "recalled" in made(key).data["status"] else ""
        assert ("2018†" in "".join(strings(payload(key, "en")["svg"]))) == bool(marked)
    else:
        return
    notes = " ".join(payload(key, "en")["notes"])
    for mark in "*†":
        assert (mark in marked) == (mark in notes), mark


# The payload.


@BOTH
@EVERY
def test_the_payload_is_json_and_the_same_each_time(key: str, lang: Language) -> None:
    found = payload(key, lang)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert exhibit_json(made(key).in_language(lang)) == json.dumps(found)
    assert (found["key"], found["lang"], found["kind"]) == (key, lang, made(key).kind)


def exhibit_json(shown: Exhibit) -> str:
    return json.dumps(shown.payload())


@EVERY
def test_both_languages_and_sizes_hold_the_same_figures(key: str) -> None:
    assert payload(key, "en")["data_csv"] == payload(key, "it")["data_csv"]
    half = made(key).at_size("half")
    assert half.data is made(key).data
    assert half.payload()["size"] == "half"


@EVERY
def test_the_notebook_view_carries_the_payload(key: str) -> None:
    bundle = made(key)._repr_mimebundle_()
    assert bundle[MIME] == payload(key, "en")
    assert bundle["text/plain"].splitlines()[0] == made(key).title.en
    assert made(key).to_frame().shape[0] == len(made(key).data)


@BOTH
@EVERY
def test_the_drawing_is_xml_without_script_or_link(key: str, lang: Language) -> None:
    if made(key).kind == "table":
        assert "svg" not in payload(key, lang)
        return
    root = ET.fromstring(payload(key, lang)["svg"])
    names = {element.tag.split("}")[-1] for element in root.iter()}
    assert "path" in names
    assert not names & {"script", "a", "image", "foreignObject"}


# Nothing is read as HTML.


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.alt: list[str] = []
        self.pictures: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        values = dict(attrs)
        self.alt += [values["alt"]] if "alt" in values else []
        self.pictures += [values["src"]] if "src" in values else []
        assert not any(name.startswith("on") for name in values)

    def handle_data(self, data: str) -> None:
        self.words += data


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    return reader


@BOTH
@EVERY
def test_u8_evil_words_are_escaped_in_html(key: str, lang: Language) -> None:
    evil = Text(f"{EVIL} †", f"{EVIL} it †")
    shown = replace(
        made(key),
        title=evil,
        unit=evil,
        alt=evil,
        notes=(evil,),
        sources=(Source(evil),),
        lang=lang,
    )
    found = read(exhibit_html(shown.payload()))
    assert "script" not in found.tags
    assert found.words.count(evil[lang]) == 4
    assert found.alt == ([evil[lang]] if shown.kind == "chart" else [])


@pytest.mark.parametrize("key", [key for key in KEYS if EXHIBITS[key][0] is ShockStudy])
def test_u8_evil_names_reach_the_page_literally(key: str) -> None:
    cards = study().universe.instruments
    names = {symbol: replace(card, short_name=f"{EVIL}{symbol}") for symbol, card in cards.items()}
    shown = exhibit(replace(study(), universe=Universe(names)), key)
    found = read(shown._repr_mimebundle_()["text/html"])
    assert "script" not in found.tags
    for picture in found.pictures:
        data = base64.b64decode(picture.partition(",")[2])
        assert not [e for e in ET.fromstring(data).iter() if e.tag.endswith("script")]
    if key == "abnormal_table":
        assert f"{EVIL}NVDA" in found.words
        assert f"{EVIL}NVDA" in " ".join(cell[0] for cell in shown.payload()["rows"])
    if key == "abnormal_bars":
        assert f"{EVIL}NVDA" in "".join(ET.fromstring(shown.payload()["svg"]).itertext())


@EVERY
def test_the_table_view_has_every_cell(key: str) -> None:
    if made(key).kind == "chart":
        return
    found = read(exhibit_html(payload(key, "en")))
    rows, columns = len(made(key).data), len(made(key).columns)
    assert (found.tags.count("td"), found.tags.count("th")) == (rows * columns, columns)


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
}


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
    assert read_back > 20 or key in ("tests_table", "training_cost_table")


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


# The catalogue and the exhibit itself.


@EVERY
def test_the_catalogue_makes_what_it_names(key: str) -> None:
    assert made(key).key == key
    assert exhibit(result_of(key), key, lang="it", size="half").lang == "it"


def test_an_unknown_exhibit_gets_a_suggestion() -> None:
    with pytest.raises(UserInputError, match="'car_pth'") as caught:
        exhibit(study(), "car_pth")
    assert "car_path" in caught.value.hint


def test_an_exhibit_of_another_result_says_what_fits() -> None:
    with pytest.raises(UserInputError, match="made from MarketCapLosses") as caught:
        exhibit(study(), "losses_table")
    assert "car_path" in caught.value.hint


def test_an_unknown_language_is_refused() -> None:
    language: Any = "de"
    with pytest.raises(UserInputError, match="'de'"):
        made("car_path").in_language(language)


def test_an_unknown_ending_is_refused() -> None:
    with pytest.raises(UserInputError, match=r"\.docx"):
        made("car_path").export("page.docx")


def test_a_table_has_no_figure() -> None:
    with pytest.raises(UserInputError, match="is a table"):
        made("losses_table").figure()


WORDS = Text("a", "b")
PLAIN: dict[str, Any] = {
    "key": "k",
    "title": WORDS,
    "unit": WORDS,
    "data": Table.from_rows("k", [{"a": 1}]),
    "sources": (Source(WORDS),),
    "alt": WORDS,
    "draw": lambda data, locale, size: Figure(),
}


@pytest.mark.parametrize(
    "change",
    [
        {"sources": ()},
        {"title": Text("a", " ")},
        {"unit": Text("", "b")},
        {"alt": Text("a", "")},
        {"draw": None},
        {"columns": (Column("a", WORDS, lambda value, locale: str(value)),)},
    ],
    ids=["source", "title", "unit", "alt", "neither", "both"],
)
def test_g_an_incomplete_exhibit_is_refused(change: dict[str, Any]) -> None:
    assert Exhibit(**PLAIN).kind == "chart"
    with pytest.raises(QualityError, match="Exhibit k"):
        Exhibit(**PLAIN | change)


@pytest.mark.parametrize("key", ["car_path", "residual_histogram"])
def test_a_window_without_the_event_session_is_refused_clearly(key: str) -> None:
    after = study(window=(1, 5))
    with pytest.raises(UserInputError):
        exhibit(after, key)
