"""The same question under other choices: models, windows and estimation lengths in one call."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from statistics import median
from typing import TYPE_CHECKING, Any

from marketshock.errors import (
    InsufficientDataError,
    MarketShockError,
    SingularModelError,
    UserInputError,
)
from marketshock.eventstudy.events import EventSet
from marketshock.eventstudy.models import ExpectedReturnModel
from marketshock.eventstudy.study import EventStudy
from marketshock.eventstudy.windows import EstimationWindow, EventWindow
from marketshock.inference.result import SignificanceResult
from marketshock.locale import Locale, Text, elided
from marketshock.market.panel import ReturnPanel
from marketshock.provenance import Source
from marketshock.quality.findings import Finding
from marketshock.table import Table

if TYPE_CHECKING:
    import pandas as pd

    from marketshock.eventstudy.result import StudyResult

__all__ = ["Progress", "RobustnessGrid", "Specification", "robustness"]

LEVEL = 0.05
CONFIDENCE = 0.95
OVER_ITS_ERROR = ("portfolio_t", "crude_dependence_t", "cross_sectional_t")
"""Tests whose statistic is the CAAR over a standard error, so that an interval follows."""

FAILED: dict[type[MarketShockError], str] = {
    InsufficientDataError: "dati insufficienti per questa specificazione",
    SingularModelError: "regressori collineari o costanti nella finestra di stima",
    UserInputError: "specificazione non ammessa",
}
Progress = Callable[[int, int], None]
Factors = ReturnPanel | Mapping[str, ReturnPanel | None] | None


@dataclass(frozen=True, slots=True)
class Specification:
    """One choice of model, window and estimation length, and what it gives.

    Parameters
    ----------
    model : str
    window : EventWindow
    estimation : EstimationWindow
    n : int
        Events studied; 0 where nothing could be computed.
    caar : float or None
        Decimals; None where nothing could be computed.
    test : SignificanceResult or None
    declared : bool
        Whether this is the choice made before looking.
    reason : Text
        Why the test holds or not, or why nothing could be computed.
    """

    model: str
    window: EventWindow
    estimation: EstimationWindow
    n: int
    caar: float | None
    test: SignificanceResult | None
    declared: bool
    reason: Text

    @property
    def valid(self) -> bool:
        """Whether the test could be computed and holds for this sample."""
        return self.test is not None and self.test.statistic is not None and self.test.valid

    @property
    def pvalue(self) -> float | None:
        """Two-sided."""
        return self.test.pvalue if self.test else None

    @property
    def rejects(self) -> bool:
        """Whether a valid test rejects at 5 %."""
        return self.valid and self.pvalue is not None and self.pvalue < LEVEL

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 % interval of the CAAR: CAAR +- t times the standard error of the test.

        None for a test without a standard error of the CAAR, and for a CAAR of zero.
        """
        test = self.test
        if test is None or test.name not in OVER_ITS_ERROR or not (self.caar and test.statistic):
            return None
        from scipy.special import stdtrit

        df = test.df[0] if isinstance(test.df, tuple) else test.df
        half = float(stdtrit(df, 0.5 + CONFIDENCE / 2)) * abs(self.caar / test.statistic)
        return self.caar - half, self.caar + half


@dataclass(frozen=True, slots=True, eq=False)
class RobustnessGrid:
    """What a study gives under every choice of a grid.

    Parameters
    ----------
    study : EventStudy
        The declared choice: its model, first window and estimation.
    events : EventSet
    specifications : tuple of Specification
        One for each model, window, estimation and test; those of the first test first.
    sources : tuple of Source
    findings : tuple of Finding
        What the quality gate found.
    """

    study: EventStudy
    events: EventSet
    specifications: tuple[Specification, ...]
    sources: tuple[Source, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def headline_test(self) -> str:
        """Name of the test that judges."""
        return next((s.test.name for s in self.specifications if s.test), "")

    @property
    def headline(self) -> tuple[Specification, ...]:
        """Specifications that were computed, with the first test."""
        name = self.headline_test
        return tuple(s for s in self.specifications if s.test and s.test.name == name)

    @property
    def failed(self) -> tuple[Specification, ...]:
        """Specifications that could not be computed, each with its reason."""
        return tuple(s for s in self.specifications if s.caar is None)

    @property
    def declared(self) -> Specification | None:
        """The declared specification, or None where it could not be computed."""
        return next((s for s in self.headline if s.declared), None)

    @property
    def valid(self) -> tuple[Specification, ...]:
        """Computed specifications whose test holds."""
        return tuple(s for s in self.headline if s.valid)

    @property
    def share_rejecting(self) -> float | None:
        """Share of the valid specifications with p below 5 %; None without any."""
        return sum(s.rejects for s in self.valid) / len(self.valid) if self.valid else None

    @property
    def median(self) -> float | None:
        """Median CAAR of the computed specifications, decimals."""
        return median(self._caars) if self._caars else None

    @property
    def range(self) -> tuple[float, float] | None:
        """Least and largest CAAR of the computed specifications, decimals."""
        return (min(self._caars), max(self._caars)) if self._caars else None

    @property
    def _caars(self) -> list[float]:
        return [s.caar for s in self.headline if s.caar is not None]

    def sentence(self) -> Text:
        """Return the grid in one sentence."""
        return Text(_sentence(self, Locale("en")), elided(_sentence(self, Locale("it"))))

    def table(self) -> Table:
        """Return one tidy row a specification and test."""
        return Table.from_rows("robustness", [_row(s) for s in self.specifications])

    def to_frame(self) -> pd.DataFrame:
        """Return :meth:`table` as a pandas frame."""
        return self.table().to_frame()

    def summary(self) -> str:
        """Return the sentence and the table as text."""
        return f"{self.sentence().en}\n{self.table().to_text()}"

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        return f"<p><b>{html.escape(self.sentence().en)}</b></p>{self.table().to_html()}"


def robustness(
    study: EventStudy,
    events: EventSet,
    returns: ReturnPanel | pd.DataFrame | Mapping[str, ReturnPanel | pd.DataFrame],
    *,
    factors: Factors = None,
    weights: ReturnPanel | None = None,
    windows: Sequence[EventWindow] = (),
    models: Sequence[ExpectedReturnModel] = (),
    estimations: Sequence[EstimationWindow] = (),
    tests: Sequence[str] = ("portfolio_t",),
    progress: Progress | None = None,
) -> RobustnessGrid:
    """Repeat a study under every model, window and estimation length of a grid.

    Each specification is a study of its own with that single window, so a number depends on
    nothing outside its own windows. The size of the tests is not measured again.

    Parameters
    ----------
    study : EventStudy
        The declared choice; its model, first window and estimation are always in the grid.
    events, returns, weights
        As in :meth:`EventStudy.run`.
    factors : ReturnPanel, or mapping of model name to ReturnPanel, optional
        Factor files differ between models.
    windows, models, estimations : sequence
        Default: those of the study.
    tests : sequence of str
        The first one judges.
    progress : callable, optional
        ``progress(done, of)`` after each specification.

    Raises
    ------
    UserInputError
        If a test is unknown.
    """
    if not tests:
        raise UserInputError("No test was named.", "Name one, for example portfolio_t.")
    declared = (study.model, study.all_windows[0], study.estimation)
    grid = list(
        product(
            _with(study.model, models), _with(declared[1], windows), _with(declared[2], estimations)
        )
    )
    found: list[list[Specification]] = []
    sources: list[Source] = []
    for number, (model, window, estimation) in enumerate(grid, 1):
        own = factors.get(model.name) if isinstance(factors, Mapping) else factors
        chosen = (model, window, estimation) == declared
        try:
            one = replace(
                study, model=model, windows=window, estimation=estimation, placebo_sessions=0
            )
            result = one.run(events, returns, own, weights)
        except MarketShockError as error:
            found.append([_failed(model.name, window, estimation, chosen, error)])
        else:
            found.append([_specification(result, name, chosen) for name in tests])
            sources += result.sources
        if progress is not None:
            progress(number, len(grid))
    ordered = [row[at] for at in range(len(tests)) for row in found if at < len(row)]
    return RobustnessGrid(study, events, tuple(ordered), _latest(sources))


def _with(declared: Any, others: Sequence[Any]) -> list[Any]:
    """Return the grid of one choice; the declared one is always in it."""
    listed = list(others)
    return listed if declared in listed else [declared, *listed]


def _latest(sources: Sequence[Source]) -> tuple[Source, ...]:
    """Return each source once, as of the last day that any specification reads."""
    latest: dict[Text, Source] = {}
    for source in sources:
        known = latest.get(source.name)
        if known is None or (source.as_of and (not known.as_of or source.as_of > known.as_of)):
            latest[source.name] = source
    return tuple(latest.values())


def _specification(result: StudyResult, name: str, declared: bool) -> Specification:
    study, window = result.study, result.headline_window
    test = result.test(name)
    return Specification(
        study.model.name,
        window,
        study.estimation,
        len(result.abnormal),
        result.abnormal.caar(window),
        test,
        declared,
        test.full_reason,
    )


def _failed(
    model: str,
    window: EventWindow,
    estimation: EstimationWindow,
    declared: bool,
    error: MarketShockError,
) -> Specification:
    kinds = (words for kind, words in FAILED.items() if isinstance(error, kind))
    reason = Text(error.message, next(kinds, "specificazione non calcolabile"))
    return Specification(model, window, estimation, 0, None, None, declared, reason)


def _row(specification: Specification) -> dict[str, Any]:
    low, high = specification.interval or (None, None)
    test = specification.test
    return {
        "model": specification.model,
        "first": specification.window.first,
        "last": specification.window.last,
        "estimation": specification.estimation.length,
        "gap": specification.estimation.gap,
        "n": specification.n,
        "caar": specification.caar,
        "low": low,
        "high": high,
        "test": test.name if test else None,
        "statistic": test.statistic if test else None,
        "pvalue": specification.pvalue,
        "valid": specification.valid,
        "declared": specification.declared,
        "reason": specification.reason.en,
    }


def _sentences(grid: RobustnessGrid, locale: Locale) -> Iterator[str]:
    english = locale.lang == "en"
    middle, ends, share = grid.median, grid.range, grid.share_rejecting
    if middle is None or ends is None:
        yield (
            "No specification could be computed"
            if english
            else "Nessuna specificazione è calcolabile"
        )
        return
    low, high = (locale.percent(end, sign=True) for end in ends)
    size, n = locale.percent(middle, sign=True), locale.number(len(grid.headline))
    yield (
        f"{n} specifications: median CAAR {size}, from {low} to {high}"
        if english
        else f"{n} specificazioni: CAAR mediano {size}, da {low} a {high}"
    )
    if share is None:
        yield (
            f"{grid.headline_test} is valid in none"
            if english
            else f"{grid.headline_test} non è valido in alcuna"
        )
    else:
        part, of = locale.percent(share, 0), locale.number(len(grid.valid))
        yield (
            f"p below {locale.percent(LEVEL, 0)} in {part} of the {of} with a valid "
            f"{grid.headline_test}"
            if english
            else f"p sotto il {locale.percent(LEVEL, 0)} nel {part} delle {of} con "
            f"{grid.headline_test} valido"
        )
    if grid.failed:
        lost = locale.number(len(grid.failed))
        yield f"{lost} could not be computed" if english else f"non calcolabili {lost}"


def _sentence(grid: RobustnessGrid, locale: Locale) -> str:
    return "; ".join(_sentences(grid, locale)) + "."
