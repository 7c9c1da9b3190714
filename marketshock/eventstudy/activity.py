"""Abnormal activity: the event study of a quantity that is positive on every session.

The logarithm of trading volume or of a price range is a panel like any other, so models,
forecast errors and tests are those of returns. What differs is how it is read: an abnormal
logarithm that sums to ``a`` over L sessions means ``exp(a / L)`` times the normal level.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from marketshock.errors import InsufficientDataError, UserInputError, suggest
from marketshock.eventstudy.events import Event, EventSet
from marketshock.eventstudy.result import Dropped, StudyResult
from marketshock.eventstudy.study import EventStudy
from marketshock.eventstudy.windows import EventWindow
from marketshock.inference.significance import t_pvalue
from marketshock.locale import LANGUAGES, Locale, Text
from marketshock.market.panel import Floats, PricePanel, ReturnPanel
from marketshock.market.sessions import to_day
from marketshock.provenance import Source
from marketshock.quality.findings import Finding
from marketshock.table import Table

__all__ = [
    "EQUAL_WEIGHTED",
    "AbnormalActivity",
    "beside_equal_weighted",
    "logarithms",
    "placebo_pvalue",
    "study_activity",
]

EQUAL_WEIGHTED = "equal_weighted"
"""Symbol of the equal-weighted index of an activity."""

View = Literal["stocks", "aggregate"]


@dataclass(frozen=True, slots=True, eq=False)
class AbnormalActivity:
    """What was abnormal in the logarithm of an activity.

    Parameters
    ----------
    measure : Text
        The quantity, for example log volume.
    result : StudyResult
        Of the logarithms: a CAR is a sum of abnormal logarithms.
    dropped : tuple of Dropped
        Events that could not be studied, each with its reason.
    members : tuple of str
        Symbols of the equal-weighted index; empty where the model has none.
    caveats : tuple of Text
        What a reader must know: sessions left out, and how persistent the activity is.
    findings : tuple of Finding
        What the quality gate found.
    """

    measure: Text
    result: StudyResult
    dropped: tuple[Dropped, ...]
    members: tuple[str, ...]
    caveats: tuple[Text, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def sources(self) -> tuple[Source, ...]:
        """Where the figures come from."""
        return self.result.sources

    def table(self, view: View = "stocks") -> Table:
        """Return a tidy table.

        ``stocks``: for each event and window the sum of abnormal logarithms with its
        forecast error, t and p-value, the multiple of the normal level, and the rank among
        placebo sessions. ``aggregate``: each test of each window on the mean.
        """
        views = {"stocks": _stock_rows, "aggregate": _aggregate_rows}
        if view not in views:
            raise UserInputError(f"Unknown view {view!r}.", suggest(view, views))
        return Table.from_rows(view, list(views[view](self)))

    def multiple(self, window: EventWindow) -> Floats:
        """Return each event's activity as a multiple of its normal level, shape (E,).

        The geometric mean over the window.
        """
        times: Floats = np.exp(self.result.abnormal.car(window) / window.length)
        return times

    def remarks(self) -> list[str]:
        """Return what was dropped and what was found, one sentence each."""
        lost = [f"dropped {event.symbol}: {event.reason.en}" for event in self.dropped]
        told = [*self.caveats, *(one.text for one in self.findings if one.level == "FOOTNOTE")]
        return lost + [f"note: {words.en}" for words in told]

    def headline(self) -> str:
        """Return measure, model, window and multiple in one line."""
        window = self.result.headline_window
        times = float(np.exp(self.result.abnormal.caar(window) / window.length))
        return (
            f"Abnormal {self.measure.en}, {self.result.study.model.name}, "
            f"{len(self.result.abnormal)} events, window [{window.first}, {window.last}]: "
            f"{times:.2f} times the normal level"
        )

    def __repr__(self) -> str:
        lines = [*self.table().to_text().splitlines(), *self.remarks()]
        return "\n".join([self.headline(), *(f"  {line}" for line in lines)])

    def _repr_html_(self) -> str:
        items = "".join(f"<li>{html.escape(line)}</li>" for line in self.remarks())
        head = html.escape(self.headline())
        return f"<p><b>{head}</b></p>{self.table().to_html()}<ul>{items}</ul>"


def logarithms(values: Floats, *panels: PricePanel) -> ReturnPanel:
    """Return the natural logarithm of a quantity made from panels; NaN where not positive."""
    known = np.where(np.isfinite(values) & (values > 0.0), values, np.nan)
    like = panels[0]
    sources = tuple(dict.fromkeys(source for panel in panels for source in panel.sources))
    return ReturnPanel(np.log(known), like.sessions, like.symbols, like.basis, sources, "log")


def beside_equal_weighted(
    panel: ReturnPanel, events: EventSet, study: EventStudy
) -> tuple[ReturnPanel, tuple[str, ...]]:
    """Return the panel with an equal-weighted index beside it, and the index's members.

    Members are the stocks without an event that are complete on every session the study
    reads, placebo sessions included; so the level never jumps because a stock comes or goes.

    Raises
    ------
    InsufficientDataError
        If no stock qualifies.
    """
    shocked = {event.symbol for event in events}
    rows = _read(panel, events, study)
    complete = np.asarray(np.isfinite(panel.values[rows]).all(axis=0))
    chosen = [
        at
        for at, symbol in enumerate(panel.symbols)
        if complete[at] and symbol not in shocked and symbol != EQUAL_WEIGHTED
    ]
    if not chosen:
        raise InsufficientDataError(
            "No stock without an event is complete over the sessions of the study, so there is "
            "no equal-weighted index.",
            "Give more stocks, or use MeanAdjusted().",
        )
    index = panel.values[:, chosen].mean(axis=1, keepdims=True)
    symbols = (*panel.symbols, EQUAL_WEIGHTED)
    values = np.hstack([panel.values, index])
    beside = ReturnPanel(
        values, panel.sessions, symbols, panel.basis, panel.sources, kind=panel.kind
    )
    return beside, tuple(panel.symbols[at] for at in chosen)


def study_activity(
    study: EventStudy, events: EventSet, panel: ReturnPanel, measure: Text
) -> AbnormalActivity:
    """Run a study on a panel of logarithms; an index is built where the model asks for one.

    Raises
    ------
    InsufficientDataError
        If no event is left, with the reasons.
    """
    members: tuple[str, ...] = ()
    if study.model.benchmark == EQUAL_WEIGHTED:
        panel, members = beside_equal_weighted(panel, events, study)
    gaps = {event.id: gap for event in events if (gap := _gap(study, event, panel, measure))}
    kept = EventSet(tuple(event for event in events if event.id not in gaps))
    lost = tuple(Dropped(e.id, e.symbol, gaps[e.id]) for e in events if e.id in gaps)
    if not len(kept):
        words = "; ".join(f"{each.symbol}: {each.reason.en}" for each in lost)
        raise InsufficientDataError(
            f"No event can be studied. {words or 'No event was given'}.",
            "Choose other events or shorter windows.",
        )
    result = study.run(kept, panel)
    caveats = (*_unusable(result, panel, measure), *_persistence(result), *result.caveats)
    return AbnormalActivity(measure, result, (*lost, *result.dropped), members, caveats)


def placebo_pvalue(observed: float, history: Floats) -> float | None:
    """Return (1 + sessions at least as large) / (1 + n), or None without such sessions."""
    if not len(history):
        return None
    return float((1 + (history >= observed).sum()) / (1 + len(history)))


def _read(panel: ReturnPanel, events: EventSet, study: EventStudy) -> slice:
    """Return the rows that a study reads, placebo sessions included."""
    positions = [event.position(panel.calendar) for event in events]
    earlier = 0
    if study.placebo_sessions:
        span = int(study.tau[-1] - min(0, study.tau[0])) + 1
        earlier = max(study.estimation.gap, span) + study.placebo_sessions - 1
    first = min(positions) + study.estimation.first - earlier
    return slice(max(first, panel.first_row), max(positions) + int(study.tau[-1]) + 1)


def _gap(study: EventStudy, event: Event, panel: ReturnPanel, measure: Text) -> Text | None:
    """Return which session of the windows lacks the activity, or None."""
    if event.symbol not in panel.symbols:
        return None
    rows = event.position(panel.calendar) + study.tau
    if rows[0] < 0 or rows[-1] >= len(panel.sessions):
        return None
    missing = rows[~np.isfinite(panel.column(event.symbol)[rows])]
    if not len(missing):
        return None
    day = panel.calendar.day(int(missing[0]))
    return Text(f"no {measure.en} on {day}", f"manca il {measure.it} il {day}")


def _unusable(result: StudyResult, panel: ReturnPanel, measure: Text) -> Iterator[Text]:
    """Yield which estimation sessions lack the activity, by stock."""
    abnormal = result.abnormal
    for number, symbol in enumerate(abnormal.symbols):
        rows = np.searchsorted(panel.sessions, abnormal.estimation_sessions[number])
        missing = rows[~np.isfinite(panel.column(symbol)[rows])]
        if len(missing):
            count, day = len(missing), to_day(panel.sessions[missing[0]])
            yield Text(
                f"{symbol}: no {measure.en} on {count} estimation sessions, first on {day}",
                f"{symbol}: manca il {measure.it} in {count} sedute di stima, la prima il {day}",
            )


def _persistence(result: StudyResult) -> Iterator[Text]:
    """Yield the correlation of neighbouring estimation residuals, the median over events."""
    later, before = result.abnormal.residuals[:, 1:], result.abnormal.residuals[:, :-1]
    both = np.where(np.isfinite(later) & np.isfinite(before), later * before, np.nan)
    persistence = np.nanmean(both, axis=1) / np.nanmean(result.abnormal.residuals**2, axis=1)
    en, it = (Locale(lang).number(float(np.median(persistence)), 2) for lang in LANGUAGES)
    yield Text(
        f"residuals of neighbouring sessions correlate {en}: over several sessions trust the "
        "placebo sessions, not t",
        f"i residui di sedute vicine hanno correlazione {it}: su più sedute valgono le sedute "
        "placebo, non il t",
    )


def _stock_rows(activity: AbnormalActivity) -> Iterable[dict[str, Any]]:
    result, abnormal = activity.result, activity.result.abnormal
    for window in result.study.all_windows:
        total, error, scar = abnormal.car(window), abnormal.car_error(window), abnormal.scar(window)
        times = activity.multiple(window)
        pvalues = t_pvalue(scar, abnormal.df)
        history = np.abs(_history(result, window))
        for number, event_id in enumerate(abnormal.event_ids):
            size = abs(float(scar[number]))
            yield {
                "event_id": event_id,
                "symbol": abnormal.symbols[number],
                "first": window.first,
                "last": window.last,
                "abnormal": float(total[number]),
                "se": float(error[number]),
                "t": float(scar[number]),
                "pvalue": float(pvalues[number]),
                "times_normal": float(times[number]),
                "placebo_pvalue": placebo_pvalue(size, history[:, number]),
                "n_dates": len(history),
            }


def _history(result: StudyResult, window: EventWindow) -> Floats:
    """Return SCAR on placebo sessions, shape (n_dates, n_events)."""
    none = np.empty((0, len(result.abnormal)))
    return none if result.placebo is None else result.placebo.scar.get(window, none)


def _aggregate_rows(activity: AbnormalActivity) -> Iterable[dict[str, Any]]:
    result = activity.result
    for window, tests in result.tests.items():
        times = float(np.exp(result.abnormal.caar(window) / window.length))
        for test in tests:
            size = result.size(test.name, window)
            yield {
                "first": window.first,
                "last": window.last,
                "n": len(result.abnormal),
                "times_normal": times,
                "test": test.name,
                "statistic": test.statistic,
                "pvalue": test.pvalue,
                "false_alarms": size.rejection_rate if size else None,
                "valid": test.valid,
                "reason": test.full_reason.en,
            }
