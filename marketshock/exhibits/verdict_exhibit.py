"""The exhibit of all tests: which hold for this sample, which do not, and how each behaves."""

from __future__ import annotations

from collections.abc import Sequence

from marketshock.exhibits.exhibit import Column, Exhibit
from marketshock.exhibits.study_words import study_notes, tests_title, window_words
from marketshock.exhibits.words import TEST_WORDS, both, pick
from marketshock.inference.result import SignificanceResult
from marketshock.locale import Locale, Text
from marketshock.shock.study import ShockStudy
from marketshock.table import Table

__all__ = ["tests_table"]

WELL_KNOWN = ("cross_sectional_t", "patell", "bmp", "generalized_sign")
"""Naive tests that are shown even where they don't hold."""

MOST_ROWS = 11


def tests_table(shock: ShockStudy) -> Exhibit:
    """The valid tests of the first window, and well-known naive ones with the reason."""
    window = shock.result.headline_window
    tests = shock.result.tests[window]
    shown = _shown(tests)
    rows = [
        {
            "test": test.name,
            "statistic": test.statistic,
            "pvalue": test.pvalue,
            "valid": test.valid,
            "size": _rate(shock, test.name),
            "reason": test.reason,
        }
        for test in shown
    ]
    n = len(shock.result.abnormal)
    return Exhibit(
        "tests_table",
        tests_title(shock, window),
        both(
            lambda locale: pick(
                locale,
                f"Tests of the average abnormal return of {locale.number(n)} stocks, two-sided, "
                f"{window_words(shock, window, locale)}",
                f"Test sul rendimento anomalo medio di {locale.number(n)} titoli, bilaterali, "
                f"{window_words(shock, window, locale)}",
            )
        ),
        Table.from_rows("tests_table", rows),
        shock.result.sources,
        both(
            lambda locale: pick(
                locale,
                f"Table: {locale.number(len(rows))} tests, valid ones first",
                f"Tabella: {locale.number(len(rows))} test, prima quelli validi",
            )
        ),
        columns=_TEST_COLUMNS,
        notes=(
            *study_notes(shock)[:1],
            *_size_note(shock),
            _last_note(len(tests), len(shown)),
        ),
    )


def _shown(tests: Sequence[SignificanceResult]) -> list[SignificanceResult]:
    """Return the valid tests, then the naive ones that readers know; what fits a page."""
    valid = [test for test in tests if test.valid]
    naive = [test for test in tests if not test.valid and test.name in WELL_KNOWN]
    return [*valid, *naive][:MOST_ROWS]


def _last_note(asked: int, shown: int) -> Text:
    """Say what adjusted means, and where the other tests are."""
    en = "Adjusted: for the correlation among stocks (Kolari and Pynnönen 2010)."
    it = "Corretto: per la correlazione tra i titoli (Kolari e Pynnönen 2010)."
    if shown < asked:
        en += f" {shown} of {asked} tests; the full battery is in the JSON data."
        it += f" {shown} test su {asked}; la batteria completa è nei dati JSON."
    return Text(en, it)


def _rate(shock: ShockStudy, name: str) -> float | None:
    size = shock.result.size(name)
    return size.rejection_rate if size else None


def _size_note(shock: ShockStudy) -> tuple[Text, ...]:
    """Say on how many ordinary sessions the false alarms were counted."""
    dates = max((size.n_dates for size in shock.result.sizes), default=0)
    if not dates:
        return ()
    level = shock.result.sizes[0].nominal
    return (
        both(
            lambda locale: pick(
                locale,
                f"False alarms: share of {locale.number(dates)} ordinary sessions before the event "
                f"on which the test rejects at {locale.percent(level, 0)}.",
                f"Falsi allarmi: quota di {locale.number(dates)} sedute ordinarie prima "
                f"dell'evento in cui il test rifiuta al {locale.percent(level, 0)}.",
            )
        ),
    )


def _statistic(value: float | None, locale: Locale) -> str:
    """Return counts and ranks as whole numbers, other statistics with two decimals."""
    whole = value is not None and float(value).is_integer()
    return locale.number(value, 0 if whole else 2)


def _valid(value: bool, locale: Locale) -> str:
    return pick(locale, "valid", "valido") if value else pick(locale, "not valid", "non valido")


_TEST_COLUMNS = (
    Column("test", Text("Test", "Test"), lambda v, locale: TEST_WORDS[v][locale.lang], "left"),
    Column("statistic", Text("Statistic", "Statistica"), _statistic),
    Column("pvalue", Text("p", "p"), lambda value, locale: locale.p_value(value)),
    Column(
        "size",
        Text("False alarms", "Falsi allarmi"),
        lambda value, locale: locale.percent(value),
    ),
    Column("valid", Text("Verdict", "Esito"), _valid, "left"),
    Column("reason", Text("Why", "Perché"), lambda value, locale: value[locale.lang], "left"),
)
