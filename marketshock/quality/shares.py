"""Checks of share counts: basis, second source, classes, age, currency."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from marketshock.locale import LANGUAGES, Language, Locale, Text
from marketshock.market.shares import WHOLE_COMPANY, ShareCounts
from marketshock.market.splits import SplitTable
from marketshock.market.universe import Instrument
from marketshock.quality.findings import Finding
from marketshock.table import Row, Table

__all__ = ["ShareEvidence", "ages", "bases", "changes", "classes", "currencies", "second_source"]

POINTS = ("cover", "balance")
"""Counts of a day; the others are averages of a period."""
SAME_DAY = 1.01
"""Counts of one day from two places differ by rounding only."""
AVERAGE = 1.25
"""A diluted average exceeds the count of the day by up to a ninth in the tables."""
BASIS_JUMP = 1.5
"""The largest true change between two filings in the tables, a merger, is by 1.35."""
RETURN_TRIP = 1.05
CHANGE = 0.005
BASIS = 1.001
CLASS_SUM = 1.01
CLASS_NEAR = dt.timedelta(days=400)
OLD = dt.timedelta(days=200)
EQUIVALENTS = {"B-equivalent": {"A": 1500.0, "B": 1.0}}
"""Share classes that stand for a whole company, as sums of its other classes."""
ADR = "ADR-equivalent"


@dataclass(frozen=True, slots=True, eq=False)
class ShareEvidence:
    """Share counts that dollar figures rest on.

    Parameters
    ----------
    table : Table
        All rows, those for checks too.
    counts : ShareCounts
        The counts that are used.
    cards : mapping of str to Instrument
        Of the symbols that are valued.
    splits : SplitTable
        Those that prices and counts have to contain.
    since : datetime.date
        First session of the prices; the splits before it are not listed.
    reported : sequence of tuple
        Symbol, first and last session of each printed figure; the count known before the
        first session values all of it.
    """

    table: Table
    counts: ShareCounts
    cards: Mapping[str, Instrument]
    splits: SplitTable
    since: dt.date
    reported: Sequence[tuple[str, dt.date, dt.date]] = ()
    rows: Mapping[str, list[Row]] = field(init=False)

    def __post_init__(self) -> None:
        rows: dict[str, list[Row]] = defaultdict(list)
        for row in self.table:
            if row["symbol"] in self.cards:
                rows[row["symbol"]].append(row)
        object.__setattr__(self, "rows", dict(rows))


def bases(evidence: ShareEvidence) -> Iterator[Finding]:
    """Block a count that jumps, or goes and comes back: another split basis, class or unit."""
    for symbol, rows in evidence.rows.items():
        yield from _reported(symbol, rows, evidence)
        filings = evidence.counts.filings.get(symbol, ())
        for before, after in pairwise(filings):
            if _apart(before.count, after.count) > BASIS_JUMP:
                values = f"{_billions(before.count)} ({before.filed}), "
                values += f"{_billions(after.count)} ({after.filed})"
                yield _block(
                    "D18",
                    f"{symbol}: share counts jump with no split between: {values}",
                    f"{symbol}: il numero di azioni salta senza frazionamento: {values}",
                )
        points = [count for count in filings if count.kind in POINTS]
        for a, b, c in zip(points, points[1:], points[2:], strict=False):
            away = min(_apart(a.count, b.count), _apart(b.count, c.count))
            back = _apart(a.count, c.count)
            if away > RETURN_TRIP and back < SAME_DAY and c.filed - a.filed <= OLD:
                values = ", ".join(_billions(count.count) for count in (a, b, c))
                yield _block(
                    "D15",
                    f"{symbol}: share counts go and come back up to {c.filed}: {values}",
                    f"{symbol}: il numero di azioni oscilla fino al {c.filed}: {values}",
                )


def _reported(symbol: str, rows: Sequence[Row], evidence: ShareEvidence) -> Iterator[Finding]:
    """Block the first count that is not the reported one times the splits since."""
    known = [split for split in evidence.splits.splits if split.symbol == symbol]
    for row in rows:
        if row["shares_as_reported"] is None or row["share_class"] not in WHOLE_COMPANY:
            continue
        by_filing = row["kind"] != "cover" and row["filed"] is not None
        told = row["filed"] if by_filing else row["as_of"]
        expected = row["shares_as_reported"]
        for split in known:
            if split.kind == "split" and split.date > told:
                expected *= split.ratio
        if told >= evidence.since and _apart(row["shares"], expected) > BASIS:
            values = f"{_billions(row['shares'])}, {_billions(expected)}"
            yield _block(
                "D18",
                f"{symbol}: the count of {row['as_of']} is not on the split basis of the prices: "
                f"{values}",
                f"{symbol}: il numero di azioni al {row['as_of']} non è sulla base dei prezzi: "
                f"{values}",
            )
            return


def second_source(evidence: ShareEvidence) -> Iterator[Finding]:
    """Block two counts of one company and day that differ; averages may differ by a quarter."""
    for symbol, rows in evidence.rows.items():
        days: dict[dt.date, list[Row]] = defaultdict(list)
        for row in rows:
            if row["share_class"] in WHOLE_COMPANY:
                days[row["as_of"]].append(row)
        for day, same in days.items():
            points = [row["shares"] for row in same if row["kind"] in POINTS]
            every = [row["shares"] for row in same]
            for counts, limit in ((points, SAME_DAY), (every, AVERAGE)):
                if counts and max(counts) > limit * min(counts):
                    values = f"{_billions(min(counts))}, {_billions(max(counts))}"
                    yield _block(
                        "D15",
                        f"{symbol}: two share counts of {day}: {values}",
                        f"{symbol}: due numeri di azioni al {day}: {values}",
                    )
                    break


def classes(evidence: ShareEvidence) -> Iterator[Finding]:
    """Block a company whose count is not that of all its classes, or that is valued twice."""
    for symbol, rows in evidence.rows.items():
        for total, parts, near in _totals(rows):
            if _apart(total, parts) > (BASIS_JUMP if near else CLASS_SUM):
                values = f"{_billions(total)}, {_billions(parts)}"
                yield _block(
                    "D17",
                    f"{symbol}: the count of the company is not the sum of its classes: {values}",
                    f"{symbol}: il totale non è la somma delle classi di azioni: {values}",
                )
                break
        depositary = [row["shares"] for row in rows if row["share_class"] == ADR]
        whole = [row["shares"] for row in rows if row["share_class"] in WHOLE_COMPANY]
        if depositary and whole and _apart(whole[-1], depositary[-1]) > BASIS_JUMP:
            values = f"{_billions(whole[-1])}, {_billions(depositary[-1])}"
            yield _block(
                "D16",
                f"{symbol}: ordinary shares stand where depositary receipts are priced: {values}",
                f"{symbol}: azioni ordinarie al posto dei certificati di deposito: {values}",
            )
    companies: dict[str, list[str]] = defaultdict(list)
    for symbol in evidence.rows:
        if symbol in evidence.counts and evidence.cards[symbol].company:
            companies[evidence.cards[symbol].company].append(symbol)
    for company, symbols in companies.items():
        if len(symbols) > 1:
            both = ", ".join(sorted(symbols))
            yield _block(
                "D17",
                f"{company} would be counted once for each of {both}: keep one line a company",
                f"{company} conterebbe una volta per ciascuna di {both}: tenerne una sola",
            )


def _totals(rows: Sequence[Row]) -> Iterator[tuple[float, float, bool]]:
    """Yield counts of the whole company and of its classes together, and if the day differs."""
    single: dict[dt.date, dict[str, float]] = defaultdict(dict)
    for row in rows:
        if len(row["share_class"].split("-")[0]) == 1 and "equivalent" not in row["share_class"]:
            single[row["as_of"]][row["share_class"]] = row["shares"]
    for row in rows:
        weights = EQUIVALENTS.get(row["share_class"], {})
        if not weights and row["share_class"] not in WHOLE_COMPANY:
            continue
        for day, parts in single.items():
            near = day != row["as_of"] or row["kind"] not in (*POINTS, "derived")
            if len(parts) > 1 and abs(day - row["as_of"]) <= (CLASS_NEAR if near else OLD):
                yield row["shares"], sum(n * weights.get(c, 1.0) for c, n in parts.items()), near


def ages(evidence: ShareEvidence) -> Iterator[Finding]:
    """Print which reported figures rest on an old count: the newest known, but of long ago."""
    oldest: dict[str, tuple[dt.timedelta, dt.date, dt.date]] = {}
    for symbol, session, _ in evidence.reported:
        count = evidence.counts.known_before(symbol, session)
        if count is not None and session - count.as_of > OLD:
            age = (session - count.as_of, session, count.as_of)
            oldest[symbol] = max(oldest.get(symbol, age), age)
    for symbol, (_, session, as_of) in oldest.items():
        yield Finding(
            "FOOTNOTE",
            "D15",
            Text(
                f"{symbol}: the share count used for {_date(session, 'en')} is of "
                f"{_date(as_of, 'en')}",
                f"{symbol}: il numero di azioni usato per il {_date(session, 'it')} è del "
                f"{_date(as_of, 'it')}",
            ),
        )


def changes(evidence: ShareEvidence) -> Iterator[Finding]:
    """Print a new count inside a window that is valued with the count before it."""
    for symbol, first, last in evidence.reported:
        before = evidence.counts.known_before(symbol, first)
        after = evidence.counts.known_on(symbol, last)
        if before and after and abs(after.count / before.count - 1.0) > CHANGE:
            change = after.count / before.count - 1.0
            en, it = (Locale(lang).percent(change, sign=True) for lang in LANGUAGES)
            yield Finding(
                "FOOTNOTE",
                "D14",
                Text(
                    f"{symbol}: a filing of {_date(after.filed, 'en')} changed the share count by "
                    f"{en}; "
                    "dollars use the count before",
                    f"{symbol}: il deposito del {_date(after.filed, 'it')} ha cambiato il numero "
                    f"di azioni ({it}); gli importi usano quello precedente",
                ),
            )


def currencies(evidence: ShareEvidence) -> Iterator[Finding]:
    """Block figures in dollars of prices in another currency: no rate is applied."""
    for symbol in evidence.rows:
        currency = evidence.cards[symbol].currency
        if currency != "USD":
            yield _block(
                "D19",
                f"{symbol} is quoted in {currency or 'an unnamed currency'}, not in USD",
                f"{symbol} è quotato in {currency or 'una valuta ignota'}, non in USD",
            )


def _date(day: dt.date, lang: Language) -> str:
    return Locale(lang).date(day)


def _apart(one: float, other: float) -> float:
    return max(one, other) / min(one, other)


def _billions(count: float) -> str:
    return f"{count / 1e9:.3f}bn"


def _block(code: str, en: str, it: str) -> Finding:
    return Finding("BLOCK", code, Text(en, it))
