"""The result of an event study: abnormal returns, tests, what was dropped; no clock, no plot."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from marketshock.errors import UserInputError, suggest
from marketshock.eventstudy.abnormal import AbnormalReturns
from marketshock.eventstudy.events import EventSet
from marketshock.eventstudy.windows import EventWindow
from marketshock.inference.battery import battery
from marketshock.inference.nonparametric import quantile_rank
from marketshock.inference.result import SignificanceResult
from marketshock.locale import LANGUAGES, Locale, Text
from marketshock.market.panel import ReturnPanel
from marketshock.market.sessions import to_day
from marketshock.provenance import Source
from marketshock.table import Table

if TYPE_CHECKING:
    import pandas as pd

    from marketshock.eventstudy.size import MeasuredSize
    from marketshock.eventstudy.study import EventStudy

__all__ = ["Dropped", "StudyResult"]

USABLE_SIZE = (0.02, 0.10)
"""Range of a measured size that needs no remark at a nominal 5 %."""

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
    correlation : float
        Mean correlation of estimation residuals on the same calendar sessions.
    caveats : tuple of Text
        What a reader must know; printed with every exhibit made from the result.
    sources : tuple of Source
    sizes : tuple of MeasuredSize
        How often each test rejects on ordinary sessions before the event.
    """

    study: EventStudy
    events: EventSet
    abnormal: AbnormalReturns
    dropped: tuple[Dropped, ...]
    tests: dict[EventWindow, tuple[SignificanceResult, ...]]
    correlation: float
    caveats: tuple[Text, ...]
    sources: tuple[Source, ...]
    sizes: tuple[MeasuredSize, ...] = ()

    @classmethod
    def assemble(
        cls,
        study: EventStudy,
        events: EventSet,
        abnormal: AbnormalReturns,
        dropped: tuple[Dropped, ...],
        panel: ReturnPanel,
        sizes: tuple[MeasuredSize, ...] = (),
    ) -> StudyResult:
        """Run the tests of every window and collect the caveats."""
        correlation = abnormal.correlation()
        tests = {
            window: _with_sizes(battery(abnormal.sample(window, correlation)), window, sizes)
            for window in study.all_windows
        }
        last = max(to_day(session) for session in abnormal.sessions[:, -1])
        sources = tuple(source.at(last) for source in panel.sources)
        caveats = tuple(_caveats(study, events, abnormal, panel))
        return cls(study, events, abnormal, dropped, tests, correlation, caveats, sources, sizes)

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
        views = {"car": _car_rows, "ar": _ar_rows, "tests": _test_rows, "stocks": _stock_rows}
        if view not in views:
            raise UserInputError(f"Unknown view {view!r}.", suggest(view, views))
        return Table.from_rows(view, list(views[view](self)))

    def to_frame(self, view: View = "car") -> pd.DataFrame:
        """Return one tidy view as a pandas frame; see :meth:`table`."""
        return self.table(view).to_frame()

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

    def remarks(self) -> list[str]:
        """Return what was dropped, and the caveats, one sentence each."""
        lines = [f"dropped {lost.symbol}: {lost.reason.en}" for lost in self.dropped]
        return lines + [f"note: {caveat.en}" for caveat in self.caveats]

    def summary(self) -> str:
        """Return the tests of the first window in words: first those that hold."""
        lines = [self.headline(), *self.verdict().to_text().splitlines(), *self.remarks()]
        return "\n".join([lines[0], *(f"  {line}" for line in lines[1:])])

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        remarks = "".join(f"<li>{html.escape(line)}</li>" for line in self.remarks())
        head = html.escape(self.headline())
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
    study: EventStudy, events: EventSet, abnormal: AbnormalReturns, panel: ReturnPanel
) -> Iterable[Text]:
    moved = [
        event
        for event in events
        if event.first_session is None and panel.calendar.position(event.date) is None
    ]
    for day in sorted({event.date for event in moved}):
        session = panel.calendar.day(panel.calendar.first_on_or_after(day))
        yield Text(
            f"{day} is no session: session 0 is {session}",
            f"{day} non è una seduta: la seduta 0 è il {session}",
        )
    if study.model.benchmark.startswith("^") and panel.basis == "splits_dividends":
        yield Text(
            "stocks with dividends reinvested against a price index without dividends",
            "titoli con dividendi reinvestiti, indice di prezzo senza dividendi",
        )
    short = abnormal.df + len(abnormal.parameters) < study.estimation.length
    for symbol, df in zip(
        [s for s, lacks in zip(abnormal.symbols, short, strict=True) if lacks],
        abnormal.df[short],
        strict=True,
    ):
        count = int(df) + len(abnormal.parameters)
        yield Text(
            f"{symbol}: {count} of {study.estimation.length} estimation sessions usable",
            f"{symbol}: utilizzabili {count} sedute di stima su {study.estimation.length}",
        )


def _car_rows(result: StudyResult) -> Iterable[dict[str, Any]]:
    abnormal = result.abnormal
    for window in result.study.all_windows:
        car, error = abnormal.car(window), abnormal.car_error(window)
        bhar, expected = abnormal.bhar(window), abnormal.bhar_expected(window)
        for number, event_id in enumerate(abnormal.event_ids):
            t = float(car[number] / error[number])
            yield {
                "event_id": event_id,
                "symbol": abnormal.symbols[number],
                "first": window.first,
                "last": window.last,
                "car": float(car[number]),
                "se": float(error[number]),
                "t": t,
                "pvalue": _two_sided(t, float(abnormal.df[number])),
                "bhar": float(bhar[number]),
                "bhar_expected": float(expected[number]),
            }


def _ar_rows(result: StudyResult) -> Iterable[dict[str, Any]]:
    abnormal = result.abnormal
    ar, sar = abnormal.ar, abnormal.sar
    for number, event_id in enumerate(abnormal.event_ids):
        for at, tau in enumerate(abnormal.tau.tolist()):
            yield {
                "event_id": event_id,
                "symbol": abnormal.symbols[number],
                "tau": tau,
                "session": to_day(abnormal.sessions[number, at]),
                "realised": float(abnormal.realised[number, at]),
                "expected": float(abnormal.expected[number, at]),
                "ar": float(ar[number, at]),
                "sar": float(sar[number, at]),
            }


def _test_rows(result: StudyResult) -> Iterable[dict[str, Any]]:
    for window, tests in result.tests.items():
        for test in tests:
            yield {
                "first": window.first,
                "last": window.last,
                "test": test.name,
                "statistic": test.statistic,
                "pvalue": test.pvalue,
                "valid": test.valid,
                "reason": test.full_reason.en,
                "null": test.null.en,
            }


def _stock_rows(result: StudyResult) -> Iterable[dict[str, Any]]:
    abnormal = result.abnormal
    for number, event_id in enumerate(abnormal.event_ids):
        yield {
            "event_id": event_id,
            "symbol": abnormal.symbols[number],
            "n": int(abnormal.df[number]) + len(abnormal.parameters),
            "df": int(abnormal.df[number]),
            "sigma": float(abnormal.sigma[number]),
            **dict(zip(abnormal.parameters, abnormal.coefficients[number].tolist(), strict=True)),
        }


def _two_sided(t: float, df: float) -> float:
    from scipy.special import stdtr

    return float(2.0 * stdtr(df, -abs(t)))
