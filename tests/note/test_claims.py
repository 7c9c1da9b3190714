from __future__ import annotations

import re
import tomllib

import pytest

from marketshock.errors import DataCorruptError, QualityError
from marketshock.locale import Text
from marketshock.note import dates
from marketshock.note.claims import CLAIMS, UNITS, Claims, read_claims
from marketshock.note.facts import Answer, NoteFacts
from marketshock.note.reconciliation import MODULES, reconcile_note
from marketshock.note.sentences import sentence

HEAD = '[note]\npublication = "note"\nshock = "deepseek_2025"\n'
ENTRY = """
[[claim]]
id = "one"
item = 1
function = "dates.happened"
arguments = { event = "R1 joins Azure" }
printed = 2025-01-30
unit = "date"
en = "A day"
it = "Un giorno"
"""
QUOTE = """
[[claim]]
id = "two"
item = 2
unit = "USD bn"
printed = 18.0
en = "Money"
it = "Denaro"
quote = { en = "18", it = "18", date = "2025-01", source = "press", status = "recalled" }
"""


def test_a_good_entry_is_read() -> None:
    claims = read_claims(HEAD + ENTRY + QUOTE)
    assert [claim.id for claim in claims.claims] == ["one", "two"]
    assert claims.claims[1].quote.source == "press"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (ENTRY.replace('function = "dates.happened"\n', ""), "needs a source"),
        (ENTRY.replace('unit = "date"', 'unit = "furlong"'), "unknown unit"),
        (ENTRY.replace('unit = "date"\n', ""), "lacks 'unit'"),
        (ENTRY.replace("item = 1", "item = 1\nverdict = 'match'"), "unknown 'verdict'"),
        (ENTRY.replace('it = "Un giorno"', ""), "lacks 'it'"),
        (QUOTE.replace('source = "press"', 'source = " "'), "needs a source"),
        (QUOTE.replace('date = "2025-01", ', ""), "needs a date"),
        ("[[claim", "can't be read"),
    ],
)
def test_bad_entries_are_refused(text: str, words: str) -> None:
    with pytest.raises(DataCorruptError, match=re.escape(words)):
        read_claims(HEAD + text)


def test_two_claims_of_one_name_are_refused(facts: NoteFacts) -> None:
    with pytest.raises(DataCorruptError, match="Two claims are called one"):
        reconcile_note(read_claims(HEAD + ENTRY + ENTRY), facts)


@pytest.mark.parametrize("name", ["dates.hapened", "os.system", "dates._event", "happened"])
def test_only_functions_of_this_package_compute(facts: NoteFacts, name: str) -> None:
    with pytest.raises(DataCorruptError, match="no function"):
        reconcile_note(read_claims(HEAD + ENTRY.replace("dates.happened", name)), facts)


def test_an_entry_without_printed_figures_is_refused(facts: NoteFacts) -> None:
    each = 'each = { table = "training_cost", where = { item = "no" }, printed = "printed_value" }'
    text = HEAD + ENTRY.replace("printed = 2025-01-30", each)
    with pytest.raises(DataCorruptError, match="no printed figure"):
        reconcile_note(read_claims(text), facts)


def test_an_answer_without_a_source_is_refused(
    facts: NoteFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dates, "happened", lambda *_: Answer(1.0, (), ()))
    with pytest.raises(QualityError, match="names no source"):
        reconcile_note(read_claims(HEAD + ENTRY), facts)


def test_an_event_that_the_timeline_lacks_is_refused(facts: NoteFacts) -> None:
    with pytest.raises(DataCorruptError, match="0 events"):
        reconcile_note(read_claims(HEAD + ENTRY.replace("R1 joins Azure", "No such")), facts)


def test_no_verdict_and_no_recomputed_figure_is_declared() -> None:
    for entry in tomllib.loads(CLAIMS.read_text("utf-8"))["claim"]:
        assert not {"verdict", "recomputed", "explanation"} & set(entry)
        assert entry["unit"] in UNITS


def test_every_function_serves_a_claim(claims: Claims) -> None:
    used = {claim.function for claim in claims.claims if claim.function}
    assert used == {f"{name}.{one}" for name, home in MODULES.items() for one in home.__all__}


def test_sentences_write_figures_as_each_language_does() -> None:
    words = Text("{loss:1} of {n}, {name}", "{loss:1} su {n}, {name}")
    told = sentence(words, {"loss": -1234.56, "n": 3, "name": Text("chips", "dal 8 chip")})
    assert told == Text("\u22121,234.6 of 3, chips", "\u22121.234,6 su 3, dall'8 chip")
    with pytest.raises(DataCorruptError, match="No figure called 'n'"):
        sentence(words, {"loss": 1.0})
