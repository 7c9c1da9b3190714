"""Exhibits of market-value losses, their reconciliation, and capital expenditure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from marketshock.capex import CapexTrend
from marketshock.errors import InsufficientDataError
from marketshock.exhibits.exhibit import Column, Exhibit, Size
from marketshock.exhibits.words import both, pick, share_mark, share_notes
from marketshock.locale import Locale, Text
from marketshock.marketcap.losses import SHARE_KINDS, Loss, MarketCapLosses
from marketshock.marketcap.reconcile import Reconciliation, ReconciliationRow
from marketshock.provenance import Status
from marketshock.table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["capex_columns", "losses_table", "reconciliation_table"]

VERDICTS = {
    "match": Text("match", "coincide"),
    "rounding": Text("rounded", "arrotondato"),
    "basis": Text("other basis", "altra base"),
    "outdated": Text("outdated", "superato"),
    "wrong": Text("differs", "diverso"),
    "not_computable": Text("not computable", "non calcolabile"),
}


def losses_table(losses: MarketCapLosses, event: dt.date | None = None) -> Exhibit:
    """The ranking with the rows of `event` emphasised; estimated or recalled counts marked."""
    rows: list[dict[str, Any]] = []
    for loss in losses.losses:
        marked = loss.name + share_mark(loss.status, loss.share_kind)
        rows.append({**loss.as_dict(), "marked": marked, "share_basis": _share_basis(loss)})
    emphasis = tuple(at for at, loss in enumerate(losses.losses) if loss.date == event)
    return Exhibit(
        "losses_table",
        _losses_title(losses, emphasis),
        both(lambda locale: _losses_unit(losses, locale)),
        Table.from_rows("losses_table", rows),
        losses.sources,
        both(lambda locale: _losses_alt(losses, locale)),
        columns=_LOSS_COLUMNS,
        emphasis=emphasis,
        notes=tuple(_losses_notes(losses)),
    )


def _share_basis(loss: Loss) -> Text:
    """Return what kind of count it is and the day it speaks of."""
    kind = SHARE_KINDS[loss.share_kind]
    return both(lambda locale: f"{kind[locale.lang]}, {locale.short_date(loss.shares_as_of)}")


def _losses_unit(losses: MarketCapLosses, locale: Locale) -> str:
    first, last = locale.date(losses.since), locale.date(losses.as_of)
    if losses.since == losses.as_of:
        return pick(
            locale,
            f"Change of market value on {first}, billions of US dollars",
            f"Variazione della capitalizzazione il {first}, miliardi di dollari USA",
        )
    return pick(
        locale,
        f"One-day change of market value, billions of US dollars, {first} to {last}",
        "Variazione della capitalizzazione in una seduta, miliardi di dollari USA, dal "
        f"{first} al {last}",
    )


def _losses_title(losses: MarketCapLosses, emphasis: Sequence[int]) -> Text:
    chosen = losses.losses[emphasis[0] if emphasis else 0]

    def words(locale: Locale) -> str:
        amount = locale.billions(abs(chosen.loss_usd_bn))
        companies, place = locale.number(losses.companies), locale.number(chosen.rank)
        when = pick(locale, f"since {losses.since.year}", f"dal {losses.since.year}")
        if losses.since == losses.as_of:
            when = pick(locale, "that day", "quel giorno")
        if chosen.rank == 1:
            return pick(
                locale,
                f"{chosen.name} lost {amount}, the most among {companies} companies {when}",
                f"{chosen.name}: {amount}, la perdita maggiore tra {companies} società {when}",
            )
        return pick(
            locale,
            f"{chosen.name} lost {amount}, number {place} among {companies} companies {when}",
            f"{chosen.name}: {amount}, perdita numero {place} tra {companies} società {when}",
        )

    return both(words)


def _losses_alt(losses: MarketCapLosses, locale: Locale) -> str:
    first, last = losses.losses[0], losses.losses[-1]
    high, low = locale.billions(first.loss_usd_bn), locale.billions(last.loss_usd_bn)
    count = locale.number(len(losses.losses))
    return pick(
        locale,
        f"Table with bars: {count} losses, from {first.name}, {high}, to {last.name}, {low}.",
        f"Tabella con barre: {count} perdite, da {first.name}, {high}, a {last.name}, {low}.",
    )


def _losses_notes(losses: MarketCapLosses) -> list[Text]:
    notes = [
        Text(
            "Close less previous close, official, times the shares of the latest filing before "
            "that session; prices as traded. Companies count once. The ranking covers companies "
            "of today's list with share counts, so firms that are gone are missing.",
            "Chiusura meno chiusura precedente, ufficiali, per le azioni dell'ultimo documento "
            "depositato prima della seduta; prezzi del giorno. Ogni società conta una volta. La "
            "classifica copre le società dell'elenco odierno con numero di azioni noto: quelle "
            "scomparse mancano.",
        )
    ]
    return notes + share_notes([(loss.status, loss.share_kind) for loss in losses.losses])


def reconciliation_table(found: Reconciliation) -> Exhibit:
    """A published list beside ours: difference, verdict and reason of every row."""
    printed = [row for row in found.rows if row.published_rank is not None]
    rows = [
        {
            "rank": row.published_rank,
            "name": row.name,
            "date": row.date,
            "published_usd_bn": row.published_usd_bn,
            "computed_usd_bn": row.computed_usd_bn,
            "verdict": row.verdict,
            "explanation": row.explanation,
        }
        for row in found.rows
    ]
    return Exhibit(
        "reconciliation_table",
        _reconciliation_title(printed, len(found.rows) - len(printed)),
        both(
            lambda locale: pick(
                locale,
                "One-day change of market value, billions of US dollars: printed in "
                f"{_printed_in(found, locale)}, and recomputed",
                "Variazione della capitalizzazione in una seduta, miliardi di dollari USA: "
                f"pubblicata in {_printed_in(found, locale)}, e ricalcolata",
            )
        ),
        Table.from_rows("reconciliation_table", rows),
        found.sources,
        both(
            lambda locale: pick(
                locale,
                f"Table: {locale.number(len(rows))} losses, printed and recomputed.",
                f"Tabella: {locale.number(len(rows))} perdite, pubblicate e ricalcolate.",
            )
        ),
        columns=_RECONCILED_COLUMNS,
        notes=(
            Text(
                "Without a number: rows that the printed list lacks as of its own date.",
                "Senza numero: righe assenti dall'elenco pubblicato alla sua data.",
            ),
        ),
    )


def _printed_in(found: Reconciliation, locale: Locale) -> str:
    where = found.publication
    return f"{where.title} ({where.publisher}, {locale.date(where.date)})"


def _reconciliation_title(printed: Sequence[ReconciliationRow], lacking: int) -> Text:
    matches = sum(row.verdict == "match" for row in printed)
    return both(
        lambda locale: pick(
            locale,
            f"{locale.number(matches)} of {locale.number(len(printed))} printed losses match; "
            f"{locale.number(lacking)} larger ones are missing from the list",
            f"{locale.number(matches)} perdite pubblicate su {locale.number(len(printed))} "
            f"coincidono; nell'elenco ne mancano {locale.number(lacking)} maggiori",
        )
    )


def capex_columns(trend: CapexTrend) -> Exhibit:
    """Yearly columns by company with the published projections beside the outcomes."""
    rows = [row for row in trend.to_records() if row["total_usd_bn"] is not None]
    if not rows:
        raise InsufficientDataError("No period has figures of all companies.")
    companies = list(rows[0]["by_company"])
    projected = {row["period"]: row["published_usd_bn"] for row in rows if row["projection"]}
    dates = [row["published_as_of"] for row in rows if row["projection"]]
    data = Table.from_rows(
        "capex_columns",
        [
            {
                "period": row["period"],
                **row["by_company"],
                "total_usd_bn": row["total_usd_bn"],
                "projected_usd_bn": projected.get(row["period"]),
                "published_usd_bn": None if row["projection"] else row["published_usd_bn"],
                "status": row["status"],
            }
            for row in rows
        ],
    )

    def draw(table: Table, locale: Locale, size: Size) -> Figure:
        from marketshock.exhibits.charts_columns import stacked_columns

        return stacked_columns(
            _marked_periods(table),
            {name: table[name] for name in companies},
            table["total_usd_bn"],
            projected=table["projected_usd_bn"],
            projected_label=_projected_label(dates, locale),
            locale=locale,
            size=size,
            height_mm=52.0 if size == "full" else 60.0,
        )

    return Exhibit(
        "capex_columns",
        _capex_title(rows),
        both(
            lambda locale: pick(
                locale,
                f"Capital expenditure by calendar year, billions of US dollars: "
                f"{locale.join(companies)}",
                f"Investimenti per anno solare, miliardi di dollari USA: {locale.join(companies)}",
            )
        ),
        data,
        trend.sources,
        both(lambda locale: _capex_alt(rows, locale)),
        draw,
        notes=_capex_notes(trend, rows),
    )


def _marked_periods(table: Table) -> list[str]:
    """Return the periods, with the mark of figures that no stored source confirms."""
    weak = Status.RECALLED.value
    return [row["period"] + ("†" if row["status"] == weak else "") for row in table]


def _projected_label(dates: Sequence[str], locale: Locale) -> str:
    """Return when the projections were made, as a label."""
    if not dates:
        return ""
    month = locale.month(dt.date.fromisoformat(str(dates[-1])))
    return pick(locale, f"projected in {month}", f"previsti a {month}")


def _capex_title(rows: Sequence[dict[str, Any]]) -> Text:
    last, first = rows[-1], rows[0]

    def words(locale: Locale) -> str:
        spent = locale.billions(last["total_usd_bn"])
        before = locale.billions(first["total_usd_bn"])
        if last["projection"] and last["published_usd_bn"] is not None:
            gap = last["total_usd_bn"] / last["published_usd_bn"] - 1
            share = locale.percent(abs(gap), 0)
            beyond = pick(locale, "more" if gap > 0 else "less", "più" if gap > 0 else "meno")
            return (
                pick(
                    locale,
                    f"Spending did not fall: {spent} in {last['period']}, {share} {beyond} "
                    "than projected",
                    f"La spesa non è scesa: {spent} nel {last['period']}, il {share} in {beyond} "
                    "del previsto",
                )
                if last["yoy"] is not None and last["yoy"] > 0
                else pick(
                    locale,
                    f"{spent} in {last['period']}, {share} {beyond} than projected",
                    f"{spent} nel {last['period']}, il {share} in {beyond} del previsto",
                )
            )
        return pick(
            locale,
            f"From {before} in {first['period']} to {spent} in {last['period']}",
            f"Da {before} nel {first['period']} a {spent} nel {last['period']}",
        )

    return both(words)


def _capex_alt(rows: Sequence[dict[str, Any]], locale: Locale) -> str:
    first, last = rows[0], rows[-1]
    return pick(
        locale,
        f"Stacked columns {first['period']} to {last['period']}: total from "
        f"{locale.billions(first['total_usd_bn'])} to {locale.billions(last['total_usd_bn'])}.",
        f"Colonne in pila dal {first['period']} al {last['period']}: totale da "
        f"{locale.billions(first['total_usd_bn'])} a {locale.billions(last['total_usd_bn'])}.",
    )


def _capex_notes(trend: CapexTrend, rows: Sequence[dict[str, Any]]) -> tuple[Text, ...]:
    weak = [row for row in rows if row["status"] == Status.RECALLED.value]
    notes = [trend.method]
    if weak:
        names = sorted({name for row in weak for name in row["weak_inputs"]})
        years = [row["period"] for row in weak]
        notes.append(
            both(
                lambda locale: pick(
                    locale,
                    f"† Not confirmed by a stored source: {locale.join(names)} "
                    f"{locale.join(years)}.",
                    f"† Non confermati da una fonte archiviata: {locale.join(names)} "
                    f"{locale.join(years)}.",
                )
            )
        )
    return tuple(notes)


def _words(value: str, words: dict[str, Text], locale: Locale) -> str:
    return words[value][locale.lang]


_LOSS_COLUMNS = (
    Column("rank", Text("#", "#"), lambda v, locale: locale.number(v)),
    Column("marked", Text("Company", "Società"), lambda v, _: str(v), "left"),
    Column("date", Text("Session", "Seduta"), lambda v, locale: locale.short_date(v), "left"),
    Column("return", Text("Return", "Rendimento"), lambda v, locale: locale.percent(v, sign=True)),
    Column("previous_close", Text("Before", "Prima"), lambda v, locale: locale.number(v, 2)),
    Column("close", Text("Close", "Chiusura"), lambda v, locale: locale.number(v, 2)),
    Column("shares_bn", Text("Shares, bn", "Azioni, mld"), lambda v, loc: loc.number(v, 3)),
    Column(
        "share_basis",
        Text("Share count as of", "Azioni alla data"),
        lambda v, locale: v[locale.lang],
        "left",
    ),
    Column(
        "loss_usd_bn",
        Text("Loss, $bn", "Perdita, mld USD"),
        lambda v, locale: locale.number(v, 1),
        bar=True,
    ),
)

_RECONCILED_COLUMNS = (
    Column("rank", Text("#", "#"), lambda v, locale: locale.number(v) if v else "–"),
    Column("name", Text("Company", "Società"), lambda v, _: str(v), "left"),
    Column("date", Text("Session", "Seduta"), lambda v, locale: locale.short_date(v), "left"),
    Column("published_usd_bn", Text("Printed", "Pubblicata"), lambda v, loc: loc.number(v)),
    Column("computed_usd_bn", Text("Computed", "Calcolata"), lambda v, loc: loc.number(v, 1)),
    Column(
        "verdict", Text("Verdict", "Esito"), lambda v, locale: _words(v, VERDICTS, locale), "left"
    ),
    Column("explanation", Text("Why", "Perché"), lambda v, locale: v[locale.lang], "left"),
)
