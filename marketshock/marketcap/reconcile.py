"""A published ranking of losses against ours, row by row, each difference explained."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from marketshock.errors import QualityError
from marketshock.locale import Locale, Text
from marketshock.marketcap.history import BILLION, MarketValues
from marketshock.marketcap.losses import Loss, MarketCapLosses
from marketshock.provenance import Source
from marketshock.quality.findings import Finding
from marketshock.table import Table

__all__ = ["Publication", "Reconciliation", "ReconciliationRow", "reconcile"]

TOLERANCE_USD_BN = 1.0
"""Two figures on the same basis may differ by this much: one rounds, the other cuts."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """The same loss on another stated basis."""

    basis: Text
    usd_bn: float


@dataclass(frozen=True, slots=True)
class ReconciliationRow:
    """One published figure, ours, and why they differ.

    ``published_rank`` and ``published_usd_bn`` are None for a row that the published
    list lacks.
    """

    published_rank: int | None
    symbol: str
    name: str
    date: dt.date
    published_usd_bn: float | None
    computed_usd_bn: float
    verdict: str
    explanation: Text
    alternatives: tuple[Alternative, ...] = ()

    @property
    def difference_usd_bn(self) -> float | None:
        """Computed minus published."""
        if self.published_usd_bn is None:
            return None
        return self.computed_usd_bn - self.published_usd_bn

    def as_dict(self) -> dict[str, Any]:
        """Return the fields of the JSON answer."""
        return {
            "published_rank": self.published_rank,
            "symbol": self.symbol,
            "date": self.date,
            "published_usd_bn": self.published_usd_bn,
            "computed_usd_bn": self.computed_usd_bn,
            "difference_usd_bn": self.difference_usd_bn,
            "verdict": self.verdict,
            "explanation": self.explanation.as_dict(),
        }


@dataclass(frozen=True, slots=True)
class Publication:
    """Who printed the list, and when."""

    title: str
    publisher: str
    date: dt.date


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Every published row exactly once, then the rows that the list lacks."""

    rows: tuple[ReconciliationRow, ...]
    sources: tuple[Source, ...]
    publication: Publication
    findings: tuple[Finding, ...] = ()

    def table(self) -> Table:
        """Return the reconciliation as a table."""
        return Table.from_rows("reconciliation", [row.as_dict() for row in self.rows])


def reconcile(
    published: Table,
    inputs: Table,
    values: MarketValues,
    ours: MarketCapLosses,
    publication: Publication,
) -> Reconciliation:
    """Set a published list against a full ranking of the same period.

    Parameters
    ----------
    published : Table
        Columns rank, symbol, date, printed_usd_bn.
    inputs : Table
        Prices and share counts that others used: symbol, date, item, value.
    values : MarketValues
    ours : MarketCapLosses
        All losses up to the list's own date.
    publication : Publication

    Raises
    ------
    QualityError
        If a published row has no counterpart in the data.
    """
    by_key = {(loss.symbol, loss.date): loss for loss in ours.losses}
    rows = []
    for row in published:
        loss = by_key.pop((row["symbol"], row["date"]), None)
        if loss is None:
            raise QualityError(
                f"The published loss of {row['symbol']} on {row['date']} can't be computed."
            )
        rows.append(_published_row(row, loss, tuple(_alternatives(loss, inputs, values))))
    smallest = max((row["printed_usd_bn"] for row in published), default=0.0)
    lacking = [loss for loss in by_key.values() if loss.loss_usd_bn < smallest]
    found = tuple(rows) + tuple(_lacking_row(loss, smallest) for loss in lacking)
    return Reconciliation(found, ours.sources, publication)


def _published_row(row: Any, loss: Loss, alternatives: Sequence[Alternative]) -> ReconciliationRow:
    printed = float(row["printed_usd_bn"])
    verdict, chosen = _verdict(printed, loss.loss_usd_bn, alternatives)
    return ReconciliationRow(
        int(row["rank"]),
        loss.symbol,
        loss.name,
        loss.date,
        printed,
        loss.loss_usd_bn,
        verdict,
        _explanation(loss, verdict, alternatives, chosen),
        tuple(alternatives),
    )


def _verdict(
    printed: float, computed: float, alternatives: Sequence[Alternative]
) -> tuple[str, Alternative | None]:
    """Return the verdict and the alternative basis that explains it, if one does."""
    if abs(printed - computed) <= TOLERANCE_USD_BN:
        return "match", None
    near = min(alternatives, key=lambda a: abs(a.usd_bn - printed), default=None)
    if printed % 10 == 0 and round(computed, -1) == printed:
        return "rounding", near
    if near is not None and abs(near.usd_bn - printed) <= TOLERANCE_USD_BN:
        return "basis", near
    return "wrong", near


def _alternatives(loss: Loss, inputs: Table, values: MarketValues) -> Iterator[Alternative]:
    """Yield the loss with other prices and other counts than ours."""
    previous, close = loss.previous_close, loss.close
    given = {
        row["item"]: row["value"]
        for row in inputs
        if row["symbol"] == loss.symbol and row["date"] == loss.date
    }
    late = given.get("close_late_print")
    if late is not None:
        yield Alternative(
            Text("late consolidated print", "ultimo scambio consolidato"),
            (late - previous) * loss.shares_bn,
        )
    same_day = values.shares.known_on(loss.symbol, loss.date)
    if same_day is not None and same_day.filed == loss.date:
        count = same_day.count / values.splits.factor(loss.symbol, loss.date) / BILLION
        yield Alternative(
            Text("count filed that day", "azioni depositate quel giorno"),
            (close - previous) * count,
        )
    old, new = given.get("shares_old"), given.get("shares_new")
    if old is not None and new is not None:
        yield Alternative(
            Text(
                "a mixed basis, value before on the old count and after on the new one,",
                "base mista, valore prima sul vecchio numero di azioni e dopo sul nuovo,",
            ),
            (close * new - previous * old) / BILLION,
        )
    balance = given.get("shares_balance_sheet")
    if balance is not None:
        yield Alternative(
            Text("balance-sheet count", "azioni a bilancio"), (close - previous) * balance / BILLION
        )


def _explanation(
    loss: Loss, verdict: str, alternatives: Sequence[Alternative], chosen: Alternative | None
) -> Text:
    """Return our basis, the other bases where they matter, and the one that was printed."""
    others = [a for a in alternatives if verdict != "match" and a is not chosen]

    def words(locale: Locale) -> str:
        it = locale.lang == "it"
        amount, shares = locale.number(loss.loss_usd_bn, 1), locale.number(loss.shares_bn, 3)
        parts = [
            f"{amount} con {shares} mld di azioni note prima"
            if it
            else f"{amount} with {shares}bn shares known before"
        ]
        parts += [f"{a.basis[locale.lang]} {locale.number(a.usd_bn, 1)}" for a in others]
        if verdict == "rounding":
            parts.append("stampata alla decina" if it else "printed to the nearest ten")
        if chosen is not None:
            head = "vicina a: " if it else "near to: "
            if verdict == "basis":
                head = "stampata su " if it else "printed on "
            parts.append(head + f"{chosen.basis[locale.lang]} {locale.number(chosen.usd_bn, 1)}")
        sentence = "; ".join(parts)
        return sentence[0].upper() + sentence[1:] + "."

    return Text(words(Locale("en")), words(Locale("it")))


def _lacking_row(loss: Loss, smallest: float) -> ReconciliationRow:
    def words(lang: Any, template: str) -> str:
        locale = Locale(lang)
        return template.format(locale.number(loss.loss_usd_bn, 1), locale.number(smallest))

    return ReconciliationRow(
        None,
        loss.symbol,
        loss.name,
        loss.date,
        None,
        loss.loss_usd_bn,
        "wrong",
        Text(
            words("en", "Not in the list although {} is more than its last row, {}."),
            words("it", "Assente dall'elenco benché {} superi l'ultima riga, {}."),
        ),
    )
