"""The claims of a note: what it printed, in which unit, and who recomputes it."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from marketshock.errors import DataCorruptError, suggest
from marketshock.locale import Text
from marketshock.note.facts import NoteFacts
from marketshock.note.sentences import sentence
from marketshock.note.verdict import Figure
from marketshock.provenance import Source, Status
from marketshock.table import Row

__all__ = ["CLAIMS", "UNITS", "Claim", "Claims", "Quote", "read_claims"]

CLAIMS = Path(__file__).with_name("claims.toml")
UNITS = (
    *("USD bn", "USD", "USD per million tokens", "USD per hour", "percent", "times", "score"),
    *("hours", "days", "years", "accelerators", "people", "rows", "rank"),
    *("date", "year", "name", "statement"),
)
KEYS = {
    *("id", "item", "en", "it", "unit", "printed", "each", "tolerance", "decimals"),
    *("function", "arguments", "why", "quote"),
}


@dataclass(frozen=True, slots=True)
class Quote:
    """What others published on a claim that can't be computed.

    Parameters
    ----------
    words : Text
        In our own words.
    date : str
        ISO day, month or year of the source.
    source : str
    status : Status
    """

    words: Text
    date: str
    source: str
    status: Status

    def as_dict(self) -> dict[str, Any]:
        """Return the fields of the JSON answer."""
        return {
            "words": self.words.as_dict(),
            "date": self.date,
            "source": self.source,
            "status": self.status.value,
        }

    def as_source(self) -> Source:
        """Return where it was read."""
        day = dt.date.fromisoformat(self.date) if len(self.date) == len("YYYY-MM-DD") else None
        return Source(Text(self.source, self.source), day)


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """One claim of the note; one entry of the table of claims can stand for many.

    Parameters
    ----------
    id : str
    item : int
        Number of the passage in the order of the note.
    words : Text
        The claim in our own words.
    unit : str
        One of :data:`UNITS`.
    printed : float, str, datetime.date or None
        None where the note gives no figure.
    tolerance : float
        In the unit.
    decimals : int or None
        Printed digits, where the number doesn't show them.
    function : str
        ``module.function`` of this package that recomputes it; empty for a quote.
    given : mapping
        What the function is told: which row or model, never what was printed.
    why : Text or None
        Sentence with the figures of the answer in braces.
    quote : Quote or None
    """

    id: str
    item: int
    words: Text
    unit: str
    printed: Figure | None
    tolerance: float
    decimals: int | None
    function: str
    given: Row
    why: Text | None
    quote: Quote | None


@dataclass(frozen=True, slots=True, eq=False)
class Claims:
    """All claims of one publication.

    Parameters
    ----------
    publication : str
        Id in the table of publications.
    shock : str
        Id of the event that the text is about.
    claims : tuple of Claim
        Entries as declared: `given` holds ``each`` where one entry stands for table rows.
    """

    publication: str
    shock: str
    claims: tuple[Claim, ...]

    def on(self, facts: NoteFacts) -> tuple[Claim, ...]:
        """Return every claim once, entries that stand for table rows written out.

        Raises
        ------
        DataCorruptError
            If two claims have one id, or an entry finds no printed figure.
        """
        found = tuple(one for claim in self.claims for one in _written_out(claim, facts))
        ids = [claim.id for claim in found]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise DataCorruptError(f"Two claims are called {', '.join(twice)}.")
        return found


def read_claims(text: str) -> Claims:
    """Read claims from TOML.

    Raises
    ------
    DataCorruptError
        If the text is no TOML, or an entry has an unknown key or unit, no words, no printed
        figure, or no source: neither a function that computes it nor a quote with a source.
    """
    try:
        content = tomllib.loads(text)
        head, entries = content["note"], content["claim"]
        return Claims(head["publication"], head["shock"], tuple(map(_claim, entries)))
    except tomllib.TOMLDecodeError as error:
        raise DataCorruptError(f"The claims can't be read: {error}") from error
    except KeyError as error:
        raise DataCorruptError(f"A claim lacks {error}.") from error


def _claim(entry: Mapping[str, Any]) -> Claim:
    name = entry["id"]
    unknown = sorted(set(entry) - KEYS)
    if unknown:
        raise DataCorruptError(f"Claim {name}: unknown {unknown[0]!r}.", suggest(unknown[0], KEYS))
    if entry["unit"] not in UNITS:
        raise DataCorruptError(
            f"Claim {name}: unknown unit {entry['unit']!r}.",
            suggest(entry["unit"], UNITS) or f"Known: {', '.join(UNITS)}.",
        )
    if ("function" in entry) == ("quote" in entry):
        raise DataCorruptError(
            f"Claim {name} needs a source.", "Name a function, or a quote with its source."
        )
    given = dict(entry.get("arguments", {}))
    if "each" in entry:
        given["each"] = entry["each"]
    why = entry.get("why")
    return Claim(
        name,
        entry["item"],
        Text(entry["en"], entry["it"]),
        entry["unit"],
        entry.get("printed"),
        float(entry.get("tolerance", 0.0)),
        entry.get("decimals"),
        entry.get("function", ""),
        given,
        Text(why["en"], why["it"]) if why else None,
        _quote(name, entry["quote"]) if "quote" in entry else None,
    )


def _quote(name: str, entry: Mapping[str, Any]) -> Quote:
    for key in ("source", "date"):
        if not str(entry.get(key, "")).strip():
            raise DataCorruptError(
                f"Claim {name}: a quote needs a {key}.", "Say where it was read."
            )
    return Quote(
        Text(entry["en"], entry["it"]), str(entry["date"]), entry["source"], Status(entry["status"])
    )


def _written_out(claim: Claim, facts: NoteFacts) -> Iterator[Claim]:
    """Yield one claim for every row that an entry stands for; the printed cell stays outside."""
    each = claim.given.get("each")
    if each is None:
        yield claim
        return
    column, keys = each["printed"], each.get("key", ())
    rows = facts.table(each["table"]).where(**each.get("where", {}))
    printed = [row for row in rows if row[column] is not None]
    if not printed:
        raise DataCorruptError(f"Claim {claim.id}: no printed figure in {each['table']}.{column}.")
    arguments = {key: value for key, value in claim.given.items() if key != "each"}
    for row in printed:
        known = {k: v for k, v in row.items() if k != column and not k.startswith("printed")}
        marks = [str(row[key]) for key in keys]
        yield replace(
            claim,
            id=".".join([claim.id, *marks]),
            words=sentence(claim.words, {key: row[key] for key in keys}),
            printed=float(row[column]),
            given={**known, **arguments},
        )
