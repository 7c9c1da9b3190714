"""Exhibits of token prices: the comparison as a table and as dots, and the history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from marketshock.ai.price_list import TokenPrice
from marketshock.ai.token_prices import MEASURES, PricePair, TokenPriceComparison
from marketshock.exhibits.exhibit import MARK, Column, Exhibit, Size
from marketshock.exhibits.log_scale import plain
from marketshock.exhibits.words import both, pick
from marketshock.locale import Locale, Text
from marketshock.provenance import Status
from marketshock.table import Row, Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["SHORT_CONTEXT", "local_name", "token_price_dots", "token_price_table", "weak_note"]

MEASURE_WORDS = {
    "input": Text("input", "entrata"),
    "output": Text("output", "uscita"),
    "blended": Text("blended", "media"),
}
SHORT_CONTEXT = " (short context)"


def weak_note(names: Sequence[str]) -> Text:
    """Return the note that explains the mark of recalled figures."""
    said = list(dict.fromkeys(names))
    return both(
        lambda locale: pick(
            locale,
            f"{MARK} Not confirmed by a stored source: {locale.join(said)}.",
            f"{MARK} Non confermato da una fonte archiviata: {locale.join(said)}.",
        )
    )


def local_name(name: str, locale: Locale) -> str:
    """Return a model's name with its tariff in the reader's language."""
    if locale.lang == "en":
        return name
    return name.replace("(off-peak)", "(fuori punta)").replace("(peak)", "(ora di punta)")


def token_price_table(found: TokenPriceComparison) -> Exhibit:
    """Prices, deltas and multiples of each pair; recalled prices marked."""
    return Exhibit(
        "token_price_table",
        _title(found),
        _unit(found),
        Table.from_rows("token_price_table", _rows(found)),
        found.sources,
        both(lambda locale: _alt(found, locale)),
        columns=_COLUMNS,
        notes=_notes(found),
    )


def token_price_dots(found: TokenPriceComparison) -> Exhibit:
    """Input and output price of each pair on a logarithmic axis, with the multiple."""
    rows = [row for row in _rows(found) if row["measure"] != "blended"]

    def draw(table: Table, locale: Locale, size: Size) -> Figure:
        from marketshock.exhibits.charts_dots import DotPair, paired_dots

        groups: dict[tuple[str, str], list[Any]] = {}
        for row in table:
            words = MEASURE_WORDS[row["measure"]][locale.lang]
            line = (words, row["usd_per_m"], row["reference_usd_per_m"], _times(row, locale))
            groups.setdefault((row["model"], row["reference"]), []).append(line)
        pairs = [
            DotPair(local_name(model, locale), local_name(reference, locale), tuple(lines))
            for (model, reference), lines in groups.items()
        ]
        return paired_dots(pairs, locale=locale, size=size)

    return Exhibit(
        "token_price_dots",
        _title(found),
        _unit(found),
        Table.from_rows("token_price_dots", rows),
        found.sources,
        both(lambda locale: _alt(found, locale)),
        draw,
        notes=_notes(found, blended=False),
    )


def _times(row: Row, locale: Locale) -> str:
    return locale.number(row["multiple"], 1) + "×"


def _rows(found: TokenPriceComparison) -> list[dict[str, Any]]:
    """Return the rows of the result with names as printed."""
    names = {
        (pair.price.model, pair.reference.model): (_name(pair.price), _name(pair.reference))
        for pair in found.pairs
    }
    return [
        {**row, "model": shown[0], "reference": shown[1]}
        for row in found.table()
        for shown in [names[row["model"], row["reference"]]]
    ]


def _name(price: TokenPrice) -> str:
    mark = f" {MARK}" if price.status is Status.RECALLED else ""
    return price.model.replace(SHORT_CONTEXT, "") + mark


def _title(found: TokenPriceComparison) -> Text:
    """Say how many times cheaper; only confirmed prices speak in a title, if there are any."""
    low, high = found.multiples()
    maker = found.pairs[0].price.provider
    best = max(found.pairs, key=_largest)
    dear = min(found.pairs, key=lambda pair: min(pair.multiple(m) for m in MEASURES))

    def words(locale: Locale) -> str:
        most, least = locale.number(high), locale.number(low)
        if low < 1.0 <= high:
            cheap_than, dear_than = (_plain_name(p.reference) for p in (best, dear))
            return pick(
                locale,
                f"{maker}: up to {most} times cheaper than {cheap_than}, "
                f"but dearer than {dear_than}",
                f"{maker}: fino a {most} volte meno di {cheap_than}, ma più di {dear_than}",
            )
        if least == most:
            return pick(
                locale,
                f"{maker}'s prices are {most} times lower than its rivals'",
                f"Prezzi di {maker} {most} volte inferiori a quelli dei rivali",
            )
        return pick(
            locale,
            f"{maker}'s prices are {least} to {most} times lower than its rivals'",
            f"Prezzi di {maker} da {least} a {most} volte inferiori a quelli dei rivali",
        )

    return both(words)


def _largest(pair: PricePair) -> float:
    return max(pair.multiple(measure) for measure in MEASURES[:2])


def _plain_name(price: TokenPrice) -> str:
    return price.model.replace(SHORT_CONTEXT, "")


def _unit(found: TokenPriceComparison) -> Text:
    announced = found.basis == "announced"
    basis = Text(
        "latest prices announced by" if announced else "prices charged on",
        "ultimi prezzi annunciati entro il" if announced else "prezzi applicati il",
    )
    return both(
        lambda locale: pick(
            locale,
            f"US dollars per million tokens, {basis.en} {locale.date(found.date)}",
            f"Dollari USA per milione di token, {basis.it} {locale.date(found.date)}",
        )
    )


def _alt(found: TokenPriceComparison, locale: Locale) -> str:
    low, high = (locale.number(value, 1) for value in found.multiples(confirmed=False))
    count, day = locale.number(len(found.pairs)), locale.date(found.date)
    return pick(
        locale,
        f"{count} pairs of models on {day}: input and output prices differ by {low} to {high} "
        "times.",
        f"{count} coppie di modelli, {day}: i prezzi di entrata e uscita differiscono di "
        f"{low}–{high} volte.",
    )


def _notes(found: TokenPriceComparison, *, blended: bool = True) -> tuple[Text, ...]:
    followed = {pair.price: pair.successor for pair in found.pairs if pair.successor}
    notes = [_promotional(*item) for item in followed.items()]
    if blended:
        notes.append(
            both(
                lambda locale: pick(
                    locale,
                    f"Blended: {plain(found.ratio, locale)} tokens of input for one of output.",
                    f"Media: {plain(found.ratio, locale)} token di entrata per uno di uscita.",
                )
            )
        )
    every = [price for pair in found.pairs for price in (pair.price, pair.reference)]
    if any(SHORT_CONTEXT in price.model for price in every):
        notes.append(_SHORT)
    weak = [_plain_name(price) for price in every if price.status is Status.RECALLED]
    return (*notes, weak_note(weak)) if weak else tuple(notes)


def _promotional(price: TokenPrice, later: TokenPrice) -> Text:
    def words(locale: Locale) -> str:
        usd = [plain(value, locale, 2) for value in (later.input_usd, later.output_usd)]
        return pick(
            locale,
            f"{price.model}: a promotional price; {usd[0]} and {usd[1]} from "
            f"{locale.date(later.start)} had been announced.",
            f"{price.model}: prezzo promozionale; erano già annunciati {usd[0]} e {usd[1]} dal "
            f"{locale.date(later.start)}.",
        )

    return both(words)


_SHORT = Text(
    "OpenAI's prices hold for short contexts.",
    "I prezzi di OpenAI valgono per contesti brevi.",
)
_COLUMNS = (
    Column("model", Text("Model", "Modello"), local_name, "left"),
    Column("reference", Text("Against", "Contro"), local_name, "left"),
    Column(
        "measure",
        Text("Tokens", "Token"),
        lambda v, locale: MEASURE_WORDS[v][locale.lang],
        "left",
    ),
    Column("usd_per_m", Text("Price, $", "Prezzo, USD"), lambda v, loc: loc.number(v, 2)),
    Column("reference_usd_per_m", Text("Other, $", "Altro, USD"), lambda v, loc: loc.number(v, 2)),
    Column("delta", Text("Difference", "Differenza"), lambda v, loc: loc.percent(v, 0, sign=True)),
    Column("multiple", Text("Multiple", "Multiplo"), lambda v, loc: loc.number(v, 1)),
)
