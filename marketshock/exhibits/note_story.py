"""The cover of a note recomputed: how much of it holds, and what came after."""

from __future__ import annotations

from marketshock.capex import CapexOutcomes
from marketshock.exhibits.note_exhibits import CONFIRMED, CORRECTED
from marketshock.exhibits.page import Cover, Figure, Point
from marketshock.exhibits.study_words import Lead, lead_of
from marketshock.exhibits.words import both, pick, share_mark
from marketshock.locale import Locale, Text
from marketshock.marketcap.record import LossRecord
from marketshock.note.reconciliation import NoteReconciliation
from marketshock.shock.basket import Basket
from marketshock.shock.study import ShockStudy

__all__ = ["note_cover"]


def note_cover(
    found: NoteReconciliation,
    shock: ShockStudy,
    record: LossRecord,
    basket: Basket,
    outcomes: CapexOutcomes,
) -> Cover:
    """Return the cover of a note recomputed: how much of it holds, and what came after."""
    lead = lead_of(shock)
    where = found.publication
    return Cover(
        Text("Research note, recomputed", "Nota di ricerca, ricalcolata"),
        both(lambda locale: _title(found, locale)),
        both(
            lambda locale: pick(
                locale,
                f"Every printed figure of a note by {where.publisher}, worked out again from raw "
                "data, with a verdict and its evidence; and what has come since.",
                f"Ogni dato pubblicato in una nota di {where.publisher}, ricalcolato dai dati "
                "grezzi, con un esito e le sue prove; e che cosa è venuto dopo.",
            )
        ),
        where.date,
        _figures(found, shock, lead, basket, outcomes),
        (
            _holds(found),
            _corrected(found),
            _shocked(lead, basket),
            _since(record, outcomes),
        ),
    )


def _confirmed(found: NoteReconciliation) -> tuple[int, int]:
    """Return how many figures are confirmed, and how many could be recomputed."""
    counts = found.counts
    return sum(counts[word] for word in CONFIRMED), len(found) - counts["not_computable"]


def _title(found: NoteReconciliation, locale: Locale) -> str:
    held, of = (locale.number(number) for number in _confirmed(found))
    title = found.publication.title
    return pick(
        locale,
        f"{title}, recomputed: {held} of {of} figures hold",
        f"{title}, ricalcolata: reggono {held} dati su {of}",
    )


def _figures(
    found: NoteReconciliation,
    shock: ShockStudy,
    lead: Lead,
    basket: Basket,
    outcomes: CapexOutcomes,
) -> tuple[Figure, ...]:
    held, of = _confirmed(found)
    care = sum(found.counts[word] for word in CORRECTED)
    shares = shock.dollars[shock.result.headline_window][lead.row].shares
    mark = share_mark(shares.status, shares.kind) if shares else ""
    year = next(row for row in reversed(list(outcomes.rows)) if row["ratio"] is not None)
    return (
        Figure(
            both(lambda locale: f"{locale.number(held)}/{locale.number(of)}"),
            Text("figures confirmed", "dati confermati"),
            Text("of those recomputed", "di quelli ricalcolati"),
        ),
        Figure(
            both(lambda locale: locale.number(care)),
            Text("corrections", "correzioni"),
            Text("listed at the end", "elencate alla fine"),
        ),
        Figure(
            both(lambda locale: locale.billions(lead.loss_usd_bn, sign=True)),
            Text(f"{lead.name}{mark}", f"{lead.name}{mark}"),
            both(lambda locale: locale.short_date(shock.shock.first_session)),
        ),
        Figure(
            both(lambda locale: locale.billions(basket.net_usd_bn, sign=True)),
            both(
                lambda locale: pick(
                    locale,
                    f"{len(basket.rows)} technology companies",
                    f"{len(basket.rows)} società tecnologiche",
                )
            ),
            Text("net, same session", "saldo, stessa seduta"),
        ),
        Figure(
            both(lambda locale: locale.percent(year["ratio"] - 1.0, 0, sign=True)),
            both(lambda locale: pick(locale, f"capex {year['year']}", f"capex {year['year']}")),
            Text("against projections", "rispetto alle previsioni"),
        ),
    )


def _holds(found: NoteReconciliation) -> Point:
    def words(locale: Locale) -> str:
        said = [
            pick(
                locale,
                f"{_share(found, family, locale)} {en}",
                f"{_share(found, family, locale)} {it}",
            )
            for family, en, it in (
                ("score", "benchmark cells", "celle dei benchmark"),
                ("capex", "yearly totals of capital expenditure", "totali annui di investimenti"),
                ("loss", "one-day losses", "perdite in una seduta"),
            )
        ]
        return pick(
            locale,
            f"Confirmed within the stated tolerance or up to rounding: {locale.join(said)}.",
            f"Confermati entro la tolleranza o a meno dell'arrotondamento: {locale.join(said)}.",
        )

    return Point(Text("Most of it holds.", "In gran parte regge."), both(words))


def _share(found: NoteReconciliation, family: str, locale: Locale) -> str:
    """Return "10 of 10": how many cells of a table are confirmed, of those recomputed."""
    cells = [
        item
        for item in found.items
        if item.id.split(".")[0] == family and item.verdict != "not_computable"
    ]
    held, of = sum(item.verdict in CONFIRMED for item in cells), len(cells)
    return pick(locale, f"{held} of {of}", f"{held} su {of}")


def _corrected(found: NoteReconciliation) -> Point:
    def words(locale: Locale) -> str:
        wrong, outdated, basis = (locale.number(found.counts[word]) for word in CORRECTED)
        quoted = locale.number(found.counts["not_computable"])
        return pick(
            locale,
            f"{wrong} figures are not confirmed, {outdated} had been superseded by an announced "
            f"change, {basis} hold on another basis or date; {quoted} can't be recomputed and "
            "stand as dated quotes or projections.",
            f"{wrong} dati non sono confermati, {outdated} erano superati da una variazione già "
            f"annunciata, {basis} valgono su un'altra base o data; {quoted} non sono "
            "ricalcolabili e restano citazioni datate o previsioni.",
        )

    return Point(Text("What to read with care.", "Che cosa leggere con cautela."), both(words))


def _shocked(lead: Lead, basket: Basket) -> Point:
    def words(locale: Locale) -> str:
        moved, own = (locale.percent(value, sign=True) for value in (lead.realised, lead.abnormal))
        t = locale.number(lead.t, 1)
        up, down = locale.number(len(basket.risers)), locale.number(basket.fallers)
        return pick(
            locale,
            f"{lead.name} returned {moved}, of which {own} abnormal (t = {t}); the same session "
            f"saw {up} stocks of the data rise and {down} fall.",
            f"{lead.name}: {moved}, di cui {own} anomalo (t = {t}); nella stessa seduta {up} "
            f"titoli dei dati sono saliti e {down} scesi.",
        )

    return Point(
        Text("A shock to some, not to all.", "Uno shock per alcuni, non per tutti."), both(words)
    )


def _since(record: LossRecord, outcomes: CapexOutcomes) -> Point:
    year = next(row for row in reversed(list(outcomes.rows)) if row["ratio"] is not None)
    last = record.holders[-1]

    def words(locale: Locale) -> str:
        planned, spent = (
            locale.billions(year[key]) for key in ("projected_usd_bn", "outcome_usd_bn")
        )
        day, held = locale.date(record.as_of), locale.number(last.sessions)
        among = record.words[locale.lang]
        return pick(
            locale,
            f"To {day} the loss of {last.loss.name} on {locale.date(last.loss.date)} has stood "
            f"for {held} sessions as the {among}. Capital expenditure projected at {planned} for "
            f"{year['year']} came to {spent}.",
            f"Al {day} la perdita di {last.loss.name} del {locale.date(last.loss.date)} è da "
            f"{held} sedute {among}. Gli investimenti previsti per il {year['year']} a {planned} "
            f"sono stati {spent}.",
        )

    return Point(Text("What came after.", "Che cosa è venuto dopo."), both(words))
