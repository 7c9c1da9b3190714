"""Sentences in both languages from the same figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from marketshock.eventstudy.models import ExpectedReturnModel, FactorModel
from marketshock.locale import Locale, Text, elided
from marketshock.provenance import Status

__all__ = [
    "ESTIMATION_WORDS",
    "LEAST_SQUARES",
    "MODEL_WORDS",
    "TEST_WORDS",
    "both",
    "model_words",
    "pick",
    "share_mark",
    "share_notes",
    "stocks",
]

MODEL_WORDS = {
    "raw": Text("raw return", "rendimento grezzo"),
    "mean": Text("mean-adjusted model", "modello a media costante"),
    "market_adjusted": Text("return less benchmark", "rendimento meno benchmark"),
    "market": Text("market model", "modello di mercato"),
    "capm": Text("CAPM", "CAPM"),
    "ff3": Text("Fama-French three-factor model", "modello Fama-French a tre fattori"),
    "carhart": Text("Carhart four-factor model", "modello Carhart a quattro fattori"),
    "ff5": Text("Fama-French five-factor model", "modello Fama-French a cinque fattori"),
    "scholes_williams": Text("Scholes-Williams market model", "modello di Scholes-Williams"),
    "dimson": Text("Dimson market model", "modello di Dimson"),
    "garch": Text("GARCH(1,1) market model", "modello di mercato GARCH(1,1)"),
}

LEAST_SQUARES = Text("estimated by least squares", "stimato con minimi quadrati")
ESTIMATION_WORDS = {
    "scholes_williams": Text(
        "estimated from three regressions", "stimato da tre regressioni separate"
    ),
    "garch": Text("estimated by maximum likelihood", "stimato con massima verosimiglianza"),
}

TEST_WORDS = {
    "portfolio_t": Text("Portfolio t", "t di portafoglio"),
    "kp_patell": Text("Patell, adjusted", "Patell corretto"),
    "kp_bmp": Text("BMP, adjusted", "BMP corretto"),
    "placebo_rank": Text("Placebo rank", "Rango placebo"),
    "placebo_dates": Text("Placebo dates", "Date placebo"),
    "crude_dependence_t": Text("Crude dependence t", "t dipendenza grezza"),
    "corrado_rank": Text("Corrado rank", "Ranghi di Corrado"),
    "corrado_zivney": Text("Corrado-Zivney rank", "Ranghi Corrado-Zivney"),
    "grank_t": Text("Generalised rank t", "t ranghi generalizzati"),
    "grank_z": Text("Generalised rank Z", "Z ranghi generalizzati"),
    "joint_f": Text("Joint F", "F congiunto"),
    "equality_f": Text("Equality F", "F di uguaglianza"),
    "calendar_time_t": Text("Calendar-time t", "t di calendario"),
    "clustered_t": Text("Clustered t", "t a gruppi"),
    "skewness_t": Text("Skewness-adjusted t", "t corretta per asimmetria"),
    "sign_flip": Text("Sign permutation", "Permutazione dei segni"),
    "cross_sectional_t": Text("Cross-sectional t", "t cross-section"),
    "patell": Text("Patell Z", "Z di Patell"),
    "bmp": Text("BMP t", "t BMP"),
    "generalized_sign": Text("Generalised sign", "Segno generalizzato"),
    "sign": Text("Sign", "Segno"),
    "wilcoxon": Text("Wilcoxon signed rank", "Wilcoxon"),
}


def model_words(model: ExpectedReturnModel) -> Text:
    """Return the name of a model; a model of the user's own names its factors."""
    if isinstance(model, FactorModel) and model.name not in MODEL_WORDS:
        factors = ", ".join(model.columns)
        return Text(f"model with own factors ({factors})", f"modello a fattori propri ({factors})")
    return MODEL_WORDS[model.name]


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
