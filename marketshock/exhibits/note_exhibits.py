"""Exhibits of a note reconciled: every printed figure with its verdict, and the corrections."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from marketshock.exhibits.exhibit import MARK, Column, Exhibit
from marketshock.exhibits.market_exhibits import VERDICTS
from marketshock.exhibits.note_figures import figure_words, finer
from marketshock.exhibits.words import both, pick
from marketshock.locale import Locale, Text
from marketshock.note.reconciliation import NoteItem, NoteReconciliation
from marketshock.note.verdict import LEADS, Verdict
from marketshock.provenance import Source, Status
from marketshock.table import Table

__all__ = ["CORRECTED", "note_corrections", "note_table"]

CORRECTED: tuple[Verdict, ...] = ("wrong", "outdated", "basis")
"""Verdicts that a reader of the note should know about."""
CONFIRMED: tuple[Verdict, ...] = ("match", "rounding")
FEWEST_FOLDED = 4
SHARE_NAMED = 12
"""One in so many of the claims shown rests on a source: then the source line names it."""
MEANINGS: dict[Verdict, Text] = {
    "match": Text("within the tolerance of the claim", "entro la tolleranza"),
    "rounding": Text(
        "equal once rounded or cut to the printed digits",
        "uguale una volta arrotondato o troncato",
    ),
    "basis": Text(
        "true on another stated basis or date", "vero su un'altra base o data dichiarata"
    ),
    "outdated": Text("superseded by a change announced before", "da una variazione già annunciata"),
    "wrong": Text("none of these", "nessuno di questi"),
    "not_computable": Text("a dated quote or a projection", "citazione datata o proiezione"),
}
FAMILIES = {
    "capex": Text(
        "Chart of capital expenditure, {first} to {last}",
        "Grafico degli investimenti, dal {first} al {last}",
    ),
    "loss": Text("List of losses, {n} of its rows", "Elenco delle perdite, {n} righe"),
    "token_price": Text(
        "Table of token prices, {n} of its cells", "Tabella dei prezzi dei token, {n} celle"
    ),
    "score": Text(
        "Table of distilled models, all {n} cells",
        "Tabella dei modelli distillati, tutte le {n} celle",
    ),
}


def note_table(
    found: NoteReconciliation, *, whole: bool = False, corrected: bool = True
) -> Exhibit:
    """Every claim of the note: printed, recomputed, verdict, and why.

    Parameters
    ----------
    found : NoteReconciliation
    whole : bool
        One row a printed figure. Else cells of one table of the note that got the same
        verdict share a row, which says how many there are.
    corrected : bool
        Also the claims of :func:`note_corrections`; without them the two tables together
        hold every figure once.
    """
    items = [item for item in found.items if corrected or item.verdict not in CORRECTED]
    groups = [[item] for item in items] if whole else list(_folded(items))
    return _table(
        "note_table",
        found,
        groups,
        both(lambda locale: _title(found, locale)),
        both(
            lambda locale: pick(
                locale,
                f"{_printed_in(found, locale)}: what it printed, what the data give, and the "
                "verdict; units as in the claim",
                f"{_printed_in(found, locale)}: dato pubblicato, dato ricalcolato ed esito; unità "
                "come nell'affermazione",
            )
        ),
    )


def note_corrections(found: NoteReconciliation) -> Exhibit:
    """The claims that are not confirmed, superseded, or true on another basis only."""
    items = [item for item in found.items if item.verdict in CORRECTED]
    return _table(
        "note_corrections",
        found,
        [[item] for item in items],
        both(lambda locale: _corrections_title(found, locale)),
        both(
            lambda locale: pick(
                locale,
                f"{_printed_in(found, locale)}: figures to read with care, and the evidence",
                f"{_printed_in(found, locale)}: dati da leggere con cautela, e le prove",
            )
        ),
    )


def _table(
    key: str,
    found: NoteReconciliation,
    groups: Sequence[Sequence[NoteItem]],
    title: Text,
    unit: Text,
) -> Exhibit:
    rows = [_row(group) for group in groups]
    items = [item for group in groups for item in group]
    return Exhibit(
        key,
        title,
        unit,
        Table.from_rows(key, rows),
        _sources(found, items),
        both(lambda locale: _alt(items, locale)),
        columns=_COLUMNS,
        notes=_notes(items),
    )


def _folded(items: Sequence[NoteItem]) -> Iterator[list[NoteItem]]:
    """Yield the items in their order, cells of one family with one verdict together."""
    for family, members in groupby(items, key=lambda item: item.id.split(".")[0]):
        alike: dict[tuple[str, str], list[NoteItem]] = {}
        for item in members:
            reason = item.explanation.en if item.verdict == "not_computable" else ""
            alike.setdefault((item.verdict, reason), []).append(item)
        for same in alike.values():
            if family in FAMILIES and len(same) >= FEWEST_FOLDED:
                yield same
            else:
                yield from ([item] for item in same)


def _row(group: Sequence[NoteItem]) -> dict[str, Any]:
    first = group[0]
    weak = any(item.status is Status.RECALLED for item in group)
    claim, printed, recomputed, why = _single(first) if len(group) == 1 else _together(group)
    mark = f" {MARK}" if weak else ""
    return {
        "ids": " ".join(item.id for item in group),
        "claim": Text(claim.en + mark, claim.it + mark),
        "printed": printed,
        "recomputed": recomputed,
        "verdict": first.verdict,
        "explanation": why,
        "status": Status.RECALLED.value if weak else first.status.value,
    }


def _single(item: NoteItem) -> tuple[Text, Text, Text, Text]:
    decimals = finer(item.printed, item.recomputed, item.unit)
    return (
        item.claim,
        both(lambda locale: figure_words(item.printed, item.unit, locale)),
        both(lambda locale: figure_words(item.recomputed, item.unit, locale, decimals)),
        _why(item),
    )


def _why(item: NoteItem) -> Text:
    """Return the evidence without the verdict, which has its own column; a quote with its source.

    The source of a quote from memory is left out: the mark says that there is none.
    """
    lead = LEADS[item.verdict]
    plain = Text(*(item.explanation[lang].removeprefix(f"{lead[lang]}: ") for lang in ("en", "it")))
    if item.quote is None:
        return _capital(plain)
    quote = item.quote
    named = "" if item.status is Status.RECALLED else f"{quote.source}, "
    return _capital(
        both(lambda locale: f"{quote.words[locale.lang]} ({named}{_partial(quote.date, locale)}).")
    )


def _capital(words: Text) -> Text:
    return Text(words.en[:1].upper() + words.en[1:], words.it[:1].upper() + words.it[1:])


def _partial(day: str, locale: Locale) -> str:
    """Return a day, a month or a year in words."""
    year, *rest = (int(part) for part in day.split("-"))
    if not rest:
        return day
    whole = dt.date(year, rest[0], rest[1] if len(rest) > 1 else 1)
    return locale.short_date(whole) if len(rest) > 1 else locale.short_month(whole)


def _together(group: Sequence[NoteItem]) -> tuple[Text, Text, Text, Text]:
    first, last, n = group[0], group[-1], len(group)
    family = FAMILIES[first.id.split(".")[0]]
    ends = {"first": first.id.split(".")[-1], "last": last.id.split(".")[-1], "n": str(n)}
    claim = Text(family.en.format(**ends), family.it.format(**ends))
    count = Text(f"{n} figures", f"{n} dati")
    if first.recomputed is None:
        return claim, count, Text("–", "–"), _why(first)
    gaps = [
        abs(item.printed - item.recomputed)
        for item in group
        if isinstance(item.printed, float) and isinstance(item.recomputed, float)
    ]
    widest = max(gaps)
    if widest == 0:
        return (
            claim,
            count,
            Text("equal", "uguali"),
            Text("No difference.", "Nessuna differenza."),
        )
    why = both(
        lambda locale: pick(
            locale,
            f"Largest difference {figure_words(widest, first.unit, locale, 1)}, tolerance "
            f"{figure_words(first.tolerance, first.unit, locale, 1)}.",
            f"Differenza massima {figure_words(widest, first.unit, locale, 1)}, tolleranza "
            f"{figure_words(first.tolerance, first.unit, locale, 1)}.",
        )
    )
    return claim, count, Text("close", "vicini"), why


def _printed_in(found: NoteReconciliation, locale: Locale) -> str:
    where = found.publication
    return f"{where.title}, {where.publisher}, {locale.date(where.date)}"


def _title(found: NoteReconciliation, locale: Locale) -> str:
    counts = found.counts
    checked = len(found) - counts["not_computable"]
    held, of = (locale.number(n) for n in (sum(counts[verdict] for verdict in CONFIRMED), checked))
    return pick(
        locale,
        f"{held} of {of} figures that can be recomputed are confirmed",
        f"Confermati {held} dati su {of} ricalcolabili",
    )


def _corrections_title(found: NoteReconciliation, locale: Locale) -> str:
    wrong, outdated, basis = (locale.number(found.counts[verdict]) for verdict in CORRECTED)
    return pick(
        locale,
        f"Corrections: {wrong} figures not confirmed, {outdated} superseded, {basis} true on "
        "another basis",
        f"Correzioni: {wrong} dati non confermati, {outdated} superati, {basis} veri su un'altra "
        "base",
    )


def _alt(items: Sequence[NoteItem], locale: Locale) -> str:
    counts = Counter(item.verdict for item in items)
    said = [f"{VERDICTS[verdict][locale.lang]} {locale.number(n)}" for verdict, n in counts.items()]
    total = locale.number(len(items))
    return pick(locale, f"Table of {total} figures: ", f"Tabella di {total} dati: ") + "; ".join(
        said
    )


def _sources(found: NoteReconciliation, items: Sequence[NoteItem]) -> tuple[Source, ...]:
    """Return the note itself and the sources on which several claims rest."""
    where = found.publication
    title = f"{where.title}, {where.publisher}"
    known = [item for item in items if item.status is not Status.RECALLED]
    used = Counter(source.name for item in known for source in item.sources)
    often = [name for name, n in used.most_common() if n * SHARE_NAMED >= len(items)]
    return (Source(Text(title, title), where.date), *(Source(name) for name in often))


def _notes(items: Sequence[NoteItem]) -> tuple[Text, ...]:
    """Return what the verdicts that occur mean, and the mark of weak inputs."""
    used = {item.verdict for item in items}
    meanings = [_meaning(word) for word in MEANINGS if word in used]
    notes = [
        Text(
            " ".join(one.en for one in meanings) + " Billions (bn) are of US dollars.",
            " ".join(one.it for one in meanings) + " I miliardi (mld) sono di dollari USA.",
        )
    ]
    if any(item.status is Status.RECALLED for item in items):
        notes.append(
            Text(
                f"{MARK} An input is not confirmed by a stored source.",
                f"{MARK} Un dato non è confermato da una fonte archiviata.",
            )
        )
    return tuple(notes)


def _meaning(verdict: Verdict) -> Text:
    name = _capital(VERDICTS[verdict])
    return both(lambda locale: f"{name[locale.lang]}: {MEANINGS[verdict][locale.lang]}.")


def _in_words(value: Text, locale: Locale) -> str:
    return value[locale.lang]


_COLUMNS = (
    Column("claim", Text("Claim", "Affermazione"), _in_words, "left"),
    Column("printed", Text("Printed", "Pubblicato"), _in_words),
    Column("recomputed", Text("Recomputed", "Ricalcolato"), _in_words),
    Column("verdict", Text("Verdict", "Esito"), lambda v, locale: VERDICTS[v][locale.lang], "left"),
    Column("explanation", Text("Evidence", "Prove"), _in_words, "left"),
)
