"""A page is verified figure by figure, and nothing that came in it is run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from small_page import (
    COMPARED,
    WHOLE,
    Kernel,
    altered,
    as_bytes,
    attachments,
    checked,
    executed_notebook,
    failed,
    page_of,
    payload_of,
    plain,
    source_notebook,
    vintage,
    words_changed,
)

from marketshock.errors import InsufficientDataError
from marketshock.publish.attachments import cell_value, versions
from marketshock.publish.verify_figures import same_figure

# The way through.


def test_a_page_as_it_was_written_is_confirmed(kernel: Kernel, tmp_path: Path) -> None:
    found = checked(tmp_path, plain())
    assert failed(found) == []
    assert list(found) == WHOLE + COMPARED
    assert f"the same {len(plain())} bytes" in found["page"].detail
    assert found["figures: car_path"].detail == "same: 3 rows, 2 columns"
    assert vintage() in found["vintage"].detail


def test_the_shipped_notebook_is_run_with_the_attached_parameters(
    kernel: Kernel, tmp_path: Path
) -> None:
    checked(tmp_path, page_of(executed_notebook(injected='n = 5\nevent = "tariffs"')))
    assert kernel.asked == [("small.ipynb", {"n": 5, "event": "tariffs"})]


def test_results_say_all_that_a_page_depends_on() -> None:
    files = attachments(plain())
    results = json.loads(files["results.json"])
    assert results["parameters"] == {"event": "deepseek", "n": 5, "lang": "en", "draft": False}
    assert results["vintages"] == {"embedded": vintage()}
    assert results["vintage"] == vintage()
    assert results["versions"] == versions()
    assert {"marketshock", "numpy", "pandas", "typst", "layout"} <= set(results["versions"])
    assert results["findings"] == ["A finding."]
    assert results["page"]["client"] == "Rossi SGR"
    assert set(results["attachments"]) == set(files) - {"results.json"}
    (losses,) = [one for one in results["exhibits"] if one["key"] == "losses"]
    assert losses["columns"] == ["symbol", "code", "return"]
    assert losses["rows"] == [["NVDA", "0700", -0.1699853], ["META", "1E5", 0.0192]]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("", None),
        ("-17", -17),
        ("0.5", 0.5),
        ("1e-12", 1e-12),
        ("0700", "0700"),
        ("1E5", "1E5"),
        ("nan", "nan"),
        ("inf", "inf"),
        ("NA", "NA"),
        ("'-x", "'-x"),
        ("1_0", "1_0"),
        (" 1", " 1"),
    ],
)
def test_cells_are_numbers_only_if_they_read_back(cell: str, value: Any) -> None:
    assert cell_value(cell) == value
    assert type(cell_value(cell)) is type(value)


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("-0.169985321437", "-0.169985321437", True),
        ("-0.169985321437", "-0.169985321438", True),
        ("-0.169985321437", "-0.16998532145", False),
        ("0.0", "0.0", True),
        ("0.0", "1e-300", False),
        ("", "0.0", False),
        ("NVDA", "NVDA ", False),
        ("1E5", "1e5", False),
        ("12", "12.0", True),
    ],
)
def test_figures_agree_to_twelve_digits(one: str, two: str, same: bool) -> None:
    assert same_figure(one, two) is same_figure(two, one) is same


# What differs is named.


def test_another_figure_is_named_by_exhibit_row_and_column(kernel: Kernel, tmp_path: Path) -> None:
    payload = payload_of(kernel.answer, "table")
    payload["data_csv"] = payload["data_csv"].replace("-0.1699853", "-0.1499853")
    found = checked(tmp_path, plain())
    assert failed(found) == ["figures: losses"]
    assert found["figures: losses"].detail == (
        "different: row 1 (NVDA), column return: '-0.1699853', here '-0.1499853'"
    )
    assert found["figures: car_path"].ok


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("META,1E5,0.0192\n", "", "row 2 (META), column symbol: 'META', here ''"),
        ("symbol,code", "ticker,code", "columns: 'symbol, code, return'"),
        ("0.0192\n", "0.0192\nX,1,2\n", "row 3 (X), column symbol: '', here 'X'"),
    ],
)
def test_rows_and_columns_that_come_or_go_are_named(
    kernel: Kernel, tmp_path: Path, old: str, new: str, words: str
) -> None:
    payload = payload_of(kernel.answer, "table")
    payload["data_csv"] = payload["data_csv"].replace(old, new)
    assert words in checked(tmp_path, plain())["figures: losses"].detail


def test_an_exhibit_that_is_not_computed_again_is_named(kernel: Kernel, tmp_path: Path) -> None:
    payload_of(kernel.answer, "chart")["key"] = "other"
    found = checked(tmp_path, plain())
    assert found["figures: car_path"].detail == "different: not computed"
    assert found["figures: other"].detail == "different: not on the page"


def test_another_word_and_another_drawing_are_named(kernel: Kernel, tmp_path: Path) -> None:
    payload_of(kernel.answer, "cover")["figures"][0]["value"] = "−16.0%"
    chart = payload_of(kernel.answer, "chart")
    chart["svg"] = chart["svg"].replace("L174 40", "L174 30")
    found = checked(tmp_path, plain())
    assert failed(found) == ["words", "drawings"]
    assert "cover.figures[1].value: '−17.0%', here '−16.0%'" in found["words"].detail
    assert found["drawings"].detail == "different: car_path"


def test_only_the_first_differences_are_listed(kernel: Kernel, tmp_path: Path) -> None:
    payload = payload_of(kernel.answer, "table")
    payload["data_csv"] = "symbol,code,return\nA,1,2\nB,3,4\n"
    assert checked(tmp_path, plain())["figures: losses"].detail.endswith("; and 3 more")


def test_a_run_that_fails_gives_its_reason(kernel: Kernel, tmp_path: Path) -> None:
    kernel.answer = InsufficientDataError("only 12 of 250 sessions", "Choose another day.")
    found = checked(tmp_path, plain())
    assert failed(found) == ["figures"]
    assert "not computed: only 12 of 250 sessions" in found["figures"].detail


# What is refused before anything is computed.


def test_an_altered_figure_on_the_page_is_refused(kernel: Kernel, tmp_path: Path) -> None:
    found = checked(tmp_path, altered(words_changed))
    assert failed(found) == ["page"]
    assert "page 1 prints '−12.0', what is attached gives '−17.0'" in found["page"].detail
    assert kernel.asked == []


def test_a_line_moved_inside_a_chart_is_refused(kernel: Kernel, tmp_path: Path) -> None:
    notebook = executed_notebook()
    chart = payload_of(notebook, "chart")
    chart["svg"] = chart["svg"].replace("L174 40", "L174 30")
    found = checked(tmp_path, page_of(notebook))
    assert failed(found) == ["drawings"]
    assert kernel.asked != []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda files: files.update({"losses.csv": b"symbol\nNVDA\n"}), "losses.csv differs"),
        (lambda files: files.pop("losses.csv"), "losses.csv is missing"),
        (lambda files: files.update({"more.csv": b"a\n1\n"}), "more.csv does not belong"),
        (
            lambda files: files.update(
                {"results.json": files["results.json"].replace(b"-0.0812", b"-0.0912")}
            ),
            "results.json states other exhibits",
        ),
        (
            lambda files: files.update(
                {"results.json": files["results.json"].replace(b'"n": 5', b'"n": 6')}
            ),
            "results.json states other parameters",
        ),
        (
            lambda files: files.update(
                {"executed.ipynb": files["executed.ipynb"].replace(b"-0.1699853", b"-0.1599853")}
            ),
            "car_path.csv differs",
        ),
    ],
)
def test_a_changed_attachment_is_named(
    kernel: Kernel, tmp_path: Path, change: Any, words: str
) -> None:
    found = checked(tmp_path, altered(files_change=change))
    assert failed(found) == ["attachments"]
    assert words in found["attachments"].detail
    assert kernel.asked == []


def test_g4_a_draft_is_refused(kernel: Kernel, tmp_path: Path) -> None:
    found = checked(tmp_path, page_of(draft=True))
    assert failed(found) == ["draft"]
    assert list(found) == ["file", "attachments", "draft"]
    told = checked(tmp_path, page_of(executed_notebook(injected="draft = True")))
    assert failed(told) == ["draft"]
    assert kernel.asked == []


def test_g4_a_draft_without_its_watermark_is_refused(kernel: Kernel, tmp_path: Path) -> None:
    found = checked(tmp_path, altered(lambda content: content.update(draft=False), draft=True))
    assert failed(found) == ["draft"]


def test_a_mark_of_draft_on_a_page_that_denies_it_is_refused(
    kernel: Kernel, tmp_path: Path
) -> None:
    found = checked(tmp_path, altered(lambda content: content.update(draft=True)))
    assert failed(found) == ["page"]


# Vintages.


def test_another_vintage_is_not_computed_and_named(kernel: Kernel, tmp_path: Path) -> None:
    notebook = executed_notebook()
    payload_of(notebook, "closing")["vintage_id"] = "0123456789ab"
    found = checked(tmp_path, page_of(notebook, vintages={"embedded": "0123456789ab"}))
    assert failed(found) == ["vintage"]
    detail = found["vintage"].detail
    assert "0123456789ab" in detail
    assert vintage() in detail
    assert "MARKETSHOCK_DATA" in detail
    assert kernel.asked == []


def test_a_vintage_that_the_notebook_does_not_read_is_refused(
    kernel: Kernel, tmp_path: Path
) -> None:
    found = checked(tmp_path, page_of(vintages={"embedded": "0123456789ab"}))
    assert failed(found) == ["vintage"]
    assert f"states vintage {vintage()}" in found["vintage"].detail


def test_a_fetched_vintage_that_is_not_kept_is_named(
    kernel: Kernel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MARKETSHOCK_VINTAGES", str(tmp_path / "none"))
    notebook = executed_notebook(injected='source = "yahoo"')
    payload_of(notebook, "closing")["vintage_id"] = "0123456789ab"
    vintages = {"embedded": vintage(), "yahoo": "0123456789ab"}
    found = checked(tmp_path, page_of(notebook, vintages=vintages))
    assert failed(found) == ["vintage"]
    assert "No vintage '0123456789ab' of yahoo" in found["vintage"].detail


# Code.

STOLEN = "import marketshock as ms; open('stolen', 'w').write('x')"


def with_code(text: str = STOLEN) -> bytes:
    notebook = executed_notebook()
    notebook["cells"][2]["source"] = text
    return page_of(notebook)


def test_code_that_came_in_the_page_is_not_run(
    kernel: Kernel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = checked(tmp_path, with_code())
    assert failed(found) == ["notebook"]
    assert "not checked" in found["notebook"].detail
    assert "--notebook" in found["notebook"].detail
    assert kernel.asked == []
    assert not (tmp_path / "stolen").exists()


def test_the_notebook_that_the_user_names_is_run_instead(kernel: Kernel, tmp_path: Path) -> None:
    own = tmp_path / "mine.ipynb"
    own.write_bytes(as_bytes(source_notebook()))
    found = checked(tmp_path, with_code(), own)
    assert failed(found) == ["notebook"]
    assert "code cell 2 on the page is not that of mine.ipynb" in found["notebook"].detail
    assert [name for name, _ in kernel.asked] == ["mine.ipynb"]
    assert failed(checked(tmp_path, plain(), own)) == []


def test_a_cell_more_is_another_notebook(kernel: Kernel, tmp_path: Path) -> None:
    notebook = executed_notebook()
    notebook["cells"].append({**notebook["cells"][2], "source": "1 + 1", "execution_count": 99})
    assert failed(checked(tmp_path, page_of(notebook))) == ["notebook"]
    own = tmp_path / "mine.ipynb"
    own.write_bytes(as_bytes(source_notebook()))
    assert (
        "7 code cells on the page, 6 in mine.ipynb"
        in checked(tmp_path, page_of(notebook), own)["notebook"].detail
    )


def test_a_cell_hidden_by_a_tag_is_another_notebook(kernel: Kernel, tmp_path: Path) -> None:
    notebook = executed_notebook()
    notebook["cells"][2]["metadata"]["tags"] = ["no-report"]
    assert failed(checked(tmp_path, page_of(notebook))) == ["notebook"]


@pytest.mark.parametrize(
    ("injected", "words"),
    [
        ("unknown = 1", "no parameter 'unknown'"),
        ('n = "5"', "parameter n"),
        ('event = "/etc/passwd"', "may name a file"),
        ('event = "factors.csv"', "may name a file"),
        ('event = "\\\\\\\\host\\\\share"', "may name a file"),
        (f'event = "{"x" * 300}"', "may name a file"),
    ],
)
def test_odd_parameters_are_not_run(
    kernel: Kernel, tmp_path: Path, injected: str, words: str
) -> None:
    found = checked(tmp_path, page_of(executed_notebook(injected=injected)))
    assert failed(found) == ["figures"]
    assert words in found["figures"].detail
    assert kernel.asked == []


# Other versions.


def other_versions(**change: str) -> dict[str, str]:
    return {**versions(), **change}


def test_a_page_of_another_version_is_compared_by_its_words(kernel: Kernel, tmp_path: Path) -> None:
    payload_of(kernel.answer, "chart")["svg"] += " "
    made_with = other_versions(typst="0.1.0", matplotlib="2.0")
    found = checked(tmp_path, page_of(versions=made_with) + b"\n")
    assert failed(found) == []
    assert "bytes were not compared" in found["page"].detail
    assert "typst 0.1.0" in found["page"].detail
    assert "drawn with matplotlib 2.0" in found["drawings"].detail


def test_a_figure_altered_on_a_page_of_another_version_is_refused(
    kernel: Kernel, tmp_path: Path
) -> None:
    data = altered(words_changed, versions=other_versions(typst="0.1.0"))
    found = checked(tmp_path, data)
    assert failed(found) == ["page"]
    assert "12.0, which is not attached" in found["page"].detail
