"""The computed sentences: true for falls, rises, one stock, and without a share count."""

from __future__ import annotations

import json
import re
from functools import cache

import numpy as np
import pytest
from story_words import (
    BOTH,
    BROKEN,
    POSITIVE,
    around,
    front,
    strings,
    study,
    titles,
)

from marketshock import after_story, closing, cover
from marketshock.desk import Desk
from marketshock.exhibits.catalogue import exhibit
from marketshock.exhibits.exhibit import MIME
from marketshock.exhibits.page import Say
from marketshock.exhibits.study_words import counts, lead_of
from marketshock.exhibits.words import TEST_WORDS
from marketshock.locale import LANGUAGES, Language, Locale, Text

# The headline shock, recomputed from prices and share counts.


@cache
def nvidia() -> dict[str, float]:
    desk = Desk()
    day = study().shock.first_session
    closes = desk.source.prices(["NVDA"]).column("NVDA")
    adjusted = desk.source.prices(["NVDA"], "adj_close").column("NVDA")
    at = desk.source.prices(["NVDA"]).calendar.position(day)
    assert at is not None
    shares = desk.values.counts("NVDA")[at]
    return {
        "loss": (closes[at] - closes[at - 1]) * shares / 1e9,
        "return": adjusted[at] / adjusted[at - 1] - 1,
    }


@BOTH
def test_the_title_gives_name_and_loss(lang: Language) -> None:
    loss = Locale(lang).billions(abs(nvidia()["loss"]))
    verb = {"en": "lost", "it": "perde"}[lang]
    title = front("deepseek", lang)["title"]
    assert f"Nvidia {verb} {loss}" in title
    assert title.startswith(study().shock.title[lang])


@BOTH
def test_the_figures_of_the_cover_are_those_of_the_study(lang: Language) -> None:
    locale, abnormal = Locale(lang), study().result.abnormal
    at = abnormal.symbols.index("NVDA")
    zero = abnormal.tau.tolist().index(0)
    figures = front("deepseek", lang)["figures"]
    assert [figure["value"].lstrip("+") for figure in figures] == [
        locale.percent(nvidia()["return"]),
        locale.percent(float(abnormal.ar[at, zero])),
        locale.billions(nvidia()["loss"]),
        locale.percent(float(abnormal.ar[:, zero].mean())),
        locale.percent(float(abnormal.benchmark[0, zero])),
    ]
    assert figures[1]["note"] == f"t = {locale.number(float(abnormal.sar[at, zero]), 1)}"
    test = study().result.test("portfolio_t")
    assert locale.p_value(test.pvalue) in figures[3]["note"]
    assert str(len(abnormal)) in figures[3]["label"]
    assert "1" in figures[2]["note"]
    assert str(around()[0].companies) in figures[2]["note"]


@BOTH
def test_the_deck_splits_the_fall_and_the_parts_add_up(lang: Language) -> None:
    lead, deck = lead_of(study()), front("deepseek", lang)["deck"]
    locale = Locale(lang)
    for value in (lead.expected, lead.abnormal):
        assert locale.number(abs(100 * value), 1) in deck
    assert locale.percent(abs(lead.realised)) in deck
    assert locale.number(abs(lead.t), 1) in deck
    assert "250" in deck
    assert lead.realised == pytest.approx(lead.expected + lead.abnormal)
    assert lead.realised == pytest.approx(nvidia()["return"])


@BOTH
def test_the_takeaways_carry_rank_interval_and_spending(lang: Language) -> None:
    text = " ".join(point["text"] for point in front("deepseek", lang)["takeaways"])
    locale = Locale(lang)
    rank = study().result.quantile_rank("NVDA")
    assert rank is not None
    dollars = study().dollars[study().result.headline_window][lead_of(study()).row]
    assert dollars.low_usd_bn is not None
    assert dollars.high_usd_bn is not None
    low, high = counts(study(), study().result.headline_window)
    spent = around()[1].total(2025)
    for words in (
        locale.p_value(float(rank["pvalue"])),
        locale.number(int(rank["of"])),
        locale.billions(dollars.abnormal_usd_bn),
        locale.billions(dollars.low_usd_bn),
        locale.billions(dollars.high_usd_bn),
        locale.billions(spent),
        "Vertiv",
        "Meta",
    ):
        assert words in text
    found = re.findall(r"\d+", front("deepseek", lang)["takeaways"][1]["text"])
    assert [int(n) for n in found[:3]] == [len(study().result.abnormal), low, high]


def test_the_day_of_the_cover_is_session_zero() -> None:
    page = front("deepseek", "it")
    assert (page["day"], page["date"]) == ("2025-01-27", "27 gennaio 2025")
    assert front("deepseek", "en")["date"] == "27 January 2025"


# The other directions.

UP = {"en": r"\b(gained|rise|rose|gain)\b", "it": r"\b(guadagna|rialzo|guadagno)\b"}
DOWN = {
    "en": r"\b(lost|fall of|loss of|abnormal fall|abnormal loss)\b",
    "it": r"\b(perde|calo del|perdita anomala|calo anomalo di)\b",
}


@BOTH
@pytest.mark.parametrize("event", POSITIVE)
def test_a_rise_is_told_as_a_rise(event: str, lang: Language) -> None:
    lead = lead_of(study(event))
    assert lead.realised > 0
    assert lead.abnormal > 0
    page, heads = front(event, lang), titles(event, lang)
    for text in (page["title"], page["deck"], heads["car_path"], heads["residual_histogram"]):
        assert re.search(UP[lang], text), text
        assert not re.search(DOWN[lang], text), text
    assert re.search(UP[lang], heads["abnormal_bars"].split(";")[0])
    for text in (heads["abnormal_table"], heads["tests_table"]):
        assert "+" in text
    assert page["figures"][0]["value"].startswith("+")


@BOTH
def test_a_fall_is_told_as_a_fall(lang: Language) -> None:
    page, heads = front("deepseek", lang), titles("deepseek", lang)
    for text in (page["title"], page["deck"], heads["car_path"], heads["residual_histogram"]):
        assert re.search(DOWN[lang] + {"en": "", "it": "|calo anomalo"}[lang], text), text
        assert not re.search(UP[lang], text), text


@BOTH
def test_without_a_share_count_the_cover_speaks_of_returns(lang: Language) -> None:
    event = "covid_oil_2020"
    lead = lead_of(study(event))
    assert lead.loss_usd_bn is None
    page = front(event, lang)
    assert Locale(lang).percent(lead.realised, sign=True) in page["title"]
    labels = [figure["label"] for figure in page["figures"]]
    assert len(labels) == 4
    assert not re.search(r"\$|USD", page["title"] + page["deck"])
    dollars = [point for point in page["takeaways"] if "$" in point["text"]]
    assert all("Alphabet" in point["text"] for point in dollars)
    words = {"en": "No share count", "it": "Nessun numero di azioni"}[lang]
    assert any(words in point["text"] for point in page["takeaways"])
    last = exhibit(study(event), "abnormal_table").in_language(lang).payload()["rows"]
    assert [row[-2:] for row in last if row[0].startswith("Chevron")] == [["n.a.", "n.a."]]


def test_the_lead_is_the_largest_change_in_dollars() -> None:
    dollars = study().dollars[study().result.headline_window]
    known = {d.symbol: abs(d.loss_usd_bn) for d in dollars if d.loss_usd_bn is not None}
    assert lead_of(study()).symbol == max(known, key=lambda symbol: known[symbol])


def test_without_dollars_the_lead_is_the_largest_abnormal_return() -> None:
    found = study("covid_oil_2020")
    car = np.abs(found.result.abnormal.car(found.result.headline_window))
    assert lead_of(found).row == int(car.argmax())


@BOTH
@pytest.mark.parametrize("event", ["vaccine_2020", "us_election_2024", "iran_war_2026"])
def test_one_stock_makes_no_group(event: str, lang: Language) -> None:
    assert len(study(event).result.abnormal) == 1
    page = front(event, lang)
    words = {"en": "not valid", "it": "non valido"}[lang]
    group = [figure for figure in page["figures"] if "1 " in figure["label"]]
    assert all(words in figure["note"] for figure in group)
    assert {"en": "no test", "it": "nessun test"}[lang] in titles(event, lang)["tests_table"]
    direction = {"en": "One direction", "it": "Una sola direzione"}[lang]
    assert not any(direction in point["lead"] for point in page["takeaways"])


def test_a_single_stock_study_of_many_sessions_has_its_path() -> None:
    path = study("deepseek", symbols=("NVDA",), window=(-10, 20))
    text = after_story(path)
    abnormal = path.result.abnormal
    zero = abnormal.tau.tolist().index(0)
    for lang in LANGUAGES:
        locale, shown = Locale(lang), text.in_language(lang).payload()["paragraphs"][0]
        for value in (abnormal.ar[0, zero], abnormal.ar[0, zero + 1 :].sum()):
            assert locale.percent(float(value), sign=True) in shown
        assert locale.percent(float(abnormal.sigma[0])) in shown
        assert locale.date(abnormal.sessions[0, -1].astype(object)) in shown
        assert " 20 " in shown


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ([0.0, -0.1, 0.0], ("was not reversed", "non è stata riassorbita")),
        ([0.0, -0.1, 0.05], ("was reversed in part", "è stata riassorbita in parte")),
        ([0.0, -0.1, 0.1], ("was reversed within", "è stata riassorbita in")),
        ([0.0, 0.1, -0.1], ("was reversed within", "è stato riassorbito in")),
        ([0.0, 0.1, 0.2], ("was not reversed", "non è stato riassorbito")),
    ],
)
def test_the_title_of_the_path_says_what_came_back(
    path: list[float], words: tuple[str, str]
) -> None:
    from dataclasses import replace

    from marketshock.exhibits.study_words import path_title

    shock = study("deepseek", symbols=("NVDA",), window=(-1, 1))
    abnormal = shock.result.abnormal
    made_up = replace(abnormal, realised=abnormal.expected + np.array([path]))
    title = path_title(replace(shock, result=replace(shock.result, abnormal=made_up)), 0)
    assert words[0] in title.en
    assert words[1] in title.it


# The closing part.


@BOTH
def test_the_closing_part_names_method_sources_and_vintage(lang: Language) -> None:
    shock = study()
    page = closing(shock, *around()).in_language(lang).payload()
    text = " ".join(strings(page))
    for words in (shock.vintage, "250", " 10 ", "S&P 500", "SEC", "Yahoo", "J.P. Morgan"):
        assert words in text
    assert page["vintage_id"] == shock.vintage
    assert page["created"] == shock.created.isoformat()
    assert Locale(lang).date(shock.created) in text
    assert len(page["sources"]) == len(set(page["sources"])) >= 4
    assert not BROKEN.search(text)


def test_each_source_stands_once_with_its_last_day() -> None:
    losses, capex = around()
    page = closing(study(), losses, capex).payload()
    prices = [line for line in page["sources"] if "Yahoo Finance" in line]
    assert len(prices) == 1
    assert Locale("en").date(losses.as_of) in prices[0]


# The pieces.


def test_the_pieces_show_themselves_and_carry_their_payload() -> None:
    for piece in (cover(study(), *around()), after_story(study()), closing(study(), *around())):
        bundle = piece._repr_mimebundle_()
        assert bundle[MIME] == piece.payload()
        assert json.loads(json.dumps(bundle[MIME], allow_nan=False)) == bundle[MIME]
        assert bundle["text/plain"]
        assert piece.in_language("it").payload()["lang"] == "it"


def test_u8_words_are_escaped_in_the_notebook() -> None:
    evil = "<script>x</script> & $1"
    shown = Say(Text(evil, evil), Text(evil, evil))._repr_mimebundle_()
    assert "<script" not in shown["text/html"]
    assert "&lt;script&gt;x&lt;/script&gt; &amp; $1" in shown["text/html"]
    assert shown[MIME]["paragraphs"] == [evil]


def test_every_test_of_the_battery_has_a_name_in_words() -> None:
    names = {test.name for tests in study().result.tests.values() for test in tests}
    assert names <= set(TEST_WORDS)
