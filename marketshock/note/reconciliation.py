"""A published note against the data, claim by claim."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from marketshock.errors import DataCorruptError, QualityError, UserInputError, suggest
from marketshock.locale import Language, Text
from marketshock.marketcap.reconcile import Publication
from marketshock.note import dates, market, models, spending
from marketshock.note.claims import Claim, Claims, Quote
from marketshock.note.facts import Answer, Input, NoteFacts
from marketshock.note.sentences import sentence
from marketshock.note.verdict import LEADS, VERDICTS, Figure, Verdict, verdict_of
from marketshock.provenance import Source, Status
from marketshock.quality.findings import Finding
from marketshock.table import Row, Table, json_value

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["NoteItem", "NoteReconciliation", "reconcile_note"]

MODULES = {"dates": dates, "market": market, "models": models, "spending": spending}
COLUMNS = ("id", "claim", "printed", "recomputed", "unit", "verdict", "explanation", "status")


@dataclass(frozen=True, slots=True, eq=False)
class NoteItem:
    """One claim with its verdict.

    Parameters
    ----------
    id : str
    item : int
        Number of the passage in the order of the note.
    claim : Text
    printed, recomputed : float, str, datetime.date or None
        In `unit`; None where the note gives no figure, or none can be computed.
    unit : str
    tolerance : float
    verdict : str
        One of six words.
    explanation : Text
        One sentence.
    status : Status
        Weakest input.
    inputs : tuple of Input
    sources : tuple of Source
    quote : Quote or None
        What others published, where nothing was computed.
    """

    id: str
    item: int
    claim: Text
    printed: Figure | None
    recomputed: Figure | None
    unit: str
    tolerance: float
    verdict: Verdict
    explanation: Text
    status: Status
    inputs: tuple[Input, ...]
    sources: tuple[Source, ...]
    quote: Quote | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the fields of the JSON answer."""
        return {
            "id": self.id,
            "item": self.item,
            "claim": self.claim.as_dict(),
            "printed": json_value(self.printed),
            "recomputed": json_value(self.recomputed),
            "unit": self.unit,
            "tolerance": self.tolerance,
            "verdict": self.verdict,
            "explanation": self.explanation.as_dict(),
            "status": self.status.value,
            "inputs": [one.as_dict() for one in self.inputs],
            "sources": [source.as_dict() for source in self.sources],
            "quote": self.quote and self.quote.as_dict(),
        }


@dataclass(frozen=True, slots=True, eq=False)
class NoteReconciliation:
    """Every printed figure of a note exactly once.

    Parameters
    ----------
    items : tuple of NoteItem
        In the order of the note.
    publication : Publication
    findings : tuple of Finding
        What the quality gate found.
    """

    items: tuple[NoteItem, ...]
    publication: Publication
    findings: tuple[Finding, ...] = ()

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, name: str) -> NoteItem:
        """Return the claim of an id.

        Raises
        ------
        UserInputError
            If there is none.
        """
        known = {item.id: item for item in self.items}
        if name not in known:
            raise UserInputError(f"No claim {name!r}.", suggest(name, known))
        return known[name]

    def of(self, verdict: Verdict) -> tuple[NoteItem, ...]:
        """Return the claims with a verdict."""
        return tuple(item for item in self.items if item.verdict == verdict)

    @property
    def counts(self) -> dict[Verdict, int]:
        """Number of claims by verdict."""
        return {verdict: len(self.of(verdict)) for verdict in VERDICTS}

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON answer of ``marketshock note``."""
        return {
            "items": [item.as_dict() for item in self.items],
            "counts": self.counts,
            "findings": [finding.as_dict() for finding in self.findings],
        }

    def table(self, lang: Language = "en") -> Table:
        """Return one row a claim, words in one language."""
        rows = [
            {
                **{key: getattr(item, key) for key in COLUMNS},
                "claim": item.claim[lang],
                "explanation": item.explanation[lang],
                "status": item.status.value,
            }
            for item in self.items
        ]
        return Table.from_rows("note", rows, COLUMNS)

    def to_frame(self) -> pd.DataFrame:
        """Return the rows as a pandas frame, words in English."""
        return self.table().to_frame()

    def summary(self) -> str:
        """Return how many claims got which verdict."""
        told = ", ".join(f"{n} {verdict}" for verdict, n in self.counts.items() if n)
        where = self.publication
        return f"{where.title}, {where.publisher}, {where.date}: {len(self)} claims, {told}"

    def __repr__(self) -> str:
        return f"{self.summary()}\n{self.table().to_text()}"

    def _repr_html_(self) -> str:
        return f"<p>{self.summary()}</p>{self.table().to_html()}"


def reconcile_note(claims: Claims, facts: NoteFacts) -> NoteReconciliation:
    """Recompute every claim and judge it.

    Parameters
    ----------
    claims : Claims
    facts : NoteFacts

    Raises
    ------
    DataCorruptError
        If a claim names a function that does not exist, or a table contradicts itself.
    QualityError
        If an answer names no source.
    """
    items = tuple(_item(claim, facts) for claim in claims.on(facts))
    return NoteReconciliation(items, facts.publication)


def _function(claim: Claim) -> Callable[[NoteFacts, Row], Answer]:
    module, _, name = claim.function.partition(".")
    known = [f"{key}.{one}" for key, home in MODULES.items() for one in home.__all__]
    if claim.function not in known:
        raise DataCorruptError(
            f"Claim {claim.id}: no function {claim.function!r}.", suggest(claim.function, known)
        )
    found: Callable[[NoteFacts, Row], Answer] = getattr(MODULES[module], name)
    return found


def _item(claim: Claim, facts: NoteFacts) -> NoteItem:
    if claim.quote is not None:
        return _quoted(claim)
    answer = _function(claim)(facts, claim.given)
    if not answer.sources or not answer.inputs:
        raise QualityError(f"The answer to {claim.id} names no source or no input.")
    verdict = verdict_of(
        claim.printed,
        answer.value,
        tolerance=claim.tolerance,
        decimals=claim.decimals,
        alternatives=[other.value for other in answer.others],
        superseded_by=answer.superseded_by,
    )
    return NoteItem(
        claim.id,
        claim.item,
        claim.words,
        claim.printed,
        answer.value,
        claim.unit,
        claim.tolerance,
        verdict,
        _explained(verdict, claim, answer),
        answer.status,
        answer.inputs,
        answer.sources,
    )


def _explained(verdict: Verdict, claim: Claim, answer: Answer) -> Text:
    """Return one sentence: the verdict in words, our figure, and the other bases that matter."""
    figures = {**answer.figures, "value": answer.value}
    default = Text("recomputed {value:1}", "ricalcolato {value:1}")
    detail = answer.because or sentence(claim.why or default, figures)
    if verdict not in ("match", "not_computable"):
        for other in answer.others:
            told = sentence(
                Text("; {basis} {value:1}", "; {basis} {value:1}"),
                {"basis": other.basis, "value": other.value},
            )
            detail = Text(detail.en + told.en, detail.it + told.it)
    lead = LEADS[verdict]
    return Text(f"{lead.en}: {detail.en}.", f"{lead.it}: {detail.it}.")


def _quoted(claim: Claim) -> NoteItem:
    quote, lead = claim.quote, LEADS["not_computable"]
    assert quote is not None
    return NoteItem(
        claim.id,
        claim.item,
        claim.words,
        claim.printed,
        None,
        claim.unit,
        claim.tolerance,
        "not_computable",
        Text(
            f"{lead.en}: {quote.words.en} ({quote.date}).",
            f"{lead.it}: {quote.words.it} ({quote.date}).",
        ),
        quote.status,
        (),
        (quote.as_source(),),
        quote,
    )
