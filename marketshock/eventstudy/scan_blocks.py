"""Every window at once, from sums that are added from two directions and never subtracted.

Sessions are cut into blocks as long as the estimation window. A window that starts in one
block ends in the next, so each of its sums is what is left of the first block plus what has
come of the second (van Herk 1992 has it for minima). A plain running sum would carry every
bad tick of the past along; here nothing outside a window touches its numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from marketshock.eventstudy.normal_equations import Solved, Transform, solve, solve_own, transform
from marketshock.eventstudy.ols import Bools, Whole
from marketshock.eventstudy.scan_exact import Answer, ScanInputs
from marketshock.market.panel import Floats

__all__ = ["Doubtful", "scan_blocks"]

SCRATCH = 200_000
"""Numbers in one array of sums: a block of sessions for as many stocks as that gives."""

LEAST_SHARE = 1e-2
"""Residual over total sum of squares below which cancellation costs more than two digits."""

LEAST_DETERMINANT = 1e-3
"""Of the Gram matrix of columns of length one; its least eigenvalue is no less than this / e."""

Doubtful = tuple[Whole, Whole]
"""Rows and columns of stock-days that block sums can't settle."""


class _Pair(NamedTuple):
    """Two neighbouring blocks: what all stocks share in the windows that start in the first.

    Parameters
    ----------
    both, rows : slice
        Rows that the windows read, and those of the second block.
    sessions : slice
        The L sessions that the windows forecast.
    triangle : ndarray of shape (n_rows, K (K + 1) / 2)
        Lower triangle of x x' by rows; zero where not known.
    shared : Transform
    observed, offsets : ndarray of shape (L, 1)
        Sessions known in each window, and the offset's sum of squares over it.
    x_event : ndarray of shape (L, K, 1)
    """

    both: slice
    rows: slice
    sessions: slice
    triangle: Floats
    shared: Transform
    observed: Floats
    offsets: Floats
    x_event: Floats

    @property
    def many(self) -> int:
        """L."""
        return len(self.x_event)


def scan_blocks(inputs: ScanInputs, answer: Answer) -> Iterator[Doubtful]:
    """Write what can be told from block sums; yield the stock-days that can't."""
    pairs = list(_pairs(inputs))
    width = max(16, SCRATCH // (inputs.estimation.length * (inputs.x.shape[1] + 1)))
    stocks = inputs.values.shape[1]
    for first in range(0, stocks if pairs else 0, width):
        columns = slice(first, min(first + width, stocks))
        part = replace(inputs, values=_by_rows(inputs.values[:, columns]))
        own = Answer(answer.ar[:, columns], answer.sar[:, columns], answer.used[:, columns])
        for rows, at in _scanned(part, pairs, own):
            yield rows, at + first


def _by_rows(values: Floats) -> Floats:
    """Return values whose rows lie together in memory; frames hold columns together."""
    by_columns = values.strides[0] < values.strides[1]
    return np.ascontiguousarray(values) if by_columns else values


def _pairs(inputs: ScanInputs) -> Iterator[_Pair]:
    """Yield neighbouring blocks with any session to forecast."""
    length, ahead = inputs.estimation.length, -inputs.estimation.first
    x, stop = inputs.x, len(inputs.x)
    columns = [x[:, i] * x[:, j] for i in range(x.shape[1]) for j in range(i + 1)]
    squares = np.nan_to_num(inputs.design.offset) ** 2
    every = np.column_stack([*columns, inputs.known.astype(float), squares])
    for start in range(inputs.first_row, stop - ahead, length):
        many = min(length, stop - ahead - start)
        both = slice(start, start + length + many - 1)
        sessions = slice(start + ahead, start + ahead + many)
        x_event = inputs.design.regressors[sessions, :, None]
        sums = np.cumsum(every[start : start + length][::-1], axis=0)[::-1][:many]
        sums[1:] += np.cumsum(every[start + length : both.stop], axis=0)
        yield _Pair(
            both,
            slice(start + length, min(start + 2 * length, stop)),
            sessions,
            every[both, :-2],
            transform(sums[:, :-2, None], x_event),
            sums[:, -2:-1],
            sums[:, -1:],
            x_event,
        )


def _scanned(inputs: ScanInputs, pairs: list[_Pair], answer: Answer) -> Iterator[Doubtful]:
    """Scan a few stocks from the first block to the last."""
    length = inputs.estimation.length
    shape = (length, inputs.x.shape[1] + 1, inputs.values.shape[1])
    sums, rest, z = np.empty(shape), np.empty(shape), np.empty(shape)
    first = inputs.first_row
    before = _products(inputs, slice(first, first + length), z)
    _backward(z, sums)
    for pair in pairs:
        after = _products(inputs, pair.rows, z)
        if pair.rows.stop - pair.rows.start == length:
            _backward(z, rest)
        _forward(z[: pair.many - 1])
        sums[1 : pair.many] += z[: pair.many - 1]
        window_sums, scratch = sums[: pair.many], z[: pair.many]
        holes = not (before and after)
        yield from _finished(inputs, pair, window_sums, scratch, answer, holes)
        sums, rest, before = rest, sums, after


def _products(inputs: ScanInputs, rows: slice, z: Floats) -> bool:
    """Write x y and y squared into the first rows of `z`, zero where y is not usable.

    Return whether no stock lacks a session that is known.
    """
    y, usable = _usable(inputs, rows)
    every = bool(usable.all())
    if not every:
        y = np.where(usable, y, 0.0)
    z = z[: len(y)]
    np.multiply(inputs.x[rows, :, None], y[:, None, :], out=z[:, :-1])
    np.multiply(y, y, out=z[:, -1])
    return every or bool(usable[inputs.known[rows]].all())


def _usable(inputs: ScanInputs, rows: slice) -> tuple[Floats, Bools]:
    """Return the returns less the offset, and which of them count, both (n_rows, n)."""
    y, offset, known = inputs.values[rows], inputs.design.offset[rows], inputs.known[rows]
    if offset.any():
        y = y - offset[:, None]
    usable = np.isfinite(y)
    return y, usable if known.all() else usable & known[:, None]


def _backward(z: Floats, sums: Floats) -> None:
    """Write into each row of `sums` the sum of `z` from that row to the last."""
    sums[-1] = z[-1]
    source, target = list(z), list(sums)
    for at in range(len(z) - 2, -1, -1):
        np.add(target[at + 1], source[at], out=target[at])


def _forward(z: Floats) -> None:
    """Turn each row of `z` into the sum of the first row to that one."""
    rows = list(z)
    for at in range(1, len(rows)):
        np.add(rows[at - 1], rows[at], out=rows[at])


def _finished(
    inputs: ScanInputs,
    pair: _Pair,
    sums: Floats,
    z: Floats,
    answer: Answer,
    holes: bool,
) -> Iterator[Doubtful]:
    """Write the sessions of a pair of blocks; `sums` and `z` are overwritten."""
    least = sums[:, -1] * LEAST_SHARE
    if pair.offsets.any():
        least += pair.offsets * LEAST_SHARE
    observed, own = _own(inputs, pair, sums) if holes else (pair.observed, [])
    solved = solve(pair.shared, sums, z)
    for at, part in own:
        solved = _replaced(solved, observed != pair.observed, at, part)
    ar, sar, used = (values[pair.sessions] for values in answer)
    np.subtract(inputs.values[pair.sessions], solved.expected, out=ar)
    if inputs.design.offset[pair.sessions].any():
        ar -= inputs.design.offset[pair.sessions, None]
    good = np.isfinite(ar) & (observed >= inputs.fewest)
    sound = (solved.squares > least) & (solved.determinant >= LEAST_DETERMINANT)
    if not sound.all():
        rows, stocks = np.nonzero(good & ~sound)
        yield rows + pair.sessions.start, stocks
        good &= sound
    variance = solved.squares
    variance *= solved.factor / np.maximum(observed - inputs.x.shape[1], 1.0)
    np.divide(ar, np.sqrt(variance, out=variance), out=sar)
    used[:] = observed
    if not good.all():
        ar[~good], sar[~good], used[~good] = np.nan, np.nan, 0


def _own(
    inputs: ScanInputs, pair: _Pair, sums: Floats
) -> tuple[Floats, list[tuple[Whole, Solved]]]:
    """Return the sessions used, and what stocks with holes in a window have of their own."""
    _, usable = _usable(inputs, pair.both)
    length = inputs.estimation.length
    so_far = np.vstack([np.zeros((1, usable.shape[1])), np.cumsum(usable, axis=0)])
    observed = so_far[length:] - so_far[: pair.many]
    partial = (observed != pair.observed) & (observed >= inputs.fewest)
    chosen = np.flatnonzero(partial.any(axis=0))
    width = max(1, SCRATCH // (length * max(1, pair.triangle.shape[1])))
    own = []
    for first in range(0, len(chosen), width):
        at = chosen[first : first + width]
        moments = pair.triangle[:, :, None] * usable[:, None, at]
        _backward(moments[:length], moments[:length])
        _forward(moments[length:])
        moments[1 : pair.many] += moments[length:]
        own.append((at, solve_own(moments[: pair.many], sums[:, :, at], pair.x_event)))
    return observed, own


def _replaced(solved: Solved, partial: Bools, at: Whole, own: Solved) -> Solved:
    """Return what is solved with the windows of some stocks that have holes replaced."""
    shape = solved.squares.shape
    whole = Solved(*(np.broadcast_to(part, shape).copy() for part in solved))
    for values, new in zip(whole, own, strict=True):
        values[:, at] = np.where(partial[:, at], new, values[:, at])
    return whole
