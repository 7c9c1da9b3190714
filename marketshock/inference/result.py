"""The answer of a significance test, with its null hypothesis and its validity."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from marketshock.locale import Text

__all__ = ["NO_REASON", "Df", "SignificanceResult"]

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
    remark : Text
        What was measured of its size, where that is off.
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
    remark: Text = NO_REASON

    def judged(self, valid: bool, reason: Text) -> SignificanceResult:
        """Return the same test with the verdict of the validity rules."""
        if self.statistic is None:
            return self
        return replace(self, valid=valid, reason=reason)

    @property
    def full_reason(self) -> Text:
        """The reason with the remark behind it."""
        if not self.remark.en:
            return self.reason
        return Text(f"{self.reason.en}; {self.remark.en}", f"{self.reason.it}; {self.remark.it}")

    def __str__(self) -> str:
        if self.statistic is None:
            return f"{self.name}: not available ({self.full_reason.en})"
        verdict = "valid" if self.valid else f"not valid ({self.full_reason.en})"
        if self.valid and self.remark.en:
            verdict += f" ({self.remark.en})"
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
            "reason": self.full_reason.as_dict(),
            "null": self.null.as_dict(),
            "reference": self.reference,
        }
