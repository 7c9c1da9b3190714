"""Exhibits of the distilled models: the whole table, and score against size."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from marketshock.ai.benchmarks import METRIC, Benchmarks, Score, gain_per_parameter
from marketshock.exhibits.exhibit import MARK, Column, Exhibit, Size
from marketshock.exhibits.token_exhibits import weak_note
from marketshock.exhibits.words import both, pick
from marketshock.locale import Locale, Text
from marketshock.provenance import Status
from marketshock.table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["benchmark_scores", "benchmark_table"]

METRIC_WORDS = {
    "aime2024_pass1": Text("AIME 2024, first answer", "AIME 2024, prima risposta"),
    "aime2024_cons64": Text("AIME 2024, 64 answers", "AIME 2024, 64 risposte"),
    "math500_pass1": Text("MATH-500", "MATH-500"),
    "gpqa_diamond_pass1": Text("GPQA Diamond", "GPQA Diamond"),
    "livecodebench_pass1": Text("LiveCode Bench", "LiveCode Bench"),
    "codeforces_rating": Text("Code-forces", "Code-forces"),
}
"""Metrics in the order of the paper; a hyphen or blank lets a narrow head break."""
RATING = "codeforces_rating"
DISTILLED = "DeepSeek-R1-Distill-"
DIFFERS = "*"


def benchmark_table(found: Benchmarks) -> Exhibit:
    """All scores as in the paper; models with a cell in which the repository differs marked."""
    odd = {score.model for score in found.differences()}
    rows = []
    for row in found.table():
        mark = f" {MARK}" if row["status"] == Status.RECALLED.value else ""
        differs = f" {DIFFERS}" if row["model"] in odd else ""
        rows.append({**row, "label": row["model"] + differs + mark})
    return Exhibit(
        "benchmark_table",
        _table_title(found),
        Text(
            "Percent of tasks solved; Codeforces in rating points",
            "Percentuale di compiti risolti; Codeforces in punti di classifica",
        ),
        Table.from_rows("benchmark_table", rows),
        found.sources,
        both(lambda locale: _table_alt(found, locale)),
        columns=_columns(found),
        notes=_notes(found),
    )


def _columns(found: Benchmarks) -> tuple[Column, ...]:
    def cell(decimals: int) -> Callable[[float, Locale], str]:
        return lambda v, locale: locale.number(v, decimals)

    known = [metric for metric in METRIC_WORDS if metric in found.metrics]
    return (
        Column("label", Text("Model", "Modello"), lambda v, _: str(v), "left"),
        *(
            Column(metric, METRIC_WORDS[metric], cell(0 if metric == RATING else 1))
            for metric in known
        ),
    )


def _wins(found: Benchmarks) -> tuple[str, str, int]:
    """Return the distilled model that beats the strongest comparator most often, and how often.

    Strongest is the comparator that leads the others in most metrics; of equal models the
    smaller one counts.
    """
    distilled = [score.model for score in found.of(found.metrics[0]) if score.distilled]
    others = [model for model in found.models if model not in distilled]

    def value(model: str, metric: str) -> float:
        return found.score(model, metric).value

    leaders = [max(others, key=lambda m: value(m, metric)) for metric in found.metrics]
    strongest = max(others, key=leaders.count)
    counts = [
        sum(value(model, k) > value(strongest, k) for k in found.metrics) for model in distilled
    ]
    at = counts.index(max(counts))
    return distilled[at], strongest, counts[at]


def _table_title(found: Benchmarks) -> Text:
    model, other, wins = _wins(found)

    def words(locale: Locale) -> str:
        count, of = locale.number(wins), locale.number(len(found.metrics))
        short = model.removeprefix(DISTILLED)
        return pick(
            locale,
            f"The distilled {short} is ahead of {other} in {count} of {of} tests",
            f"{short} distillato supera {other} in {count} prove su {of}",
        )

    return both(words)


def _table_alt(found: Benchmarks, locale: Locale) -> str:
    models, metrics = locale.number(len(found.models)), locale.number(len(found.metrics))
    odd = locale.number(len(found.differences()))
    return pick(
        locale,
        f"Table of {models} models and {metrics} tests; paper and repository differ in {odd}.",
        f"Tabella di {models} modelli e {metrics} prove; articolo e archivio differiscono in "
        f"{odd}.",
    )


def _difference(score: Score) -> Text:
    """Return what paper and repository give for a cell."""

    def words(locale: Locale) -> str:
        name = METRIC_WORDS[score.metric][locale.lang]
        paper, other = locale.number(score.value, 1), locale.number(score.repository, 1)
        return pick(
            locale,
            f"{DIFFERS} {name}: {paper} in the paper, {other} in the repository.",
            f"{DIFFERS} {name}: {paper} nell'articolo, {other} nell'archivio del codice.",
        )

    return both(words)


def _notes(found: Benchmarks) -> tuple[Text, ...]:
    notes = [_difference(score) for score in found.differences()]
    weak = [score.model for score in found.scores if score.status is Status.RECALLED]
    return (*notes, weak_note(weak)) if weak else tuple(notes)


def benchmark_scores(
    found: Benchmarks, metric: str = METRIC, comparator: str = "GPT-4o-0513"
) -> Exhibit:
    """Scores of one metric against the size of the distilled models, comparators as levels."""
    gains = gain_per_parameter(found, metric, comparator)
    by_model = {gain.model: gain for gain in gains.gains}
    rows = []
    for score in found.of(metric):
        gain = by_model.get(score.model)
        mark = DIFFERS if score.differs else ""
        mark += f" {MARK}" if score.status is Status.RECALLED else ""
        rows.append(
            {
                "model": score.model,
                "label": score.model.removeprefix(DISTILLED) + mark,
                "distilled": score.distilled,
                "parameters_bn": score.parameters_bn,
                "score": score.value,
                "gain": gain and gain.gain,
                "gain_per_bn": gain and gain.gain_per_bn,
                "status": score.status.value,
            }
        )
    slope = gains.points_per_tenfold
    decimals = 0 if metric == RATING else 1

    def draw(table: Table, locale: Locale, size: Size) -> Figure:
        from marketshock.exhibits.charts_size import SizedScore, scores_by_size

        models = [
            SizedScore(row["label"], row["score"], row["parameters_bn"])
            for row in table
            if row["distilled"]
        ]
        levels = [SizedScore(row["label"], row["score"]) for row in table if not row["distilled"]]
        points = locale.number(slope, decimals, sign=True)
        return scores_by_size(
            models,
            levels,
            slope,
            slope_label=pick(
                locale, f"{points} for ten times the size", f"{points} per dieci volte"
            ),
            x_label=pick(
                locale,
                "Parameters, billions, logarithmic scale",
                "Parametri, miliardi, scala logaritmica",
            ),
            locale=locale,
            size=size,
            decimals=decimals,
        )

    return Exhibit(
        "benchmark_scores",
        _scores_title(rows, slope, decimals),
        _scores_unit(metric),
        Table.from_rows("benchmark_scores", rows),
        found.sources,
        both(lambda locale: _scores_alt(rows, decimals, locale)),
        draw,
        notes=(_SLOPE, *_notes_of(found, metric)),
    )


def _notes_of(found: Benchmarks, metric: str) -> tuple[Text, ...]:
    scores = tuple(score for score in found.scores if score.metric == metric)
    return _notes(Benchmarks(scores))


def _scores_title(rows: list[dict[str, Any]], slope: float, decimals: int) -> Text:
    distilled = [row for row in rows if row["distilled"]]
    best = max(distilled, key=lambda row: row["score"])
    largest = max(distilled, key=lambda row: row["parameters_bn"])

    def words(locale: Locale) -> str:
        points = locale.number(slope, decimals)
        head = pick(
            locale,
            f"Ten times the size brings {points} points",
            f"Dieci volte la dimensione valgono {points} punti",
        )
        if best is largest:
            return head
        return head + pick(
            locale,
            f", yet {best['label']} beats {largest['label']}",
            f", ma {best['label']} supera {largest['label']}",
        )

    return both(words)


def _scores_unit(metric: str) -> Text:
    name = METRIC_WORDS.get(metric, Text(metric, metric))
    rating = metric == RATING
    return Text(
        f"{name.en.replace('Code-', 'Code')}: "
        + ("rating points" if rating else "percent of tasks solved")
        + "; distilled models by size, comparators dashed",
        f"{name.it.replace('Code-', 'Code')}: "
        + ("punti di classifica" if rating else "percentuale di compiti risolti")
        + "; modelli distillati per dimensione, confronti tratteggiati",
    )


def _scores_alt(rows: list[dict[str, Any]], decimals: int, locale: Locale) -> str:
    ordered = sorted(rows, key=lambda row: row["score"])
    low, high = ordered[0], ordered[-1]
    count = locale.number(len(rows))
    least, most = (locale.number(row["score"], decimals) for row in (low, high))
    return pick(
        locale,
        f"Scatter of {count} scores: from {low['model']}, {least}, to {high['model']}, {most}.",
        f"Diagramma di {count} punteggi: da {low['model']}, {least}, a {high['model']}, {most}.",
    )


_SLOPE = Text(
    "Line of least squares through the distilled models on the logarithm of their size: a "
    "description of these models, not an estimate for others. Sizes as in the models' names.",
    "Retta dei minimi quadrati dei modelli distillati sul logaritmo della dimensione: descrive "
    "questi modelli, non è una stima per altri. Dimensioni come nei nomi dei modelli.",
)
