"""Every model, test and window is a number or a stated reason, on real shocks and alone."""

from __future__ import annotations

import math

import pytest

from marketshock import api
from marketshock.desk import MODELS
from marketshock.errors import InsufficientDataError
from marketshock.inference.battery import TESTS

SHOCKS = (
    "deepseek",
    "covid_crash",
    "meta_feb_2022",
    "brexit_2016",
    "volmageddon",
    "tariffs_2025",
    "svb",
    "gamestop",
    "crowdstrike",
    "yen_carry",
)
WINDOWS = [(0, 0), (-1, 1), (0, 5)]


def event_names() -> list[str]:
    """Return the shocks above that the catalogue has, filled up from its testable ones."""
    rows = [row for row in api.events() if row["testable"]]
    known = [row["id"] for row in rows]
    named = [next((i for i in known if i.startswith(name)), None) for name in SHOCKS]
    chosen = [name for name in named if name]
    return (chosen + [name for name in known if name not in chosen])[:11]


def sound(number: object) -> bool:
    return isinstance(number, (int, float)) and math.isfinite(number)


def check(answer: dict) -> None:
    for window in answer["aggregate"]:
        assert {test["name"] for test in window["tests"]} == {test.name for test in TESTS}
        for test in window["tests"]:
            assert test["reason"]["en"]
            assert test["reason"]["it"]
            if test["statistic"] is None:
                assert test["pvalue"] is None
                assert not test["valid"]
            else:
                assert sound(test["statistic"])
                assert 0.0 < test["pvalue"] <= 1.0
    for stock in answer["stocks"]:
        for window in stock["windows"]:
            assert all(sound(window[key]) for key in ("car", "se", "t", "bhar_expected"))
            assert 0.0 < window["pvalue"] <= 1.0


def study(**choice):
    """Return the answer, or the words of why there is none."""
    try:
        return api.event_study(windows=WINDOWS, **choice).as_dict()
    except InsufficientDataError as error:
        return f"{error} {error.hint}".strip() or None


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
def test_every_model_and_test_on_real_shocks(model):
    answers = [study(event=name, model=model) for name in event_names()]
    assert len(answers) == 11
    assert None not in answers
    found = [answer for answer in answers if not isinstance(answer, str)]
    assert len(found) >= 6
    for answer in found:
        check(answer)


@pytest.mark.parametrize("model", [name for name in MODELS if name != "garch"])
def test_every_model_and_test_for_one_stock(model):
    answer = study(date="2025-01-27", symbols=["NVDA"], model=model)
    check(answer)
    assert not any(test["valid"] for window in answer["aggregate"] for test in window["tests"])
    rank = answer["stocks"][0]["quantile_rank"]
    assert rank["rank"] == 1
    assert rank["of"] == answer["stocks"][0]["n"] + 1
