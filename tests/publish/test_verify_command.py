"""The command that verifies a page, and pages in a house style."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from small_page import (
    COMPARED,
    WHOLE,
    Kernel,
    altered,
    executed_notebook,
    page_of,
    payload_of,
    plain,
    saved,
    words_changed,
)

from marketshock.cli import main
from marketshock.errors import UserInputError
from marketshock.exhibits.brand import Brand
from marketshock.exhibits.in_force import branded
from marketshock.publish.verify import verify

# The command.


def command(*arguments: str) -> Any:
    return CliRunner().invoke(main, ["verify", *arguments])


@pytest.mark.parametrize(("data", "code"), [(None, 3), (b"words", 3), (b"", 3)])
def test_the_command_ends_with_three(
    kernel: Kernel, tmp_path: Path, data: bytes | None, code: int
) -> None:
    path = saved(tmp_path, altered(words_changed) if data is None else data)
    result = command(str(path), "--format", "json")
    assert result.exit_code == code
    answer = json.loads(result.stdout)
    assert set(answer) == {"ok", "checks"}
    assert answer["ok"] is False
    assert {frozenset(check) for check in answer["checks"]} == {frozenset({"name", "ok", "detail"})}
    wrong = [check for check in answer["checks"] if not check["ok"]]
    assert f"marketshock: {wrong[0]['name']}: {wrong[0]['detail']}" in result.stderr


def test_the_command_ends_with_zero(kernel: Kernel, tmp_path: Path) -> None:
    result = command(str(saved(tmp_path, plain())), "--format", "json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["ok"] is True
    assert [check["name"] for check in answer["checks"]] == WHOLE + COMPARED


@pytest.mark.parametrize("name", ["", "gone.pdf", "a\0b", "x" * 5000])
def test_what_is_no_file_ends_with_two(tmp_path: Path, name: str) -> None:
    result = command(str(tmp_path / name))
    assert result.exit_code == 2
    assert "Name a PDF" in result.stderr
    assert result.stdout == ""


def test_a_notebook_of_the_user_must_be_one(kernel: Kernel, tmp_path: Path) -> None:
    path = saved(tmp_path, plain())
    with pytest.raises(UserInputError, match=r"page\.pdf can't be read as a notebook"):
        verify(path, path)
    assert command(str(path), "--notebook", str(tmp_path / "gone.ipynb")).exit_code == 2


# House styles.

BRAND = 'name = "Rossi SGR"\npage = "Letter"\n'


def in_brand(kernel: Kernel) -> bytes:
    """Return a page in the house style of a firm, computed again in it too."""
    brand = Brand.from_toml(BRAND, Path())
    notebook = executed_notebook()
    for one in (notebook, kernel.answer):
        payload_of(one, "cover")["brand"] = brand.digest
    with branded(brand):
        return page_of(notebook)


def test_a_page_in_a_house_style_needs_its_brand_file(kernel: Kernel, tmp_path: Path) -> None:
    path = saved(tmp_path, in_brand(kernel))
    brand = tmp_path / "rossi.toml"
    brand.write_text(BRAND, "utf-8")
    result = command(str(path), "--brand", str(brand), "--format", "json")
    assert result.exit_code == 0, result.output
    found = {check["name"]: check for check in json.loads(result.stdout)["checks"]}
    assert found["brand"]["detail"] == "Rossi SGR"
    assert found["page"]["ok"]


@pytest.mark.parametrize("text", [None, BRAND.replace("Letter", "A4")])
def test_another_house_style_is_no_ground_to_judge_on(
    kernel: Kernel, tmp_path: Path, text: str | None
) -> None:
    path = saved(tmp_path, in_brand(kernel))
    brand = Brand.from_toml(text, Path()) if text else None
    found = [check for check in verify(path, brand=brand) if not check.ok]
    assert [check.name for check in found] == ["brand"]
    assert "--brand FILE" in found[0].detail
    assert kernel.asked == []
