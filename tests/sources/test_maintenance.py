from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from marketshock.errors import DataCorruptError
from marketshock.sources import contracts, maintenance
from marketshock.sources.bundle import EmbeddedSource
from marketshock.sources.maintenance import CROSS, Check, build, status, verify
from marketshock.sources.manifest import MANIFEST, Manifest


def digests(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}


def failed(checks: list[Check]) -> list[Check]:
    return [check for check in checks if not check.ok]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the contracts, which have tests of their own and take seconds."""
    monkeypatch.setattr(maintenance, "_contents", lambda folder: [])


def test_the_committed_tables_verify_and_building_them_changes_no_byte(
    folder: Path, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Check] = []

    def kept(place: Path) -> list[Check]:
        seen[:] = seen or contents(place)
        return seen

    contents = maintenance._contents
    monkeypatch.setattr(maintenance, "_contents", kept)  # build and verify share the slow part
    before, written = digests(folder), (folder / MANIFEST).stat().st_mtime_ns
    manifest, problems = build(folder)
    assert problems == []
    assert (folder / MANIFEST).stat().st_mtime_ns == written
    assert digests(folder) == before == digests(data_folder)
    assert manifest == Manifest.read(data_folder)
    checks = verify(data_folder)
    assert failed(checks) == []
    assert {CROSS, MANIFEST, "files", "prices_close.csv.gz", "splits"} <= {c.name for c in checks}


@pytest.mark.usefixtures("quick")
def test_a_changed_figure_fails_until_it_is_built(small: Path) -> None:
    before = Manifest.read(small)
    path = small / "training_cost.csv"
    path.write_bytes(path.read_bytes().replace(b",2664000,", b",2664001,"))
    assert [check.name for check in failed(verify(small))] == ["training_cost.csv"]
    built, problems = build(small)
    assert problems == []
    assert built.vintage != before.vintage
    assert failed(verify(small)) == []
    assert EmbeddedSource(small).vintage == built.vintage
    assert 2664001.0 in EmbeddedSource(small).table("training_cost")["published_value"]


def test_a_table_that_breaks_its_contract_is_not_built(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contracts, "table_names", lambda: ("splits", "publications"))
    path = small / "splits.csv"
    path.write_bytes(path.read_bytes().replace(b"AMZN,2022-06-06,20,", b"AMZN,2022-06-06,-20,"))
    before = digests(small)
    with pytest.raises(DataCorruptError, match=r"splits\.ratio, row 2: found -20"):
        build(small)
    assert digests(small) == before


@pytest.mark.usefixtures("quick")
def test_status_tells_which_file_is_not_as_it_was(small: Path) -> None:
    assert all(record["ok"] for record in status(small))
    (small / "splits.csv").write_text("symbol\n")
    (small / "shares.csv").unlink()
    assert {r["path"] for r in status(small) if not r["ok"]} == {"splits.csv", "shares.csv"}
    assert set(status(small)[0]) == {"path", "sha256", "rows", "first", "last", "ok"}


@pytest.mark.usefixtures("quick")
def test_verify_stops_at_bytes_that_differ_and_names_every_one(small: Path) -> None:
    for name in ("splits.csv", "shares.csv"):
        path = small / name
        path.write_bytes(path.read_bytes() + b"\n")
    assert [check.name for check in failed(verify(small))] == ["shares.csv", "splits.csv"]


@pytest.mark.usefixtures("quick")
def test_verify_names_a_table_that_the_manifest_does_not_know(small: Path) -> None:
    (small / "rumours.csv").write_text("symbol\nNVDA\n")
    assert [check.name for check in failed(verify(small))] == ["files", MANIFEST]
    assert "rumours.csv" in failed(verify(small))[0].detail


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("old", ['"rows": 38', '"last": "2026-07-02"', '"created": "2026-11-23"'])
def test_verify_sees_a_manifest_that_tells_other_rows_or_days(small: Path, old: str) -> None:
    path = small / MANIFEST
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, old[:-2] + ("9" if old.endswith("8") else '4"')), "utf-8")
    assert [check.name for check in failed(verify(small))] == [MANIFEST]


@pytest.mark.parametrize("name", [CROSS, "splits"])
def test_verify_carries_what_the_contracts_find(
    small: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    problem = Check(name, False, "a problem")
    monkeypatch.setattr(maintenance, "_contents", lambda folder: [problem])
    assert failed(verify(small)) == [problem]


def test_build_writes_but_tells_what_tables_disagree_on(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        maintenance, "_contents", lambda folder: [Check(CROSS, False, "two days differ")]
    )
    (small / MANIFEST).unlink()
    assert build(small)[1] == ["two days differ"]
    assert Manifest.read(small).files


@pytest.mark.parametrize("content", [None, b"", b"{"])
def test_verify_answers_even_without_a_manifest(small: Path, content: bytes | None) -> None:
    path = small / MANIFEST
    path.unlink() if content is None else path.write_bytes(content)
    checks = verify(small)
    assert [(check.name, check.ok) for check in checks] == [(MANIFEST, False)]


@pytest.mark.usefixtures("quick")
def test_verify_answers_even_without_the_vintage_file(small: Path) -> None:
    (small / "vintage.toml").unlink()
    assert failed(verify(small))


def test_build_names_a_compressed_table_that_is_damaged(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contracts, "table_names", lambda: ("fx_daily",))
    path = small / "fx_daily.csv.gz"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(DataCorruptError, match="fx_daily"):
        build(small)


def test_a_missing_table_is_named(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contracts, "table_names", lambda: ("splits", "publications"))
    (small / "splits.csv").unlink()
    checks = maintenance._contents(small)
    assert [(c.name, c.ok) for c in checks] == [("splits", False), ("publications", True)]
    assert "missing" in checks[0].detail


def test_a_check_is_json() -> None:
    check = Check("splits", True, "keeps its contract")
    assert check.as_dict() == {"name": "splits", "ok": True, "detail": "keeps its contract"}
