"""Native charts of the AI exhibits: token prices and benchmark scores."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from marketshock.exhibits.colours import Palette
from marketshock.exhibits.token_exhibits import MEASURE_WORDS, local_name
from marketshock.publish.native import NativeChart, PrintedColumn, Series
from marketshock.publish.plates import Plate

__all__ = ["excel_day", "joined", "price_bars", "price_steps", "scores"]

SPREADSHEET_ORIGIN = 693_594
"""Ordinal of day 0 of spreadsheets, the 30th of December 1899."""
DECADES = 0.17
"""Least distance of two labels on a logarithmic axis of about three decades."""
LABEL_SHARE = 0.075
"""Least distance of two labels as a share of the axis."""


def price_bars(plate: Plate, palette: Palette) -> NativeChart:
    """Two bars for each pair of models and measure, numbers at their ends."""
    data, locale = plate.data, plate.locale
    names = tuple(
        f"{local_name(row['model'], locale)} / {local_name(row['reference'], locale)}: "
        f"{MEASURE_WORDS[row['measure']][plate.lang]}"
        for row in data
    )
    series = (
        Series(
            plate.say("First model", "Primo modello"),
            data["usd_per_m"],
            palette.teal,
            numbered=True,
        ),
        Series(
            plate.say("Compared model", "Modello di confronto"),
            data["reference_usd_per_m"],
            palette.unsplit,
            numbered=True,
        ),
    )
    pair = plate.say("Pair of models", "Coppia di modelli")
    return NativeChart("bars", pair, names, series, "#,##0.00", legend=True)


def excel_day(day: dt.date) -> int:
    """Return the number of a day in spreadsheets."""
    return day.toordinal() - SPREADSHEET_ORIGIN


def joined(ends: Sequence[tuple[float, str]], least: float) -> dict[int, str]:
    """Return the labels of ends that lie too near to each other, joined at the highest.

    Parameters
    ----------
    ends : sequence of (float, str)
        Height and words of each end.
    least : float
        Least distance between two labels, in the unit of the heights.

    Returns
    -------
    dict of int to str
        Words by place in `ends`; the others have none.
    """
    order = sorted(range(len(ends)), key=lambda at: -ends[at][0])
    found: dict[int, str] = {}
    top, last = -1, math.inf
    for at in order:
        height, words = ends[at]
        if last - height < least:
            found[top] += f"; {words}"
        else:
            found[at] = words
            top, last = at, height
    return found


def price_steps(plate: Plate, palette: Palette) -> NativeChart:
    """Prices as steps over time, one maker in colour."""
    rows = list(plate.data)
    days = [day for name in ("valid_from", "seen") for day in plate.data[name] if day]
    until = max(days)
    highlight = rows[0]["provider"] if len({row["provider"] for row in rows}) == 1 else "DeepSeek"
    series = []
    for model in dict.fromkeys(row["model"] for row in rows):
        own = [row for row in rows if row["model"] == model]
        points = [
            (day, row["blended_usd_per_m"], local_name(row["label"], plate.locale))
            for row in own
            for day in (row["valid_from"], min(row["valid_to"] or until, until))
        ]
        mine = own[0]["provider"] == highlight
        text = f"{points[-1][2]} {plate.locale.number(points[-1][1], 2)}" if mine else ""
        series.append(
            Series(
                model,
                tuple(value for _, value, _ in points),
                palette.teal if mine else palette.unsplit,
                "line" if mine else "thin",
                tuple(day for day, _, _ in points),
                labels=("",) * (len(points) - 1) + (text,),
            )
        )
    series = _with_joined_labels(series, until)
    values = [value for one in series for value in one.values if value]
    span = until.toordinal() - min(days).toordinal()
    return NativeChart(
        "scatter",
        plate.say("Day", "Giorno"),
        (),
        tuple(series),
        "0.00",
        axis_format="mmm yyyy",
        log_y=True,
        low_x=float(excel_day(min(days))),
        high_x=float(excel_day(until) + round(0.3 * span)),
        low_y=10.0 ** math.floor(math.log10(min(values))),
        cell_format="#,##0.00##",
        table=_prices(plate),
    )


def _prices(plate: Plate) -> tuple[PrintedColumn, ...]:
    """Return every price with its days; the chart names those of one maker only."""
    data, locale = plate.data, plate.locale

    def usd(name: str) -> tuple[str, ...]:
        return tuple(locale.number(value, 2) for value in data[name])

    def days(name: str, missing: str) -> tuple[str, ...]:
        return tuple(locale.short_date(day) if day else missing for day in data[name])

    return (
        (plate.say("Maker", "Produttore"), tuple(map(str, data["provider"]))),
        (
            plate.say("Model", "Modello"),
            tuple(local_name(name, locale) for name in data["label"]),
        ),
        (plate.say("Input, $", "Entrata, USD"), usd("input_usd_per_m")),
        (plate.say("Output, $", "Uscita, USD"), usd("output_usd_per_m")),
        (plate.say("Blended, $", "Media, USD"), usd("blended_usd_per_m")),
        (plate.say("From", "Dal"), days("valid_from", locale.number(None))),
        (plate.say("To", "Al"), days("valid_to", "\u2013")),
    )


def _with_joined_labels(series: Sequence[Series], until: dt.date) -> list[Series]:
    """Join the labels at the right edge that would cover each other, dearest first."""
    at_edge = [at for at, one in enumerate(series) if one.x[-1] == until and one.labels[-1]]
    ends = [(math.log10(series[at].values[-1] or 1.0), series[at].labels[-1]) for at in at_edge]
    words = joined(ends, DECADES)
    kept = {at: words.get(place, "") for place, at in enumerate(at_edge)}
    return [
        replace(one, labels=(*one.labels[:-1], kept.get(at, one.labels[-1])))
        for at, one in enumerate(series)
    ]


def scores(plate: Plate, palette: Palette) -> NativeChart:
    """Scores over the size of the distilled models, comparators as levels."""
    rows = list(plate.data)
    sized = [row for row in rows if row["distilled"] and row["parameters_bn"]]
    sizes = [row["parameters_bn"] for row in sized]
    ends = 10.0 ** math.floor(math.log10(min(sizes))), 10.0 ** math.ceil(math.log10(max(sizes)))

    def printed(row: Any) -> str:
        digits = 0 if all(one["score"] == int(one["score"]) for one in rows) else 1
        return f"{row['label']} {plate.locale.number(row['score'], digits)}"

    models = Series(
        plate.say("Distilled models", "Modelli distillati"),
        tuple(row["score"] for row in sized),
        palette.teal,
        "dots",
        tuple(sizes),
        labels=tuple(map(printed, sized)),
        trend=plate.say("Least squares", "Minimi quadrati"),
    )
    others = [row for row in rows if not row["distilled"]]
    heights = [row["score"] for row in rows]
    words = joined([(row["score"], printed(row)) for row in others], LABEL_SHARE * max(heights))
    levels = [
        Series(
            row["label"],
            (row["score"], row["score"]),
            palette.axis,
            "dashed",
            (10.0 ** (math.log10(ends[0]) + 0.12 * math.log10(ends[1] / ends[0])), ends[1]),
            labels=(words.get(at, ""), ""),
        )
        for at, row in enumerate(others)
    ]
    return NativeChart(
        "scatter",
        plate.say(
            "Parameters, billions, logarithmic scale", "Parametri, miliardi, scala logaritmica"
        ),
        (),
        (models, *levels),
        "0",
        axis_format="0",
        log_x=True,
        low_x=ends[0],
        high_x=ends[1],
    )
