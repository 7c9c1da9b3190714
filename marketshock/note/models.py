"""Claims on language models: prices, scores, training, recomputed from the tables."""

from __future__ import annotations

from marketshock.ai.benchmarks import Benchmarks
from marketshock.ai.price_list import PriceList, TokenPrice
from marketshock.ai.token_prices import PricePair, token_price_comparison
from marketshock.ai.training_cost import TrainingCost
from marketshock.locale import Text
from marketshock.note.facts import Answer, Input, NoteFacts, Other, row_source
from marketshock.note.sentences import sentence
from marketshock.provenance import Source, Status
from marketshock.table import Row

__all__ = [
    "multiple",
    "multiple_bound",
    "price_delta",
    "score",
    "teacher",
    "token_price",
    "trained",
    "vendor",
]

PERCENT = 100.0
LIST_PRICE = Text("output on the announced one", "output a quello già annunciato")
TRAINED = {
    "hours": lambda cost: cost.total_hours,
    "accelerators": lambda cost: cost.accelerators,
    "price": lambda cost: cost.price_usd,
    "usd": lambda cost: cost.total_usd,
    "days": lambda cost: cost.days,
    "years": lambda cost: cost.years_on_one,
}


def _usd(price: TokenPrice, measure: str) -> float:
    return price.input_usd if measure == "input" else price.output_usd


def _source(facts: NoteFacts, *models: str) -> tuple[Source, ...]:
    rows = [row for row in facts.table("token_prices") if row["model"] in models]
    return tuple(dict.fromkeys(row_source(row, facts.day) for row in rows))


def _of_pair(pair: PricePair, measure: str) -> tuple[Input, ...]:
    return tuple(
        Input(f"{one.model}, {measure}", _usd(one, measure), "USD per million tokens", one.status)
        for one in (pair.price, pair.reference)
    )


def token_price(facts: NoteFacts, given: Row) -> Answer:
    """Price of a million tokens charged on the day of the note, and the one announced."""
    prices = PriceList.from_table(facts.table("token_prices"))
    model, measure = given["model"], given["measure"]
    price = prices.required(model, facts.day)
    later = prices.announced(model, facts.day)
    words = Text("", "")
    if later is not None:
        amount = {"usd": _usd(later, measure), "start": later.start}
        words = _filled(
            "; {usd:2} from {start}, announced already",
            "; {usd:2} dal {start}, già annunciato",
            amount,
        )
    return Answer(
        _usd(price, measure),
        (
            Input(
                f"{model}, {measure}", _usd(price, measure), "USD per million tokens", price.status
            ),
        ),
        _source(facts, model),
        {"since": price.start, "later": words},
        superseded_by=None if later is None else _usd(later, measure),
    )


def _filled(en: str, it: str, figures: dict[str, object]) -> Text:
    return sentence(Text(en, it), figures)


def _pairs(facts: NoteFacts, given: Row) -> tuple[PricePair, PricePair]:
    names = [(given["model"], given["reference"])]
    table = facts.table("token_prices")
    charged = token_price_comparison(table, facts.day, pairs=names)
    listed = token_price_comparison(table, facts.day, pairs=names, basis="announced")
    return charged.pairs[0], listed.pairs[0]


def price_delta(facts: NoteFacts, given: Row) -> Answer:
    """Price against a reference, percent, as charged and as announced."""
    charged, listed = _pairs(facts, given)
    measure = given["measure"]
    value, later = (PERCENT * one.delta(measure) for one in (charged, listed))
    return Answer(
        value,
        _of_pair(charged, measure),
        _source(facts, given["model"], given["reference"]),
        {
            "price": _usd(charged.price, measure),
            "reference": _usd(charged.reference, measure),
            "listed": later,
        },
        superseded_by=later if charged.successor is not None else None,
    )


def multiple(facts: NoteFacts, given: Row) -> Answer:
    """How many times cheaper, as charged; on the list price as another basis."""
    charged, listed = _pairs(facts, given)
    measure = given["measure"]
    return Answer(
        charged.multiple(measure),
        _of_pair(charged, measure),
        _source(facts, given["model"], given["reference"]),
        {"listed": listed.multiple(measure), "listed_input": listed.multiple("input")},
        (Other(LIST_PRICE, listed.multiple(measure)),),
    )


def multiple_bound(facts: NoteFacts, given: Row) -> Answer:
    """Smallest or largest multiple of all pairs and both prices of the note."""
    names = [(pair[0], pair[1]) for pair in given["pairs"]]
    table = facts.table("token_prices")
    charged = token_price_comparison(table, facts.day, pairs=names)
    listed = token_price_comparison(table, facts.day, pairs=names, basis="announced")
    low, high = charged.multiples(confirmed=False)
    least, most = listed.multiples(confirmed=False)
    every = [
        one for pair in charged.pairs for m in ("input", "output") for one in _of_pair(pair, m)
    ]
    return Answer(
        low if given["bound"] == "low" else high,
        tuple(every),
        _source(facts, *(name for pair in names for name in pair)),
        {"low": low, "high": high, "least": least, "most": most},
    )


def score(facts: NoteFacts, given: Row) -> Answer:
    """One cell of the table of scores, as the paper prints it."""
    cell = Benchmarks.from_table(facts.table("benchmarks")).score(given["model"], given["metric"])
    words = Text("", "")
    if cell.differs:
        words = _filled(
            "; the repository has {value:1}",
            "; il repository riporta {value:1}",
            {"value": cell.repository},
        )
    return Answer(
        cell.value,
        (Input(f"{cell.model}, {cell.metric}", cell.value, "score", cell.status),),
        (row_source(given),),
        {"repository": words},
    )


def trained(facts: NoteFacts, given: Row) -> Answer:
    """Hours, dollars, days or years of the training run."""
    cost = TrainingCost.from_table(facts.table("training_cost"))
    inputs = [
        Input(f"{stage} hours", hours, "hours", cost.status) for stage, hours in cost.hours.items()
    ]
    inputs += [
        Input("accelerators", cost.accelerators, "accelerators", cost.status),
        Input("price of an hour", cost.price_usd, "USD per hour", cost.status),
    ]
    return Answer(
        float(TRAINED[given["measure"]](cost)),
        tuple(inputs),
        (row_source(given),),
        {
            "hours": cost.total_hours,
            "accelerators": cost.accelerators,
            "price": cost.price_usd,
            "usd": cost.total_usd / 1e6,
        },
    )


def teacher(facts: NoteFacts, given: Row) -> Answer:
    """Which model taught the distilled ones: the name before the family that was tuned."""
    rows = [row for row in facts.table("benchmarks") if row["role"] == "distilled"]
    teachers = sorted({row["model"].split("-Distill")[0] for row in rows})
    students = sorted({row["base_model"].split("-")[0] for row in rows})
    return Answer(
        ", ".join(teachers),
        tuple(
            Input(f"student of {row['model']}", row["base_model"], "name", Status(row["status"]))
            for row in rows
            if row["metric"] == rows[0]["metric"]
        ),
        (row_source(rows[0]),),
        {"students": ", ".join(students)},
    )


def vendor(facts: NoteFacts, given: Row) -> Answer:
    """Who makes a model."""
    row = next(row for row in facts.table("token_prices") if given["model"] in row["model"])
    return Answer(
        row["provider"],
        (Input(row["model"], row["provider"], "name", Status(row["status"])),),
        (row_source(row, facts.day),),
        {"model": row["model"]},
    )
