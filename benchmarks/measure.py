"""Timing, memory, and one line of the table."""

from __future__ import annotations

import gc
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

__all__ = ["Line", "peak_memory", "process_seconds", "seconds"]


@dataclass(frozen=True, slots=True)
class Line:
    """One measured ratio with its floor and goal; `more` says whether larger is better."""

    metric: str
    value: float
    floor: float
    goal: float
    more: bool = True

    @property
    def verdict(self) -> str:
        """Return whether goal or floor is met."""

        def met(bar: float) -> bool:
            return self.value >= bar if self.more else self.value <= bar

        return "goal" if met(self.goal) else "floor" if met(self.floor) else "missed"

    def row(self) -> str:
        """Return the line of a Markdown table."""
        sign = "≥" if self.more else "≤"
        return (
            f"| {self.metric} | {self.value:.3g} | {sign} {self.floor:.3g} | "
            f"{sign} {self.goal:.3g} | {self.verdict} |"
        )


def seconds(work: Callable[[], Any], repeats: int = 5) -> float:
    """Return the median wall time of a call, after one to warm up."""
    work()
    times = []
    for _ in range(repeats):
        gc.collect()
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return median(times)


def process_seconds(*arguments: str, repeats: int = 5) -> float:
    """Return the median wall time of a fresh interpreter with these arguments."""
    command = [sys.executable, *arguments]
    return seconds(lambda: subprocess.run(command, check=True, capture_output=True), repeats)


def peak_memory(work: Callable[[], Any]) -> tuple[int, Any]:
    """Return the peak of bytes allocated during a call, and what it returned."""
    gc.collect()
    tracemalloc.start()
    try:
        answer = work()
        return tracemalloc.get_traced_memory()[1], answer
    finally:
        tracemalloc.stop()
