"""What a named group of companies lost on a session: market part, abnormal part, who rose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from marketshock.errors import InsufficientDataError, UserInputError, suggest
from marketshock.eventstudy.events import EventSet
from marketshock.eventstudy.models import MarketModel
from marketshock.eventstudy.result import Dropped
from marketshock.eventstudy.study import EventStudy
from marketshock.eventstudy.windows import EventWindow
from marketshock.locale import Text
from marketshock.market.panel import ReturnPanel
from marketshock.market.universe import Universe
from marketshock.marketcap.history import MarketValues
from marketshock.provenance import Source, Status, weakest
from marketshock.quality.findings import Finding
from marketshock.table import Table, json_value

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BASKETS", "Basket", "BasketRow", "basket", "members"]

DERIVED = {
    "semiconductors": ("industry", "Semiconductor"),
    "technology": ("sector", "Technology"),
    "all": ("kind", "stock"),
}
"""Groups that follow from a column of the instrument cards, and how its words begin."""
LISTED = ("magnificent7", "ai_supply_chain", "ai_power")
BASKETS = ("magnificent7", "semiconductors", "ai_supply_chain", "ai_power", "technology", "all")
SAME_SHARES = Text(
    "another class of a company that is counted already",
    "altra categoria di azioni di una società già contata",
)
NO_COUNT = Text("no share count filed before", "nessun numero di azioni depositato prima")


@dataclass(frozen=True, slots=True)
class BasketRow:
    """One company: price return (decimals) and changes of market value, USD billions."""

    symbol: str
    name: str
    price_return: float
    change_usd_bn: float
    beta: float
    market_part_usd_bn: float
    share_kind: str
    status: Status

    @property
    def abnormal_part_usd_bn(self) -> float:
        """What the market does not explain; the usual drift of the stock is part of it."""
        return self.change_usd_bn - self.market_part_usd_bn

    def as_dict(self) -> dict[str, Any]:
        """Return the fields of the JSON answer."""
        return {
            "symbol": self.symbol,
            "name": self.name,
            "return": self.price_return,
            "change_usd_bn": self.change_usd_bn,
            "beta": self.beta,
            "market_part_usd_bn": self.market_part_usd_bn,
            "abnormal_part_usd_bn": self.abnormal_part_usd_bn,
            "share_kind": self.share_kind,
            "status": self.status.value,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Basket:
    """The change of market value of a group on one session.

    Parameters
    ----------
    id : str
        One of :data:`BASKETS`, or ``own``.
    asked, date : datetime.date
        The day asked for, and the session that answers.
    benchmark : str
    market_return : float
        Decimals.
    rows : tuple of BasketRow
        From the largest loss to the largest gain.
    risers : Table
        Rotation: every stock of the data that rose, with ``symbol``, ``name``, ``return`` and
        ``change_usd_bn`` (None without a share count), by return.
    fallers : int
        How many stocks of the data fell.
    dropped : tuple of Dropped
        Members that are not counted, and why.
    membership : Status
        How well the list of members is known.
    sources : tuple of Source
    findings : tuple of Finding
        What the quality gate found.
    """

    id: str
    asked: dt.date
    date: dt.date
    benchmark: str
    market_return: float
    rows: tuple[BasketRow, ...]
    risers: Table
    fallers: int
    dropped: tuple[Dropped, ...]
    membership: Status
    sources: tuple[Source, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def losers_usd_bn(self) -> float:
        """Sum of the losses alone, USD billions."""
        return float(sum(row.change_usd_bn for row in self.rows if row.change_usd_bn < 0))

    @property
    def net_usd_bn(self) -> float:
        """Sum of losses and gains, USD billions."""
        return float(sum(row.change_usd_bn for row in self.rows))

    @property
    def market_part_usd_bn(self) -> float:
        """Beta times market return times market value before, summed, USD billions."""
        return float(sum(row.market_part_usd_bn for row in self.rows))

    @property
    def abnormal_part_usd_bn(self) -> float:
        """Net change less the market part, USD billions."""
        return self.net_usd_bn - self.market_part_usd_bn

    @property
    def status(self) -> Status:
        """Weakest of membership and share counts."""
        return weakest([self.membership, *(row.status for row in self.rows)])

    def table(self) -> Table:
        """Return one row a company."""
        return Table.from_rows("basket", [row.as_dict() for row in self.rows])

    def to_frame(self) -> pd.DataFrame:
        """Return the rows as a pandas frame."""
        return self.table().to_frame()

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON answer of ``marketshock basket``."""
        answer = {
            "date": self.date,
            "moved": self.date != self.asked,
            "basket": self.id,
            "n": len(self.rows),
            "losers_usd_bn": self.losers_usd_bn,
            "net_usd_bn": self.net_usd_bn,
            "market_part_usd_bn": self.market_part_usd_bn,
            "abnormal_part_usd_bn": self.abnormal_part_usd_bn,
            "benchmark": self.benchmark,
            "market_return": self.market_return,
            "status": self.status,
            "rows": self.table().to_records(),
            "rotation": {
                "risers": len(self.risers),
                "fallers": self.fallers,
                "rows": self.risers.to_records(),
            },
            "dropped": [{"symbol": lost.symbol, "reason": lost.reason} for lost in self.dropped],
            "sources": list(self.sources),
            "findings": [finding.as_dict() for finding in self.findings],
        }
        clean: dict[str, Any] = json_value(answer)
        return clean

    def summary(self) -> str:
        """Return the basket in words."""
        return (
            f"{self.id} on {self.date}: {len(self.rows)} companies, losers "
            f"{self.losers_usd_bn:.1f}, net {self.net_usd_bn:.1f} USD billions, of which market "
            f"{self.market_part_usd_bn:.1f} and abnormal {self.abnormal_part_usd_bn:.1f}; "
            f"{len(self.risers)} stocks rose, {self.fallers} fell"
        )

    def __repr__(self) -> str:
        return f"{self.summary()}\n{self.table().to_text()}"

    def _repr_html_(self) -> str:
        return f"<p>{self.summary()}</p>{self.table().to_html()}"


def members(name: str, universe: Universe, listed: Table) -> tuple[tuple[str, ...], Status]:
    """Return the symbols of a named group, and how well the list is known.

    Parameters
    ----------
    name : str
        One of :data:`BASKETS`.
    universe : Universe
    listed : Table
        Members of the groups that no column of the cards gives: ``basket, symbol, status``.

    Raises
    ------
    UserInputError
        For an unknown name.
    """
    if name in LISTED:
        rows = listed.where(basket=name)
        return rows["symbol"], weakest(Status(status) for status in rows["status"])
    if name not in DERIVED:
        raise UserInputError(
            f"Unknown basket {name!r}.", suggest(name, BASKETS) or f"Known: {', '.join(BASKETS)}."
        )
    column, words = DERIVED[name]
    found = [s for s in universe.stocks() if getattr(universe.card(s), column).startswith(words)]
    return tuple(found), Status.DERIVED


def basket(
    name: str,
    symbols: Sequence[str],
    day: dt.date,
    values: MarketValues,
    returns: ReturnPanel,
    universe: Universe,
    *,
    benchmark: str,
    membership: Status = Status.DERIVED,
    closes: Mapping[str, tuple[float, float]] | None = None,
    study: EventStudy | None = None,
) -> Basket:
    """Work out what a group of companies lost on a session.

    Change of a company = (close - previous close) x shares known before. Market part = beta
    x market return x market value before, beta of the market model on the estimation window;
    abnormal part = the rest. A company counts once.

    Parameters
    ----------
    name : str
    symbols : sequence of str
    day : datetime.date
        A day that is no session moves to the next.
    values : MarketValues
    returns : ReturnPanel
        Total returns of the members and the benchmark.
    universe : Universe
    benchmark : str
    membership : Status
    closes : mapping of str to pair of float, optional
        Close before and close of every stock of the data, for the rotation.
    study : EventStudy, optional
        Default: market model, 250 sessions, gap 10.

    Raises
    ------
    InsufficientDataError
        If no member can be counted.
    """
    calendar = values.closes.calendar
    position = calendar.first_on_or_after(day)
    session = calendar.day(position)
    kept, dropped = _counted(symbols, position, values, universe)
    betas, lost = _betas(kept, session, returns, benchmark, study)
    dropped += lost
    if not betas:
        raise InsufficientDataError(
            f"No company of {name} can be counted on {session}.",
            "Choose another day or another basket.",
        )
    row = returns.calendar.position(session)
    market = float(returns.column(benchmark)[row])
    rows = [_row(s, position, beta * market, beta, values, universe) for s, beta in betas.items()]
    rows.sort(key=lambda one: one.change_usd_bn)
    risers, fallers = _rotation(closes or {}, position, values, universe)
    return Basket(
        name,
        day,
        session,
        benchmark,
        market,
        tuple(rows),
        risers,
        fallers,
        tuple(dropped),
        membership,
        tuple(dict.fromkeys((*values.sources_at(session), *returns.sources))),
    )


def _counted(
    symbols: Sequence[str], position: int, values: MarketValues, universe: Universe
) -> tuple[list[str], list[Dropped]]:
    """Return the members with a market value, each company once, and the others."""
    kept: list[str] = []
    dropped = []
    for symbol in symbols:
        company = universe.card(symbol).company
        if position > 0 and values.value(symbol, position - 1, position) is not None:
            kept.append(symbol)
            continue
        others = [s for s in values.symbols if universe.card(s).company == company]
        reason = SAME_SHARES if others and symbol not in values.symbols else NO_COUNT
        dropped.append(Dropped(symbol, symbol, reason))
    return kept, dropped


def _betas(
    symbols: Sequence[str],
    session: dt.date,
    returns: ReturnPanel,
    benchmark: str,
    study: EventStudy | None,
) -> tuple[dict[str, float], list[Dropped]]:
    if not symbols:
        return {}, []
    chosen = study or EventStudy(
        MarketModel(benchmark), EventWindow(0, 0), placebo_sessions=0, most_dropped=1.0
    )
    result = chosen.run(EventSet.on_date(symbols, session), returns)
    at = result.abnormal.parameters.index("beta")
    betas = dict(
        zip(result.abnormal.symbols, result.abnormal.coefficients[:, at].tolist(), strict=True)
    )
    return betas, list(result.dropped)


def _row(
    symbol: str,
    position: int,
    expected: float,
    beta: float,
    values: MarketValues,
    universe: Universe,
) -> BasketRow:
    before = values.value(symbol, position - 1, position)
    after = values.value(symbol, position, position)
    count = values.known_before(symbol, position)
    assert before is not None
    assert after is not None
    assert count is not None
    return BasketRow(
        symbol,
        universe.name(symbol),
        after / before - 1.0,
        after - before,
        beta,
        expected * before,
        count.kind,
        count.status,
    )


def _rotation(
    closes: Mapping[str, tuple[float, float]],
    position: int,
    values: MarketValues,
    universe: Universe,
) -> tuple[Table, int]:
    """Return the stocks that rose, by return, and how many fell."""
    moves = {s: now / then - 1.0 for s, (then, now) in closes.items() if np.isfinite(now / then)}
    rising = sorted((s for s in moves if moves[s] > 0), key=lambda s: -moves[s])
    rows = []
    for symbol in rising:
        before = values.value(symbol, position - 1, position)
        change = None if before is None else before * moves[symbol]
        named = {"symbol": symbol, "name": universe.name(symbol)}
        rows.append({**named, "return": moves[symbol], "change_usd_bn": change})
    columns = ("symbol", "name", "return", "change_usd_bn")
    return Table.from_rows("risers", rows, columns), sum(move < 0 for move in moves.values())
