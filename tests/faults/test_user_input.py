"""What users type and hand in, by the U rows of docs/faults.md."""

from __future__ import annotations

import ast
import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hostile import EVIL, HIDDEN, Seen, ask, refused, squeezed, words_in

import marketshock
from marketshock import showcase
from marketshock.errors import QualityError
from marketshock.exhibits.catalogue import exhibit
from marketshock.exhibits.exhibit import Exhibit
from marketshock.exhibits.writers import WRITERS
from marketshock.locale import Text
from marketshock.market.universe import Universe
from marketshock.provenance import Source
from marketshock.sources import file_rows

PACKAGE = Path(marketshock.__file__).parent
TEXT = "{http://www.w3.org/2000/svg}text"
HEAD = "symbol,date,close\n"
ROW = "NVDA,2025-01-27,118.42\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, and no vintages but those made there."""
    monkeypatch.setenv("MARKETSHOCK_VINTAGES", str(tmp_path / "vintages"))
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def evil(key: str, words: str) -> Exhibit:
    text = Text(f"{words} †", f"{words} †")
    shown = showcase.example(key)
    return replace(shown, title=text, unit=text, alt=text, notes=(text,), sources=(Source(text),))


# U1, U2: symbols and dates.


@pytest.mark.parametrize("symbol", ["nvda", " NVDA ", "Nvda"])
def test_u1_case_and_blanks_are_forgiven(symbol: str) -> None:
    done = ask("losses", "--top", "1", "--symbols", symbol, "--format", "json")
    assert {row["symbol"] for row in json.loads(done.stdout)["rows"]} == {"NVDA"}


@pytest.mark.parametrize("symbol", ["BRK.B", "brk-b", "BRK-B"])
def test_u1_a_share_class_has_one_name(symbol: str) -> None:
    done = ask("study", "--date", "2025-01-27", "--symbols", symbol, "--format", "json")
    assert [stock["symbol"] for stock in json.loads(done.stdout)["stocks"]] == ["BRK-B"]


@pytest.mark.parametrize("name", ["US67066G1040", "US0378331005", "NVIDIA CORP", "NVDA US Equity"])
def test_u1_an_isin_or_a_name_is_never_resolved_silently(name: str) -> None:
    said = refused("study", "--date", "2025-01-27", "--symbols", name)
    assert "Unknown symbol" in said
    assert name.upper() in said.upper()


DATES = {
    "2025-02-31": "calendar",
    "03/04/2025": "2025-04-03 or 2025-03-04",
    "27/01/2025": "2025-01-27",
    "45684": "YYYY-MM-DD",
    "25-01-27": "YYYY-MM-DD",
    "20250127": "YYYY-MM-DD",
    "2025-1-27": "YYYY-MM-DD",
    "2025-01-27T16:00": "YYYY-MM-DD",
    "today": "YYYY-MM-DD",
}
COMMANDS = ("study --symbols NVDA --date", "losses --as-of", "losses --since", "capex --as-of")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("date", DATES)
def test_u2_only_iso_days_everywhere(command: str, date: str) -> None:
    said = refused(*command.split(), date)
    assert date in said
    assert DATES[date] in said


def test_u2_both_ends_of_a_period_count() -> None:
    day = "2025-01-27"
    done = ask("losses", "--since", day, "--as-of", day, "--top", "3", "--format", "json")
    found = json.loads(done.stdout)
    assert {row["date"] for row in found["rows"]} == {day}
    assert (found["since"], found["as_of"]) == (day, day)


def test_u2_a_period_backwards_and_a_day_to_come_are_refused() -> None:
    assert "2025-02-01" in refused("losses", "--since", "2025-02-01", "--as-of", "2025-01-01")
    assert "2026-08-21" in refused("study", "--symbols", "NVDA", "--date", "2099-01-05")


# U3, U4: files of figures.


def imported(content: bytes | str, *more: str, name: str = "own.csv") -> Any:
    Path(name).write_bytes(content.encode() if isinstance(content, str) else content)
    return ask("data", "import", name, "--format", "json", *more)


def test_u3_symbols_that_look_like_values_stay_symbols(here: Path) -> None:
    (here / "map.toml").write_text('[symbols]\n"0700" = "TCEHY"\n"1E5" = "E5"\n')
    names = ("NA", "TRUE", "NAN", "INF", "NULL", "0700", "1E5")
    text = HEAD + "".join(ROW.replace("NVDA", name) for name in names)
    done = imported(text, "--map", "map.toml")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert set(found["symbols"]) == {"NA", "TRUE", "NAN", "INF", "NULL", "TCEHY", "E5"}
    assert found["rows"] == len(names)


@pytest.mark.parametrize("cell", ["1.234,56", "1,234.56", "118,42", "TRUE", "NaN", "1e400"])
def test_u3_a_number_in_an_undeclared_style_is_refused(cell: str) -> None:
    done = imported(HEAD + f'NVDA,2025-01-27,"{cell}"\n')
    assert done.exit_code in (2, 3)
    assert "line 2" in done.stderr
    assert cell in done.stderr


def test_u3_decimals_follow_the_declared_style(here: Path) -> None:
    (here / "map.toml").write_text('[format]\ndelimiter = ";"\ndecimal = ","\nthousands = "."\n')
    done = imported("symbol;date;close\nNVDA;2025-01-27;1.118,42\n", "--map", "map.toml")
    assert done.exit_code == 0, done.output
    (table,) = Path(json.loads(done.stdout)["path"]).rglob("prices_close.csv*")
    import gzip

    packed = table.read_bytes()
    assert b"1118.42" in (gzip.decompress(packed) if table.suffix == ".gz" else packed)


FILES: dict[str, tuple[bytes, str]] = {
    "latin": ((HEAD + "Società,2025-01-27,1\n").encode("cp1252"), "no text in utf-8"),
    "utf16": ((HEAD + ROW).encode("utf-16"), "encoding"),
    "nul": ((HEAD + "NVDA,2025-01-27,1\0\n").encode(), "line 2: a NUL character"),
    "semicolon": ((HEAD + ROW).replace(",", ";").encode(), "date"),
    "ragged": ((HEAD + ROW + "NVDA,2025-01-28\n").encode(), "line 3"),
    "quotation": ((HEAD + '"NVDA"x,2025-01-27,1\n').encode(), "line 2"),
    "large cell": (HEAD.encode() + b"A" * 70_000, "line 2"),
    "empty": (b"", "own.csv"),
    "head only": (HEAD.encode(), "own.csv"),
    "binary": (bytes(range(256)) * 9, "own.csv"),
    "many columns": (b"date," * 1_000_000 + b"\n2025-01-27\n", "1,000,001 columns"),
}


@pytest.mark.parametrize("case", FILES)
def test_u4_a_file_that_can_not_be_read_is_named_with_its_line(case: str) -> None:
    content, words = FILES[case]
    done = imported(content)
    assert done.exit_code == 2, done.output
    assert "Traceback" not in done.stderr
    assert words in done.stderr


@pytest.mark.parametrize("change", [b"\xef\xbb\xbf%s", b"%s\r\n\r\n"])
def test_u4_byte_order_marks_and_line_ends_do_not_matter(change: bytes) -> None:
    plain = (HEAD + ROW).encode()
    windows = plain.replace(b"\n", b"\r\n") if b"\r" in change else plain
    assert imported(change % windows).exit_code == 0


def test_u4_a_file_of_five_gigabytes_is_not_read(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (here / "large.csv").open("wb") as file:
        file.truncate(5_000_000_000)
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail(f"{path} was read"))
    assert "5,000,000,000 bytes" in refused("data", "import", "large.csv")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes there")
def test_u4_a_pipe_or_a_folder_is_no_file(here: Path) -> None:
    os.mkfifo(here / "pipe.csv")
    (here / "folder.csv").mkdir()
    for name in ("pipe.csv", "folder.csv"):
        assert "no plain file" in refused("data", "import", name)


def test_u4_rows_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_rows, "MOST_ROWS", 3)
    assert "more than 3 rows" in imported(HEAD + ROW * 5).stderr


# U5 to U9: words in every format.


@pytest.mark.parametrize("key", ["car_path", "losses_table"])
@pytest.mark.parametrize(
    "ending", [pytest.param(".html", marks=pytest.mark.slow), ".pdf", ".pptx", ".svg", ".xlsx"]
)
def test_u5_evil_words_are_printed_literally(key: str, ending: str, here: Path) -> None:
    evil(key, EVIL).export(here / f"x{ending}")
    words = squeezed(words_in(here / f"x{ending}"))
    assert words.count(squeezed(EVIL)) >= 3
    assert "root:" not in words


@pytest.mark.parametrize("ending", WRITERS)
@pytest.mark.parametrize("char", HIDDEN)
def test_u5_characters_that_hide_or_turn_words_are_refused(
    char: str, ending: str, here: Path
) -> None:
    with pytest.raises(QualityError, match=rf"title holds .* U\+{ord(char):04X}"):
        evil("losses_table", f"a{char}b").export(here / f"x{ending}")
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("ending", [".pdf", ".png", ".svg"])
@pytest.mark.parametrize("char", ["漢", "\U0001f600"])
def test_u5_a_character_without_letters_is_refused_where_it_is_drawn(
    char: str, ending: str, here: Path
) -> None:
    with pytest.raises(QualityError, match=f"can't print '{char}'"):
        evil("losses_table", f"a{char}b").export(here / f"x{ending}")
    assert list(here.iterdir()) == []


def test_u5_ten_kilobytes_of_title_are_refused_or_whole(here: Path) -> None:
    long = "word " * 2_000
    evil("losses_table", long).export(here / "x.html")
    assert squeezed(long) in squeezed(words_in(here / "x.html"))
    said = refused("report", "deepseek", "--client", long)
    assert "120" in said


def test_u6_typst_reads_values_as_data_only() -> None:
    for template in (PACKAGE / "publish" / "templates").glob("*.typ"):
        text = re.sub(r"//.*", "", template.read_text("utf-8"))
        assert not re.search(r"\beval\s*\(|@preview|@local|\bplugin\s*\(", text), template
        assert "json(" in text
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("typst."):
                first = ast.unparse(node.args[0]) if node.args else ""
                assert "+" not in first, path
                assert "encode" not in first, path


@pytest.mark.parametrize("words", ["lost $600bn vs $500bn", r"\frac{1}{2} $x^2$ \alpha_{i}"])
def test_u7_dollars_are_never_mathematics(words: str) -> None:
    study = showcase.example_result("abnormal_bars")
    cards = study.universe.instruments.items()
    named = Universe({symbol: replace(card, short_name=words) for symbol, card in cards})
    drawn = exhibit(replace(study, universe=named), "abnormal_bars").svg()
    printed = [
        squeezed("".join(one.itertext())) for one in ElementTree.fromstring(drawn).iter(TEXT)
    ]
    assert printed.count(squeezed(words)) >= 3


@pytest.mark.parametrize("ending", [".html", ".svg"])
def test_u8_no_word_becomes_an_element_or_a_script(ending: str, here: Path) -> None:
    words = "<script>alert(1)</script><img src=x onerror=alert(1)><a href='javascript:x'>y</a>"
    evil("losses_table", words).export(here / f"x{ending}")
    found = Seen((here / f"x{ending}").read_text("utf-8"))
    assert not {"script", "iframe", "object", "embed"} & found.tags
    assert not [name for name, _ in found.attributes if name.startswith("on")]
    assert not [value for _, value in found.attributes if value.startswith("javascript")]
    assert squeezed(words) in squeezed(found.words)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=HYPERLINK('x')"])
def test_u9_text_is_never_a_formula_and_numbers_stay_numbers(cell: str, here: Path) -> None:
    from openpyxl import load_workbook

    from marketshock.table import Table

    table = Table("t", {"text": (cell, cell), "value": (-3.2, 4.0)})
    table.export(here / "x.csv").export(here / "x.xlsx")
    _, first, _ = (here / "x.csv").read_text("utf-8").splitlines()
    assert first.strip('"').startswith("'")
    assert first.endswith(",-3.2")
    cells = [c for s in load_workbook(here / "x.xlsx") for row in s.iter_rows() for c in row]
    mine = [c for c in cells if isinstance(c.value, str) and cell.strip() in c.value]
    assert mine
    assert {c.data_type for c in mine} == {"s"}
    assert -3.2 in [c.value for c in cells if c.data_type == "n"]
