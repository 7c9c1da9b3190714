"""A market model whose variance changes from session to session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from marketshock.errors import UserInputError
from marketshock.eventstudy import ols
from marketshock.eventstudy.models import Design
from marketshock.eventstudy.ols import Fit, Whole
from marketshock.locale import Text
from marketshock.market.panel import Floats, ReturnPanel

__all__ = ["GarchMarketModel"]

PERCENT = 100.0
TOLERANCE = 1e-9
"""Change of the mean log-likelihood at which the optimiser stops."""

NO_ARCH = 1e-6
"""Weight of the last squared residual that counts as none."""

HIGHEST_PERSISTENCE = 0.999
PARAMETERS = 5
NAMES = ("alpha", "beta", "omega", "a", "b", "persistence")


@dataclass(frozen=True, slots=True)
class GarchMarketModel:
    """Expected return = alpha + beta times the benchmark's, with GARCH(1,1) normal errors.

    ``h_t = omega + a e_{t-1}^2 + b h_{t-1}``, estimated by maximum likelihood in percent; the
    recursion starts from the mean squared residual of least squares. Results are in decimals,
    so ``omega`` is a variance of decimal returns; ``persistence`` is ``a + b``.

    An abnormal return is set against the ``h`` that is forecast for its session from the last
    estimation session, never against one that was updated with the event itself. The error
    of the estimated mean is that of least squares weighted with ``1 / h``. Sessions that a
    stock lacks close up: the recursion goes from one usable session to the next.

    Bollerslev (1986), "Generalized autoregressive conditional heteroskedasticity", Journal of
    Econometrics 31, 307-327; Corhay and Tourani Rad (1996), Quarterly Review of Economics and
    Finance 36, 529-538.
    """

    benchmark: str = "^GSPC"
    name: str = "garch"

    def design(self, returns: ReturnPanel, factors: ReturnPanel | None) -> Design:
        """Five parameters.

        Raises
        ------
        UserInputError
            If the package that estimates it is not installed.
        """
        _arch()
        market = returns.column(self.benchmark)
        ones = np.ones(len(market))
        regressors = np.column_stack([ones, market])
        return Design(0.0 * ones, regressors, NAMES, garch, batched=False)


class _Path(NamedTuple):
    """One stock: coefficients in the order of `NAMES`, h of each session, and what to say."""

    coefficients: Floats
    h: Floats
    remark: Text | None


def garch(y: Floats, x: Floats, x_event: Floats, ahead: Whole, names: Sequence[str] = ()) -> Fit:
    """Estimate by :class:`GarchMarketModel`, stock by stock; arguments as :func:`ols.fit`.

    Raises
    ------
    SingularModelError
        If the benchmark is constant.
    """
    plain = ols.fit(y, x, x_event, ahead, names[: x.shape[1]])
    paths = [
        _estimated(y[:, at], x, plain.coefficients[:, at], plain.residuals[:, at])
        for at in range(y.shape[1])
    ]
    coefficients = np.column_stack([path.coefficients for path in paths])
    h = np.column_stack([path.h for path in paths])
    mean = coefficients[: x.shape[1]]
    residuals = y - x @ mean
    df = len(y) - PARAMETERS
    variance = (residuals * residuals).sum(axis=0) / df
    with np.errstate(divide="ignore", invalid="ignore"):
        forecast = np.array(
            [
                _forecast(path, residuals[-1, at], x, x_event, ahead) / variance[at]
                for at, path in enumerate(paths)
            ]
        )
        standardised = residuals / np.sqrt(h)
    return Fit(
        coefficients,
        x_event @ mean,
        variance,
        residuals,
        df,
        forecast,
        standardised=standardised,
        remarks=tuple(path.remark for path in paths),
    )


def _estimated(y: Floats, x: Floats, start: Floats, residuals: Floats) -> _Path:
    """Return the maximum-likelihood estimate of one stock."""
    squares = residuals @ residuals
    if not squares > ols.ROUNDING * (y @ y):
        constant = squares / len(y)
        return _Path(np.array([*start, constant, 0.0, 0.0, 0.0]), np.full(len(y), constant), None)
    univariate = _arch()
    model = univariate.LS(PERCENT * y, PERCENT * x[:, 1:], rescale=False)
    model.volatility = univariate.GARCH(p=1, o=0, q=1)
    found = model.fit(
        disp="off",
        show_warning=False,
        backcast=PERCENT**2 * squares / len(y),
        tol=TOLERANCE,
    )
    alpha, beta, omega, a, b = found.params.to_numpy()
    h = np.asarray(found.conditional_volatility) ** 2 / PERCENT**2
    coefficients = np.array([alpha / PERCENT, beta, omega / PERCENT**2, a, b, a + b])
    return _Path(coefficients, h, _remark(int(found.convergence_flag), a, a + b))


def _remark(flag: int, a: float, persistence: float) -> Text | None:
    """Return what is wrong with an estimate, or None."""
    if flag:
        return Text(
            "the GARCH estimation did not converge: do not rely on its standard errors",
            "la stima GARCH non converge: errori standard inaffidabili",
        )
    if a < NO_ARCH:
        return Text(
            "GARCH with a = 0: the variance does not react to returns, b is not identified",
            "GARCH con a = 0: la varianza non reagisce ai rendimenti, b non è identificato",
        )
    if persistence > HIGHEST_PERSISTENCE:
        return Text(
            f"GARCH with a + b = {persistence:.4f}: the variance does not return to a mean",
            f"GARCH con a + b = {persistence:.4f}".replace(".", ",")
            + ": la varianza non torna a una media",
        )
    return None


def _forecast(path: _Path, last: float, x: Floats, x_event: Floats, ahead: Whole) -> Floats:
    """Return the covariance of forecast errors of one stock, (L, L), in squared decimals."""
    omega, a, b, persistence = path.coefficients[-4:]
    h = [omega + a * last * last + b * path.h[-1]]
    while len(h) < ahead[-1]:
        h.append(omega + persistence * h[-1])
    weighted = x / np.sqrt(path.h)[:, None]
    bread = np.linalg.inv(weighted.T @ weighted)
    covariance: Floats = np.diag(np.array(h)[ahead - 1]) + x_event @ bread @ x_event.T
    return covariance


def _arch() -> Any:
    """Return the package that estimates the variance."""
    try:
        from arch import univariate
    except ImportError:
        raise UserInputError(
            "The GARCH model needs the package arch, which is not installed.",
            "Install it with: pip install 'marketshock[garch]'.",
        ) from None
    return univariate
