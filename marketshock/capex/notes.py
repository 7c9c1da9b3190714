"""What the reader of a capex trend must know, in both languages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from marketshock.capex.calendarize import Series, restatement_gaps
from marketshock.capex.fiscal import CapexPeriod
from marketshock.capex.published import PublishedTotal
from marketshock.locale import LANGUAGES, Locale, Text
from marketshock.provenance import Status

__all__ = ["By", "is_weak", "method_text", "trend_notes"]

By = Literal["year", "quarter", "ttm"]

_METHODS: dict[str, Text] = {
    "year": Text(
        "Calendar years, USD billions, purchases of property and equipment. Alphabet and Meta "
        "(without finance-lease principal): annual figure. AWS: annual net additions to property "
        "and equipment of the segment, finance leases included. Microsoft: sum of the four "
        "calendar quarters. Oracle: sum of the four quarters from December to November.",
        "Anni solari, miliardi di USD, acquisti di immobili e attrezzature. Alphabet e Meta "
        "(senza la quota capitale dei leasing finanziari): dato annuale. AWS: incremento netto "
        "annuale di immobili e attrezzature del segmento, leasing finanziari inclusi. Microsoft: "
        "somma dei quattro trimestri solari. Oracle: somma dei quattro trimestri da dicembre a "
        "novembre.",
    ),
    "quarter": Text(
        "Calendar quarters, USD billions, gross purchases of property and equipment without "
        "finance leases, the whole of Amazon. An Oracle quarter counts in the calendar quarter "
        "whose end is nearest to its own.",
        "Trimestri solari, miliardi di USD, acquisti lordi di immobili e attrezzature senza "
        "leasing finanziari, Amazon per intero. Un trimestre di Oracle conta nel trimestre solare "
        "la cui fine è più vicina alla sua.",
    ),
    "ttm": Text(
        "Trailing sums of four calendar quarters, USD billions, gross purchases of property and "
        "equipment without finance leases, the whole of Amazon. An Oracle quarter counts in the "
        "calendar quarter whose end is nearest to its own.",
        "Somme mobili di quattro trimestri solari, miliardi di USD, acquisti lordi di immobili e "
        "attrezzature senza leasing finanziari, Amazon per intero. Un trimestre di Oracle conta "
        "nel trimestre solare la cui fine è più vicina alla sua.",
    ),
}


def method_text(by: By, as_of: dt.date | None) -> Text:
    """Return how the amounts were put together, and from which vintage."""
    method = _METHODS[by]
    if as_of is None:
        latest = Text(
            " Amounts as restated in the latest filing.",
            " Importi come rettificati nell'ultimo documento depositato.",
        )
        return Text(method.en + latest.en, method.it + latest.it)
    return Text(
        f"{method.en} Amounts as first reported, filings to {Locale('en').date(as_of)}.",
        f"{method.it} Importi come pubblicati la prima volta, documenti depositati fino al "
        f"{Locale('it').date(as_of)}.",
    )


def trend_notes(
    by: By,
    series: Series,
    periods: Sequence[CapexPeriod],
    published: Mapping[int, PublishedTotal],
    as_of: dt.date | None,
) -> tuple[Text, ...]:
    """Return the notes that belong to a trend; only those that apply."""
    notes = [*_weak(series), *_missing(series)]
    if by == "year":
        notes += _projections(published)
    else:
        notes += [*_net(series), *_restated(periods)]
    if as_of is not None:
        notes += _read_later(series, as_of)
    return tuple(notes)


def is_weak(status: Status) -> bool:
    """Tell whether a figure is known less well than from one stored source."""
    return status.rank > Status.VERIFIED1.rank


def spans(labels: Iterable[str], order: Sequence[str]) -> str:
    """Join labels, runs of three and more as a first and a last, in the given order."""
    wanted = set(labels)
    runs: list[list[str]] = [[]]
    for label in order:
        if label in wanted:
            runs[-1].append(label)
        elif runs[-1]:
            runs.append([])
    parts: list[str] = []
    for run in runs:
        parts += [f"{run[0]}\u2013{run[-1]}"] if len(run) > 2 else run
    return ", ".join(parts)


def _weak(series: Series) -> list[Text]:
    found: dict[tuple[str, Status], list[str]] = {}
    for label, amounts in series.items():
        for name, amount in amounts.items():
            if amount is not None and is_weak(amount.status):
                found.setdefault((name, amount.status), []).append(label)
    order = list(series)
    return [
        Text(
            f"{name} {spans(labels, order)}: {status.words.en}.",
            f"{name} {spans(labels, order)}: {status.words.it}.",
        )
        for (name, status), labels in found.items()
    ]


def _missing(series: Series) -> list[Text]:
    found: dict[str, list[str]] = {}
    for label, amounts in series.items():
        for name, amount in amounts.items():
            if amount is None:
                found.setdefault(name, []).append(label)
    if not found:
        return []
    order = list(series)
    lists = "; ".join(f"{name} {spans(labels, order)}" for name, labels in found.items())
    return [
        Text(
            f"No total where a company has no figure: {lists}.",
            f"Nessun totale dove manca il dato di una società: {lists}.",
        )
    ]


def _projections(published: Mapping[int, PublishedTotal]) -> list[Text]:
    years = [str(year) for year, entry in sorted(published.items()) if entry.projection]
    if not years:
        return []
    return [
        Text(
            f"The published totals of {Locale('en').join(years)} are projections; the difference "
            "is the outcome less the projection.",
            f"I totali pubblicati per {Locale('it').join(years)} sono proiezioni; la differenza è "
            "il consuntivo meno la proiezione.",
        )
    ]


def _net(series: Series) -> list[Text]:
    whole: list[str] = []
    mixed: list[str] = []
    for label, amounts in series.items():
        amazon = amounts.get("Amazon")
        scopes = {period.scope for period in amazon.inputs} if amazon is not None else set()
        if "total_net" in scopes:
            (whole if len(scopes) == 1 else mixed).append(label)
    order = list(series)
    notes = []
    if whole:
        notes.append(
            Text(
                f"Amazon {spans(whole, order)}: net of proceeds from sales and incentives, because "
                "no gross figure was filed; growth over the change of basis is overstated.",
                f"Amazon {spans(whole, order)}: al netto di incassi da vendite e incentivi, perché "
                "manca il dato lordo; la crescita a cavallo del cambio di base è sovrastimata.",
            )
        )
    if mixed:
        notes.append(
            Text(
                f"Amazon {spans(mixed, order)}: net and gross quarters in one sum.",
                f"Amazon {spans(mixed, order)}: trimestri netti e lordi nella stessa somma.",
            )
        )
    return notes


def _restated(periods: Sequence[CapexPeriod]) -> list[Text]:
    gaps = restatement_gaps(periods)
    if not gaps:
        return []
    lists = {
        lang: "; ".join(
            f"{name} {year}: {Locale(lang).number(parts, 2)} / {Locale(lang).number(annual, 2)}"
            for name, year, annual, parts in gaps
        )
        for lang in LANGUAGES
    }
    return [
        Text(
            "Quarters stay on the basis on which they were filed; their sum differs from the "
            f"annual figure (sum / annual, USD bn): {lists['en']}.",
            "I trimestri restano sulla base con cui furono depositati; la somma differisce dal "
            f"dato annuale (somma / annuale, mld USD): {lists['it']}.",
        )
    ]


def _read_later(series: Series, as_of: dt.date) -> list[Text]:
    found: dict[str, list[str]] = {}
    for label, amounts in series.items():
        for name, amount in amounts.items():
            if amount is not None and any(
                period.filed is not None and period.filed > as_of for period in amount.inputs
            ):
                found.setdefault(name, []).append(label)
    if not found:
        return []
    order = list(series)
    lists = "; ".join(f"{name} {spans(labels, order)}" for name, labels in found.items())
    return [
        Text(
            f"Already filed by then, but the amount is read from a later comparative: {lists}.",
            f"Già depositato a quella data, ma l'importo è letto da un confronto successivo: "
            f"{lists}.",
        )
    ]
