"""Damaged and hostile PDFs: each is refused with a reason, soon, and without a trace."""

from __future__ import annotations

import io
import json
import random
import zlib
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter
from small_page import (
    NAMES,
    Kernel,
    altered,
    as_bytes,
    attachments,
    checked,
    executed_notebook,
    failed,
    foreign,
    origin,
    page_of,
    payload_of,
    plain,
)

from marketshock.errors import DataCorruptError
from marketshock.publish import verify_file, verify_page
from marketshock.publish.attachments import attachments_of, executed_parameters
from marketshock.publish.notebook import collect
from marketshock.publish.pdf import pdf_bytes
from marketshock.publish.report import content_of
from marketshock.publish.verify_file import page_texts, read_page, tried

RESULTS, EXECUTED = "results.json", "executed.ipynb"
FEW, MANY = 20, 1000


# Damage.


@pytest.fixture
def typeset_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same content gives the same bytes, so one setting serves all damaged copies."""
    real = verify_page.page_bytes

    @cache
    def once(executed: bytes, made: str) -> bytes:
        return real(executed, origin())

    monkeypatch.setattr(verify_page, "page_bytes", lambda data, made: once(data, repr(made)))
    monkeypatch.setattr(verify_page, "_difference", lambda data, again: "somewhere")


def undetected(folder: Path, number: int) -> list[tuple[int, int]]:
    """Return byte and bit of those flips, out of a number, after which a page is still good."""
    whole, dice = plain(), random.Random(6)
    places = [(dice.randrange(len(whole)), dice.randrange(8)) for _ in range(number)]
    good = []
    for place, bit in places:
        data = bytearray(whole)
        data[place] ^= 1 << bit
        if not failed(checked(folder, bytes(data))):
            good.append((place, bit))
    return good


def test_no_flipped_bit_goes_unseen(kernel: Kernel, tmp_path: Path, typeset_once: None) -> None:
    assert undetected(tmp_path, FEW) == []
    assert kernel.asked == []


@pytest.mark.long
def test_none_of_thousands_of_flipped_bits_goes_unseen(
    kernel: Kernel, tmp_path: Path, typeset_once: None
) -> None:
    assert undetected(tmp_path, MANY) == []


def test_a_damaged_attachment_is_not_mended() -> None:
    """One flipped bit in a packed attachment is damage, even if what is left could be read."""
    data = zlib.compress(good()["losses.csv"])
    for place in range(len(data)):
        flipped = bytearray(data)
        flipped[place] ^= 1
        assert "damaged" in refused(
            foreign({"losses.csv": b"", **good()}, "/FlateDecode", bytes(flipped))
        )


@pytest.mark.parametrize("kept", [0, 4, 100, 0.5, 0.99, -1])
def test_a_cut_page_is_refused(kernel: Kernel, tmp_path: Path, kept: float) -> None:
    end = int(len(plain()) * kept) if isinstance(kept, float) else kept
    assert failed(checked(tmp_path, plain()[:end]))


@pytest.mark.parametrize("more", [b"\n", b"%", b"\n%%EOF\n", b"1 0 obj\n<<>>\nendobj\n"])
def test_bytes_behind_the_page_are_refused(kernel: Kernel, tmp_path: Path, more: bytes) -> None:
    assert failed(checked(tmp_path, plain() + more))
    assert kernel.asked == []


def test_a_page_saved_by_another_program_is_refused(kernel: Kernel, tmp_path: Path) -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(plain())))
    out = io.BytesIO()
    writer.write(out)
    found = checked(tmp_path, out.getvalue())
    assert failed(found) == ["page"]
    assert "bytes differ" in found["page"].detail


def test_an_annotation_laid_over_a_figure_is_refused(kernel: Kernel, tmp_path: Path) -> None:
    from pypdf.annotations import FreeText

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(plain())))
    writer.add_annotation(0, FreeText(text="+5.0", rect=(50, 50, 90, 70)))
    out = io.BytesIO()
    writer.write(out)
    assert failed(checked(tmp_path, out.getvalue())) == ["page"]


# Traps.


def refused(data: bytes) -> str:
    with pytest.raises(DataCorruptError) as caught:
        read_page(data)
    return str(caught.value)


def good() -> dict[str, bytes]:
    return dict(attachments(plain()))


def test_attachments_in_a_pdf_of_another_program_are_read() -> None:
    assert read_page(foreign(good())).files == good()


def test_a_decompression_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_file, "MOST_BYTES", 1_000_000)
    bomb = zlib.compress(b"0" * 5_000_000, 9)
    assert len(bomb) < 10_000
    words = refused(foreign({RESULTS: b"", **good()}, "/FlateDecode", bomb))
    assert "more than 1,000,000 bytes" in words


@pytest.mark.parametrize("packed", ["/JBIG2Decode", "/LZWDecode", "/DCTDecode", "/Crypt"])
def test_other_packings_are_not_unpacked(packed: str) -> None:
    assert "packed in a way" in refused(foreign(good(), packed))


def test_an_encrypted_pdf_is_refused() -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(plain())))
    writer.encrypt("", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    assert "encrypted" in refused(out.getvalue())


def test_too_many_attachments_are_refused() -> None:
    many = {f"{number}.csv": b"a\n" for number in range(verify_file.MOST_ATTACHMENTS + 1)}
    assert "more than" in refused(foreign({**many, **good()}))


def test_a_large_file_is_not_read(
    kernel: Kernel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify_file, "MOST_BYTES", 1000)
    found = checked(tmp_path, plain())
    assert failed(found) == ["file"]
    assert "at most 1,000" in found["file"].detail


@pytest.mark.parametrize("name", ["../../evil.csv", "/etc/passwd", "C:\\evil", "a\nb", "x" * 300])
def test_names_are_never_paths(
    kernel: Kernel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.rglob("*"))
    found = checked(tmp_path, foreign({**good(), name: b"x"}))
    assert failed(found) in (["attachments"], ["file"])
    assert set(tmp_path.rglob("*")) - before == {tmp_path / "page.pdf"}


def test_a_name_that_stands_twice_is_refused() -> None:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    for name, content in [*good().items(), (EXECUTED, b"{}")]:
        writer.add_attachment(name, content)
    out = io.BytesIO()
    writer.write(out)
    assert "named twice" in refused(out.getvalue())


DEEP = b'{"schema": 1, "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
NOT_SO_DEEP = b'{"schema": 1, "x": ' + b"[" * 80 + b"]" * 80 + b"}"
ODD_JSON = [DEEP, NOT_SO_DEEP, b"", b"{", b"[]", b"5", b'{"x": NaN}', b'{"x": -Infinity}', b"\xff"]
ODD_JSON += [b'{"x": ' + b"9" * 5000 + b"}", b"{}", b'{"schema": 2}', b'{"schema": 1}']


@pytest.mark.parametrize("content", ODD_JSON)
@pytest.mark.parametrize("name", [RESULTS, EXECUTED])
def test_odd_json_is_refused(kernel: Kernel, tmp_path: Path, name: str, content: bytes) -> None:
    found = checked(tmp_path, foreign({**good(), name: content}))
    assert failed(found) == ["file"]
    assert name in found["file"].detail


@pytest.mark.parametrize("name", [RESULTS, EXECUTED])
def test_a_page_without_its_papers_is_refused(name: str) -> None:
    files = good()
    del files[name]
    assert f"carries no {name}" in refused(foreign(files))
    assert "marketshock report" in refused(foreign(files))


ODD_RESULTS: list[dict[str, Any]] = [
    {"page": 5},
    {"page": {"lang": "fr", "draft": False, **NAMES}},
    {"page": {"lang": "en", "draft": "no", **NAMES}},
    {"page": {"lang": "en", "draft": False, **NAMES, "client": ["x"]}},
    {"page": {"lang": "en", "draft": False, **NAMES, "client": "x" * 1000}},
    {"notebook": None},
    {"vintages": []},
    {"vintages": {"embedded": 5}},
    {"versions": {"typst": {"a": 1}}},
]


@pytest.mark.parametrize("change", ODD_RESULTS, ids=str)
def test_odd_results_are_refused(kernel: Kernel, tmp_path: Path, change: dict[str, Any]) -> None:
    results = {**json.loads(good()[RESULTS]), **change}
    found = checked(tmp_path, foreign({**good(), RESULTS: json.dumps(results).encode()}))
    assert failed(found) == ["file"]
    assert RESULTS in found["file"].detail


@pytest.mark.parametrize(
    "source",
    [
        *("import os", "n = 5\nos.system('x')", "n = open('x')", "n, m = 1, 2", "n +", "(" * 5000),
        *("def n(): pass", "n: int", "n.m = 1"),
    ],
)
def test_parameters_are_read_and_never_run(source: str) -> None:
    notebook = executed_notebook(injected=source)
    with pytest.raises(Exception, match="plain values"):
        executed_parameters(notebook)


@settings(max_examples=20)
@given(st.data())
def test_any_change_of_the_notebook_inside_ends_in_one_kind_of_error(data: st.DataObject) -> None:
    """Whatever stands where in the notebook, reading it gives a page or a clear error."""
    notebook = executed_notebook()
    node: Any = notebook
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = data.draw(st.sampled_from(keys))
        inner = node[key]
        if not isinstance(inner, (dict, list)) or not inner or data.draw(st.booleans()):
            break
        node = inner
    node[key] = data.draw(st.sampled_from([None, 5, -1.5, "x", [], {}, [[]], {"a": []}, True]))
    executed = as_bytes(notebook)

    def made() -> None:
        shown = collect(json.loads(executed), "en")
        attachments_of(shown, executed, origin())
        content_of(shown, "en", NAMES, draft=False)

    with suppress(DataCorruptError):
        tried("odd", made)


def test_a_chart_with_a_picture_inside_is_not_unpacked(kernel: Kernel, tmp_path: Path) -> None:
    notebook = executed_notebook()
    chart = payload_of(notebook, "chart")
    chart["svg"] = chart["svg"].replace("</svg>", "<image href='data:image/png;base64,AA'/></svg>")
    executed = as_bytes(notebook)
    shown = collect(notebook, "en")
    found = checked(tmp_path, foreign(attachments_of(shown, executed, origin())))
    assert failed(found) == ["file"]
    assert "picture" in found["file"].detail


def test_the_words_of_a_broken_pdf_are_one_kind_of_error() -> None:
    with pytest.raises(DataCorruptError, match="words of the PDF"):
        page_texts(b"%PDF-1.7 nothing")


def test_the_reader_says_nothing_on_the_screen(capfd: pytest.CaptureFixture[str]) -> None:
    refused(plain()[: len(plain()) // 2])
    assert capfd.readouterr() == ("", "")


def test_a_forged_page_with_forged_papers_is_caught_by_the_new_computation(
    kernel: Kernel, tmp_path: Path
) -> None:
    text = as_bytes(executed_notebook()).replace(b"-0.1699853", b"-0.0999853")
    forged = json.loads(text.decode().replace("−17.0", "−10.0"))
    found = checked(tmp_path, page_of(forged))
    assert failed(found) == ["figures: car_path", "figures: losses", "words"]
    assert kernel.asked != []


def test_a_forger_who_claims_another_version_gets_no_further(
    kernel: Kernel, tmp_path: Path
) -> None:
    made = origin(versions={**origin().versions, "marketshock": "0.0.1", "typst": "0.1"})
    executed = as_bytes(executed_notebook())
    shown = collect(json.loads(executed), "en")
    content, charts = content_of(shown, "en", NAMES, draft=False)
    content["body"][1]["rows"][0][1] = "−12.0"
    data = pdf_bytes(content, charts, attachments_of(shown, executed, made))
    assert failed(checked(tmp_path, data)) == ["page"]
    assert failed(checked(tmp_path, altered(files_change=_other_csv, versions=made.versions)))


def _other_csv(files: dict[str, bytes]) -> None:
    files["losses.csv"] = files["losses.csv"].replace(b"0.0192", b"0.0999")
