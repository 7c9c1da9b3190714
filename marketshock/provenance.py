"""Where a number comes from and how far it can be trusted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from marketshock.locale import Language, Text

__all__ = ["Source", "Status", "weakest"]


class Status(Enum):
    """How well a figure is known, strongest first.

    ``verified2``: two separately stored public sources agree. ``verified1``: one
    stored source. ``derived``: computed here from figures that carry no status of
    their own. ``estimated``: a statistical estimate. ``recalled``: known but no
    stored source confirms it; never printed unmarked. ``schematic``: an
    illustration, not a measurement.
    """

    VERIFIED2 = "verified2"
    VERIFIED1 = "verified1"
    DERIVED = "derived"
    ESTIMATED = "estimated"
    RECALLED = "recalled"
    SCHEMATIC = "schematic"

    @property
    def rank(self) -> int:
        """0 for the strongest status, rising as trust falls."""
        return list(Status).index(self)

    @property
    def words(self) -> Text:
        """The status in words."""
        return _WORDS[self.value]


_WORDS = {
    "verified2": Text("confirmed by two sources", "confermato da due fonti"),
    "verified1": Text("from one source", "da una sola fonte"),
    "derived": Text("computed", "calcolato"),
    "estimated": Text("estimated", "stimato"),
    "recalled": Text("not confirmed by a stored source", "non confermato da una fonte archiviata"),
    "schematic": Text("schematic", "schematico"),
}


def weakest(statuses: Iterable[Status]) -> Status:
    """Return the weakest status: a result is as strong as its weakest input.

    Raises
    ------
    ValueError
        If there is no status at all.
    """
    return max(statuses, key=lambda status: status.rank)


NO_LICENCE = Text("", "")


@dataclass(frozen=True, slots=True)
class Source:
    """One source of figures, as it is printed below an exhibit.

    Parameters
    ----------
    name : Text
        Who publishes the figures and what they are.
    as_of : datetime.date or None
        Last day that the figures used speak of.
    licence : Text
        What a reader must know before passing the figures on.
    """

    name: Text
    as_of: dt.date | None = None
    licence: Text = NO_LICENCE

    def at(self, as_of: dt.date) -> Source:
        """Return the same source with another as-of day."""
        return Source(self.name, as_of, self.licence)

    def as_dict(self, lang: Language = "en") -> dict[str, str | None]:
        """Return name and ISO as-of day for JSON."""
        return {
            "name": self.name[lang],
            "as_of": self.as_of.isoformat() if self.as_of else None,
        }
