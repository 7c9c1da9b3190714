"""Several vintages used together: prices of one, facts of others, never one table of two."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from marketshock.errors import UserInputError
from marketshock.market.panel import PricePanel
from marketshock.market.universe import Instrument
from marketshock.provenance import Source
from marketshock.sources.base import Field
from marketshock.sources.bundle import FolderSource
from marketshock.sources.manifest import Manifest
from marketshock.table import Table

__all__ = ["FACTS", "TogetherSource"]

FACTS = {"sec": ("capex", "shares"), "french": ("factors3_daily", "factors5_daily")}
"""Tables that a source of facts brings; all of each is of that source alone."""
PRINTED = {"shares": "shares", "capex": "capex", "factors": "factors3_daily"}
"""A table behind each name under which a source is printed."""


class TogetherSource(FolderSource):
    """A vintage of prices beside vintages of facts.

    A table belongs whole to one vintage: to the source of facts that brings tables of its kind,
    else to the vintage of prices. What the owner lacks is missing; no other one fills it.

    Parameters
    ----------
    prices : FolderSource
    facts : sequence of FolderSource
        ``sec``, ``french``, each once.

    Raises
    ------
    UserInputError
        If one of `facts` is a source of prices, or stands twice.
    """

    def __init__(self, prices: FolderSource, facts: Sequence[FolderSource]) -> None:
        names = [source.name for source in (prices, *facts)]
        strange = [name for name in names[1:] if name not in FACTS]
        if strange or len(set(names)) < len(names):
            shown = strange[0] if strange else max(names, key=names.count)
            raise UserInputError(
                f"{shown!r} can't stand there in {'+'.join(names)!r}.",
                f"Name one source of prices, then {' or '.join(FACTS)}, each once.",
            )
        super().__init__(prices.folder, "+".join(names))
        self.first, self.facts = prices, tuple(facts)

    @cached_property
    def manifest(self) -> Manifest:
        """The manifest of the prices."""
        return self.first.manifest

    @property
    def vintage(self) -> str:
        """The vintages, in the order of their names."""
        return "+".join(part.vintage for part in self.parts)

    @property
    def parts(self) -> tuple[FolderSource, ...]:
        """The vintages that the figures are of, that of the prices first."""
        return (self.first, *self.facts)

    @property
    def exchange(self) -> str:
        """Code of the exchange of the prices."""
        return self.first.exchange

    @property
    def remarks(self) -> tuple[Mapping[str, Any], ...]:
        """What is known of the figures of each part."""
        return tuple(remark for part in self.parts for remark in part.remarks)

    def cards(self) -> dict[str, Instrument]:
        """Return the cards that the prices give."""
        return self.first.cards()

    def owner(self, name: str) -> FolderSource:
        """Return the vintage that a table is of, whether it has it or not."""
        return next((one for one in self.facts if name in FACTS[one.name]), self.first)

    def has(self, name: str) -> bool:
        """Return whether the owner of a table has it."""
        return self.owner(name).has(name)

    def table(self, name: str) -> Table:
        """Return a table of its owner."""
        return self.owner(name).table(name)

    def source(self, name: str, as_of: dt.date | None = None) -> Source:
        """Return what is printed as the source, by the owner of the figures."""
        return self.owner(PRINTED.get(name, name)).source(name, as_of)

    def prices(self, symbols: Sequence[str], field: Field = "close") -> PricePanel:
        """Return one field of the prices."""
        return self.first.prices(symbols, field)

    @property
    def symbols(self) -> tuple[str, ...]:
        """All symbols with prices, sorted."""
        return self.first.symbols

    @property
    def repeated(self) -> int:
        """Rows of the prices that stand twice."""
        return self.first.repeated

    @property
    def unsorted(self) -> bool:
        """Whether the rows of the prices had to be put in order."""
        return self.first.unsorted
