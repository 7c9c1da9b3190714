"""How an exhibit looks in a browser. Everything that comes from data is escaped; no scripts."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from marketshock.table import selectable

__all__ = ["exhibit_html", "picture_html", "table_html"]

MUTED = "#566270"
_FACE = re.compile(r"(font-family: '[^']+');")


def exhibit_html(payload: Mapping[str, Any], copied: str = "") -> str:
    """Return the notebook view of an exhibit.

    Parameters
    ----------
    payload : mapping
        See ``Exhibit.payload``.
    copied : str
        The figures with tabs between them, in a block that can be selected; none if empty.
    """
    small = f"font-size:11px;color:{MUTED}"
    body = (
        picture_html(payload["svg"], payload["alt"])
        if payload["kind"] == "chart"
        else table_html(payload)
    )
    notes = "".join(
        f'<div style="{small}">{number}. {escape(note)}</div>'
        for number, note in enumerate(payload["notes"], 1)
    )
    return (
        f'<div lang="{escape(payload["lang"])}" '
        "style=\"max-width:760px;font-family:'Source Sans 3',sans-serif\">"
        f'<div style="font-weight:600;font-size:16px">{escape(payload["title"])}</div>'
        f'<div style="color:{MUTED};font-size:13px">{escape(payload["unit"])}</div>{body}{notes}'
        f'<div style="{small}">{escape(payload["source"])}</div>'
        f"{selectable(copied) if copied else ''}</div>"
    )


def picture_html(svg: str, alt: str) -> str:
    """Return a drawing as a picture inside the page, where nothing in it can run."""
    data = base64.b64encode(_for_browser(svg).encode()).decode()
    return (
        f'<img alt="{escape(alt)}" style="max-width:100%;background:#fff" '
        f'src="data:image/svg+xml;base64,{data}">'
    )


def _for_browser(svg: str) -> str:
    """Name a face that every browser has, for readers without the bundled one."""
    return _FACE.sub(r"\1, Helvetica, Arial, sans-serif;", svg)


def table_html(payload: Mapping[str, Any], caption: str = "") -> str:
    """Return a table whose head and first cells are named as such for a screen reader."""
    columns = payload["columns"]
    heads = "".join(
        f'<th scope="col" style="text-align:{_side(c)}">{escape(c["label"])}</th>' for c in columns
    )
    lines = "".join(
        _row_html(row, columns, strong=number in payload["emphasis"])
        for number, row in enumerate(payload["rows"])
    )
    titled = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f"<table>{titled}<thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table>"


def _row_html(row: Sequence[Any], columns: Sequence[Mapping[str, Any]], *, strong: bool) -> str:
    cells = []
    for at, (column, cell) in enumerate(zip(columns, row, strict=True)):
        bar, text = (_bar_html(cell), cell["text"]) if isinstance(cell, dict) else ("", cell)
        tag, scope = ("td", "") if at else ("th", ' scope="row"')
        weight = 600 if strong else 400
        style = f"text-align:{_side(column)};font-weight:{weight}"
        cells.append(f'<{tag}{scope} style="{style}">{bar}{escape(text)}</{tag}>')
    return f"<tr>{''.join(cells)}</tr>"


def _side(column: Mapping[str, Any]) -> str:
    return "left" if column["align"] == "left" else "right"


def _bar_html(cell: Mapping[str, Any]) -> str:
    """Return a bar that only eyes need: the number stands beside it."""
    style = "display:inline-block;height:.7em;margin-right:.5em;background:currentColor;opacity:.35"
    return f'<span aria-hidden="true" style="{style};width:{6 * float(cell["bar"]):.2f}em"></span>'
