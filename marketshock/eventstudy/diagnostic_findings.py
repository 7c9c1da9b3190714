"""What the checks of the estimation window mean for a reader, by rule and in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from marketshock.eventstudy.residual_checks import CHECKS
from marketshock.inference.multiplicity import holm
from marketshock.locale import LANGUAGES, Locale, Text
from marketshock.quality.findings import Finding

if TYPE_CHECKING:
    from marketshock.eventstudy.diagnostics import SeriesDiagnostics

__all__ = ["FOOTNOTED", "LEVEL", "THIN", "estimation_findings"]

LEVEL = 0.05
"""Level of Holm-adjusted p-values."""

THIN = 0.1
"""Share of zero returns from which on trading counts as thin: with one session in ten
without news in the price, beta is biased towards zero (Lesmond, Ogden and Trzcinka 1999 take
the share as a measure of trading costs)."""

WIDESPREAD = 0.5
"""Share of the events, where they have different dates, from which on a departure matters."""

FOOTNOTED = ("autocorrelation", "volatility_clustering", "stability")
"""Checks that touch the printed tests; non-normality does not touch the rank tests."""

WORDS = {
    "autocorrelation": Text("autocorrelation", "autocorrelazione"),
    "volatility_clustering": Text("volatility clustering", "volatilità a grappoli"),
    "normality": Text("fat tails or skewness", "code spesse o asimmetria"),
    "stability": Text("unstable parameters", "parametri instabili"),
}


def estimation_findings(
    stocks: Sequence[SeriesDiagnostics], portfolio: SeriesDiagnostics | None
) -> tuple[Finding, ...]:
    """Return at most one joined footnote, and one information a check.

    The rule stands in :meth:`~marketshock.eventstudy.diagnostics.Diagnostics.findings`.
    """
    found = {name: _departures(stocks, name) for name in CHECKS}
    single = portfolio or (stocks[0] if len(stocks) == 1 else None)
    parts = _own_departures(single) if single else _widespread(found, len(stocks))
    thin = [
        series
        for series in stocks
        if series.zero_returns is not None and series.zero_returns > THIN
    ]
    if thin:
        names = ", ".join(series.symbol for series in thin)
        parts.append(Text(f"thin trading of {names}", f"scambi sottili per {names}"))
    findings = []
    if parts:
        findings.append(Finding("FOOTNOTE", "ESTIMATION", _joined(parts, portfolio)))
    if portfolio or len(stocks) > 1:
        findings += [_listed(name, who) for name, who in found.items() if who]
    elif _holm([stocks[0].test("normality").pvalue])[0] <= LEVEL:
        findings.append(_listed("normality", [stocks[0].symbol]))
    findings += _shock_information(stocks)
    return tuple(findings)


def _departures(stocks: Sequence[SeriesDiagnostics], name: str) -> list[str]:
    """Return the stocks that depart in one check, Holm-adjusted across the stocks."""
    adjusted = _holm([series.test(name).pvalue for series in stocks])
    return [series.symbol for series, value in zip(stocks, adjusted, strict=True) if value <= LEVEL]


def _holm(pvalues: Sequence[float | None]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return Holm-adjusted p-values; 1 where there is no answer, which is no departure."""
    given = np.array([np.nan if value is None else value for value in pvalues])
    return np.asarray(np.nan_to_num(holm(given), nan=1.0))


def _own_departures(series: SeriesDiagnostics) -> list[Text]:
    """Return what departs in the series that the printed tests are measured by."""
    adjusted = _holm([series.test(name).pvalue for name in FOOTNOTED])
    parts = [
        _with_p(WORDS[name], float(value))
        for name, value in zip(FOOTNOTED, adjusted, strict=True)
        if value <= LEVEL
    ]
    for shock in series.shocks:
        en, it = (
            (Locale(lang).number(shock.standardised, 1, sign=True), Locale(lang))
            for lang in LANGUAGES
        )
        parts.append(
            Text(
                f"a shock of {en[0]} standard deviations on {en[1].short_date(shock.session)}",
                f"uno shock di {it[0]} deviazioni standard il {it[1].short_date(shock.session)}",
            )
        )
    return parts


def _with_p(words: Text, pvalue: float) -> Text:
    shown = {lang: Locale(lang).p_value(pvalue) for lang in LANGUAGES}
    equal = "" if pvalue < 0.001 else "= "
    return Text(f"{words.en} (p {equal}{shown['en']})", f"{words.it} (p {equal}{shown['it']})")


def _widespread(found: dict[str, list[str]], events: int) -> list[Text]:
    return [
        Text(
            f"{WORDS[name].en} in {len(found[name])} of {events} stocks",
            f"{WORDS[name].it} in {len(found[name])} titoli su {events}",
        )
        for name in FOOTNOTED
        if len(found[name]) >= WIDESPREAD * events
    ]


def _joined(parts: Sequence[Text], portfolio: SeriesDiagnostics | None) -> Text:
    whose = Text("portfolio's ", " del portafoglio") if portfolio else Text("", "")
    en = Locale("en").join([part.en for part in parts])
    it = Locale("it").join([part.it for part in parts])
    return Text(
        f"in the estimation window, {whose.en}residuals: {en}",
        f"nella finestra di stima, residui{whose.it}: {it}",
    )


def _listed(name: str, symbols: Sequence[str]) -> Finding:
    who = ", ".join(symbols)
    words = WORDS[name]
    return Finding(
        "INFO",
        name.upper(),
        Text(
            f"{words.en} in the estimation residuals of {who}",
            f"{words.it} nei residui di stima di {who}",
        ),
    )


def _shock_information(stocks: Sequence[SeriesDiagnostics]) -> Iterator[Finding]:
    """Yield one finding of all stocks' own shocks in the estimation window."""
    shocks = [(series.symbol, shock) for series in stocks for shock in series.shocks]
    if shocks and len(stocks) > 1:
        who = ", ".join(f"{symbol} {shock.session.isoformat()}" for symbol, shock in shocks)
        yield Finding(
            "INFO",
            "SHOCK",
            Text(
                f"other shocks inside the estimation window: {who}",
                f"altri shock nella finestra di stima: {who}",
            ),
        )
