"""Write the tables of size and power as Markdown: ``python tests/simulation/table.py``.

They stand in docs/methodology.md; every number is drawn anew from fixed seeds.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from placebos import placebo_sizes
from simulated import Case, Rate, rejections

STOCKS, CORRELATIONS, LENGTHS = (5, 20), (0.0, 0.1, 0.3), (1, 5)
RUNS, POWER_RUNS, HISTORIES = 10_000, 2_000, 300


def with_placebos(case: Case, runs: int) -> list[Rate]:
    """Return the rates of one date, placebo dates beside them."""
    rates = list(rejections(case, runs))
    if not case.effect:
        rates += placebo_sizes(Case(case.stocks, case.correlation, tails=case.tails), HISTORIES)
    return rates


def table(title: str, cases: dict[str, Case], answer: Callable[[Case], list[Rate]]) -> str:
    """Return one Markdown table: a row a test, a column a case and window length."""
    found = {name: {(r.test, r.length): r for r in answer(case)} for name, case in cases.items()}
    names = dict.fromkeys(name for rates in found.values() for name, _ in rates)
    heads = [f"{name}, L={length}" for name in cases for length in LENGTHS]
    lines = [f"**{title}**", "", f"| test | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    for test in names:
        cells = [found[name].get((test, length)) for name in cases for length in LENGTHS]
        lines.append(f"| {test} | {' | '.join(map(_cell, cells))} |")
    return "\n".join(lines)


def _cell(rate: Rate | None) -> str:
    """Return per cent; in brackets where the battery does not call the test valid."""
    if rate is None:
        return "–"
    share = f"{100 * rate.share:.1f}"
    return share if rate.valid else f"({share})"


def cases(**more: object) -> dict[str, Case]:
    return {
        f"N={stocks}, r={r}": Case(stocks, r, **more) for stocks in STOCKS for r in CORRELATIONS
    }


def main() -> None:
    many = {
        f"{dates}, r={r}": Case(20, r, dates)
        for dates in ("apart", "groups", "close")
        for r in (0.1, 0.3)
    }
    parts = [
        table("Size, one date, normal", cases(), lambda case: with_placebos(case, RUNS)),
        table("Size, one date, t(5)", cases(tails=5), lambda case: with_placebos(case, RUNS)),
        table("Size, several dates, N=20", many, lambda case: list(rejections(case, RUNS // 2))),
        table(
            "Power, one date, -2 % planted",
            cases(effect=-0.02),
            lambda case: with_placebos(case, POWER_RUNS),
        ),
    ]
    sys.stdout.write("\n\n".join(parts) + "\n")


if __name__ == "__main__":
    main()
