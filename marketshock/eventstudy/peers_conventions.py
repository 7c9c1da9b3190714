"""Conventions of other event-study programs, each as a change of the sample that a test reads.

Nothing is computed twice: a convention says which standardised returns, which correlation or
which degrees of freedom a rival puts in, and the engine's own test does the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from marketshock.eventstudy.abnormal import AbnormalReturns
from marketshock.eventstudy.windows import EventWindow
from marketshock.inference.result import SignificanceResult
from marketshock.inference.sample import WindowSample, mean_correlation
from marketshock.inference.significance import SignificanceTest, from_t
from marketshock.locale import Text
from marketshock.market.panel import Floats

__all__ = [
    "Convention",
    "scaled_to_model_df",
    "summed_sar",
    "with_diagonal",
    "with_running_roots",
    "with_sample_sigma",
    "with_shrunk_running_roots",
    "without_forecast_error",
    "without_forecast_error_by_relative_session",
    "zero_as_positive",
]

Change = Callable[[AbnormalReturns, EventWindow, WindowSample], WindowSample | Text]

NOTHING_ESTIMATED = Text(
    "not reproduced: its sigma where nothing is estimated is another one",
    "non riprodotto: il suo sigma, quando nulla è stimato, è diverso",
)
ONE_SESSION = Text(
    "not reproduced: its statistic exists for single sessions only",
    "non riprodotto: la sua statistica esiste solo per singole sedute",
)
TWO_PARAMETERS = Text(
    "not reproduced: its statistic exists for the market model only",
    "non riprodotto: la sua statistica esiste solo per il modello di mercato",
)


@dataclass(frozen=True, slots=True)
class Convention:
    """How a rival computes one test.

    Parameters
    ----------
    test : SignificanceTest
        The engine's test that it is compared with.
    words : Text
        What differs.
    reference : str
        What this knowledge rests on.
    change : callable
        Sample that the rival's formula amounts to, or why it can't be reproduced.
    wrong : Text, optional
        Why it is a fault; None for a choice that can be defended.
    variant : Text
        Version or option, where a rival has several.
    df : callable, optional
        Degrees of freedom of the t distribution that the rival reads the p-value from.
    """

    test: SignificanceTest
    words: Text
    reference: str
    change: Change
    wrong: Text | None = None
    variant: Text = Text("", "")  # noqa: RUF009  (frozen)
    df: Callable[[AbnormalReturns], float] | None = None

    def answer(
        self, abnormal: AbnormalReturns, window: EventWindow, sample: WindowSample
    ) -> SignificanceResult:
        """Return the rival's answer for a window."""
        changed = self.change(abnormal, window, sample)
        if isinstance(changed, Text):
            test = self.test
            return SignificanceResult(
                test.name,
                None,
                None,
                test.distribution,
                None,
                test.null,
                self.reference,
                False,
                changed,
            )
        answer = self.test(changed)
        if self.df is None or answer.statistic is None:
            return answer
        df = self.df(abnormal)
        pvalue = float(from_t(np.asarray(answer.statistic), df).pvalue)
        return replace(answer, pvalue=pvalue, df=df, distribution="t")


def summed_sar(
    abnormal: AbnormalReturns, window: EventWindow, sample: WindowSample
) -> WindowSample | Text:
    """SCAR = sum of SAR / sqrt(L), as if forecast errors were independent over sessions."""
    if not abnormal.estimated:
        return NOTHING_ESTIMATED
    return replace(sample, scar=abnormal.csar(window) / np.sqrt(window.length))


def without_forecast_error(
    abnormal: AbnormalReturns, window: EventWindow, sample: WindowSample
) -> WindowSample | Text:
    """SCAR = CAR / (sigma sqrt(L)), without the error of the estimated parameters."""
    if not abnormal.estimated:
        return NOTHING_ESTIMATED
    scale = abnormal.sigma * np.sqrt(window.length)
    return replace(sample, scar=abnormal.car(window) / scale)


def without_forecast_error_by_relative_session(
    abnormal: AbnormalReturns, window: EventWindow, sample: WindowSample
) -> WindowSample | Text:
    """As before, and r-bar of residuals matched by relative session."""
    changed = without_forecast_error(abnormal, window, sample)
    if isinstance(changed, Text):
        return changed
    return replace(changed, correlation=mean_correlation(abnormal.residuals))


def with_running_roots(
    abnormal: AbnormalReturns, window: EventWindow, sample: WindowSample
) -> WindowSample:
    """SCAR = sum over s = 1..L of SAR_s / sqrt(s), with SAR_s = AR_s / (sigma C_s^(1/4))."""
    inside = abnormal.inside(window)
    factor = np.einsum("ell->el", abnormal.forecast)[:, inside]
    sar: Floats = abnormal.ar[:, inside] / (abnormal.sigma[:, None] * factor**0.25)
    return replace(sample, scar=(sar / np.sqrt(np.arange(1, window.length + 1))).sum(axis=1))


def with_shrunk_running_roots(
    abnormal: AbnormalReturns, window: EventWindow, sample: WindowSample
) -> WindowSample:
    """As before, times sqrt(1 - r), which belongs to BMP and not to Patell."""
    changed = with_running_roots(abnormal, window, sample)
    return replace(changed, scar=changed.scar * np.sqrt(1.0 - sample.correlation))


def with_diagonal(
    abnormal: AbnormalReturns, window: EventWindow, sample: WindowSample
) -> WindowSample:
    """Running roots, and r-bar over all N^2 entries: ((N - 1) r + 1) / N."""
    changed = with_running_roots(abnormal, window, sample)
    return replace(changed, correlation=((sample.size - 1) * sample.correlation + 1) / sample.size)


def with_sample_sigma(
    abnormal: AbnormalReturns, window: EventWindow, sample: WindowSample
) -> WindowSample | Text:
    """SCAR over the sample deviation of the residuals, e'e / (M - 1) instead of e'e / (M - 2)."""
    if window.length > 1:
        return ONE_SESSION
    if abnormal.estimated != 2:
        return TWO_PARAMETERS
    return replace(sample, scar=sample.scar * np.sqrt((abnormal.observations - 1) / abnormal.df))


def scaled_to_model_df(
    abnormal: AbnormalReturns, window: EventWindow, sample: WindowSample
) -> WindowSample:
    """Deviation of the estimation AAR over M - k instead of M - 1."""
    sessions = sample.estimation_aar.shape[-1]
    shrink = np.sqrt((sessions - sample.parameters) / (sessions - 1))
    return replace(sample, car=sample.car * shrink)


def zero_as_positive(
    abnormal: AbnormalReturns, window: EventWindow, sample: WindowSample
) -> WindowSample:
    """A CAR of exactly zero counts as positive; only signs are read."""
    return replace(sample, car=np.where(sample.car == 0.0, 1.0, sample.car))
