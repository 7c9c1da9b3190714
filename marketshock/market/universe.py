"""Instrument cards: what a symbol is, and to which company it belongs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from marketshock.errors import UserInputError, suggest
from marketshock.table import Table

__all__ = ["Instrument", "Universe"]


@dataclass(frozen=True, slots=True)
class Instrument:
    """The card of one symbol.

    ``kind`` is ``stock``, ``etf`` or ``index``; ``company`` joins the share classes
    of one company and is empty for funds and indices.
    """

    symbol: str
    name: str
    short_name: str
    kind: str
    exchange: str
    currency: str
    sector: str
    industry: str
    company: str
    first_session: dt.date
    last_session: dt.date


@dataclass(frozen=True, slots=True)
class Universe:
    """All instruments of a source, by symbol."""

    instruments: dict[str, Instrument]

    @classmethod
    def from_table(cls, table: Table) -> Universe:
        """Read the table of instruments."""
        fields = Instrument.__dataclass_fields__
        return cls(
            {row["symbol"]: Instrument(**{key: row[key] for key in fields}) for row in table}
        )

    def __contains__(self, symbol: str) -> bool:
        return symbol in self.instruments

    def card(self, symbol: str) -> Instrument:
        """Return the card of a symbol.

        Raises
        ------
        UserInputError
            For an unknown symbol, with up to three suggestions.
        """
        return self.instruments[self.resolve(symbol)]

    def resolve(self, symbol: str) -> str:
        """Return the symbol as the source writes it: blanks, case and ``BRK.B`` are forgiven."""
        wanted = symbol.strip().upper().replace(".", "-")
        for candidate in (symbol.strip(), wanted):
            if candidate in self.instruments:
                return candidate
        names = {card.short_name.upper(): key for key, card in self.instruments.items()}
        named = names.get(symbol.strip().upper())
        hint = f"Did you mean {named}?" if named else suggest(symbol.strip(), self.instruments)
        raise UserInputError(
            f"Unknown symbol {symbol!r}.", hint or "`marketshock events` lists covered symbols."
        )

    def resolve_all(self, symbols: Iterable[str]) -> list[str]:
        """Return several symbols as the source writes them, each once, in order."""
        return list(dict.fromkeys(self.resolve(symbol) for symbol in symbols))

    def name(self, symbol: str) -> str:
        """Return the short name for print; the symbol itself where there is no card."""
        return self.instruments[symbol].short_name if symbol in self.instruments else symbol

    def stocks(self) -> tuple[str, ...]:
        """Return all symbols that are stocks, sorted."""
        return self._of_kind(("stock",))

    def _of_kind(self, kinds: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(s for s, card in self.instruments.items() if card.kind in kinds))
