"""Exhibits of the note: clean drawings, data as computed, every figure once, weak ones marked."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text as Written

import marketshock as ms
from marketshock.errors import InsufficientDataError, QualityError, UserInputError
from marketshock.exhibits.exhibit import MARK, Exhibit
from marketshock.exhibits.market_exhibits import VERDICTS
from marketshock.exhibits.note_exhibits import CORRECTED
from marketshock.exhibits.note_figures import figure_words, finer
from marketshock.locale import LANGUAGES, Locale
from marketshock.provenance import Status
from marketshock.table import Table

SHOCK = dt.date(2025, 1, 27)
BOTH = pytest.mark.parametrize("lang", LANGUAGES)


@cache
def result(name: str) -> Any:
    makers: dict[str, Any] = {
        "record": ms.loss_record,
        "technology": lambda: ms.basket(SHOCK, "technology"),
        "seven": lambda: ms.basket(SHOCK, "magnificent7"),
        "paid": lambda: ms.valuations("2025-01-24"),
        "early": lambda: ms.valuations("2015-03-02"),
        "outcomes": ms.capex_outcomes,
        "quarter": lambda: ms.capex_trend("quarter"),
        "ttm": lambda: ms.capex_trend("ttm"),
        "growth": lambda: ms.capex_growth("quarter"),
        "intensity": ms.capex_intensities,
        "two": lambda: ms.capex_intensities(["MSFT", "ORCL"]),
        "note": ms.reconcile_note,
    }
    return makers[name]()


MADE: dict[str, tuple[str, str, dict[str, Any]]] = {
    "record_history": ("record", "record_history", {"event": SHOCK}),
    "basket_bars": ("technology", "basket_bars", {}),
    "basket_bars few": ("technology", "basket_bars", {"most": 3}),
    "basket_bars seven": ("seven", "basket_bars", {}),
    "rotation_bars": ("technology", "rotation_bars", {}),
    "multiples_table": ("paid", "multiples_table", {}),
    "multiples_table early": ("early", "multiples_table", {}),
    "capex_outcomes": ("outcomes", "capex_outcomes", {}),
    "capex_quarters": ("quarter", "capex_quarters", {}),
    "capex_quarters ttm": ("ttm", "capex_quarters", {"last": 6}),
    "capex_intensity": ("intensity", "capex_intensity", {}),
    "capex_intensity two": ("two", "capex_intensity", {}),
    "note_table": ("note", "note_table", {}),
    "note_table whole": ("note", "note_table", {"whole": True}),
    "note_table confirmed": ("note", "note_table", {"corrected": False}),
    "note_corrections": ("note", "note_corrections", {}),
}
EVERY = pytest.mark.parametrize("name", MADE)
CHARTS = [name for name in MADE if not name.startswith(("multiples", "capex_out", "note"))]


@cache
def made(name: str) -> Exhibit:
    source, key, options = MADE[name]
    return ms.exhibit(result(source), key, **options)


def written(figure: Figure) -> list[tuple[str, Any]]:
    axes = figure.axes[0]
    every = [*axes.get_xticklabels(), *axes.get_yticklabels(), *axes.texts]
    return [
        (text.get_text(), Written.get_window_extent(text).padded(-0.3, -0.28 / 25.4 * 200))
        for text in every
        if text.get_text().strip()
    ]


@pytest.mark.parametrize("name", CHARTS)
@BOTH
@pytest.mark.parametrize("size", ["full", "half"])
def test_no_text_is_cut_and_none_meets_another(name: str, lang: Any, size: Any) -> None:
    figure = made(name).in_language(lang).at_size(size).figure()
    boxes, page = written(figure), figure.bbox.padded(0.5)
    assert len(boxes) > 3
    for text, box in boxes:
        assert page.x0 <= box.x0, text
        assert box.x1 <= page.x1, text
        assert page.y0 <= box.y0, text
        assert box.y1 <= page.y1, text
        assert "\u2026" not in text
    for (text, box), (other, second) in itertools.combinations(boxes, 2):
        assert not box.overlaps(second), (text, other)


@EVERY
def test_every_exhibit_stands_alone_in_both_languages(name: str) -> None:
    shown = made(name)
    assert shown.key == name.split()[0]
    assert shown.sources
    for words in (shown.title, shown.unit, shown.alt, *shown.notes):
        assert words.en.strip()
        assert words.en != words.it
        assert "largest ever" not in words.en
        assert "None" not in words.en + words.it
    for lang in LANGUAGES:
        payload = shown.in_language(lang).payload()
        assert payload["title"] == shown.title[lang]
        assert payload["source"]


@EVERY
def test_an_exhibit_of_another_result_is_refused(name: str) -> None:
    with pytest.raises(UserInputError, match="is made from"):
        ms.exhibit(ms.training_cost(), name.split()[0])


# The figures drawn are those of the result.


def test_the_record_is_that_of_the_result() -> None:
    shown, record = made("record_history"), result("record")
    assert list(shown.data["loss_usd_bn"]) == [one.loss.loss_usd_bn for one in record.holders]
    assert f"{len(record.holders) - 1} times" in shown.title.en
    assert f"among the {record.companies} companies with share counts" in shown.unit.en
    assert "left the market" in shown.notes[0].en
    bars = [bar for bar in shown.figure().axes[0].patches if bar.get_width()]
    drawn = sorted(bar.get_width() for bar in bars)
    assert drawn == pytest.approx(sorted(shown.data["loss_usd_bn"]))


def test_the_parts_of_a_group_add_up() -> None:
    group = result("technology")
    rows = list(made("basket_bars").data)
    losers, net, *single = rows
    assert losers["change_usd_bn"] == pytest.approx(group.losers_usd_bn)
    assert net["change_usd_bn"] == pytest.approx(group.net_usd_bn)
    assert sum(row["change_usd_bn"] for row in single) == pytest.approx(group.net_usd_bn)
    for row in rows:
        parts = row["market_part_usd_bn"] + row["abnormal_part_usd_bn"]
        assert parts == pytest.approx(row["change_usd_bn"])
    bars = made("basket_bars").figure().axes[0].patches
    assert sum(bar.get_width() for bar in bars) == pytest.approx(
        sum(row["change_usd_bn"] for row in rows)
    )


def test_companies_beyond_the_rows_drawn_are_one_row() -> None:
    few, group = list(made("basket_bars few").data), result("technology")
    assert few[-1]["row"].en == f"Others ({len(group.rows) - 3})"
    assert sum(r["change_usd_bn"] for r in few[2:]) == pytest.approx(group.net_usd_bn)


def test_fallback_counts_are_marked_on_the_page() -> None:
    shown, group = made("basket_bars"), result("technology")
    weak = {row.name for row in group.rows if row.share_kind.startswith("weighted")}
    marked = {row["row"].en for row in shown.data if row["row"].en.endswith(" *")}
    assert marked
    assert {name.removesuffix(" *") for name in marked} <= weak
    assert any(note.en.startswith("* Weighted average") for note in shown.notes)


def test_no_source_is_named_twice() -> None:
    for name in MADE:
        words = [(source.name, source.as_of) for source in made(name).sources]
        assert len(set(words)) == len(words), name


def test_the_rotation_counts_all_stocks() -> None:
    group, shown = result("technology"), made("rotation_bars")
    both = len(group.risers) + group.fallers
    assert shown.title.en.startswith(f"{len(group.risers)} of {both} stocks rose")
    assert list(shown.data["return"]) == list(group.risers["return"])[: len(shown.data)]


def test_multiples_are_those_of_each_company() -> None:
    paid = result("paid")
    for row in made("multiples_table").data:
        one = paid.companies[row["name"].removesuffix(f" {MARK}")]
        assert row["price_earnings"] == one["price_earnings"].value
        assert row["price_sales_percentile"] == one["price_sales"].percentile


def test_a_multiple_that_cannot_be_computed_says_why() -> None:
    shown = made("multiples_table early")
    lacking = [row for row in shown.data if row["price_sales"] is None]
    assert lacking
    cells = shown.payload()["rows"]
    assert any("n.a." in row for row in cells)
    assert any(note.en.startswith("Not computed: ") for note in shown.notes)


def test_projections_stand_beside_outcomes() -> None:
    rows = {row["year"]: row for row in made("capex_outcomes").data}
    trend = ms.capex_trend()
    for year in ("2024", "2025"):
        assert rows[year]["outcome_usd_bn"] == trend.total(year)
    assert rows["2026"]["outcome_usd_bn"] is None
    assert made("capex_outcomes").payload()["rows"][-1][-1] == "745–775"


def test_outcomes_need_one_year_that_is_over() -> None:
    found = result("outcomes")
    rows = [row for row in found.rows if row["outcome_usd_bn"] is None]
    with pytest.raises(InsufficientDataError, match="No projected year"):
        ms.exhibit(replace(found, rows=Table.from_rows("rows", rows)), "capex_outcomes")


def test_quarters_are_those_of_the_trend() -> None:
    for row in made("capex_quarters").data:
        assert row["total_usd_bn"] == result("quarter").total(row["period"])
    with pytest.raises(UserInputError, match="by year"):
        ms.exhibit(ms.capex_trend(), "capex_quarters")


def test_growth_is_told_with_its_interval() -> None:
    growth = result("growth")
    shown = ms.exhibit(result("quarter"), "capex_quarters", growth=growth)
    words = [note.en for note in shown.notes if "Newey-West" in note.en]
    assert len(words) == 1
    for value in (growth.growth, growth.low, growth.high):
        assert Locale("en").percent(value, 0) in words[0]


def test_the_lines_are_the_intensities() -> None:
    found = result("intensity")
    lines = made("capex_intensity").figure().axes[0].lines
    ends = {round(float(line.get_ydata()[-1]), 9) for line in lines}
    for path in found.paths.values():
        assert round(path["intensity"][-1], 9) in ends


# Every figure of the note stands on its page exactly once.


def ids(*names: str) -> list[str]:
    return [one for name in names for row in made(name).data for one in row["ids"].split()]


@pytest.mark.parametrize(
    "names",
    [("note_table",), ("note_table whole",), ("note_table confirmed", "note_corrections")],
)
def test_every_claim_stands_exactly_once(names: tuple[str, ...]) -> None:
    assert sorted(ids(*names)) == sorted(item.id for item in result("note").items)


def test_one_row_never_mixes_verdicts() -> None:
    note = result("note")
    for row in made("note_table").data:
        assert {note[one].verdict for one in row["ids"].split()} == {row["verdict"]}


def test_corrections_are_told_with_their_evidence() -> None:
    rows = list(made("note_corrections").data)
    assert {row["verdict"] for row in rows} == set(CORRECTED)
    assert all(row["explanation"].en.endswith(".") for row in rows)
    counts = result("note").counts
    assert made("note_corrections").title.en.startswith(
        f"Corrections: {counts['wrong']} figures not confirmed"
    )


def test_the_title_counts_what_is_confirmed() -> None:
    items = result("note").items
    judged = [item for item in items if item.verdict != "not_computable"]
    held = sum(item.verdict in ("match", "rounding") for item in judged)
    assert made("note_table").title.en.startswith(f"{held} of {len(judged)} figures")


def test_quotes_name_their_source() -> None:
    rows = {row["ids"]: row["explanation"].en for row in made("note_table whole").data}
    for item in result("note").items:
        if item.quote is not None and item.status is not Status.RECALLED:
            assert item.quote.source in rows[item.id]


def test_recalled_claims_are_marked_and_unmarked_ones_refused() -> None:
    shown = made("note_table whole")
    for row in shown.data:
        assert (row["status"] == "recalled") == row["claim"].en.endswith(MARK)
    bare = [{**row, "claim": replace(row["claim"], en="x", it="x")} for row in shown.data]
    with pytest.raises(QualityError, match="without the mark"):
        replace(shown, data=Table.from_rows("note_table", bare))


def test_a_changed_verdict_changes_the_page() -> None:
    note = result("note")
    worse = [replace(one, verdict="wrong") if one.id == "azure" else one for one in note.items]
    worse = [replace(one, verdict="wrong") if one.id == "v3_release" else one for one in worse]
    changed = ms.exhibit(replace(note, items=tuple(worse)), "note_corrections")
    assert "v3_release" in changed.data["ids"]
    assert changed.title != made("note_corrections").title


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "en", "it"),
    [
        (None, "USD bn", None, "–", "–"),
        (-592.658, "USD bn", 1, "\u2212592.7\u00a0bn", "\u2212592,7\u00a0mld"),
        (5576000.0, "USD", None, "$5.576m", "5,576\u00a0mln\u00a0USD"),
        (0.14, "USD per million tokens", None, "$0.14", "0,14\u00a0USD"),
        (2.0, "USD per hour", None, "$2.00", "2,00\u00a0USD"),
        (-17.0, "percent", None, "\u221217%", "\u221217\u00a0%"),
        (5.8, "times", None, "5.8×", "5,8×"),
        (2021.0, "year", None, "2021", "2021"),
        (2788000.0, "hours", None, "2,788,000", "2.788.000"),
        (dt.date(2025, 1, 29), "date", None, "29 Jan 2025", "29 gen 2025"),
        ("Anthropic", "name", None, "Anthropic", "Anthropic"),
    ],
)
def test_figures_in_words(value: Any, unit: str, decimals: Any, en: str, it: str) -> None:
    assert figure_words(value, unit, Locale("en"), decimals) == en
    assert figure_words(value, unit, Locale("it"), decimals) == it


@pytest.mark.parametrize(
    ("printed", "recomputed", "unit", "decimals"),
    [
        (-17.0, -16.97, "percent", 1),
        (57.0, 56.7, "days", 1),
        (10.0, 9.0, "rows", 0),
        (0.25, 0.28, "USD per million tokens", 2),
        (None, None, "statement", 0),
    ],
)
def test_a_recomputed_figure_shows_one_digit_more(
    printed: Any, recomputed: Any, unit: str, decimals: int
) -> None:
    assert finer(printed, recomputed, unit) == decimals


def test_every_verdict_has_its_word() -> None:
    assert {row["verdict"] for row in made("note_table").data} == set(VERDICTS)


# The cover counts the same figures.


@BOTH
def test_the_cover_counts_the_same_figures(lang: Any) -> None:
    note, shock = result("note"), ms.event_study("deepseek", window=(0, 0))
    cover = ms.note_cover(note, shock, result("record"), result("technology"), result("outcomes"))
    page = cover.in_language(lang).payload()
    care = sum(note.counts[word] for word in CORRECTED)
    assert page["figures"][1]["value"] == str(care)
    held, of = page["figures"][0]["value"].split("/")
    assert int(held) + care == int(of)
    assert held in page["title"]
    assert of in page["title"]
    assert page["day"] == str(note.publication.date)
    assert len(page["takeaways"]) == 4
