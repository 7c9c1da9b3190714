"""What a command costs before it does anything, over a bare interpreter."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.measure import Line, process_seconds

__all__ = ["startup_lines"]


def startup_lines() -> Iterator[Line]:
    """Yield the ratios of start-up."""
    bare = process_seconds("-c", "pass")
    for words, floor, goal in ((("--help",), 7, 4), (("losses", "--top", "10"), 20, 12)):
        ours = process_seconds("-m", "marketshock", *words)
        name = f"`marketshock {' '.join(words)}` over a bare interpreter"
        yield Line(name, ours / bare, floor, goal, more=False)
