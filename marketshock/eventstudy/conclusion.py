"""What the valid tests say together, in one sentence: the headline of a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marketshock.eventstudy.windows import EventWindow
from marketshock.inference.result import SignificanceResult
from marketshock.locale import LANGUAGES, Locale, Text

if TYPE_CHECKING:
    from marketshock.eventstudy.result import StudyResult

__all__ = ["conclusion", "headline_tests"]

LEVEL = 0.05
ONE_DATE = ("portfolio_t", "kp_patell", "kp_bmp", "placebo_rank")
SEVERAL_DATES = ("portfolio_t", "kp_patell", "kp_bmp", "corrado_rank")


def headline_tests(result: StudyResult, window: EventWindow) -> tuple[SignificanceResult, ...]:
    """Return the tests that speak for a window, of those that hold for the sample.

    On one date the portfolio t with forecast error, both Kolari-Pynnonen tests and the
    placebo rank; on several the Corrado rank instead of the last.
    """
    names = ONE_DATE if result.abnormal.shared_date else SEVERAL_DATES
    by_name = {test.name: test for test in result.tests[window]}
    chosen = (by_name[name] for name in names if name in by_name)
    return tuple(test for test in chosen if test.valid and test.pvalue is not None)


def conclusion(result: StudyResult, window: EventWindow) -> Text:
    """Return one sentence on a window: abnormal or not, by which tests, at 5 %.

    One event is judged by its own t and its quantile rank.
    """
    if len(result.abnormal) == 1:
        return _single(result, window)
    tests = headline_tests(result, window)
    if not tests:
        return Text(
            "no test across events holds for this sample",
            "nessun test tra eventi è valido per questo campione",
        )
    rejecting = sum(test.pvalue < LEVEL for test in tests if test.pvalue is not None)
    words = _verdict(rejecting, len(tests))
    listed = {
        lang: ", ".join(f"{test.name} p {_p(test.pvalue, lang)}" for test in tests)
        for lang in LANGUAGES
    }
    return Text(f"{words.en} ({listed['en']})", f"{words.it} ({listed['it']})")


def _verdict(rejecting: int, of: int) -> Text:
    if rejecting == of:
        return Text(
            "abnormal by every headline test that holds",
            "anomalo per tutti i test principali validi",
        )
    if not rejecting:
        return Text(
            "within what ordinary sessions show",
            "nei limiti di quanto mostrano le sedute ordinarie",
        )
    return Text(
        f"the headline tests disagree: {rejecting} of {of} reject",
        f"i test principali discordano: {rejecting} su {of} rifiutano",
    )


def _single(result: StudyResult, window: EventWindow) -> Text:
    row = result.table("car").where(first=window.first, last=window.last)
    t, p, symbol = row["t"][0], row["pvalue"][0], row["symbol"][0]
    rank = result.quantile_rank(symbol)
    words = {}
    for lang in LANGUAGES:
        words[lang] = f"{symbol}: t {Locale(lang).number(t, 2)}, p {_p(p, lang)}"
    if rank is None:
        return Text(words["en"], words["it"])
    place, of = rank["rank"], rank["of"]
    return Text(
        f"{words['en']}; session 0 ranks {place} of {of}",
        f"{words['it']}; la seduta 0 è al posto {place} su {of}",
    )


def _p(pvalue: float | None, lang: str) -> str:
    shown = Locale("it" if lang == "it" else "en").p_value(pvalue)
    return shown if shown.startswith("<") else f"= {shown}"
