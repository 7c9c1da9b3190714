"""A bare table as an exhibit, so that every table goes into every format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marketshock.exhibits.exhibit import MARK, Column, Exhibit
from marketshock.locale import MINUS, NOT_AVAILABLE, Language, Locale, Text
from marketshock.provenance import Source, Status
from marketshock.table import Table, json_value, text_cell

__all__ = ["plain_table"]

OWN = Source(Text("table of a marketshock result", "tabella di un risultato di marketshock"))
UNIT = Text(
    "Figures as computed, six significant digits; returns in decimals, 0.01 is 1%",
    "Cifre come calcolate, sei cifre significative; rendimenti in decimali, 0,01 è l'1\u00a0%",
)
NOT_CONFIRMED = Text(
    f"{MARK} recalled: no stored source confirms the figure.",
    f"{MARK} recalled: nessuna fonte archiviata conferma la cifra.",
)


def plain_table(table: Table, lang: Language = "en", *, title: Text | None = None) -> Exhibit:
    """Return a table exhibit with every column of a table.

    Parameters
    ----------
    table : Table
    lang : {"en", "it"}
    title : Text, optional
        Default: the name of the table and the number of its rows.
    """
    rows = len(table)
    words = title or Text(f"Table {table.name}: {rows} rows", f"Tabella {table.name}: {rows} righe")
    weak = any(_recalled(value) for value in table.columns.get("status", ()))
    columns = ", ".join(table.columns)
    return Exhibit(
        key=table.name,
        title=words,
        unit=UNIT,
        data=table,
        sources=(OWN,),
        alt=Text(
            f"Table with {rows} rows and the columns {columns}.",
            f"Tabella di {rows} righe con le colonne {columns}.",
        ),
        columns=tuple(_column(name, cells) for name, cells in table.columns.items()),
        notes=(NOT_CONFIRMED,) if weak else (),
        lang=lang,
    )


def _column(name: str, cells: tuple[Any, ...]) -> Column:
    numeric = all(isinstance(cell, (int, float)) or cell is None for cell in cells)
    return Column(name, Text(name, name), _printed, "right" if numeric and cells else "left")


def _recalled(value: Any) -> bool:
    return value in (Status.RECALLED, Status.RECALLED.value)


def _printed(value: Any, locale: Locale) -> str:
    """Print one cell; numbers without grouping, so that a year stays a year."""
    if isinstance(value, Text):
        return value[locale.lang]
    if isinstance(value, Mapping) and locale.lang in value:
        return str(value[locale.lang])
    if _recalled(value):
        return f"{json_value(value)} {MARK}"
    if hasattr(value, "item"):
        value = value.item()
    text = text_cell(json_value(value))
    if value is None or (isinstance(value, float) and not text):
        return NOT_AVAILABLE
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        text = text.replace("-", MINUS)
        return text.replace(".", ",") if locale.lang == "it" else text
    return text
