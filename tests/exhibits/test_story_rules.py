"""The computed sentences of every event of the catalogue, and the rules that they keep."""

from __future__ import annotations

import json
import re

import pytest
from story_words import (
    BROKEN,
    KNOWN,
    STUDY_KEYS,
    around,
    everything,
    front,
    offline,
    strings,
    study,
    titles,
)

from marketshock import after_story, closing, cover
from marketshock.exhibits.catalogue import exhibit
from marketshock.exhibits.study_words import Lead, counts, lead_of
from marketshock.locale import LANGUAGES, Language

# Every event of the catalogue.


def test_the_catalogue_has_the_events_it_had() -> None:
    assert len(offline()) >= 30
    assert set(offline()) >= KNOWN


@pytest.mark.parametrize(
    "number",
    [*range(0, 30, 6), *(pytest.param(n, marks=pytest.mark.slow) for n in range(30) if n % 6)],
)
def test_every_event_goes_through_cover_and_all_study_exhibits(number: int) -> None:
    event = offline()[number]
    shock = study(event)
    for lang in LANGUAGES:
        shown = [front(event, lang)]
        shown += [exhibit(shock, key, lang=lang).payload() for key in STUDY_KEYS]
        shown += [piece.in_language(lang).payload() for piece in (after_story(shock),)]
        shown += [closing(shock, *around()).in_language(lang).payload()]
        json.dumps(shown, allow_nan=False)
        for payload in shown:
            texts = strings({k: v for k, v in payload.items() if k not in ("svg", "data_csv")})
            assert [text for text in texts if BROKEN.search(text)] == []
        assert shown[0]["title"].startswith(shock.shock.title[lang])
        assert len(shown[0]["figures"]) >= 4


@pytest.mark.slow
def test_the_words_for_the_direction_fit_the_sign_in_every_event() -> None:
    for event in offline():
        lead = lead_of(study(event))
        for lang in LANGUAGES:
            page = front(event, lang)
            rise = {"en": "a rise of", "it": "un rialzo"}[lang]
            fall = {"en": "a fall of", "it": "un calo"}[lang]
            assert not (rise in page["deck"] and lead.realised < 0), event
            assert not (fall in page["deck"] and lead.realised > 0), event
            if lead.loss_usd_bn is not None:
                verb = {"en": ("lost", "gained"), "it": ("perde", "guadagna")}[lang]
                assert verb[lead.loss_usd_bn > 0] in page["title"].partition(": ")[2], event


@pytest.mark.slow
def test_specific_is_said_only_of_what_the_market_does_not_explain() -> None:
    for event in offline():
        lead: Lead = lead_of(study(event))
        first = front(event, "en")["takeaways"][0]["lead"]
        if first == "The shock was specific.":
            assert abs(lead.abnormal) > abs(lead.expected), event
            assert lead.pvalue < 0.05, event


# Rules that every sentence of every event keeps.

RULES = {
    "a part larger than the whole": lambda event, lang, text: parts_exceed(event, lang),
    "one direction, but nobody moved": lambda event, lang, text: one_direction(event, lang),
    "most of nobody": lambda event, lang, text: bool(
        re.search(r"\b0 of \d+ stocks fell abnormally, |\b0 titoli su \d+ in calo anomalo, ", text)
    ),
    "close to close since a year": lambda event, lang, text: bool(
        re.search(r"close to close since|da chiusura a chiusura dal \d", text)
    ),
    "a plural of one": lambda event, lang, text: bool(
        re.search(r"\b1 (stocks|titoli)\b|\b(of|di|su) 1 (stocks|titoli)\b", text)
    ),
    "Italian without elision": lambda event, lang, text: bool(
        lang == "it" and re.search(r"\b(del|il|al|dal|nel) (8|11\b|1,|0,)", text)
    ),
    "what a gain cost": lambda event, lang, text: gain_costs(event, text),
    "a gain without a sign": lambda event, lang, text: unsigned_gain(event, lang),
}


def parts_exceed(event: str, lang: Language) -> bool:
    """Say that the market explains more than the whole move, and that the rest is abnormal."""
    lead = lead_of(study(event))
    words = {"en": "The other", "it": "Gli altri"}[lang]
    opposed = lead.abnormal * lead.realised < 0
    return opposed and words in front(event, lang)["deck"]


def one_direction(event: str, lang: Language) -> bool:
    leads = [point["lead"] for point in front(event, lang)["takeaways"]]
    low, high = counts(study(event), study(event).result.headline_window)
    return low == high == 0 and bool({"One direction.", "Una sola direzione."} & set(leads))


def gain_costs(event: str, text: str) -> bool:
    dollars = lead_of(study(event)).loss_usd_bn
    return bool(dollars and dollars > 0 and re.search("What it cost|Quanto è costato", text))


def unsigned_gain(event: str, lang: Language) -> bool:
    dollars = lead_of(study(event)).loss_usd_bn
    if not dollars or dollars < 0:
        return False
    labels = {"en": "market value", "it": "capitalizzazione"}
    return any(
        figure["label"].startswith(labels[lang]) and not figure["value"].startswith("+")
        for figure in front(event, lang)["figures"]
    )


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULES)
def test_no_sentence_of_any_event_breaks_the_rule(rule: str) -> None:
    found = [(event, lang) for event, lang, text in everything() if RULES[rule](event, lang, text)]
    assert found == []


@pytest.mark.parametrize("model", ["raw", "mean", "capm", "carhart", "ff5"])
def test_a_model_without_benchmark_leaves_no_empty_brackets(model: str) -> None:
    shock = study("deepseek", model=model)
    shown = [cover(shock, *around()).payload(), closing(shock, *around()).payload()]
    assert [text for text in strings(shown) if BROKEN.search(text)] == []


@pytest.mark.parametrize("model", ["raw", "mean"])
def test_the_market_explains_nothing_where_no_market_is_in_the_model(model: str) -> None:
    deck = cover(study("deepseek", model=model), *around()).payload()["deck"]
    assert "market" not in deck


@pytest.mark.parametrize("model", ["raw", "market_adjusted"])
def test_nothing_is_called_estimated_where_nothing_was(model: str) -> None:
    method = closing(study("deepseek", model=model), *around()).payload()["method"][0]
    assert "least squares" not in method


def test_the_market_model_is_called_by_its_name_and_estimated() -> None:
    method = closing(study(), *around()).payload()["method"][0]
    assert "market model (S&P 500), estimated by least squares" in method


@pytest.mark.slow
def test_nothing_abnormal_is_not_said_where_the_tests_speak_against_chance() -> None:
    quiet = [event for event in offline() if "No stock" in titles(event, "en")["abnormal_bars"]]
    loud = [event for event in quiet if not re.search(r"\b0 of |no test", said(event))]
    assert loud
    for event in loud:
        assert "No stock alone" in titles(event, "en")["abnormal_bars"]
        assert "Nothing" not in titles(event, "en")["abnormal_bars"]


def said(event: str) -> str:
    """What the tests of a shock say in their title."""
    return titles(event, "en")["tests_table"]
