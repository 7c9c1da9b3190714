"""Sentences in both languages from the same figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from marketshock.locale import Locale, Text, elided
from marketshock.provenance import Status

__all__ = ["MODEL_WORDS", "TEST_WORDS", "both", "pick", "share_mark", "share_notes", "stocks"]

MODEL_WORDS = {
    "raw": Text("raw return", "rendimento grezzo"),
    "mean": Text("mean-adjusted model", "modello a media costante"),
    "market_adjusted": Text("return less benchmark", "rendimento meno benchmark"),
    "market": Text("market model", "modello di mercato"),
    "capm": Text("CAPM", "CAPM"),
    "ff3": Text("Fama-French three-factor model", "modello Fama-French a tre fattori"),
    "carhart": Text("Carhart four-factor model", "modello Carhart a quattro fattori"),
    "ff5": Text("Fama-French five-factor model", "modello Fama-French a cinque fattori"),
}

TEST_WORDS = {
    "portfolio_t": Text("Portfolio t", "t di portafoglio"),
    "kp_patell": Text("Patell, adjusted", "Patell corretto"),
    "kp_bmp": Text("BMP, adjusted", "BMP corretto"),
    "placebo_rank": Text("Placebo rank", "Rango tra date placebo"),
    "crude_dependence_t": Text("Crude dependence t", "t dipendenza grezza"),
    "cross_sectional_t": Text("Cross-sectional t", "t cross-section"),
    "patell": Text("Patell Z", "Z di Patell"),
    "bmp": Text("BMP t", "t BMP"),
    "generalized_sign": Text("Generalised sign", "Segno generalizzato"),
    "sign": Text("Sign", "Segno"),
    "wilcoxon": Text("Wilcoxon signed rank", "Wilcoxon"),
}


def both(sentence: Callable[[Locale], str]) -> Text:
    """Return the sentence that `sentence(locale)` builds, in both languages."""
    return Text(sentence(Locale("en")), elided(sentence(Locale("it"))))


def pick(locale: Locale, en: str, it: str) -> str:
    """Return the words of the locale's language."""
    return en if locale.lang == "en" else it


def stocks(number: int, locale: Locale) -> str:
    """Return "13 stocks" or "1 stock"."""
    one = number == 1
    noun = pick(locale, "stock" if one else "stocks", "titolo" if one else "titoli")
    return f"{locale.number(number)} {noun}"


def share_mark(status: Status, kind: str) -> str:
    """Return the mark behind a figure whose share count is weaker than a count of one day."""
    if status is Status.RECALLED:
        return " †"
    return " *" if kind.startswith("weighted") else ""


def share_notes(counts: Sequence[tuple[Status, str]]) -> list[Text]:
    """Return the notes that explain the marks which occur among these share counts."""
    marks = {share_mark(status, kind) for status, kind in counts}
    notes = []
    if " *" in marks:
        notes.append(
            Text(
                "* Weighted average share count of the last period, not a count of one day.",
                "* Media ponderata delle azioni dell'ultimo periodo, non un numero puntuale.",
            )
        )
    if " †" in marks:
        notes.append(
            Text(
                "† Share count not confirmed by a stored source.",
                "† Numero di azioni non confermato da una fonte archiviata.",
            )
        )
    return notes
