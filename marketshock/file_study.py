"""Many events of a file studied at once, on the embedded prices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marketshock.asked import renamed
from marketshock.desk import BENCHMARK, Desk
from marketshock.errors import UserInputError
from marketshock.eventstudy.announcements import announcement_findings
from marketshock.eventstudy.contamination import (
    OverlapPolicy,
    Overlaps,
    contaminated,
    overlaps,
    shocks_inside,
)
from marketshock.eventstudy.events import Event, EventSet
from marketshock.eventstudy.plan import StudyData
from marketshock.eventstudy.result import StudyResult
from marketshock.eventstudy.study import DEFAULT_WINDOWS, EventStudy
from marketshock.eventstudy.windows import EstimationWindow, EventWindow
from marketshock.gates import admit, gate_events
from marketshock.market.panel import ReturnKind, ReturnPanel
from marketshock.quality.findings import Finding
from marketshock.shock.inputs import with_weights
from marketshock.shock.study import aggregate, measured
from marketshock.sources.texts import read_text
from marketshock.table import json_value

if TYPE_CHECKING:
    import pandas as pd

    from marketshock.eventstudy.diagnostics import Diagnostics
    from marketshock.eventstudy.result import View

__all__ = ["FileStudy", "read_events", "study_events"]

MOST_PAIRS = 5
"""Overlapping pairs that an error names before it counts the rest."""


def read_events(path: Path | str) -> EventSet:
    """Read a file of events; see :meth:`EventSet.from_csv` for its columns.

    Parameters
    ----------
    path : str or Path
        A file whose name ends in ``.toml``, else CSV.

    Raises
    ------
    UserInputError
        If it can't be read, or with all mistakes in it.
    """
    text = read_text(path)
    return (EventSet.from_toml if Path(path).suffix == ".toml" else EventSet.from_csv)(text)


@dataclass(frozen=True, slots=True, eq=False)
class FileStudy:
    """The study of many events, with what was found about them and their data.

    Parameters
    ----------
    result : StudyResult
    findings : tuple of Finding
        Of the prices, the announcements and the windows; those that a reader must know are
        among the caveats of the result too.
    source, vintage : str
    data : StudyData
        What the study was run on, for its diagnostics.
    """

    result: StudyResult
    findings: tuple[Finding, ...]
    source: str
    vintage: str
    data: StudyData

    def to_frame(self, view: View = "car") -> pd.DataFrame:
        """Return one tidy view of the result: car, ar, tests or stocks."""
        return self.result.to_frame(view)

    def diagnostics(self) -> Diagnostics:
        """Check the estimation windows; takes a second or two, so nothing does it unasked."""
        from marketshock.eventstudy.diagnostics import diagnose

        return diagnose(self.result, self.data.panels, self.data.factors, self.data.weights)

    def summary(self) -> str:
        """Return the study in words."""
        return f"{self.result.summary()}\n  source {self.source}, vintage {self.vintage}"

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        return self.result._repr_html_()

    def as_dict(self, *, diagnostics: bool = False) -> dict[str, Any]:
        """Return the JSON answer of ``marketshock study --events``."""
        result, study = self.result, self.result.study
        caveats = {"level": "FOOTNOTE", "code": "STUDY"}
        told = {finding.text for finding in self.findings}
        answer = {
            "model": study.model.name,
            "benchmark": study.compared_with or None,
            "returns": result.abnormal.kind,
            "exclude_self": study.exclude_self,
            "estimation": {"length": study.estimation.length, "gap": study.estimation.gap},
            "vintage": self.vintage,
            "source": self.source,
            "events": result.events.to_table().to_records(),
            "stocks": result.table("stocks").to_records(),
            "windows": result.table("car").to_records(),
            "aggregate": [aggregate(result, window) for window in study.all_windows],
            "measured_size": [measured(size) for size in result.sizes],
            "dropped": [
                {"event_id": lost.event_id, "symbol": lost.symbol, "reason": lost.reason}
                for lost in result.dropped
            ],
            "findings": [
                *self.findings,
                *(self.diagnostics().findings() if diagnostics else ()),
                *({**caveats, "text": text} for text in result.caveats if text not in told),
            ],
            "sources": list(result.sources),
        }
        clean: dict[str, Any] = json_value(answer)
        return clean


def study_events(
    events: EventSet | Path | str,
    *,
    benchmark: str = BENCHMARK,
    model: str | Path | pd.DataFrame = "market",
    windows: Sequence[tuple[int, int]] = (),
    estimation: int = 250,
    gap: int = 10,
    source: str = "embedded",
    returns: ReturnKind = "simple",
    exclude_self: bool = False,
    overlapping: OverlapPolicy | None = None,
) -> FileStudy:
    """Study events on one or many dates.

    Parameters
    ----------
    events : EventSet, str or Path
        The events, or their file.
    benchmark, model, windows, estimation, gap, source, returns, exclude_self
        As in :func:`event_study`.
    overlapping : {"drop", "keep", "merge"}, optional
        What to do with events of one stock whose event windows overlap; needed only if there
        are any.

    Raises
    ------
    UserInputError
        With all mistakes of the file; or if events of one stock overlap and no policy is
        chosen.
    InsufficientDataError
        If more than half of the events can't be studied, with their reasons.
    QualityError
        If prices around an event are impossible.
    """
    desk = Desk(source)
    asked = events if isinstance(events, EventSet) else read_events(events)
    named = EventSet(tuple(_named(desk, event) for event in asked))
    compared = desk.universe.resolve(benchmark)
    chosen, factors = desk.model(model, compared)
    study = EventStudy(
        chosen,
        [EventWindow(*pair) for pair in windows] or DEFAULT_WINDOWS,
        EstimationWindow(estimation, gap),
        benchmark=compared,
        exclude_self=exclude_self,
    )
    panel = _panel(desk, named, compared, returns)
    pairs = overlaps(named, study, panel.calendar)
    policy = _chosen(pairs, overlapping)
    kept = pairs.without(policy)
    first = min((event.first_session or event.date for event in kept), default=dt.date.min)
    weights = desk.weights(chosen, first) if exclude_self else None
    result = with_weights(study.run(kept, panel, factors, weights), weights)
    others = contaminated(kept, study, panel.calendar, desk.catalogue)
    gate = (
        *_gate(desk, result, kept),
        *shocks_inside(others, desk.catalogue),
        *renamed(desk, [event.symbol for event in asked]),
    )
    footnotes = (item.text for item in gate if item.level == "FOOTNOTE")
    complete = replace(
        result,
        events=named,
        dropped=(*pairs.dropped(policy), *result.dropped),
        caveats=(*result.caveats, *footnotes),
    )
    findings = (*announcement_findings(kept), *gate)
    data = StudyData({"": panel}, factors, weights)
    return FileStudy(complete, findings, desk.source.name, desk.source.vintage, data)


def _panel(desk: Desk, events: EventSet, benchmark: str, kind: ReturnKind) -> ReturnPanel:
    """Return the returns of all stocks that the source covers, and of all benchmarks."""
    covered = [event.symbol for event in events if event.symbol in desk.universe]
    if not covered:
        shown = ", ".join(dict.fromkeys(event.symbol for event in events))
        raise UserInputError(
            f"The source covers none of the stocks: {shown}.", "Give other symbols."
        )
    own = [event.benchmark for event in events if event.benchmark]
    return desk.returns(list(dict.fromkeys([*covered, *own])), benchmark, kind)


def _named(desk: Desk, event: Event) -> Event:
    """Return an event with symbols as the source writes them; an unknown stock stays."""
    benchmark = event.benchmark and desk.universe.resolve(event.benchmark)
    try:
        symbol = desk.universe.resolve(event.symbol, event.date)
    except UserInputError:
        symbol = event.symbol
    return event._replace(symbol=symbol, benchmark=benchmark)


def _chosen(pairs: Overlaps, policy: OverlapPolicy | None) -> OverlapPolicy:
    if policy is not None or not pairs:
        return policy or "keep"
    shown = [f"{pair.event_id} and {pair.other_id}" for pair in pairs.pairs[:MOST_PAIRS]]
    more = len(pairs) - MOST_PAIRS
    raise UserInputError(
        "Event windows of one stock overlap: "
        + "; ".join([*shown, *([f"and {more} more pairs"] if more > 0 else [])])
        + ".",
        "Choose drop (the earliest stays), merge (into the first) or keep.",
    )


def _gate(desk: Desk, result: StudyResult, events: Iterable[Event]) -> tuple[Finding, ...]:
    """Return what the quality gate found around the events studied, or raise where it blocks."""
    lost = {drop.event_id for drop in result.dropped}
    calendar = desk.source.prices(()).calendar
    studied = ((one.symbol, one.position(calendar)) for one in events if one.id not in lost)
    return admit(gate_events(desk, result.study, studied))
