"""The exhibit of trailing multiples, each with its place in its own history."""

from __future__ import annotations

from statistics import median
from typing import Any

from marketshock.exhibits.exhibit import MARK, Column, Exhibit
from marketshock.exhibits.words import both, pick
from marketshock.locale import Locale, Text
from marketshock.marketcap.multiples import Multiple, Multiples, Valuations
from marketshock.provenance import Status
from marketshock.table import Table

__all__ = ["multiples_table"]

NAMES = ("price_earnings", "price_sales")
HALF = 0.5


def multiples_table(found: Valuations) -> Exhibit:
    """Trailing price/earnings and price/sales of each company, and where each one stood."""
    rows = [_row(name, one) for name, one in found.companies.items()]
    rows.sort(key=lambda row: -(row["market_value_usd_bn"] or 0.0))
    return Exhibit(
        "multiples_table",
        both(lambda locale: _title(rows, locale)),
        both(
            lambda locale: pick(
                locale,
                f"Market value at the close of {locale.date(found.date)} over the last four "
                "quarters filed before; percentile: share of earlier sessions not above",
                f"Capitalizzazione alla chiusura del {locale.date(found.date)} sugli ultimi "
                "quattro trimestri depositati prima; percentile: quota di sedute non superiori",
            )
        ),
        Table.from_rows("multiples_table", rows),
        found.sources,
        both(lambda locale: _alt(rows, locale)),
        columns=_COLUMNS,
        notes=tuple(_notes(found, rows)),
    )


def _row(name: str, one: Multiples) -> dict[str, Any]:
    weak = one.status is Status.RECALLED
    row: dict[str, Any] = {
        "name": name + (f" {MARK}" if weak else ""),
        "symbol": one.symbol,
        "market_value_usd_bn": one.market_value_usd_bn,
        "since": one.since,
        "status": one.status.value,
    }
    for key in NAMES:
        multiple = one[key]
        row |= {key: multiple.value, f"{key}_percentile": multiple.percentile}
        row[f"{key}_reason"] = multiple.reason
    return row


def _title(rows: list[dict[str, Any]], locale: Locale) -> str:
    places = [row["price_sales_percentile"] for row in rows]
    known = [place for place in places if place is not None]
    above, of = (locale.number(n) for n in (sum(place > HALF for place in known), len(known)))
    middle = locale.number(100 * median(known))
    return pick(
        locale,
        f"Price/sales stood above its own middle at {above} of {of} companies; the median "
        f"percentile is {middle}",
        f"Prezzo/ricavi sopra la propria mediana per {above} società su {of}; il percentile "
        f"mediano è {middle}",
    )


def _alt(rows: list[dict[str, Any]], locale: Locale) -> str:
    said = [
        f"{row['name']} {locale.number(row['price_earnings'], 1)}, "
        f"{locale.number(row['price_sales'], 1)}"
        for row in rows
    ]
    head = pick(locale, "Table, earnings and sales: ", "Tabella, utili e ricavi: ")
    return head + "; ".join(said)


def _notes(found: Valuations, rows: list[dict[str, Any]]) -> list[Text]:
    notes = [
        Text(
            "Figures as first reported, so that nothing known only later gets in. Forward "
            "multiples need forecasts, which are not in the data.",
            "Dati come pubblicati la prima volta, senza ciò che si è saputo dopo. I multipli "
            "prospettici richiedono previsioni, che non sono nei dati.",
        )
    ]
    lacking = [
        (name, multiple)
        for name, one in found.companies.items()
        for multiple in one.multiples
        if multiple.reason is not None
    ]
    if lacking:
        notes.append(both(lambda locale: _lacking(lacking, locale)))
    if any(row["status"] == Status.RECALLED.value for row in rows):
        notes.append(
            Text(
                f"{MARK} An input is not confirmed by a stored source.",
                f"{MARK} Un dato non è confermato da una fonte archiviata.",
            )
        )
    return notes


def _lacking(lacking: list[tuple[str, Multiple]], locale: Locale) -> str:
    said = [f"{name}: {one.reason[locale.lang]}" for name, one in lacking if one.reason is not None]
    head = pick(locale, "Not computed: ", "Non calcolati: ")
    return head + "; ".join(dict.fromkeys(said)) + "."


def _multiple(value: float | None, locale: Locale) -> str:
    return locale.number(value, 1)


def _percentile(value: float | None, locale: Locale) -> str:
    return locale.number(None if value is None else 100 * value)


_COLUMNS = (
    Column("name", Text("Company", "Società"), lambda v, _: str(v), "left"),
    Column(
        "market_value_usd_bn",
        Text("Market value, $bn", "Capitalizzazione, mld USD"),
        lambda v, locale: locale.number(v),
    ),
    Column("price_earnings", Text("Price/earnings", "Prezzo/utili"), _multiple),
    Column("price_earnings_percentile", Text("percentile", "percentile"), _percentile),
    Column("price_sales", Text("Price/sales", "Prezzo/ricavi"), _multiple),
    Column("price_sales_percentile", Text("percentile", "percentile"), _percentile),
    Column(
        "since",
        Text("History since", "Storia dal"),
        lambda v, locale: "–" if v is None else locale.short_month(v),
        "left",
    ),
)
