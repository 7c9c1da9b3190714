"""Message titles and notes of the exhibits made from a shock study."""

from __future__ import annotations

from dataclasses import dataclass

from marketshock.eventstudy.windows import EventWindow
from marketshock.exhibits.words import both, model_words, pick, stocks
from marketshock.locale import Locale, Text
from marketshock.market.sessions import to_day
from marketshock.shock.study import ShockStudy

__all__ = ["LEVEL", "Lead", "counts", "fell", "lead_of", "study_notes"]

LEVEL = 0.05
RECOVERED, PARTLY = 0.25, 0.75


@dataclass(frozen=True, slots=True)
class Lead:
    """The stock that a page speaks of first: the one that lost most dollars on session 0.

    Returns are decimals; dollars are billions, None without a share count.
    """

    symbol: str
    name: str
    row: int
    realised: float
    expected: float
    abnormal: float
    t: float
    pvalue: float
    loss_usd_bn: float | None


def lead_of(shock: ShockStudy) -> Lead:
    """Return the lead stock, measured over the result's first window.

    By dollars lost; by abnormal return where no stock has a share count.
    """
    window = shock.result.headline_window
    abnormal = shock.result.abnormal
    dollars = [loss.loss_usd_bn for loss in shock.dollars[window]]
    car = abnormal.car(window)
    known = [row for row, loss in enumerate(dollars) if loss is not None]
    if known:
        row = max(known, key=lambda number: abs(dollars[number] or 0.0))
    else:
        row = max(range(len(car)), key=lambda number: abs(car[number]))
    symbol = abnormal.symbols[row]
    line = shock.result.table("car").where(
        event_id=abnormal.event_ids[row], first=window.first, last=window.last
    )
    inside = abnormal.inside(window)
    return Lead(
        symbol,
        shock.name(symbol),
        row,
        float(abnormal.realised[row, inside].sum()),
        float(abnormal.expected[row, inside].sum()),
        float(car[row]),
        line["t"][0],
        line["pvalue"][0],
        dollars[row],
    )


def fell(value: float, locale: Locale) -> str:
    """Return "fell" or "rose" by the sign of a return."""
    return pick(locale, "fell", "in calo") if value < 0 else pick(locale, "rose", "in rialzo")


def counts(shock: ShockStudy, window: EventWindow) -> tuple[int, int]:
    """Return how many stocks fell, and rose, abnormally: each alone at the 5 % level."""
    rows = shock.result.table("car").where(first=window.first, last=window.last)
    low = sum(row["pvalue"] < LEVEL and row["car"] < 0 for row in rows)
    high = sum(row["pvalue"] < LEVEL and row["car"] > 0 for row in rows)
    return low, high


def window_words(shock: ShockStudy, window: EventWindow, locale: Locale) -> str:
    """Return the day of a one-session window, or the span of relative sessions."""
    if window.length == 1:
        inside = shock.result.abnormal.inside(window)
        return locale.date(to_day(shock.result.abnormal.sessions[0][inside][0]))
    span = f"[{locale.number(window.first)}, {locale.number(window.last, sign=True)}]"
    return pick(locale, f"sessions {span}", f"sedute {span}")


def study_notes(shock: ShockStudy) -> tuple[Text, ...]:
    """Return the notes of an exhibit: model and windows, caveats, gate, and what was dropped."""
    study, abnormal = shock.result.study, shock.result.abnormal

    def method(locale: Locale) -> str:
        first, last = (to_day(abnormal.estimation_sessions[0, at]) for at in (0, -1))
        model = model_words(study.model)[locale.lang]
        on = f", {shock.name(study.model.benchmark)}" if study.model.benchmark else ""
        span = f"{locale.short_date(first)} – {locale.short_date(last)}"
        length = locale.number(study.estimation.length)
        head = model[0].upper() + model[1:]
        return pick(
            locale,
            f"{head}{on}; {'estimated' if abnormal.parameters else 'variance measured'} over "
            f"{length} sessions, {span}.",
            f"{head}{on}; {'stima' if abnormal.parameters else 'varianza misurata'} su {length} "
            f"sedute, {span}.",
        )

    notes = [both(method)]
    notes += [_sentence(caveat) for caveat in shock.result.caveats]
    notes += [_sentence(item.text) for item in shock.findings if item.level == "FOOTNOTE"]
    lost = [
        drop for drop in (*shock.dropped, *shock.result.dropped) if not drop.symbol.startswith("^")
    ]
    notes += [
        Text(
            f"Left out: {shock.name(drop.symbol)} ({drop.reason.en}).",
            f"Escluso: {shock.name(drop.symbol)} ({drop.reason.it}).",
        )
        for drop in lost
    ]
    return tuple(notes)


def _sentence(text: Text) -> Text:
    return Text(text.en[0].upper() + text.en[1:] + ".", text.it[0].upper() + text.it[1:] + ".")


def path_title(shock: ShockStudy, row: int) -> Text:
    """Return whether what was lost on session 0 came back within the window."""
    abnormal = shock.result.abnormal
    at = abnormal.session_zero()
    start = float(abnormal.ar[row, at])
    after = float(abnormal.ar[row, at:].sum())
    left = after / start if start else 1.0
    sessions = int(abnormal.tau[-1])
    name = shock.name(abnormal.symbols[row])

    def words(locale: Locale) -> str:
        size = locale.percent(abs(start))
        number = locale.number(sessions)
        kind = pick(locale, "loss" if start < 0 else "gain", "perdita" if start < 0 else "guadagno")
        gender = "a" if start < 0 else "o"
        if left >= PARTLY:
            outcome = pick(locale, "was not reversed", f"non è stat{gender} riassorbit{gender}")
        elif left >= RECOVERED:
            outcome = pick(
                locale, "was reversed in part", f"è stat{gender} riassorbit{gender} in parte"
            )
        else:
            outcome = pick(locale, "was reversed", f"è stat{gender} riassorbit{gender}")
        return pick(
            locale,
            f"{name}: an abnormal {kind} of {size} in one session {outcome} "
            f"within {number} sessions",
            f"{name}: {kind} anomal{gender} del {size} in una seduta, {outcome} in {number} sedute",
        )

    return both(words)


def bars_title(shock: ShockStudy, window: EventWindow) -> Text:
    """Return how many moved abnormally, and who most."""
    low, high = counts(shock, window)
    car = shock.result.abnormal.car(window)
    n = len(car)
    worst = shock.name(shock.result.abnormal.symbols[int(car.argmin())])

    def words(locale: Locale) -> str:
        down, up, all_of = locale.number(low), locale.number(high), stocks(n, locale)
        if low == high == 0:
            return pick(
                locale,
                f"No stock alone left its own range: {all_of}",
                f"Nessun titolo da solo è uscito dal proprio intervallo: {all_of}",
            )
        if low >= high:
            rest = pick(locale, f"; {up} rose", f"; {up} in rialzo") if high else ""
            most = pick(locale, f", {worst} most", f", {worst} più di tutti") if n > 1 else ""
            return (
                pick(
                    locale,
                    f"{down} of {all_of} fell abnormally",
                    f"{down} su {all_of} in calo anomalo",
                )
                + most
                + rest
            )
        rest = pick(locale, f"; {down} fell", f"; {down} in calo") if low else ""
        return (
            pick(locale, f"{up} of {all_of} rose abnormally", f"{up} su {all_of} in rialzo anomalo")
            + rest
        )

    return both(words)


def rank_title(shock: ShockStudy, symbol: str) -> Text:
    """Return how rare the abnormal return of session 0 was among ordinary sessions."""
    rank = shock.result.quantile_rank(symbol) or {"rank": 0, "of": 0, "tail": "lower"}
    name, place, lower = shock.name(symbol), int(rank["rank"]), rank["tail"] == "lower"

    def words(locale: Locale) -> str:
        of = locale.number(int(rank["of"]))
        kind = pick(locale, "fall" if lower else "rise", "calo" if lower else "rialzo")
        if place == 1:
            return pick(
                locale,
                f"No abnormal {kind} of {name} in {of} sessions was larger",
                f"Il maggior {kind} anomalo di {name} in {of} sedute",
            )
        return pick(
            locale,
            f"{name}: abnormal {kind} number {place} by size in {of} sessions",
            f"{name}: {kind} anomalo numero {place} per ampiezza in {of} sedute",
        )

    return both(words)


def tests_title(shock: ShockStudy, window: EventWindow) -> Text:
    """Return how many of the valid tests speak against chance."""
    valid = [test for test in shock.result.tests[window] if test.valid]
    against = sum(test.pvalue is not None and test.pvalue < LEVEL for test in valid)
    caar = shock.result.abnormal.caar(window)

    def words(locale: Locale) -> str:
        size = locale.percent(caar, sign=True)
        numbers = locale.number(against), locale.number(len(valid))
        if not valid:
            return pick(
                locale,
                f"Average of {size}: no test of the group is valid here",
                f"Media {size}: nessun test di gruppo è valido qui",
            )
        return pick(
            locale,
            f"Average abnormal return {size}: {numbers[0]} of {numbers[1]} valid tests "
            "reject chance",
            f"Rendimento anomalo medio {size}: {numbers[0]} test validi su {numbers[1]} "
            "escludono il caso",
        )

    return both(words)


def split_title(lead: Lead) -> Text:
    """Return how much of the lead's move the model expected."""

    def words(locale: Locale) -> str:
        moved = locale.percent(lead.realised, sign=True)
        expected, abnormal = (
            locale.number(100 * value, 1, sign=True) for value in (lead.expected, lead.abnormal)
        )
        return pick(
            locale,
            f"{lead.name} {moved}: {expected} points expected, {abnormal} abnormal",
            f"{lead.name} {moved}: {expected} punti attesi, {abnormal} anomali",
        )

    return both(words)
