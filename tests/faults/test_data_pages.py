"""What a blocked answer leaves behind: nothing new, and the last good page as it was."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import matplotlib
import pytest
from data_copy import DAY, DataCopy, Row
from pypdf import PdfReader

PAGE = "deepseek_2025-en"
FILES = (f"{PAGE}.pdf", f"{PAGE}.ipynb")


@pytest.fixture
def whole(data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataCopy:
    """A copy of all data, since a page needs every table."""
    shutil.copytree(data_folder, tmp_path / "data")
    return DataCopy(tmp_path / "data", monkeypatch)


def report(data: DataCopy, *more: str) -> subprocess.CompletedProcess[str]:
    out = data.folder.parent / "out"
    out.mkdir(exist_ok=True)
    for name in FILES:
        (out / name).write_text("the last good page", "utf-8")
    return subprocess.run(
        [sys.executable, "-m", "marketshock", "report", "deepseek", "--out", str(out), *more],
        env={
            **os.environ,
            "MARKETSHOCK_DATA": str(data.folder),
            "MPLCONFIGDIR": matplotlib.get_configdir(),
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def lose_a_close(data: DataCopy) -> None:
    for table in ("prices_close", "prices_range"):
        data.change(table, lambda row: None, symbol="NVDA", date=DAY)


def leave_a_split(data: DataCopy) -> None:
    data.scale("NVDA", DAY, 10.0, 0.1)


def divide_prices_only(data: DataCopy) -> None:
    data.scale("NVDA", "2027-01-01", 0.1, 10.0)
    data.add("splits", symbol="NVDA", date="2026-08-21", ratio="10", kind="split")


def add_nine_months(data: DataCopy) -> None:
    def changed(row: Row) -> Row:
        return row | {"capex_musd": repr(3 * float(row["capex_musd"]))}

    label = {"symbol": "MSFT", "scope": "total", "fiscal_label": "FY2024 Q3"}
    data.change("capex", changed, **label)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("damage", "code"),
    [(lose_a_close, "D1"), (leave_a_split, "D12"), (divide_prices_only, "D18"),
     (add_nine_months, "D24")],
)  # fmt: skip
def test_a_block_leaves_the_last_good_page_as_it_was(
    whole: DataCopy, damage: object, code: str
) -> None:
    assert callable(damage)
    damage(whole)
    done = report(whole)
    assert (done.returncode, done.stdout) == (3, "")
    assert f"({code})" in done.stderr
    out = whole.folder.parent / "out"
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES)
    for name in FILES:
        assert (out / name).read_text("utf-8") == "the last good page"


@pytest.mark.slow
def test_a_draft_prints_what_would_block(whole: DataCopy) -> None:
    add_nine_months(whole)
    done = report(whole, "--draft")
    assert done.returncode == 0, done.stderr
    (pdf,) = (Path(line) for line in done.stdout.splitlines() if line.endswith(".pdf"))
    assert pdf.name == f"{PAGE}-draft.pdf"
    text = " ".join(page.extract_text() for page in PdfReader(pdf).pages)
    assert "the quarters add to" in " ".join(text.split())
    for name in FILES:
        assert (pdf.parent / name).read_text("utf-8") == "the last good page"


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="links need rights there")
def test_f8_a_page_never_replaces_a_link_or_a_device(whole: DataCopy) -> None:
    precious = whole.folder.parent / "precious"
    precious.write_text("mine", "utf-8")
    out = whole.folder.parent / "elsewhere"
    out.mkdir()
    (out / FILES[0]).symlink_to(precious)
    (out / FILES[1]).symlink_to("/dev/null")
    done = report(whole, "--out", str(out))
    assert (done.returncode, done.stdout) == (5, ""), done.stderr
    assert "symbolic link" in done.stderr
    assert precious.read_text("utf-8") == "mine"
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES)
    assert all(path.is_symlink() for path in out.iterdir())


@pytest.mark.parametrize("value", ["True", "1"])
def test_a_draft_cannot_be_had_without_its_watermark(data: DataCopy, value: str) -> None:
    answer = data.run("report", "deepseek", "-p", f"draft={value}")
    assert (answer.code, answer.out) == (2, "")
    assert "--draft" in answer.err
