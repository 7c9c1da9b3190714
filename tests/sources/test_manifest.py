from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path
from typing import Any

import pytest

from marketshock.errors import DataCorruptError
from marketshock.sources.bundle import EmbeddedSource
from marketshock.sources.manifest import (
    MANIFEST,
    SCHEMA,
    Manifest,
    build_manifest,
    read_bytes,
)

DATA = Path(__file__).resolve().parents[2] / "data"
FILES = sorted(path.name for path in DATA.glob("*.csv*"))


def edit(folder: Path, **changes: Any) -> None:
    """Write other values at the top level of the manifest; None takes a key out."""
    path = folder / MANIFEST
    content = json.loads(path.read_text("utf-8")) | changes
    path.write_text(json.dumps({k: v for k, v in content.items() if v is not None}), "utf-8")


def flip(path: Path, byte: int, bit: int = 0) -> None:
    data = bytearray(path.read_bytes())
    data[byte] ^= 1 << bit
    path.write_bytes(data)


def test_the_manifest_names_every_table_and_nothing_else(data_folder: Path) -> None:
    assert [record.path for record in Manifest.read(data_folder).files] == FILES


def test_hashes_and_rows_are_those_of_the_files(data_folder: Path) -> None:
    for record in Manifest.read(data_folder).files:
        data = (data_folder / record.path).read_bytes()
        assert hashlib.sha256(data).hexdigest() == record.sha256
        if record.path.endswith(".csv") and b'"' not in data:
            assert data.count(b"\n") - 1 == record.rows


def test_the_vintage_is_the_hash_of_the_file_hashes(data_folder: Path) -> None:
    lines = "".join(
        f"{name} {hashlib.sha256((data_folder / name).read_bytes()).hexdigest()}\n"
        for name in FILES
    )
    expected = hashlib.sha256(lines.encode()).hexdigest()[:12]
    assert Manifest.read(data_folder).vintage == expected
    assert EmbeddedSource(data_folder).vintage == expected


def test_a_copy_has_the_same_vintage_and_fewer_tables_another(
    folder: Path, data_folder: Path, small: Path
) -> None:
    assert Manifest.read(folder).vintage == Manifest.read(data_folder).vintage
    assert Manifest.read(small).vintage != Manifest.read(data_folder).vintage
    assert build_manifest(small) == Manifest.read(small)


def test_one_other_figure_is_another_vintage(small: Path) -> None:
    before = build_manifest(small).vintage
    path = small / "splits.csv"
    path.write_bytes(path.read_bytes().replace(b"AMZN,2022-06-06,20,", b"AMZN,2022-06-06,10,"))
    after = build_manifest(small).vintage
    assert after != before
    assert len(after) == 12


def test_title_and_day_do_not_change_the_vintage(small: Path) -> None:
    before = build_manifest(small)
    path = small / "vintage.toml"
    path.write_text(path.read_text("utf-8").replace("November 2026", "again"), "utf-8")
    after = build_manifest(small)
    assert after.title != before.title
    assert after.vintage == before.vintage


def read(folder: Path, name: str) -> object:
    """Read a file the way the package does."""
    source = EmbeddedSource(folder)
    if name == "prices_close.csv.gz":
        return source.prices(["NVDA"])
    return source.table(name.split(".")[0])


@pytest.mark.parametrize("name", FILES)
def test_one_flipped_byte_is_named(folder: Path, name: str) -> None:
    path = folder / name
    flip(path, path.stat().st_size // 2)
    with pytest.raises(DataCorruptError, match=name.replace(".", r"\.")) as caught:
        read(folder, name)
    assert caught.value.exit_code == 3
    assert caught.value.hint


@pytest.mark.parametrize("name", ["splits.csv", "prices_close.csv.gz"])
@pytest.mark.parametrize("damage", ["cut", "empty", "longer", "gone"])
def test_a_file_cut_emptied_lengthened_or_gone_is_named(
    folder: Path, name: str, damage: str
) -> None:
    path = folder / name
    data = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(
            {"cut": data[: len(data) // 2], "empty": b"", "longer": data + b"\n"}[damage]
        )
    with pytest.raises(DataCorruptError, match=name.replace(".", r"\.")):
        read(folder, name)


def test_a_warm_cache_does_not_hide_a_damaged_file(folder: Path) -> None:
    assert EmbeddedSource(folder).prices(["NVDA"]).values.size
    flip(folder / "prices_close.csv.gz", 1000)
    with pytest.raises(DataCorruptError, match="prices_close"):
        EmbeddedSource(folder).prices(["NVDA"])


def test_of_200_random_bit_flips_none_passes_unseen(folder: Path) -> None:
    rng = random.Random(2025)
    records = {record.path: record for record in Manifest.read(folder).files}
    unseen = []
    for _ in range(200):
        name = rng.choice(FILES)
        path = folder / name
        byte, bit = rng.randrange(path.stat().st_size), rng.randrange(8)
        flip(path, byte, bit)
        try:
            read_bytes(folder, records[name])
            unseen.append((name, byte, bit))
        except DataCorruptError:
            pass
        flip(path, byte, bit)
    assert unseen == []
    assert read_bytes(folder, records[FILES[0]])


def test_no_flipped_bit_of_the_manifest_passes_unseen(tmp_path: Path, data_folder: Path) -> None:
    original = (data_folder / MANIFEST).read_bytes()
    good = Manifest.read(data_folder)
    path = tmp_path / MANIFEST
    unseen = []
    for position in range(0, len(original) * 8, 37):  # 37 is odd, so every bit has its turn
        damaged = bytearray(original)
        damaged[position // 8] ^= 1 << position % 8
        path.write_bytes(damaged)
        try:
            if Manifest.read(tmp_path).to_json() == good.to_json():
                unseen.append((position, bytes(damaged[position // 8 - 20 : position // 8 + 5])))
        except DataCorruptError:
            pass
    assert unseen == []


def test_a_missing_manifest_is_named_with_its_folder(tmp_path: Path) -> None:
    with pytest.raises(DataCorruptError, match=r"manifest\.json") as caught:
        EmbeddedSource(tmp_path).table("splits")
    assert str(tmp_path) in caught.value.message
    assert "data build" in caught.value.hint


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"7", b"\xff\xfe", b"{}", b'{"schema": 1}']
)
def test_an_unreadable_manifest_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / MANIFEST).write_bytes(content)
    with pytest.raises(DataCorruptError, match=r"manifest\.json"):
        Manifest.read(tmp_path)


@pytest.mark.parametrize("key", ["schema", "title", "created", "split_basis", "vintage", "files"])
def test_a_manifest_without_one_of_its_keys_is_refused(folder: Path, key: str) -> None:
    edit(folder, **{key: None})
    with pytest.raises(DataCorruptError):
        Manifest.read(folder)


@pytest.mark.parametrize(
    "changes",
    [
        {"created": "yesterday"},
        {"files": 3},
        {"files": [{"path": "splits.csv"}]},
        {"files": []},
        {"vintage": "000000000000"},
        {"schema": "one"},
        {"schema": 0},
    ],
)
def test_a_manifest_with_another_value_is_refused(folder: Path, changes: dict[str, Any]) -> None:
    edit(folder, **changes)
    with pytest.raises(DataCorruptError):
        Manifest.read(folder)


def test_a_newer_schema_is_refused_with_the_way_out_and_left_alone(folder: Path) -> None:
    edit(folder, schema=SCHEMA + 1)
    before = (folder / MANIFEST).read_bytes()
    with pytest.raises(DataCorruptError, match="newer") as caught:
        Manifest.read(folder)
    assert "Update" in caught.value.hint
    assert (folder / MANIFEST).read_bytes() == before


def test_an_edited_hash_does_not_fit_the_vintage(folder: Path) -> None:
    content = json.loads((folder / MANIFEST).read_text("utf-8"))
    content["files"][0]["sha256"] = "0" * 64
    (folder / MANIFEST).write_text(json.dumps(content), "utf-8")
    with pytest.raises(DataCorruptError, match="vintage"):
        Manifest.read(folder)


def test_a_file_that_the_manifest_does_not_name_is_not_read(data_folder: Path) -> None:
    with pytest.raises(DataCorruptError, match="README"):
        Manifest.read(data_folder).record("README.md")
    with pytest.raises(DataCorruptError, match="splits"):
        EmbeddedSource(data_folder).table("split")


@pytest.mark.parametrize("text", ["", "title = ", 'title = "x"\n'])
def test_a_broken_vintage_file_is_a_data_error(small: Path, text: str) -> None:
    (small / "vintage.toml").write_text(text, "utf-8")
    with pytest.raises(DataCorruptError, match=r"vintage\.toml"):
        build_manifest(small)


def test_what_the_manifest_writes_it_reads(tmp_path: Path, data_folder: Path) -> None:
    manifest = Manifest.read(data_folder)
    (tmp_path / MANIFEST).write_text(manifest.to_json(), "utf-8")
    assert Manifest.read(tmp_path) == manifest
    assert (data_folder / MANIFEST).read_text("utf-8") == manifest.to_json()
