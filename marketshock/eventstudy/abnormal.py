"""Abnormal returns of a set of events, and the measures built from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from marketshock.errors import UserInputError
from marketshock.eventstudy.correlation import window_correlation
from marketshock.eventstudy.windows import EventWindow
from marketshock.inference.sample import WindowSample
from marketshock.locale import Text
from marketshock.market.panel import Floats, ReturnKind
from marketshock.market.sessions import Dates

__all__ = ["AbnormalReturns"]


@dataclass(frozen=True, slots=True, eq=False)
class AbnormalReturns:
    """Abnormal returns of E events over L event and M estimation sessions.

    Returns are decimals (0.01 = 1 %), simple unless `kind` says log. No event in here lacks a
    return in its event sessions; estimation residuals are NaN where a session was not usable.

    Parameters
    ----------
    event_ids, symbols : tuple of str of length E
    tau : ndarray of int of shape (L,)
        Relative sessions, the union of all windows.
    sessions : ndarray of datetime64[D] of shape (E, L)
    realised, expected, benchmark : ndarray of shape (E, L)
        Returns; the benchmark's are NaN where the model has none.
    coefficients : ndarray of shape (E, K)
    parameters : tuple of str of length K
    variance : ndarray of shape (E,)
        Residual variance e'e / (M_i - k).
    df : ndarray of shape (E,)
        M_i - k.
    forecast : ndarray of shape (E, L, L)
        Covariance of forecast errors in units of `variance`.
    residuals : ndarray of shape (E, M)
    estimation_windows : ndarray of datetime64[D] of shape (n_dates, M)
        Sessions of each distinct estimation window.
    estimation_of : ndarray of int of shape (E,)
        Which of them is the event's own.
    observations : ndarray of shape (E,)
        M_i, estimation sessions used.
    standardised : ndarray of shape (E, M), optional
        Residuals over the standard deviation of their own session, where the model lets it
        vary.
    kind : {"simple", "log"}
    remarks : tuple of Text or None of length E
        What a reader must know about the estimate of each event.
    """

    event_ids: tuple[str, ...]
    symbols: tuple[str, ...]
    tau: np.ndarray[tuple[int], np.dtype[np.int64]]
    sessions: Dates
    realised: Floats
    expected: Floats
    benchmark: Floats
    coefficients: Floats
    parameters: tuple[str, ...]
    variance: Floats
    df: Floats
    forecast: Floats
    residuals: Floats
    estimation_windows: Dates
    estimation_of: np.ndarray[tuple[int], np.dtype[np.int64]]
    observations: Floats
    standardised: Floats | None = None
    kind: ReturnKind = "simple"
    remarks: tuple[Text | None, ...] = ()

    def __len__(self) -> int:
        return len(self.event_ids)

    @property
    def ar(self) -> Floats:
        """Abnormal returns, shape (E, L): realised minus expected."""
        abnormal: Floats = self.realised - self.expected
        return abnormal

    @property
    def estimation_sessions(self) -> Dates:
        """Estimation sessions of each event, shape (E, M)."""
        return self.estimation_windows[self.estimation_of]

    @property
    def estimated(self) -> int:
        """k, parameters that the estimation used up."""
        return round(float((self.observations - self.df)[0]))

    @property
    def sigma(self) -> Floats:
        """Residual standard deviation of a session, shape (E,)."""
        return np.sqrt(self.variance)

    @property
    def sar(self) -> Floats:
        """AR over its forecast standard error, shape (E, L)."""
        factors = np.einsum("ell->el", self.forecast)
        standardised: Floats = self.ar / np.sqrt(self.variance[:, None] * factors)
        return standardised

    @property
    def aar(self) -> Floats:
        """Mean abnormal return across events, shape (L,)."""
        mean: Floats = self.ar.mean(axis=0)
        return mean

    @property
    def shared_date(self) -> bool:
        """Whether all events have the same session 0."""
        return len(np.unique(self.sessions[:, 0])) == 1

    def car(self, window: EventWindow) -> Floats:
        """Cumulative abnormal return of each event: the sum of AR over the window."""
        total: Floats = self.ar @ self._weights(window)
        return total

    def car_error(self, window: EventWindow) -> Floats:
        """Forecast standard error of each CAR: sigma sqrt(L + 1'X*(X'X)^-1 X*'1).

        Campbell, Lo and MacKinlay (1997, ch. 4); Salinger (1992).
        """
        return np.sqrt(self.variance * self._factors(window))

    def path(self) -> tuple[Floats, Floats]:
        """Return the abnormal path around the event and its forecast error.

        Both of shape (E, L). The path is zero at the close before session 0: after it, it
        is the CAR from session 0 on; before it, minus the CAR of the sessions in between.
        The error is sigma sqrt(w'Fw), w the sessions summed, F the covariance of forecast
        errors.
        """
        after = (self.tau[:, None] >= self.tau) & (self.tau >= 0)
        before = (self.tau[:, None] < self.tau) & (self.tau < 0)
        weights = np.where(after & (self.tau[:, None] >= 0), 1.0, 0.0)
        weights -= np.where(before & (self.tau[:, None] < 0), 1.0, 0.0)
        factors = np.einsum("tl,elm,tm->et", weights, self.forecast, weights)
        return self.ar @ weights.T, np.sqrt(self.variance[:, None] * factors)

    def scar(self, window: EventWindow) -> Floats:
        """CAR over its own forecast standard error, shape (E,)."""
        scaled: Floats = self.car(window) / self.car_error(window)
        return scaled

    def csar(self, window: EventWindow) -> Floats:
        """Sum of SAR over the window, shape (E,); not the same as SCAR."""
        total: Floats = self.sar @ self._weights(window)
        return total

    def caar(self, window: EventWindow) -> float:
        """Mean CAR across events."""
        return float(self.car(window).mean())

    def bhar(self, window: EventWindow) -> Floats:
        """Compounded return minus compounded benchmark, shape (E,); NaN without a benchmark."""
        return self._compounded(self.realised, window) - self._compounded(self.benchmark, window)

    def bhar_expected(self, window: EventWindow) -> Floats:
        """Compounded return minus compounded expected return, shape (E,)."""
        return self._compounded(self.realised, window) - self._compounded(self.expected, window)

    def correlation(self, window: EventWindow) -> float:
        """Return r-bar of a window; see :func:`window_correlation`."""
        days = self.sessions[:, self.inside(window)]
        windows = self.estimation_windows
        return window_correlation(self.residuals, windows, self.estimation_of, days)

    def sample(self, window: EventWindow, correlation: float | None = None) -> WindowSample:
        """Return what the tests of a window need."""
        inside = self.inside(window)
        days = self.sessions[:, inside]
        return WindowSample(
            car=self.car(window),
            scar=self.scar(window),
            residuals=self.residuals,
            degrees_of_freedom=self.df,
            parameters=self.estimated,
            length=window.length,
            window_factor=float(self._factors(window).mean()),
            correlation=self.correlation(window) if correlation is None else correlation,
            shared_date=self.shared_date,
            overlapping=len(np.unique(days)) < days.size,
            ar=self.ar[:, inside],
            sar=self.sar[:, inside],
            standardised=self.standardised,
            sessions=days.astype(np.int64),
            firms=np.unique(self.symbols, return_inverse=True)[1],
        )

    def session_zero(self) -> int:
        """Return where session 0 stands among the event sessions.

        Raises
        ------
        UserInputError
            If no window of the study contains it.
        """
        found = np.flatnonzero(self.tau == 0)
        if not len(found):
            raise UserInputError(
                "The windows of this study leave out session 0.", "Name one that contains it."
            )
        return int(found[0])

    def inside(self, window: EventWindow) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Return which of the event sessions belong to the window, shape (L,)."""
        inside = (self.tau >= window.first) & (self.tau <= window.last)
        if int(inside.sum()) != window.length:
            raise UserInputError(
                f"The window [{window.first}, {window.last}] is not part of this result.",
                "Name it when the study is set up.",
            )
        return inside

    def _weights(self, window: EventWindow) -> Floats:
        return self.inside(window).astype(float)

    def _factors(self, window: EventWindow) -> Floats:
        weights = self._weights(window)
        factors: Floats = np.einsum("l,elm,m->e", weights, self.forecast, weights)
        return factors

    def _compounded(self, values: Floats, window: EventWindow) -> Floats:
        if self.kind == "log":
            growth: Floats = np.exp(values[:, self.inside(window)].sum(axis=1))
            return growth
        growth = np.prod(1.0 + values[:, self.inside(window)], axis=1)
        return growth
