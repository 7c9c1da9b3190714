"""The result of an event study: abnormal returns, tests, what was dropped; no clock, no plot."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from marketshock.errors import UserInputError, suggest
from marketshock.eventstudy.abnormal import AbnormalReturns
from marketshock.eventstudy.announcements import announcement_caveats
from marketshock.eventstudy.conclusion import conclusion
from marketshock.eventstudy.events import EventSet
from marketshock.eventstudy.views import VIEWS, Columns
from marketshock.eventstudy.windows import EventWindow
from marketshock.inference.battery import battery
from marketshock.inference.nonparametric import quantile_rank
from marketshock.inference.period import EstimationPeriod
from marketshock.inference.result import SignificanceResult
from marketshock.locale import LANGUAGES, Locale, Text
from marketshock.market.panel import ReturnPanel
from marketshock.market.sessions import to_day
from marketshock.provenance import Source
from marketshock.table import Table

if TYPE_CHECKING:
    import pandas as pd

    from marketshock.eventstudy.placebo import MeasuredSize, PlaceboHistory
    from marketshock.eventstudy.study import EventStudy

__all__ = ["Dropped", "StudyResult"]

USABLE_SIZE = (0.02, 0.10)
"""Range of a measured size that needs no remark at a nominal 5 %."""

LOG_RETURNS = Text(
    "log returns: a cumulative abnormal return is a difference of logarithms",
    "rendimenti logaritmici: un rendimento anomalo cumulato è una differenza di logaritmi",
)
NOT_MEASURED = Text(
    "false alarms not measured, no placebo dates: they need one calendar and a model that is "
    "estimated for many sessions at once",
    "falsi allarmi non misurati, nessuna data placebo: servono un solo calendario e un modello "
    "stimabile su molte sedute insieme",
)

View = Literal["car", "ar", "tests", "stocks"]


@dataclass(frozen=True, slots=True)
class Dropped:
    """An event that could not be studied, and why."""

    event_id: str
    symbol: str
    reason: Text


@dataclass(frozen=True, slots=True, eq=False)
class StudyResult:
    """What an event study found.

    Parameters
    ----------
    study : EventStudy
        The configuration.
    events : EventSet
        All events asked for.
    abnormal : AbnormalReturns
        Of the events that could be studied.
    dropped : tuple of Dropped
        The others, each with its reason.
    tests : dict of EventWindow to tuple of SignificanceResult
        Valid tests first.
    correlations : dict of EventWindow to float
        r-bar of each window: mean correlation of estimation residuals on the same calendar
        sessions.
    caveats : tuple of Text
        What a reader must know; printed with every exhibit made from the result.
    sources : tuple of Source
    placebo : PlaceboHistory, optional
        What the same study finds on ordinary sessions before the event.
    """

    study: EventStudy
    events: EventSet
    abnormal: AbnormalReturns
    dropped: tuple[Dropped, ...]
    tests: dict[EventWindow, tuple[SignificanceResult, ...]]
    correlations: dict[EventWindow, float]
    caveats: tuple[Text, ...]
    sources: tuple[Source, ...]
    placebo: PlaceboHistory | None = None

    @classmethod
    def assemble(
        cls,
        study: EventStudy,
        events: EventSet,
        abnormal: AbnormalReturns,
        dropped: tuple[Dropped, ...],
        panels: Mapping[str, ReturnPanel],
        placebo: PlaceboHistory | None = None,
        factors: ReturnPanel | None = None,
    ) -> StudyResult:
        """Run the tests of every window, collect the caveats, and name all sources."""
        correlations = {window: abnormal.correlation(window) for window in study.all_windows}
        tests, period = {}, EstimationPeriod(abnormal.residuals)
        for window, correlation in correlations.items():
            sample = replace(abnormal.sample(window, correlation), period=period)
            if placebo is not None:
                sample = replace(sample, placebo=placebo.portfolio.get(window))
            sizes = placebo.sizes if placebo else ()
            tests[window] = _with_sizes(battery(sample, study.tests), window, sizes)
        last = to_day(abnormal.sessions[:, -1].max())
        sources = dict.fromkeys(
            source.at(last)
            for panel in (*panels.values(), factors)
            if panel is not None
            for source in panel.sources
        )
        caveats = tuple(_caveats(study, events, abnormal, panels, placebo))
        return cls(
            study, events, abnormal, dropped, tests, correlations, caveats, tuple(sources), placebo
        )

    @property
    def sizes(self) -> tuple[MeasuredSize, ...]:
        """How often each test rejects on ordinary sessions before the event."""
        return self.placebo.sizes if self.placebo else ()

    @property
    def correlation(self) -> float:
        """r-bar of the first window."""
        return self.correlations[self.headline_window]

    @property
    def headline_window(self) -> EventWindow:
        """The window named first."""
        return self.study.all_windows[0]

    def test(self, name: str, window: EventWindow | None = None) -> SignificanceResult:
        """Return one test of a window (default: the first one)."""
        answers = {test.name: test for test in self.tests[window or self.headline_window]}
        if name not in answers:
            raise UserInputError(f"Unknown test {name!r}.", suggest(name, answers))
        return answers[name]

    def size(self, name: str, window: EventWindow | None = None) -> MeasuredSize | None:
        """Return the measured size of a test of a window, or None if none was measured."""
        wanted = (name, window or self.headline_window)
        return next((size for size in self.sizes if (size.name, size.window) == wanted), None)

    def quantile_rank(self, symbol: str) -> dict[str, int | float | str] | None:
        """Rank a stock's AR of session 0 among its estimation residuals; None without session 0."""
        event = self.row(symbol)
        if 0 not in self.abnormal.tau:
            return None
        at = int(self.abnormal.tau.tolist().index(0))
        return quantile_rank(float(self.abnormal.ar[event, at]), self.abnormal.residuals[event])

    def row(self, symbol: str) -> int:
        """Return the position of a stock's first event in the arrays."""
        if symbol not in self.abnormal.symbols:
            raise UserInputError(
                f"No result for {symbol!r}.", suggest(symbol, self.abnormal.symbols)
            )
        return self.abnormal.symbols.index(symbol)

    def table(self, view: View = "car") -> Table:
        """Return one tidy view: ``car``, ``ar``, ``tests`` or ``stocks``."""
        columns = self._columns(view)
        plain = (
            cells.tolist() if isinstance(cells, np.ndarray) else cells for cells in columns.values()
        )
        return Table(view, dict(zip(columns, map(tuple, plain), strict=True)))

    def to_frame(self, view: View = "car") -> pd.DataFrame:
        """Return one tidy view as a pandas frame; see :meth:`table`."""
        import pandas as pd

        return pd.DataFrame(dict(self._columns(view)))

    def _columns(self, view: str) -> Columns:
        if view not in VIEWS:
            raise UserInputError(f"Unknown view {view!r}.", suggest(view, VIEWS))
        return VIEWS[view](self)

    def verdict(self, window: EventWindow | None = None) -> Table:
        """Return the tests of a window (default: the first) as a table: valid ones first."""
        chosen = window or self.headline_window
        rows = []
        for test in self.tests[chosen]:
            size = self.size(test.name, chosen)
            rows.append(
                {
                    "test": test.name,
                    "statistic": test.statistic,
                    "pvalue": test.pvalue,
                    "false_alarms": size.rejection_rate if size else None,
                    "verdict": "valid" if test.valid else "not valid",
                    "why": test.full_reason.en,
                }
            )
        return Table.from_rows("verdict", rows)

    def headline(self) -> str:
        """Return model, events, window, CAAR and mean correlation in one line."""
        window = self.headline_window
        return (
            f"{self.study.model.name}, {len(self.abnormal)} of {len(self.events)} events, window "
            f"[{window.first}, {window.last}]: CAAR {self.abnormal.caar(window):+.4f}, "
            f"r-bar {self.correlation:.3f}"
        )

    def conclusion(self, window: EventWindow | None = None) -> Text:
        """Return what the headline tests that hold say of a window (default: the first)."""
        return conclusion(self, window or self.headline_window)

    def remarks(self) -> list[str]:
        """Return what was dropped, and the caveats, one sentence each."""
        lines = [f"dropped {lost.symbol}: {lost.reason.en}" for lost in self.dropped]
        return lines + [f"note: {caveat.en}" for caveat in self.caveats]

    def summary(self) -> str:
        """Return the tests of the first window in words: first those that hold."""
        lines = [
            self.headline(),
            self.conclusion().en,
            *self.verdict().to_text().splitlines(),
            *self.remarks(),
        ]
        return "\n".join([lines[0], *(f"  {line}" for line in lines[1:])])

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        remarks = "".join(f"<li>{html.escape(line)}</li>" for line in self.remarks())
        head = html.escape(f"{self.headline()}: {self.conclusion().en}")
        return f"<p><b>{head}</b></p>{self.verdict().to_html()}<ul>{remarks}</ul>"


def _with_sizes(
    tests: tuple[SignificanceResult, ...], window: EventWindow, sizes: tuple[MeasuredSize, ...]
) -> tuple[SignificanceResult, ...]:
    """Return the tests; one whose measured size is off says so in its reason."""
    off = {
        size.name: size for size in sizes if size.window == window and size.outside(*USABLE_SIZE)
    }
    return tuple(
        replace(test, remark=_remark(off[test.name])) if test.name in off else test
        for test in tests
    )


def _remark(size: MeasuredSize) -> Text:
    en, it = (Locale(lang).percent(size.rejection_rate) for lang in LANGUAGES)
    level = [Locale(lang).percent(size.nominal, 0) for lang in LANGUAGES]
    return Text(
        f"rejects on {en} of ordinary sessions at {level[0]}",
        f"rifiuta nel {it} delle sedute ordinarie al {level[1]}",
    )


def _caveats(
    study: EventStudy,
    events: EventSet,
    abnormal: AbnormalReturns,
    panels: Mapping[str, ReturnPanel],
    placebo: PlaceboHistory | None,
) -> Iterable[Text]:
    days = {(e.calendar, e.date) for e in events if e.first_session is None}
    for name in sorted({name for name, _ in days}):
        calendar = panels[name].calendar
        for day in calendar.closed_among(sorted(day for own, day in days if own == name)):
            session = calendar.day(calendar.first_on_or_after(day))
            yield Text(
                f"{day} is no session: session 0 is {session}",
                f"{day} non è una seduta: la seduta 0 è il {session}",
            )
    yield from announcement_caveats(events)
    total = any(panel.basis == "splits_dividends" for panel in panels.values())
    if study.model.benchmark.startswith("^") and total:
        yield Text(
            "stocks with dividends reinvested against a price index without dividends",
            "titoli con dividendi reinvestiti, indice di prezzo senza dividendi",
        )
    if abnormal.kind == "log":
        yield LOG_RETURNS
    whole = study.estimation.length - getattr(study.model, "trimmed", 0)
    for number in np.flatnonzero(abnormal.observations < whole):
        symbol, count = abnormal.symbols[number], int(abnormal.observations[number])
        yield Text(
            f"{symbol}: {count} of {study.estimation.length} estimation sessions usable",
            f"{symbol}: utilizzabili {count} sedute di stima su {study.estimation.length}",
        )
    for symbol, remark in zip(abnormal.symbols, abnormal.remarks, strict=True):
        if remark is not None:
            yield Text(f"{symbol}: {remark.en}", f"{symbol}: {remark.it}")
    if study.placebo_sessions and abnormal.shared_date and placebo is None:
        yield NOT_MEASURED
