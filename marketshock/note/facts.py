"""What the functions of the claims read: tables, market values, and the days of the note."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from marketshock.capex import CapexTrend, capex_trend
from marketshock.eventstudy.events import Shock
from marketshock.locale import Text
from marketshock.market.panel import PricePanel, ReturnPanel
from marketshock.market.universe import Universe
from marketshock.marketcap.history import MarketValues
from marketshock.marketcap.losses import MarketCapLosses, rank_losses
from marketshock.marketcap.reconcile import Publication
from marketshock.note.verdict import Figure
from marketshock.provenance import Source, Status, weakest
from marketshock.table import Row, Table, json_value

__all__ = ["Answer", "Input", "NoteFacts", "Other", "row_source"]

LOOKED_AT = 200
"""Rows of our ranking in which the losses of a note are looked for."""


@dataclass(frozen=True, slots=True)
class Input:
    """One figure that an answer was worked out from."""

    name: str
    value: Figure | None
    unit: str
    status: Status

    def as_dict(self) -> dict[str, Any]:
        """Return the fields of the JSON answer."""
        return {
            "name": self.name,
            "value": json_value(self.value),
            "unit": self.unit,
            "status": self.status.value,
        }


@dataclass(frozen=True, slots=True)
class Other:
    """The same figure on another stated basis or date."""

    basis: Text
    value: Figure


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """A recomputed figure with everything it rests on.

    Parameters
    ----------
    value : float, str, datetime.date or None
        In the unit of the claim; None if it can't be computed.
    inputs : tuple of Input
        At least one.
    sources : tuple of Source
        At least one.
    figures : mapping
        Further figures for the sentence of the claim, by name.
    others : tuple of Other
        The figure on other bases or dates.
    superseded_by : float or None
        The figure after a change that had been announced by the day of the note.
    because : Text or None
        In place of the claim's own sentence.
    """

    value: Figure | None
    inputs: tuple[Input, ...]
    sources: tuple[Source, ...]
    figures: Mapping[str, Any] = field(default_factory=dict)
    others: tuple[Other, ...] = ()
    superseded_by: float | None = None
    because: Text | None = None

    @property
    def status(self) -> Status:
        """Weakest of the inputs."""
        return weakest(one.status for one in self.inputs)


@dataclass(frozen=True, eq=False)
class NoteFacts:
    """The raw material of a reconciliation.

    Parameters
    ----------
    table : callable
        Returns a table by name.
    values : MarketValues
    returns : callable
        ``returns(symbols, benchmark)``: total returns.
    index : PricePanel
        Closes of the benchmark, on the sessions of `values`.
    universe : Universe
    publication : Publication
    shock : Shock
    """

    table: Callable[[str], Table]
    values: MarketValues
    returns: Callable[[Sequence[str], str], ReturnPanel]
    index: PricePanel
    universe: Universe
    publication: Publication
    shock: Shock

    @property
    def day(self) -> dt.date:
        """Day of the note."""
        return self.publication.date

    @property
    def session(self) -> int:
        """Position of the session of the shock."""
        return self.values.closes.calendar.first_on_or_after(self.shock.first_session)

    @cached_property
    def ranking(self) -> MarketCapLosses:
        """The largest one-day losses up to the day of the note."""
        return rank_losses(self.values, self.universe.name, top=LOOKED_AT, as_of=self.day)

    @cached_property
    def capex_years(self) -> CapexTrend:
        """Capital expenditure by calendar year, rebuilt from filings alone."""
        published = self.table("capex_published")
        nothing = Table(published.name, dict.fromkeys(published.columns, ()))
        return capex_trend(self.table("capex"), nothing)

    def price_sources(self) -> tuple[Source, ...]:
        """Return the sources of prices and share counts on the day of the note."""
        return self.values.sources_at(self.day)


def row_source(row: Row, as_of: dt.date | None = None) -> Source:
    """Return where a table row was read."""
    return Source(Text(row["source"], row["source"]), as_of)
