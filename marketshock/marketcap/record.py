"""Who held the record of the largest one-day loss, and for how long."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from marketshock.errors import InsufficientDataError
from marketshock.locale import Locale, Text
from marketshock.marketcap.bases import Valuation
from marketshock.marketcap.history import MarketValues
from marketshock.marketcap.losses import Loss, loss_at
from marketshock.provenance import Source
from marketshock.quality.findings import Finding
from marketshock.table import Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LossRecord", "RecordHolder", "loss_record"]


@dataclass(frozen=True, slots=True)
class RecordHolder:
    """A loss that was larger than all before it, until a larger one came.

    Parameters
    ----------
    loss : Loss
    until : datetime.date or None
        Session of the loss that beat it; None if none did.
    sessions : int
        Sessions for which it was the largest, its own included.
    """

    loss: Loss
    until: dt.date | None
    sessions: int

    def as_dict(self) -> dict[str, Any]:
        """Return the fields of a row."""
        loss = self.loss
        return {
            "symbol": loss.symbol,
            "name": loss.name,
            "date": loss.date,
            "until": self.until,
            "sessions": self.sessions,
            "loss_usd_bn": loss.loss_usd_bn,
            "return": loss.price_return,
            "shares_bn": loss.shares_bn,
            "share_kind": loss.share_kind,
            "status": loss.status.value,
        }


@dataclass(frozen=True, slots=True, eq=False)
class LossRecord:
    """The holders of the record in order of time.

    The first is only the largest loss since the data begin, not a record of anything
    earlier; companies without share counts, and those that left the market, are not in it.

    Parameters
    ----------
    holders : tuple of RecordHolder
    since, as_of : datetime.date
    companies : int
        Companies with share counts in the period.
    sources : tuple of Source
    findings : tuple of Finding
        What the quality gate found.
    """

    holders: tuple[RecordHolder, ...]
    since: dt.date
    as_of: dt.date
    companies: int
    sources: tuple[Source, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def words(self) -> Text:
        """Say what the ranking ranges over; never that a loss is the largest ever."""
        return Text(
            f"largest among the {self.companies} companies with share counts since "
            f"{self.since.year}",
            f"la maggiore tra le {self.companies} società con numero di azioni dal "
            f"{self.since.year}",
        )

    def holder(self, day: dt.date) -> RecordHolder | None:
        """Return who held the record at the close of a day, or None before the first loss."""
        held = [holder for holder in self.holders if holder.loss.date <= day]
        return held[-1] if held else None

    def table(self) -> Table:
        """Return one row a holder."""
        return Table.from_rows("loss_record", [holder.as_dict() for holder in self.holders])

    def to_frame(self) -> pd.DataFrame:
        """Return the rows as a pandas frame."""
        return self.table().to_frame()

    def summary(self) -> str:
        """Return the record in words."""
        locale = Locale("en")
        lines = [
            f"  {holder.loss.date}  {holder.loss.name}  {locale.billions(holder.loss.loss_usd_bn)}"
            f", {holder.sessions} sessions" + (f" until {holder.until}" if holder.until else "")
            for holder in self.holders
        ]
        return "\n".join([f"{self.words.en}, to {self.as_of}", *lines])

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        return f"<p>{self.words.en}, to {self.as_of}</p>{self.table().to_html()}"


def loss_record(
    values: MarketValues,
    name: Callable[[str], str],
    *,
    as_of: dt.date | None = None,
    basis: Valuation | None = None,
) -> LossRecord:
    """Find every loss that was larger than all losses before it.

    Parameters
    ----------
    values : MarketValues
    name : callable
        Short name of a symbol.
    as_of : datetime.date, optional
        Last session that counts.
    basis : Valuation, optional
        Other prices or counts than official closes and the latest filing.

    Raises
    ------
    InsufficientDataError
        If no company has a share count by then.
    """
    sessions = values.closes.sessions
    stop = len(sessions)
    if as_of is not None:
        stop = int(np.searchsorted(sessions, np.datetime64(as_of, "D"), side="right"))
    valued = basis or Valuation.of(values)
    changes = valued.changes[:stop]
    known = np.isfinite(changes)
    if not known.any():
        raise InsufficientDataError("No company has closes and a share count by that day.")
    filled = np.where(known, changes, np.inf)
    worst = filled.min(axis=1)
    before = np.minimum.accumulate(np.r_[0.0, worst])[:-1]
    rows = np.flatnonzero(worst < before)
    ends = [*rows[1:], stop][: len(rows)]
    holders = tuple(
        RecordHolder(
            loss_at(values, name, 1, int(row), int(filled[row].argmin()), valued),
            values.day(int(end)) if end < stop else None,
            int(end - row),
        )
        for row, end in zip(rows, ends, strict=True)
    )
    first = values.day(int(np.flatnonzero(known.any(axis=1))[0]))
    last = values.day(stop - 1)
    companies = int(known.any(axis=0).sum())
    return LossRecord(holders, first, last, companies, values.sources_at(last))
