"""Short functions on the note, on groups of companies, on records and on what was paid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Literal

import numpy as np

from marketshock import capex
from marketshock.asked import Day, day_of
from marketshock.desk import BENCHMARK, Desk
from marketshock.errors import NotCoveredError, UserInputError
from marketshock.marketcap.bases import PriceBasis, ShareBasis, Valuation
from marketshock.marketcap.multiples import Multiples, ValueGrowth
from marketshock.marketcap.multiples import multiples as multiples_of
from marketshock.marketcap.multiples import value_growth as growth_of
from marketshock.marketcap.reconcile import Publication
from marketshock.marketcap.record import LossRecord
from marketshock.marketcap.record import loss_record as record_of
from marketshock.note.claims import CLAIMS, Claims, read_claims
from marketshock.note.facts import NoteFacts
from marketshock.note.reconciliation import NoteReconciliation, reconcile_note
from marketshock.provenance import Status
from marketshock.shock.basket import Basket, members
from marketshock.shock.basket import basket as basket_of
from marketshock.table import Table

__all__ = [
    "basket",
    "capex_growth",
    "capex_intensity",
    "capex_outcomes",
    "capex_restatements",
    "loss_record",
    "multiples",
    "note",
    "value_growth",
]


def _day(day: Day) -> dt.date:
    found = day_of(day)
    assert found is not None
    return found


def _with_counts(desk: Desk) -> Desk:
    if not desk.values.symbols:
        raise NotCoveredError(
            f"Vintage {desk.source.vintage} of {desk.source.name} has no share counts, so there "
            "are no market values.",
            "Use --source embedded.",
        )
    return desk


def note(*, desk: Desk | None = None) -> NoteReconciliation:
    """Recompute every claim of the research note, and judge it.

    Returns
    -------
    NoteReconciliation
        Every printed figure exactly once, with its verdict, inputs and sources.
    """
    claims = read_claims(CLAIMS.read_text("utf-8"))
    return reconcile_note(claims, note_facts(claims, _with_counts(desk or Desk())))


def note_facts(claims: Claims, desk: Desk) -> NoteFacts:
    """Return what the claims are recomputed from."""
    row = next(iter(desk.source.table("publications").where(id=claims.publication)))
    return NoteFacts(
        desk.source.table,
        desk.values,
        desk.returns,
        desk.source.prices([BENCHMARK]),
        desk.universe,
        Publication(row["title"], row["publisher"], row["date"]),
        desk.catalogue.find(claims.shock),
    )


def basket(
    date: Day,
    basket: str | None = None,
    *,
    symbols: Sequence[str] = (),
    benchmark: str = BENCHMARK,
    desk: Desk | None = None,
) -> Basket:
    """Work out what a group of companies lost on a session, and who rose.

    Parameters
    ----------
    date : str or datetime.date
        A day that is no session moves to the next.
    basket : str, optional
        ``magnificent7``, ``semiconductors``, ``ai_supply_chain``, ``ai_power``,
        ``technology`` or ``all``. Default: ``all``, or the symbols given.
    symbols : sequence of str
        Your own group instead.
    benchmark : str
        What the market part is measured with.

    Returns
    -------
    Basket
        Losers only and net; market part and abnormal part add to net.

    Raises
    ------
    UserInputError
        For an unknown group or symbol, or both a group and symbols.
    InsufficientDataError
        If no member can be counted that day.
    """
    if basket is not None and symbols:
        raise UserInputError("Name a basket or symbols, not both.", "Leave one of them out.")
    desk = _with_counts(desk or Desk())
    day = _day(date)
    position = desk.values.closes.calendar.first_on_or_after(day)
    name, membership = basket or ("own" if symbols else "all"), Status.DERIVED
    chosen: Sequence[str] = desk.universe.resolve_all(symbols)
    if not symbols:
        chosen, membership = members(name, desk.universe, desk.reference.table("baskets"))
    chosen = [symbol for symbol in chosen if symbol in desk.source.symbols]
    compared = desk.universe.resolve(benchmark)
    return basket_of(
        name,
        chosen,
        day,
        desk.values,
        desk.returns(chosen, compared),
        desk.universe,
        benchmark=compared,
        membership=membership,
        closes=_closes(desk, position),
    )


def _closes(desk: Desk, position: int) -> dict[str, tuple[float, float]]:
    """Return the close before and the close of every stock, one class a company."""
    stocks = [s for s in desk.universe.stocks() if s in desk.source.symbols]
    panel = desk.source.prices(stocks)
    found = {
        symbol: (float(then), float(now))
        for symbol, then, now in zip(
            panel.symbols, panel.values[position - 1], panel.values[position], strict=True
        )
        if np.isfinite([then, now]).all()
    }
    companies: dict[str, str] = {}
    for symbol in sorted(found, key=lambda one: one not in desk.values.symbols):
        companies.setdefault(desk.universe.card(symbol).company, symbol)
    return {symbol: found[symbol] for symbol in companies.values()}


def loss_record(
    *,
    as_of: Day | None = None,
    price_basis: PriceBasis = "official",
    share_basis: ShareBasis = "latest_filing",
    desk: Desk | None = None,
) -> LossRecord:
    """Return who held the record of the largest one-day loss since the data begin.

    Parameters
    ----------
    as_of : str or datetime.date, optional
        Last session that counts.
    price_basis : {"official", "consolidated"}
    share_basis : {"latest_filing", "same_day", "mixed", "diluted"}
    """
    desk = _with_counts(desk or Desk())
    inputs = desk.source.table("losses_inputs")
    valued = Valuation.of(desk.values, price_basis, share_basis, inputs)
    return record_of(desk.values, desk.universe.name, as_of=day_of(as_of), basis=valued)


def multiples(symbol: str, date: Day, *, desk: Desk | None = None) -> Multiples:
    """Return trailing price/earnings and price/sales of a company, and their own history.

    Parameters
    ----------
    symbol : str
    date : str or datetime.date
        The last session on or before it counts.
    """
    desk = _with_counts(desk or Desk())
    source = desk.reference.source("capex", _day(date))
    return multiples_of(
        desk.values,
        desk.reference.table("financials"),
        desk.universe.resolve(symbol),
        _day(date),
        (source,),
    )


def value_growth(
    symbol: str, date: Day, *, months: int = 24, desk: Desk | None = None
) -> ValueGrowth:
    """Return how many times a company's market value multiplied over some months."""
    desk = _with_counts(desk or Desk())
    return growth_of(desk.values, desk.universe.resolve(symbol), _day(date), months=months)


def _trend(by: Literal["year", "quarter", "ttm"], desk: Desk) -> capex.CapexTrend:
    table = desk.reference.table
    return capex.capex_trend(table("capex"), table("capex_published"), by=by)


def capex_growth(
    by: Literal["year", "quarter"] = "year",
    first: str | int | None = None,
    last: str | int | None = None,
    *,
    company: str = "",
    desk: Desk | None = None,
) -> capex.CapexGrowth:
    """Return the growth a year of capital expenditure, with a robust interval."""
    return capex.growth_trend(_trend(by, desk or Desk()), first, last, company=company)


def capex_outcomes(*, desk: Desk | None = None) -> Table:
    """Return the projections of January 2025 beside what was spent."""
    desk = desk or Desk()
    quoted = desk.reference.table("capex_totals_quoted")
    return capex.projections_and_outcomes(_trend("year", desk), quoted)


def capex_restatements(*, desk: Desk | None = None) -> Table:
    """Return the fiscal periods whose amount was restated."""
    return capex.restated_periods((desk or Desk()).reference.table("capex"))


def capex_intensity(symbol: str, *, as_of: Day | None = None, desk: Desk | None = None) -> Table:
    """Return trailing capital expenditure over trailing revenue, quarter by quarter."""
    desk = desk or Desk()
    table = desk.reference.table
    chosen = desk.universe.resolve(symbol)
    return capex.capex_intensity_path(
        table("capex"), table("financials"), chosen, as_of=day_of(as_of)
    )
