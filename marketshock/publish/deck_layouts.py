"""Which layout of a template takes an exhibit: found by the names of its placeholders."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from marketshock.errors import UserInputError

__all__ = ["COVER", "COVER_NAMES", "NAMES", "Layouts", "find_layouts", "placeholder_name"]

COMMON = ("title", "unit", "source")
NAMES = ("title", "unit", "exhibit", "chart", "table", "notes", "source")
"""Names that a placeholder of an exhibit slide may have."""
COVER = "cover title"
COVER_NAMES = (COVER, "subtitle", "client", "disclaimer")
_NUMBER = re.compile(r"[\s_-]*\d+$")


@dataclass(frozen=True, slots=True)
class Layouts:
    """The layouts of a template for charts, tables and the cover.

    Parameters
    ----------
    chart, table : SlideLayout
    cover : SlideLayout or None
    """

    chart: Any
    table: Any
    cover: Any

    def of(self, kind: Literal["chart", "table"]) -> Any:
        """Return the layout for one kind of exhibit."""
        return self.chart if kind == "chart" else self.table


def placeholder_name(shape: Any) -> str:
    """Return the name of a placeholder as we read it: lower case, without a last number.

    A title placeholder is the title whatever its name, except on a cover.
    """
    from pptx.enum.shapes import PP_PLACEHOLDER

    name = _NUMBER.sub("", shape.name.strip().lower())
    if name in (*NAMES, *COVER_NAMES):
        return name
    kind = shape.placeholder_format.type
    return "title" if kind == PP_PLACEHOLDER.TITLE else name


def find_layouts(deck: Any, where: str) -> Layouts:
    """Return the layouts of a presentation, looking through all of its masters.

    Parameters
    ----------
    deck : Presentation
    where : str
        Name of the template, for messages.

    Raises
    ------
    UserInputError
        If no layout takes charts or tables; says what is missing and what is there.
    """
    named = [
        (layout, {placeholder_name(shape) for shape in layout.placeholders})
        for master in deck.slide_masters
        for layout in master.slide_layouts
    ]
    found = {}
    for kind in ("chart", "table"):
        fitting = [layout for layout, names in named if not _missing(names, kind)]
        if not fitting:
            raise _refusal(named, kind, where)
        found[kind] = fitting[0]
    covers = [layout for layout, names in named if COVER in names]
    return Layouts(found["chart"], found["table"], covers[0] if covers else None)


def _missing(names: Iterable[str], kind: str) -> list[str]:
    """Return the names that a layout lacks for one kind of exhibit."""
    known = set(names)
    lacking = [name for name in COMMON if name not in known]
    return lacking + ([] if known & {"exhibit", kind} else [f"exhibit (or {kind})"])


def _refusal(named: list[tuple[Any, set[str]]], kind: str, where: str) -> UserInputError:
    """Say what the nearest layout lacks, and what the template has."""
    layout, names = min(named, key=lambda item: len(_missing(item[1], kind)), default=(None, set()))
    if layout is None:
        return UserInputError(f"{where} has no layout.", "Use a template with slide layouts.")
    has: Mapping[str, str] = {
        one.name: ", ".join(shape.name for shape in one.placeholders) or "none" for one, _ in named
    }
    listed = "; ".join(f"{name}: {shapes}" for name, shapes in has.items())
    lacking = ", ".join(_missing(names, kind))
    return UserInputError(
        f"{where} has no layout for a {kind}. Nearest is {layout.name!r}: it lacks the "
        f"placeholders {lacking}. Layouts and their placeholders: {listed}.",
        "In PowerPoint open View > Slide Master, then Home > Arrange > Selection Pane, and name "
        f"the placeholders of one layout: {', '.join(COMMON)}, exhibit, and notes if you like.",
    )
