"""Scores of the distilled models (Table 5 of the DeepSeek-R1 paper) and what size buys."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from marketshock.errors import DataCorruptError, InsufficientDataError, UserInputError, suggest
from marketshock.provenance import Source, Status, weakest
from marketshock.table import Row, Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Benchmarks", "Gain", "GainPerParameter", "Score", "gain_per_parameter"]

_COLUMNS = ("model", "base_model", "role", "metric", "paper_value", "repository_value", "status")
_SIZE = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)B\b")
METRIC = "aime2024_pass1"


@dataclass(frozen=True, slots=True)
class Score:
    """One cell of the table.

    Parameters
    ----------
    model, base_model, metric : str
        `base_model` is the model that was tuned; empty for a comparator.
    distilled : bool
    value : float
        As in the paper: percent, rating points for Codeforces.
    repository : float or None
        The same cell in the repository, where it stands there.
    status : Status
    """

    model: str
    base_model: str
    metric: str
    distilled: bool
    value: float
    repository: float | None
    status: Status

    @property
    def parameters_bn(self) -> float | None:
        """Billions of parameters as the model's name states them, or None."""
        found = _SIZE.search(self.model)
        return float(found[1]) if found else None

    @property
    def differs(self) -> bool:
        """Whether paper and repository give different figures."""
        return self.repository is not None and self.repository != self.value


@dataclass(frozen=True, slots=True, eq=False)
class Benchmarks:
    """All scores, models by rising size with the comparators first.

    Parameters
    ----------
    scores : tuple of Score
    sources : tuple of Source
    """

    scores: tuple[Score, ...]
    sources: tuple[Source, ...] = ()

    @classmethod
    def from_table(cls, table: Table, sources: tuple[Source, ...] = ()) -> Benchmarks:
        """Read a table of scores; the columns of printed figures are not read.

        Raises
        ------
        DataCorruptError
            If a column or a cell is missing, or a cell stands there twice.
        """
        missing = [name for name in _COLUMNS if name not in table.columns]
        if missing:
            raise DataCorruptError(f"Table {table.name} lacks {', '.join(missing)}.")
        scores = sorted(map(_score, table), key=lambda s: (s.distilled, s.parameters_bn or 0.0))
        cells = [(score.model, score.metric) for score in scores]
        made = cls(tuple(scores), sources)
        lacking = {(m, k) for m in made.models for k in made.metrics} - set(cells)
        if lacking or len(set(cells)) < len(cells):
            wrong = sorted(lacking) or sorted({cell for cell in cells if cells.count(cell) > 1})
            raise DataCorruptError(
                f"Table {table.name}: each model needs each metric once; wrong: {wrong}."
            )
        return made

    @property
    def models(self) -> tuple[str, ...]:
        """Names of all models."""
        return tuple(dict.fromkeys(score.model for score in self.scores))

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of all metrics."""
        return tuple(sorted({score.metric for score in self.scores}))

    def score(self, model: str, metric: str) -> Score:
        """Return one cell.

        Raises
        ------
        UserInputError
            If there is no such model or metric.
        """
        for wanted, known in ((model, self.models), (metric, self.metrics)):
            if wanted not in known:
                hint = suggest(wanted, known) or f"Known: {', '.join(known)}."
                raise UserInputError(f"No scores of {wanted!r}.", hint)
        return next(s for s in self.scores if (s.model, s.metric) == (model, metric))

    def of(self, metric: str) -> tuple[Score, ...]:
        """Return the scores of one metric, comparators first, then by size."""
        return tuple(self.score(model, metric) for model in self.models)

    def rank(self, model: str, metric: str) -> int:
        """Return the place of a model in one metric: 1 is the best, equal scores share it."""
        own = self.score(model, metric).value
        return 1 + sum(other.value > own for other in self.of(metric))

    def differences(self) -> tuple[Score, ...]:
        """Return the cells in which paper and repository disagree."""
        return tuple(score for score in self.scores if score.differs)

    def table(self) -> Table:
        """Return one row a model, one column a metric, as in the paper."""
        rows = []
        for model in self.models:
            cells = {metric: self.score(model, metric) for metric in self.metrics}
            first = next(iter(cells.values()))
            rows.append(
                {
                    "model": model,
                    "base_model": first.base_model or None,
                    "parameters_bn": first.parameters_bn,
                    **{metric: cell.value for metric, cell in cells.items()},
                    "status": weakest(cell.status for cell in cells.values()).value,
                }
            )
        return Table.from_rows("benchmarks", rows)

    def to_records(self) -> list[dict[str, Any]]:
        """Return the rows of :meth:`table` ready for JSON."""
        return self.table().to_records()

    def to_frame(self) -> pd.DataFrame:
        """Return the rows of :meth:`table` as a pandas frame."""
        return self.table().to_frame()

    def summary(self) -> str:
        """Return the table and where paper and repository disagree."""
        odd = [
            f"{s.model} {s.metric}: paper {s.value:g}, repository {s.repository:g}"
            for s in self.differences()
        ]
        said = "; ".join(odd) or "none"
        head = f"{len(self.scores)} scores; paper and repository differ in {len(odd)}: {said}."
        return f"{head}\n{self.table().to_text()}"

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        return self.table().to_html()


@dataclass(frozen=True, slots=True)
class Gain:
    """How far one distilled model is above a comparator, for its size.

    Parameters
    ----------
    model : str
    parameters_bn : float
        Billions.
    score, gain : float
        Points; `gain` is the score less that of the comparator.
    gain_per_bn : float
        Points for each billion of parameters.
    status : Status
    """

    model: str
    parameters_bn: float
    score: float
    gain: float
    gain_per_bn: float
    status: Status


@dataclass(frozen=True, slots=True, eq=False)
class GainPerParameter:
    """Scores of the distilled models against their size, for one metric.

    Parameters
    ----------
    metric, comparator : str
    gains : tuple of Gain
        By rising size.
    points_per_tenfold : float
        Slope of the score on the logarithm to base ten of the parameters, least squares:
        points for ten times the size. It describes these models and tests nothing.
    sources : tuple of Source
    """

    metric: str
    comparator: str
    gains: tuple[Gain, ...]
    points_per_tenfold: float
    sources: tuple[Source, ...] = ()

    @property
    def points_per_doubling(self) -> float:
        """Points for twice the size."""
        return self.points_per_tenfold * math.log10(2.0)

    def table(self) -> Table:
        """Return one row a model."""
        return Table.from_rows(
            "gain_per_parameter",
            [
                {
                    "model": one.model,
                    "parameters_bn": one.parameters_bn,
                    "score": one.score,
                    "gain": one.gain,
                    "gain_per_bn": one.gain_per_bn,
                    "status": one.status.value,
                }
                for one in self.gains
            ],
        )

    def to_frame(self) -> pd.DataFrame:
        """Return the rows of :meth:`table` as a pandas frame."""
        return self.table().to_frame()

    def summary(self) -> str:
        """Return the gains in words and figures."""
        return (
            f"{self.metric} above {self.comparator}; {self.points_per_tenfold:.1f} points for ten "
            f"times the parameters.\n{self.table().to_text()}"
        )

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        return self.table().to_html()


def gain_per_parameter(
    table: Table | Benchmarks, metric: str = METRIC, comparator: str = "GPT-4o-0513"
) -> GainPerParameter:
    """Return what each distilled model gains on a comparator, by size.

    ``gain = score - score of the comparator``; ``gain / parameters``; and the least squares
    slope of the score on ``log10(parameters)``.

    Parameters
    ----------
    table : Table or Benchmarks
        Paper values are read; printed ones are not.
    metric, comparator : str

    Raises
    ------
    UserInputError
        If there is no such metric or model.
    InsufficientDataError
        If fewer than two models of different size were distilled.
    """
    found = table if isinstance(table, Benchmarks) else Benchmarks.from_table(table)
    base = found.score(comparator, metric)
    sized = [(s, s.parameters_bn) for s in found.of(metric) if s.distilled and s.parameters_bn]
    if len({size for _, size in sized}) < 2:
        raise InsufficientDataError("A slope needs distilled models of two sizes.")
    gains = tuple(
        Gain(
            one.model,
            size,
            one.value,
            one.value - base.value,
            (one.value - base.value) / size,
            weakest((one.status, base.status)),
        )
        for one, size in sized
        if size is not None
    )
    return GainPerParameter(metric, comparator, gains, _slope(gains), found.sources)


def _slope(gains: tuple[Gain, ...]) -> float:
    """Return the least squares slope of the score on log10 of the parameters."""
    x = [math.log10(one.parameters_bn) for one in gains]
    mean_x, mean_y = sum(x) / len(x), sum(one.score for one in gains) / len(gains)
    cross = sum((a - mean_x) * (one.score - mean_y) for a, one in zip(x, gains, strict=True))
    return cross / sum((a - mean_x) ** 2 for a in x)


def _score(row: Row) -> Score:
    if row["paper_value"] is None:
        raise DataCorruptError(f"{row['model']} has no score for {row['metric']}.")
    return Score(
        row["model"],
        row["base_model"],
        row["metric"],
        row["role"] == "distilled",
        row["paper_value"],
        row["repository_value"],
        Status(row["status"]),
    )
