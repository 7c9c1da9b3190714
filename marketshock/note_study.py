"""Short functions on the note, on groups of companies, on records and on what was paid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from marketshock import capex
from marketshock.asked import Day, day_of
from marketshock.desk import BENCHMARK, Desk
from marketshock.errors import NotCoveredError, UserInputError
from marketshock.eventstudy.models import MarketModel
from marketshock.eventstudy.study import EventStudy
from marketshock.eventstudy.windows import EventWindow
from marketshock.gates import admit, gate_capex, gate_group, gate_losses, gate_study, gate_values
from marketshock.marketcap.bases import PriceBasis, ShareBasis, Valuation
from marketshock.marketcap.multiples import Multiples, Valuations, ValueGrowth
from marketshock.marketcap.multiples import multiples as multiples_of
from marketshock.marketcap.multiples import value_growth as growth_of
from marketshock.marketcap.reconcile import Publication
from marketshock.marketcap.record import LossRecord
from marketshock.marketcap.record import loss_record as record_of
from marketshock.note.claims import CLAIMS, Claims, read_claims
from marketshock.note.facts import NoteFacts
from marketshock.note.reconciliation import NoteReconciliation
from marketshock.note.reconciliation import reconcile_note as reconciled
from marketshock.provenance import Status
from marketshock.shock.basket import Basket, members
from marketshock.shock.basket import basket as basket_of
from marketshock.table import Table

__all__ = [
    "basket",
    "capex_growth",
    "capex_intensities",
    "capex_intensity",
    "capex_outcomes",
    "capex_restatements",
    "loss_record",
    "multiples",
    "reconcile_note",
    "valuations",
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


def reconcile_note(*, desk: Desk | None = None, draft: bool = False) -> NoteReconciliation:
    """Recompute every claim of the research note, and judge it.

    `draft` answers although the quality gate blocks.

    Returns
    -------
    NoteReconciliation
        Every printed figure exactly once, with its verdict, inputs and sources.

    Raises
    ------
    QualityError
        If the quality gate blocks the shock, the ranking or the capital expenditure.
    """
    desk = _with_counts(desk or Desk())
    claims = read_claims(CLAIMS.read_text("utf-8"))
    facts = note_facts(claims, desk)
    found = (
        *gate_study(desk, desk.covered(facts.shock)[0], EventStudy(), facts.shock.first_session),
        *gate_losses(desk, desk.values, facts.ranking),
        *gate_capex(desk, desk.source.table("capex")),
    )
    findings = admit(tuple(dict.fromkeys(found)), draft=draft)
    return replace(reconciled(claims, facts), findings=findings)


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
    draft: bool = False,
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
    draft : bool
        Answer although the quality gate blocks.

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
    QualityError
        If the quality gate blocks the closes or share counts of a member, or the closes of any
        stock on the session.
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
    study = EventStudy(MarketModel(compared), EventWindow(0, 0))
    found = admit(gate_group(desk, chosen, _stocks(desk), study, day), draft=draft)
    answer = basket_of(
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
    return replace(answer, findings=found)


def _stocks(desk: Desk) -> list[str]:
    return [symbol for symbol in desk.universe.stocks() if symbol in desk.source.symbols]


def _closes(desk: Desk, position: int) -> dict[str, tuple[float, float]]:
    """Return the close before and the close of every stock, one class a company."""
    panel = desk.source.prices(_stocks(desk))
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
    draft: bool = False,
) -> LossRecord:
    """Return who held the record of the largest one-day loss since the data begin.

    Parameters
    ----------
    as_of : str or datetime.date, optional
        Last session that counts.
    price_basis : {"official", "consolidated"}
    share_basis : {"latest_filing", "same_day", "mixed", "diluted"}
    draft : bool
        Answer although the quality gate blocks.

    Raises
    ------
    QualityError
        If the quality gate blocks any close or share count that is compared.
    """
    desk = _with_counts(desk or Desk())
    inputs = desk.source.table("losses_inputs")
    valued = Valuation.of(desk.values, price_basis, share_basis, inputs)
    found = record_of(desk.values, desk.universe.name, as_of=day_of(as_of), basis=valued)
    return replace(found, findings=admit(gate_losses(desk, desk.values, found), draft=draft))


def multiples(symbol: str, date: Day, *, desk: Desk | None = None) -> Multiples:
    """Return trailing price/earnings and price/sales of a company, and their own history.

    Parameters
    ----------
    symbol : str
    date : str or datetime.date
        The last session on or before it counts.
    """
    desk = _with_counts(desk or Desk())
    source, chosen = desk.reference.source("capex", _day(date)), desk.universe.resolve(symbol)
    admit(gate_values(desk, [chosen], _day(date)))
    return multiples_of(
        desk.values,
        desk.reference.table("financials"),
        chosen,
        _day(date),
        (source,),
    )


def valuations(date: Day, symbols: Sequence[str] = (), *, desk: Desk | None = None) -> Valuations:
    """Return the trailing multiples of several companies on a session.

    Parameters
    ----------
    date : str or datetime.date
    symbols : sequence of str
        Default: every company whose filings and share counts are in the tables.
    """
    desk = _with_counts(desk or Desk())
    known = sorted(set(desk.reference.table("financials")["symbol"]) & set(desk.values.symbols))
    chosen = desk.universe.resolve_all(symbols) if symbols else known
    return Valuations({desk.universe.name(one): multiples(one, date, desk=desk) for one in chosen})


def value_growth(
    symbol: str, date: Day, *, months: int = 24, desk: Desk | None = None
) -> ValueGrowth:
    """Return how many times a company's market value multiplied over some months."""
    desk = _with_counts(desk or Desk())
    chosen = desk.universe.resolve(symbol)
    admit(gate_values(desk, [chosen], _day(date)))
    return growth_of(desk.values, chosen, _day(date), months=months)


def _trend(by: Literal["year", "quarter", "ttm"], desk: Desk) -> capex.CapexTrend:
    spent = _spent(desk)
    return capex.capex_trend(spent, desk.reference.table("capex_published"), by=by)


def _spent(desk: Desk, as_of: dt.date | None = None) -> Table:
    """Return capital expenditure as the quality gate lets it pass."""
    table = desk.reference.table("capex")
    admit(gate_capex(desk, table, as_of))
    return table


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


def capex_outcomes(*, desk: Desk | None = None) -> capex.CapexOutcomes:
    """Return the projections of January 2025 beside what was spent or is guided now."""
    desk = desk or Desk()
    reference = desk.reference
    rows = capex.projections_and_outcomes(
        _trend("year", desk), reference.table("capex_totals_quoted")
    )
    filed = max(day for day in reference.table("capex")["filed"] if day)
    sources = reference.source("capex", filed), reference.source("published")
    return capex.CapexOutcomes(rows, sources)


def capex_restatements(*, desk: Desk | None = None) -> Table:
    """Return the fiscal periods whose amount was restated."""
    return capex.restated_periods(_spent(desk or Desk()))


def capex_intensity(symbol: str, *, as_of: Day | None = None, desk: Desk | None = None) -> Table:
    """Return trailing capital expenditure over trailing revenue, quarter by quarter."""
    desk = desk or Desk()
    chosen, known = desk.universe.resolve(symbol), day_of(as_of)
    financials = desk.reference.table("financials")
    return capex.capex_intensity_path(_spent(desk, known), financials, chosen, as_of=known)


def capex_intensities(
    symbols: Sequence[str] = (), *, as_of: Day | None = None, desk: Desk | None = None
) -> capex.CapexIntensity:
    """Return capital expenditure over revenue of several companies.

    Parameters
    ----------
    symbols : sequence of str
        Default: every company whose capital expenditure and revenue are in the tables.
    as_of : str or datetime.date, optional
        Only what had been filed by that day, as first reported.
    """
    desk = desk or Desk()
    table = desk.reference.table
    both = set(table("capex")["symbol"]) & set(table("financials")["symbol"])
    chosen = desk.universe.resolve_all(symbols) if symbols else sorted(both)
    known = day_of(as_of)
    days = [day for day in table("financials")["filed"] if known is None or day <= known]
    return capex.CapexIntensity(
        {desk.universe.name(one): capex_intensity(one, as_of=known, desk=desk) for one in chosen},
        (desk.reference.source("capex", max(days)),),
    )
