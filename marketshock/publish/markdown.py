"""Markdown as a tree of plain data, so that no writer has to parse text as code.

Nodes are ``{"t": kind, ...}`` with children in ``c``, a value in ``v`` and an address in ``href``:

========  ==========================================================================
blocks    ``p``, ``h`` (``v`` = level), ``ul``, ``ol`` (``v`` = first number), ``li``,
          ``quote``, ``pre`` (``v`` = text), ``hr``
inlines   ``text`` (``v``), ``strong``, ``em``, ``code`` (``v``), ``link``, ``br``
========  ==========================================================================

Raw HTML, pictures and tables are no part of it: they come out as the characters that were typed.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.tree import SyntaxTreeNode

__all__ = ["Node", "markdown_tree"]

Node = dict[str, Any]
LINK_SCHEMES = ("https://", "http://", "mailto:")
_CONTAINERS = {
    "paragraph": "p",
    "bullet_list": "ul",
    "list_item": "li",
    "blockquote": "quote",
    "strong": "strong",
    "em": "em",
}
_VALUES = {"text": "text", "code_inline": "code", "code_block": "pre", "fence": "pre"}


def markdown_tree(text: str) -> list[Node]:
    """Parse CommonMark without HTML.

    Parameters
    ----------
    text : str
        Markdown of one notebook cell.

    Returns
    -------
    list of dict
        Block nodes, JSON-ready.
    """
    from markdown_it.tree import SyntaxTreeNode

    root = SyntaxTreeNode(_parser().parse(text))
    return [node for child in root.children for node in _nodes(child)]


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False})


def _children(node: SyntaxTreeNode) -> list[Node]:
    """Convert the children; neighbouring pieces of text become one."""
    merged: list[Node] = []
    for child in node.children:
        for new in _nodes(child):
            if merged and new["t"] == merged[-1]["t"] == "text":
                merged[-1] = {"t": "text", "v": merged[-1]["v"] + new["v"]}
            else:
                merged.append(new)
    return merged


def _nodes(node: SyntaxTreeNode) -> list[Node]:
    """Convert one node of the parser; a node without a meaning here gives its children."""
    if node.type in _CONTAINERS:
        return [{"t": _CONTAINERS[node.type], "c": _children(node)}]
    if node.type in _VALUES:
        value = node.content.rstrip("\n") if _VALUES[node.type] == "pre" else node.content
        return [{"t": _VALUES[node.type], "v": value}] if value else []
    if node.type == "heading":
        return [{"t": "h", "v": int(node.tag[1:]), "c": _children(node)}]
    if node.type == "ordered_list":
        return [{"t": "ol", "v": int(node.attrs.get("start", 1)), "c": _children(node)}]
    if node.type == "link":
        return _link(node)
    return _leaf(node)


def _leaf(node: SyntaxTreeNode) -> list[Node]:
    if node.type == "softbreak":
        return [{"t": "text", "v": " "}]
    if node.type == "hardbreak":
        return [{"t": "br"}]
    if node.type == "hr":
        return [{"t": "hr"}]
    if node.type == "image":
        return [{"t": "text", "v": f"![{node.content}]({node.attrs.get('src', '')})"}]
    return _children(node)


def _link(node: SyntaxTreeNode) -> list[Node]:
    """Keep links that work from a PDF; of any other print the words and the address."""
    href = str(node.attrs.get("href", ""))
    words = _children(node)
    if href.lower().startswith(LINK_SCHEMES) and words:
        return [{"t": "link", "href": href, "c": words}]
    return [*words, {"t": "text", "v": f" ({href})" if href else ""}]
