"""From the announcement of news to session 0: the first session whose close can contain it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from marketshock.errors import UserInputError, suggest
from marketshock.locale import LANGUAGES, Locale, Text
from marketshock.market.exchange_hours import ExchangeHours, clock, exchange_hours, time_zone
from marketshock.quality.findings import Finding

if TYPE_CHECKING:
    from marketshock.eventstudy.events import Event

__all__ = [
    "DEFAULT_EXCHANGE",
    "STATED",
    "Announcement",
    "OnClosed",
    "StatedTiming",
    "Timing",
    "announcement_caveats",
    "announcement_findings",
]

Timing = Literal["before_open", "in_session", "after_close", "weekend", "holiday", "unknown"]
StatedTiming = Literal["before_open", "in_session", "after_close", "non_session", "unknown"]
OnClosed = Literal["next", "error"]
DEFAULT_EXCHANGE = "XNYS"
STATED: tuple[str, ...] = get_args(StatedTiming)
MOST_NAMED = 5
"""Events or days that a finding names before it counts the rest."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """When news came out, and where the stock trades.

    Session 0 is the first session whose closing bell rings after the news. News at the very
    second of the bell can't be in that close and belongs to the next session.

    Parameters
    ----------
    date : datetime.date
        Day of the news in `zone`.
    time : datetime.time, optional
        Time of the day in `zone`; None if it is not known.
    zone : str
        Name of a time zone, for example ``"America/New_York"``; default: that of the exchange.
    exchange : str
        Market identifier code (ISO 10383).
    stated : {"before_open", "in_session", "after_close", "non_session", "unknown"}
        What is known without a time, seen from the exchange.

    Raises
    ------
    UserInputError
        For a time with a zone of its own, a time beside a stated timing, or an unknown word.

    Examples
    --------
    >>> news = Announcement(dt.date(2025, 7, 3), dt.time(13, 1))
    >>> news.timing, news.half_day, str(news.first_session())
    ('after_close', True, '2025-07-07')
    """

    date: dt.date
    time: dt.time | None = None
    zone: str = ""
    exchange: str = DEFAULT_EXCHANGE
    stated: StatedTiming = "unknown"

    def __post_init__(self) -> None:
        if self.stated not in STATED:
            hint = suggest(self.stated, STATED) or f"Use one of {', '.join(STATED)}."
            raise UserInputError(f"Unknown timing {self.stated!r}.", hint)
        if self.time is not None and self.time.tzinfo is not None:
            raise UserInputError(f"The time {self.time} has a zone of its own.", "Give it as zone.")
        if self.time is not None and self.stated != "unknown":
            raise UserInputError(
                f"Both the time {self.time} and the timing {self.stated!r} are given.",
                "Leave the timing out: the time decides.",
            )
        if self.zone:
            time_zone(self.zone)

    @property
    def moment(self) -> dt.datetime | None:
        """The announcement in UTC, or None without a time.

        Raises
        ------
        UserInputError
            If clocks changed and the local time did not exist, or came twice.
        """
        if self.time is None:
            return None
        zone = self.zone or self._hours.zone
        local = dt.datetime.combine(self.date, self.time, time_zone(zone))
        first, second = (local.replace(fold=fold).astimezone(dt.UTC) for fold in (0, 1))
        if first != second:
            what = "does not exist" if first > second else "comes twice"
            raise UserInputError(
                f"{self.date} {self.time} {what} in {zone}: clocks change then.",
                f"Give it in UTC: {min(first, second):%Y-%m-%d %H:%M} or "
                f"{max(first, second):%Y-%m-%d %H:%M}.",
            )
        return first

    @property
    def day(self) -> dt.date:
        """Day of the news at the exchange."""
        moment = self.moment
        return (
            self.date if moment is None else moment.astimezone(time_zone(self._hours.zone)).date()
        )

    @property
    def timing(self) -> Timing:
        """Where in the day of the exchange the news fell.

        Raises
        ------
        UserInputError
            If the stated timing contradicts the calendar of the exchange.
        """
        hours, day, moment = self._hours, self.day, self.moment
        at = hours.position(day)
        if at is None:
            if self.stated == "in_session":
                raise self._contradiction(day, "no session")
            return "weekend" if hours.week[day.weekday()] == "0" else "holiday"
        if self.stated == "non_session":
            raise self._contradiction(day, "a session")
        if moment is None:
            return self.stated
        if clock(moment) < hours.opens[at]:
            return "before_open"
        return "in_session" if clock(moment) < hours.closes[at] else "after_close"

    @property
    def half_day(self) -> bool:
        """Whether the exchange closed early on the day of the news."""
        return self.day in self._hours.early

    @property
    def candidates(self) -> tuple[dt.date, ...]:
        """Sessions that can be session 0, the one taken first; two if the time is unknown."""
        first = self.first_session()
        if self.timing != "unknown":
            return (first,)
        return first, self._hours.session(self._hours.calendar.first_on_or_after(first) + 1)

    def first_session(self, on_closed: OnClosed = "next") -> dt.date:
        """Return session 0: the first session whose close can contain the news.

        Parameters
        ----------
        on_closed : {"next", "error"}
            What to do with news on a day without session: take the next one, or refuse.

        Notes
        -----
        Without a time and without a stated timing, the session of the day is taken;
        `candidates` names the other reading.
        """
        hours, timing, moment = self._hours, self.timing, self.moment
        if on_closed == "error" and timing in ("weekend", "holiday"):
            raise UserInputError(
                f"{self.day} is no session of {self.exchange} ({timing}).",
                "Name a session, or let the next one be taken.",
            )
        if moment is not None:
            at = int(np.searchsorted(hours.closes, clock(moment), side="right"))
        else:
            at = hours.calendar.first_on_or_after(self.day)
            at += hours.calendar.day(at) == self.day and timing == "after_close"
        return hours.session(at)

    @property
    def _hours(self) -> ExchangeHours:
        return exchange_hours(self.exchange, self.date.year // 10 * 10)

    def _contradiction(self, day: dt.date, what: str) -> UserInputError:
        return UserInputError(
            f"The timing {self.stated!r} does not fit {day}: {what} of {self.exchange}.",
            "Mend the day, the timing or the exchange.",
        )


def announcement_findings(events: Iterable[Event]) -> tuple[Finding, ...]:
    """Return what a reader must know of the announcements, one finding of a kind.

    D9: days without session (printed) and half days (kept). D10: unknown times (printed),
    with the other session that could have been session 0.
    """
    announced = [(event.id, event.announcement) for event in events if event.announcement]
    kinds: dict[str, dict[str, None]] = {"moved": {}, "half": {}, "unknown": {}}
    for name, news in announced:
        timing = news.timing
        if timing in ("weekend", "holiday"):
            kinds["moved"][f"{news.day} → {news.first_session()}"] = None
        elif timing == "unknown":
            kinds["unknown"][f"{name} ({' / '.join(map(str, news.candidates))})"] = None
        if news.half_day:
            kinds["half"][str(news.day)] = None
    return tuple(_worded(kinds))


def announcement_caveats(events: Iterable[Event]) -> list[Text]:
    """Return the words of the findings that are printed."""
    return [item.text for item in announcement_findings(events) if item.level == "FOOTNOTE"]


def _worded(kinds: dict[str, dict[str, None]]) -> Iterator[Finding]:
    if kinds["moved"]:
        en, it = _listed(kinds["moved"])
        text = Text(
            f"news on days without session, session 0 is the next one: {en}",
            f"notizie in giorni senza seduta, la seduta 0 è la successiva: {it}",
        )
        yield Finding("FOOTNOTE", "D9", text)
    if kinds["unknown"]:
        en, it = _listed(kinds["unknown"])
        text = Text(
            f"time of the news unknown, the first session named is taken as session 0: {en}",
            f"ora della notizia ignota, la seduta 0 è la prima delle due indicate: {it}",
        )
        yield Finding("FOOTNOTE", "D10", text)
    if kinds["half"]:
        en, it = _listed(kinds["half"])
        yield Finding("INFO", "D9", Text(f"early close on {en}", f"chiusura anticipata il {it}"))


def _listed(words: Iterable[str]) -> tuple[str, ...]:
    """Return the first words in each language, and how many more there are."""
    names = list(words)
    more = len(names) - MOST_NAMED
    rest = [f"{more} more", f"altri {more}"] if more > 0 else ["", ""]
    return tuple(
        Locale(lang).join([*names[:MOST_NAMED], *([end] if end else [])])
        for lang, end in zip(LANGUAGES, rest, strict=True)
    )
