"""The disk, ourselves, and real processes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asking import (
    answer,
    fails,
    strict,
)

from marketshock import api

FOLDER = Path(__file__).resolve().parents[2]


@pytest.fixture
def no_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    def started(*_: Any, **__: Any) -> None:
        pytest.fail("the notebook ran although its answer can't be written")

    monkeypatch.setattr("marketshock.publish.report.run_notebook", started)


@pytest.mark.usefixtures("no_kernel")
@pytest.mark.parametrize("inside", ["", "deeper", "deeper/still"])
def test_f3_a_file_in_the_way_ends_with_five(here: Path, inside: str) -> None:
    (here / "reports").write_text("mine", encoding="utf-8")
    fails(["report", "deepseek", "--out", str(Path("reports") / inside)], 5, "reports")
    assert (here / "reports").read_text(encoding="utf-8") == "mine"
    assert [path.name for path in here.iterdir()] == ["reports"]


UNPRIVILEGED = """
import os, sys
from marketshock.cli import main
try:
    main(["report", "no such thing"])  # loads what is read later, while it can be read
except SystemExit:
    pass
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
print("----", file=sys.stderr)
main(["report", "deepseek", "--out", sys.argv[1]])
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can reach, which those of pytest are not."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def unprivileged_report(out: Path) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-c", UNPRIVILEGED, str(out)],
        capture_output=True,
        text=True,
        check=False,
        cwd=FOLDER,
    )
    return done.returncode, done.stdout, done.stderr.partition("----\n")[2]


@pytest.mark.skipif(os.name != "posix", reason="rights of another kind")
@pytest.mark.parametrize("inside", ["", "new", "new/deeper"])
def test_f3_a_folder_without_rights_ends_with_five(open_folder: Path, inside: str) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0o555)
    code, out, message = unprivileged_report(closed / inside)
    assert (code, out) == (5, ""), message
    assert "closed" in message
    assert "Running" not in message
    assert list(closed.iterdir()) == []


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs a folder of another")
def test_f3_a_folder_that_can_not_be_entered_ends_with_five(open_folder: Path) -> None:
    (open_folder / "secret").mkdir(mode=0o700)
    code, out, message = unprivileged_report(open_folder / "secret" / "new")
    assert (code, out) == (5, ""), message


def test_an_internal_error_ends_with_six(monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("seven")

    monkeypatch.setattr(api, "capex_trend", broken)
    fails("capex --format json", 6, "internal error", "seven", "report")
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(("name", "code"), [("FetchError", 4), ("OutputError", 5)])
def test_each_kind_of_error_has_its_code(
    monkeypatch: pytest.MonkeyPatch, name: str, code: int
) -> None:
    from marketshock import errors

    def broken(*_: Any, **__: Any) -> None:
        raise getattr(errors, name)("It did not work.", "Try tomorrow.")

    monkeypatch.setattr(api, "events", broken)
    fails("events", code, "marketshock: It did not work.", "\n  Try tomorrow.")


# Real processes.


def spawn(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "marketshock", *arguments],
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
        **options,
    )


def test_a_process_answers_as_the_library_does_from_any_folder(here: Path) -> None:
    environment = {**os.environ, "TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONUTF8": "0"}
    done = spawn("study", "--event", "deepseek", "--format", "json", cwd=here, env=environment)
    assert done.returncode == 0, done.stderr
    assert strict(done.stdout) == answer("study")
    assert list(here.iterdir()) == []


def test_a_process_ends_with_the_code_of_its_error(here: Path) -> None:
    done = spawn("study", "--event", "deepsek", cwd=here)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "marketshock: Unknown event 'deepsek'.\n  Did you mean deepseek_2025?\n"


def test_a_reader_that_leaves_early_is_no_error(here: Path) -> None:
    command = [sys.executable, "-m", "marketshock", "study", "--event", "deepseek"]
    with subprocess.Popen(
        [*command, "--format", "json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=here
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        message = process.stderr.read().decode()
        code = process.wait(60)
    assert "Traceback" not in message
    assert "internal error" not in message
    assert code in (0, 1)
