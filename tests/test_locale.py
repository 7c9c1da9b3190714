from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketshock.errors import UserInputError
from marketshock.locale import LANGUAGES, Locale, Text

NBSP, NARROW, MINUS = "\u00a0", "\u202f", "\u2212"
DAY = dt.date(2025, 1, 27)
UNICODE = {"en": "en_GB", "it": "it_IT"}


@pytest.mark.parametrize(
    ("lang", "value", "decimals", "printed"),
    [
        ("en", 1234.5, 1, "1,234.5"),
        ("it", 1234.5, 1, "1.234,5"),
        ("en", -592.658, 1, f"{MINUS}592.7"),
        ("it", -592.658, 1, f"{MINUS}592,7"),
        ("en", 1_000_000, 0, "1,000,000"),
        ("it", 1_000_000, 0, "1.000.000"),
        ("en", 0.125, 2, "0.12"),
        ("en", 7, 3, "7.000"),
        ("it", 0, 0, "0"),
    ],
)
def test_number(lang: str, value: float, decimals: int, printed: str) -> None:
    assert Locale(lang).number(value, decimals) == printed


@pytest.mark.parametrize(
    ("value", "printed"), [(1.25, "+1.2"), (-1.25, f"{MINUS}1.2"), (0.0, "0.0"), (0.04, "0.0")]
)
def test_a_sign_is_printed_only_before_what_is_not_zero(value: float, printed: str) -> None:
    assert Locale("en").number(value, 1, sign=True) == printed


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("value", [-0.0, -0.004, 0.004])
def test_there_is_no_negative_zero(lang: str, value: float) -> None:
    locale = Locale(lang)
    zero = "0,00" if lang == "it" else "0.00"
    assert locale.number(value, 2) == zero
    assert MINUS not in locale.percent(value / 100, 2)
    assert MINUS not in locale.percent(value / 100, 2, sign=True)


@pytest.mark.parametrize(
    ("lang", "value"),
    [
        ("it", -0.3),
        ("it", -0.0),
        ("en", -0.0),
        ("en", -0.3),
    ],
)
def test_there_is_no_negative_zero_of_dollars(lang: str, value: float) -> None:
    printed = Locale(lang).billions(value)
    assert MINUS not in printed
    assert "0" in printed


@pytest.mark.parametrize(
    ("lang", "value", "printed"),
    [
        ("it", -0.17, f"{MINUS}17,0{NBSP}%"),
        ("en", -0.17, f"{MINUS}17.0%"),
        ("it", 0.0893, f"8,9{NBSP}%"),
        ("en", 0.0893, "8.9%"),
        ("en", 12.5, "1,250.0%"),
        ("it", 12.5, f"1.250,0{NBSP}%"),
    ],
)
def test_percent(lang: str, value: float, printed: str) -> None:
    assert Locale(lang).percent(value) == printed


@pytest.mark.parametrize(
    ("lang", "value", "decimals", "printed"),
    [
        ("it", 593, 0, f"593{NBSP}mld{NBSP}USD"),
        ("it", -593, 0, f"{MINUS}593{NBSP}mld{NBSP}USD"),
        ("it", 1200, 0, f"1.200{NBSP}mld{NBSP}USD"),
        ("it", -592.658, 1, f"{MINUS}592,7{NBSP}mld{NBSP}USD"),
        ("en", 593, 0, "$593bn"),
        ("en", -593, 0, f"{MINUS}$593bn"),
        ("en", -592.658, 1, f"{MINUS}$592.7bn"),
        ("en", 1200, 0, "$1.2tn"),
        ("en", -1200, 0, f"{MINUS}$1.2tn"),
        ("en", 3492.7, 2, "$3.49tn"),
        ("en", 1000, 0, "$1.0tn"),
        ("en", 999.4, 0, "$999bn"),
    ],
)
def test_billions(lang: str, value: float, decimals: int, printed: str) -> None:
    assert Locale(lang).billions(value, decimals) == printed


@pytest.mark.parametrize(("value", "decimals"), [(999.6, 0), (999.96, 1), (-999.5001, 0)])
def test_billions_that_round_to_a_thousand_are_a_trillion(value: float, decimals: int) -> None:
    assert Locale("en").billions(value, decimals).endswith("$1.0tn")


@given(st.floats(-1e5, 1e5))
def test_italian_never_says_bln(value: float) -> None:
    printed = Locale("it").billions(value)
    assert "bln" not in printed.lower()
    assert "mila" not in printed
    assert printed.endswith(f"{NBSP}mld{NBSP}USD")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, None])
def test_what_is_no_number_is_not_available(lang: str, value: float | None) -> None:
    locale = Locale(lang)
    for printed in (locale.number(value), locale.percent(value), locale.billions(value)):
        assert printed == "n.a."
    assert locale.p_value(value) == "n.a."


@pytest.mark.parametrize(
    ("lang", "p", "printed"),
    [
        ("en", 0.0004, f"<{NARROW}0.001"),
        ("it", 0.0004, f"<{NARROW}0,001"),
        ("en", 0.001, "0.001"),
        ("it", 0.0437, "0,044"),
        ("en", 1.0, "1.000"),
        ("en", 0.0, f"<{NARROW}0.001"),
    ],
)
def test_p_value(lang: str, p: float, printed: str) -> None:
    assert Locale(lang).p_value(p) == printed


@pytest.mark.parametrize(
    ("method", "en", "it"),
    [
        ("date", "27 January 2025", "27 gennaio 2025"),
        ("short_date", "27 Jan 2025", "27 gen 2025"),
        ("day_month", "27 Jan", "27 gen"),
        ("month", "January 2025", "gennaio 2025"),
    ],
)
def test_dates(method: str, en: str, it: str) -> None:
    assert getattr(Locale("en"), method)(DAY) == en
    assert getattr(Locale("it"), method)(DAY) == it


@pytest.mark.parametrize(
    ("words", "en", "it"),
    [
        ([], "", ""),
        (["Nvidia"], "Nvidia", "Nvidia"),
        (["Nvidia", "Meta"], "Nvidia and Meta", "Nvidia e Meta"),
        (["a", "b", "c"], "a, b and c", "a, b e c"),
    ],
)
def test_join(words: list[str], en: str, it: str) -> None:
    assert (Locale("en").join(words), Locale("it").join(words)) == (en, it)


def test_another_language_is_refused_with_the_two_we_have() -> None:
    with pytest.raises(UserInputError, match=r"'de'.*it or en"):
        Locale("de")  # type: ignore[arg-type]


def test_text_holds_both_languages() -> None:
    text = Text("loss", "perdita")
    assert (text["en"], text["it"]) == ("loss", "perdita")
    assert text.as_dict() == {"en": "loss", "it": "perdita"}


@given(st.floats(-1e9, 1e9), st.integers(0, 4))
def test_a_printed_number_reads_back_to_half_a_unit(value: float, decimals: int) -> None:
    english = Locale("en").number(value, decimals)
    italian = Locale("it").number(value, decimals)
    swapped = italian.replace(".", "\0").replace(",", ".").replace("\0", ",")
    assert swapped == english
    read = float(english.replace(",", "").replace(MINUS, "-"))
    assert abs(read - value) <= 0.5 * 10**-decimals * (1 + 1e-9)


@given(
    value=st.floats(-1e12, 1e12, allow_nan=False),
    decimals=st.integers(0, 4),
    lang=st.sampled_from(LANGUAGES),
)
def test_numbers_are_those_of_the_unicode_tables(value, decimals, lang):
    numbers = pytest.importorskip("babel.numbers")
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    theirs = numbers.format_decimal(value, format=pattern, locale=UNICODE[lang])
    ours = Locale(lang).number(value, decimals)
    zero = not any(char in "123456789" for char in theirs)
    assert ours == (theirs.lstrip("-") if zero else theirs.replace("-", "\u2212"))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("month", range(1, 13))
def test_days_are_those_of_the_unicode_tables(month, lang):
    dates = pytest.importorskip("babel.dates")
    day, locale = dt.date(2025, month, 7), Locale(lang)
    forms = {
        "d MMMM y": locale.date,
        "d MMM y": locale.short_date,
        "d MMM": locale.day_month,
        "MMMM y": locale.month,
        "MMM y": locale.short_month,
    }
    for pattern, ours in forms.items():
        assert ours(day) == dates.format_date(day, format=pattern, locale=UNICODE[lang])
