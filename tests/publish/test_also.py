"""Further formats of a report: known names only, and made from what the notebook shows."""

from __future__ import annotations

import datetime as dt
import struct
from typing import Any

import pytest
from bs4 import BeautifulSoup

from marketshock.errors import UserInputError
from marketshock.exhibits.page import Closing, Cover, Figure, Point, Say
from marketshock.locale import LANGUAGES, Language, Text
from marketshock.publish.also import FORMATS, further, known_formats
from marketshock.publish.notebook import Shown
from marketshock.publish.report import content_of
from marketshock.showcase import example

BOTH = pytest.mark.parametrize("lang", LANGUAGES)
NAMES = {"client": "A & B", "prepared_by": "<C>", "reviewed_by": None}


def shown_in(lang: Language) -> Shown:
    """A small report: cover, prose, a chart, a table twice, Markdown, the closing part."""

    def both(words: str) -> Text:
        return Text(f"{words} en", f"{words} it")

    day = dt.date(2025, 1, 27)
    cover = Cover(
        both("kicker"),
        both("title"),
        both("deck"),
        day,
        (Figure(both("-17"), both("label"), both("note")),),
        (Point(both("lead"), both("point")),),
    )
    end = Closing(*[(both(part),) for part in ("m", "s", "v", "f")], vintage_id="v", created=day)
    exhibits = [example("car_path"), example("abnormal_table"), example("abnormal_table")]
    pieces: list[Any] = [cover, Say(both("said"), both("heading")), *exhibits, end]
    items = [piece.in_language(lang).payload() for piece in pieces]
    return Shown((*items[:-1], {"kind": "markdown", "text": "# Head\n\n*Words*"}, items[-1]))


def made(lang: Language, *formats: str, draft: bool = False) -> dict[str, bytes]:
    shown = shown_in(lang)
    content, _ = content_of(shown, lang, NAMES, draft=draft)
    return further(formats, shown, content)


def test_formats_are_read_once_whatever_their_case() -> None:
    assert known_formats(["HTML", " .png", "html"]) == ("html", "png")
    assert known_formats([]) == ()
    with pytest.raises(UserInputError, match="'htlm'") as caught:
        known_formats(["htlm"])
    assert "html" in caught.value.hint
    assert set(FORMATS) == {"html", "png", "pptx", "xlsx"}


@BOTH
def test_html_has_cover_body_and_closing_in_the_order_of_the_page(lang: Language) -> None:
    (page,) = made(lang, "html").values()
    soup = BeautifulSoup(page.decode(), "html.parser")
    heads = [head.text for head in soup.find_all(["h1", "h2"])]
    chart, table = (example(key).title[lang] for key in ("car_path", "abnormal_table"))
    about = {"en": "About this note", "it": "Informazioni sulla nota"}[lang]
    points = {"en": "Key points", "it": "In sintesi"}[lang]
    words = [f"title {lang}", points, f"heading {lang}", chart, table, table, "Head", about]
    assert heads == words
    tags = [tag.text for tag in soup.find_all(class_="tag")]
    number = {
        "en": ["Figure 1", "Table 1", "Table 2"],
        "it": ["Figura 1", "Tabella 1", "Tabella 2"],
    }
    assert tags == number[lang]
    people = [cell.text for cell in soup.find_all("dd")]
    assert people == ["A & B", "<C>"]
    assert soup.footer.text
    assert not soup.find(class_="draft")


def test_a_draft_says_so() -> None:
    (page,) = made("it", "html", draft=True).values()
    assert BeautifulSoup(page.decode(), "html.parser").find(class_="draft").text == "BOZZA"


def test_every_exhibit_becomes_a_picture_with_a_name_of_its_own() -> None:
    files = made("en", "png")
    assert list(files) == ["-car_path.png", "-abnormal_table.png", "-abnormal_table-2.png"]
    for data in files.values():
        width, height = struct.unpack(">2I", data[16:24])
        assert width > 900
        assert height > 300
    assert files["-abnormal_table.png"] == files["-abnormal_table-2.png"]


@BOTH
def test_the_same_report_gives_the_same_bytes(lang: Language) -> None:
    assert made(lang, "html", "png") == made(lang, "html", "png")
