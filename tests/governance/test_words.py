from __future__ import annotations

import re
from pathlib import Path

import pytest

# Written in pieces, so that this file does not hold them.
PLACES = {
    "a folder beside the repository": r"\.\./" + "shared" + r"\b",
    "a workplace": r"(?<![\w.])/" + r"work/",
    "a home folder": r"(?<![\w.])/" + r"(?:home|Users)/\w+/",
    "a temporary folder": r"(?<![\w.])/" + r"tmp/\w",
}
HOSTS = {
    "the index": "pypi" + r"\.org/(?:simple|pypi)",
    "its files": "files" + r"\.python" + "hosted",
    "a mirror": r"(?i)\b(?:artifactory|nexus|devpi|codeartifact)[.\-/]",
    "an index option": "--(?:extra-)?" + "index-url",
    "a trusted host": "--trusted" + "-host",
}
FORBIDDEN = {**PLACES, **HOSTS}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_names(texts: dict[str, str], what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    found = [
        f"{path}:{text.count(chr(10), 0, match.start()) + 1} {match.group()}"
        for path, text in texts.items()
        for match in pattern.finditer(text)
    ]
    assert found == []


def test_the_lock_names_no_host(root: Path) -> None:
    lines = (root / "requirements.lock").read_text("utf-8").splitlines()
    pinned = [line for line in lines if line and not line.startswith("#")]
    assert len(pinned) > 30
    assert [line for line in pinned if "://" in line or "@" in line or line[0] == "-"] == []
    assert [line for line in pinned if "==" not in line] == []


def test_the_search_reaches_every_part_of_the_repository(texts: dict[str, str]) -> None:
    tops = {path.split("/")[0] for path in texts}
    assert {"marketshock", "tests", "data", "docs", "pyproject.toml", "README.md"} <= tops
    assert "tests/governance/test_words.py" in texts


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("a folder beside the repository", "see ../" + "shared/page"),
        ("a workplace", "open('/" + "work/main')"),
        ("the index", "https://pypi" + ".org/simple/x"),
        ("an index option", "pip install --" + "index-url x"),
    ],
)
def test_the_patterns_do_match(what: str, text: str) -> None:
    assert re.search(FORBIDDEN[what], text)
