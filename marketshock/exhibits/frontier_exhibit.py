"""The exhibit of performance against spending on compute, a schematic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marketshock.ai.compute_frontier import ComputeFrontier
from marketshock.exhibits.exhibit import Exhibit, Size
from marketshock.exhibits.log_scale import plain
from marketshock.exhibits.words import both, pick
from marketshock.locale import Locale, Text
from marketshock.table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from marketshock.exhibits.charts_frontier import FrontierWords

__all__ = ["compute_frontier"]


def compute_frontier(frontier: ComputeFrontier) -> Exhibit:
    """Both curves with access effect, performance effect and the arrow along the later curve."""
    now = frontier.performance_effect
    arrows = (
        (1.0, 0.0),
        (frontier.access_effect, 0.0),
        (1.0, now),
        (frontier.spending, now + frontier.spending_effect),
    )

    def draw(table: Table, locale: Locale, size: Size) -> Figure:
        from marketshock.exhibits.charts_frontier import frontier_chart

        return frontier_chart(
            table["spending"],
            table["before"],
            table["later"],
            arrows,
            _words(frontier, locale),
            locale=locale,
            size=size,
        )

    return Exhibit(
        "compute_frontier",
        both(lambda locale: _title(frontier, locale)),
        Text(
            "Schematic, nothing fitted: performance of a model against spending on training "
            "compute, first moment = 1; logarithmic scale",
            "Schema, nulla di stimato: prestazioni di un modello e spesa in calcolo per "
            "l'addestramento, primo momento = 1; scala logaritmica",
        ),
        frontier.table(),
        frontier.sources,
        both(lambda locale: _alt(frontier, locale)),
        draw,
        notes=(_THIRD, both(lambda locale: _assumed(frontier, locale))),
    )


def _times(value: float, locale: Locale) -> str:
    return locale.number(value, 0 if value == int(value) else 1)


def _title(frontier: ComputeFrontier, locale: Locale) -> str:
    times = _times(frontier.efficiency, locale)
    share = locale.percent(frontier.access_effect, 0)
    return pick(
        locale,
        f"Efficiency {times} times higher: the same result for {share} of the spending, or a "
        "better one",
        f"Efficienza {times} volte maggiore: stesso risultato con il {share} della spesa, o uno "
        "migliore",
    )


def _words(frontier: ComputeFrontier, locale: Locale) -> FrontierWords:
    from marketshock.exhibits.charts_frontier import FrontierWords

    months = plain(frontier.months, locale)
    share = locale.percent(frontier.access_effect, 0)
    times = _times(frontier.spending, locale)
    return FrontierWords(
        before=pick(locale, "first moment", "primo momento"),
        later=pick(locale, f"{months} months later", f"{months} mesi dopo"),
        access=pick(
            locale,
            f"Access effect: the same performance for {share} of the spending",
            f"Effetto di accesso: stesse prestazioni con il {share} della spesa",
        ),
        performance=pick(
            locale,
            "Performance effect: more for the same spending",
            "Effetto di prestazione: di più con la stessa spesa",
        ),
        spending=pick(
            locale,
            f"Third arrow: {times} times the spending with the new techniques",
            f"Terza freccia: {times} volte la spesa con le nuove tecniche",
        ),
        x_label=pick(
            locale, "Spending on training compute", "Spesa in calcolo per l'addestramento"
        ),
        y_label=pick(locale, "Performance", "Prestazioni"),
        schematic=pick(locale, "schematic", "schema"),
    )


def _alt(frontier: ComputeFrontier, locale: Locale) -> str:
    share = locale.percent(frontier.access_effect, 0)
    times = _times(frontier.spending, locale)
    return pick(
        locale,
        "Schematic of two rising curves with three arrows: left to the later curve, "
        f"{share} of the spending; up to it; and along it to {times} times the spending.",
        "Schema di due curve crescenti con tre frecce: a sinistra fino alla curva successiva, "
        f"{share} della spesa; in alto fino a essa; lungo essa fino a {times} volte la spesa.",
    )


def _assumed(frontier: ComputeFrontier, locale: Locale) -> str:
    doubling = plain(frontier.doubling_months, locale)
    return pick(
        locale,
        f"Assumed: efficiency doubles every {doubling} months (Epoch AI: 8, between 5 and 14, for "
        "algorithms); performance rises with the logarithm of effective compute.",
        f"Ipotesi: l'efficienza raddoppia ogni {doubling} mesi (Epoch AI: 8, tra 5 e 14, per gli "
        "algoritmi); le prestazioni crescono con il logaritmo del calcolo effettivo.",
    )


_THIRD = Text(
    "The paper's vertical effect holds for the same spending. More performance from more "
    "compute, as the research note puts it, is the dotted arrow along the curve.",
    "Nell'articolo l'effetto verticale vale a parità di spesa. Più prestazioni da più calcolo, "
    "come scrive la nota di ricerca, è la freccia punteggiata lungo la curva.",
)
