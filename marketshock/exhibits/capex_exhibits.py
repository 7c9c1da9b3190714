"""Exhibits of capital expenditure: projections and outcomes, quarters, and share of revenue."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from marketshock.capex import CapexGrowth, CapexIntensity, CapexOutcomes, CapexTrend
from marketshock.errors import InsufficientDataError, UserInputError
from marketshock.exhibits.exhibit import MARK, Column, Exhibit, Size
from marketshock.exhibits.words import both, pick
from marketshock.locale import Locale, Text
from marketshock.provenance import Status
from marketshock.table import Row, Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["capex_intensity", "capex_outcomes", "capex_quarters"]

WEAK = Status.RECALLED.value
LAST_QUARTERS = 22
"""Columns of quarters that can be told apart on a page."""


def capex_outcomes(found: CapexOutcomes) -> Exhibit:
    """Every projection beside what the same five companies then spent, or say now."""
    rows = [
        {
            **row,
            "printed_year": row["year"] + (MARK if row["status"] == WEAK else ""),
            "guided": (row["quoted_low_usd_bn"], row["quoted_high_usd_bn"]),
        }
        for row in found.rows
    ]
    known = [row for row in rows if row["outcome_usd_bn"] is not None]
    if not known:
        raise InsufficientDataError("No projected year has an outcome yet.", "Wait for filings.")
    last = known[-1]

    def title(locale: Locale) -> str:
        spent, planned = (
            locale.billions(last[key]) for key in ("outcome_usd_bn", "projected_usd_bn")
        )
        return pick(
            locale,
            f"Projected for {last['year']}: {planned}. Spent: {spent}",
            f"Previsti per il {last['year']}: {planned}. Spesi: {spent}",
        )

    def unit(locale: Locale) -> str:
        month = locale.month(found.projected_as_of)
        return pick(
            locale,
            f"Capital expenditure of five companies, projected in {month} and as it came, "
            "billions of US dollars",
            f"Investimenti di cinque società, previsti a {month} e a consuntivo, miliardi di "
            "dollari USA",
        )

    return Exhibit(
        "capex_outcomes",
        both(title),
        both(unit),
        Table.from_rows("capex_outcomes", rows),
        found.sources,
        both(lambda locale: _outcomes_alt(rows, locale)),
        columns=_OUTCOME_COLUMNS,
        notes=_outcome_notes(rows),
    )


def _outcomes_alt(rows: list[dict[str, Any]], locale: Locale) -> str:
    said = [
        f"{row['year']}: {locale.billions(row['projected_usd_bn'])}, "
        f"{locale.billions(row['outcome_usd_bn'])}"
        for row in rows
    ]
    head = pick(locale, "Table, projected and spent. ", "Tabella, previsti e spesi. ")
    return head + "; ".join(said)


def _outcome_notes(rows: list[dict[str, Any]]) -> tuple[Text, ...]:
    notes = [
        Text(
            "Projected and spent on one basis: Alphabet, AWS, Meta, Microsoft and Oracle, "
            "purchases of property and equipment by calendar year.",
            "Previsti e spesi sulla stessa base: Alphabet, AWS, Meta, Microsoft e Oracle, "
            "acquisti di immobili e attrezzature per anno solare.",
        )
    ]
    quoted = [row["quoted_as_of"] for row in rows if row["quoted_as_of"]]
    if quoted:
        day = dt.date.fromisoformat(max(quoted))
        notes.append(
            both(
                lambda locale: pick(
                    locale,
                    f"Guidance: sum of what the five companies had said by {locale.date(day)}. It "
                    "counts the whole of Amazon and can hold leases, so it stands beside the "
                    "projection and is not compared with it.",
                    "Indicazioni: somma di quanto comunicato dalle cinque società entro il "
                    f"{locale.date(day)}. Comprende tutta Amazon e può comprendere leasing: sta "
                    "accanto alla previsione, senza confronto.",
                )
            )
        )
    if any(row["status"] == WEAK for row in rows):
        notes.append(
            Text(
                f"{MARK} Not confirmed by a stored source.",
                f"{MARK} Non confermato da una fonte archiviata.",
            )
        )
    return tuple(notes)


def capex_quarters(
    trend: CapexTrend, growth: CapexGrowth | None = None, last: int = LAST_QUARTERS
) -> Exhibit:
    """Quarters or trailing years by company; with `growth` its rate and interval as a note.

    `last` is the number of periods drawn.

    Raises
    ------
    UserInputError
        For a trend by year.
    """
    if trend.by == "year":
        raise UserInputError("A trend by year has no quarters.", "Use by='quarter' or 'ttm'.")
    whole = [row for row in trend.to_records() if row["total_usd_bn"] is not None]
    rows = whole[-last:]
    companies = list(rows[-1]["by_company"])
    data = Table.from_rows(
        "capex_quarters",
        [
            {
                "period": row["period"],
                **row["by_company"],
                "total_usd_bn": row["total_usd_bn"],
                "yoy": row["yoy"],
                "status": row["status"],
            }
            for row in rows
        ],
    )

    def draw(table: Table, locale: Locale, size: Size) -> Figure:
        from marketshock.exhibits.charts_columns import stacked_columns

        return stacked_columns(
            [_column(row, locale) for row in table],
            {name: table[name] for name in companies},
            table["total_usd_bn"],
            locale=locale,
            size=size,
            height_mm=50.0 if size == "full" else 56.0,
        )

    return Exhibit(
        "capex_quarters",
        both(lambda locale: _quarters_title(rows[-1], trend.by, locale)),
        both(lambda locale: _quarters_unit(companies, trend.by, locale)),
        data,
        trend.sources,
        both(lambda locale: _quarters_alt(rows, locale)),
        draw,
        notes=_quarter_notes(trend, rows, growth),
    )


def _quarter(period: str, locale: Locale) -> str:
    """Return ``Q1 2026`` or ``T1 2026`` for ``2026Q1``; a year stays as it is."""
    year, _, quarter = period.partition("Q")
    return f"{pick(locale, 'Q', 'T')}{quarter} {year}" if quarter else year


def _column(row: Row, locale: Locale) -> str:
    """Return the short name below a column, marked where no stored source confirms it."""
    name, year = _quarter(row["period"], locale).split(" ")
    return f"{name} {year[2:]}" + (MARK if row["status"] == WEAK else "")


def _quarters_title(row: Row, by: str, locale: Locale) -> str:
    when = _quarter(row["period"], locale)
    spent = locale.billions(row["total_usd_bn"])
    growth = locale.percent(row["yoy"], 0, sign=True)
    if by == "ttm":
        return pick(
            locale,
            f"{spent} in the four quarters to {when}, {growth} on a year before",
            f"{spent} nei quattro trimestri fino al {when}, {growth} in un anno",
        )
    return pick(
        locale,
        f"{spent} in {when} alone, {growth} on a year before",
        f"{spent} nel solo {when}, {growth} in un anno",
    )


def _quarters_unit(companies: list[str], by: str, locale: Locale) -> str:
    names = locale.join(companies)
    if by == "ttm":
        return pick(
            locale,
            f"Capital expenditure over four quarters, billions of US dollars: {names}",
            f"Investimenti su quattro trimestri, miliardi di dollari USA: {names}",
        )
    return pick(
        locale,
        f"Capital expenditure by calendar quarter, billions of US dollars: {names}",
        f"Investimenti per trimestre solare, miliardi di dollari USA: {names}",
    )


def _quarters_alt(rows: list[dict[str, Any]], locale: Locale) -> str:
    first, last = rows[0], rows[-1]
    low, high = (locale.billions(row["total_usd_bn"]) for row in (first, last))
    start, end = (_quarter(row["period"], locale) for row in (first, last))
    return pick(
        locale,
        f"Stacked columns, {start} to {end}: total from {low} to {high}.",
        f"Colonne in pila, da {start} a {end}: totale da {low} a {high}.",
    )


def _quarter_notes(
    trend: CapexTrend, rows: list[dict[str, Any]], growth: CapexGrowth | None
) -> tuple[Text, ...]:
    notes = [
        Text(
            "The whole of Amazon, because AWS is filed once a year; a quarter counts where its "
            "end is nearest. A quarter in which a company has not reported yet has no column.",
            "Amazon intera, perché AWS è pubblicata una volta l'anno; un trimestre conta dove la "
            "sua fine è più vicina. Senza i dati di una società il trimestre non ha colonna.",
        )
    ]
    if growth is not None:
        notes.append(both(lambda locale: _growth(growth, locale)))
    if any(row["status"] == WEAK for row in rows):
        names = sorted({name for row in rows for name in row["weak_inputs"]})
        notes.append(
            both(
                lambda locale: pick(
                    locale,
                    f"{MARK} Not confirmed by a stored source: {locale.join(names)}.",
                    f"{MARK} Non confermati da una fonte archiviata: {locale.join(names)}.",
                )
            )
        )
    return tuple(notes)


def _growth(growth: CapexGrowth, locale: Locale) -> str:
    rate, low, high = (
        locale.percent(value, 0) for value in (growth.growth, growth.low, growth.high)
    )
    sure = locale.percent(growth.confidence, 0)
    first, last = (_quarter(label, locale) for label in (growth.first, growth.last))
    return pick(
        locale,
        f"Log-linear trend {first} to {last}: {rate} a year, {sure} interval {low} "
        f"to {high} (Newey-West, {growth.lags} lags). It describes the past; it is no forecast.",
        f"Tendenza log-lineare da {first} a {last}: {rate} l'anno, intervallo al "
        f"{sure} da {low} a {high} (Newey-West, {growth.lags} ritardi). Descrive il passato, non "
        "è una previsione.",
    )


def capex_intensity(found: CapexIntensity) -> Exhibit:
    """Capital expenditure over revenue, four quarters each, one line a company."""
    latest = {name: path["intensity"][-1] for name, path in found.paths.items()}
    top = max(latest, key=lambda name: latest[name])
    rows = [
        {**row, "company": row["company"] + (MARK if row["status"] == WEAK else "")}
        for row in found.table()
    ]

    def title(locale: Locale) -> str:
        share = locale.percent(latest[top], 0)
        others = min(value for name, value in latest.items() if name != top)
        low = locale.percent(others, 0)
        return pick(
            locale,
            f"{top} spends {share} of its revenue on equipment, the others at least {low}",
            f"{top} investe il {share} dei ricavi, le altre almeno il {low}",
        )

    def draw(table: Table, locale: Locale, size: Size) -> Figure:
        from marketshock.exhibits.charts_over_time import lines_over_time

        series: dict[str, list[tuple[dt.date, float]]] = {}
        for row in table:
            points = series.setdefault(row["company"].removesuffix(MARK), [])
            points.append((row["period_end"], row["intensity"]))
        return lines_over_time(series, locale=locale, size=size)

    return Exhibit(
        "capex_intensity",
        both(title),
        Text(
            "Capital expenditure over revenue, four quarters each, by end of the last quarter",
            "Investimenti su ricavi, quattro trimestri, per fine dell'ultimo trimestre",
        ),
        Table.from_rows("capex_intensity", rows),
        found.sources,
        both(lambda locale: _intensity_alt(found, locale)),
        draw,
        notes=_intensity_notes(rows),
    )


def _intensity_alt(found: CapexIntensity, locale: Locale) -> str:
    said = [
        f"{name} {locale.percent(path['intensity'][0], 0)} "
        f"({locale.short_month(path['period_end'][0])}), "
        f"{locale.percent(path['intensity'][-1], 0)} "
        f"({locale.short_month(path['period_end'][-1])})"
        for name, path in found.paths.items()
    ]
    head = pick(locale, "Lines, first and last value: ", "Linee, primo e ultimo valore: ")
    return head + "; ".join(said) + "."


def _intensity_notes(rows: list[dict[str, Any]]) -> tuple[Text, ...]:
    notes = [
        Text(
            "Gross purchases of property and equipment of the whole company, without finance "
            "leases; a quarter without both amounts breaks the line.",
            "Acquisti lordi di immobili e attrezzature dell'intera società, senza leasing "
            "finanziari; un trimestre senza entrambi gli importi interrompe la linea.",
        )
    ]
    weak = sorted({row["company"].removesuffix(MARK) for row in rows if row["status"] == WEAK})
    if weak:
        notes.append(
            both(
                lambda locale: pick(
                    locale,
                    f"{MARK} Some quarters are not confirmed by a stored source: "
                    f"{locale.join(weak)}.",
                    f"{MARK} Alcuni trimestri non sono confermati da una fonte archiviata: "
                    f"{locale.join(weak)}.",
                )
            )
        )
    return tuple(notes)


def _guided(value: Any, locale: Locale) -> str:
    """Return a range of guidance as printed; a dash where the year has its outcome."""
    low, high = value
    if low is None:
        return "–"
    return locale.number(low) if low == high else f"{locale.number(low)}–{locale.number(high)}"


_OUTCOME_COLUMNS = (
    Column("printed_year", Text("Year", "Anno"), lambda v, _: v, "left"),
    Column("projected_usd_bn", Text("Projected", "Previsti"), lambda v, locale: locale.number(v)),
    Column("outcome_usd_bn", Text("Spent", "Spesi"), lambda v, locale: locale.number(v, 1)),
    Column(
        "difference_usd_bn",
        Text("Difference", "Differenza"),
        lambda v, locale: locale.number(v, 1, sign=True),
    ),
    Column(
        "ratio",
        Text("Spent over projected", "Spesi su previsti"),
        lambda v, locale: locale.number(v, 2),
    ),
    Column("guided", Text("Guidance, five companies", "Indicazioni, cinque società"), _guided),
)
