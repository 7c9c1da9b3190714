"""Cover, prose and closing part of a page as HTML; every word is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from marketshock.publish.markdown import LINK_SCHEMES, Node, markdown_tree

__all__ = ["closing_html", "cover_html", "prose_html"]

PEOPLE = {"client": "prepared_for", "prepared_by": "prepared_by", "reviewed_by": "reviewed_by"}
PARTS = ("notes", "method", "sources", "vintage", "findings")
_TAGS = {"p": "p", "ul": "ul", "li": "li", "quote": "blockquote", "strong": "strong", "em": "em"}


def cover_html(cover: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    """Return the head of a page: title, deck, people, headline figures, key points."""
    people = "".join(
        f"<dt>{escape(labels[label])}</dt><dd>{escape(cover[key])}</dd>"
        for key, label in PEOPLE.items()
        if cover.get(key)
    )
    figures = "".join(
        f'<li><span class="value">{escape(one["value"])}</span> {escape(one["label"])} '
        f'<span class="small">{escape(one["note"])}</span></li>'
        for one in cover["figures"]
    )
    points = "".join(
        f"<li><strong>{escape(one['lead'])}</strong> {escape(one['text'])}</li>"
        for one in cover["takeaways"]
    )
    return "".join(
        (
            f'<p class="kicker">{escape(cover["kicker"])}</p>',
            f"<h1>{escape(cover['title'])}</h1>",
            f'<p class="deck">{escape(cover["deck"])}</p>' if cover["deck"] else "",
            f'<p class="small">{escape(cover["date"])}</p>',
            f'<dl class="small">{people}</dl>' if people else "",
            f'<ul class="figures">{figures}</ul>' if figures else "",
            f"<h2>{escape(labels['key_points'])}</h2><ul>{points}</ul>" if points else "",
        )
    )


def prose_html(item: Mapping[str, Any]) -> str:
    """Return computed prose or a cell of Markdown; nothing for the cover and the closing part."""
    if item["kind"] == "markdown":
        return f"<section>{_nodes(markdown_tree(item['text']))}</section>"
    if item["kind"] != "prose":
        return ""
    heading = f"<h2>{escape(item['heading'])}</h2>" if item["heading"] else ""
    return f"<section>{heading}{_paragraphs(item['paragraphs'])}</section>"


def closing_html(closing: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    """Return method, sources, vintage, findings, the disclaimer and the compliance words."""
    parts = "".join(
        f"<h3>{escape(labels[part])}</h3>{_paragraphs(closing[part])}"
        for part in PARTS
        if closing.get(part)
    )
    compliance = "".join(
        f"<p><strong>{escape(row['label'])}:</strong> {escape(row['text'])}</p>"
        for row in closing.get("compliance", ())
    )
    return (
        f'<section class="small"><h2>{escape(labels["about"])}</h2>{parts}'
        f"<h3>{escape(labels['disclaimer'])}</h3>{_paragraphs([closing['disclaimer']])}"
        f"{compliance}</section>"
    )


def _paragraphs(lines: Iterable[str]) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in lines)


def _nodes(nodes: Sequence[Node]) -> str:
    return "".join(map(_node, nodes))


def _node(node: Node) -> str:
    """Return one node of a Markdown tree; see the module ``markdown``."""
    kind, inner = node["t"], _nodes(node.get("c", ()))
    if kind in _TAGS:
        return f"<{_TAGS[kind]}>{inner}</{_TAGS[kind]}>"
    if kind == "h":
        level = min(max(int(node["v"]), 2), 6)
        return f"<h{level}>{inner}</h{level}>"
    if kind == "ol":
        return f'<ol start="{int(node["v"])}">{inner}</ol>'
    if kind == "link" and node["href"].lower().startswith(LINK_SCHEMES):
        return f'<a rel="noopener noreferrer" href="{escape(node["href"])}">{inner}</a>'
    if kind == "pre":
        return f"<pre>{escape(node['v'])}</pre>"
    if kind == "code":
        return f"<code>{escape(node['v'])}</code>"
    if kind in ("br", "hr"):
        return f"<{kind}>"
    return escape(node["v"]) if kind == "text" else inner
