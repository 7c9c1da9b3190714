"""On which prices and which share counts the change of a day is worked out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from marketshock.errors import UserInputError
from marketshock.locale import Text
from marketshock.market.panel import Floats
from marketshock.marketcap.history import BILLION, MarketValues
from marketshock.table import Table

__all__ = ["PRICE_WORDS", "SHARE_WORDS", "PriceBasis", "ShareBasis", "Valuation"]

PriceBasis = Literal["official", "consolidated"]
ShareBasis = Literal["latest_filing", "same_day", "mixed", "diluted"]
PRICE_WORDS = {
    "official": Text(
        "official close as traded, split-consistent",
        "chiusura ufficiale del giorno, coerente coi frazionamenti",
    ),
    "consolidated": Text(
        "late consolidated print where one is known, else official close",
        "ultimo scambio consolidato dove noto, altrimenti chiusura ufficiale",
    ),
}
SHARE_WORDS = {
    "latest_filing": Text(
        "latest filing before the session", "ultimo documento depositato prima della seduta"
    ),
    "same_day": Text(
        "latest filing up to the session, that day's included",
        "ultimo documento depositato, compreso quello del giorno stesso",
    ),
    "mixed": Text(
        "value before on the count before, value after on the count filed that day",
        "valore prima sul numero di azioni precedente, valore dopo su quello depositato quel "
        "giorno",
    ),
    "diluted": Text(
        "diluted count where one is known, else the latest filing",
        "numero di azioni diluito dove noto, altrimenti ultimo documento depositato",
    ),
}
LATE, OLD, NEW, DILUTED = "close_late_print", "shares_old", "shares_new", "shares_diluted"


@dataclass(frozen=True, slots=True, eq=False)
class Valuation:
    """Closes and counts before and after every session, shape (n_sessions, n_symbols) each.

    Everything is on the split basis of the closes; row 0 has no session before it.

    Parameters
    ----------
    previous, close : ndarray of float
        USD.
    before, after : ndarray of float
        Share counts; equal on every basis but the mixed one.
    price_basis : {"official", "consolidated"}
    share_basis : {"latest_filing", "same_day", "mixed", "diluted"}
    """

    previous: Floats
    close: Floats
    before: Floats
    after: Floats
    price_basis: PriceBasis = "official"
    share_basis: ShareBasis = "latest_filing"

    @property
    def changes(self) -> Floats:
        """``close x after - previous x before``, USD billions."""
        simple = self.close - self.previous
        simple *= self.after
        if self.before is self.after:
            simple /= BILLION
            return simple
        same = self.before == self.after
        mixed = self.close * self.after - self.previous * self.before
        changes: Floats = np.where(same, simple, mixed) / BILLION
        return changes

    def change(self, row: int, column: int) -> float:
        """Return one cell of :attr:`changes`."""
        previous, close = self.previous[row, column], self.close[row, column]
        before, after = self.before[row, column], self.after[row, column]
        if before == after:
            return float((close - previous) * after / BILLION)
        return float((close * after - previous * before) / BILLION)

    @classmethod
    def of(
        cls,
        values: MarketValues,
        price_basis: PriceBasis = "official",
        share_basis: ShareBasis = "latest_filing",
        inputs: Table | None = None,
    ) -> Valuation:
        """Work out closes and counts on a basis.

        Parameters
        ----------
        values : MarketValues
        price_basis : {"official", "consolidated"}
            The official close, or the late print where `inputs` knows one.
        share_basis : {"latest_filing", "same_day", "mixed", "diluted"}
            The latest filing strictly before the session; that day's filing included; the
            first for the value before and the second for the value after; or the diluted
            count of `inputs`.
        inputs : Table, optional
            Prices and counts that others used, as traded: ``symbol``, ``date``, ``item``,
            ``value``. Where it states the counts of a session, they count.

        Raises
        ------
        UserInputError
            For an unknown basis.
        """
        for given, known in ((price_basis, PriceBasis), (share_basis, ShareBasis)):
            if given not in get_args(known):
                raise UserInputError(
                    f"Unknown basis {given!r}.", f"Use one of {', '.join(get_args(known))}."
                )
        closes = values.closes.select(values.symbols).values.copy()
        previous = np.full(closes.shape, np.nan)
        previous[1:] = closes[:-1]
        before = _counts(values, on_the_day=share_basis == "same_day")
        after = _counts(values, on_the_day=True) if share_basis == "mixed" else before
        found = cls(previous, closes, before, after, price_basis, share_basis)
        for row in inputs or ():
            found._override(values, row["symbol"], row["date"], row["item"], row["value"])
        return found

    def _override(
        self, values: MarketValues, symbol: str, date: object, item: str, value: float
    ) -> None:
        """Put a stated price or count, as traded on its day, in the place of ours."""
        places = {
            LATE: (self.close,) if self.price_basis == "consolidated" else (),
            OLD: (self.before,) if self.share_basis == "mixed" else (),
            NEW: (self.after,) if self.share_basis == "mixed" else (),
            DILUTED: (self.before, self.after) if self.share_basis == "diluted" else (),
        }.get(item, ())
        day = np.datetime64(str(date), "D")
        row = int(np.searchsorted(values.closes.sessions, day))
        inside = row < len(values.closes.sessions) and values.closes.sessions[row] == day
        if not (places and inside and symbol in values.symbols):
            return
        factor = values.splits.factor(symbol, values.day(row))
        for place in places:
            stated = value / factor if item == LATE else value * factor
            place[row, values.symbols.index(symbol)] = stated


def _counts(values: MarketValues, *, on_the_day: bool) -> Floats:
    columns = [values.counts(symbol, on_the_day=on_the_day) for symbol in values.symbols]
    return np.column_stack(columns) if columns else np.empty((len(values.closes.sessions), 0))
