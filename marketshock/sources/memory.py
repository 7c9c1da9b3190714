"""A source that holds its prices in memory: for tests of users' own code."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from marketshock.errors import UserInputError
from marketshock.market.panel import PricePanel
from marketshock.sources.base import Field

__all__ = ["MemorySource"]


@dataclass(frozen=True, slots=True, eq=False)
class MemorySource:
    """Delivers from panels given at the start.

    Parameters
    ----------
    panels : dict of str to PricePanel
        By field: ``close``, ``adj_close``, ``volume``, ``open``, ``high``, ``low``.
    """

    panels: dict[str, PricePanel]
    name: str = "memory"

    @property
    def vintage(self) -> str:
        """Twelve hexadecimal digits of the figures held."""
        digest = hashlib.sha256()
        for field in sorted(self.panels):
            digest.update(field.encode())
            panel = self.panels[field]
            digest.update(repr(panel.symbols).encode() + panel.sessions.tobytes())
            digest.update(panel.values.tobytes())
        return digest.hexdigest()[:12]

    def prices(self, symbols: Sequence[str], field: Field = "close") -> PricePanel:
        """Return the figures of `symbols`."""
        if field not in self.panels:
            raise UserInputError(f"This source has no {field}.")
        return self.panels[field].select(symbols)
