"""All tests of a window, the valid ones first, each judged by rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

from marketshock.errors import UserInputError, suggest
from marketshock.inference import calendar_time, joint, nonparametric, parametric, ranks, resampling
from marketshock.inference.result import SignificanceResult
from marketshock.inference.sample import WindowSample
from marketshock.inference.significance import SignificanceTest
from marketshock.locale import LANGUAGES, Locale, Text

__all__ = [
    "FEWEST_FOR_CROSS_SECTION",
    "FEWEST_FOR_GRANK",
    "FEWEST_FOR_KP",
    "FEWEST_FOR_SKEWNESS",
    "TESTS",
    "battery",
    "chosen_tests",
]

FEWEST_FOR_KP = 5
FEWEST_FOR_CROSS_SECTION = 10
FEWEST_FOR_GRANK = 15
FEWEST_FOR_SKEWNESS = 50
FEWEST_SESSIONS = 20
"""Calendar sessions from which a mean over sessions, or over clusters, can be judged."""

LONGEST_FOR_RANKS = 5
SESSIONS_A_STOCK = 5
"""Estimation sessions for each stock that a joint test needs."""

LARGEST_KURTOSIS = 1.0
"""Mean excess kurtosis of the residuals up to which the F tests keep their size."""

FEWEST_FOR_ZIVNEY = 12
LOW_CORRELATION, HIGH_CORRELATION = 0.15, 0.25
"""Up to the first a dozen events are enough for a spread across events; beyond the second
no number is: dependence then understates that spread for any number of events."""

SESSIONS_A_SUM = {True: 40, False: 80}
"""Estimation sessions for each session of a sum, on one date and on several: overlapping
sums hold few that are independent."""

FEWEST_PLACEBO_DATES = 60
DATES_A_SESSION = 20
"""Earlier sessions that placebo dates need: at least, and for each session of the window."""

TESTS = (
    parametric.portfolio_t,
    parametric.kp_patell,
    parametric.kp_bmp,
    nonparametric.placebo_rank,
    nonparametric.placebo_dates,
    parametric.crude_dependence_t,
    ranks.corrado_rank,
    ranks.corrado_zivney,
    ranks.grank_t,
    joint.joint_f,
    joint.equality_f,
    calendar_time.calendar_time_t,
    calendar_time.clustered_t,
    parametric.cross_sectional_t,
    parametric.patell,
    parametric.bmp,
    nonparametric.generalized_sign,
    nonparametric.sign,
    nonparametric.wilcoxon,
    ranks.grank_z,
    parametric.skewness_t,
    resampling.sign_flip,
)

Verdict = tuple[bool, Text]


def chosen_tests(names: Sequence[str]) -> tuple[SignificanceTest, ...]:
    """Return the tests of these names, in the order of the battery; all for no name.

    Raises
    ------
    UserInputError
        For an unknown name, with suggestions.
    """
    known = [test.name for test in TESTS]
    for name in names:
        if name not in known:
            hint = suggest(name, known) or f"Known: {', '.join(known)}."
            raise UserInputError(f"Unknown test {name!r}.", hint)
    return tuple(test for test in TESTS if not names or test.name in names)


def battery(sample: WindowSample, names: Sequence[str] = ()) -> tuple[SignificanceResult, ...]:
    """Return the tests of the window with their verdicts; valid tests stand first.

    The rules, for N events, windows of L and estimation periods of M sessions:

    - N = 1: only single-stock answers are valid.
    - Tests on the portfolio's own history hold unless windows of different dates overlap;
      they assume an ordinary day's variance. For L > 1 placebo_rank needs M >= 40 L on one
      date and 80 L on several, and placebo_dates 20 L dates, never fewer than 60.
    - corrado_rank holds up to L = 5. corrado_zivney besides from N = 12 up to a mean
      correlation of 0.15 and from N = 15 up to 0.25; grank_t from N = 15 up to 0.25.
    - The Kolari-Pynnonen tests hold from N = 5.
    - Joint and equality F hold where N <= M/5 and the mean excess kurtosis of the residuals
      is below 1.
    - Tests that assume independent events do not hold on a shared date or where windows
      overlap. Otherwise they hold from N = 10, skewness_t from N = 50.
    - calendar_time_t and clustered_t allow for overlap, but need 20 calendar sessions;
      clustered_t also 20 firms.
    """
    answers = [test(sample) for test in chosen_tests(names)]
    judged = [
        answer if answer.statistic is None else answer.judged(*_verdict(answer.name, sample))
        for answer in answers
    ]
    return tuple(sorted(judged, key=lambda answer: not answer.valid))


def _verdict(name: str, sample: WindowSample) -> Verdict:
    if sample.size == 1:
        return False, Text(
            "one event: use its own t and quantile rank",
            "un solo evento: usare la sua statistica t e il suo rango",
        )
    return RULES[name](sample)


def _history(sample: WindowSample) -> Verdict:
    if _staggered(sample):
        return False, _dependence(sample)
    return True, Text(
        "portfolio's own history; assumes an ordinary day's variance",
        "storia del portafoglio; presuppone la varianza di un giorno ordinario",
    )


def _adjusted(sample: WindowSample) -> Verdict:
    if sample.size < FEWEST_FOR_KP:
        return _too_few(sample, FEWEST_FOR_KP)
    en, it = (Locale(lang).number(float(sample.correlation), 3) for lang in ("en", "it"))
    return True, Text(
        f"corrected for the mean correlation of {en}", f"corretto per la correlazione media {it}"
    )


def _sums(sample: WindowSample) -> Verdict:
    needed = SESSIONS_A_SUM[sample.shared_date] * sample.length
    sessions = sample.estimation_aar.shape[-1]
    if sample.length > 1 and sessions < needed:
        return False, Text(
            f"sums of {sample.length} sessions need {needed} estimation sessions, has {sessions}",
            f"somme di {sample.length} sedute richiedono {needed} sedute di stima, "
            f"ce ne sono {sessions}",
        )
    return _history(sample)


def _dates(sample: WindowSample) -> Verdict:
    needed = max(FEWEST_PLACEBO_DATES, DATES_A_SESSION * sample.length)
    dates = 0 if sample.placebo is None else len(sample.placebo)
    if dates < needed:
        return False, Text(
            f"needs {needed} earlier sessions, has {dates}",
            f"servono {needed} sedute precedenti, ce ne sono {dates}",
        )
    return _history(sample)


def _spread(sample: WindowSample, fewest: int) -> Verdict | None:
    """Return why a test that scales by the spread across events does not hold."""
    correlation = float(sample.correlation)
    needed = fewest if correlation <= LOW_CORRELATION else FEWEST_FOR_GRANK
    if sample.size < needed:
        return _too_few(sample, needed)
    if correlation > HIGH_CORRELATION:
        en, it = (Locale(lang).number(correlation, 3) for lang in ("en", "it"))
        return False, Text(
            f"mean correlation {en}, above {HIGH_CORRELATION}: the spread across events is too "
            "small",
            f"correlazione media {it}, oltre {Locale('it').number(HIGH_CORRELATION, 2)}: la "
            "dispersione tra eventi è troppo piccola",
        )
    return None


def _short_spread(sample: WindowSample) -> Verdict:
    rule = _short(sample)
    return rule if not rule[0] else _spread(sample, FEWEST_FOR_ZIVNEY) or rule


def _short(sample: WindowSample) -> Verdict:
    if _staggered(sample):
        return False, _dependence(sample)
    if sample.length > LONGEST_FOR_RANKS:
        return False, Text(
            f"for windows of up to {LONGEST_FOR_RANKS} sessions, this one has {sample.length}",
            f"per finestre fino a {LONGEST_FOR_RANKS} sedute, questa ne ha {sample.length}",
        )
    return True, Text(
        f"ranks of the daily mean, window of {sample.length}",
        f"ranghi della media giornaliera, finestra di {sample.length}",
    )


def _generalised_rank(sample: WindowSample) -> Verdict:
    if _staggered(sample):
        return False, _dependence(sample)
    too_narrow = _spread(sample, FEWEST_FOR_GRANK)
    if too_narrow is not None:
        return too_narrow
    return True, Text(
        f"ranks of the daily mean, {sample.size} events",
        f"ranghi della media giornaliera, {sample.size} eventi",
    )


def _joint(sample: WindowSample) -> Verdict:
    n, m = sample.size, sample.period.common.shape[-1]
    kurtosis = float(sample.period.excess_kurtosis)
    en, it = (Locale(lang).number(kurtosis, 1) for lang in ("en", "it"))
    if n * SESSIONS_A_STOCK > m:
        return False, Text(
            f"{n} stocks are more than a fifth of {m} sessions: use placebo",
            f"{n} titoli superano un quinto di {m} sedute: usare il placebo",
        )
    if kurtosis >= LARGEST_KURTOSIS:
        limit = f"{LARGEST_KURTOSIS:.0f}"
        return False, Text(
            f"fat tails, excess kurtosis {en}, limit {limit}: use placebo",
            f"code pesanti, curtosi in eccesso {it}, limite {limit}: usare il placebo",
        )
    return True, Text(
        f"{n} stocks, {m} sessions, excess kurtosis {en}",
        f"{n} titoli, {m} sedute, curtosi in eccesso {it}",
    )


def _by_session(sample: WindowSample) -> Verdict:
    if sample.n_sessions < FEWEST_SESSIONS:
        return False, Text(
            f"needs {FEWEST_SESSIONS} calendar sessions, has {sample.n_sessions}",
            f"servono {FEWEST_SESSIONS} sedute di calendario, ce ne sono {sample.n_sessions}",
        )
    return True, Text(
        f"by calendar session, {sample.n_sessions} of them",
        f"per seduta di calendario, in tutto {sample.n_sessions}",
    )


def _by_cluster(sample: WindowSample) -> Verdict:
    sessions, firms = sample.n_sessions, sample.n_firms
    en, it = f"{sessions} sessions and {firms} firms", f"{sessions} sedute e {firms} imprese"
    if min(sessions, firms) < FEWEST_SESSIONS:
        return False, Text(
            f"needs {FEWEST_SESSIONS} clusters of each kind, has {en}",
            f"servono {FEWEST_SESSIONS} gruppi per tipo, ci sono {it}",
        )
    return True, Text(f"clustered by {en}", f"raggruppata per {it}")


def _independent(fewest: int) -> Callable[[WindowSample], Verdict]:
    """Return the rule of a test that assumes independent events."""

    def rule(sample: WindowSample) -> Verdict:
        if sample.shared_date or sample.overlapping:
            return False, _dependence(sample)
        if sample.size < fewest:
            return _too_few(sample, fewest)
        return True, Text("events on different dates", "eventi in date diverse")

    return rule


def _staggered(sample: WindowSample) -> bool:
    """Return whether windows of different dates share sessions.

    Residuals side by side by relative session then miss what the events have in common.
    """
    if sample.shared_date or sample.sessions is None:
        return sample.overlapping and not sample.shared_date
    windows = len(np.unique(sample.sessions[:, 0]))
    return len(np.unique(sample.sessions)) < windows * sample.length


def _too_few(sample: WindowSample, fewest: int) -> Verdict:
    return False, Text(
        f"needs {fewest} events, has {sample.size}",
        f"servono {fewest} eventi, ce ne sono {sample.size}",
    )


def _dependence(sample: WindowSample) -> Text:
    inflation, correlation = float(sample.variance_inflation), float(sample.correlation)
    return _dependence_words(sample.size, correlation, inflation, sample.shared_date)


@lru_cache(maxsize=8)
def _dependence_words(size: int, correlation: float, inflation: float, shared: bool) -> Text:
    """Return the words of a sample once: a dozen tests of it have the same reason."""
    times, mean = (
        {lang: Locale(lang).number(value, digits) for lang in LANGUAGES}
        for value, digits in ((inflation, 1), (correlation, 3))
    )
    en, it = ("stocks", "titoli") if shared else ("events", "eventi")
    return Text(
        f"ignores dependence: {size} {en}, correlation {mean['en']}, variance × {times['en']}",
        f"ignora la dipendenza: {size} {it}, correlazione {mean['it']}, varianza × {times['it']}",
    )


RULES: dict[str, Callable[[WindowSample], Verdict]] = {
    **dict.fromkeys(("portfolio_t", "crude_dependence_t"), _history),
    "placebo_rank": _sums,
    "placebo_dates": _dates,
    **dict.fromkeys(("kp_patell", "kp_bmp"), _adjusted),
    "corrado_rank": _short,
    "corrado_zivney": _short_spread,
    "grank_t": _generalised_rank,
    **dict.fromkeys(("joint_f", "equality_f"), _joint),
    "calendar_time_t": _by_session,
    "clustered_t": _by_cluster,
    "skewness_t": _independent(FEWEST_FOR_SKEWNESS),
    **dict.fromkeys(
        (
            "cross_sectional_t",
            "patell",
            "bmp",
            "generalized_sign",
            "sign",
            "wilcoxon",
            "grank_z",
            "sign_flip",
        ),
        _independent(FEWEST_FOR_CROSS_SECTION),
    ),
}
