"""All tests of a window, the valid ones first, each judged by rule."""

from __future__ import annotations

from marketshock.inference import nonparametric, parametric
from marketshock.inference.result import SignificanceResult
from marketshock.inference.sample import WindowSample
from marketshock.locale import Locale, Text

__all__ = ["FEWEST_FOR_CROSS_SECTION", "FEWEST_FOR_KP", "TESTS", "battery"]

FEWEST_FOR_KP = 5
FEWEST_FOR_CROSS_SECTION = 10

TESTS = (
    parametric.portfolio_t,
    parametric.kp_patell,
    parametric.kp_bmp,
    nonparametric.placebo_rank,
    parametric.crude_dependence_t,
    parametric.cross_sectional_t,
    parametric.patell,
    parametric.bmp,
    nonparametric.generalized_sign,
    nonparametric.sign,
    nonparametric.wilcoxon,
)
TIME_SERIES = ("portfolio_t", "placebo_rank", "crude_dependence_t")
ADJUSTED = ("kp_patell", "kp_bmp")


def battery(sample: WindowSample) -> tuple[SignificanceResult, ...]:
    """Return every test of the window with its verdict; valid tests stand first.

    The rules: on one shared session, tests that assume independent events are not valid;
    tests on the portfolio's own history are; the Kolari-Pynnonen tests are from five
    events on. With different dates the cross-sectional tests hold from ten events on. For
    a single event only single-stock answers are valid.
    """
    judged = [test(sample) for test in TESTS]
    answers = [answer.judged(*_verdict(answer.name, sample)) for answer in judged]
    return tuple(sorted(answers, key=lambda answer: not answer.valid))


def _verdict(name: str, sample: WindowSample) -> tuple[bool, Text]:
    if sample.size == 1:
        return False, Text(
            "one event: use its own t and quantile rank",
            "un solo evento: usare la sua statistica t e il suo rango",
        )
    if name in TIME_SERIES:
        return True, Text(
            "portfolio's own history; assumes an ordinary day's variance",
            "storia del portafoglio; presuppone la varianza di un giorno ordinario",
        )
    if name in ADJUSTED:
        return _fewest(sample, FEWEST_FOR_KP, adjusted=True)
    if sample.shared_date or sample.overlapping:
        return False, _dependence(sample)
    return _fewest(sample, FEWEST_FOR_CROSS_SECTION, adjusted=False)


def _fewest(sample: WindowSample, fewest: int, *, adjusted: bool) -> tuple[bool, Text]:
    if sample.size < fewest:
        return False, Text(
            f"needs {fewest} events, has {sample.size}",
            f"servono {fewest} eventi, ce ne sono {sample.size}",
        )
    if adjusted:
        en, it = (Locale(lang).number(float(sample.correlation), 3) for lang in ("en", "it"))
        return True, Text(
            f"corrected for the mean correlation of {en}",
            f"corretto per la correlazione media {it}",
        )
    return True, Text("events on different dates", "eventi in date diverse")


def _dependence(sample: WindowSample) -> Text:
    inflation, correlation = (
        {lang: Locale(lang).number(float(value), digits) for lang in ("en", "it")}
        for value, digits in ((sample.variance_inflation, 1), (sample.correlation, 3))
    )
    en, it = ("stocks", "titoli") if sample.shared_date else ("events", "eventi")
    return Text(
        f"ignores dependence: {sample.size} {en}, correlation {correlation['en']}, "
        f"variance × {inflation['en']}",
        f"ignora la dipendenza: {sample.size} {it}, correlazione {correlation['it']}, "
        f"varianza × {inflation['it']}",
    )
