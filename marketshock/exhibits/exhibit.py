"""The exhibit: a chart or a table with its words, its data and its sources.

An exhibit shows itself in a notebook and, in the same cell output, carries a
private payload from which the page is laid out. So the client gets exactly
what the strategist saw, and the executed notebook is the archive.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from marketshock.errors import QualityError, UserInputError
from marketshock.exhibits.view import exhibit_html
from marketshock.exhibits.writers import write
from marketshock.locale import Language, Locale, Text, elided
from marketshock.provenance import Source, Status
from marketshock.table import Copied, Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["MARK", "MIME", "Column", "Exhibit", "Size", "source_line"]

MARK = "†"
"""Stands at a figure that no stored source confirms, and before the note that says so."""
MIME = "application/vnd.marketshock.v1+json"
Size = Literal["full", "half"]
_RECALLED = (Status.RECALLED, Status.RECALLED.value)


@dataclass(frozen=True, slots=True)
class Column:
    """How one column of a table exhibit is printed.

    Parameters
    ----------
    field : str
        Column of the data table.
    label : Text
        Head of the column.
    render : callable
        ``render(value, locale)`` gives the printed cell.
    align : {"left", "right"}
    bar : bool
        Draw the absolute value as a bar beside the number.
    """

    field: str
    label: Text
    render: Callable[[Any, Locale], str]
    align: Literal["left", "right"] = "right"
    bar: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Exhibit:
    """A chart or table with everything that a page must print beside it.

    Parameters
    ----------
    key : str
        Stable name, the same in every run.
    title : Text
        The message, computed from the data.
    unit : Text
        What is measured, in which unit, over which period.
    data : Table
        The figures exactly as drawn or printed.
    sources : tuple of Source
        Never empty.
    alt : Text
        What a reader who can't see it is told: type, range, extremes, as-of.
    draw : callable, optional
        ``draw(data, locale, size)`` gives the figure; a table has none.
    columns : tuple of Column
        Printed columns of a table.
    emphasis : tuple of int
        Rows of the event.
    notes : tuple of Text
        Footnotes: caveats, conventions, weak statuses.
    lang : {"en", "it"}
    size : {"full", "half"}
    """

    key: str
    title: Text
    unit: Text
    data: Table
    sources: tuple[Source, ...]
    alt: Text
    draw: Callable[[Table, Locale, Size], Figure] | None = None
    columns: tuple[Column, ...] = ()
    emphasis: tuple[int, ...] = ()
    notes: tuple[Text, ...] = ()
    lang: Language = "en"
    size: Size = "full"

    def __post_init__(self) -> None:
        if not self.sources:
            raise QualityError(f"Exhibit {self.key} has no source.", "Name at least one.")
        for words in (self.title, self.unit, self.alt):
            if not (words.en.strip() and words.it.strip()):
                raise QualityError(f"Exhibit {self.key} lacks words in one language.")
        if (self.draw is None) == (not self.columns):
            raise QualityError(f"Exhibit {self.key} must be either a chart or a table.")
        self._require_marks()

    def _require_marks(self) -> None:
        """Refuse a recalled figure without its mark in the row and its note below."""
        weak = [row for row in self.data if row.get("status") in _RECALLED]
        en = Locale("en")
        bare = [
            row
            for row in weak
            if self.columns and not any(MARK in c.render(row[c.field], en) for c in self.columns)
        ]
        if bare or (weak and not any(MARK in note.en for note in self.notes)):
            raise QualityError(
                f"Exhibit {self.key} has recalled figures without the mark {MARK}.",
                "Mark their rows and explain the mark in a note.",
            )

    @property
    def kind(self) -> Literal["chart", "table"]:
        """Whether this is a chart or a table."""
        return "table" if self.draw is None else "chart"

    def in_language(self, lang: Language) -> Exhibit:
        """Return the same exhibit in another language."""
        return replace(self, lang=Locale(lang).lang)

    def at_size(self, size: Size) -> Exhibit:
        """Return the same exhibit at half or full page width."""
        return replace(self, size=size)

    def figure(self) -> Figure:
        """Draw the chart and return the matplotlib figure."""
        if self.draw is None:
            raise UserInputError(f"Exhibit {self.key} is a table.", "Use .to_frame() or .data.")
        return self.draw(self.data, Locale(self.lang), self.size)

    def svg(self) -> str:
        """Return the chart as SVG text, the same bytes for the same data."""
        from marketshock.exhibits.theme import figure_svg

        return figure_svg(self.figure(), f"{self.key}-{self.lang}-{self.size}")

    def to_frame(self) -> Any:
        """Return the figures behind the exhibit as a pandas frame."""
        return self.data.to_frame()

    def copy(self, *, decimal: str = ".") -> Copied:
        """Return the figures with tabs between them, every digit kept; see ``Table.copy``."""
        return self.data.copy(self.lang, decimal=decimal)

    def export(
        self, path: str | Path, *, lang: Language | None = None, size: Size | None = None
    ) -> Exhibit:
        """Write the exhibit to `path` by its ending, tell the path, and return the exhibit.

        Parameters
        ----------
        path : str or Path
            Ends in one of ``writers.WRITERS``: csv, html, pdf, png, pptx, svg or xlsx. Its
            folder must exist.
        lang : {"en", "it"}, optional
            Default: the language of the exhibit.
        size : {"full", "half"}, optional
            Default: the size of the exhibit.

        Returns
        -------
        Exhibit
            This one. The absolute path goes to standard error, so a page does not print it.

        Raises
        ------
        UserInputError
            For an unknown ending.
        OutputError
            The disk refuses; an old file is intact.
        """
        write(self.in_language(lang or self.lang).at_size(size or self.size), path)
        return self

    def payload(self) -> dict[str, Any]:
        """Return what the page needs, as JSON-ready data."""
        words = {
            "kind": self.kind,
            "key": self.key,
            "lang": self.lang,
            "size": self.size,
            "title": self.title[self.lang],
            "unit": self.unit[self.lang],
            "alt": self.alt[self.lang],
            "notes": [note[self.lang] for note in self.notes],
            "source": source_line(self.sources, self.lang),
            "emphasis": list(self.emphasis),
            "data_csv": self.data.to_csv(),
        }
        if self.kind == "chart":
            return {**words, "svg": self.svg()}
        return {**words, **self._printed()}

    def _printed(self) -> dict[str, Any]:
        locale = Locale(self.lang)
        longest = {
            column.field: max((abs(v) for v in self.data[column.field] if v is not None), default=0)
            for column in self.columns
            if column.bar
        }
        rows: list[list[Any]] = []
        for number, row in enumerate(self.data):
            cells: list[Any] = []
            for column in self.columns:
                text = column.render(row[column.field], locale)
                if column.bar:
                    share = abs(row[column.field] or 0) / (longest[column.field] or 1)
                    cells.append(
                        {
                            "bar": round(share, 6),
                            "text": text,
                            "accent": number in self.emphasis,
                        }
                    )
                else:
                    cells.append(text)
            rows.append(cells)
        heads = [
            {"field": c.field, "label": c.label[self.lang], "align": c.align, "bar": c.bar}
            for c in self.columns
        ]
        return {"columns": heads, "rows": rows}

    def _repr_html_(self) -> str:
        return exhibit_html(self.payload(), self.copy())

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        payload = self.payload()
        return {
            MIME: payload,
            "text/html": exhibit_html(payload, self.copy()),
            "text/plain": self._plain(),
        }

    def _plain(self) -> str:
        payload_source = source_line(self.sources, self.lang)
        return f"{self.title[self.lang]}\n{self.unit[self.lang]}\n{payload_source}"


def source_line(sources: Sequence[Source], lang: Language) -> str:
    """Return the printed source line, with the as-of day of each source."""
    locale = Locale(lang)
    as_of = {"en": "as of", "it": "al"}[lang]
    parts = [
        source.name[lang]
        + (f" ({as_of} {locale.short_date(source.as_of)})" if source.as_of else "")
        for source in dict.fromkeys(sources)
    ]
    head = {"en": "Source", "it": "Fonte"}[lang]
    own = {"en": "marketshock calculations", "it": "elaborazioni marketshock"}[lang]
    line = f"{head}: {'; '.join(parts)}; {own}."
    return elided(line) if lang == "it" else line
