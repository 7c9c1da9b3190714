"""Exhibits of training cost: stages beside other runs, and what the price of an hour does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from marketshock.ai.training_cost import PRICES_USD, TrainingCost
from marketshock.exhibits.exhibit import MARK, Column, Exhibit, Size
from marketshock.exhibits.log_scale import plain
from marketshock.exhibits.token_exhibits import weak_note
from marketshock.exhibits.words import both, pick
from marketshock.locale import Locale, Text
from marketshock.provenance import Status
from marketshock.table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["training_cost_table", "training_sensitivity"]

MILLION = 1e6
STAGE_WORDS = {
    "pre_training": Text("Pre-training", "Pre-addestramento"),
    "context_extension": Text("Context extension", "Estensione del contesto"),
    "post_training": Text("Post-training", "Post-addestramento"),
    "total": Text("Final run", "Addestramento finale"),
}
OTHERS = {
    "llama31_405b_gpu_hours": Text(
        "Llama 3.1 405B, at the same price", "Llama 3.1 405B, allo stesso prezzo"
    ),
    "r1_extra_cost": Text("R1, on top of V3", "R1, in aggiunta a V3"),
}
LLAMA = "llama31_405b_gpu_hours"


def training_cost_table(cost: TrainingCost) -> Exhibit:
    """Hours, dollars and days by stage; other runs below, recalled ones marked."""
    stages = [
        {
            "label": STAGE_WORDS[row["stage"]],
            "gpu_hours": row["gpu_hours"],
            "usd": row["usd"],
            "days": row["days"],
            "status": row["status"],
        }
        for row in cost.table()
    ]
    rows = [*stages, *_other_runs(cost)]
    return Exhibit(
        "training_cost_table",
        both(lambda locale: _title(cost, locale)),
        both(
            lambda locale: pick(
                locale,
                f"Accelerator hours; US dollars at {_usd(cost.price_usd, locale)} an hour; days on "
                f"{locale.number(cost.accelerators)} accelerators at full use",
                f"Ore di acceleratore; dollari USA a {_usd(cost.price_usd, locale)} l'ora; giorni "
                f"con {locale.number(cost.accelerators)} acceleratori a pieno uso",
            )
        ),
        Table.from_rows("training_cost_table", rows),
        cost.sources,
        both(lambda locale: _alt(cost, locale)),
        columns=_COLUMNS,
        emphasis=(len(stages) - 1,),
        notes=(*_notes(cost), *_weak(rows)),
    )


def _other_runs(cost: TrainingCost) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for item, words in OTHERS.items():
        quoted = cost.quoted.get(item)
        if quoted is None:
            continue
        mark = f" {MARK}" if quoted.status is Status.RECALLED else ""
        hours = quoted.value if item == LLAMA else None
        rows.append(
            {
                "label": Text(words.en + mark, words.it + mark),
                "gpu_hours": hours,
                "usd": quoted.value if hours is None else hours * cost.price_usd,
                "days": None,
                "status": quoted.status.value,
            }
        )
    return rows


def _weak(rows: Sequence[dict[str, Any]]) -> tuple[Text, ...]:
    names = [
        row["label"].en.split(",")[0] for row in rows if row["status"] == Status.RECALLED.value
    ]
    return (weak_note(names),) if names else ()


def _usd(value: float, locale: Locale) -> str:
    """Print a price of an hour with cents only where it has some."""
    digits = plain(value, locale) if value == int(value) else plain(value, locale, 2)
    return pick(locale, f"${digits}", f"{digits}\u00a0USD")


def _millions(usd: float, locale: Locale, decimals: int = 1) -> str:
    digits = locale.number(usd / MILLION, decimals)
    return pick(locale, f"${digits}m", f"{digits}\u00a0mln\u00a0USD")


def _title(cost: TrainingCost, locale: Locale) -> str:
    usd, days = _millions(cost.total_usd, locale), locale.number(cost.days)
    head = pick(
        locale,
        f"The final run cost {usd} and {days} days",
        f"L'addestramento finale: {usd} e {days} giorni",
    )
    if LLAMA not in cost.quoted or cost.quoted[LLAMA].status is Status.RECALLED:
        return head
    times = locale.number(cost.hours_against(LLAMA))
    return head + pick(
        locale,
        f", Llama 3.1 405B took {times} times the hours",
        f"; Llama 3.1 405B richiese {times} volte le ore",
    )


def _alt(cost: TrainingCost, locale: Locale) -> str:
    hours = locale.number(cost.total_hours)
    usd, days = _millions(cost.total_usd, locale, 3), locale.number(cost.days, 1)
    return pick(
        locale,
        f"Table: {hours} accelerator hours in three stages, {usd}, {days} days.",
        f"Tabella: {hours} ore di acceleratore in tre fasi, {usd}, {days} giorni.",
    )


def _notes(cost: TrainingCost) -> tuple[Text, ...]:
    def compute(locale: Locale) -> str:
        exponent = len(f"{cost.flop:.0f}") - 1
        size = (
            f"{locale.number(cost.flop / 10.0**exponent, 1)}·10{str(exponent).translate(_RAISED)}"
        )
        years = locale.number(cost.years_on_one, 1)
        return pick(
            locale,
            f"On one accelerator {years} years. Pre-training took {size} operations: six for each "
            "active parameter and token.",
            f"Su un solo acceleratore {years} anni. Il pre-addestramento ha richiesto {size} "
            "operazioni: sei per parametro attivo e token.",
        )

    def ratio(locale: Locale) -> str:
        times = locale.number(cost.hours_against(LLAMA), 1)
        return pick(
            locale,
            f"Llama 3.1 405B used {times} times the hours, of another accelerator: {MARK}.",
            f"Llama 3.1 405B ha usato {times} volte le ore, di un altro acceleratore: {MARK}.",
        )

    notes = [_OUTSIDE, both(compute)]
    return (*notes, both(ratio)) if LLAMA in cost.quoted else tuple(notes)


def training_sensitivity(cost: TrainingCost, prices: Sequence[float] = PRICES_USD) -> Exhibit:
    """Dollars of the run at several prices of an hour; the published price stands out."""
    every = sorted({*prices, cost.price_usd})
    table = cost.sensitivity(every, [cost.accelerators])

    def draw(data: Table, locale: Locale, size: Size) -> Figure:
        from marketshock.exhibits.charts_bars import ranked_bars

        return ranked_bars(
            [
                pick(locale, f"{_usd(price, locale)} an hour", f"{_usd(price, locale)} l'ora")
                for price in data["price_usd"]
            ],
            data["total_usd"],
            accent=[price == cost.price_usd for price in data["price_usd"]],
            value_format=lambda value, loc: _millions(value, loc),
            locale=locale,
            size=size,
        )

    return Exhibit(
        "training_sensitivity",
        both(lambda locale: _sensitivity_title(table, locale)),
        both(
            lambda locale: pick(
                locale,
                f"Cost of {locale.number(cost.total_hours)} accelerator hours, millions of US "
                "dollars, by price of an hour",
                f"Costo di {locale.number(cost.total_hours)} ore di acceleratore, milioni di "
                "dollari USA, per prezzo dell'ora",
            )
        ),
        table,
        cost.sources,
        both(lambda locale: _sensitivity_alt(table, locale)),
        draw,
        emphasis=tuple(at for at, usd in enumerate(table["price_usd"]) if usd == cost.price_usd),
        notes=(both(lambda locale: _fleets(cost, locale)), _OUTSIDE),
    )


def _ends(table: Table, locale: Locale) -> list[str]:
    rows = [row for at, row in enumerate(table) if at in (0, len(table) - 1)]
    prices = [_usd(row["price_usd"], locale) for row in rows]
    return [*prices, *(_millions(row["total_usd"], locale) for row in rows)]


def _sensitivity_title(table: Table, locale: Locale) -> str:
    cheap, dear, low, high = _ends(table, locale)
    return pick(
        locale,
        f"At {cheap} to {dear} an hour the run costs {low} to {high}",
        f"Da {cheap} a {dear} l'ora il costo va da {low} a {high}",
    )


def _sensitivity_alt(table: Table, locale: Locale) -> str:
    cheap, dear, low, high = _ends(table, locale)
    count = locale.number(len(table))
    return pick(
        locale,
        f"Bars: {count} prices of an hour, from {cheap}, {low}, to {dear}, {high}.",
        f"Barre: {count} prezzi dell'ora, da {cheap}, {low}, a {dear}, {high}.",
    )


def _fleets(cost: TrainingCost, locale: Locale) -> str:
    runs = [
        f"{locale.number(row['accelerators'])}: {locale.number(row['days'], 1)}"
        for row in cost.sensitivity([cost.price_usd])
    ]
    listed = "; ".join(runs)
    return pick(
        locale,
        f"Days by number of accelerators, at full use: {listed}. The fleet changes the time, not "
        "the cost.",
        f"Giorni per numero di acceleratori, a pieno uso: {listed}. Il parco macchine cambia il "
        "tempo, non il costo.",
    )


_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_OUTSIDE = Text(
    "Only the final run: earlier research, trials, staff, data and hardware are outside. The "
    "price of an hour is the one assumed in the report, not an invoice.",
    "Solo l'addestramento finale: ricerca precedente, prove, personale, dati e macchine sono "
    "esclusi. Il prezzo dell'ora è quello ipotizzato nel rapporto, non una fattura.",
)
_COLUMNS = (
    Column("label", Text("Stage", "Fase"), lambda v, locale: v[locale.lang], "left"),
    Column("gpu_hours", Text("Hours", "Ore"), lambda v, loc: loc.number(v) if v else "–"),
    Column("days", Text("Days", "Giorni"), lambda v, loc: loc.number(v, 1) if v else "–"),
    Column(
        "usd",
        Text("Cost, $m", "Costo, mln USD"),
        lambda v, locale: locale.number(v / MILLION, 3),
        bar=True,
    ),
)
