"""What the tests see of a drawing: its texts, its marks, and whether anything is cut or covered."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox


def lines_of(figure: Figure) -> list[Any]:
    return list(figure.axes[0].lines)


def patches_of(figure: Figure) -> list[Any]:
    return list(figure.axes[0].patches)


def written(figure: Figure) -> list[Text]:
    """Every text that is visible: labels and tick labels."""
    axes = figure.axes[0]
    ticks = [*axes.get_xticklabels(), *axes.get_yticklabels()]
    return [text for text in [*ticks, *axes.texts] if text.get_text().strip()]


def words(figure: Figure) -> list[str]:
    return [text.get_text() for text in written(figure)]


def text_box(text: Text) -> Bbox:
    """The text's box without the room for ascenders and descenders (millimetres 0.25)."""
    box = Text.get_window_extent(text)
    return box.padded(-0.3, -0.25 / 25.4 * 200)


def assert_clean(figure: Figure) -> None:
    """No text leaves the figure, no two texts overlap, no mark leaves the axes."""
    boxes = [(text.get_text(), text_box(text)) for text in written(figure)]
    page = figure.bbox.padded(0.5)
    for text, box in boxes:
        assert page.x0 <= box.x0, text
        assert box.x1 <= page.x1, text
        assert page.y0 <= box.y0, text
        assert box.y1 <= page.y1, text
    for (text, box), (other, second) in itertools.combinations(boxes, 2):
        assert not box.overlaps(second), (text, other)
    axes = figure.axes[0]
    area = axes.bbox.padded(1.0)
    for patch in axes.patches:
        box = patch.get_window_extent()
        assert area.x0 <= box.x0, patch
        assert box.x1 <= area.x1, patch
        assert area.y0 <= box.y0, patch
        assert box.y1 <= area.y1, patch
    for line in axes.lines:
        if line.get_transform() == axes.transData:
            points = axes.transData.transform(np.column_stack(line.get_data()).astype(float))
            points = points[np.isfinite(points).all(axis=1)]
            assert ((points >= area.min) & (points <= area.max)).all(), line


def assert_bars_free(figure: Figure, but: Sequence[str] = ()) -> None:
    """No text lies on a coloured bar or column."""
    axes = figure.axes[0]
    bars = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    for text in axes.texts:
        box = text_box(text)
        for bar in bars:
            if bar.get_width() and bar.get_height() and text.get_text() not in but:
                inner = bar.get_window_extent().padded(-0.5)
                assert not box.overlaps(inner), (text.get_text(), bar)


def every_text(figure: Figure) -> list[Text]:
    """Every text that is visible, in all axes."""
    found: list[Text] = []
    for axes in figure.axes:
        found += [*axes.get_xticklabels(), *axes.get_yticklabels(), *axes.texts]
    return [text for text in found if text.get_text().strip()]


def all_patches(figure: Figure) -> list[Any]:
    """Bars, columns and boxes of all axes."""
    return [patch for axes in figure.axes for patch in axes.patches if isinstance(patch, Rectangle)]


def assert_whole(figure: Figure) -> None:
    """No text leaves the figure or meets another, no mark leaves its axes; in all axes."""
    page = figure.bbox.padded(0.5)
    boxes = [(text.get_text(), text_box(text)) for text in every_text(figure)]
    for words, box in boxes:
        assert page.x0 <= box.x0, words
        assert box.x1 <= page.x1, words
        assert page.y0 <= box.y0, words
        assert box.y1 <= page.y1, words
    for (words, box), (other, second) in itertools.combinations(boxes, 2):
        assert not box.overlaps(second), (words, other)
    for axes in figure.axes:
        area = axes.bbox.padded(1.0)
        for points, artist in _marks(axes):
            inside = (points >= area.min) & (points <= area.max)
            assert inside[np.isfinite(points)].all(), artist


def _marks(axes: Any) -> Iterator[tuple[Any, Any]]:
    """Corners of everything that is drawn in data units, in pixels."""
    for patch in axes.patches:
        yield np.asarray(patch.get_window_extent().get_points()), patch
    for line in axes.lines:
        if line.get_transform() == axes.transData:
            yield axes.transData.transform(np.column_stack(line.get_data()).astype(float)), line
    for collection in axes.collections:
        if collection.get_transform() == axes.transData:
            for path in collection.get_paths():
                yield axes.transData.transform(np.asarray(path.vertices, dtype=float)), collection
