"""Has this happened before, and what came next: a shock, its analogues, and the base rate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from marketshock.locale import LANGUAGES, Locale, Text
from marketshock.market.sessions import to_day
from marketshock.provenance import Source
from marketshock.quality.findings import Finding
from marketshock.shock.analogues_history import ShockHistory
from marketshock.shock.analogues_next import (
    FEWEST,
    HORIZONS,
    Measure,
    Outcome,
    Recovery,
    outcomes,
    recovery,
)
from marketshock.shock.analogues_search import Among, Nearest, PastShock, nearest_shocks
from marketshock.table import Table, json_value

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FEWEST", "Analogues", "find_analogues"]

SEED = 1935


@dataclass(frozen=True, slots=True, eq=False)
class Analogues:
    """The nearest earlier shocks to one shock, and what came after them.

    Parameters
    ----------
    nearest : Nearest
    outcomes : tuple of Outcome
        By measure and horizon.
    recovery : Recovery or None
    title : Text
        Of the event.
    compiled : datetime.date or None
        When the list of stocks was made: those that were large by then.
    findings : tuple of Finding
    remarks : tuple of Text
        How the question was read, where it was not taken literally.
    """

    nearest: Nearest
    outcomes: tuple[Outcome, ...]
    recovery: Recovery | None
    title: Text
    compiled: dt.date | None = None
    findings: tuple[Finding, ...] = ()
    remarks: tuple[Text, ...] = ()

    @property
    def model(self) -> str:
        """Name of the model that says what was abnormal."""
        return self.nearest.known.scan.model

    @property
    def benchmark(self) -> str:
        """Symbol whose own move and volatility describe a session."""
        return self.nearest.known.benchmark

    @property
    def sources(self) -> tuple[Source, ...]:
        """Of prices and share counts."""
        return self.nearest.known.sources

    @property
    def event(self) -> PastShock:
        """The stock and session asked about."""
        return self.nearest.event

    @property
    def shocks(self) -> tuple[PastShock, ...]:
        """The analogues, nearest first."""
        return self.nearest.shocks

    @property
    def searched(self) -> tuple[dt.date, dt.date]:
        """First and last session in which analogues were looked for."""
        scan = self.nearest.known.scan
        usable = np.flatnonzero((scan.count > 0).any(axis=1))
        ends = (usable[0], usable[-1]) if len(usable) else (0, -1)
        return to_day(scan.sessions[ends[0]]), to_day(scan.sessions[ends[1]])

    @property
    def withheld(self) -> Text | None:
        """Why nothing is said of what came next, or None."""
        n = len(self.shocks)
        if n >= FEWEST:
            return None
        when = ("", "") if self.nearest.all_history else (" before it", " in precedenza")
        if not n:
            return Text(
                f"there is no such shock{when[0]}, so nothing can be said of what comes next",
                f"nessuno shock di questo tipo{when[1]}: non si può dire che cosa segue",
            )
        found = "is 1 such shock" if n == 1 else f"are {n} such shocks"
        there = "c'è" if n == 1 else "ci sono"
        return Text(
            f"there {found}{when[0]}; fewer than {FEWEST} carry no statement about what comes next",
            f"{there} {n} shock di questo tipo{when[1]}: meno di {FEWEST} non permettono "
            "affermazioni su ciò che segue",
        )

    @property
    def survivorship(self) -> Text:
        """Which stocks were searched, and what that hides; printed with every answer."""
        n = len(self.nearest.known.symbols)
        day = self.compiled or to_day(self.nearest.known.scan.sessions[-1])
        en, it = Locale("en").month(day), Locale("it").month(day)
        if self.nearest.among == "same_stock":
            name = self.name(self.event.symbol)
            return Text(
                f"{name} is searched because it was large in {en}. A company that failed or "
                "shrank after a shock would not be, so what came next looks better than it was.",
                f"{name} è nella base dati perché grande in {it}. Una società fallita o "
                "ridimensionata dopo uno shock non ci sarebbe: ciò che è seguito appare quindi "
                "migliore di quanto sia stato.",
            )
        return Text(
            f"The {n} stocks are companies that were large in {en}. Those that failed or shrank "
            "after a shock are missing, so what came next looks better than it was.",
            f"I {n} titoli sono società grandi in {it}. Mancano quelle fallite o ridimensionate "
            "dopo uno shock: ciò che è seguito appare quindi migliore di quanto sia stato.",
        )

    def outcome(self, horizon: int, measure: Measure = "car") -> Outcome:
        """Return what came in the sessions after the shocks by one measure."""
        return next(o for o in self.outcomes if (o.horizon, o.measure) == (horizon, measure))

    def name(self, symbol: str) -> str:
        """Return the short name of a symbol."""
        return self.nearest.known.universe.name(symbol)

    def table(self) -> Table:
        """Return the analogues, nearest first, with what came after each."""
        rows = []
        for number, shock in enumerate(self.shocks):
            after = {
                f"{one.measure}_{one.horizon}": _known(one.values[number]) for one in self.outcomes
            }
            rows.append({**shock.as_dict(), **after})
        heads = self.event.as_dict()
        later = [f"{one.measure}_{one.horizon}" for one in self.outcomes]
        return Table.from_rows("analogues", rows, (*heads, *later))

    def next_table(self) -> Table:
        """Return what came next: one row a measure and horizon."""
        return Table.from_rows("what_came_next", [one.as_dict() for one in self.outcomes])

    def to_frame(self) -> pd.DataFrame:
        """Return what came next as a pandas frame."""
        return self.next_table().to_frame()

    def as_dict(self) -> dict[str, Any]:
        """Return everything for JSON."""
        first, last = self.searched
        answer = {
            "event": {"title": self.title.as_dict(), **self.event.as_dict()},
            "among": self.nearest.among,
            "all_history": self.nearest.all_history,
            "model": self.model,
            "benchmark": self.benchmark,
            "searched": {
                "first": first,
                "last": last,
                "stocks": len(self.nearest.known.symbols),
                "shocks": self.nearest.searched,
                "least_sar": self.nearest.least_sar,
            },
            "distance": list(self.nearest.features),
            "n": len(self.shocks),
            "analogues": self.table().to_records(),
            "next": self.next_table().to_records(),
            "recovery": self.recovery.as_dict() if self.recovery else None,
            "withheld": self.withheld.as_dict() if self.withheld else None,
            "survivorship": self.survivorship.as_dict(),
            "remarks": [remark.as_dict() for remark in self.remarks],
            "findings": [finding.as_dict() for finding in self.findings],
            "sources": [source.as_dict() for source in self.sources],
        }
        clean: dict[str, Any] = json_value(answer)
        return clean

    def summary(self) -> str:
        """Return n, universe and note in words."""
        first, last = self.searched
        event = self.event
        later = ", later sessions too" if self.nearest.all_history else ""
        return (
            f"{event.symbol} on {event.session}: {event.ar:+.4f} abnormal, {event.sar:+.1f} "
            f"standard errors, {event.kind}. {len(self.shocks)} analogues among "
            f"{self.nearest.among} ({self.nearest.searched} shocks of "
            f"{len(self.nearest.known.symbols)} stocks, {first} to {last}{later}). "
            f"{self.survivorship.en}"
        )

    def __repr__(self) -> str:
        held = f"\nwithheld: {self.withheld.en}" if self.withheld else ""
        return f"{self.summary()}{held}\n{self.next_table().to_text()}"

    def _repr_html_(self) -> str:
        held = f"<p>{escape(self.withheld.en)}</p>" if self.withheld else ""
        return f"<p>{escape(self.summary())}</p>{held}{self.next_table().to_html()}"


def find_analogues(
    history: ShockHistory,
    row: int,
    column: int,
    *,
    among: Among = "any_large_stock",
    number: int = 30,
    all_history: bool = False,
    horizons: Sequence[int] = HORIZONS,
    rng: np.random.Generator | None = None,
) -> Analogues:
    """Return the analogues of one stock-session and what came after them.

    Nothing from the event's session on is used, neither to choose nor for what came
    next, unless `all_history` asks for it.

    Parameters
    ----------
    history : ShockHistory
    row, column : int
        The event.
    among : {"same_stock", "any_large_stock", "same_kind"}
    number : int
        Most analogues.
    all_history : bool
    horizons : sequence of int
        Sessions.
    rng : Generator, optional
        Default: a fixed seed, so the same question has the same answer.
    """
    chosen = rng or np.random.default_rng(SEED)
    nearest = nearest_shocks(
        history, row, column, among=among, number=number, all_history=all_history
    )
    name, day = history.universe.name(nearest.event.symbol), nearest.event.session
    title = Text(*(f"{name}, {Locale(lang).date(day)}" for lang in LANGUAGES))
    found = outcomes(nearest, horizons, rng=chosen)
    return Analogues(nearest, found, recovery(nearest, rng=chosen), title)


def _known(value: float) -> float | None:
    return value if np.isfinite(value) else None
