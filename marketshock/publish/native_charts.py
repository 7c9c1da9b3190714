"""Which exhibits have a native chart, and how it is made from their figures.

An exhibit that is not named here goes into a deck or a workbook as a picture with its table.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from marketshock.exhibits.colours import Palette
from marketshock.exhibits.words import MODEL_WORDS
from marketshock.locale import MINUS, Locale
from marketshock.publish.native import NativeChart, PrintedColumn, Series
from marketshock.publish.native_prices import (
    LABEL_SHARE,
    excel_day,
    joined,
    price_bars,
    price_steps,
    scores,
)
from marketshock.publish.plates import Plate
from marketshock.table import text_cell

__all__ = ["NATIVE", "native_chart", "printed_columns"]

SIGNED = '"+"0.0%;"\u2212"0.0%;0.0%'
PERCENT = '0%;"\u2212"0%;0%'
WHOLE = '#,##0;"\u2212"#,##0;0'
UNCONFIRMED = "recalled"
NO_COMPANIES = {
    "period", "total_usd_bn", "projected_usd_bn", "published_usd_bn", "status", "yoy",
}  # fmt: skip
MOST_ROWS = 60
"""Rows of a table beside a picture."""


def car_path(plate: Plate, palette: Palette) -> NativeChart:
    """Line of the running abnormal return between the ends of its no-event range."""
    data = plate.data
    last = len(data) - 1
    at = data["tau"].index(0) if 0 in data["tau"] else last
    printed = [plate.locale.percent(value, 1, sign=True) for value in data["car"]]
    bands = [
        (plate.say("95% range without an event, low", "minimo al 95\u00a0% senza evento"), "low"),
        (
            plate.say("95% range without an event, high", "massimo al 95\u00a0% senza evento"),
            "high",
        ),
    ]
    path = Series(
        plate.say("Cumulative abnormal return", "Rendimento anomalo cumulato"),
        data["car"],
        palette.ink,
        "line",
        labels=tuple(text if n == last != at else "" for n, text in enumerate(printed)),
    )
    event = Series(
        plate.say("Event", "Evento"),
        tuple(value if n == at else None for n, value in enumerate(data["car"])),
        palette.amber,
        "dots",
        labels=tuple(text if n == at else "" for n, text in enumerate(printed)),
    )
    edges = [Series(name, data[key], palette.band_edge, "thin") for name, key in bands]
    return NativeChart(
        "lines",
        plate.say("Sessions from the event", "Sedute dall'evento"),
        data["tau"],
        (path, *edges, event),
        PERCENT,
        legend=True,
        cell_format=SIGNED,
    )


def abnormal_bars(plate: Plate, palette: Palette) -> NativeChart:
    """Ranked bars with their prediction intervals."""
    data = plate.data
    bars = Series(
        plate.say("Abnormal return", "Rendimento anomalo"),
        data["car"],
        palette.teal,
        low=data["low"],
        high=data["high"],
        accents=plate.emphasis,
    )
    names = tuple(
        f"{row['name']}  {plate.locale.percent(row['car'], 1, sign=True)}" for row in data
    )
    return NativeChart("bars", plate.say("Company", "Società"), names, (bars,), SIGNED)


def residual_histogram(plate: Plate, palette: Palette) -> NativeChart:
    """Counts of ordinary sessions by size of their abnormal return, and the event's own."""
    names = plate.say("Ordinary sessions", "Sedute ordinarie"), plate.say("Event", "Evento")
    head = plate.say("Abnormal return from, class of ", "Rendimento anomalo da, classe di ")
    return _histogram(plate, palette, "ar", head, names, partial(plate.locale.percent, sign=True))


def placebo_histogram(plate: Plate, palette: Palette) -> NativeChart:
    """Counts of placebo statistics by size, and the event's own."""
    names = plate.say("Placebo dates", "Date placebo"), plate.say("Event", "Evento")
    head = plate.say("Statistic from, class of ", "Statistica da, classe di ")
    return _histogram(plate, palette, "t", head, names, partial(plate.locale.number, sign=True))


def _histogram(
    plate: Plate,
    palette: Palette,
    field: str,
    head: str,
    names: tuple[str, str],
    printed: Callable[[float, int], str],
) -> NativeChart:
    """Return counts by class of one column, apart for the rows of the event."""
    from marketshock.exhibits.charts_histogram import bin_edges

    split = [
        [row[field] for row in plate.data if row["event"] is mine and row[field] is not None]
        for mine in (False, True)
    ]
    edges = bin_edges(np.array(split[0])).tolist()
    width = edges[1] - edges[0]
    places = [[math.floor((v - edges[0]) / width + 1e-9) for v in values] for values in split]
    first, last = min(map(min, filter(None, places))), max(map(max, filter(None, places)))
    classes = range(first, last + 1)
    digits = next(n for n in range(6) if abs(printed_unit(width, field, n)) < 1e-9 or n == 5)
    series = [
        Series(name, tuple(float(at.count(place)) for place in classes), colour)
        for name, at, colour in zip(names, places, (palette.teal, palette.amber), strict=True)
    ]
    starts = tuple(printed(edges[0] + place * width, digits) for place in classes)
    words = head + printed(width, digits).lstrip("+")
    number = plate.say("Number", "Numero")
    return NativeChart("stacked", words, starts, tuple(series), "0", number, legend=True)


def printed_unit(width: float, field: str, digits: int) -> float:
    """Return what a class width loses when it is printed with some digits."""
    shown = 100 * width if field == "ar" else width
    return shown - round(shown, digits)


def capex_columns(plate: Plate, palette: Palette) -> NativeChart:
    """Columns by company with the published projections beside the outcomes."""
    data = plate.data
    names = [name for name in data.columns if name not in NO_COMPANIES]
    colours = palette.company_colours(names)
    periods = tuple(
        f"{row['period']}†" if row["status"] == UNCONFIRMED else str(row["period"]) for row in data
    )
    series = [Series(name, data[name], colours[name]) for name in names]
    planned = data.columns.get("projected_usd_bn", ())
    if any(value is not None for value in planned):
        series.append(Series(plate.say("Projected", "Previsti"), planned, palette.amber, "dots"))
    total = plate.say("Total", "Totale")
    series.append(Series(total, data["total_usd_bn"], palette.ink, "words", numbered=True))
    period = plate.say("Calendar period", "Periodo solare")
    return NativeChart("stacked", period, periods, tuple(series), "#,##0", legend=True)


def capex_intensity(plate: Plate, palette: Palette) -> NativeChart:
    """Lines of capital spending over revenue, one for each company."""
    rows = list(plate.data)
    names = list(dict.fromkeys(row["company"] for row in rows))
    colours = palette.company_colours(names)
    longest = max(plate.data["company"].count(name) for name in names)
    series = []
    for name in names:
        own = [row for row in rows if row["company"] == name and row["intensity"] is not None]
        gap = (None,) * (longest - len(own))
        text = f"{name} {plate.locale.percent(own[-1]['intensity'], 0)}"
        series.append(
            Series(
                name,
                gap + tuple(row["intensity"] for row in own),
                colours[name],
                "line",
                gap + tuple(row["period_end"] for row in own),
                labels=("",) * (longest - 1) + (text,),
            )
        )
    ends = [(one.values[-1] or 0.0, one.labels[-1]) for one in series]
    most = max(row["intensity"] or 0.0 for row in rows)
    words = joined(ends, LABEL_SHARE * most)
    series = [
        replace(one, labels=(*one.labels[:-1], words.get(at, ""))) for at, one in enumerate(series)
    ]
    days = [row["period_end"] for row in rows]
    first, last = (excel_day(day) for day in (min(days), max(days)))
    end = last + round(0.25 * (last - first))
    return NativeChart(
        "scatter",
        plate.say("End of the period", "Fine del periodo"),
        (),
        tuple(series),
        PERCENT,
        axis_format="yyyy",
        low_x=float(first),
        high_x=float(end),
        cell_format="0.0%",
    )


def specification_curve(plate: Plate, palette: Palette) -> NativeChart:
    """Estimates in ascending order with their intervals; the choices stand in a table."""
    data = plate.data

    def those(rejects: bool, name: str, colour: str) -> Series:
        mine = [bool(row["rejects"]) is rejects for row in data]
        kept = {
            key: tuple(v if own else None for v, own in zip(data[key], mine, strict=True))
            for key in ("caar", "low", "high")
        }
        return Series(name, kept["caar"], colour, "dots", (), kept["low"], kept["high"])

    declared = tuple(row["caar"] if row["declared"] else None for row in data)
    series = (
        those(True, plate.say("p below 5%", "p sotto il 5\u00a0%"), palette.teal),
        those(
            False,
            plate.say(
                "p of 5% or more, or no valid test", "p del 5\u00a0% o più, o nessun test valido"
            ),
            palette.unsplit,
        ),
        Series(plate.say("Declared", "Dichiarata"), declared, palette.amber, "dots"),
    )
    head = plate.say("Specifications, by CAAR", "Specificazioni, per CAAR")
    return NativeChart(
        "lines",
        head,
        data["rank"],
        series,
        PERCENT,
        legend=True,
        cell_format=SIGNED,
        table=_specifications(plate),
    )


def _specifications(plate: Plate) -> tuple[PrintedColumn, ...]:
    """Return the choices behind each estimate, which the chart can't show."""
    data, locale = plate.data, plate.locale

    def percent(name: str) -> tuple[str, ...]:
        return tuple(locale.percent(value, 1, sign=True) for value in data[name])

    models = (
        MODEL_WORDS[name][plate.lang] if name in MODEL_WORDS else name for name in data["model"]
    )
    windows = (
        f"[{locale.number(row['first'], sign=True)}, {locale.number(row['last'], sign=True)}]"
        for row in data
    )
    return (
        ("#", tuple(map(str, data["rank"]))),
        (plate.say("Model", "Modello"), tuple(models)),
        (plate.say("Window", "Finestra"), tuple(windows)),
        (plate.say("Estimation", "Stima"), tuple(map(locale.number, data["estimation"]))),
        (plate.say("Gap", "Distacco"), tuple(map(locale.number, data["gap"]))),
        ("CAAR", percent("caar")),
        (plate.say("Low", "Minimo"), percent("low")),
        (plate.say("High", "Massimo"), percent("high")),
        ("p", tuple(map(locale.p_value, data["pvalue"]))),
    )


def training_sensitivity(plate: Plate, palette: Palette) -> NativeChart:
    """Dollars of the run by price of an hour."""
    data = plate.data
    hour = plate.say("an hour", "l'ora")
    head, tail = plate.say("$", ""), plate.say("", "\u00a0USD")
    names = tuple(
        f"{head}{plate.locale.number(usd, 0 if usd == int(usd) else 2)}{tail} {hour}"
        for usd in data["price_usd"]
    )
    cost = plate.say("Cost of the run, US dollars", "Costo dell'addestramento, dollari USA")
    code = plate.say('"$"0.0,,"m"', '0.0,,"\u00a0mln USD"')
    series = Series(cost, data["total_usd"], palette.teal, accents=plate.emphasis, numbered=True)
    price = plate.say("Price of an hour", "Prezzo dell'ora")
    return NativeChart("bars", price, names, (series,), code)


def record_history(plate: Plate, palette: Palette) -> NativeChart:
    """Losses that were larger than all before, in order of time."""
    data, locale = plate.data, plate.locale
    names = tuple(f"{row['marked']}, {locale.short_date(row['date'])}" for row in data)
    loss = plate.say("One-day loss, $bn", "Perdita in una seduta, mld USD")
    bars = Series(loss, data["loss_usd_bn"], palette.teal, numbered=True)
    return NativeChart("bars", plate.say("Company", "Società"), names, (bars,), WHOLE)


def rotation_bars(plate: Plate, palette: Palette) -> NativeChart:
    """Returns of the stocks that moved most."""
    bars = Series(
        plate.say("Return", "Rendimento"), plate.data["return"], palette.teal, numbered=True
    )
    return NativeChart("bars", plate.say("Company", "Società"), plate.data["name"], (bars,), SIGNED)


NATIVE: dict[str, Callable[[Plate, Palette], NativeChart]] = {
    "car_path": car_path,
    "abnormal_bars": abnormal_bars,
    "residual_histogram": residual_histogram,
    "capex_quarters": capex_columns,
    "capex_intensity": capex_intensity,
    "placebo_histogram": placebo_histogram,
    "record_history": record_history,
    "rotation_bars": rotation_bars,
    "capex_columns": capex_columns,
    "specification_curve": specification_curve,
    "training_sensitivity": training_sensitivity,
    "token_price_dots": price_bars,
    "token_price_history": price_steps,
    "benchmark_scores": scores,
}
"""Native chart by exhibit. Add a function of plate and palette to give another one its own."""


def printed_columns(plate: Plate) -> tuple[PrintedColumn, ...]:
    """Return heads and cells of the table beside a chart that stays a picture.

    A schematic has none, because its figures are no measurements, and neither has one with more
    rows than a deck can show; a workbook has them all.
    """
    if len(plate.data) > MOST_ROWS:
        return ()
    if set(plate.data.columns.get("status", ())) == {"schematic"}:
        return ()
    if plate.key == "timeline_path":
        data, locale = plate.data, plate.locale
        moves = tuple(locale.percent(value, 1, sign=True) for value in data["session_return"])
        closes = tuple(locale.number(value, 2) for value in data["close"])
        return (
            ("#", tuple(map(str, data["number"]))),
            (plate.say("Day", "Giorno"), tuple(map(str, data["when"]))),
            (plate.say("Event", "Evento"), tuple(map(str, data["event"]))),
            (plate.say("Close", "Chiusura"), closes),
            (plate.say("Session", "Seduta"), moves),
        )
    return tuple(
        (name, tuple(_plain(value, plate.locale) for value in values))
        for name, values in plate.data.columns.items()
    )


def _plain(value: Any, locale: Locale) -> str:
    """Print a figure whose unit nobody declared: six significant digits, days as days."""
    if value is None:
        return locale.number(None)
    if isinstance(value, dt.date):
        return locale.short_date(value)
    if isinstance(value, float):
        text = text_cell(value).replace("-", MINUS)
        return text if locale.lang == "en" else text.replace(".", ",")
    return str(value)


def native_chart(plate: Plate, palette: Palette) -> NativeChart | None:
    """Return the native chart of an exhibit; None if it has none."""
    make = NATIVE.get(plate.key)
    return make(plate, palette) if make and plate.kind == "chart" else None
