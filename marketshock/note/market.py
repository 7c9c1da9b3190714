"""Claims on prices and market values, recomputed."""

from __future__ import annotations

from marketshock.errors import QualityError
from marketshock.locale import Language, Locale, Text
from marketshock.market.sessions import to_day
from marketshock.marketcap.index_weights import index_weights
from marketshock.marketcap.losses import Loss
from marketshock.marketcap.multiples import multiples, value_growth
from marketshock.marketcap.reconcile import reconcile
from marketshock.note.facts import Answer, Input, NoteFacts, Other, row_source
from marketshock.provenance import Status
from marketshock.shock.basket import basket, members
from marketshock.table import Row, Table

__all__ = [
    "basket_change",
    "index_weight",
    "listed_rows",
    "loss",
    "loss_rank",
    "price_move",
    "valuation",
    "value_multiple",
]

PERCENT = 100.0


def _found(facts: NoteFacts, given: Row) -> Loss:
    date = given.get("date", facts.shock.first_session)
    for one in facts.ranking.losses:
        if (one.symbol, one.date) == (given["symbol"], date):
            return one
    raise QualityError(f"The loss of {given['symbol']} on {date} can't be computed.")


def _inputs(loss: Loss) -> tuple[Input, ...]:
    return (
        Input("previous close", loss.previous_close, "USD", Status.DERIVED),
        Input("close", loss.close, "USD", Status.DERIVED),
        Input(
            f"shares, {loss.share_kind} filed {loss.shares_filed}",
            loss.shares_bn,
            "bn",
            loss.status,
        ),
    )


def loss(facts: NoteFacts, given: Row) -> Answer:
    """One-day loss on the official close and the count known before, and on other bases."""
    ours = _found(facts, given)
    asked = Table.from_rows(
        "asked",
        [
            {
                "rank": ours.rank,
                "symbol": ours.symbol,
                "date": ours.date,
                "printed_usd_bn": ours.loss_usd_bn,
            }
        ],
    )
    row = reconcile(
        asked, facts.table("losses_inputs"), facts.values, facts.ranking, facts.publication
    ).rows[0]
    others = tuple(Other(one.basis, one.usd_bn) for one in row.alternatives)
    return Answer(
        ours.loss_usd_bn,
        _inputs(ours),
        facts.price_sources(),
        {"name": ours.name, "shares": ours.shares_bn, "date": ours.date},
        others,
    )


def price_move(facts: NoteFacts, given: Row) -> Answer:
    """Price change of a stock on the session of the shock, percent."""
    ours = _found(facts, given)
    return Answer(
        PERCENT * ours.price_return,
        _inputs(ours)[:2],
        facts.price_sources()[:1],
        {"previous": ours.previous_close, "close": ours.close},
    )


def loss_rank(facts: NoteFacts, given: Row) -> Answer:
    """Rank of the shock's loss among all companies with share counts, up to the note."""
    ours = _found(facts, given)
    second = facts.ranking.losses[0 if ours.rank > 1 else 1]
    return Answer(
        float(ours.rank),
        _inputs(ours),
        facts.price_sources(),
        {
            "companies": facts.ranking.companies,
            "since": str(facts.ranking.since.year),
            "next": second.name,
            "next_date": second.date,
            "next_loss": second.loss_usd_bn,
        },
    )


def listed_rows(facts: NoteFacts, given: Row) -> Answer:
    """How many rows of the list are among our largest of the same number."""
    rows = list(facts.table("losses_published").where(list=given["list"]))
    listed = {(row["symbol"], row["date"]) for row in rows}
    largest = facts.ranking.losses[: len(rows)]
    smallest = max(one.loss_usd_bn for one in facts.ranking.losses if _key(one) in listed)
    lacking = [
        one
        for one in facts.ranking.losses
        if one.loss_usd_bn < smallest and _key(one) not in listed
    ]

    def told(lang: Language) -> str:
        locale = Locale(lang)
        words = [f"{one.name} {locale.short_date(one.date)}" for one in lacking]
        return locale.join(words) or "-"

    return Answer(
        float(sum(_key(one) in listed for one in largest)),
        tuple(
            Input(f"{one.symbol} {one.date}", one.loss_usd_bn, "USD bn", one.status)
            for one in (*largest, *lacking)
        ),
        facts.price_sources(),
        {
            "rows": len(rows),
            "lacking": Text(told("en"), told("it")),
            "n": len(lacking),
            "companies": facts.ranking.companies,
        },
    )


def _key(loss: Loss) -> tuple[str, object]:
    return loss.symbol, loss.date


def basket_change(facts: NoteFacts, given: Row) -> Answer:
    """Net change of a named basket on the session of the shock, USD billions."""
    symbols, membership = members(given["basket"], facts.universe, facts.table("baskets"))
    benchmark = facts.index.symbols[0]
    found = basket(
        given["basket"],
        symbols,
        facts.shock.first_session,
        facts.values,
        facts.returns(symbols, benchmark),
        facts.universe,
        benchmark=benchmark,
        membership=membership,
    )
    losers = Text("losers only", "solo i ribassi")
    return Answer(
        found.net_usd_bn,
        tuple(Input(row.symbol, row.change_usd_bn, "USD bn", row.status) for row in found.rows),
        found.sources,
        {
            "n": len(found.rows),
            "losers": found.losers_usd_bn,
            "market": found.market_part_usd_bn,
            "abnormal": found.abnormal_part_usd_bn,
        },
        (Other(losers, found.losers_usd_bn),),
    )


def value_multiple(facts: NoteFacts, given: Row) -> Answer:
    """How many times a company's value multiplied over two years, to three days."""
    shock = facts.values.day(facts.session)
    before = facts.values.day(facts.session - 1)
    now, fallen, peak = (
        value_growth(facts.values, given["symbol"], day, months=given["months"])
        for day in (facts.day, shock, before)
    )
    gain = Text("its gain", "il suo aumento")
    others = (
        Other(Text("to the shock", "fino allo shock"), fallen.value_multiple),
        Other(gain, fallen.value_multiple - 1.0),
    )
    return Answer(
        now.value_multiple,
        tuple(
            Input(
                f"market value {one.last} over {one.first}", one.value_multiple, "times", one.status
            )
            for one in (now, fallen, peak)
        ),
        facts.price_sources(),
        {"first": now.first, "last": now.last, "peak": peak.value_multiple, "before": peak.last},
        others,
    )


def index_weight(facts: NoteFacts, given: Row) -> Answer:
    """Share of companies in the index's total market value on the day of the note, percent."""
    published = facts.table("sp500_market_value")
    known = [row for row in published if row["date"] <= facts.day]
    weights = index_weights(facts.values, Table.from_rows(published.name, known), facts.index)
    at = facts.values.closes.calendar.first_on_or_after(facts.day)
    shares = {s: PERCENT * float(weights.column(s)[at]) for s in given["symbols"]}
    counts = [facts.values.known_before(symbol, at) for symbol in shares]
    last = max((row for row in known if row["basis"] == "total"), key=lambda row: row["date"])
    return Answer(
        sum(shares.values()),
        (
            *(
                Input(f"weight of {symbol}", weight, "percent", count.status)
                for (symbol, weight), count in zip(shares.items(), counts, strict=True)
                if count is not None
            ),
            Input(
                f"market value of the index, {last['date']}",
                last["market_value_usd_tn"],
                "USD tn",
                Status(last["status"]),
            ),
        ),
        (*facts.price_sources(), row_source(last, last["date"])),
        {"session": to_day(facts.values.closes.sessions[at - 1]), "stated": last["date"]},
    )


def valuation(facts: NoteFacts, given: Row) -> Answer:
    """How many companies stood above the middle of their own history; no figure is printed."""
    table = facts.table("financials")
    symbols = sorted(set(table["symbol"]) & set(facts.values.symbols))
    day = facts.values.day(facts.session - 1)
    found = [multiples(facts.values, table, symbol, day)["price_sales"] for symbol in symbols]
    known = [(s, one) for s, one in zip(symbols, found, strict=True) if one.percentile is not None]
    row = next(row for row in table if row["symbol"] == symbols[0])
    return Answer(
        None,
        tuple(
            Input(
                f"price/sales of {symbol}, percentile of own history",
                PERCENT * float(one.percentile or 0.0),
                "percent",
                Status.DERIVED,
            )
            for symbol, one in known
        ),
        (*facts.price_sources(), row_source(row, facts.day)),
        {
            "above": sum((one.percentile or 0.0) > 0.5 for _, one in known),
            "n": len(known),
            "day": day,
        },
    )
