"""What a study's weights add to its sources and caveats."""

from __future__ import annotations

from dataclasses import replace

from marketshock.eventstudy.result import StudyResult
from marketshock.locale import Text
from marketshock.market.panel import ReturnPanel

__all__ = ["with_weights"]


def with_weights(result: StudyResult, weights: ReturnPanel | None) -> StudyResult:
    """Return a result that also names the sources of the weights, and their limits."""
    if weights is None:
        return result
    caveats = [_excluded(weights)]
    whole = [symbol for symbol in result.abnormal.symbols if symbol not in weights.symbols]
    if whole:
        words = ", ".join(whole)
        caveats.append(
            Text(
                f"no share count, so measured against the whole index: {words}",
                f"senza numero di azioni, quindi confrontati con l'intero indice: {words}",
            )
        )
    return replace(
        result,
        caveats=(*result.caveats, *caveats),
        sources=tuple(dict.fromkeys((*result.sources, *weights.sources))),
    )


def _excluded(weights: ReturnPanel) -> Text:
    day = weights.sources[0].as_of
    return Text(
        "each stock is measured against the index without itself: weight = its market value over "
        f"the index's total, last published for {day} and carried on with the index; every stock "
        "with a share count is taken for a member",
        "ogni titolo è confrontato con l'indice senza il titolo stesso: peso = sua "
        f"capitalizzazione sul totale dell'indice, pubblicato da ultimo per il {day} e aggiornato "
        "con l'indice; ogni titolo con numero di azioni è considerato membro",
    )
