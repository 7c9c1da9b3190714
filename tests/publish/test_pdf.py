"""The client page: complete, accessible, literal, and the same bytes every time."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject

from marketshock.errors import OutputError, QualityError
from marketshock.publish.fitting import PAGE_FOOT, Fit, best_fit
from marketshock.publish.labels import DISCLAIMER, page_labels
from marketshock.publish.markdown import markdown_tree
from marketshock.publish.pdf import pdf_bytes, write_pdf
from marketshock.publish.vectors import check_svg

EVIL = '$ # @ _ * < & \\ {} % <b>x</b> #read("/etc/passwd") [a](b) `c` =1+1 -- ~ \u2212'
PASSWD = "root:"


def svg(words: str = "axis", family: str = "Source Sans 3") -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="174mm" height="40mm" viewBox="0 0 174 40">'
        f"<path d='M0 0L174 40' stroke='black'/><text x='5' y='20' style=\"font: 4px "
        f"'{family}', sans-serif\">{words}</text></svg>"
    )


def chart(key: str = "car", **change: Any) -> dict[str, Any]:
    words: dict[str, Any] = {
        "kind": "chart",
        "key": key,
        "size": "full",
        "title": f"Title of {key}",
    }
    words |= {"unit": "per cent", "notes": ["A note."], "source": "Source: somebody."}
    return {**words, "alt": f"Line chart of {key}", "file": f"{key}.svg", **change}


def table(rows: int = 3, **change: Any) -> dict[str, Any]:
    columns: list[dict[str, Any]] = [{"label": "Company", "align": "left", "bar": False}]
    columns += [{"label": "Return", "align": "right", "bar": False}]
    columns += [{"label": "Loss", "align": "right", "bar": True}]
    body = [
        [f"Company {n}", "\u22121.0", {"bar": 1 / (n + 1), "text": str(n), "accent": n == 0}]
        for n in range(rows)
    ]
    words: dict[str, Any] = {
        "kind": "table",
        "key": "losses",
        "size": "full",
        "title": "Title of the table",
    }
    words |= {"unit": "USD billions", "notes": [], "source": "Source: somebody.", "alt": "Table"}
    return {**words, "columns": columns, "rows": body, "emphasis": [0], **change}


def content(lang: Any = "en", **change: Any) -> dict[str, Any]:
    figure = {"value": "\u221217.0%", "label": "Nvidia", "note": "one session"}
    cover: dict[str, Any] = {
        "kicker": "Event study",
        "title": "One session",
        "deck": "What happened.",
    }
    cover |= {"date": "27 January 2025", "client": "Rossi SGR", "prepared_by": None}
    cover |= {"reviewed_by": None, "figures": [figure] * 4}
    prose: dict[str, Any] = {
        "kind": "prose",
        "heading": "What changed",
        "paragraphs": ["One.", "Two."],
    }
    closing: dict[str, Any] = {key: [f"Line of {key}."] for key in ("method", "sources")}
    closing |= {"vintage": ["Vintage 3f9c."], "findings": [], "disclaimer": DISCLAIMER[lang]}
    document = {"title": "One session", "author": "marketshock", "description": "What happened."}
    return {
        "lang": lang,
        "labels": page_labels(lang),
        "document": {**document, "keywords": ["event study"], "date": [2025, 1, 27]},
        "cover": {**cover, "takeaways": [{"lead": "It was specific.", "text": "Mostly."}]},
        "body": [chart(), table(), prose],
        "closing": closing,
        "footer": "Made by marketshock",
        "draft": False,
        **change,
    }


CHARTS = {"car.svg": svg(), "one.svg": svg("first"), "two.svg": svg("second")}
ATTACHMENTS = {"shock.ipynb": b'{"cells": []}', "car.csv": b"tau,car\n0,-0.14\n"}


@cache
def plain() -> bytes:
    return pdf_bytes(content(), CHARTS, ATTACHMENTS)


def reader(data: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(data))


def text_of(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in reader(data).pages)


def squeezed(text: str) -> str:
    return "".join(text.replace("\u200b", "").split())


def fonts_of(data: bytes) -> set[str]:
    pages = reader(data).pages
    return {name for page in pages for name in _fonts(page["/Resources"].get_object())}


def _fonts(resources: Any) -> Iterator[str]:
    for font in (resources.get("/Font") or {}).values():
        yield str(font.get_object()["/BaseFont"]).split("+")[-1]
    for inner in (resources.get("/XObject") or {}).values():
        if below := inner.get_object().get("/Resources"):
            yield from _fonts(below.get_object())


def structure(data: bytes) -> list[tuple[str, Any]]:
    """Return the tags of the document in reading order."""
    root: Any = reader(data).trailer["/Root"]

    def walk(node: Any) -> Iterator[tuple[str, Any]]:
        node = node.get_object()
        if isinstance(node, ArrayObject):
            for inner in node:
                yield from walk(inner)
        elif isinstance(node, DictionaryObject):
            if "/S" in node:
                yield str(node["/S"])[1:], node
            if "/K" in node:
                yield from walk(node["/K"])

    return list(walk(root["/StructTreeRoot"]))


def tags(data: bytes) -> list[str]:
    return [tag for tag, _ in structure(data)]


# ---- the file ------------------------------------------------------------------------------------


def test_the_file_is_written_where_asked(tmp_path: Path) -> None:
    target = write_pdf(content(), CHARTS, ATTACHMENTS, tmp_path / "note.pdf")
    assert target == tmp_path / "note.pdf"
    assert target.read_bytes() == plain()
    assert [path.name for path in tmp_path.iterdir()] == ["note.pdf"]


def test_same_content_same_bytes() -> None:
    assert pdf_bytes(content(), CHARTS, ATTACHMENTS) == plain()


def test_same_bytes_in_another_process_folder_zone_and_locale(tmp_path: Path) -> None:
    call = {"content": content(), "charts": CHARTS}
    (tmp_path / "call.json").write_text(json.dumps(call), encoding="utf-8")
    code = (
        "import hashlib, json, pathlib; from marketshock.publish.pdf import pdf_bytes\n"
        "call = json.loads(pathlib.Path('call.json').read_text('utf-8'))\n"
        f"data = pdf_bytes(call['content'], call['charts'], {ATTACHMENTS!r})\n"
        "print(hashlib.sha256(data).hexdigest())"
    )
    root = str(Path(__file__).parents[2])
    changed = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "TMPDIR": str(tmp_path)}
    changed |= {"PYTHONHASHSEED": "7", "SOURCE_DATE_EPOCH": "1", "PYTHONPATH": root}
    run = subprocess.run(
        [sys.executable, "-B", "-c", code],
        cwd=tmp_path,
        env={**os.environ, **changed},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == hashlib.sha256(plain()).hexdigest()


def test_the_order_of_keys_does_not_matter() -> None:
    turned = dict(reversed(content().items()))
    assert pdf_bytes(turned, dict(reversed(CHARTS.items())), ATTACHMENTS) == plain()


def test_the_date_of_the_file_is_that_of_the_content() -> None:
    assert str(reader(plain()).metadata.get("/CreationDate", "")).startswith("D:20250127")  # type: ignore[union-attr]


def test_nothing_of_this_machine_is_in_the_file() -> None:
    for word in (str(Path.home()), tempfile.gettempdir() + "/", str(Path.cwd())):
        assert word.encode() not in plain()
    assert b"/tmp" not in plain()


def test_a_failing_disk_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "note.pdf"
    target.write_bytes(b"old")

    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("marketshock.files.os.replace", full)
    with pytest.raises(OutputError):
        write_pdf(content(), CHARTS, {}, target)
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["note.pdf"]


def test_a_bad_page_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "note.pdf"
    target.write_bytes(b"old")
    with pytest.raises(QualityError):
        write_pdf(content(body=[chart(alt="")]), CHARTS, {}, target)
    assert target.read_bytes() == b"old"


def test_a_full_temporary_folder_is_an_output_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match="temporary"):
        pdf_bytes(content(), CHARTS, ATTACHMENTS)


def test_importing_does_not_load_typst() -> None:
    code = "import sys, marketshock.publish.pdf; sys.exit('typst' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# ---- accessibility and archive -------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "it"])
def test_title_language_and_tags(lang: Any) -> None:
    data = pdf_bytes(content(lang), CHARTS, {})
    root: Any = reader(data).trailer["/Root"]
    assert root["/Lang"] == lang
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader(data).metadata.title == "One session"  # type: ignore[union-attr]


def test_the_file_claims_both_standards() -> None:
    root: Any = reader(plain()).trailer["/Root"]
    packet = root["/Metadata"].get_object().get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in packet
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in packet
    assert "<pdfuaid:part>1</pdfuaid:part>" in packet


def test_headings_chart_table_and_lists_are_tagged() -> None:
    found = tags(plain())
    assert found.count("H1") == 1
    assert found.index("H1") < found.index("H2") < found.index("Figure") < found.index("Table")
    assert found.count("TH") == 3
    assert found.count("TD") == 9
    assert "L" in found


def test_the_chart_carries_its_alternative_text() -> None:
    (figure,) = [node for tag, node in structure(plain()) if tag == "Figure"]
    assert figure["/Alt"] == "Line chart of car"


def test_the_outline_names_the_exhibits() -> None:
    def titles(items: Any) -> Iterator[str]:
        for item in items:
            if isinstance(item, list):
                yield from titles(item)
            else:
                yield item.title

    found = list(titles(reader(plain()).outline))
    assert found[0] == "One session"
    assert {"Key points", "Title of car", "Title of the table", "What changed"} <= set(found)


def test_attachments_travel_inside() -> None:
    document = reader(plain())
    assert {name: document.attachments[name][0] for name in document.attachments} == ATTACHMENTS
    root: Any = document.trailer["/Root"]
    specs = {spec.get_object()["/UF"]: spec.get_object() for spec in root["/AF"]}
    assert specs["shock.ipynb"]["/AFRelationship"] == "/Source"
    assert specs["car.csv"]["/AFRelationship"] == "/Data"
    assert specs["car.csv"]["/EF"]["/F"].get_object()["/Subtype"] == "/text/csv"
    assert "car.csv" in specs["car.csv"]["/Desc"]


@pytest.mark.parametrize("name", ["../x.csv", "/etc/passwd", "a/b.csv", "a\nb.csv"])
def test_attachments_have_plain_names(name: str) -> None:
    with pytest.raises(QualityError, match="plain file name"):
        pdf_bytes(content(), CHARTS, {name: b""})


def test_only_the_bundled_fonts_are_embedded() -> None:
    found = fonts_of(pdf_bytes(content("it", draft=True), CHARTS, {}))
    assert found
    assert all(name.startswith(("SourceSans3-", "SourceSerif4Display-")) for name in found)


# ---- what a page must not lack -------------------------------------------------------------------


@pytest.mark.parametrize("alt", ["", "  "])
def test_missing_alternative_text_is_refused_by_name(alt: str) -> None:
    with pytest.raises(QualityError, match=r"Chart car has no alternative text"):
        pdf_bytes(content(body=[chart(alt=alt)]), CHARTS, {})


def test_missing_alternative_text_is_found_inside_a_pair() -> None:
    pair = {"kind": "pair", "items": [chart("one", size="half"), chart("two", alt="")]}
    with pytest.raises(QualityError, match="Chart two"):
        pdf_bytes(content(body=[pair]), CHARTS, {})


@pytest.mark.parametrize("words", ["title", "unit", "source"])
def test_missing_words_are_refused(words: str) -> None:
    with pytest.raises(QualityError, match=f"has no {words}"):
        pdf_bytes(content(body=[table() | {words: ""}]), CHARTS, {})


def test_a_missing_drawing_is_refused() -> None:
    with pytest.raises(QualityError, match=r"no drawing gone\.svg"):
        pdf_bytes(content(body=[chart(file="gone.svg")]), CHARTS, {})


def test_a_missing_part_of_the_content_is_named() -> None:
    lacking = content()
    del lacking["cover"]["deck"]
    with pytest.raises(QualityError, match="deck"):
        pdf_bytes(lacking, CHARTS, {})


def test_a_glyph_that_no_font_has_is_named_with_its_place() -> None:
    changed = content(footer="Relazione per 漢")
    with pytest.raises(QualityError, match=r"can't print '漢'.* stands in footer"):
        pdf_bytes(changed, CHARTS, {})


def test_a_glyph_that_no_font_has_is_found_inside_a_chart() -> None:
    with pytest.raises(QualityError, match=r"can't print '漢'.*car\.svg"):
        pdf_bytes(content(), {**CHARTS, "car.svg": svg("漢")}, {})


@pytest.mark.parametrize("char", ["\u202e", "\x00", "\x07", "\u2066", "\ud800", "\x1b"])
def test_u5_invisible_characters_are_refused_with_their_place(char: str) -> None:
    with pytest.raises(QualityError, match=rf"footer .* U\+{ord(char):04X}"):
        pdf_bytes(content(footer=f"a{char}b"), CHARTS, {})


def test_rows_must_fit_the_head_of_the_table() -> None:
    with pytest.raises(QualityError, match="row 0 has 1 cells"):
        pdf_bytes(content(body=[table(rows=1) | {"rows": [["a"]]}]), {}, {})


@pytest.mark.parametrize("share", [-0.1, 1.5, float("nan"), float("inf")])
def test_bars_must_be_shares(share: float) -> None:
    row = ["a", "b", {"bar": share, "text": "1", "accent": False}]
    with pytest.raises(QualityError, match="bar of length"):
        pdf_bytes(content(body=[table(rows=1) | {"rows": [row]}]), {}, {})


def test_a_table_that_can_not_fit_is_refused() -> None:
    columns = [{"label": f"Column{n}", "align": "right", "bar": False} for n in range(30)]
    wide = table() | {"columns": columns, "rows": [["1,234.5"] * 30]}
    with pytest.raises(QualityError, match="table losses has too many or too wide columns"):
        pdf_bytes(content(body=[wide]), {}, {})


@pytest.mark.parametrize(
    ("drawing", "words"),
    [
        (svg(family="Arial"), "font 'Arial'"),
        ('<svg xmlns="x"><text font-family="DejaVu Sans">a</text></svg>', "DejaVu Sans"),
        ("<svg xmlns='x'><text style='font-family: Foo'>a</text></svg>", "Foo"),
        ("<svg xmlns='x'><style>text { font-family: Foo; }</style></svg>", "Foo"),
        ("<svg xmlns='x'><image href='http://a.b/c.png'/></svg>", "links to"),
        ("<svg xmlns='x'><image href='content.json'/></svg>", "links to"),
        ("<svg", "not valid SVG"),
        ("<!DOCTYPE svg [<!ENTITY a 'b'>]><svg>&a;</svg>", "entities"),
    ],
)
def test_u13_drawings_are_checked(drawing: str, words: str) -> None:
    with pytest.raises(QualityError, match=words):
        check_svg("car", drawing)


def test_a_drawing_as_matplotlib_writes_it_is_accepted() -> None:
    figure = pytest.importorskip("matplotlib.figure").Figure()
    import matplotlib as mpl

    with mpl.rc_context({"svg.fonttype": "none", "font.family": ["Source Sans 3"]}):
        axes = figure.add_subplot()
        axes.plot([0, 1], [1, 0], "o")
        axes.set_title("bold", weight="bold", style="italic")
        out = io.StringIO()
        figure.savefig(out, format="svg")
    check_svg("car", out.getvalue())


# ---- what is printed -----------------------------------------------------------------------------


def test_u5_u6_evil_words_are_printed_literally_everywhere() -> None:
    tree = [{"t": "p", "c": [{"t": "text", "v": EVIL}, {"t": "code", "v": EVIL}]}]
    evil = content(footer=EVIL)
    evil["cover"] |= dict.fromkeys(("kicker", "title", "deck", "client", "date"), EVIL)
    evil["cover"]["figures"] = [{"value": EVIL, "label": EVIL, "note": EVIL}] * 3
    evil["cover"]["takeaways"] = [{"lead": EVIL, "text": EVIL}]
    evil["closing"] = {key: [EVIL] for key in ("method", "sources", "vintage", "findings")}
    evil["closing"]["disclaimer"] = EVIL
    rows = [[EVIL, "1", {"bar": 1.0, "text": "2", "accent": True}]]
    words: dict[str, Any] = {"title": EVIL, "unit": EVIL, "notes": [EVIL], "source": EVIL}
    evil["body"] = [
        chart(**words, alt=EVIL),
        table() | words | {"rows": rows},
        {"kind": "prose", "heading": EVIL, "paragraphs": [EVIL]},
        {"kind": "markdown", "tree": tree},
    ]
    data = pdf_bytes(evil, CHARTS, {})
    expected = 1 + 4 + 9 + 2 + 5 + 2 * 4 + 1 + 2 + 2
    assert squeezed(text_of(data)).count(squeezed(EVIL)) >= expected
    assert PASSWD not in text_of(data)
    (figure,) = [node for tag, node in structure(data) if tag == "Figure"]
    assert figure["/Alt"] == EVIL


def test_markdown_is_printed_as_text() -> None:
    tree = markdown_tree(
        "# Why\n\nIt **was** *so* `a_b` <b>x</b> [l](https://a.b)\n\n1. one\n2. two\n\n"
        "- dot\n  - inner\n\n> said\n\n---\n\n```\nx = 1\n```\n\n### Deeper\n\nEnd  \nline"
    )
    data = pdf_bytes(content(body=[{"kind": "markdown", "tree": tree}]), {}, {})
    shown = squeezed(text_of(data))
    for word in ("Why", "Itwasso", "a_b", "<b>x</b>", "1.one", "inner", "said", "x=1", "Deeper"):
        assert word in shown
    assert "Link" in tags(data)


def test_exhibits_are_numbered_figures_and_tables_apart() -> None:
    pair = {"kind": "pair", "items": [chart("one", size="half"), chart("two", size="half")]}
    shown = text_of(pdf_bytes(content(body=[chart(), table(), pair, table()]), CHARTS, {}))
    for word in ("Figure 1", "Figure 2", "Figure 3", "Table 1", "Table 2"):
        assert word in shown
    assert "Figure 4" not in shown
    assert "Table 3" not in shown
    assert all(word in shown for word in ("axis", "first", "second"))


def test_the_reader_meets_title_chart_notes_and_source_in_this_order() -> None:
    shown = text_of(pdf_bytes(content(body=[chart()]), CHARTS, {}))
    places = [
        shown.index(words)
        for words in ("Figure 1", "Title of car", "per cent", "A note.", "Source: somebody.")
    ]
    assert places == sorted(places)


def test_client_and_people_are_printed_only_when_given() -> None:
    shown = text_of(plain())
    assert "Prepared for" in shown
    assert "Rossi SGR" in shown
    assert "Prepared by" not in shown
    assert "Reviewed by" not in shown


@pytest.mark.parametrize(("lang", "mark"), [("en", "DRAFT"), ("it", "BOZZA")])
def test_a_draft_is_marked_on_every_page(lang: Any, mark: str) -> None:
    marked = pdf_bytes(content(lang, draft=True, body=[table(rows=90)]), {}, {})
    assert all(mark in page.extract_text() for page in reader(marked).pages)
    assert mark not in text_of(pdf_bytes(content(lang), CHARTS, {}))


def test_a_long_table_repeats_its_head_and_loses_no_row() -> None:
    data = pdf_bytes(content(body=[table(rows=120)]), {}, {})
    pages = [page.extract_text() for page in reader(data).pages]
    assert len(pages) >= 3
    with_rows = [page for page in pages if "Company 1" in page.replace("\n", " ")]
    assert all("Return" in page for page in with_rows)
    lines = "\n".join(pages).splitlines()
    assert all(any(f"Company {n}" in line for line in lines) for n in range(120))


def test_running_header_and_page_numbers() -> None:
    pages = [
        page.extract_text()
        for page in reader(pdf_bytes(content(body=[table(rows=90)]), {}, {})).pages
    ]
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page
        assert "Made by marketshock" in page
    assert all(page.startswith("One session") for page in pages[1:])


def test_a_long_title_is_whole_on_the_cover_and_cut_in_the_running_header() -> None:
    long = content(body=[table(rows=90)])
    long["cover"]["title"] = " ".join(f"word{n}" for n in range(40))
    pages = [page.extract_text() for page in reader(pdf_bytes(long, {}, {})).pages]
    assert squeezed(long["cover"]["title"]) in squeezed(pages[0])
    assert "…" in pages[1].splitlines()[0]
    assert "word39" not in pages[1]


@pytest.mark.parametrize("word", ["X" * 300, "Nome molto lungo " * 20])
def test_long_names_wrap_and_stay_on_the_page(word: str) -> None:
    long = content()
    long["cover"]["client"] = word
    shown = squeezed(text_of(pdf_bytes(long, CHARTS, {})))
    assert squeezed(word) in shown


def test_nothing_but_a_cover_is_a_page_too() -> None:
    bare = content(body=[])
    bare["cover"] |= {"figures": [], "takeaways": [], "client": None, "deck": ""}
    bare["closing"] |= {"method": [], "sources": [], "vintage": []}
    assert len(reader(pdf_bytes(bare, {}, {})).pages) == 1


@pytest.mark.parametrize("lines", [1, 12, 30, 60, 90])
def test_the_disclaimer_never_stands_alone(lines: int) -> None:
    long = content(body=[chart()])
    long["closing"]["findings"] = [f"Finding {n}, with words that fill it." for n in range(lines)]
    last = reader(pdf_bytes(long, CHARTS, {})).pages[-1].extract_text()
    assert "Important information" in last
    assert f"Finding {lines - 1}," in last


# ---- the choice of spacing -----------------------------------------------------------------------


def stack(fit: Fit, height: float) -> list[dict[str, Any]]:
    """Lay out two items below a cover of 40 to 60 mm, with gaps that follow the density."""
    y, page = 20 + 40 * fit.cover, 1
    marks: list[dict[str, Any]] = [{"name": "end", "item": -1, "page": 1, "y": y}]
    for item in range(2):
        y += 20 * fit.density + fit.extra[item]
        if y + height > PAGE_FOOT:
            y, page = 25.0, page + 1
        marks.append({"name": "start", "item": item, "page": page, "y": y})
        y += height
        marks.append({"name": "end", "item": item, "page": page, "y": y})
    return marks


def test_what_fits_roomy_stays_roomy() -> None:
    assert best_fit(2, lambda fit: stack(fit, 80.0)) == Fit(1.0, 1.0, (0.0, 0.0))


def test_the_loosest_spacing_that_saves_a_page_is_taken() -> None:
    fit = best_fit(2, lambda fit: stack(fit, 93.0))
    assert max(mark["page"] for mark in stack(fit, 93.0)) == 1
    assert (fit.density, fit.cover) == (0.85, 0.85)


def test_the_cover_keeps_its_air_when_that_moves_nothing() -> None:
    fit = best_fit(2, lambda fit: stack(fit, 240.0))
    assert (fit.density, fit.cover) == (1.0, 1.0)


def test_space_left_is_spread_without_moving_anything() -> None:
    def marks_of(fit: Fit) -> list[dict[str, Any]]:
        top = 100 + fit.extra[0]
        return [
            {"name": "end", "item": -1, "page": 1, "y": 100.0},
            {"name": "start", "item": 0, "page": 1, "y": top},
            {"name": "end", "item": 0, "page": 1, "y": top + 170},
            {"name": "start", "item": 1, "page": 2, "y": 25.0},
            {"name": "end", "item": 1, "page": 2, "y": 60.0},
        ]

    assert best_fit(2, marks_of) == Fit(1.0, 1.0, (4.0, 0.0))
