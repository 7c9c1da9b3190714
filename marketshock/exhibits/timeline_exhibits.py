"""Exhibits of the race: events numbered on a price path, and all of them as a table."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from marketshock.ai.timeline import RaceEvent, Timeline
from marketshock.errors import InsufficientDataError
from marketshock.exhibits.exhibit import MARK, Column, Exhibit, Size
from marketshock.exhibits.words import both, pick
from marketshock.locale import Locale, Text
from marketshock.provenance import Status
from marketshock.table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["timeline_path", "timeline_table"]

MOST_NUMBERED = 30
WEEK = dt.timedelta(days=7)


def timeline_path(found: Timeline) -> Exhibit:
    """Closes with a number at each dated event and the events listed below.

    Raises
    ------
    InsufficientDataError
        If no event has a session, or more than thirty have.
    """
    placed = found.placed
    if not 0 < len(placed) <= MOST_NUMBERED:
        raise InsufficientDataError(
            f"{len(placed)} dated events; the chart numbers 1 to {MOST_NUMBERED}.",
            "Choose another part of the path with since and until, or use timeline_table.",
        )
    rows = [
        {"number": at, **_row(event), "close": found.close(event.session)}
        for at, event in enumerate(placed, 1)
        if event.session is not None
    ]

    def draw(table: Table, locale: Locale, size: Size) -> Figure:
        from marketshock.exhibits.charts_timeline import Mark, numbered_path

        marks = [
            Mark(row["session"], locale.day_month(row["day"]), row["event"][locale.lang])
            for row in table
        ]
        if found.sessions[0].year != found.sessions[-1].year:
            marks = [
                Mark(mark.session, locale.short_date(row["day"]), mark.words)
                for mark, row in zip(marks, table, strict=True)
            ]
        return numbered_path(
            found.sessions,
            found.closes,
            marks,
            end_label=found.name,
            locale=locale,
            size=size,
            accent=found.accent,
        )

    return Exhibit(
        "timeline_path",
        both(lambda locale: _title(found, locale)),
        both(lambda locale: _unit(found, locale)),
        Table.from_rows("timeline_path", rows),
        found.sources,
        both(lambda locale: _alt(found, locale)),
        draw,
        notes=(_DAY, *_weak(placed)),
    )


def timeline_table(found: Timeline) -> Exhibit:
    """All events of a timeline, those known to the month or the year as well."""
    rows = [_row(event) for event in found.events]
    if not rows:
        raise InsufficientDataError("No event lies in this part.", "Choose other days.")
    emphasis = tuple(
        at for at, event in enumerate(found.events) if found.accent and event.first == found.accent
    )
    return Exhibit(
        "timeline_table",
        both(lambda locale: _table_title(found, locale)),
        both(
            lambda locale: pick(
                locale,
                f"Events of the AI race, and the change of {found.name} in the session of the day "
                "or the next one",
                f"Eventi della corsa all'AI e variazione di {found.name} nella seduta del giorno "
                "o in quella seguente",
            )
        ),
        Table.from_rows("timeline_table", rows),
        found.sources,
        both(lambda locale: _table_title(found, locale) + "."),
        columns=_COLUMNS,
        emphasis=emphasis,
        notes=(_DAY, *_weak(found.events)),
    )


def _row(event: RaceEvent) -> dict[str, Any]:
    mark = f" {MARK}" if event.status is Status.RECALLED else ""
    return {
        "day": event.first,
        "when": _when(event),
        "event": Text(event.text.en + mark, event.text.it + mark),
        "session": event.session,
        "session_return": event.session_return,
        "status": event.status.value,
    }


def _when(event: RaceEvent) -> Text:
    """Return the day, month or year in words."""

    def words(locale: Locale) -> str:
        if event.precision == "day":
            return locale.short_date(event.first)
        return (
            locale.short_month(event.first) if event.precision == "month" else str(event.first.year)
        )

    return both(words)


def _title(found: Timeline, locale: Locale) -> str:
    shock = next((event for event in found.placed if event.session == found.accent), None)
    if found.accent is None or shock is None or shock.session_return is None:
        count = locale.number(len(found.placed))
        return pick(
            locale,
            f"{count} events over the price of {found.name}",
            f"{count} eventi sul prezzo di {found.name}",
        )
    week = [event for event in found.placed if found.accent - WEEK <= event.first < found.accent]
    count, moved = locale.number(len(week)), locale.percent(shock.session_return, sign=True)
    return pick(
        locale,
        f"{count} events in seven days, then {found.name} {moved}",
        f"{count} eventi in sette giorni, poi {found.name} {moved}",
    )


def _unit(found: Timeline, locale: Locale) -> str:
    first, last = locale.date(found.sessions[0]), locale.date(found.sessions[-1])
    index = found.symbol.startswith("^")
    what = pick(
        locale,
        "index points" if index else "US dollars, adjusted for splits",
        "punti indice" if index else "dollari USA, al netto dei frazionamenti",
    )
    return pick(
        locale,
        f"Close of {found.name}, {what}, {first} to {last}",
        f"Chiusura di {found.name}, {what}, dal {first} al {last}",
    )


def _alt(found: Timeline, locale: Locale) -> str:
    low, high = locale.number(min(found.closes), 2), locale.number(max(found.closes), 2)
    count = locale.number(len(found.placed))
    return pick(
        locale,
        f"Line of {found.name} between {low} and {high} with {count} numbered events, listed "
        "below.",
        f"Linea di {found.name} tra {low} e {high} con {count} eventi numerati, elencati sotto.",
    )


def _table_title(found: Timeline, locale: Locale) -> str:
    events = found.events
    first, last = str(events[0].first.year), str(events[-1].first.year)
    count = locale.number(len(events))
    if first == last:
        return pick(locale, f"{count} events of {first}", f"{count} eventi del {first}")
    return pick(
        locale,
        f"{count} events of the race, {first} to {last}",
        f"{count} eventi della corsa, dal {first} al {last}",
    )


def _weak(events: tuple[RaceEvent, ...]) -> tuple[Text, ...]:
    if not any(event.status is Status.RECALLED for event in events):
        return ()
    return (
        Text(
            f"{MARK} Day not confirmed by a stored source.",
            f"{MARK} Giorno non confermato da una fonte archiviata.",
        ),
    )


_DAY = Text(
    "News of a day without session stands at the next one. The price has many causes; an event "
    "beside a move does not explain it.",
    "Le notizie di un giorno senza seduta sono poste alla successiva. Il prezzo ha molte cause: "
    "un evento vicino a un movimento non lo spiega.",
)
_COLUMNS = (
    Column("when", Text("When", "Quando"), lambda v, locale: v[locale.lang], "left"),
    Column("event", Text("Event", "Evento"), lambda v, locale: v[locale.lang], "left"),
    Column(
        "session_return",
        Text("Session", "Seduta"),
        lambda v, locale: locale.percent(v, sign=True) if v is not None else "–",
    ),
)
