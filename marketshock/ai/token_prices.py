"""What a million tokens costs: one price list against another on a day of choice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from marketshock.ai.price_list import PriceList, TokenPrice, blended_price, require_ratio
from marketshock.errors import InsufficientDataError, UserInputError
from marketshock.provenance import Source, Status, weakest
from marketshock.table import Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "MEASURES",
    "PAIRS",
    "Basis",
    "PricePair",
    "TokenPriceComparison",
    "token_price_comparison",
]

Basis = Literal["charged", "announced"]
Measure = Literal["input", "output", "blended"]
MEASURES: tuple[Measure, ...] = ("input", "output", "blended")
INPUT_PER_OUTPUT = 3.0
"""Input tokens for one output token in a blended price, unless the user says otherwise."""
PAIRS = (
    ("DeepSeek-V3", "GPT-4o"),
    ("DeepSeek-R1", "o1"),
    ("DeepSeek-V3", "Claude 3.5 Sonnet"),
    ("DeepSeek-V3.2-Exp", "GPT-5"),
    ("DeepSeek-V4-Pro", "GPT-5.5 (short context)"),
    ("DeepSeek-V4-Pro-0813 (off-peak)", "GPT-6 Astra (short context)"),
    ("DeepSeek-V4-Pro-0813 (peak)", "GPT-6 Astra (short context)"),
    ("DeepSeek-V4.1-Flash (off-peak)", "GPT-6 Sol (short context)"),
    ("DeepSeek-V4.1-Flash (peak)", "GPT-6 Sol (short context)"),
    ("DeepSeek-V4.1-Flash (off-peak)", "GPT-6 Luna (short context)"),
    ("DeepSeek-V4.1-Flash (peak)", "GPT-6 Luna (short context)"),
)
"""Models set side by side; of these a comparison takes the pairs that are on sale that day."""


@dataclass(frozen=True, slots=True)
class PricePair:
    """The price of one model against that of another.

    Parameters
    ----------
    price, reference : TokenPrice
    ratio : float
        Input tokens for one output token in the blended price.
    successor : TokenPrice or None
        The price of the first model that was announced already and begins later: what is
        charged is then a temporary one.
    """

    price: TokenPrice
    reference: TokenPrice
    ratio: float
    successor: TokenPrice | None = None

    @property
    def status(self) -> Status:
        """The weaker status of the two prices."""
        return weakest((self.price.status, self.reference.status))

    def usd(self, measure: Measure) -> tuple[float, float]:
        """Return the price and the reference price, USD per million tokens."""
        return self._one(self.price, measure), self._one(self.reference, measure)

    def _one(self, price: TokenPrice, measure: Measure) -> float:
        if measure == "blended":
            return blended_price(price.input_usd, price.output_usd, self.ratio)
        return price.input_usd if measure == "input" else price.output_usd

    def delta(self, measure: Measure) -> float:
        """Return ``price / reference - 1`` (decimals, -0.94 = 94 % cheaper)."""
        price, reference = self.usd(measure)
        return price / reference - 1.0

    def multiple(self, measure: Measure) -> float:
        """Return ``reference / price``: how many times cheaper; below 1 it is dearer."""
        price, reference = self.usd(measure)
        return reference / price


@dataclass(frozen=True, slots=True, eq=False)
class TokenPriceComparison:
    """Pairs of prices on one day.

    Parameters
    ----------
    date : datetime.date
    basis : {"charged", "announced"}
    ratio : float
        Input tokens for one output token in the blended price.
    pairs : tuple of PricePair
    sources : tuple of Source
    """

    date: dt.date
    basis: Basis
    ratio: float
    pairs: tuple[PricePair, ...]
    sources: tuple[Source, ...] = ()

    def pair(self, model: str, reference: str) -> PricePair:
        """Return the pair of two models.

        Raises
        ------
        UserInputError
            If they are not compared here.
        """
        for one in self.pairs:
            if (one.price.model, one.reference.model) == (model, reference):
                return one
        known = "; ".join(f"{one.price.model} and {one.reference.model}" for one in self.pairs)
        raise UserInputError(f"{model} and {reference} are not compared.", f"Compared: {known}.")

    def multiples(self, *, confirmed: bool = True) -> tuple[float, float]:
        """Return the smallest and the largest multiple of all input and output prices.

        Parameters
        ----------
        confirmed : bool
            Leave out pairs with a price that no stored source confirms, if any are left then.
        """
        firm = [one for one in self.pairs if one.status is not Status.RECALLED]
        used = firm if confirmed and firm else self.pairs
        every = [one.multiple(measure) for one in used for measure in MEASURES[:2]]
        return min(every), max(every)

    def table(self) -> Table:
        """Return one row for each pair and measure, USD per million tokens."""
        return Table.from_rows(
            "token_prices", [_row(one, measure) for one in self.pairs for measure in MEASURES]
        )

    def to_records(self) -> list[dict[str, Any]]:
        """Return the rows of :meth:`table` ready for JSON."""
        return self.table().to_records()

    def to_frame(self) -> pd.DataFrame:
        """Return the rows of :meth:`table` as a pandas frame."""
        return self.table().to_frame()

    def summary(self) -> str:
        """Return the comparison in words and figures."""
        low, high = self.multiples()
        head = f"Token prices on {self.date} ({self.basis}): {low:.1f} to {high:.1f} times cheaper"
        return f"{head}, blended {self.ratio:g} to 1.\n{_short(self.table()).to_text()}"

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        return _short(self.table()).to_html()


def token_price_comparison(
    table: Table,
    date: dt.date,
    *,
    pairs: Sequence[tuple[str, str]] = (),
    basis: Basis = "charged",
    ratio: float = INPUT_PER_OUTPUT,
    sources: tuple[Source, ...] = (),
) -> TokenPriceComparison:
    """Compare prices per million tokens on a day.

    Reads ``input_usd_per_m`` and ``output_usd_per_m`` with their days of validity; columns
    of printed figures are not read.

    Parameters
    ----------
    table : Table
        See :meth:`PriceList.from_table`.
    date : datetime.date
    pairs : sequence of (model, reference), optional
        Default: those of :data:`PAIRS` of which both are on sale on `date`.
    basis : {"charged", "announced"}
        What a customer paid that day, or the latest price made public by then: a discount
        whose end was announced counts in the first only.
    ratio : float
        Input tokens for one output token in the blended price.
    sources : tuple of Source
        Carried to the result.

    Raises
    ------
    UserInputError
        For an unknown basis or model, one without a price on `date`, or a senseless ratio.
    InsufficientDataError
        If no pair was on sale.
    """
    if basis not in ("charged", "announced"):
        raise UserInputError(f"Unknown price basis {basis!r}.", "Use charged or announced.")
    require_ratio(ratio)
    prices = PriceList.from_table(table)
    chosen = pairs or [pair for pair in PAIRS if all(prices.on(name, date) for name in pair)]
    if not chosen:
        first = min(price.start for price in prices.prices)
        raise InsufficientDataError(
            f"No pair of models has two known prices on {date}.",
            f"Name pairs, or choose another day; the first price is of {first}.",
        )
    found = tuple(_pair(prices, names, date, basis, ratio) for names in chosen)
    return TokenPriceComparison(date, basis, ratio, found, sources)


def _pair(
    prices: PriceList, names: tuple[str, str], date: dt.date, basis: Basis, ratio: float
) -> PricePair:
    charged = [prices.required(name, date) for name in names]
    later = [prices.announced(name, date) for name in names]
    if basis == "announced":
        first, second = (new or now for new, now in zip(later, charged, strict=True))
        return PricePair(first, second, ratio)
    return PricePair(charged[0], charged[1], ratio, later[0])


def _row(pair: PricePair, measure: Measure) -> dict[str, Any]:
    usd, reference_usd = pair.usd(measure)
    return {
        "model": pair.price.model,
        "reference": pair.reference.model,
        "measure": measure,
        "usd_per_m": usd,
        "reference_usd_per_m": reference_usd,
        "delta": pair.delta(measure),
        "multiple": pair.multiple(measure),
        "valid_from": pair.price.start,
        "valid_to": pair.price.end,
        "seen": pair.price.seen,
        "reference_seen": pair.reference.seen,
        "temporary": pair.successor is not None,
        "status": pair.status.value,
    }


def _short(table: Table) -> Table:
    shown = ("model", "reference", "measure", "usd_per_m", "reference_usd_per_m")
    more = ("delta", "multiple", "status")
    return Table(table.name, {name: table[name] for name in (*shown, *more)})
