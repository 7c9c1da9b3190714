"""Exhibits: payload, notebook view, catalogue; nothing is read as code."""

from __future__ import annotations

import base64
import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from examples import (
    BOTH,
    EVERY,
    EVIL,
    KEYS,
    made,
    payload,
    result_of,
    study,
)
from matplotlib.figure import Figure

from marketshock.errors import QualityError, UserInputError
from marketshock.exhibits.catalogue import EXHIBITS, exhibit
from marketshock.exhibits.exhibit import MIME, Column, Exhibit, exhibit_html
from marketshock.locale import Language, Text
from marketshock.market.universe import Universe
from marketshock.provenance import Source
from marketshock.shock.study import ShockStudy
from marketshock.table import Table

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
    heads, cells = found.tags.count("th"), found.tags.count("td")
    assert (heads, cells) == (columns + rows, rows * (columns - 1))


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
