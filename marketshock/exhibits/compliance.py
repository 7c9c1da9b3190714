"""Who answers for a page, who may read it, and what it replaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from marketshock.errors import UserInputError
from marketshock.locale import Language, Text
from marketshock.quality.findings import Finding

__all__ = ["DISTRIBUTION", "Compliance"]

DISTRIBUTION: Mapping[str, Text] = {
    "internal": Text("Internal use only, not for clients", "Solo per uso interno, non per clienti"),
    "professional": Text("Professional investors only", "Riservato a investitori professionali"),
    "public": Text("May be distributed to the public", "Diffusione al pubblico consentita"),
}
"""Who may read a page, by the word in the brand file."""
_LABELS = {
    "prepared_by": Text("Prepared by", "A cura di"),
    "reviewed_by": Text("Reviewed by", "Revisione di"),
    "distribution": Text("Distribution", "Diffusione"),
    "conflicts": Text("Conflicts of interest", "Conflitti di interesse"),
    "supersedes": Text("Supersedes", "Sostituisce"),
}


@dataclass(frozen=True, slots=True)
class Compliance:
    """The words that a compliance office wants on a page; all may be absent.

    Parameters
    ----------
    prepared_by, reviewed_by : str, optional
        Names.
    distribution : {"internal", "professional", "public"}, optional
    conflicts, supersedes : Text, optional
        The disclosure of conflicts of interest, and which earlier note this one replaces.
    """

    prepared_by: str | None = None
    reviewed_by: str | None = None
    distribution: str | None = None
    conflicts: Text | None = None
    supersedes: Text | None = None

    def signed(self, prepared_by: str | None, reviewed_by: str | None) -> Compliance:
        """Return the same with the names of one page, where they are given."""
        return replace(
            self,
            prepared_by=prepared_by or self.prepared_by,
            reviewed_by=reviewed_by or self.reviewed_by,
        )

    def require(self, *, client: str | None, draft: bool, own_words: bool) -> None:
        """Refuse a page that contradicts its distribution class.

        Parameters
        ----------
        client : str, optional
            For whom the page is.
        draft : bool
        own_words : bool
            Whether the brand has a footer and a disclaimer of its own; the house's address
            professional investors.

        Raises
        ------
        UserInputError
        """
        if self.distribution == "internal" and client:
            raise UserInputError(
                f"The page is for {client!r}, but its distribution is internal.",
                "Leave out --client, or set compliance.distribution to professional.",
            )
        if self.distribution == "public" and draft:
            raise UserInputError(
                "A draft can't be distributed to the public.",
                "Leave out --draft, or set compliance.distribution to internal.",
            )
        if self.distribution == "public" and not own_words:
            raise UserInputError(
                "The distribution is public, but the house's footer and disclaimer speak to "
                "professional investors.",
                "Give the brand file a footer and a disclaimer.",
            )

    def rows(self, lang: Language) -> list[dict[str, str]]:
        """Return label and words of what is printed at the end of a page.

        Names alone stand on the cover, so without any other item there are none.
        """
        told = {
            "prepared_by": self.prepared_by,
            "reviewed_by": self.reviewed_by,
            "distribution": DISTRIBUTION[self.distribution][lang] if self.distribution else None,
            "conflicts": self.conflicts[lang] if self.conflicts else None,
            "supersedes": self.supersedes[lang] if self.supersedes else None,
        }
        if not (self.distribution or self.conflicts or self.supersedes):
            return []
        return [{"label": _LABELS[key][lang], "text": text} for key, text in told.items() if text]

    def findings(self) -> tuple[Finding, ...]:
        """Return what a second pair of eyes would ask."""
        if not self.reviewed_by:
            return ()
        if not self.prepared_by:
            return (_NOBODY,)
        same = self.prepared_by.casefold().split() == self.reviewed_by.casefold().split()
        return (_ONE_PAIR_OF_EYES,) if same else ()


_NOBODY = Finding(
    "INFO",
    "brand_review",
    Text(
        "The page names who reviewed it, but not who prepared it.",
        "La pagina indica chi l'ha rivista, ma non chi l'ha preparata.",
    ),
)
_ONE_PAIR_OF_EYES = Finding(
    "INFO",
    "brand_review",
    Text(
        "The same person prepared and reviewed the page.",
        "La stessa persona ha preparato e rivisto la pagina.",
    ),
)
