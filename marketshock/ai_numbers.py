"""Short functions for the figures behind the AI race."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from marketshock.ai.benchmarks import Benchmarks
from marketshock.ai.compute_frontier import ComputeFrontier
from marketshock.ai.price_list import PriceList
from marketshock.ai.timeline import Timeline
from marketshock.ai.timeline import timeline as on_path
from marketshock.ai.token_prices import Basis, TokenPriceComparison, token_price_comparison
from marketshock.ai.training_cost import TrainingCost
from marketshock.ai.training_cost import training_cost as cost_of
from marketshock.desk import Desk
from marketshock.errors import UserInputError
from marketshock.locale import Text
from marketshock.market.sessions import parse_day, to_day
from marketshock.provenance import Source
from marketshock.sources.bundle import EmbeddedSource

__all__ = [
    "benchmarks",
    "compute_frontier",
    "timeline",
    "token_price_history",
    "token_prices",
    "training_cost",
]

Day = str | dt.date
_PRICES = Text(
    "price pages of DeepSeek, OpenAI and Anthropic (stored public copies)",
    "listini di DeepSeek, OpenAI e Anthropic (copie pubbliche archiviate)",
)
_PAPER = Text(
    "DeepSeek-R1 paper (arXiv 2501.12948), Table 5, and its repository",
    "articolo su DeepSeek-R1 (arXiv 2501.12948), tabella 5, e il suo archivio",
)
_REPORT = Text(
    "DeepSeek-V3 technical report (arXiv 2412.19437)",
    "rapporto tecnico su DeepSeek-V3 (arXiv 2412.19437)",
)
_PILZ = Text(
    "after Pilz, Heim and Brown (2023), arXiv 2311.15377",
    "da Pilz, Heim e Brown (2023), arXiv 2311.15377",
)
_EVENTS = Text(
    "dated public texts, listed with the data",
    "testi pubblici datati, elencati con i dati",
)


def token_prices(
    *,
    as_of: Day | None = None,
    pairs: Sequence[tuple[str, str]] = (),
    basis: Basis = "charged",
    ratio: float = 3.0,
) -> TokenPriceComparison:
    """Compare the prices of a million tokens on a day.

    Parameters
    ----------
    as_of : str or datetime.date, optional
        Default: the last day on which a price was seen.
    pairs : sequence of (model, reference), optional
        Default: the usual pairs that were on sale that day.
    basis : {"charged", "announced"}
        What was charged that day, or the latest price announced by then.
    ratio : float
        Input tokens for one output token in the blended price.

    Raises
    ------
    UserInputError, InsufficientDataError
        If a model is unknown or has no price that day, or no pair has.
    """
    table = EmbeddedSource().table("token_prices")
    day = _day(as_of) or _last_seen(PriceList.from_table(table))
    return token_price_comparison(
        table, day, pairs=pairs, basis=basis, ratio=ratio, sources=(Source(_PRICES, day),)
    )


def token_price_history() -> PriceList:
    """Return all prices of a million tokens with the days on which they held."""
    prices = PriceList.from_table(EmbeddedSource().table("token_prices"))
    return PriceList(prices.prices, (Source(_PRICES, _last_seen(prices)),))


def _last_seen(prices: PriceList) -> dt.date:
    return max(price.seen for price in prices.prices)


def benchmarks() -> Benchmarks:
    """Return the scores of the distilled models and their comparators."""
    source = EmbeddedSource()
    sources = (Source(_PAPER, source.manifest.created),)
    return Benchmarks.from_table(source.table("benchmarks"), sources)


def training_cost(
    *, price_usd: float | None = None, accelerators: float | None = None
) -> TrainingCost:
    """Return what the final training run of DeepSeek-V3 cost.

    Parameters
    ----------
    price_usd : float, optional
        US dollars an accelerator hour; default as published.
    accelerators : float, optional
        Size of the fleet; default as published.
    """
    source = EmbeddedSource()
    return cost_of(
        source.table("training_cost"),
        price_usd=price_usd,
        accelerators=accelerators,
        sources=(Source(_REPORT, source.manifest.created),),
    )


def compute_frontier(
    *,
    months: float = 12.0,
    doubling_months: float = 8.0,
    spending: float = 10.0,
    points_per_tenfold: float = 10.0,
) -> ComputeFrontier:
    """Return performance against spending at two moments: a schematic, nothing fitted.

    Parameters
    ----------
    months, doubling_months, spending, points_per_tenfold : float
        As in :class:`~marketshock.ai.compute_frontier.ComputeFrontier`.
    """
    sources = (Source(_PILZ, EmbeddedSource().manifest.created),)
    return ComputeFrontier(months, doubling_months, spending, points_per_tenfold, sources)


def timeline(
    symbol: str = "NVDA",
    *,
    event: str = "deepseek",
    before: int = 45,
    after: int = 10,
    since: Day | None = None,
    until: Day | None = None,
) -> Timeline:
    """Put the events of the race on the path of a stock or index.

    Parameters
    ----------
    symbol : str
        Stock or index.
    event : str
        Shock of the catalogue that stands out.
    before, after : int
        Sessions around it.
    since, until : str or datetime.date, optional
        Instead of `before` and `after`.

    Raises
    ------
    UserInputError
        If the symbol or the shock is unknown, or the shock lies outside the prices.
    """
    desk = Desk()
    chosen = desk.universe.resolve(symbol)
    closes = desk.source.prices([chosen])
    shock = desk.catalogue.find(event)
    session = shock.first_session
    at = int(np.searchsorted(closes.sessions, np.datetime64(session)))
    if at == len(closes.sessions):
        raise UserInputError(f"{shock.id} lies after the last price.", "Choose another shock.")
    last = len(closes.sessions) - 1
    start = _day(since) or to_day(closes.sessions[max(0, at - before)])
    end = _day(until) or to_day(closes.sessions[min(last, at + after)])
    name = desk.universe.instruments[chosen].short_name
    prices = desk.source.source("prices", min(end, to_day(closes.sessions[last])))
    sources = (prices, Source(_EVENTS, desk.reference.manifest.created))
    return on_path(
        desk.reference.table("timeline"),
        closes,
        name=name,
        since=start,
        until=end,
        accent=session,
        sources=sources,
    )


def _day(value: Day | None) -> dt.date | None:
    return parse_day(value) if isinstance(value, str) else value
