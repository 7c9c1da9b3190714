"""Claims on days: when something happened, from the timeline."""

from __future__ import annotations

import datetime as dt

from marketshock.errors import DataCorruptError
from marketshock.locale import Text
from marketshock.note.facts import Answer, Input, NoteFacts, row_source
from marketshock.provenance import Status
from marketshock.table import Row

__all__ = ["first_year", "happened"]


def _event(facts: NoteFacts, begins: str) -> Row:
    rows = [row for row in facts.table("timeline") if row["event_en"].startswith(begins)]
    if len(rows) != 1:
        raise DataCorruptError(
            f"{len(rows)} events of the timeline begin with {begins!r}.", "One is needed."
        )
    return rows[0]


def happened(facts: NoteFacts, given: Row) -> Answer:
    """Day of an event of the timeline."""
    row = _event(facts, given["event"])
    day = dt.date.fromisoformat(row["date"])
    return Answer(
        day,
        (Input("timeline", day, "date", Status(row["status"])),),
        (row_source(row, day),),
        {"event": Text(row["event_en"], row["event_it"]), "day": day},
    )


def first_year(facts: NoteFacts, given: Row) -> Answer:
    """Year in which something first existed."""
    row = _event(facts, given["event"])
    year = row["date"].split("-")[0]
    return Answer(
        float(year),
        (Input("timeline", row["date"], "date", Status(row["status"])),),
        (row_source(row),),
        {"event": Text(row["event_en"], row["event_it"]), "year": year},
    )
