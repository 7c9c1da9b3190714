"""Asking the command line in this process, and reading what it answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from click.testing import CliRunner, Result

from marketshock.cli import main
from marketshock.sources import maintenance
from marketshock.sources.maintenance import Check

ANSWERS = {
    "study": "study --event deepseek",
    "losses": "losses --top 12",
    "reconcile": "losses --reconcile",
    "year": "capex --by year",
    "quarter": "capex --by quarter",
    "ttm": "capex --by ttm",
    "events": "events",
    "status": "data status",
    "verify": "data verify",
    "doctor": "doctor",
}
MAIN_ROWS = {"reconcile": "reconciliation", "status": "files", "verify": "checks"}
MAIN_ROWS |= {"doctor": "checks"}
ISO = re.compile(r"\d{4}-\d\d-\d\d")
NVIDIA_DAY = "2025-01-27"


def run(command: str | list[str]) -> Result:
    arguments = command.split() if isinstance(command, str) else command
    return CliRunner().invoke(main, arguments)


@cache
def answered(name: str, shape: str) -> Result:
    if name == "verify" and shape != "json":  # it takes seconds: the same checks, another shape
        checks = [Check(**check) for check in answer("verify")["checks"]]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(maintenance, "verify", lambda folder: checks)
            return run(f"data verify --format {shape}")
    result = run(f"{ANSWERS[name]} --format {shape}")
    assert result.exit_code == 0, result.output
    return result


def strict(text: str) -> Any:
    def refuse(word: str) -> None:
        raise AssertionError(f"{word} in JSON")

    return json.loads(text, parse_constant=refuse)


@cache
def answer(name: str) -> Any:
    return strict(answered(name, "json").stdout)


def leaves(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, key)
    else:
        yield key, value


def lacks(record: dict[str, Any], keys: str) -> set[str]:
    return set(keys.split()) - set(record)


def fails(command: str | list[str], code: int, *words: str) -> str:
    """Run a command that must fail clearly, without a word on stdout; return its message."""
    result = run(command)
    assert result.exit_code == code, (result.exit_code, result.output)
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert len(result.stderr.strip().splitlines()) <= 4
    for word in words:
        assert word in result.stderr, result.stderr
    return result.stderr


# Help.
