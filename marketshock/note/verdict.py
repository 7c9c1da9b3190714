"""The rule that turns a printed figure and a recomputed one into one of six words."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, get_args

from marketshock.locale import Text

__all__ = ["LEADS", "VERDICTS", "Figure", "Verdict", "judge", "printed_decimals", "verdict_of"]

Verdict = Literal["match", "rounding", "basis", "outdated", "wrong", "not_computable"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
Figure = float | str | dt.date
LEADS: dict[Verdict, Text] = {
    "match": Text("Confirmed", "Confermato"),
    "rounding": Text("Confirmed up to rounding", "Confermato a meno dell'arrotondamento"),
    "basis": Text("True on another basis or date", "Vero su un'altra base o un'altra data"),
    "outdated": Text(
        "True then, superseded by a change already announced",
        "Vero allora, superato da una variazione già annunciata",
    ),
    "wrong": Text("Not confirmed", "Non confermato"),
    "not_computable": Text("Not computed here", "Non calcolato qui"),
}


def printed_decimals(printed: float) -> int:
    """Return the decimals that a printed number shows; negative for its trailing zeros."""
    exponent = Decimal(repr(float(printed))).normalize().as_tuple().exponent
    return -int(exponent)


def judge(
    printed: float, recomputed: float, tolerance: float, decimals: int | None = None
) -> Literal["match", "rounding", "wrong"]:
    """Return ``match``, ``rounding`` or ``wrong`` for a figure on its own basis.

    ``match`` within the tolerance; ``rounding`` if equal once rounded or cut to the printed
    digits (negative `decimals` for tens and hundreds; default: those that `printed` shows);
    else ``wrong``. Whether another basis explains the figure is for :func:`verdict_of`.
    """
    if abs(printed - recomputed) <= tolerance:
        return "match"
    digits = printed_decimals(printed) if decimals is None else decimals
    scale = 10.0**digits
    cut = math.trunc(recomputed * scale) / scale
    if printed in (round(recomputed, digits), cut):
        return "rounding"
    return "wrong"


def verdict_of(
    printed: Figure | None,
    recomputed: Figure | None,
    *,
    tolerance: float = 0.0,
    decimals: int | None = None,
    alternatives: Sequence[Figure] = (),
    superseded_by: float | None = None,
) -> Verdict:
    """Return the verdict on a printed figure.

    Parameters
    ----------
    printed, recomputed : float, str or datetime.date
        None where there is none: then ``not_computable``. Words and days agree or they don't.
    tolerance : float
        In the unit of the figures.
    decimals : int, optional
        Printed digits, where the number doesn't show them.
    alternatives : sequence
        The same figure on other stated bases or dates.
    superseded_by : float, optional
        The figure after a change that was announced before the text was printed.
    """
    if printed is None or recomputed is None:
        return "not_computable"

    def own(figure: Figure) -> str:
        if isinstance(printed, (int, float)) and isinstance(figure, (int, float)):
            return judge(printed, figure, tolerance, decimals)
        return "match" if printed == figure else "wrong"

    found = own(recomputed)
    if found == "wrong":
        return "basis" if any(own(other) != "wrong" for other in alternatives) else "wrong"
    if superseded_by is not None and own(superseded_by) == "wrong":
        return "outdated"
    return "match" if found == "match" else "rounding"
