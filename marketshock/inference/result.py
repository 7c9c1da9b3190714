"""The answer of a significance test, with its null hypothesis and its validity."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from marketshock.locale import Text

__all__ = ["SignificanceResult", "normal_test", "t_test", "unavailable"]

Df = float | tuple[float, float] | None
NO_REASON = Text("", "")


@dataclass(frozen=True, slots=True)
class SignificanceResult:
    """One test of one window.

    Parameters
    ----------
    name : str
    statistic : float or None
        None where the test can't be computed; `reason` says why.
    pvalue : float or None
        Two-sided.
    distribution : str
        Reference distribution, for example ``t`` or ``normal``.
    df : float, pair of float, or None
    null : Text
        The hypothesis that a small p-value speaks against.
    reference : str
        Paper and equation.
    valid : bool
        Whether the test holds for this sample, by rule.
    reason : Text
        Why it holds or not, with the numbers.
    """

    name: str
    statistic: float | None
    pvalue: float | None
    distribution: str
    df: Df
    null: Text
    reference: str
    valid: bool = True
    reason: Text = NO_REASON

    def judged(self, valid: bool, reason: Text) -> SignificanceResult:
        """Return the same test with the verdict of the validity rules."""
        if self.statistic is None:
            return self
        return replace(self, valid=valid, reason=reason)

    def __str__(self) -> str:
        if self.statistic is None:
            return f"{self.name}: not available ({self.reason.en})"
        verdict = "valid" if self.valid else f"not valid ({self.reason.en})"
        return (
            f"{self.name}: {self.statistic:.3f}, p = {self.pvalue:.4g}, {verdict}. "
            f"H0: {self.null.en}"
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the fields of the JSON answer."""
        df = list(self.df) if isinstance(self.df, tuple) else self.df
        return {
            "name": self.name,
            "statistic": self.statistic,
            "pvalue": self.pvalue,
            "df": df,
            "distribution": self.distribution,
            "valid": self.valid,
            "reason": self.reason.as_dict(),
            "null": self.null.as_dict(),
            "reference": self.reference,
        }


def t_test(
    name: str, statistic: float, df: float, null: Text, reference: str
) -> SignificanceResult:
    """Return a two-sided t test, its p-value from the survival function."""
    from scipy.special import stdtr

    pvalue = float(2.0 * stdtr(df, -abs(statistic)))
    return SignificanceResult(name, float(statistic), pvalue, "t", float(df), null, reference)


def normal_test(name: str, statistic: float, null: Text, reference: str) -> SignificanceResult:
    """Return a two-sided test against the standard normal distribution."""
    pvalue = math.erfc(abs(statistic) / math.sqrt(2.0))
    return SignificanceResult(name, float(statistic), pvalue, "normal", None, null, reference)


def unavailable(
    name: str, distribution: str, null: Text, reference: str, reason: Text
) -> SignificanceResult:
    """Return a test that can't be computed for this sample, with the reason."""
    return SignificanceResult(name, None, None, distribution, None, null, reference, False, reason)
