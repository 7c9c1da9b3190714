"""Claims on capital expenditure, recomputed from filings."""

from __future__ import annotations

from marketshock.capex import known_on, read_periods
from marketshock.locale import Text
from marketshock.note.facts import Answer, Input, NoteFacts, row_source
from marketshock.note.sentences import sentence
from marketshock.provenance import Source, Status
from marketshock.table import Row

__all__ = ["calendar_year", "spent_until"]

FILINGS = Text("company filings with the SEC", "bilanci depositati presso la SEC")
PROJECTION = Text(
    "a projection, so there was nothing to recompute on the day of the note",
    "una proiezione: alla data della nota non c'era nulla da ricalcolare",
)
MISSING = Text(
    "the tables do not hold all five companies for that year",
    "le tabelle non contengono tutte e cinque le società per quell'anno",
)


def calendar_year(facts: NoteFacts, given: Row) -> Answer:
    """Total of the five companies in one calendar year, USD billions."""
    trend, label = facts.capex_years, str(given["year"])
    row = next((row for row in trend.rows if row["period"] == label), None)
    source = Source(FILINGS, facts.day)
    chart = row_source(given)
    total = row["total_usd_bn"] if row else None
    status = Status(row["status"]) if row and row["status"] else Status(given["status"])
    by_company = row["by_company"] if row else {}
    inputs = tuple(
        Input(f"{name} {label}", amount, "USD bn", status)
        for name, amount in by_company.items()
        if amount is not None
    ) or (Input(f"published total of {label}", None, "USD bn", Status(given["status"])),)
    if given["kind"] == "projection":
        outcome = None if total is None else _outcome(total)
        return Answer(None, inputs, (source, chart), {}, because=outcome or PROJECTION)
    if total is None:
        return Answer(None, inputs, (source, chart), {}, because=MISSING)
    return Answer(total, inputs, (source, chart))


def _outcome(total: float) -> Text:
    return sentence(
        Text(
            "a projection; the same five companies then spent {total:1} billion",
            "una proiezione; le stesse cinque società hanno poi speso {total:1} miliardi",
        ),
        {"total": total},
    )


def spent_until(facts: NoteFacts, given: Row) -> Answer:
    """Sum of a company's yearly capital expenditure known on the day of the note."""
    rows = facts.table("capex").where(symbol=given["symbol"], scope="total", frequency="A")
    years = known_on(read_periods(rows), facts.day)
    source = row_source(next(iter(rows)), facts.day)
    return Answer(
        sum(one.capex_usd_bn for one in years),
        tuple(Input(one.fiscal_label, one.capex_usd_bn, "USD bn", one.status) for one in years),
        (source,),
        {"first": str(years[0].end.year), "last": str(years[-1].end.year)},
    )
