"""Exhibits of a group on one session: what it lost with the market and beyond it, and who rose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marketshock.exhibits.exhibit import Exhibit, Size
from marketshock.exhibits.words import both, pick, share_mark, share_notes
from marketshock.locale import Locale, Text
from marketshock.provenance import Source
from marketshock.shock.basket import Basket
from marketshock.table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["basket_bars", "rotation_bars"]

MOST_ROWS = 12
MOST_RISERS = 10
BASKET_WORDS = {
    "magnificent7": Text("Magnificent Seven", "Magnifiche sette"),
    "semiconductors": Text("semiconductors", "semiconduttori"),
    "ai_supply_chain": Text("AI supply chain", "filiera dell'IA"),
    "ai_power": Text("power for AI", "energia per l'IA"),
    "technology": Text("technology", "tecnologia"),
    "all": Text("all companies of the data", "tutte le società dei dati"),
    "own": Text("own selection", "selezione propria"),
}
PARTS = Text("with the market", "con il mercato"), Text("beyond the market", "oltre il mercato")


def basket_bars(found: Basket, most: int = MOST_ROWS) -> Exhibit:
    """Losers and net of a named group, then its companies, each split in two parts.

    `most` companies are drawn, those that moved most dollars; the others are one row.
    """
    rows = _rows(found, most)
    counts = [(row.status, row.share_kind) for row in found.rows]

    def draw(table: Table, locale: Locale, size: Size) -> Figure:
        from marketshock.exhibits.charts_parts import Parts, parts_bars

        return parts_bars(
            [
                Parts(
                    row["row"][locale.lang],
                    row["market_part_usd_bn"],
                    row["abnormal_part_usd_bn"],
                    row["is_sum"],
                )
                for row in table
            ],
            words=(PARTS[0][locale.lang], PARTS[1][locale.lang]),
            value_format=lambda value, words: words.number(value, 0, sign=True),
            locale=locale,
            size=size,
        )

    return Exhibit(
        "basket_bars",
        both(lambda locale: _basket_title(found, locale)),
        both(lambda locale: _basket_unit(found, locale)),
        Table.from_rows("basket_bars", rows),
        _sources(found),
        both(lambda locale: _basket_alt(found, locale)),
        draw,
        notes=(_basket_note(found), *share_notes(counts)),
    )


def _sources(found: Basket) -> tuple[Source, ...]:
    """Return each source once, whatever is said of its licence."""
    return tuple({(source.name, source.as_of): source for source in found.sources}.values())


def _rows(found: Basket, most: int) -> list[dict[str, object]]:
    """Return the sums, the companies that moved most, and the others in one row."""
    losers = [row for row in found.rows if row.change_usd_bn < 0]
    by_size = sorted(found.rows, key=lambda row: -abs(row.change_usd_bn))
    if len(by_size) <= most + 1:
        most = len(by_size)
    shown, rest = by_size[:most], by_size[most:]
    shown.sort(key=lambda row: row.change_usd_bn)
    parts = [
        (_counted("Losers only", "Solo i ribassi", len(losers)), losers, True),
        (_counted("Net", "Saldo", len(found.rows)), found.rows, True),
        *(
            (Text(marked, marked), [row], False)
            for row in shown
            for marked in [row.name + share_mark(row.status, row.share_kind)]
        ),
    ]
    if rest:
        parts.append((_counted("Others", "Altre", len(rest)), rest, False))
    return [
        {
            "row": words,
            "change_usd_bn": sum(row.change_usd_bn for row in members),
            "market_part_usd_bn": sum(row.market_part_usd_bn for row in members),
            "abnormal_part_usd_bn": sum(row.abnormal_part_usd_bn for row in members),
            "is_sum": is_sum,
        }
        for words, members, is_sum in parts
    ]


def _counted(en: str, it: str, number: int) -> Text:
    return Text(f"{en} ({number})", f"{it} ({number})")


def _basket_title(found: Basket, locale: Locale) -> str:
    name = BASKET_WORDS[found.id][locale.lang]
    head = name[0].upper() + name[1:]
    net, own = (locale.billions(value) for value in (found.net_usd_bn, found.abnormal_part_usd_bn))
    return pick(
        locale,
        f"{head}: {net} in one session, {own} of it beyond what the market explains",
        f"{head}: {net} in una seduta, di cui {own} oltre quanto spiega il mercato",
    )


def _basket_unit(found: Basket, locale: Locale) -> str:
    day, count = locale.date(found.date), locale.number(len(found.rows))
    return pick(
        locale,
        f"Change of market value on {day}, billions of US dollars, {count} companies",
        f"Variazione della capitalizzazione il {day}, miliardi di dollari USA, {count} società",
    )


def _basket_alt(found: Basket, locale: Locale) -> str:
    worst, best = found.rows[0], found.rows[-1]
    low, high = (locale.billions(row.change_usd_bn) for row in (worst, best))
    lost, net = (locale.billions(value) for value in (found.losers_usd_bn, found.net_usd_bn))
    return pick(
        locale,
        f"Bars: losers {lost}, net {net}; from {worst.name}, {low}, to {best.name}, {high}.",
        f"Barre: ribassi {lost}, saldo {net}; da {worst.name}, {low}, a {best.name}, {high}.",
    )


def _basket_note(found: Basket) -> Text:
    left_out = len(found.dropped)

    def words(locale: Locale) -> str:
        market = locale.percent(found.market_return, sign=True)
        base = pick(
            locale,
            "With the market: beta of the 250 sessions that end 10 before the event, times the "
            f"return of the S&P 500 ({market}), times the value before.",
            "Con il mercato: beta delle 250 sedute che terminano 10 prima dell'evento, per il "
            f"rendimento dell'S&P 500 ({market}), per il valore precedente.",
        )
        if not left_out:
            return base
        count = locale.number(left_out)
        return base + pick(
            locale,
            f" Not counted: {count} members without a share count or with a second share class.",
            f" Non contati: {count} membri senza numero di azioni o con una seconda categoria.",
        )

    return both(words)


def rotation_bars(found: Basket, most: int = MOST_RISERS) -> Exhibit:
    """Who rose on that session: the largest rises by return, and how many rose and fell."""
    rows = list(found.risers)[:most]

    def draw(table: Table, locale: Locale, size: Size) -> Figure:
        from marketshock.exhibits.charts_bars import ranked_bars

        return ranked_bars(
            table["name"],
            table["return"],
            accent=[False] * len(table),
            value_format=lambda value, words: words.percent(value, sign=True),
            locale=locale,
            size=size,
        )

    return Exhibit(
        "rotation_bars",
        both(lambda locale: _rotation_title(found, locale)),
        both(
            lambda locale: pick(
                locale,
                f"Price return on {locale.date(found.date)}, the {len(rows)} largest rises",
                f"Rendimento di prezzo il {locale.date(found.date)}, i {len(rows)} maggiori rialzi",
            )
        ),
        Table.from_rows("rotation_bars", rows, tuple(found.risers.columns)),
        _sources(found),
        both(lambda locale: _rotation_alt(found, locale)),
        draw,
        notes=(
            Text(
                "Every stock of the data counts, a company once; no share count is needed for a "
                "return.",
                "Conta ogni titolo dei dati, una volta per società; per un rendimento non serve "
                "il numero di azioni.",
            ),
        ),
    )


def _rotation_title(found: Basket, locale: Locale) -> str:
    up, down = locale.number(len(found.risers)), locale.number(found.fallers)
    both_ways = locale.number(len(found.risers) + found.fallers)
    return pick(
        locale,
        f"{up} of {both_ways} stocks rose that day, {down} fell",
        f"Quel giorno {up} titoli su {both_ways} sono saliti, {down} scesi",
    )


def _rotation_alt(found: Basket, locale: Locale) -> str:
    first = next(iter(found.risers))
    best = locale.percent(first["return"], sign=True)
    return pick(
        locale,
        f"Bars: the largest rises, led by {first['name']} with {best}.",
        f"Barre: i maggiori rialzi, primo {first['name']} con {best}.",
    )
