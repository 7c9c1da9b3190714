"""The end of a page: method, sources, data vintage and findings, in computed sentences."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version

from marketshock.capex import CapexTrend
from marketshock.exhibits.page import Closing
from marketshock.exhibits.words import (
    ESTIMATION_WORDS,
    LEAST_SQUARES,
    both,
    model_words,
    pick,
)
from marketshock.locale import Locale, Text
from marketshock.marketcap.losses import MarketCapLosses
from marketshock.provenance import Source
from marketshock.shock.study import ShockStudy

__all__ = ["closing"]


def closing(shock: ShockStudy, losses: MarketCapLosses, capex: CapexTrend | None = None) -> Closing:
    """Return method, sources, vintage and findings of a page; with `capex` also its own."""
    parts: list[MarketCapLosses | CapexTrend] = [losses, *([capex] if capex else [])]
    taken = [*shock.result.sources, *(source for part in parts for source in part.sources)]
    found = [
        *shock.findings,
        *(finding for part in parts for finding in part.findings),
        *shock.diagnostics().findings(),
    ]
    return Closing(
        (both(lambda locale: _method(shock, locale)), both(_value)),
        tuple(_source_words(source) for source in _latest(taken)),
        (both(lambda locale: _vintage(shock, locale)),),
        tuple(dict.fromkeys(item.text for item in found if item.level != "INFO")),
        shock.vintage,
        shock.created,
    )


def _method(shock: ShockStudy, locale: Locale) -> str:
    study = shock.result.study
    model = model_words(study.model)[locale.lang]
    benchmark = study.model.benchmark
    named = f"{model} ({shock.name(benchmark)})" if benchmark else model
    length, gap = (
        locale.number(value) for value in (study.estimation.length, study.estimation.gap)
    )
    how = pick(locale, "with its variance measured", "con la varianza misurata")
    if shock.result.abnormal.parameters:
        how = ESTIMATION_WORDS.get(study.model.name, LEAST_SQUARES)[locale.lang]
    words = pick(
        locale,
        f"Abnormal return = return less the return expected by the {named}, {how} over "
        f"{length} sessions that end {gap} sessions before the event. Standard errors contain "
        "the forecast error; cumulative ones its covariance.",
        f"Rendimento anomalo = rendimento meno quello atteso ({named}), {how} su {length} "
        f"sedute che terminano {gap} sedute prima dell'evento. Gli errori standard comprendono "
        "l'errore di previsione; quelli cumulati la sua covarianza.",
    )
    if len(shock.result.abnormal) == 1:
        return words
    return words + pick(
        locale,
        " All stocks share one session, so tests that assume independence are shown but not "
        "valid; the valid ones rest on the portfolio's own history or correct for correlation.",
        " Tutti i titoli condividono una seduta: i test che presuppongono indipendenza sono "
        "mostrati ma non validi; quelli validi si basano sulla storia del portafoglio o "
        "correggono per la correlazione.",
    )


def _value(locale: Locale) -> str:
    return pick(
        locale,
        "Change of market value = (close less previous close) times the shares of the latest "
        "filing before the session, official closes, all share classes counted once.",
        "Variazione della capitalizzazione = (chiusura meno chiusura precedente) per le azioni "
        "dell'ultimo documento depositato prima della seduta, chiusure ufficiali, tutte le "
        "classi contate una volta.",
    )


def _vintage(shock: ShockStudy, locale: Locale) -> str:
    n, of = len(shock.result.abnormal), len(shock.result.events)
    made = version("marketshock")
    return pick(
        locale,
        f"Data vintage {shock.vintage} ({shock.source}), compiled {locale.date(shock.created)}; "
        f"{n} of {of} events studied; marketshock {made}.",
        f"Edizione dei dati {shock.vintage} ({shock.source}), compilata il "
        f"{locale.date(shock.created)}; {n} eventi su {of} studiati; marketshock {made}.",
    )


def _latest(sources: Iterable[Source]) -> list[Source]:
    """Return each source once, with the last as-of day used."""
    latest: dict[Text, Source] = {}
    for source in sources:
        known = latest.setdefault(source.name, source)
        if source.as_of and (known.as_of is None or source.as_of > known.as_of):
            latest[source.name] = source
    return list(latest.values())


def _source_words(source: Source) -> Text:
    return both(lambda locale: _source(source, locale))


def _source(source: Source, locale: Locale) -> str:
    name = source.name[locale.lang]
    head = name[0].upper() + name[1:]
    as_of = ""
    if source.as_of:
        as_of = pick(locale, ", as of ", ", al ") + locale.date(source.as_of)
    licence = f" ({source.licence[locale.lang]})" if source.licence.en else ""
    return f"{head}{as_of}{licence}"
