"""Charts of many shapes: few and many values, long words, nothing to show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from marketshock.exhibits import charts, theme
from marketshock.exhibits.exhibit import Size
from marketshock.locale import Language, Locale

SVG = "{http://www.w3.org/2000/svg}"
PALETTE = theme.PALETTE
EVIL = "$a$ <b>#1"
SIZES: tuple[Size, ...] = ("full", "half")
LANGUAGES: tuple[Language, ...] = ("en", "it")
Draw = Callable[[Locale, Size], Figure]


def path_chart(locale: Locale, size: Size, **more: Any) -> Figure:
    tau = range(-10, 11)
    steps = np.random.default_rng(4).normal(0, 0.018, 21)
    steps[10] = -0.141
    width = 1.96 * 0.018 * np.sqrt(np.arange(1, 22))
    given = {
        "event_label": "27 gen: CAR",
        "band_label": "intervallo al 95 % in assenza di evento",
        "x_label": "Sedute rispetto all’evento",
    } | more
    data = given.pop("data", (list(tau), np.cumsum(steps), -width, width))
    return charts.path_with_band(*data, locale=locale, size=size, **given)


def short_path(first: int, last: int, jump: float, width: float = 0.036) -> tuple[Any, ...]:
    tau = np.arange(first, last + 1)
    path = np.where(tau < 0, 0.01, jump)
    spread = width * np.sqrt(np.arange(1, len(tau) + 1))
    return tau.tolist(), path, -spread, spread


def others(count: int, seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {f"Company {n}": np.cumsum(rng.normal(0, 0.02, 21)) for n in range(count)}


def percent(value: float, locale: Locale) -> str:
    return locale.percent(value, 1, sign=True)


def bar_chart(locale: Locale, size: Size, values: Any = (), **more: Any) -> Figure:
    values = list(values) or [-0.28, -0.15, -0.141, -0.006, 0.036]
    names = more.pop("names", [f"Company {number}" for number in range(len(values))])
    accent = [number == 0 for number in range(len(values))]
    return charts.ranked_bars(
        names, values, accent=accent, value_format=percent, locale=locale, size=size, **more
    )


def histogram(locale: Locale, size: Size, values: Any = None, event: float = -0.141) -> Figure:
    if values is None:
        values = np.random.default_rng(3).normal(0, 0.0183, 240)
    return charts.histogram_with_event(
        values,
        event,
        event_label="giorno dell’evento",
        x_label="Rendimento anomalo giornaliero",
        y_label="Numero di sedute",
        locale=locale,
        size=size,
    )


FIRMS = ("AWS", "Microsoft", "Alphabet", "Meta", "Oracle")
SHARES = np.array([0.26, 0.22, 0.25, 0.18, 0.09])


def columns(locale: Locale, size: Size, **more: Any) -> Figure:
    totals = more.pop("totals", [65.0, 67.0, 73.0, 92.0, 122.0, 126.0, 209.0, 376.0, None])
    count = len(totals)
    parts: dict[str, Any] = {
        name: [None if total is None else total * share for total in totals]
        for name, share in zip(FIRMS, SHARES, strict=True)
    }
    given = {
        "periods": [str(2026 - count + 1 + number) for number in range(count)],
        "series": parts,
        "totals": totals,
        "projected": [None] * (count - 3) + [197.0, 234.0, 249.0] if count > 3 else (),
        "projected_label": "proiezione di gennaio 2025",
        "published_label": "totale pubblicato",
        "event_after": count - 3 if count > 3 else None,
        "event_label": "27 gen 2025",
    } | more
    return charts.stacked_columns(**given, locale=locale, size=size)


LONG = "Taiwan Semiconductor Manufacturing Company Limited, American depositary receipts"
OLD = [2.0, 2.0, 4.0, 5.0, 7.0, 4.0, 7.0, 8.0, 10.0, 17.0, 23.0, 25.0, 31.0, 40.0]
NEW = [65.0, 67.0, 73.0, 92.0, 122.0, 126.0, 209.0, 376.0, None]
NO_SPLIT: dict[str, Any] = {name: [None] * 14 + [t and t / 5 for t in NEW] for name in FIRMS}
RNG = np.random.default_rng(8)
TINY = {name: [20.0, 99.6 if name == "AWS" else 0.1] for name in FIRMS}
SHAPES: dict[str, Draw] = {
    "path": path_chart,
    "path with others": lambda c, s: path_chart(c, s, end_label="Nvidia", others=others(6)),
    "path with many others": lambda c, s: path_chart(c, s, end_label="Nvidia", others=others(24)),
    "path of one session": lambda c, s: path_chart(c, s, data=short_path(0, 0, -0.17)),
    "path of three sessions": lambda c, s: path_chart(c, s, data=short_path(-1, 1, -0.17)),
    "path from the event": lambda c, s: path_chart(c, s, data=short_path(0, 10, 0.31)),
    "path to the event": lambda c, s: path_chart(c, s, data=short_path(-10, 0, -0.31)),
    "path before the event": lambda c, s: path_chart(c, s, data=short_path(-10, -1, -0.31)),
    "path of a long window": lambda c, s: path_chart(c, s, data=short_path(-120, 120, -0.05)),
    "path with a thin band": lambda c, s: path_chart(c, s, data=short_path(-5, 5, -0.9, 0.001)),
    "path without a move": lambda c, s: path_chart(c, s, data=short_path(-5, 5, 0.0, 0.0)),
    "path with long words": lambda c, s: path_chart(
        c, s, event_label=LONG, band_label=LONG, others={LONG: [0] * 21}
    ),
    "bars": bar_chart,
    "bars, one row": lambda c, s: bar_chart(c, s, [0.036]),
    "bars, all positive": lambda c, s: bar_chart(c, s, [0.9, 0.5, 0.00001]),
    "bars, all negative": lambda c, s: bar_chart(c, s, [-5.93, -3.57]),
    "bars, all zero": lambda c, s: bar_chart(c, s, [0.0, 0.0]),
    "bars, missing": lambda c, s: bar_chart(c, s, [-0.1, None, float("nan")]),
    "bars, 25 rows": lambda c, s: bar_chart(c, s, np.sort(RNG.normal(0, 0.1, 25))),
    "bars, long names": lambda c, s: bar_chart(c, s, [-0.2, 0.1], names=[LONG, LONG * 3]),
    "bars, intervals": lambda c, s: bar_chart(
        c, s, [-0.2, 0.1], low=[-0.3, -0.2], high=[-0.1, 0.4]
    ),
    "histogram": histogram,
    "histogram, event inside": lambda c, s: histogram(c, s, event=0.001),
    "histogram, event right": lambda c, s: histogram(c, s, event=0.25),
    "histogram, event at the edge": lambda c, s: histogram(c, s, event=0.05),
    "histogram, one value": lambda c, s: histogram(c, s, [0.01]),
    "histogram, equal values": lambda c, s: histogram(c, s, [0.0] * 50, event=0.0),
    "histogram, heavy tails": lambda c, s: histogram(c, s, RNG.standard_t(2, 2000) * 0.02),
    "columns": columns,
    "columns, 23 periods": lambda c, s: columns(c, s, totals=OLD + NEW, series=NO_SPLIT),
    "columns, one": lambda c, s: columns(c, s, totals=[100.0]),
    "columns, two": lambda c, s: columns(c, s, totals=[100.0, 90.0], projected=[None, 120.0]),
    "columns, missed projection": lambda c, s: columns(
        c, s, totals=[100.0, 90.0, 95.0, 80.0], projected=[120.0, 300.0, 96.0, 10.0]
    ),
    "columns, no parts": lambda c, s: columns(c, s, totals=[5.0, 7.0, 6.0], series={}),
    "columns, tiny parts": lambda c, s: columns(
        c,
        s,
        totals=[100.0, 100.0],
        series={n: [20.0, v] for n, v in zip(FIRMS, (99.6, *[0.1] * 4), strict=True)},
    ),
    "columns, long name": lambda c, s: columns(
        c, s, totals=[5.0, 7.0], series={LONG: [5.0, 7.0]}, projected=()
    ),
    "columns, quarters": lambda c, s: columns(
        c, s, totals=NEW[:-1], periods=[f"Q{n % 4 + 1} 2{n // 4}" for n in range(8)], event_after=0
    ),
    "columns, thousands": lambda c, s: columns(
        c, s, totals=[1234.5, 998.0, 1501.25, 1800.0], decimals=1, projected=()
    ),
}
