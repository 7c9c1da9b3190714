"""Real client pages: complete, literal, repeatable, and without a figure that was typed."""

from __future__ import annotations

import csv
import errno
import gzip
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib
import pytest
from pypdf import PdfReader
from pypdf.generic import StreamObject

from marketshock import api
from marketshock.errors import OutputError, QualityError
from marketshock.exhibits.exhibit import MIME
from marketshock.exhibits.study_words import lead_of
from marketshock.locale import LANGUAGES, Language, Locale
from marketshock.publish import report as publishing
from marketshock.publish.labels import DISCLAIMER, page_labels
from marketshock.publish.verify import verify
from marketshock.resources import resource_folder
from marketshock.sources.manifest import build_manifest

CLIENT = "Rossi $ SGR #1 <b> *x*"
STEM = "deepseek_2025-rossi-sgr-1-b-x-it"
CANARY = "canary7731"
FOLDER = Path(__file__).resolve().parents[2]
NEW_CLOSE = 121.3
NEW_CAPEX_MUSD = 10_000
NOTEBOOKS = sorted(resource_folder("notebooks").glob("*.ipynb"))


@dataclass(frozen=True)
class Made:
    """One run of the command and what it left."""

    out: Path
    code: int
    stdout: str
    stderr: str

    @property
    def pdf(self) -> Path:
        return next(self.out.glob("*.pdf"))

    @property
    def notebook(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(next(self.out.glob("*.ipynb")).read_text("utf-8"))
        return content

    def payloads(self) -> list[dict[str, Any]]:
        return [
            output["data"][MIME]
            for cell in self.notebook["cells"]
            for output in cell.get("outputs", [])
            if MIME in output.get("data", {})
        ]


def make(base: Path, name: str, *arguments: str, **environment: str) -> Made:
    """Run the command as a user would, in a home, a folder and a temporary folder of its own."""
    places = {key: base / f"{CANARY}-{name}-{key}" for key in ("home", "tmp", "cwd")}
    for place in places.values():
        place.mkdir(exist_ok=True)
    own = {
        "HOME": str(places["home"]),
        "TMPDIR": str(places["tmp"]),
        "USER": CANARY,
        "LOGNAME": CANARY,
        "MPLCONFIGDIR": matplotlib.get_configdir(),
    }
    out = base / f"out-{name}"
    done = subprocess.run(
        [sys.executable, "-m", "marketshock", "report", "deepseek", "--out", str(out), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=places["cwd"],
        env={**os.environ, **own, **environment},
    )
    return Made(out, done.returncode, done.stdout, done.stderr)


def change_data(source: Path, folder: Path) -> Path:
    """Copy the data with another close of Nvidia on the day, and more spending of Alphabet."""
    shutil.copytree(source, folder)
    prices = folder / "prices_close.csv.gz"
    text = gzip.decompress(prices.read_bytes()).decode()
    old = re.search(r"^NVDA,2025-01-27,([\d.]+),([\d.]+),", text, re.MULTILINE)
    assert old is not None
    adjusted = round(NEW_CLOSE * float(old[2]) / float(old[1]), 4)
    text = text.replace(old[0], f"NVDA,2025-01-27,{NEW_CLOSE},{adjusted},")
    prices.write_bytes(gzip.compress(text.encode(), mtime=0))
    capex = folder / "capex.csv"
    rows = list(csv.DictReader(io.StringIO(capex.read_text("utf-8"))))
    for row in rows:
        if row["company"] == "Alphabet" and row["fiscal_label"] in ("FY2025", "FY2025 Q4"):
            row["capex_musd"] = str(int(row["capex_musd"]) + NEW_CAPEX_MUSD)
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    capex.write_text(out.getvalue(), "utf-8")
    (folder / "manifest.json").write_text(build_manifest(folder).to_json(), "utf-8")
    return folder


@pytest.fixture(scope="session")
def changed_data(tmp_path_factory: pytest.TempPathFactory, data_folder: Path) -> Path:
    return change_data(data_folder, tmp_path_factory.mktemp("changed") / "data")


@pytest.fixture(scope="session")
def runs(
    tmp_path_factory: pytest.TempPathFactory, private_cache: Path, changed_data: Path
) -> Iterator[dict[str, Future[Made]]]:
    """Every run that the tests share, two at a time."""
    base = tmp_path_factory.mktemp("reports")
    it = ("--lang", "it", "--client", CLIENT)
    (base / "out-bad").mkdir()
    for ending in ("pdf", "ipynb"):
        (base / "out-bad" / f"{STEM}.{ending}").write_text("old", "utf-8")
    with ThreadPoolExecutor(2) as pool:
        yield {
            "it": pool.submit(make, base, "it", *it, TZ="UTC"),
            "en": pool.submit(make, base, "en", "--format", "json"),
            "again": pool.submit(
                make, base, "again", *it, TZ="Pacific/Kiritimati", PYTHONHASHSEED="7", LC_ALL="C"
            ),
            "changed": pool.submit(
                make, base, "changed", "--lang", "it", MARKETSHOCK_DATA=str(changed_data)
            ),
            "bad": pool.submit(make, base, "bad", *it, "-p", "estimation=4000"),
        }


@pytest.fixture
def italian(runs: dict[str, Future[Made]]) -> Made:
    return runs["it"].result()


@pytest.fixture(params=LANGUAGES)
def page(request: pytest.FixtureRequest, runs: dict[str, Future[Made]]) -> tuple[Made, Language]:
    return runs[request.param].result(), request.param


# Reading a page back.


@cache
def reader(path: Path) -> PdfReader:
    return PdfReader(io.BytesIO(path.read_bytes()))


def squeezed(text: str) -> str:
    """Drop what line breaks change: white space and hyphens (a minus is another character)."""
    return re.sub(r"[\s\u200b\u00ad\u2010-]+", "", text)


@cache
def plain(path: Path) -> str:
    return "\n".join(page.extract_text() for page in reader(path).pages)


@cache
def text_of(path: Path) -> str:
    return squeezed(plain(path))


def says(path: Path, words: str) -> bool:
    return squeezed(words) in text_of(path)


def objects(path: Path) -> list[Any]:
    """Every object of a PDF."""
    numbers = range(1, int(reader(path).trailer["/Size"]))
    return [reader(path).get_object(number) for number in numbers]


def whole(made: Made) -> bytes:
    """All bytes of both files, with every stream of the PDF unpacked, attachments too."""
    data = [path.read_bytes() for path in made.out.iterdir()]
    streams = [thing for thing in objects(made.pdf) if isinstance(thing, StreamObject)]
    assert len(streams) > 10
    return b"\n".join(data + [stream.get_data() for stream in streams])


# What is expected, computed here.


def figures(lang: Language) -> dict[str, str]:
    """Return the figures of the page by name, formatted, from the library's results."""
    locale = Locale(lang)
    shock, losses, capex = api.event_study("deepseek"), api.losses(10), api.capex_trend()
    lead, abnormal = lead_of(shock), shock.result.abnormal
    path = api.event_study("deepseek", symbols=["NVDA"], window=(-10, 20)).result.abnormal
    zero = path.tau.tolist().index(0)
    desk = api.Desk()
    closes = desk.source.prices(["NVDA"]).column("NVDA")
    at = desk.source.prices(["NVDA"]).calendar.position(shock.shock.first_session)
    assert at is not None
    loss = (closes[at] - closes[at - 1]) * desk.values.counts("NVDA")[at] / 1e9
    dollars = shock.dollars[shock.result.headline_window][lead.row]
    spent, before = capex.total(2025), capex.total(2024)
    return {
        "loss": locale.billions(abs(loss)),
        "loss with a decimal": locale.number(loss, 1),
        "return": locale.percent(abs(lead.realised)),
        "expected": locale.percent(lead.expected, sign=True),
        "abnormal return": locale.percent(lead.abnormal, sign=True),
        "abnormal loss": locale.billions(dollars.abnormal_usd_bn),
        "low": locale.billions(dollars.low_usd_bn),
        "high": locale.billions(dollars.high_usd_bn),
        "t": f"t = {locale.number(lead.t, 1)}",
        "close": locale.number(float(closes[at]), 2),
        "mean": locale.percent(abnormal.caar(shock.result.headline_window)),
        "portfolio t": locale.number(shock.result.test("portfolio_t").statistic, 2),
        "portfolio p": locale.p_value(shock.result.test("portfolio_t").pvalue),
        "bmp p": locale.p_value(shock.result.test("kp_bmp").pvalue),
        "after": locale.percent(float(path.ar[0, zero + 1 :].sum()), sign=True),
        "capex": locale.billions(spent),
        "growth": locale.percent(spent / before - 1, 0, sign=True),
        "second loss": locale.number(losses.losses[1].loss_usd_bn, 1),
        "tenth loss": locale.number(losses.losses[9].loss_usd_bn, 1),
        "vintage": shock.vintage,
    }


@cache
def expected(lang: Language) -> dict[str, str]:
    return figures(lang)


# The files.


def test_the_command_writes_two_files_and_says_which(italian: Made) -> None:
    assert italian.code == 0, italian.stderr
    paths = [italian.out / f"{STEM}.pdf", italian.out / f"{STEM}.ipynb"]
    assert italian.stdout.splitlines() == [str(path) for path in paths]
    assert sorted(italian.out.iterdir()) == sorted(paths)
    assert italian.pdf.read_bytes().startswith(b"%PDF-")
    assert "Traceback" not in italian.stderr
    assert len(italian.stderr.splitlines()) <= 3


def test_json_names_files_vintage_and_findings(runs: dict[str, Future[Made]]) -> None:
    english = runs["en"].result()
    assert english.code == 0, english.stderr
    found = json.loads(english.stdout)
    assert found["files"] == [str(english.out / f"deepseek_2025-en.{e}") for e in ("pdf", "ipynb")]
    assert found["vintage"] == expected("en")["vintage"]
    assert found["findings"] == next(
        p["findings"] for p in english.payloads() if p["kind"] == "closing"
    )


@pytest.mark.slow
def test_g_the_same_bytes_from_another_folder_home_and_time_zone(
    runs: dict[str, Future[Made]], italian: Made
) -> None:
    again = runs["again"].result()
    assert again.code == 0, again.stderr
    for name in (f"{STEM}.pdf", f"{STEM}.ipynb"):
        assert (again.out / name).read_bytes() == (italian.out / name).read_bytes(), name


def test_nothing_is_left_beside_the_files(italian: Made) -> None:
    for kind in ("cwd", "tmp"):
        place = italian.out.parent / f"{CANARY}-it-{kind}"
        assert [path.name for path in place.iterdir() if "marketshock" in path.name] == []
    assert list((italian.out.parent / f"{CANARY}-it-cwd").iterdir()) == []


# The words of the page.


def test_g2_every_figure_of_the_results_is_on_the_page(page: tuple[Made, Language]) -> None:
    made, lang = page
    missing = {name: text for name, text in expected(lang).items() if not says(made.pdf, text)}
    assert missing == {}


def test_the_headline_stands_on_the_first_page(page: tuple[Made, Language]) -> None:
    made, lang = page
    first = squeezed(reader(made.pdf).pages[0].extract_text())
    verb = {"en": "lost", "it": "perde"}[lang]
    for words in (
        f"Nvidia {verb} {expected(lang)['loss']}",
        expected(lang)["abnormal return"].lstrip("+"),
        expected(lang)["portfolio p"],
        expected(lang)["capex"],
        Locale(lang).date(api.event_study("deepseek").shock.first_session),
        page_labels(lang)["key_points"],
    ):
        assert squeezed(words) in first, words


def test_numbers_stand_in_the_language_of_the_page(page: tuple[Made, Language]) -> None:
    made, lang = page
    other: Language = "it" if lang == "en" else "en"
    for name in ("return", "loss", "close", "capex"):
        assert says(made.pdf, expected(lang)[name])
        assert not says(made.pdf, expected(other)[name]), name


def test_broadcom_is_reported_as_missing_from_the_printed_list(
    page: tuple[Made, Language],
) -> None:
    made, lang = page
    locale = Locale(lang)
    extra = [row for row in api.reconcile_losses().rows if row.published_rank is None]
    assert "Broadcom" in {row.name for row in extra}
    for row in extra:
        amount = locale.number(row.computed_usd_bn, 1)
        assert says(made.pdf, f"–{row.name}{locale.short_date(row.date)}n.a.{amount}"), row
    shock = api.event_study("deepseek")
    at = shock.result.row("AVGO")
    points = locale.number(100 * float(shock.result.abnormal.ar[at, 1]), 1, sign=True)
    assert says(made.pdf, f"Broadcom {points}")


def test_every_stock_and_every_test_has_its_row(page: tuple[Made, Language]) -> None:
    made, lang = page
    locale, shock = Locale(lang), api.event_study("deepseek")
    zero = shock.result.abnormal.tau.tolist().index(0)
    for at, symbol in enumerate(shock.result.abnormal.symbols):
        value = 100 * float(shock.result.abnormal.ar[at, zero])
        assert says(made.pdf, shock.name(symbol) + locale.number(value, 1, sign=True)), symbol
    for loss in api.losses(10).losses:
        assert says(made.pdf, loss.name + " " + locale.short_date(loss.date)) or "†" in loss.name
        assert says(made.pdf, locale.number(loss.loss_usd_bn, 1))


def test_what_the_cells_show_is_what_the_page_prints(page: tuple[Made, Language]) -> None:
    made, lang = page
    shown = made.payloads()
    assert {payload["lang"] for payload in shown} == {lang}
    words: list[str] = []
    for payload in shown:
        words += [payload.get(key) or "" for key in ("title", "unit", "source", "deck", "heading")]
        words += [*payload.get("notes", []), *payload.get("paragraphs", [])]
        words += [column["label"] for column in payload.get("columns", [])]
        for row in payload.get("rows", []):
            words += [cell if isinstance(cell, str) else cell["text"] for cell in row]
        words += [point[key] for point in payload.get("takeaways", []) for key in ("lead", "text")]
        words += [text for figure in payload.get("figures", []) for text in figure.values()]
        for key in ("method", "sources", "vintage"):
            words += payload.get(key, [])
    assert len(words) > 300
    assert [text for text in words if text and not says(made.pdf, text)] == []


def test_exhibits_stand_in_the_order_of_the_cells(page: tuple[Made, Language]) -> None:
    made, _ = page
    heads = [p["title"] for p in made.payloads() if p["kind"] in ("chart", "table")]
    assert len(heads) >= 7
    places = [text_of(made.pdf).rindex(squeezed(head)) for head in heads]
    assert places == sorted(places)


def test_the_client_is_printed_literally(italian: Made, runs: dict[str, Future[Made]]) -> None:
    assert CLIENT in plain(italian.pdf)
    assert page_labels("it")["prepared_for"] in plain(italian.pdf)
    english = runs["en"].result()
    assert page_labels("en")["prepared_for"] not in plain(english.pdf)


def test_the_disclaimer_and_the_page_numbers_are_there(page: tuple[Made, Language]) -> None:
    made, lang = page
    assert says(made.pdf, DISCLAIMER[lang])
    pages = len(reader(made.pdf).pages)
    assert 3 <= pages <= 6
    for number in range(1, pages + 1):
        label = page_labels(lang)["page_of"].format(page=number, pages=pages)
        assert squeezed(label) in squeezed(reader(made.pdf).pages[number - 1].extract_text())


def test_no_page_shows_what_a_program_left(page: tuple[Made, Language]) -> None:
    made, _ = page
    found = re.findall(r"\b(?:nan|None|NaT|inf)\b|Text\(|\{\w+\}|<b>(?! \*x)", plain(made.pdf))
    assert found == []


# The file.


def test_attachments_are_the_notebook_and_the_figures(page: tuple[Made, Language]) -> None:
    made, _ = page
    inside = {name: data[0] for name, data in reader(made.pdf).attachments.items()}
    archive = next(made.out.glob("*.ipynb"))
    exhibits = {p["key"]: p["data_csv"] for p in made.payloads() if "data_csv" in p}
    papers = {"executed.ipynb", "results.json"}
    assert set(inside) == {*papers, *(f"{key}.csv" for key in exhibits)}
    assert inside["executed.ipynb"] == archive.read_bytes()
    for key, text in exhibits.items():
        assert inside[f"{key}.csv"].decode() == text
        assert len(list(csv.reader(io.StringIO(text)))) > 1


def test_results_hold_every_figure_of_the_exhibits(page: tuple[Made, Language]) -> None:
    made, lang = page
    results = json.loads(reader(made.pdf).attachments["results.json"][0])
    shown = {p["key"]: p for p in made.payloads() if "data_csv" in p}
    assert [one["key"] for one in results["exhibits"]] == list(shown)
    for one in results["exhibits"]:
        rows = list(csv.reader(io.StringIO(shown[one["key"]]["data_csv"])))
        printed = [["" if cell is None else str(cell) for cell in row] for row in one["rows"]]
        assert [one["columns"], *printed] == rows
    assert results["page"]["lang"] == results["parameters"]["lang"] == lang
    assert results["vintage"] == expected(lang)["vintage"]


def verified(made: Made) -> None:
    found = verify(made.pdf)
    assert [check for check in found if not check.ok] == []
    exhibits = [p["key"] for p in made.payloads() if "data_csv" in p]
    assert [check.name for check in found if ": " in check.name] == [
        f"figures: {key}" for key in exhibits
    ]


def test_g5_the_page_comes_out_the_same_when_it_is_verified(italian: Made) -> None:
    verified(italian)


@pytest.mark.slow
def test_g5_so_does_the_english_page(runs: dict[str, Future[Made]]) -> None:
    verified(runs["en"].result())


def test_g5_a_page_of_other_data_names_its_vintage(runs: dict[str, Future[Made]]) -> None:
    made = runs["changed"].result()
    found = [check for check in verify(made.pdf) if not check.ok]
    assert [check.name for check in found] == ["vintage"]
    (end,) = [p for p in made.payloads() if p["kind"] == "closing"]
    assert end["vintage_id"] != expected("it")["vintage"]
    for words in (end["vintage_id"], expected("it")["vintage"], "MARKETSHOCK_DATA"):
        assert words in found[0].detail


def test_the_archive_is_the_notebook_run_with_the_parameters(italian: Made) -> None:
    source = json.loads(next(p for p in NOTEBOOKS if "05_" in p.name).read_text("utf-8"))
    code = ["".join(cell["source"]) for cell in italian.notebook["cells"]]
    injected = [text for text in code if text.startswith("# Parameters")]
    assert injected == ['# Parameters\nevent = "deepseek_2025"\nlang = "it"\n']
    assert [text for text in code if text not in injected] == [
        "".join(cell["source"]) for cell in source["cells"]
    ]


def test_only_the_bundled_fonts_are_used(page: tuple[Made, Language]) -> None:
    made, _ = page
    fonts = [o for o in objects(made.pdf) if isinstance(o, dict) and "/BaseFont" in o]
    names = {str(font["/BaseFont"]).lstrip("/").split("+")[-1] for font in fonts}
    bundled = Path(publishing.__file__).parents[1] / "exhibits" / "fonts"
    assert names
    assert {name.split("-")[0] for name in names} == {
        path.stem.split("-")[0] for path in bundled.glob("*.ttf")
    }


def test_title_language_tags_and_standards(page: tuple[Made, Language]) -> None:
    made, lang = page
    root: Any = reader(made.pdf).trailer["/Root"]
    cover = next(p for p in made.payloads() if p["kind"] == "cover")
    assert reader(made.pdf).metadata.title == cover["title"]  # type: ignore[union-attr]
    assert str(root["/Lang"]).startswith(lang)
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    xmp = root["/Metadata"].get_data()
    assert b"<pdfaid:part>3<" in xmp
    assert b"<pdfuaid:part>1<" in xmp


def test_u14_no_path_name_or_clock_of_this_machine(page: tuple[Made, Language]) -> None:
    made, _ = page
    data = whole(made)
    assert len(data) > 2 * made.pdf.stat().st_size
    for secret in (CANARY, str(made.out), f"{Path.home()}/", f"{FOLDER}/", "site-packages"):
        assert secret.encode() not in data, secret
    clock = re.findall(rb"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?!Z?</|\+00:00<)", data)
    assert clock == []


# No figure is typed.

CHANGED = (
    "loss",
    "loss with a decimal",
    "return",
    "abnormal return",
    "abnormal loss",
    "low",
    "high",
    "close",
    "mean",
    "portfolio t",
    "capex",
    "growth",
    "vintage",
)


def stands(path: Path, words: str) -> bool:
    """Whether a figure stands on the page as a figure of its own, not inside a longer one."""
    figure = r"\s*".join(map(re.escape, words.split()))
    return re.search(rf"(?<![\d.,]){figure}(?!\d|[.,]\d)", plain(path)) is not None


def test_other_data_give_other_figures_everywhere(
    runs: dict[str, Future[Made]],
    italian: Made,
    changed_data: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = runs["changed"].result()
    assert made.code == 0, made.stderr
    old = expected("it")
    monkeypatch.setenv("MARKETSHOCK_DATA", str(changed_data))
    new = figures("it")
    assert [name for name in CHANGED if old[name] == new[name]] == []
    assert [name for name in CHANGED if not stands(italian.pdf, old[name])] == []
    assert [name for name in CHANGED if stands(made.pdf, old[name])] == []
    assert [name for name in new if not says(made.pdf, new[name])] == []


def test_the_known_figures_of_the_day_are_gone(
    runs: dict[str, Future[Made]], italian: Made
) -> None:
    made = runs["changed"].result()
    for words in ("593 mld USD", "592,7", "17,0 %", "118,42", "376 mld USD", "+80 %"):
        assert stands(italian.pdf, words), words
        assert not stands(made.pdf, words), words
    for words in ("522 mld USD", "14,9 %", "121,30", "386 mld USD"):
        assert stands(made.pdf, words), words


def test_nothing_else_changed(runs: dict[str, Future[Made]], italian: Made) -> None:
    made = runs["changed"].result()
    losses = [{p["key"]: p for p in run.payloads() if "key" in p} for run in (italian, made)]
    old, new = (run["losses_table"]["rows"] for run in losses)
    assert old[0] != new[0]
    assert [row[:-1] for row in old[1:]] == [row[:-1] for row in new[1:]]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_stored_clean(path: Path) -> None:
    content = json.loads(path.read_text("utf-8"))
    assert content["cells"]
    for cell in content["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
            assert not re.search(r"^\s*(def|class|async def) |\blambda\b", source, re.MULTILINE)
        else:
            prose = re.sub(r"`[^`]*`", "", source)
            assert not re.search(r"\d", prose), prose
        assert set(cell["metadata"]) <= {"tags"}
    assert set(content["metadata"]) <= {"kernelspec", "language_info"}
    assert set(content["metadata"]["language_info"]) <= {"name"}


def test_the_report_notebook_types_no_figure_outside_its_parameters() -> None:
    content = json.loads(next(p for p in NOTEBOOKS if "05_" in p.name).read_text("utf-8"))
    tagged = [cell for cell in content["cells"] if "parameters" in cell["metadata"].get("tags", [])]
    assert len(tagged) == 1
    for cell in content["cells"]:
        if cell not in tagged:
            assert not re.search(r"\d", "".join(cell["source"])), cell["source"]


def test_the_template_prints_no_figure_of_its_own() -> None:
    path = Path(publishing.__file__).parent / "templates" / "report.typ"
    text = re.sub(r"^\s*//.*$|\s//\s.*$", "", path.read_text("utf-8"), flags=re.MULTILINE)
    string = r'"(?:[^"\\]|\\.)*"'
    allowed = r'"(#[0-9A-F]{6}|a4|Source Sans 3|Source Serif 4 Display|.*\\u\{\w+\}.*|\[\^.*)"'
    typed = [s for s in re.findall(string, text) if re.search(r"\d", s)]
    assert typed
    assert [s for s in typed if not re.fullmatch(allowed, s)] == []
    content = re.findall(r"\[([^\[\]]*)\]", re.sub(string, '""', text))
    assert content
    marks = ("#metadata(",)  # where an item lies on the page, never printed
    assert [w for w in content if re.search(r"\d", w) and not w.startswith(marks)] == []


# Failing runs leave the old page alone.


@pytest.fixture
def old(tmp_path: Path) -> dict[Path, bytes]:
    """Two files of an earlier run."""
    files = {tmp_path / f"{STEM}.{ending}": ending.encode() * 9 for ending in ("pdf", "ipynb")}
    for path, data in files.items():
        path.write_bytes(data)
    return files


def unchanged(old: dict[Path, bytes]) -> None:
    folder = next(iter(old)).parent
    assert {path: path.read_bytes() for path in folder.iterdir()} == old


def lay_out(
    monkeypatch: pytest.MonkeyPatch, notebook: dict[str, Any], folder: Path, **options: Any
) -> publishing.Report:
    """Make the Italian page from a notebook that was already run, without a kernel."""
    monkeypatch.setattr(publishing, "run_notebook", lambda *_: notebook)
    return publishing.report("deepseek", lang="it", client=CLIENT, out=folder, **options)


def test_the_page_is_made_again_from_the_executed_notebook(
    italian: Made, monkeypatch: pytest.MonkeyPatch, old: dict[Path, bytes]
) -> None:
    folder = next(iter(old)).parent
    written = lay_out(monkeypatch, italian.notebook, folder)
    assert list(written.files) == list(old)
    for path in old:
        assert path.read_bytes() == (italian.out / path.name).read_bytes()


def test_a_draft_is_marked_and_named_so(
    italian: Made, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    names = {"prepared_by": "Anna & Co_*", "reviewed_by": "<i>Bo</i>"}
    written = lay_out(monkeypatch, italian.notebook, tmp_path, draft=True, **names)
    assert written.files[0].name == f"{STEM}-draft.pdf"
    text = plain(written.files[0])
    for words in (page_labels("it")["draft"], *names.values()):
        assert words in text
    assert page_labels("it")["draft"] not in plain(italian.pdf)


def without_alt(notebook: dict[str, Any]) -> None:
    chart = next(p for p in payloads(notebook) if p["kind"] == "chart")
    chart["alt"] = ""


def in_english(notebook: dict[str, Any]) -> None:
    payloads(notebook)[3]["lang"] = "en"


def without_cover(notebook: dict[str, Any]) -> None:
    next(p for p in payloads(notebook) if p["kind"] == "cover")["kind"] = "prose"


def out_of_order(notebook: dict[str, Any]) -> None:
    notebook["cells"][-1]["execution_count"] = 1


def failed_cell(notebook: dict[str, Any]) -> None:
    error = {"output_type": "error", "ename": "KeyError", "evalue": "x", "traceback": []}
    notebook["cells"][-1]["outputs"].append(error)


def hidden_letter(notebook: dict[str, Any]) -> None:
    next(p for p in payloads(notebook) if p["kind"] == "cover")["deck"] += "\u202e"


def payloads(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    outputs = [out for cell in notebook["cells"] for out in cell.get("outputs", [])]
    return [out["data"][MIME] for out in outputs if MIME in out.get("data", {})]


@pytest.mark.parametrize(
    "damage",
    [without_alt, in_english, without_cover, out_of_order, failed_cell, hidden_letter],
    ids=lambda damage: damage.__name__,
)
def test_g6_a_refused_page_leaves_the_old_one(
    italian: Made, monkeypatch: pytest.MonkeyPatch, old: dict[Path, bytes], damage: Any
) -> None:
    notebook = italian.notebook
    damage(notebook)
    with pytest.raises(QualityError):
        lay_out(monkeypatch, notebook, next(iter(old)).parent)
    unchanged(old)


def test_f1_a_full_disk_leaves_the_old_page(
    italian: Made, monkeypatch: pytest.MonkeyPatch, old: dict[Path, bytes]
) -> None:
    from marketshock import files

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.os, "replace", full)
    with pytest.raises(OutputError, match="No space"):
        lay_out(monkeypatch, italian.notebook, next(iter(old)).parent)
    unchanged(old)


@pytest.mark.skipif(os.name != "posix", reason="links need rights there")
def test_f8_a_link_in_place_of_the_page_is_refused(
    italian: Made, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine", "utf-8")
    out = tmp_path / "out"
    out.mkdir()
    (out / f"{STEM}.pdf").symlink_to(precious)
    with pytest.raises(OutputError, match="symbolic link"):
        lay_out(monkeypatch, italian.notebook, out)
    assert precious.read_text("utf-8") == "mine"
    assert [path.name for path in out.iterdir()] == [f"{STEM}.pdf"]


def test_f8_a_folder_in_place_of_the_notebook_leaves_the_old_page(
    italian: Made, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / f"{STEM}.pdf").write_bytes(b"old")
    (tmp_path / f"{STEM}.ipynb").mkdir()
    with pytest.raises(OutputError, match="folder"):
        lay_out(monkeypatch, italian.notebook, tmp_path)
    assert (tmp_path / f"{STEM}.pdf").read_bytes() == b"old"


def test_a_run_that_fails_for_real_leaves_the_old_page(runs: dict[str, Future[Made]]) -> None:
    made = runs["bad"].result()
    assert made.code == 3
    assert made.stdout == ""
    assert "4000 sessions" in made.stderr
    assert "Traceback" not in made.stderr
    assert sorted(path.read_text("utf-8") for path in made.out.iterdir()) == ["old", "old"]
