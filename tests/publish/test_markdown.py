"""Markdown becomes a tree of plain data and HTML stays what was typed."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketshock.publish.markdown import Node, markdown_tree

KINDS = {"p", "h", "ul", "ol", "li", "quote", "pre", "hr"}
KINDS |= {"text", "strong", "em", "code", "link", "br"}


def text(value: str) -> Node:
    return {"t": "text", "v": value}


def walk(nodes: list[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from walk(node.get("c", []))


def printed(nodes: list[Node]) -> str:
    return "".join(str(node["v"]) for node in walk(nodes) if node["t"] in ("text", "code", "pre"))


@pytest.mark.parametrize(
    ("source", "tree"),
    [
        ("", []),
        ("one\ntwo", [{"t": "p", "c": [text("one two")]}]),
        ("one  \ntwo", [{"t": "p", "c": [text("one"), {"t": "br"}, text("two")]}]),
        ("## Why", [{"t": "h", "v": 2, "c": [text("Why")]}]),
        ("**a**", [{"t": "p", "c": [{"t": "strong", "c": [text("a")]}]}]),
        ("*a*", [{"t": "p", "c": [{"t": "em", "c": [text("a")]}]}]),
        ("`#a`", [{"t": "p", "c": [{"t": "code", "v": "#a"}]}]),
        ("```\n$x\n```", [{"t": "pre", "v": "$x"}]),
        ("---", [{"t": "hr"}]),
        ("> q", [{"t": "quote", "c": [{"t": "p", "c": [text("q")]}]}]),
    ],
)
def test_small_pieces(source: str, tree: list[Node]) -> None:
    assert markdown_tree(source) == tree


def test_lists_keep_their_first_number_and_nest() -> None:
    (numbered,) = markdown_tree("3. a\n4. b")
    assert (numbered["t"], numbered["v"], len(numbered["c"])) == ("ol", 3, 2)
    (bullets,) = markdown_tree("- a\n  - b")
    assert " ".join(node["t"] for node in walk([bullets])) == "ul li p text ul li p text"


def test_links_that_work_from_a_pdf_are_kept() -> None:
    (paragraph,) = markdown_tree("[a](https://x.org) <mailto:a@b.org>")
    assert [n["href"] for n in paragraph["c"] if n["t"] == "link"] == [
        "https://x.org",
        "mailto:a@b.org",
    ]


@pytest.mark.parametrize("href", ["other.ipynb", "/etc/passwd", "#part", "ftp://a.b"])
def test_other_links_are_printed_with_their_address(href: str) -> None:
    tree = markdown_tree(f"[word]({href})")
    assert printed(tree) == f"word ({href})"
    assert all(node["t"] != "link" for node in walk(tree))


@pytest.mark.parametrize(
    "source",
    [
        "<b>x</b>",
        "<script>alert(1)</script>",
        "a <img src=x onerror=y> b",
        "[a](javascript:alert)",
        "![chart](x.png)",
        '#read("/etc/passwd") $x$ @ref',
    ],
)
def test_anything_else_stays_as_typed(source: str) -> None:
    assert printed(markdown_tree(source)) == source


@given(st.text())
def test_any_text_gives_a_json_ready_tree_of_known_nodes(source: str) -> None:
    tree = markdown_tree(source)
    assert json.loads(json.dumps(tree)) == tree
    assert {node["t"] for node in walk(tree)} <= KINDS


@given(st.text(alphabet="abc #$@<>&\\{}%_*`[]()!\n-", max_size=60))
def test_letters_are_never_lost(source: str) -> None:
    shown = json.dumps(markdown_tree(source))
    if "```" not in source and "[" not in source and "<" not in source:
        assert all(shown.count(letter) >= source.count(letter) for letter in "abc")
