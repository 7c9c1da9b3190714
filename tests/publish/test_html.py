"""The HTML page: self-contained, without scripts, in the order of a screen reader."""

from __future__ import annotations

import base64
import itertools
import re
import xml.etree.ElementTree as ET
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from marketshock.exhibits.catalogue import EXHIBITS
from marketshock.exhibits.exhibit import Exhibit
from marketshock.locale import LANGUAGES, Language, Text
from marketshock.publish.html import exhibits_html, figure_html
from marketshock.publish.html_prose import closing_html, cover_html, prose_html
from marketshock.publish.labels import page_labels
from marketshock.showcase import example, gallery

BOTH = pytest.mark.parametrize("lang", LANGUAGES)
FEW = ("car_path", "abnormal_table", "losses_table")
EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)> & $x$ {{y}}'
ALLOWED = {"data", "https", "http", "mailto"}


def soup_of(page: str) -> Any:
    return BeautifulSoup(page, "html.parser")


@cache
def page(lang: Language) -> Any:
    return soup_of(exhibits_html([example(key) for key in FEW], Text("Page", "Pagina"), lang))


def assert_safe(soup: Any) -> None:
    """No script, no handler, nothing loaded from anywhere."""
    assert not soup.find_all(["script", "iframe", "object", "embed", "link", "form", "svg"])
    for tag in soup.find_all(True):
        assert not [name for name in tag.attrs if name.lower().startswith("on")], tag
        assert str(tag.get("src", "data:")).startswith("data:")
        assert str(tag.get("href", "#main")).split(":")[0] in {*ALLOWED, "#main"}
    policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    assert policy.startswith("default-src 'none'")
    assert "script" not in policy


@BOTH
def test_the_page_is_whole_and_loads_nothing(lang: Language) -> None:
    soup = page(lang)
    assert_safe(soup)
    assert soup.html["lang"] == lang
    assert soup.title.text == {"en": "Page", "it": "Pagina"}[lang]
    for picture in soup.find_all("img"):
        kind, _, data = picture["src"].partition(",")
        assert kind == "data:image/svg+xml;base64"
        root = ET.fromstring(base64.b64decode(data))
        assert not [e for e in root.iter() if e.tag.endswith("script")]
    assert set(re.findall(r"url\((\w*)", soup.style.text)) == {"data"}


@BOTH
def test_a_screen_reader_goes_from_the_skip_link_through_title_message_table_note(
    lang: Language,
) -> None:
    soup = page(lang)
    assert soup.body.find(True)["href"] == "#main"
    assert soup.find(id="main").name == "main"
    for key, figure in zip(FEW, soup.find_all("figure"), strict=True):
        payload = example(key).in_language(lang).payload()
        order = [tag.name for tag in figure.find_all(["figcaption", "img", "table", "ol", "pre"])]
        middle = "img" if payload["kind"] == "chart" else "table"
        assert order == ["figcaption", middle, "ol", "pre"]
        assert figure.figcaption.h2.text == payload["title"]
        assert figure.figcaption.find(class_="unit").text == payload["unit"]
        assert [note.text for note in figure.ol.find_all("li")] == payload["notes"]
        assert figure.find(class_="source").text == payload["source"]
        assert figure.pre.text == example(key).in_language(lang).copy()
        if middle == "img":
            assert figure.img["alt"] == payload["alt"] != payload["title"]


def test_headings_never_skip_a_level() -> None:
    levels = [int(tag.name[1]) for tag in page("en").find_all(re.compile("^h[1-6]$"))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


@BOTH
@pytest.mark.parametrize("key", ["abnormal_table", "losses_table"])
def test_tables_have_a_caption_heads_and_every_printed_cell(key: str, lang: Language) -> None:
    payload = example(key).in_language(lang).payload()
    table = soup_of(figure_html(payload, "", "")).table
    assert table.caption.text == payload["title"]
    assert [h.text for h in table.thead.find_all("th", scope="col")] == [
        column["label"] for column in payload["columns"]
    ]
    rows = table.tbody.find_all("tr")
    assert all(len(row.find_all("th", scope="row")) == 1 for row in rows)
    printed = [[cell.text for cell in row.find_all(["th", "td"])] for row in rows]
    assert printed == [
        [cell["text"] if isinstance(cell, dict) else cell for cell in row]
        for row in payload["rows"]
    ]


def test_a_page_of_one_exhibit_has_its_title_once_as_first_heading(tmp_path: Path) -> None:
    shown: Exhibit = example("car_path")
    shown.export(tmp_path / "x.html", lang="it")
    soup = soup_of((tmp_path / "x.html").read_text("utf-8"))
    assert [h.text for h in soup.find_all("h1")] == [shown.title.it]
    assert soup.html["lang"] == "it"
    assert_safe(soup)


# Nothing is parsed as HTML.


def evil(value: Any) -> Any:
    """Put hostile words in the place of every string."""
    if isinstance(value, str):
        return EVIL
    if isinstance(value, dict):
        return {key: evil(inner) for key, inner in value.items()}
    return [evil(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("key", FEW)
def test_u8_hostile_words_of_an_exhibit_are_printed(key: str) -> None:
    payload = example(key).payload()
    kept = {name: payload[name] for name in ("kind", "svg", "lang", "size") if name in payload}
    text = figure_html({**evil(payload), **kept}, EVIL, EVIL)
    soup = soup_of(text)
    assert not soup.find_all("script")
    assert not soup.find_all("img", src="x")
    assert soup.h2.text == EVIL
    assert soup.pre.text == EVIL
    assert soup.ol.find_all("li")[0].text == EVIL


def test_u8_a_hostile_drawing_stays_a_picture() -> None:
    payload = example("car_path").payload()
    bad = payload["svg"].replace("</svg>", "<script>alert(1)</script></svg>")
    soup = soup_of(figure_html({**payload, "svg": bad}, "", ""))
    assert not soup.find_all(["script", "svg"])


def test_u8_hostile_words_of_a_notebook_are_printed() -> None:
    labels = page_labels("en")
    figure = {"value": EVIL, "label": EVIL, "note": EVIL}
    cover = {
        **dict.fromkeys(("kicker", "title", "deck", "date", "client"), EVIL),
        "figures": [figure],
        "takeaways": [{"lead": EVIL, "text": EVIL}],
    }
    closing = {
        **{part: [EVIL] for part in ("method", "sources", "vintage", "findings")},
        "disclaimer": EVIL,
        "compliance": [{"label": EVIL, "text": EVIL}],
    }
    said = {"kind": "prose", "heading": EVIL, "paragraphs": [EVIL]}
    text = cover_html(cover, labels) + closing_html(closing, labels) + prose_html(said)
    soup = soup_of(text)
    assert not soup.find_all(["script", "img"])
    assert soup.text.count("alert(1)</script>") == 19


@pytest.mark.parametrize(
    ("markdown", "tag", "words"),
    [
        ("# A *b*", "h2", "A b"),
        ("<b onclick=x>hi</b> & <script>1</script>", "p", "<b onclick=x>hi</b>"),
        ("[go](https://example.org/?a=1&b=2)", "a", "go"),
        ("3. three\n4. four", "ol", "three"),
        ("> said", "blockquote", "said"),
        ("`<i>`", "code", "<i>"),
        ("    <pre>", "pre", "<pre>"),
    ],
)
def test_markdown_becomes_elements_and_html_in_it_text(markdown: str, tag: str, words: str) -> None:
    soup = soup_of(prose_html({"kind": "markdown", "text": markdown}))
    assert words in soup.find(tag).text
    assert not soup.find_all(["script", "b", "i"])


def test_a_script_address_is_no_link() -> None:
    soup = soup_of(prose_html({"kind": "markdown", "text": "[x](javascript:alert%281%29)"}))
    assert not soup.find_all("a")


# The gallery.


@pytest.mark.parametrize(
    "lang", [pytest.param("it", marks=pytest.mark.slow), pytest.param("en", marks=pytest.mark.long)]
)
def test_the_gallery_shows_every_exhibit_with_all_its_cells(lang: Language, tmp_path: Path) -> None:
    path = gallery(tmp_path / "new", lang)
    assert path.name == f"gallery-{lang}.html"
    soup = soup_of(path.read_text("utf-8"))
    assert_safe(soup)
    titles = [figure.h2.text for figure in soup.find_all("figure")]
    for key in EXHIBITS:
        shown = example(key).in_language(lang)
        assert titles.count(shown.title[lang]) >= (2 if shown.kind == "chart" else 1)
    figures = {figure.h2.text: figure for figure in soup.find_all("figure")}
    for key in EXHIBITS:
        shown = example(key).in_language(lang)
        assert figures[shown.title[lang]].pre.text.splitlines()[0] == "\t".join(shown.data.columns)
    first = path.read_bytes()
    assert gallery(tmp_path / "new", lang).read_bytes() == first
