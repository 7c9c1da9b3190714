"""A shock studied: the event, its abnormal returns, and what it cost."""

from __future__ import annotations

import datetime as dt
import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from marketshock.eventstudy.events import Shock
from marketshock.eventstudy.placebo import MeasuredSize
from marketshock.eventstudy.plan import StudyData
from marketshock.eventstudy.result import Dropped, StudyResult
from marketshock.eventstudy.windows import EventWindow
from marketshock.market.universe import Universe
from marketshock.provenance import Source
from marketshock.quality.findings import Finding
from marketshock.shock.dollar_loss import DollarLoss
from marketshock.table import json_value

if TYPE_CHECKING:
    import pandas as pd

    from marketshock.eventstudy.diagnostics import Diagnostics
    from marketshock.eventstudy.result import View

__all__ = ["ShockStudy", "aggregate", "measured"]


@dataclass(frozen=True, slots=True, eq=False)
class ShockStudy:
    """The study of one shock with everything that a page prints about it.

    Parameters
    ----------
    shock : Shock
    moved : bool
        Whether session 0 is another day than the news.
    result : StudyResult
    dollars : dict of EventWindow to tuple of DollarLoss
        In the order of the result's events.
    dropped : tuple of Dropped
        Symbols named by the shock that were not studied, and why.
    findings : tuple of Finding
        What the quality gate found.
    universe : Universe
    source, vintage : str
    created : datetime.date
        When the vintage was compiled.
    value_sources : tuple of Source
        Of the dollar figures: closes and share counts.
    data : StudyData
        What the study was run on, for its diagnostics.
    """

    shock: Shock
    moved: bool
    result: StudyResult
    dollars: dict[EventWindow, tuple[DollarLoss, ...]]
    dropped: tuple[Dropped, ...]
    findings: tuple[Finding, ...]
    universe: Universe
    source: str
    vintage: str
    created: dt.date
    value_sources: tuple[Source, ...]
    data: StudyData

    def name(self, symbol: str) -> str:
        """Return the short name of a symbol."""
        return self.universe.name(symbol)

    def to_frame(self, view: View = "car") -> pd.DataFrame:
        """Return one tidy view of the result: car, ar, tests or stocks."""
        return self.result.to_frame(view)

    def diagnostics(self) -> Diagnostics:
        """Check the estimation window; takes a second or two, so nothing does it unasked."""
        from marketshock.eventstudy.diagnostics import diagnose

        return diagnose(self.result, self.data.panels, self.data.factors, self.data.weights)

    def summary(self) -> str:
        """Return the study in words."""
        lines = [self._head(), self.result.summary(), *(f"  {line}" for line in self._remarks())]
        return "\n".join(lines)

    def _head(self) -> str:
        moved = f" (news of {self.shock.date})" if self.moved else ""
        return f"{self.shock.title.en}, session 0 = {self.shock.first_session}{moved}"

    def _remarks(self) -> list[str]:
        lines = [f"dropped {lost.symbol}: {lost.reason.en}" for lost in self.dropped]
        lines += [f"{item.level} {item.code}: {item.text.en}" for item in self.findings]
        return [*lines, f"source {self.source}, vintage {self.vintage}"]

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        remarks = "".join(f"<li>{html.escape(line)}</li>" for line in self._remarks())
        head = html.escape(self._head())
        return f"<p><b>{head}</b></p>{self.result._repr_html_()}<ul>{remarks}</ul>"

    def as_dict(self, *, diagnostics: bool = False) -> dict[str, Any]:
        """Return the JSON answer of ``marketshock study``, with diagnostics if asked for."""
        result, study = self.result, self.result.study
        sessions = result.abnormal.estimation_sessions[0]
        answer = {
            "event": {
                "id": self.shock.id,
                "date": self.shock.date,
                "first_session": self.shock.first_session,
                "title": self.shock.title.as_dict(),
                "moved": self.moved,
            },
            "model": study.model.name,
            "benchmark": study.compared_with or None,
            "returns": result.abnormal.kind,
            "exclude_self": study.exclude_self,
            "estimation": {
                "length": study.estimation.length,
                "gap": study.estimation.gap,
                "first": str(sessions[0]),
                "last": str(sessions[-1]),
            },
            "vintage": self.vintage,
            "source": self.source,
            "stocks": [self._stock(number) for number in range(len(result.abnormal))],
            "aggregate": [aggregate(result, window) for window in study.all_windows],
            "measured_size": [measured(size) for size in result.sizes],
            "dropped": [
                {"symbol": lost.symbol, "reason": lost.reason.as_dict()}
                for lost in (*self.dropped, *result.dropped)
            ],
            "findings": [
                *(finding.as_dict() for finding in self.findings),
                *(
                    item.as_dict()
                    for item in (self.diagnostics().findings() if diagnostics else ())
                ),
                *(
                    {"level": "FOOTNOTE", "code": "STUDY", "text": caveat.as_dict()}
                    for caveat in result.caveats
                ),
            ],
            "sources": [
                source.as_dict() for source in dict.fromkeys((*result.sources, *self.value_sources))
            ],
        }
        clean: dict[str, Any] = json_value(answer)
        return clean

    def _stock(self, number: int) -> dict[str, Any]:
        abnormal = self.result.abnormal
        taus = [str(tau) for tau in abnormal.tau.tolist()]
        values = dict(zip(abnormal.parameters, abnormal.coefficients[number].tolist(), strict=True))
        return {
            "symbol": abnormal.symbols[number],
            "n": int(abnormal.observations[number]),
            "alpha": values.get("alpha"),
            "beta": values.get("beta"),
            "sigma": float(abnormal.sigma[number]),
            "df": int(abnormal.df[number]),
            "ar": dict(zip(taus, abnormal.ar[number].tolist(), strict=True)),
            "sar": dict(zip(taus, abnormal.sar[number].tolist(), strict=True)),
            "params": values,
            "windows": [self._window(number, window) for window in self.result.study.all_windows],
            "quantile_rank": self.result.quantile_rank(abnormal.symbols[number]),
        }

    def _window(self, number: int, window: EventWindow) -> dict[str, Any]:
        row = self.result.table("car").where(
            event_id=self.result.abnormal.event_ids[number], first=window.first, last=window.last
        )
        dollars = self.dollars[window][number]
        return {
            "window": [window.first, window.last],
            **{key: row[key][0] for key in ("car", "se", "t", "pvalue", "bhar", "bhar_expected")},
            "loss_usd_bn": dollars.loss_usd_bn,
            "abnormal_loss_usd_bn": dollars.abnormal_usd_bn,
            "abnormal_loss_low_usd_bn": dollars.low_usd_bn,
            "abnormal_loss_high_usd_bn": dollars.high_usd_bn,
        }


def aggregate(result: StudyResult, window: EventWindow) -> dict[str, Any]:
    """Return mean CAR, r-bar and the tests of a window for JSON."""
    return {
        "window": [window.first, window.last],
        "n": len(result.abnormal),
        "caar": result.abnormal.caar(window),
        "r_bar": result.correlations[window],
        "tests": [test.as_dict() for test in result.tests[window]],
    }


def measured(size: MeasuredSize) -> dict[str, Any]:
    """Return a measured size for JSON."""
    return {
        "name": size.name,
        "window": [size.window.first, size.window.last],
        "nominal": size.nominal,
        "rejection_rate": size.rejection_rate,
        "standard_error": size.standard_error,
        "n_dates": size.n_dates,
    }
