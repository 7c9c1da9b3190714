"""Characteristics of the stocks of a study as regressors: joined, complete, not collinear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from marketshock.errors import InsufficientDataError, SingularModelError, UserInputError
from marketshock.eventstudy.ols import regular
from marketshock.eventstudy.result import Dropped, StudyResult
from marketshock.locale import Text
from marketshock.market.panel import Floats

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Covariates", "covariates"]

NOT_LISTED = Text("no row of characteristics", "nessuna riga di caratteristiche")


@dataclass(frozen=True, slots=True, eq=False)
class Covariates:
    """Regressors of the events that have all characteristics.

    Parameters
    ----------
    names : tuple of str of length p
    values : ndarray of shape (n, p)
    rows : ndarray of int of shape (n,)
        Positions among the events of the study.
    left_out : tuple of Dropped
        Events without all characteristics, each with what is missing.
    """

    names: tuple[str, ...]
    values: Floats
    rows: np.ndarray[tuple[int], np.dtype[np.intp]]
    left_out: tuple[Dropped, ...]

    @property
    def design(self) -> Floats:
        """Intercept and characteristics, shape (n, p + 1)."""
        return np.column_stack([np.ones(len(self.values)), self.values])


def covariates(
    result: StudyResult, characteristics: pd.DataFrame | Floats, names: Sequence[str] = ()
) -> Covariates:
    """Join characteristics to the events of a study.

    Parameters
    ----------
    result : StudyResult
    characteristics : DataFrame or ndarray of shape (n_events, p)
        A frame has event ids or symbols as its index, or in a column of that name. Its
        words (a sector) become indicators of each word but the first in the alphabet; a
        missing cell leaves the event out. An array is in the order of the result's events.
    names : sequence of str
        Names for the columns of an array.

    Raises
    ------
    UserInputError
        If nothing matches, a label stands twice, or a number is infinite.
    InsufficientDataError
        If fewer than p + 2 events have all characteristics.
    SingularModelError
        If characteristics are constant or collinear over these events.
    """
    if isinstance(characteristics, np.ndarray):
        labels, values = _from_array(result, characteristics, names)
    else:
        labels, values = _from_frame(result, characteristics)
    if np.isinf(values).any():
        raise UserInputError("A characteristic is infinite.", "Leave the cell empty instead.")
    missing = np.isnan(values)
    rows = np.flatnonzero(~missing.any(axis=1))
    left_out = tuple(
        _left_out(result, int(row), labels, missing[row])
        for row in np.flatnonzero(missing.any(axis=1))
    )
    kept = values[rows]
    if len(rows) < len(labels) + 2:
        raise InsufficientDataError(
            f"{len(rows)} of {len(values)} events have all {len(labels)} characteristics; a "
            f"regression on them needs {len(labels) + 2}.",
            "Use fewer characteristics or more events.",
        )
    answer = Covariates(tuple(labels), kept, rows, left_out)
    constant = [name for name, column in zip(labels, kept.T, strict=True) if np.ptp(column) == 0]
    if constant or not regular(answer.design):
        raise SingularModelError(
            f"The characteristics {', '.join(constant or labels)} are "
            f"{'constant' if constant else 'collinear'} over the {len(rows)} events.",
            "Leave one out.",
        )
    return answer


def _from_array(
    result: StudyResult, given: Floats, names: Sequence[str]
) -> tuple[list[str], Floats]:
    values = np.asarray(given, float)
    values = values[:, None] if values.ndim == 1 else values
    if values.ndim != 2 or len(values) != len(result.abnormal):
        raise UserInputError(
            f"Characteristics of shape {given.shape} for {len(result.abnormal)} events.",
            "Give one row an event, or a frame with symbols as its index.",
        )
    labels = list(names) or [f"x{number + 1}" for number in range(values.shape[1])]
    if len(labels) != values.shape[1]:
        raise UserInputError(f"{len(labels)} names for {values.shape[1]} characteristics.")
    return labels, values


def _from_frame(result: StudyResult, frame: pd.DataFrame) -> tuple[list[str], Floats]:
    abnormal = result.abnormal
    for key in ("event_id", "symbol"):
        if key in frame.columns:
            frame = frame.set_index(key)
            break
    if frame.index.has_duplicates:
        twice = frame.index[frame.index.duplicated()][0]
        raise UserInputError(f"{twice!r} stands twice among the characteristics.")
    by_id = frame.index.isin(abnormal.event_ids).any()
    keys = abnormal.event_ids if by_id else abnormal.symbols
    if not frame.index.isin(keys).any():
        raise UserInputError(
            "No event of the study stands among the characteristics.",
            f"Their index must hold symbols, for example {abnormal.symbols[0]}.",
        )
    found = frame.reindex(list(keys))
    columns: dict[str, Floats] = {}
    for name in found.columns:
        columns |= _numbers(str(name), found[name])
    if not columns:
        raise UserInputError("The frame has no column of characteristics.")
    return list(columns), np.column_stack(list(columns.values()))


def _numbers(name: str, column: pd.Series[Any]) -> dict[str, Floats]:
    """Return a column as it is, or words as indicators of each but the first."""
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    missing = column.isna().to_numpy()
    if is_numeric_dtype(column) or is_bool_dtype(column):
        return {name: column.to_numpy(float, na_value=np.nan)}
    words = column.to_numpy(object)
    if all(isinstance(word, (bool, np.bool_)) for word in words[~missing]):
        return {name: np.where(missing, np.nan, words == True)}  # noqa: E712  (elementwise)
    levels = sorted({str(word) for word in words[~missing]})
    texts = np.array([str(word) for word in words])
    if len(levels) < 2:
        return {name: np.where(missing, np.nan, 0.0)}
    return {f"{name}: {level}": np.where(missing, np.nan, texts == level) for level in levels[1:]}


def _left_out(
    result: StudyResult,
    row: int,
    labels: Sequence[str],
    missing: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> Dropped:
    abnormal = result.abnormal
    reason = NOT_LISTED
    if not missing.all():
        lacking = dict.fromkeys(
            label.split(": ")[0] for label, gone in zip(labels, missing, strict=True) if gone
        )
        words = ", ".join(lacking)
        reason = Text(f"no {words}", f"manca {words}")
    return Dropped(abnormal.event_ids[row], abnormal.symbols[row], reason)
