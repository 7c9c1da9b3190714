"""The protocol that every source of prices keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from marketshock.market.panel import PricePanel

__all__ = ["Field", "PriceSource"]

Field = Literal["close", "adj_close", "volume", "open", "high", "low"]


class PriceSource(Protocol):
    """Anything that delivers daily figures for symbols.

    Attributes
    ----------
    name : str
        As the user names it with ``--source``.
    vintage : str
        Twelve hexadecimal digits that name exactly these data.
    """

    name: str
    vintage: str

    def prices(self, symbols: Sequence[str], field: Field = "close") -> PricePanel:
        """Return figures of shape (n_sessions, n_symbols); NaN where there is none.

        Raises
        ------
        UserInputError
            For a symbol that the source does not carry.
        DataCorruptError
            If what the source holds is damaged.
        """
        ...
