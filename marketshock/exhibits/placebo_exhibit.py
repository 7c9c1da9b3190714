"""The event's statistic among those that the same study finds on ordinary sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from marketshock.errors import InsufficientDataError
from marketshock.eventstudy.study import EventStudy
from marketshock.exhibits.exhibit import Exhibit, Size
from marketshock.exhibits.study_words import study_notes, window_words
from marketshock.exhibits.words import both, pick
from marketshock.locale import Locale, Text
from marketshock.market.sessions import to_day
from marketshock.shock.study import ShockStudy
from marketshock.table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["placebo_histogram"]

STATISTIC = "portfolio_t"


def placebo_histogram(shock: ShockStudy) -> Exhibit:
    """Portfolio t of every admissible earlier session, with the event's own marked.

    Of the study's first window. p = (1 + sessions at least as large)/(1 + sessions), two-sided.

    Raises
    ------
    InsufficientDataError
        If the study was not repeated on earlier sessions.
    """
    result, window = shock.result, shock.result.headline_window
    history = result.placebo.portfolio if result.placebo else {}
    own = result.test(STATISTIC, window).statistic
    if own is None or not len(history.get(window, ())):
        raise InsufficientDataError(
            "The study was not repeated on earlier sessions.",
            "It needs one date, one calendar and a model estimated for many sessions at once.",
        )
    placebo = history[window]
    n, beyond = len(placebo), int((np.abs(placebo) >= abs(own)).sum())
    rows: list[dict[str, Any]] = [{"t": value, "event": False} for value in placebo.tolist()]
    rows.append({"t": own, "event": True})
    day = to_day(result.abnormal.sessions[0][result.abnormal.inside(window)][0])

    def draw(data: Table, locale: Locale, size: Size) -> Figure:
        from marketshock.exhibits.charts_histogram import histogram_with_event

        return histogram_with_event(
            [row["t"] for row in data if not row["event"]],
            own,
            event_label=locale.day_month(day),
            x_label=pick(locale, "Portfolio t of a session", "t di portafoglio di una seduta"),
            y_label=pick(locale, "Sessions", "Sedute"),
            locale=locale,
            size=size,
            number=lambda value: locale.number(value, 0 if value == int(value) else 1),
        )

    return Exhibit(
        "placebo_histogram",
        both(lambda locale: _title(n, beyond, locale)),
        both(
            lambda locale: pick(
                locale,
                f"Portfolio t, {window_words(shock, window, locale)}, against the same statistic "
                f"on {locale.number(n)} earlier sessions; number of sessions",
                f"t di portafoglio, {window_words(shock, window, locale)}, e la stessa statistica "
                f"in {locale.number(n)} sedute precedenti; numero di sedute",
            )
        ),
        Table.from_rows("placebo_histogram", rows),
        result.sources,
        both(lambda locale: _alt(placebo.tolist(), own, locale)),
        draw,
        emphasis=(n,),
        notes=(_rank_note(n, beyond, _nearest(result.study)), *study_notes(shock)),
    )


def _title(n: int, beyond: int, locale: Locale) -> str:
    of = locale.number(n)
    if not beyond:
        return pick(
            locale,
            f"No ordinary session of {of} had a statistic as large",
            f"Nessuna di {of} sedute ordinarie ha una statistica così grande",
        )
    many, one = locale.number(beyond), beyond == 1
    return pick(
        locale,
        f"{many} of {of} ordinary sessions had a statistic as large",
        f"{many} di {of} sedute ordinarie {'ha' if one else 'hanno'} una statistica così grande",
    )


def _nearest(study: EventStudy) -> int:
    """Return how many sessions before the event the last placebo session lies."""
    return max(study.estimation.gap, int(study.tau[-1] - min(0, study.tau[0])) + 1)


def _rank_note(n: int, beyond: int, gap: int) -> Text:
    """Return p, the smallest that can be reached, and which sessions are compared."""

    def words(locale: Locale) -> str:
        p, least = _p((1 + beyond) / (1 + n), locale), _p(1 / (1 + n), locale)
        days, of = locale.number(gap), locale.number(n)
        return pick(
            locale,
            f"Placebo p {p}, two-sided; the smallest that {of} sessions can reach is {least}. Each "
            "session has an estimation window of its own; those fewer than "
            f"{days} before the event are left out, known shocks are kept.",
            f"p placebo {p}, bilaterale; il minimo raggiungibile con {of} sedute è {least}. Ogni "
            "seduta ha una propria finestra di stima; quelle a meno di "
            f"{days} sedute dall'evento sono escluse, gli shock noti restano.",
        )

    return both(words)


def _p(value: float, locale: Locale) -> str:
    """Return a p-value that is a share of sessions with the digits it has."""
    return locale.number(value, 3 if value >= 0.01 else 4 if value >= 0.0001 else 5)


def _alt(placebo: list[float], own: float, locale: Locale) -> str:
    low, high = locale.number(min(placebo), 1), locale.number(max(placebo), 1)
    of, event = locale.number(len(placebo)), locale.number(own, 1)
    return pick(
        locale,
        f"Histogram: portfolio t of {of} ordinary sessions, from {low} to {high}, and the event "
        f"at {event}.",
        f"Istogramma: t di portafoglio di {of} sedute ordinarie, da {low} a {high}, e l'evento a "
        f"{event}.",
    )
