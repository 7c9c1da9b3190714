"""The rivals: what is documented of their conventions, and what is not reproduced and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from marketshock.eventstudy import peers_conventions as by
from marketshock.eventstudy.abnormal import AbnormalReturns
from marketshock.eventstudy.peers_conventions import Convention
from marketshock.inference import nonparametric, parametric
from marketshock.locale import Text

if TYPE_CHECKING:
    from marketshock.eventstudy.result import StudyResult

__all__ = ["PEERS", "Peer"]

LONGEST_SHIFT = 3
"""Days by which eventstudy2 moves an event date that is no session, at most."""

RUN = "EventStudy 0.50: run, and its source read"
HELP = "eventstudy2 3.x: help file, and the formula simulated"
PORT = "eventstudy2 3.2b: a public transcription of its source"
SOURCE = "estudy2: run, and its source read"


@dataclass(frozen=True, slots=True)
class Peer:
    """A rival program.

    Parameters
    ----------
    key, name : str
    conventions : tuple of Convention
    missing : mapping of str to Text
        Tests that it has but that can't be reproduced, and why.
    remarks : tuple of callable
        What else a reader of its numbers must know about a result; None where it does not
        matter.
    """

    key: str
    name: str
    conventions: tuple[Convention, ...] = ()
    missing: Mapping[str, Text] = field(default_factory=dict)
    remarks: tuple[Callable[[StudyResult], Text | None], ...] = ()


def _model_df(abnormal: AbnormalReturns) -> float:
    """Return M - k of the whole estimation window."""
    return float(abnormal.residuals.shape[1] - abnormal.estimated)


def _said(text: Text) -> Callable[[StudyResult], Text | None]:
    return lambda result: text


def _dropped(en: str, it: str) -> Callable[[StudyResult], Text | None]:
    """Say how a rival treats gaps, beside how many events this result dropped."""

    def remark(result: StudyResult) -> Text | None:
        lost = len(result.dropped)
        return Text(
            f"{en}; here an event without all its returns is dropped ({lost} dropped in all)",
            f"{it}; qui un evento privo di un rendimento è escluso ({lost} esclusi in tutto)",
        )

    return remark


def _shifted(result: StudyResult) -> Text | None:
    """Say which events eventstudy2 would not have moved to their session 0."""
    dates = {event.id: event.date for event in result.events}
    abnormal = result.abnormal
    if 0 not in abnormal.tau:
        return None
    first = abnormal.sessions[:, abnormal.session_zero()]
    days = np.array([dates[name] for name in abnormal.event_ids], "datetime64[D]")
    moved = (first - days).astype(int)
    if not moved.any():
        return None
    far = int((moved > LONGEST_SHIFT).sum())
    return Text(
        f"a date that is no session moves by at most {LONGEST_SHIFT} days there; here "
        f"{int((moved != 0).sum())} events have another session 0 than their date, {far} of them "
        f"more than {LONGEST_SHIFT} days on",
        f"là una data non di seduta si sposta di {LONGEST_SHIFT} giorni al massimo; qui "
        f"{int((moved != 0).sum())} eventi hanno una seduta 0 diversa dalla data, {far} dei quali "
        f"oltre {LONGEST_SHIFT} giorni dopo",
    )


NO_FORECAST_ERROR = Text(
    "abnormal returns over sigma alone, without the error of the estimated parameters; on one "
    "date with complete returns that error is common and cancels",
    "rendimenti anomali divisi per il solo sigma, senza l'errore dei parametri stimati; su una "
    "sola data con rendimenti completi quell'errore è comune e si elide",
)
ROOTS = Text(
    "the sum over the window of SAR / sqrt(s), s counted from its first session, with the "
    "forecast factor rooted twice",
    "la somma sulla finestra di SAR / sqrt(s), con s contato dalla prima seduta e il fattore di "
    "previsione sotto radice due volte",
)
TOO_WIDE = Text(
    "rooted twice, the forecast factor leaves SAR a variance above 1; and the sum over L sessions "
    "has variance 1 + 1/2 + ... + 1/L, so that without any event it rejects at 5% about 15% of "
    "the time at L = 3 and 30% at L = 21",
    "sotto radice due volte, il fattore di previsione lascia al SAR una varianza oltre 1; e la "
    "somma su L sedute ha varianza 1 + 1/2 + ... + 1/L: senza alcun evento rifiuta al 5\u00a0% "
    "circa il 15\u00a0% delle volte con L = 3 e il 30\u00a0% con L = 21",
)
UNEQUAL = Text(
    "M - k degrees of freedom where N - 1 belong; over L sessions the scale cancels, but the "
    "first weighs sqrt(L) times the last, so that it is no test of the CAAR printed beside it",
    "M - k gradi di libertà al posto di N - 1; su L sedute la scala si elide, ma la prima pesa "
    "sqrt(L) volte l'ultima: non è un test del CAAR stampato accanto",
)

R_EVENTSTUDY = Peer(
    "r_eventstudy",
    "EventStudy (R, 0.50)",
    (
        Convention(
            parametric.patell,
            Text(
                "the sum of SAR over the window, with variance L (M - k) / (M - k - 2)",
                "la somma dei SAR sulla finestra, con varianza L (M - k) / (M - k - 2)",
            ),
            RUN,
            by.summed_sar,
            Text(
                "takes forecast errors as independent over sessions; the error of the estimated "
                "parameters is common to all of them",
                "tratta gli errori di previsione come indipendenti tra sedute; l'errore dei "
                "parametri stimati è comune a tutte",
            ),
        ),
        Convention(parametric.bmp, NO_FORECAST_ERROR, RUN, by.without_forecast_error),
        Convention(
            parametric.kp_bmp,
            Text(
                f"{NO_FORECAST_ERROR.en}; r-bar of residuals matched by relative session",
                f"{NO_FORECAST_ERROR.it}; r-bar di residui abbinati per seduta relativa",
            ),
            RUN,
            by.without_forecast_error_by_relative_session,
            Text(
                "residuals of different calendar sessions say nothing about dependence; with "
                "different dates r-bar can come out twice as large",
                "residui di sedute di calendario diverse non dicono nulla sulla dipendenza; con "
                "date diverse r-bar può risultare doppio",
            ),
        ),
    ),
    {
        "corrado_rank": Text(
            "not reproduced: this version prints one rank statistic for all sessions, a fault "
            "mended later; which session it belongs to is not documented",
            "non riprodotto: questa versione stampa una sola statistica per ranghi per tutte le "
            "sedute, un difetto poi corretto; a quale seduta si riferisca non è documentato",
        ),
        "calendar_time_t": Text(
            "not reproduced: this version prints one statistic for all sessions, a fault mended "
            "later",
            "non riprodotto: questa versione stampa una sola statistica per tutte le sedute, un "
            "difetto poi corretto",
        ),
    },
    (
        _dropped(
            "missing returns count as 0 in a CAR there, which is wrong",
            "là i rendimenti mancanti valgono 0 nel CAR, il che è errato",
        ),
    ),
)

EVENTSTUDY2 = Peer(
    "eventstudy2",
    "eventstudy2 (Stata, 3.x)",
    (
        Convention(parametric.patell, ROOTS, HELP, by.with_running_roots, TOO_WIDE),
        Convention(
            parametric.kp_patell,
            Text(
                f"{ROOTS.en}; corrected by sqrt((1 - r) / (1 + (N-1) r))",
                f"{ROOTS.it}; corretta con sqrt((1 - r) / (1 + (N-1) r))",
            ),
            PORT,
            by.with_shrunk_running_roots,
            Text(
                f"{TOO_WIDE.en}; sqrt(1 - r) belongs to BMP (Kolari and Pynnonen 2010, eq. 13)",
                f"{TOO_WIDE.it}; sqrt(1 - r) appartiene a BMP (Kolari e Pynnönen 2010, eq. 13)",
            ),
        ),
        Convention(parametric.bmp, ROOTS, PORT, by.with_running_roots, UNEQUAL, df=_model_df),
        Convention(
            parametric.kp_bmp,
            Text(
                f"{ROOTS.en}; r-bar of the residuals without their own forecast factors, which "
                "are not part of a result",
                f"{ROOTS.it}; r-bar dei residui senza i loro fattori di previsione, che non fanno "
                "parte di un risultato",
            ),
            PORT,
            by.with_running_roots,
            UNEQUAL,
            Text("from July 2022", "da luglio 2022"),
            _model_df,
        ),
        Convention(
            parametric.kp_bmp,
            Text(
                f"{ROOTS.en}; r-bar as the mean of all N x N correlations, the ones on the "
                "diagonal among them",
                f"{ROOTS.it}; r-bar come media di tutte le N x N correlazioni, compresi gli uno "
                "della diagonale",
            ),
            HELP,
            by.with_diagonal,
            Text(
                f"a stock's correlation with itself is no dependence; {UNEQUAL.en}",
                f"la correlazione di un titolo con sé stesso non è dipendenza; {UNEQUAL.it}",
            ),
            Text("before July 2022", "prima di luglio 2022"),
            _model_df,
        ),
        Convention(
            parametric.crude_dependence_t,
            Text(
                "deviation of the estimation AAR over M - k instead of M - 1; t(M - k)",
                "deviazione degli AAR di stima su M - k anziché M - 1; t(M - k)",
            ),
            PORT,
            by.scaled_to_model_df,
            df=_model_df,
        ),
        Convention(
            nonparametric.generalized_sign,
            Text("a CAR of zero counts as positive", "un CAR nullo conta come positivo"),
            PORT,
            by.zero_as_positive,
            Text("a zero is no gain", "uno zero non è un guadagno"),
        ),
    ),
    {
        "wilcoxon": Text(
            "not reproduced: it pools sessions and stocks, another question than that of a CAR",
            "non riprodotto: mette insieme sedute e titoli, domanda diversa da quella su un CAR",
        ),
    },
    (_shifted,),
)

ESTUDY2 = Peer(
    "estudy2",
    "estudy2 (R)",
    (
        Convention(
            parametric.patell,
            Text(
                "sigma is the sample deviation of the residuals, over M - 1 instead of M - 2",
                "sigma è la deviazione campionaria dei residui, su M - 1 anziché M - 2",
            ),
            SOURCE,
            by.with_sample_sigma,
            Text(
                "two parameters were estimated, so that sigma comes out too small and z too wide "
                "by sqrt((M - 1) / (M - 2))",
                "i parametri stimati sono due: sigma risulta troppo piccolo e z troppo ampia di "
                "sqrt((M - 1) / (M - 2))",
            ),
        ),
    ),
    {
        "wilcoxon": Text(
            "not reproduced: its stars mix one- and two-sided levels",
            "non riprodotto: i suoi asterischi mescolano livelli a una e due code",
        ),
    },
    (
        _dropped(
            "sums over stocks with gaps are scaled up to all stocks there, which inflates them",
            "là le somme sui titoli con lacune sono riportate a tutti i titoli, e così gonfiate",
        ),
    ),
)

EVENTSTUDYTOOLS = Peer(
    "eventstudytools",
    "EventStudyTools (web)",
    remarks=(
        _said(
            Text(
                "a closed service that can't be run again or audited; users saw results change "
                "between runs, so none of its statistics is reproduced",
                "servizio chiuso, non rieseguibile né verificabile; utenti hanno visto risultati "
                "diversi tra esecuzioni: nessuna sua statistica è riprodotta",
            )
        ),
        _said(
            Text(
                "a date that is no session moves to the earlier or the later one, is kept or is "
                "skipped, as chosen there; missing returns are rejected",
                "una data non di seduta va alla precedente o alla successiva, resta o è saltata, "
                "a scelta dell'utente; i rendimenti mancanti sono rifiutati",
            )
        ),
    ),
)

PEERS = {peer.key: peer for peer in (R_EVENTSTUDY, EVENTSTUDY2, ESTUDY2, EVENTSTUDYTOOLS)}
