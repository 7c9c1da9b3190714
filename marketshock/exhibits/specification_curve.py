"""The exhibit of a robustness grid: every choice of the grid, the declared one marked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from marketshock.errors import InsufficientDataError
from marketshock.eventstudy.robustness import LEVEL, RobustnessGrid, Specification
from marketshock.eventstudy.windows import EstimationWindow, EventWindow
from marketshock.exhibits.exhibit import Exhibit, Size
from marketshock.exhibits.words import MODEL_WORDS, TEST_WORDS, both, pick, stocks
from marketshock.locale import Locale, Text
from marketshock.table import Row, Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from marketshock.exhibits.charts_specifications import Choice

__all__ = ["specification_curve"]


def specification_curve(grid: RobustnessGrid) -> Exhibit:
    """Sorted CAAR of every specification with its 95 % interval, and the choices below.

    Raises
    ------
    InsufficientDataError
        If no specification could be computed.
    """
    if not grid.headline:
        reason = grid.failed[0].reason.en if grid.failed else ""
        raise InsufficientDataError(
            f"No specification could be computed. {reason}".strip(), "Choose another grid."
        )
    chosen = sorted(grid.headline, key=lambda one: one.caar or 0.0)
    rows = [_row(rank, one) for rank, one in enumerate(chosen, 1)]
    return Exhibit(
        "specification_curve",
        both(lambda locale: _title(grid, locale)),
        both(lambda locale: _unit(grid, locale)),
        Table.from_rows("specification_curve", rows),
        grid.sources,
        both(lambda locale: _alt(grid, chosen, locale)),
        _draw,
        notes=_notes(grid),
    )


def _row(rank: int, one: Specification) -> dict[str, Any]:
    low, high = one.interval or (None, None)
    return {
        "rank": rank,
        "model": one.model,
        "first": one.window.first,
        "last": one.window.last,
        "estimation": one.estimation.length,
        "gap": one.estimation.gap,
        "n": one.n,
        "caar": one.caar,
        "low": low,
        "high": high,
        "pvalue": one.pvalue,
        "valid": one.valid,
        "rejects": one.rejects,
        "declared": one.declared,
    }


def _draw(data: Table, locale: Locale, size: Size) -> Figure:
    from marketshock.exhibits.charts_specifications import specification_chart

    declared = [at for at, mark in enumerate(data["declared"]) if mark]
    return specification_chart(
        data["caar"],
        data["low"],
        data["high"],
        filled=data["rejects"],
        accent=declared[0] if declared else None,
        accent_label=pick(locale, "Declared:", "Dichiarata:"),
        choices=_choices(list(data), locale),
        x_label=pick(locale, "Specifications, by CAAR", "Specificazioni, per CAAR"),
        locale=locale,
        size=size,
    )


def _choices(rows: list[Row], locale: Locale) -> list[Choice]:
    """Return the rows of the lower panel: models, windows, estimation windows."""
    from marketshock.exhibits.charts_specifications import Choice

    several = len({row["gap"] for row in rows}) > 1
    kinds: tuple[tuple[Callable[[Row], Any], Callable[[Any], str]], ...] = (
        (lambda row: row["model"], lambda name: _capital(_model(name, locale))),
        (
            lambda row: EventWindow(row["first"], row["last"]),
            lambda window: _capital(_window(window, locale)),
        ),
        (
            lambda row: (row["estimation"], row["gap"]),
            lambda pair: _capital(_estimation(EstimationWindow(*pair), locale, gap=several)),
        ),
    )
    choices = []
    for group, (key, words) in enumerate(kinds):
        values = dict.fromkeys(map(key, rows))
        ordered = _by_model(values) if group == 0 else sorted(values)
        choices += [
            Choice(words(value), tuple(key(row) == value for row in rows), group)
            for value in ordered
        ]
    return choices


def _by_model(names: dict[str, None]) -> list[str]:
    """Return models in the order in which they are explained everywhere."""
    known = [name for name in MODEL_WORDS if name in names]
    return known + [name for name in names if name not in MODEL_WORDS]


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _model(name: str, locale: Locale) -> str:
    return MODEL_WORDS.get(name, Text(name, name))[locale.lang]


def _window(window: EventWindow, locale: Locale) -> str:
    last = locale.number(window.last, sign=True)
    span = f"[{locale.number(window.first, sign=True)}, {last}]"
    return pick(locale, f"window {span}", f"finestra {span}")


def _estimation(estimation: EstimationWindow, locale: Locale, *, gap: bool) -> str:
    length, out = locale.number(estimation.length), locale.number(estimation.gap)
    more = pick(locale, f", gap {out}", f", distacco {out}") if gap else ""
    return pick(locale, f"{length} estimation sessions", f"{length} sedute di stima") + more


def _described(one: Specification, locale: Locale) -> str:
    parts = (
        _model(one.model, locale),
        _window(one.window, locale),
        _estimation(one.estimation, locale, gap=True),
    )
    return ", ".join(parts)


def _title(grid: RobustnessGrid, locale: Locale) -> str:
    """Return how many specifications agree in sign, and how many of those reject chance."""
    caars = [one.caar or 0.0 for one in grid.headline]
    down = sum(value < 0 for value in caars) >= sum(value > 0 for value in caars)
    same = [one for one in grid.headline if (one.caar or 0.0) * (-1 if down else 1) > 0]
    n, agreeing = locale.number(len(caars)), locale.number(len(same))
    beyond = sum(one.rejects for one in same)
    move = pick(locale, "fall" if down else "rise", "calo" if down else "rialzo")
    if len(caars) == 1:
        size = locale.percent(caars[0], sign=True)
        return pick(
            locale, f"One specification alone: CAAR {size}", f"Una sola specificazione: CAAR {size}"
        )
    head = pick(
        locale,
        f"All {n} specifications show a {move}"
        if len(same) == len(caars)
        else f"{agreeing} of {n} specifications show a {move}",
        f"Tutte le {n} specificazioni indicano un {move}"
        if len(same) == len(caars)
        else f"{agreeing} specificazioni su {n} indicano un {move}",
    )
    if not grid.valid:
        return head + pick(locale, "; no test is valid", "; nessun test è valido")
    whole = beyond == len(same)
    number = pick(locale, "all", "tutte") if whole else locale.number(beyond)
    return head + pick(locale, f", {number} of them beyond chance", f", {number} oltre il caso")


def _unit(grid: RobustnessGrid, locale: Locale) -> str:
    level, test = locale.percent(LEVEL, 0), TEST_WORDS.get(grid.headline_test)
    name = test[locale.lang] if test else grid.headline_test
    share = locale.percent(0.95, 0)
    interval = ""
    if any(one.interval for one in grid.headline):
        interval = pick(
            locale,
            f"; line: {share} interval of {name}",
            f"; linea: intervallo al {share} ({name})",
        )
    return pick(
        locale,
        f"Mean cumulative abnormal return (CAAR), percent{interval}; solid: p below {level}",
        f"Rendimento anomalo cumulato medio (CAAR), per cento{interval}; pieno: p sotto il {level}",
    )


def _alt(grid: RobustnessGrid, chosen: list[Specification], locale: Locale) -> str:
    middle, ends = grid.median, grid.range or (None, None)
    low, high = (locale.percent(end, sign=True) for end in ends)
    n, size = locale.number(len(chosen)), locale.percent(middle, sign=True)
    rejecting, valid = locale.number(sum(one.rejects for one in chosen)), len(grid.valid)
    level = locale.percent(LEVEL, 0)
    text = pick(
        locale,
        f"Specification curve: {n} values of CAAR from {low} to {high}, median {size}; p below "
        f"{level} in {rejecting} of the {locale.number(valid)} with a valid test",
        f"Curva delle specificazioni: {n} valori di CAAR da {low} a {high}, mediana {size}; p "
        f"sotto il {level} in {rejecting} delle {locale.number(valid)} con test valido",
    )
    if grid.declared is None:
        return text + "."
    rank = locale.number(chosen.index(grid.declared) + 1)
    own, what = locale.percent(grid.declared.caar, sign=True), _described(grid.declared, locale)
    return text + pick(
        locale,
        f"; declared: {own}, number {rank} ({what}).",
        f"; dichiarata: {own}, numero {rank} ({what}).",
    )


def _notes(grid: RobustnessGrid) -> tuple[Text, ...]:
    counts = [one.n for one in grid.headline]

    def sample(locale: Locale) -> str:
        days = sorted({event.first_session or event.date for event in grid.events})
        when = locale.date(days[0])
        if len(days) > 1:
            when = f"{locale.date(days[0])} – {locale.date(days[-1])}"
        who = stocks(max(counts), locale)
        if min(counts) < max(counts):
            least = locale.number(min(counts))
            who = pick(locale, f"{least} to {who}", f"da {least} a {who}")
        return pick(locale, f"{who}, {when}.", f"{who}, {when}.")

    notes = [both(sample)]
    own = grid.declared
    if own is not None:
        notes.append(
            both(
                lambda locale: pick(
                    locale,
                    f"Declared: {_described(own, locale)}.",
                    f"Dichiarata: {_described(own, locale)}.",
                )
            )
        )
    if grid.failed:
        notes.append(both(lambda locale: _lost(grid, locale)))
    return tuple(notes)


def _lost(grid: RobustnessGrid, locale: Locale) -> str:
    n = locale.number(len(grid.failed))
    reasons = "; ".join(dict.fromkeys(one.reason[locale.lang].rstrip(".") for one in grid.failed))
    return pick(locale, f"Not computable: {n} ({reasons}).", f"Non calcolabili: {n} ({reasons}).")
