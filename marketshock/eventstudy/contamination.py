"""Events whose windows overlap, and estimation windows that hold other shocks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from marketshock.errors import UserInputError, suggest
from marketshock.eventstudy.events import Event, EventSet, Shock
from marketshock.eventstudy.result import Dropped
from marketshock.locale import LANGUAGES, Locale, Text
from marketshock.market.sessions import SessionCalendar
from marketshock.quality.findings import Finding
from marketshock.table import Table

if TYPE_CHECKING:
    from marketshock.eventstudy.study import EventStudy

__all__ = [
    "Contamination",
    "ContaminationList",
    "Overlap",
    "OverlapPolicy",
    "Overlaps",
    "contaminated",
    "overlaps",
    "shocks_inside",
]

MOST_NAMED = 5
"""Shocks that a footnote names before it counts the rest."""

Calendars = SessionCalendar | Mapping[str, SessionCalendar]
OverlapPolicy = Literal["drop", "keep", "merge"]
Where = Literal["estimation", "event"]
POLICIES: tuple[str, ...] = get_args(OverlapPolicy)
OTHERS = Text("other shocks of these stocks", "altri shock di questi titoli")
PLACES: dict[Where, Text] = {
    "estimation": Text("the estimation window contains", "la finestra di stima contiene"),
    "event": Text("the event windows contain", "le finestre d'evento contengono"),
}


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two events that share sessions of their event windows, the earlier one first.

    Parameters
    ----------
    event_id, other_id : str
    same_stock : bool
    sessions : int
        Sessions that lie in windows of both.
    """

    event_id: str
    other_id: str
    same_stock: bool
    sessions: int


@dataclass(frozen=True, slots=True)
class Overlaps:
    """The overlapping pairs of a set of events, and what is left once a policy is chosen.

    Parameters
    ----------
    events : EventSet
    pairs : tuple of Overlap
        In the order of the calendar.
    """

    events: EventSet
    pairs: tuple[Overlap, ...]

    def __len__(self) -> int:
        return len(self.pairs)

    def table(self) -> Table:
        """Return one row a pair."""
        names = tuple(Overlap.__dataclass_fields__)
        rows = [{name: getattr(pair, name) for name in names} for pair in self.pairs]
        return Table.from_rows("overlaps", rows, names)

    def without(self, policy: OverlapPolicy) -> EventSet:
        """Return the events that a policy leaves.

        Parameters
        ----------
        policy : {"drop", "keep", "merge"}
            ``drop`` takes events of a stock in order of time and leaves out each that overlaps
            one already taken. ``merge`` joins a chain of overlapping events of a stock into its
            first. ``keep`` leaves all. Events of different stocks are never left out.
        """
        gone = {lost.event_id for lost in self.dropped(policy)}
        return EventSet(tuple(event for event in self.events if event.id not in gone))

    def dropped(self, policy: OverlapPolicy) -> tuple[Dropped, ...]:
        """Return the events that a policy leaves out, each with its reason.

        Raises
        ------
        UserInputError
            For an unknown policy.
        """
        if policy not in POLICIES:
            hint = suggest(policy, POLICIES) or f"Choose one of {', '.join(POLICIES)}."
            raise UserInputError(f"Unknown policy {policy!r} for overlapping events.", hint)
        into: dict[str, str] = {}
        for pair in self.pairs if policy != "keep" else ():
            head = into.get(pair.event_id, pair.event_id)
            if pair.same_stock and (policy == "merge" or head == pair.event_id):
                into.setdefault(pair.other_id, head)
        reason = _merged if policy == "merge" else _left_out
        return tuple(
            Dropped(event.id, event.symbol, reason(into[event.id]))
            for event in self.events
            if event.id in into
        )


def _left_out(into: str) -> Text:
    return Text(f"its windows overlap those of {into}", f"finestre sovrapposte a quelle di {into}")


def _merged(into: str) -> Text:
    return Text(f"merged into {into}", f"unito a {into}")


@dataclass(frozen=True, slots=True)
class Contamination:
    """Another shock inside a window of an event.

    Parameters
    ----------
    event_id, symbol : str
        The event whose window is meant.
    other_id : str
        Id of the event or shock that lies inside.
    where : {"estimation", "event"}
    session : datetime.date
        Session 0 of the other.
    tau : int
        The same, in sessions relative to session 0 of the event.
    known : bool
        Whether it is a shock of the catalogue, not an event of the study.
    """

    event_id: str
    symbol: str
    other_id: str
    where: Where
    session: dt.date
    tau: int
    known: bool


@dataclass(frozen=True, slots=True)
class ContaminationList:
    """All shocks found inside the windows of a study."""

    items: tuple[Contamination, ...]

    def __iter__(self) -> Iterator[Contamination]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def table(self) -> Table:
        """Return one row an item."""
        names = tuple(Contamination.__dataclass_fields__)
        rows = [{name: getattr(item, name) for name in names} for item in self.items]
        return Table.from_rows("contamination", rows, names)


def overlaps(
    events: EventSet, study: EventStudy, calendar: Calendars, *, same_stock: bool = True
) -> Overlaps:
    """Return the pairs of events that share sessions of their event windows.

    Parameters
    ----------
    events : EventSet
    study : EventStudy
        Its windows count together: a session is shared if it lies in any window of both.
    calendar : SessionCalendar or mapping of str to SessionCalendar
        A mapping has one for each calendar that the events name; events of different
        calendars are not compared.
    same_stock : bool
        Whether only events of one stock are compared; else all, which on a shared date are
        all pairs.
    """
    tau = frozenset(study.tau.tolist())
    reach = max(tau) - min(tau)
    pairs = []
    for row in _in_order(events, calendar, same_stock):
        for at, (position, event) in enumerate(row):
            for later, other in row[at + 1 :]:
                if later - position > reach:
                    break
                shared = sum(t + later - position in tau for t in tau)
                if shared:
                    same = event.symbol == other.symbol
                    pairs.append((position, Overlap(event.id, other.id, same, shared)))
    ordered = sorted(pairs, key=lambda item: item[0])
    return Overlaps(events, tuple(pair for _, pair in ordered))


def contaminated(
    events: EventSet,
    study: EventStudy,
    calendar: Calendars,
    known_events: Iterable[Shock] = (),
) -> ContaminationList:
    """Return other events of the same stock, and known shocks of it, inside the windows.

    An event or shock lies inside a window if its session 0 does. A known shock on session 0
    of an event is taken for the event itself.

    Parameters
    ----------
    events : EventSet
    study : EventStudy
    calendar : SessionCalendar or mapping of str to SessionCalendar
    known_events : iterable of Shock
        For example the catalogue; those outside the calendar can't lie inside a window.
    """
    found: list[tuple[int, Contamination]] = []
    shocks = tuple(known_events)
    for row in _in_order(events, calendar, True):
        sessions = _calendar_of(calendar, row[0][1])
        others = [(position, event.id, False) for position, event in row]
        others += [
            (sessions.first_on_or_after(shock.first_session), shock.id, True)
            for shock in shocks
            if row[0][1].symbol in shock.symbols and sessions.covers(shock.first_session)
        ]
        for position, event in row:
            for other, name, known in others:
                where = _inside(study, other - position)
                itself = other == position if known else name == event.id
                if where is None or itself:
                    continue
                day, at = sessions.day(other), other - position
                item = Contamination(event.id, event.symbol, name, where, day, at, known)
                found.append((position, item))
    return ContaminationList(tuple(item for _, item in sorted(found, key=lambda pair: pair[0])))


def shocks_inside(found: ContaminationList, shocks: Iterable[Shock]) -> tuple[Finding, ...]:
    """Return one footnote (D11) for each kind of window that holds other shocks.

    Parameters
    ----------
    found : ContaminationList
    shocks : iterable of Shock
        Where the titles of known shocks are; other events are named by their id.
    """
    titles = {shock.id: shock.title for shock in shocks}
    findings = []
    for where, words in PLACES.items():
        sessions = {item.other_id: item.session for item in found if item.where == where}
        if sessions:
            en, it = (
                f"{words[lang]} {OTHERS[lang]}: {_listed(Locale(lang), sessions, titles)}"
                for lang in LANGUAGES
            )
            findings.append(Finding("FOOTNOTE", "D11", Text(en, it)))
    return tuple(findings)


def _listed(locale: Locale, sessions: dict[str, dt.date], titles: dict[str, Text]) -> str:
    """Return the first shocks by date, and how many more there are."""
    names = [
        f"{titles[name][locale.lang] if name in titles else name} ({locale.short_date(day)})"
        for name, day in sorted(sessions.items(), key=lambda item: (item[1], item[0]))
    ]
    more = len(names) - MOST_NAMED
    rest = Text(f"{more} more", f"altri {more}")[locale.lang]
    return locale.join([*names[:MOST_NAMED], *([rest] if more > 0 else [])])


def _inside(study: EventStudy, at: int) -> Where | None:
    """Return in which window of an event a relative session lies."""
    if study.estimation.first <= at <= study.estimation.last:
        return "estimation"
    return "event" if at in study.tau else None


def _in_order(
    events: EventSet, calendar: Calendars, by_stock: bool
) -> Iterator[list[tuple[int, Event]]]:
    """Yield events that may meet, with the position of session 0, in order of time and id.

    Events outside the calendar meet nobody.
    """
    rows: dict[tuple[str, str], list[tuple[int, Event]]] = {}
    for event in events:
        sessions = _calendar_of(calendar, event)
        if not sessions.covers(event.first_session or event.date):
            continue
        position = event.position(sessions)
        key = event.calendar, event.symbol if by_stock else ""
        rows.setdefault(key, []).append((position, event))
    for row in rows.values():
        yield sorted(row, key=lambda item: (item[0], item[1].id))


def _calendar_of(calendar: Calendars, event: Event) -> SessionCalendar:
    if isinstance(calendar, SessionCalendar):
        return calendar
    if event.calendar not in calendar:
        hint = suggest(event.calendar, calendar) or f"There are {', '.join(map(repr, calendar))}."
        raise UserInputError(f"No calendar {event.calendar!r} for {event.id}.", hint)
    return calendar[event.calendar]
