"""One self-contained page without scripts, in the order in which a screen reader reads it.

Words are escaped, drawings are pictures, and the page asks the browser to load nothing from
anywhere; so nothing that comes from a notebook or a file can run or be parsed as HTML.
"""

from __future__ import annotations

import base64
import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape, unescape
from pathlib import Path
from typing import Any

from marketshock.exhibits.exhibit import Exhibit
from marketshock.exhibits.in_force import current_brand
from marketshock.exhibits.letters import letters_css, with_letters
from marketshock.exhibits.theme import PALETTE
from marketshock.exhibits.view import picture_html, table_html
from marketshock.files import write_atomically
from marketshock.locale import Language, Text
from marketshock.publish.html_prose import closing_html, cover_html, prose_html
from marketshock.publish.labels import page_labels
from marketshock.publish.notebook import Shown

__all__ = ["also_html", "exhibits_html", "figure_html", "report_html", "write_html"]

SKIP = Text("Skip to the content", "Vai al contenuto")
COPY = Text(
    "Figures behind it, to copy into a spreadsheet", "Dati, da copiare in un foglio di calcolo"
)
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:"
STYLE = """*{box-sizing:border-box}
body{margin:0;background:GROUND;color:TEXT;font:17px/1.5 'FAMILY',Helvetica,Arial,sans-serif}
.skip{position:absolute;left:-99em}
.skip:focus{left:1em;top:1em;padding:.4em .8em;background:GROUND;color:INK}
header,main,footer{max-width:62em;margin:auto;padding:1.2em}
h1,h2,h3{color:INK;line-height:1.2;margin:.3em 0}h1{font-size:2em}h2{font-size:1.3em}
h3{font-size:1.05em}a{color:TEAL}
figure{margin:2.4em 0;border-top:2px solid INK;padding-top:.5em}
.kicker,.tag{color:AMBER_TEXT;font-weight:600;font-size:.85em;margin:0}
.deck{font-size:1.15em}
.unit,.source,.notes,.small,summary{color:MUTED;font-size:.85em;margin:.3em 0}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.92em}
caption{position:absolute;left:-99em}
th,td{padding:.35em .6em;border-bottom:1px solid GRID;font-variant-numeric:tabular-nums}
thead th{border-bottom:2px solid INK;vertical-align:bottom}
img{display:block;width:100%;height:auto}img.logo{width:auto;height:2.2em}img.half{width:min(28.6em,100%)}
pre{overflow:auto;max-height:20em;font-size:13px}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(9em,1fr));gap:1em;padding:0}
.figures li{list-style:none}.value{font-size:1.6em;font-weight:600;color:INK;display:block}
.draft{background:AMBER_TEXT;color:GROUND;text-align:center;font-weight:600;margin:0;padding:.4em}
@media print{details,.skip{display:none}figure{break-inside:avoid}}"""


def write_html(exhibit: Exhibit, path: Path) -> Path:
    """Write an exhibit as a page of its own."""
    page = exhibits_html([exhibit], exhibit.title, exhibit.lang)
    return write_atomically(path, page.encode())


def exhibits_html(exhibits: Sequence[Exhibit], title: Text, lang: Language) -> str:
    """Return a page of exhibits; each keeps its own size.

    Parameters
    ----------
    exhibits : sequence of Exhibit
    title : Text
        Of the page; a page of one exhibit has its title only once, as its first heading.
    lang : {"en", "it"}
    """
    shown = [one.in_language(lang) for one in exhibits]
    if len(shown) == 1:
        (one,) = shown
        return _page(title[lang], lang, figure_html(one.payload(), "", one.copy(), level=1))
    counts = {"chart": 0, "table": 0}
    body = f"<h1>{escape(title[lang])}</h1>"
    for one in shown:
        body += figure_html(one.payload(), _tag(one.kind, counts, lang), one.copy())
    return _page(title[lang], lang, body)


def report_html(shown: Shown, content: Mapping[str, Any]) -> str:
    """Return the page of a report: the words and exhibits of its PDF, in the same order.

    Parameters
    ----------
    shown : Shown
        What the executed notebook shows.
    content : mapping
        The content of the PDF; see ``report.content_of``.
    """
    lang, labels = content["lang"], content["labels"]
    counts = {"chart": 0, "table": 0}
    body = ""
    for item in shown.items:
        if item["kind"] in counts:
            copied = "\n".join("\t".join(row) for row in csv.reader(io.StringIO(item["data_csv"])))
            body += figure_html(item, _tag(item["kind"], counts, lang), copied)
        else:
            body += prose_html(item)
    body += closing_html(content["closing"], labels)
    draft = f'<p class="draft">{escape(labels["draft"])}</p>' if content["draft"] else ""
    head = draft + _logo() + cover_html(content["cover"], labels)
    return _page(content["document"]["title"], lang, body, head, content["footer"])


def _logo() -> str:
    """Return the logo of the brand in force; a picture, so nothing in it can run."""
    brand = current_brand()
    if brand.logo is None:
        return ""
    kind = {"svg": "svg+xml"}.get(brand.logo.kind, brand.logo.kind)
    data = base64.b64encode(brand.logo.data).decode()
    return f'<img class="logo" alt="{escape(brand.name)}" src="data:image/{kind};base64,{data}">'


def figure_html(payload: Mapping[str, Any], tag: str, copied: str, level: int = 2) -> str:
    """Return one exhibit: title and unit, picture or table, notes, source, its figures.

    Parameters
    ----------
    payload : mapping
        See ``Exhibit.payload``.
    tag : str
        For example "Figure 3"; none if empty.
    copied : str
        The figures with tabs between them.
    level : int
        Of the heading.
    """
    title = escape(payload["title"])
    if payload["kind"] == "chart":
        picture = picture_html(with_letters(payload["svg"]), payload["alt"])
        body = picture.replace("<img ", f'<img class="{escape(payload["size"])}" ', 1)
    else:
        body = (
            f'<div class="scroll" role="region" tabindex="0" aria-label="{title}">'
            f"{table_html(payload, payload['title'])}</div>"
        )
    notes = "".join(f"<li>{escape(note)}</li>" for note in payload["notes"])
    return (
        f"<figure><figcaption>{f'<p class=tag>{escape(tag)}</p>' if tag else ''}"
        f'<h{level}>{title}</h{level}><p class="unit">{escape(payload["unit"])}</p></figcaption>'
        f"{body}{f'<ol class=notes>{notes}</ol>' if notes else ''}"
        f'<p class="source">{escape(payload["source"])}</p>'
        f"<details><summary>{COPY[payload['lang']]}</summary><pre>{escape(copied)}</pre></details>"
        "</figure>"
    )


def _tag(kind: str, counts: dict[str, int], lang: Language) -> str:
    """Number figures and tables apart, in reading order."""
    counts[kind] += 1
    label = "figure" if kind == "chart" else "table"
    return page_labels(lang)[label].replace("{number}", str(counts[kind]))


def _page(title: str, lang: Language, main: str, head: str = "", foot: str = "") -> str:
    words = _words_of([title, head, main, foot, SKIP[lang]])
    header = f"<header>{head}</header>" if head else ""
    footer = f'<footer class="small">{escape(foot)}</footer>' if foot else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}">\n<head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{letters_css(words)}{_style()}</style></head>\n"
        f'<body><a class="skip" href="#main">{escape(SKIP[lang])}</a>{header}'
        f'<main id="main">{main}</main>{footer}</body>\n</html>\n'
    )


def _style() -> str:
    """Return the style sheet in the colours of the brand in force."""
    roles = ("amber_text", "ground", "ink", "text", "muted", "teal", "grid")
    style = STYLE.replace("FAMILY", current_brand().text_face().family)
    for role in roles:
        style = re.sub(rf"\b{role.upper()}\b", getattr(PALETTE, role), style)
    return style


def _words_of(parts: Iterable[str]) -> list[str]:
    """Return the words between the tags."""
    return [unescape(re.sub(r"<[^>]*>", "", part)) for part in parts]


def also_html(shown: Shown, content: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the page of a report as a further file; see the module ``also``."""
    return {".html": report_html(shown, content).encode()}
