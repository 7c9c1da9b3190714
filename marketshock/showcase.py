"""Every exhibit of the catalogue from the embedded data, and one page that shows them all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from marketshock import ai_numbers, analogue_study, api, note_study
from marketshock.exhibits.catalogue import EXHIBITS, exhibit
from marketshock.exhibits.exhibit import Exhibit
from marketshock.files import preflight_folder, write_atomically
from marketshock.locale import Language, Locale, Text
from marketshock.publish.html import exhibits_html

__all__ = ["example", "example_result", "gallery"]

EVENT = "deepseek"
TITLE = Text("Every exhibit of marketshock", "Tutte le figure e le tabelle di marketshock")
MODELS = ("market", "ff3", "ff5")


def gallery(folder: str | Path, lang: Language = "en") -> Path:
    """Write one HTML page with every exhibit of the catalogue, charts in both sizes.

    Parameters
    ----------
    folder : str or Path
        Made if it is missing.
    lang : {"en", "it"}

    Returns
    -------
    Path
        ``gallery-en.html`` or ``gallery-it.html``.
    """
    lang = Locale(lang).lang
    target = preflight_folder(folder) / f"gallery-{lang}.html"
    return write_atomically(target, exhibits_html(list(_all()), TITLE, lang).encode())


def _all() -> Iterator[Exhibit]:
    for key in EXHIBITS:
        made = example(key)
        yield made.at_size("full")
        if made.kind == "chart":
            yield made.at_size("half")


@cache
def example(key: str) -> Exhibit:
    """Return an exhibit of the catalogue made from the embedded data, in English.

    Parameters
    ----------
    key : str
        Name in the catalogue.
    """
    options: dict[str, Any] = {"event": _day()} if key == "losses_table" else {}
    return exhibit(example_result(key), key, **options)


def example_result(key: str) -> Any:
    """Return the result from which the example of an exhibit is made."""
    return _result(key if key in RESULTS else EXHIBITS[key][0].__name__)


@cache
def _shock() -> Any:
    return api.event_study(EVENT)


@cache
def _day() -> dt.date:
    day: dt.date = _shock().shock.first_session
    return day


@cache
def _result(name: str) -> Any:
    return RESULTS[name]()


RESULTS: dict[str, Callable[[], Any]] = {
    "ShockStudy": _shock,
    "Analogues": lambda: analogue_study.analogues(EVENT),
    "MarketCapLosses": api.losses,
    "Reconciliation": api.reconcile_losses,
    "CapexTrend": api.capex_trend,
    "RobustnessGrid": lambda: api.robustness(EVENT, models=MODELS),
    "TokenPriceComparison": ai_numbers.token_prices,
    "PriceList": ai_numbers.token_price_history,
    "Benchmarks": ai_numbers.benchmarks,
    "TrainingCost": ai_numbers.training_cost,
    "ComputeFrontier": ai_numbers.compute_frontier,
    "Timeline": ai_numbers.timeline,
    "LossRecord": note_study.loss_record,
    "Basket": lambda: note_study.basket(_day()),
    "rotation_bars": lambda: note_study.basket(_day(), "all"),
    "Valuations": lambda: note_study.valuations(_day()),
    "CapexOutcomes": note_study.capex_outcomes,
    "CapexIntensity": note_study.capex_intensities,
    "capex_quarters": lambda: api.capex_trend("quarter"),
    "NoteReconciliation": note_study.reconcile_note,
    "car_path": lambda: api.event_study(EVENT, symbols=("NVDA",), window=(-10, 20)),
}
"""How a result is made: by the exhibit that it is for, else by the name of its class.

A new kind in the catalogue needs its line here, or the tests of the gallery fail."""
