"""Instrument cards: what a symbol is, and to which company it belongs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from marketshock.errors import UserInputError, suggest
from marketshock.locale import Text
from marketshock.table import Table

__all__ = ["FormerSymbol", "Instrument", "Universe"]


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
class FormerSymbol:
    """A symbol that changed or ended: the successor is empty where the company is gone."""

    symbol: str
    successor: str
    last_session: dt.date | None
    reason: Text


@dataclass(frozen=True, slots=True)
class Universe:
    """All instruments of a source, by symbol, and the symbols that were."""

    instruments: dict[str, Instrument]
    former: dict[str, FormerSymbol] = field(default_factory=dict)

    @classmethod
    def from_table(cls, table: Table, former: Table | None = None) -> Universe:
        """Read the table of instruments, and that of former symbols."""
        fields = Instrument.__dataclass_fields__
        return cls(
            {row["symbol"]: Instrument(**{key: row[key] for key in fields}) for row in table},
            {
                row["symbol"]: FormerSymbol(
                    row["symbol"],
                    row["successor"],
                    row["last_session"],
                    Text(row["reason_en"], row["reason_it"]),
                )
                for row in former or ()
            },
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

    def resolve(self, symbol: str, day: dt.date | None = None) -> str:
        """Return the symbol as the source writes it: blanks, case and ``BRK.B`` are forgiven.

        A former symbol stands for its successor on a `day` on which it was in use.

        Raises
        ------
        UserInputError
            For an unknown symbol, or a former one on any other day.
        """
        wanted = symbol.strip().upper().replace(".", "-")
        for candidate in (symbol.strip(), symbol.strip().upper(), wanted):
            if candidate in self.instruments:
                return candidate
        old = self.former.get(wanted)
        if old is not None:
            if old.successor and day and old.last_session and day <= old.last_session:
                return old.successor
            hint = f"Use {old.successor}." if old.successor else "The source carries no prices."
            raise UserInputError(f"{wanted}: {old.reason.en}.", hint)
        names = {card.short_name.upper(): key for key, card in self.instruments.items()}
        named = names.get(symbol.strip().upper())
        hint = f"Did you mean {named}?" if named else suggest(symbol.strip(), self.instruments)
        raise UserInputError(
            f"Unknown symbol {symbol!r}.", hint or "`marketshock events` lists covered symbols."
        )

    def resolve_all(self, symbols: Iterable[str], day: dt.date | None = None) -> list[str]:
        """Return several symbols as the source writes them, each once, in order."""
        return list(dict.fromkeys(self.resolve(symbol, day) for symbol in symbols))

    def renamed(self, symbols: Iterable[str]) -> tuple[FormerSymbol, ...]:
        """Return which of the symbols a user named are former ones."""
        wanted = dict.fromkeys(symbol.strip().upper() for symbol in symbols)
        return tuple(self.former[symbol] for symbol in wanted if symbol in self.former)

    def name(self, symbol: str) -> str:
        """Return the short name for print; the symbol itself where there is no card."""
        return self.instruments[symbol].short_name if symbol in self.instruments else symbol

    def stocks(self) -> tuple[str, ...]:
        """Return all symbols that are stocks, sorted."""
        return self._of_kind(("stock",))

    def _of_kind(self, kinds: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(s for s, card in self.instruments.items() if card.kind in kinds))
