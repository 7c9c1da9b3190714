"""One file changes charts, numbers and the page, and nothing of it stays behind."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib
import pytest
from pypdf import PdfReader
from pypdf.generic import NullObject

from marketshock.errors import QualityError
from marketshock.exhibits.brand import HOUSE, TITLE_FAMILY, Brand
from marketshock.exhibits.charts_bars import ranked_bars
from marketshock.exhibits.in_force import branded, current_brand
from marketshock.exhibits.theme import PALETTE, figure_svg, text_width
from marketshock.locale import MINUS, Language, Locale
from marketshock.publish.labels import page_labels
from marketshock.publish.pdf import pdf_bytes
from marketshock.publish.vectors import check_svg

BRANDS = Path(__file__).resolve().parents[1] / "brands"
EXAMPLE = Brand.from_file(BRANDS / "example.toml")
DEJAVU = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
NARROW, QUOTE = "\u202f", "\u2019"


def bars(lang: Language = "it") -> str:
    figure = ranked_bars(
        ["Nvidia", "Meta"],
        [-0.17, 0.02],
        accent=[True, False],
        value_format=lambda value, locale: locale.percent(value),
        locale=Locale(lang),
    )
    return figure_svg(figure, "bars")


def colours(svg: str) -> set[str]:
    return {found.upper() for found in re.findall(r"#[0-9a-fA-F]{6}", svg)}


def content(lang: Language = "en") -> dict[str, Any]:
    cover = {"kicker": "Study", "title": "One session", "deck": "What happened."}
    cover |= {"date": "27 January 2025", "client": "Rossi SGR"}
    people = {"prepared_by": "Anna Verdi", "reviewed_by": "Bruno Neri"}
    chart = {"kind": "chart", "key": "bars", "title": "Bars", "unit": "per cent", "notes": []}
    chart |= {"source": "Source: somebody.", "alt": "Bars of two.", "file": "bars.svg"}
    brand = current_brand()
    return {
        "lang": lang,
        "labels": page_labels(lang),
        "cover": {**cover, **people, "figures": [], "takeaways": []},
        "body": [{**chart, "size": "full"}],
        "document": {
            "title": "One session",
            "author": brand.name,
            "description": "",
            "keywords": [],
            "date": [2025, 1, 27],
        },
        "closing": {
            **{part: [part] for part in ("method", "sources", "vintage", "findings")},
            "disclaimer": (brand.disclaimer or {lang: "No advice."})[lang],
            "compliance": brand.compliance.rows(lang),
        },
        "footer": (brand.footer or {lang: "Prepared with marketshock."})[lang],
        "draft": False,
    }


def page(brand: Brand, lang: Language = "en") -> bytes:
    with branded(brand):
        return pdf_bytes(content(lang), {"bars.svg": bars(lang)}, {})


def test_a_chart_is_drawn_in_the_colours_and_letters_of_the_brand() -> None:
    house = bars()
    with branded(EXAMPLE):
        own = bars()
        check_svg("bars", own)
    assert {"#D9601A", "#2A6F97", "#FFFDF7"} <= colours(own)
    assert not {"#D4702A", "#1F7A8C", "#FFFFFF", "#1C2733"} & colours(own)
    assert TITLE_FAMILY in own
    assert "Source Sans 3" not in own
    assert bars() == house


def test_widths_are_those_of_the_letters_drawn() -> None:
    house = text_width("Microsoft")
    with branded(EXAMPLE):
        assert text_width("Microsoft") != house
    assert text_width("Microsoft") == house


def test_a_brand_is_in_force_only_within_and_only_in_its_own_thread() -> None:
    seen = []
    with branded(EXAMPLE):
        thread = threading.Thread(target=lambda: seen.append(PALETTE.ink))
        thread.start()
        thread.join()
        seen.append(PALETTE.ink)
        with branded(HOUSE):
            seen.append(PALETTE.ink)
        seen.append(PALETTE.ink)
    assert [*seen, PALETTE.ink] == [
        HOUSE.palette.ink,
        EXAMPLE.palette.ink,
        HOUSE.palette.ink,
        EXAMPLE.palette.ink,
        HOUSE.palette.ink,
    ]


def test_a_brand_is_taken_off_after_an_error() -> None:
    with pytest.raises(RuntimeError, match="in the middle"), branded(EXAMPLE):
        raise RuntimeError("in the middle")
    assert current_brand() is HOUSE
    assert Locale("en").number(1200) == "1,200"


@pytest.mark.parametrize(
    ("lang", "number", "loss"),
    [
        ("en", f"{MINUS}1{QUOTE}234{QUOTE}567.8", f"{MINUS}$593bn"),
        ("it", f"{MINUS}1{NARROW}234{NARROW}567,8", f"{MINUS}593\u00a0mld\u00a0USD"),
    ],
)
def test_numbers_take_the_marks_of_the_brand(lang: Language, number: str, loss: str) -> None:
    with branded(EXAMPLE):
        assert Locale(lang).number(-1234567.8, 1) == number
        assert Locale(lang).billions(-593) == loss


def test_a_brand_may_swap_the_marks_and_the_minus() -> None:
    swapped = '[numbers.en]\ndecimal = ","\ngrouping = "."\nminus = "-"'
    with branded(Brand.from_toml(swapped, BRANDS)):
        assert Locale("en").number(-1234567.8, 1) == "-1.234.567,8"
        assert Locale("en").billions(-1200) == "-$1,2tn"
        assert Locale("en").percent(0.0812, 2, sign=True) == "+8,12%"


@pytest.mark.parametrize("lang", ["en", "it"])
def test_the_page_is_that_of_the_brand(lang: Language) -> None:
    reader = PdfReader(io.BytesIO(page(EXAMPLE, lang)))
    assert [round(float(side)) for side in reader.pages[0].mediabox[2:]] == [612, 792]
    text = reader.pages[-1].extract_text()
    words = {
        "en": ["Distribution:Professional investors only", "Conflicts of interest:", "Supersedes:"],
        "it": ["Diffusione:Riservato a investitori professionali", "Conflitti", "Sostituisce:"],
    }[lang]
    squeezed = re.sub(r"\s", "", text)
    for part in [*words, "Example Bank Research", "AnnaVerdi", "BrunoNeri"]:
        assert part.replace(" ", "") in squeezed
    assert "marketshock" not in text
    assert reader.metadata is not None
    assert reader.metadata.author == "Example Bank"


def test_the_logo_is_told_to_those_who_can_not_see_it() -> None:
    root: Any = PdfReader(io.BytesIO(page(EXAMPLE))).trailer["/Root"]
    assert list(told(root["/StructTreeRoot"])) == ["Example Bank", "Bars of two."]


def told(node: Any) -> Iterator[str]:
    """Yield the alternative texts below a node of the structure, in reading order."""
    found = node.get_object()
    if isinstance(found, list):
        for inner in found:
            yield from told(inner)
    elif isinstance(found, dict):
        if "/Alt" in found:
            yield found["/Alt"]
        yield from told(found.get("/K", NullObject()))


def test_the_same_brand_gives_the_same_bytes_and_another_one_others() -> None:
    assert page(EXAMPLE) == page(EXAMPLE) != page(HOUSE)
    assert page(HOUSE) == page(Brand.from_toml("", BRANDS))


def test_a_font_of_its_own_is_on_the_page_and_in_the_chart(tmp_path: Path) -> None:
    shutil.copy(DEJAVU, tmp_path / "own.ttf")
    text = '[fonts]\ntext = "DejaVu Sans"\nfiles = ["own.ttf"]'
    own = Brand.from_toml(text, tmp_path)
    with branded(own):
        assert "DejaVu Sans" in bars()
    reader = PdfReader(io.BytesIO(page(own)))
    fonts = {font["/BaseFont"] for font in fonts_of(reader)}
    assert any("DejaVuSans" in font for font in fonts)
    assert not any("SourceSans" in font for font in fonts)


def fonts_of(reader: PdfReader) -> list[Any]:
    resources: list[Any] = [sheet["/Resources"] for sheet in reader.pages]
    return [font.get_object() for found in resources for font in found["/Font"].values()]


def test_a_chart_of_the_brand_does_not_pass_as_one_of_the_house(tmp_path: Path) -> None:
    shutil.copy(DEJAVU, tmp_path / "own.ttf")
    own = Brand.from_toml('[fonts]\ntext = "DejaVu Sans"\nfiles = ["own.ttf"]', tmp_path)
    with branded(own):
        svg = bars()
    with pytest.raises(QualityError, match="asks for the font 'DejaVu Sans'"):
        check_svg("bars", svg)


@pytest.mark.slow
def test_the_command_makes_a_page_in_the_brand(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "marketshock", "report", "--lang", "it"]
    command += ["--out", str(tmp_path), "--brand", str(BRANDS / "example.toml")]
    command += ["--reviewed-by", "Anna Verdi"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "La stessa persona ha preparato e rivisto la pagina." in done.stderr
    pdf, notebook = sorted(tmp_path.iterdir(), key=lambda path: path.suffix != ".pdf")
    assert pdf.name == "deepseek_2025-example-bank-it.pdf"
    archive = notebook.read_text("utf-8")
    assert "#d9601a" in archive
    assert "#d4702a" not in archive
    assert str(BRANDS) not in archive
    reader = PdfReader(pdf)
    assert float(reader.pages[0].mediabox.width) == 612
    assert "Emesso da Example Bank a scopo informativo" in reader.pages[-1].extract_text()
