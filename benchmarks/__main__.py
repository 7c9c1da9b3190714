"""Print every ratio as a Markdown table."""

from __future__ import annotations

import os
import sys

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

from benchmarks.engine import engine_lines  # noqa: E402  (the thread count comes first)
from benchmarks.scan import scan_lines  # noqa: E402
from benchmarks.startup import startup_lines  # noqa: E402


def main() -> None:
    """Measure everything, one line at a time."""
    out = sys.stdout
    out.write("| metric | measured | floor | goal | met |\n|---|---|---|---|---|\n")
    for lines in (engine_lines, scan_lines, startup_lines):
        for line in lines():
            out.write(line.row() + "\n")
            out.flush()


if __name__ == "__main__":
    main()
