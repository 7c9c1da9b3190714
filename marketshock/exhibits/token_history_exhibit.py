"""The exhibit of token prices over time."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from marketshock.ai.price_list import PriceList, TokenPrice
from marketshock.exhibits.exhibit import MARK, Exhibit, Size
from marketshock.exhibits.log_scale import plain
from marketshock.exhibits.token_exhibits import SHORT_CONTEXT, local_name, weak_note
from marketshock.exhibits.words import both, pick
from marketshock.locale import Locale, Text
from marketshock.provenance import Status
from marketshock.table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["token_price_history"]

FIRST_DAY = "*"


def token_price_history(
    prices: PriceList,
    *,
    highlight: str = "DeepSeek",
    ratio: float = 3.0,
    event: dt.date | None = None,
) -> Exhibit:
    """Blended prices as steps, one maker in colour, recalled prices marked.

    Parameters
    ----------
    prices : PriceList
    highlight : str
        Provider in colour.
    ratio : float
        Input tokens for one output token.
    event : datetime.date, optional
        Day of the shock.
    """
    until = max(price.seen for price in prices.prices)
    rows = [
        {**row, "label": _label(price).removeprefix(f"{highlight}-")}
        for row, price in zip(prices.table(ratio), prices.prices, strict=True)
    ]

    def draw(table: Table, locale: Locale, size: Size) -> Figure:
        from marketshock.exhibits.charts_steps import Step, price_steps

        steps = [
            Step(
                local_name(row["label"], locale),
                row["model"],
                row["valid_from"],
                row["valid_to"],
                row["blended_usd_per_m"],
                row["provider"] == highlight,
            )
            for row in table
        ]
        label = locale.short_date(event) if event else ""
        return price_steps(steps, until, locale=locale, size=size, event=event, event_label=label)

    return Exhibit(
        "token_price_history",
        both(lambda locale: _title(prices, highlight, until, ratio, locale)),
        both(lambda locale: _unit(ratio, until, highlight, locale)),
        Table.from_rows("token_price_history", rows),
        prices.sources,
        both(lambda locale: _alt(rows, until, locale)),
        draw,
        notes=_notes(prices),
    )


def _label(price: TokenPrice) -> str:
    marks = FIRST_DAY if not price.start_confirmed else ""
    weak = f" {MARK}" if price.status is Status.RECALLED else ""
    return price.model.replace(SHORT_CONTEXT, "") + marks + weak


def _blended(rows: list[TokenPrice], ratio: float) -> list[float]:
    table = PriceList(tuple(rows)).table(ratio)
    return list(table["blended_usd_per_m"]) if rows else []


def _title(prices: PriceList, maker: str, until: dt.date, ratio: float, locale: Locale) -> str:
    """Set the maker's prices of the last day against its first one."""
    own = [price for price in prices.prices if price.provider == maker]
    still = _blended([price for price in own if price.holds_on(until)], ratio)
    if not still:
        count, day = locale.number(len(prices.prices)), locale.date(until)
        return pick(
            locale, f"{count} token prices up to {day}", f"{count} prezzi dei token fino al {day}"
        )
    first = min(own, key=lambda price: price.start)
    low, high, start = (
        locale.number(value, 2) for value in (min(still), max(still), *_blended([first], ratio))
    )
    return pick(
        locale,
        f"{first.model} began at ${start}; {maker} now charges ${low} to ${high}",
        f"{first.model} partì da {start} USD; oggi {maker} chiede da {low} a {high} USD",
    )


def _unit(ratio: float, until: dt.date, maker: str, locale: Locale) -> str:
    weight = plain(ratio, locale)
    return pick(
        locale,
        f"US dollars per million tokens, {weight} of input for one of output, up to "
        f"{locale.date(until)}; {maker} in colour, logarithmic scale",
        f"Dollari USA per milione di token, {weight} di entrata per uno di uscita, fino al "
        f"{locale.date(until)}; {maker} a colori, scala logaritmica",
    )


def _alt(rows: list[dict[str, object]], until: dt.date, locale: Locale) -> str:
    values = [float(str(row["blended_usd_per_m"])) for row in rows]
    low, high = locale.number(min(values), 2), locale.number(max(values), 2)
    count, day = locale.number(len(rows)), locale.date(until)
    return pick(
        locale,
        f"Step chart of {count} prices up to {day}: from {low} to {high} US dollars.",
        f"Grafico a gradini di {count} prezzi fino al {day}: da {low} a {high} dollari USA.",
    )


def _notes(prices: PriceList) -> tuple[Text, ...]:
    notes = [_OPEN_END]
    if any(SHORT_CONTEXT in price.model for price in prices.prices):
        notes.append(_SHORT)
    if not all(price.start_confirmed for price in prices.prices):
        notes.append(_FIRST)
    weak = [price.model for price in prices.prices if price.status is Status.RECALLED]
    return (*notes, weak_note(weak)) if weak else tuple(notes)


_OPEN_END = Text(
    "A line to the right edge has no known end; the model may have been withdrawn.",
    "Una linea fino al margine destro non ha fine nota; il modello può essere stato ritirato.",
)
_SHORT = Text(
    "OpenAI's newer prices hold for short contexts.",
    "I prezzi più recenti di OpenAI valgono per contesti brevi.",
)
_FIRST = Text(
    f"{FIRST_DAY} First day from memory, or the day on which the price was seen.",
    f"{FIRST_DAY} Primo giorno ricordato, oppure giorno in cui il prezzo è stato visto.",
)
