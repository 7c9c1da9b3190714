"""Prices per million tokens with their days of validity."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from marketshock.ai.partial_days import first_and_last
from marketshock.errors import DataCorruptError, UserInputError, suggest
from marketshock.provenance import Source, Status
from marketshock.table import Row, Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PriceList", "TokenPrice", "blended_price", "require_ratio"]

_COLUMNS = (
    *("provider", "model", "api_name", "as_of", "valid_from", "valid_to"),
    *("input_usd_per_m", "output_usd_per_m", "status", "comment"),
)
START_FROM_MEMORY = "start date from memory"


def blended_price(input_usd: float, output_usd: float, ratio: float = 3.0) -> float:
    """Return ``(ratio * input + output) / (ratio + 1)``, USD per million tokens.

    Parameters
    ----------
    input_usd, output_usd : float
        USD per million tokens.
    ratio : float
        Input tokens for one output token.

    Raises
    ------
    UserInputError
        If `ratio` is negative or not finite.
    """
    require_ratio(ratio)
    return (ratio * input_usd + output_usd) / (ratio + 1.0)


def require_ratio(ratio: float) -> None:
    """Refuse a number of input tokens for one output token that is negative or not finite."""
    if not (math.isfinite(ratio) and ratio >= 0):
        raise UserInputError(
            f"{ratio} input tokens for one output token make no sense.",
            "Use a number such as 3.",
        )


@dataclass(frozen=True, slots=True)
class TokenPrice:
    """One line of a price list.

    Parameters
    ----------
    provider, model, api_name : str
    input_usd, output_usd : float
        USD per million tokens.
    start : datetime.date
        First day charged; if it is not known, the day on which the price was seen.
    end : datetime.date or None
        Last day charged, or last day of the month; None if no end is known.
    seen : datetime.date
        Day on which the price was public for certain.
    start_confirmed : bool
        Whether a source, not memory, gives `start`.
    status : Status
        Of the two prices.
    """

    provider: str
    model: str
    api_name: str
    input_usd: float
    output_usd: float
    start: dt.date
    end: dt.date | None
    seen: dt.date
    start_confirmed: bool
    status: Status

    def holds_on(self, date: dt.date) -> bool:
        """Return whether `date` lies between start and end."""
        return self.start <= date and (self.end is None or date <= self.end)


@dataclass(frozen=True, slots=True, eq=False)
class PriceList:
    """Prices of all models, in order of provider, interface and start.

    Parameters
    ----------
    prices : tuple of TokenPrice
    sources : tuple of Source
    """

    prices: tuple[TokenPrice, ...]
    sources: tuple[Source, ...] = ()

    @classmethod
    def from_table(cls, table: Table, sources: tuple[Source, ...] = ()) -> PriceList:
        """Read a table of prices.

        Parameters
        ----------
        table : Table
            Columns ``provider, model, api_name, as_of, valid_from, valid_to,
            input_usd_per_m, output_usd_per_m, status, comment``; days to the precision
            known, an empty ``valid_from`` or ``valid_to`` where unknown.
        sources : tuple of Source

        Raises
        ------
        DataCorruptError
            If a column is missing or a cell can't be read.
        """
        missing = [name for name in _COLUMNS if name not in table.columns]
        if missing:
            raise DataCorruptError(f"Table {table.name} lacks {', '.join(missing)}.")
        prices = [_price(row) for row in table]
        order = sorted(prices, key=lambda p: (p.provider, p.api_name, p.start, p.model))
        return cls(tuple(order), sources)

    def on(self, model: str, date: dt.date) -> TokenPrice | None:
        """Return what a model cost on a day, or None.

        Where one price ends on the day another begins, the new one counts.
        """
        held = [price for price in self._of(model) if price.holds_on(date)]
        return max(held, key=lambda price: price.start, default=None)

    def required(self, model: str, date: dt.date) -> TokenPrice:
        """Return what a model cost on a day.

        Raises
        ------
        UserInputError
            If there is no such model, or no price of it that day.
        """
        found = self.on(model, date)
        if found is not None:
            return found
        names = list(dict.fromkeys(price.model for price in self.prices))
        if model not in names:
            raise UserInputError(
                f"Unknown model {model!r}.", suggest(model, names) or f"Known: {', '.join(names)}."
            )
        first = min(price.start for price in self._of(model))
        raise UserInputError(
            f"No price of {model} is known on {date}; the first is of {first}.",
            "Choose another day or model.",
        )

    def announced(self, model: str, date: dt.date) -> TokenPrice | None:
        """Return the latest price that was public by `date` and begins after it, or None."""
        known = [p for p in self._of(model) if p.seen <= date < p.start]
        return max(known, key=lambda price: price.start, default=None)

    def _of(self, model: str) -> list[TokenPrice]:
        return [price for price in self.prices if price.model == model]

    def table(self, ratio: float = 3.0) -> Table:
        """Return one row a price, with the blended price at `ratio` to 1."""
        return Table.from_rows("token_price_history", [_row(p, ratio) for p in self.prices])

    def to_records(self) -> list[dict[str, Any]]:
        """Return the rows of :meth:`table` ready for JSON."""
        return self.table().to_records()

    def to_frame(self) -> pd.DataFrame:
        """Return the rows of :meth:`table` as a pandas frame."""
        return self.table().to_frame()

    def summary(self) -> str:
        """Return the list as aligned text, USD per million tokens."""
        return f"Token prices, USD per million tokens.\n{self.table().to_text()}"

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        return self.table().to_html()


def _row(price: TokenPrice, ratio: float) -> dict[str, Any]:
    return {
        "provider": price.provider,
        "model": price.model,
        "api_name": price.api_name,
        "input_usd_per_m": price.input_usd,
        "output_usd_per_m": price.output_usd,
        "blended_usd_per_m": blended_price(price.input_usd, price.output_usd, ratio),
        "valid_from": price.start,
        "valid_to": price.end,
        "seen": price.seen,
        "start_confirmed": price.start_confirmed,
        "status": price.status.value,
    }


def _price(row: Row) -> TokenPrice:
    seen = first_and_last(row["as_of"])[1]
    begun, ended = row["valid_from"], row["valid_to"]
    into, out = row["input_usd_per_m"], row["output_usd_per_m"]
    if not all(value is not None and 0 < value < math.inf for value in (into, out)):
        raise DataCorruptError(
            f"{row['model']} has prices that are no positive numbers: {into} and {out}."
        )
    return TokenPrice(
        row["provider"],
        row["model"],
        row["api_name"],
        into,
        out,
        start=first_and_last(begun)[0] if begun else seen,
        end=first_and_last(ended)[1] if ended else None,
        seen=seen,
        start_confirmed=bool(begun) and START_FROM_MEMORY not in row["comment"].lower(),
        status=Status(row["status"]),
    )
