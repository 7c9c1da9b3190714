"""Findings about data, in three levels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from marketshock.locale import Text

__all__ = ["Finding", "Level", "blocking"]

Level = Literal["BLOCK", "FOOTNOTE", "INFO"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found in the data.

    ``BLOCK``: no page may be made from them. ``FOOTNOTE``: printed under the exhibit.
    ``INFO``: kept with the result. ``about`` names the symbol and session, ISO, where there
    is one.
    """

    level: Level
    code: str
    text: Text
    about: tuple[str, str] | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the fields of the JSON answer."""
        return {"level": self.level, "code": self.code, "text": self.text.as_dict()}


def blocking(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return the findings that forbid a page."""
    return tuple(finding for finding in findings if finding.level == "BLOCK")
