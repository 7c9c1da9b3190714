"""Exhibits of earlier shocks: which were nearest, and what came next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marketshock.errors import InsufficientDataError
from marketshock.exhibits.analogue_words import (
    KIND_WORDS,
    MEASURE_WORDS,
    analogue_notes,
    horizon_words,
    nearest_title,
    next_notes,
    next_text,
    next_title,
)
from marketshock.exhibits.exhibit import Column, Exhibit, Size
from marketshock.exhibits.page import Say
from marketshock.exhibits.words import both, pick
from marketshock.locale import Language, Locale, Text
from marketshock.shock.analogues import Analogues
from marketshock.shock.analogues_next import Measure
from marketshock.table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["analogue_panel", "analogues_table", "what_came_next", "what_came_next_text"]

ROWS = 12
PRINTED_HORIZONS = (5, 20, 60)


def analogues_table(found: Analogues, rows: int = ROWS) -> Exhibit:
    """The event, and below it the nearest shocks with what came after each.

    Parameters
    ----------
    found : Analogues
    rows : int
        Most analogues printed.
    """
    after = [one for one in found.outcomes if one.measure == "car"]
    table = found.table()
    event = {**dict.fromkeys(table.columns), **found.event.as_dict()}
    shown = [event, *list(table)[:rows]]
    printed = [
        {**row, "name": found.name(row["symbol"]), "distance": row["distance"] or None}
        for row in shown
    ]
    horizons = [one.horizon for one in after if one.horizon in PRINTED_HORIZONS]
    n = len(found.shocks)
    return Exhibit(
        "analogues_table",
        nearest_title(found),
        both(
            lambda locale: pick(
                locale,
                f"The event and {locale.number(len(shown) - 1)} of {locale.number(n)} analogues, "
                "nearest first; returns, breadth and volatility a year in percent",
                f"L'evento e {locale.number(len(shown) - 1)} di {locale.number(n)} analoghi, dal "
                "più vicino; rendimenti, ampiezza e volatilità annua in per cento",
            )
        ),
        Table.from_rows("analogues_table", printed),
        found.sources,
        both(lambda locale: _table_alt(found, locale)),
        columns=(*_COLUMNS, *(_after(horizon) for horizon in horizons)),
        emphasis=(0,),
        notes=analogue_notes(found),
    )


def _table_alt(found: Analogues, locale: Locale) -> str:
    n = locale.number(len(found.shocks))
    sizes = [shock.sar for shock in found.shocks] or [found.event.sar]
    low, high = locale.number(min(sizes), 1), locale.number(max(sizes), 1)
    return pick(
        locale,
        f"Table: the event and the nearest of {n} analogues, from {low} to {high} standard errors.",
        f"Tabella: l'evento e i più vicini di {n} analoghi, da {low} a {high} errori standard.",
    )


def _points(value: float | None, locale: Locale) -> str:
    return locale.number(None if value is None else 100 * value, 1, sign=True)


def _whole_percent(value: float | None, locale: Locale) -> str:
    return locale.number(None if value is None else 100 * value)


_COLUMNS = (
    Column("name", Text("Company", "Società"), lambda value, _: str(value), "left"),
    Column(
        "session", Text("Session", "Seduta"), lambda value, locale: locale.short_date(value), "left"
    ),
    Column("ar", Text("Abnormal", "Anomalo"), _points),
    Column("sar", Text("Std errors", "Err. std"), lambda value, locale: locale.number(value, 1)),
    Column(
        "dollars",
        Text("Change, $bn", "Variaz., mld"),
        lambda value, locale: locale.number(value, 0, sign=True),
    ),
    Column("breadth", Text("Breadth", "Ampiezza"), _whole_percent),
    Column("volatility", Text("Volatility", "Volatilità"), _whole_percent),
    Column(
        "kind", Text("Kind", "Tipo"), lambda value, locale: KIND_WORDS[value][locale.lang], "left"
    ),
)


def _after(horizon: int) -> Column:
    return Column(f"car_{horizon}", Text(f"CAR +{horizon}", f"CAR +{horizon}"), _points)


def what_came_next(found: Analogues, measure: Measure = "car") -> Exhibit:
    """The mean outcome by horizon with its interval, on the band of random sessions.

    Parameters
    ----------
    found : Analogues
    measure : {"car", "return"}
        Cumulative abnormal return, or return with dividends.

    Raises
    ------
    InsufficientDataError
        If there is no shock with any outcome.
    """
    rows = [one.as_dict() for one in found.outcomes if one.measure == measure and one.n]
    if not rows:
        raise InsufficientDataError(
            f"No earlier shock like that of {found.event.symbol} has an outcome.",
            "Look among any_large_stock, or in all_history.",
        )

    def draw(data: Table, locale: Locale, size: Size) -> Figure:
        from marketshock.exhibits.charts_outcomes import HorizonRow, outcomes_by_horizon

        return outcomes_by_horizon(
            [
                HorizonRow(
                    horizon_words(row["horizon"], locale),
                    row["mean"],
                    row["mean_low"],
                    row["mean_high"],
                    row["base_mean"],
                    row["base_low"],
                    row["base_high"],
                    _row_words(row, locale),
                    f"n {locale.number(row['n'])}",
                )
                for row in data
            ],
            dot_label=pick(
                locale,
                "After the shocks: mean, 95% interval",
                "Dopo gli shock: media, intervallo al 95\u00a0%",
            ),
            band_label=pick(
                locale,
                "Random sessions of the same stocks: mean, 95% range of such samples",
                "Sedute casuali degli stessi titoli: media, 95\u00a0% di tali campioni",
            ),
            locale=locale,
            size=size,
        )

    what = MEASURE_WORDS[measure]
    return Exhibit(
        "what_came_next",
        next_title(found, measure),
        both(
            lambda locale: pick(
                locale,
                f"Cumulative {what.en} after the session of the shock, percent, by horizon",
                f"{what.it[0].upper()}{what.it[1:]} cumulato dopo la seduta dello shock, per "
                "cento, per orizzonte",
            )
        ),
        Table.from_rows("what_came_next", rows),
        found.sources,
        both(lambda locale: _next_alt(rows, what, locale)),
        draw,
        notes=next_notes(found, measure),
    )


def _row_words(row: Mapping[str, Any], locale: Locale) -> str:
    """Return mean, n, and the shares of positive outcomes after shocks and on random sessions."""
    share, base = locale.percent(row["positive"], 0), locale.percent(row["base_positive"], 0)
    mean, n = locale.percent(row["mean"], sign=True), locale.number(row["n"])
    return pick(
        locale,
        f"{mean}, positive {share} (random {base}), n {n}",
        f"{mean}, positivi {share} (caso {base}), n {n}",
    )


def _next_alt(rows: list[dict[str, Any]], what: Text, locale: Locale) -> str:
    means = [row["mean"] for row in rows]
    low, high = (locale.percent(value, sign=True) for value in (min(means), max(means)))
    spans = horizon_words(rows[0]["horizon"], locale), horizon_words(rows[-1]["horizon"], locale)
    out = sum(
        row["base_low"] is not None and not row["base_low"] <= row["mean"] <= row["base_high"]
        for row in rows
    )
    many, of = locale.number(out), locale.number(len(rows))
    return pick(
        locale,
        f"Dots with intervals: mean {what.en} from {spans[0]} to {spans[1]} after the shocks, "
        f"between {low} and {high}; {many} of {of} lie outside the range of random sessions.",
        f"Punti con intervalli: {what.it} medio da {spans[0]} a {spans[1]} dopo gli shock, tra "
        f"{low} e {high}; {many} su {of} fuori dall'intervallo delle sedute casuali.",
    )


def what_came_next_text(found: Analogues) -> Say:
    """Return the computed paragraph; below ten shocks it says why it says no more."""
    return Say(next_text(found), Text("Has this happened before?", "È già successo?"))


def analogue_panel(found: Analogues, lang: Language = "en") -> tuple[Exhibit | None, Say]:
    """Return chart and paragraph for a page; no chart where there is no outcome at all."""
    said = what_came_next_text(found).in_language(lang)
    if not any(one.n for one in found.outcomes if one.measure == "car"):
        return None, said
    return what_came_next(found).in_language(lang), said
