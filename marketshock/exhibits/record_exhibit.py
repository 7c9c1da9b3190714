"""The exhibit of the record: every one-day loss that was larger than all before it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from marketshock.exhibits.exhibit import Exhibit, Size
from marketshock.exhibits.words import both, pick, share_mark, share_notes
from marketshock.locale import Locale, Text
from marketshock.marketcap.record import LossRecord, RecordHolder
from marketshock.table import Row, Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["record_history"]


def record_history(found: LossRecord, event: dt.date | None = None) -> Exhibit:
    """Who held rank one since the data begin, each with how long; the row of `event` stands out."""
    rows = [
        {
            **holder.as_dict(),
            "marked": holder.loss.name + share_mark(holder.loss.status, holder.loss.share_kind),
        }
        for holder in found.holders
    ]

    def draw(table: Table, locale: Locale, size: Size) -> Figure:
        from marketshock.exhibits.charts_bars import ranked_bars

        return ranked_bars(
            [_label(row, locale) for row in table],
            table["loss_usd_bn"],
            accent=[row["date"] == event for row in table],
            value_format=lambda value, words: words.number(value),
            locale=locale,
            size=size,
        )

    return Exhibit(
        "record_history",
        both(lambda locale: _title(found, locale)),
        both(
            lambda locale: pick(
                locale,
                "One-day losses larger than all before, billions of US dollars; "
                f"{found.words.en}, to {locale.date(found.as_of)}",
                "Perdite in una seduta maggiori di tutte le precedenti, miliardi di dollari USA; "
                f"{found.companies} società con numero di azioni dal {found.since.year}, fino al "
                f"{locale.date(found.as_of)}",
            )
        ),
        Table.from_rows("record_history", rows),
        found.sources,
        both(lambda locale: _alt(found, locale)),
        draw,
        notes=(
            _survivors(found),
            *share_notes([(one.loss.status, one.loss.share_kind) for one in found.holders]),
        ),
    )


def _label(row: Row, locale: Locale) -> str:
    return f"{row['marked']}, {locale.short_date(row['date'])}"


def _title(found: LossRecord, locale: Locale) -> str:
    last = found.holders[-1]
    amount = locale.billions(abs(last.loss.loss_usd_bn))
    held = locale.number(last.sessions)
    beaten, year = locale.number(len(found.holders) - 1), found.since.year
    return pick(
        locale,
        f"The record since {year} was beaten {beaten} times; {last.loss.name}'s {amount} has "
        f"stood for {held} sessions",
        f"Il primato dal {year} è stato superato {beaten} volte; quello di {last.loss.name}, "
        f"{amount}, resiste da {held} sedute",
    )


def _alt(found: LossRecord, locale: Locale) -> str:
    said = [_told(holder, locale) for holder in found.holders]
    head = pick(locale, "Bars in order of time: ", "Barre in ordine di tempo: ")
    return head + "; ".join(said) + "."


def _told(holder: RecordHolder, locale: Locale) -> str:
    loss = holder.loss
    return f"{loss.name}, {locale.short_date(loss.date)}, {locale.billions(loss.loss_usd_bn)}"


def _survivors(found: LossRecord) -> Text:
    """Say what the record does not range over."""
    year = found.since.year
    return Text(
        f"The first row is only the largest loss since the data begin in {year}. Companies of "
        "today's list with share counts: those that left the market since are missing.",
        f"La prima riga è solo la perdita maggiore dall'inizio dei dati nel {year}. Società "
        "dell'elenco odierno con numero di azioni: mancano quelle uscite dal mercato.",
    )
