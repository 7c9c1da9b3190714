"""What a user asks for: an event or a day, and stocks by the names they had."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from marketshock.desk import BENCHMARK, Desk
from marketshock.errors import InsufficientDataError, UserInputError
from marketshock.locale import Text
from marketshock.market.panel import ReturnPanel
from marketshock.market.sessions import parse_day
from marketshock.provenance import Status
from marketshock.quality.findings import Finding

if TYPE_CHECKING:
    from marketshock.eventstudy.events import Shock
    from marketshock.eventstudy.result import Dropped
    from marketshock.eventstudy.study import EventStudy

__all__ = ["Day", "asked_shock", "day_of", "obstacle", "renamed"]

Day = str | dt.date


def day_of(day: Day | None) -> dt.date | None:
    """Read a day that may be text."""
    return parse_day(day) if isinstance(day, str) else day


def asked_shock(
    desk: Desk, event: str | None, date: Day | None, symbols: Sequence[str]
) -> tuple[Shock, list[str], list[Dropped]]:
    """Return the shock that a user names, the stocks to study, and those left out.

    Raises
    ------
    UserInputError
        Unless exactly one of `event` and `date` is given, a date with symbols that are known.
    InsufficientDataError
        If the source covers nothing of it.
    """
    from marketshock.eventstudy.events import Shock

    day = day_of(date)
    if (event is None) == (day is None):
        raise UserInputError(
            "Name either an event of the catalogue or a date.",
            "For example the event deepseek, or the date 2025-01-27 with symbols.",
        )
    if event is not None:
        shock = desk.catalogue.find(event)
        calendar = desk.source.prices([BENCHMARK]).calendar
        if not calendar.covers(shock.first_session):
            raise InsufficientDataError(
                f"{shock.id} is of {shock.first_session}, outside the prices of {calendar.span}.",
                "`marketshock events` says which events can be studied.",
            )
        kept, dropped = desk.covered(shock)
        if symbols:
            kept, dropped = desk.universe.resolve_all(symbols, shock.date), []
        if not kept:
            raise InsufficientDataError(
                f"The source covers no stock of {shock.id}: {', '.join(shock.symbols)}.",
                "Give symbols of your own, or another event.",
            )
        return shock, kept, dropped
    if not symbols:
        raise UserInputError("A date needs symbols.", "For example NVDA and AVGO.")
    assert day is not None
    kept = desk.universe.resolve_all(symbols, day)
    calendar = desk.source.prices([BENCHMARK]).calendar
    session = calendar.day(calendar.first_on_or_after(day))
    title = Text(f"Shock of {day}", f"Shock del {day}")
    shock = Shock(
        str(day), day, session, title, Text("", ""), tuple(kept), "unknown", "own", Status.DERIVED
    )
    return shock, kept, []


def renamed(desk: Desk, symbols: Sequence[str]) -> tuple[Finding, ...]:
    """Return a footnote for each symbol that the user named as it once was."""
    former = desk.universe.renamed(symbols)
    return tuple(Finding("FOOTNOTE", "IDENTITY", one.reason) for one in former)


def obstacle(
    desk: Desk, study: EventStudy, shock: Shock, kept: Sequence[str], panel: ReturnPanel
) -> Text | None:
    """Return why a shock can't be studied offline, or None."""
    from marketshock.eventstudy.events import EventSet

    if not kept:
        gone = [one.reason for one in desk.universe.renamed(shock.symbols)]
        en = "; ".join(["no stock of it is covered", *(reason.en for reason in gone)])
        it = "; ".join(["nessuna azione coperta dalla fonte", *(reason.it for reason in gone)])
        return Text(en, it)
    reason = None
    try:
        for event in EventSet.on_date(kept, shock.date, shock.first_session):
            reason = study.obstacle(event, panel)
            if reason is None:
                return None
    except UserInputError as error:
        return Text(error.message, f"fuori dal periodo dei dati: {shock.first_session}")
    return reason
