from __future__ import annotations

import csv
import datetime as dt
import gzip
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from marketshock.errors import DataCorruptError, UserInputError
from marketshock.sources import bundle
from marketshock.sources.bundle import EmbeddedSource
from marketshock.sources.bundle import data_folder as default_folder

SYMBOLS = ("NVDA", "AVGO", "^GSPC")

READ_AND_TELL = """
import sys
from pathlib import Path
from marketshock.sources.bundle import EmbeddedSource
panel = EmbeddedSource(Path(sys.argv[1])).prices(["NVDA"])
print(repr(float(panel.values[-1, 0])), "pandas" in sys.modules)
"""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("MARKETSHOCK_CACHE", str(folder))
    return folder


@pytest.fixture(scope="module")
def raw(data_folder: Path) -> dict[tuple[str, str], dict[str, str]]:
    """Rows of a few symbols, read with nothing but gzip and csv."""
    with gzip.open(data_folder / "prices_close.csv.gz", "rt", encoding="utf-8") as file:
        return {
            (row["symbol"], row["date"]): row
            for row in csv.DictReader(file)
            if row["symbol"] in SYMBOLS
        }


def close_values(folder: Path) -> np.ndarray:
    return EmbeddedSource(folder).prices(SYMBOLS).values


@pytest.mark.parametrize("field", ["close", "adj_close", "volume"])
@pytest.mark.parametrize("symbol", ["NVDA", "AVGO"])
def test_panels_hold_the_figures_of_the_file(
    data_folder: Path, raw: dict[tuple[str, str], dict[str, str]], symbol: str, field: str
) -> None:
    panel = EmbeddedSource(data_folder).prices([symbol], field)  # type: ignore[arg-type]
    expected = {
        day: float(row[field]) for (name, day), row in raw.items() if name == symbol and row[field]
    }
    found = {
        str(day): value
        for day, value in zip(panel.sessions, panel.values[:, 0], strict=True)
        if np.isfinite(value)
    }
    assert found == expected
    assert len(found) > 2000


def test_a_source_names_itself_and_its_vintage(data_folder: Path) -> None:
    source = EmbeddedSource(data_folder)
    assert source.name == "embedded"
    assert len(source.vintage) == 12
    assert int(source.vintage, 16) >= 0


def test_bases_are_told(data_folder: Path) -> None:
    source = EmbeddedSource(data_folder)
    assert source.prices(["NVDA"]).basis == "splits"
    assert source.prices(["NVDA"], "adj_close").basis == "splits_dividends"
    assert source.prices(["^GSPC"], "adj_close").basis == "index"
    assert source.prices(["NVDA"]).sources[0].licence


def test_an_index_has_its_close_as_adjusted_close(data_folder: Path) -> None:
    source = EmbeddedSource(data_folder)
    index = source.prices(["^GSPC"], "adj_close").values
    np.testing.assert_array_equal(index, source.prices(["^GSPC"]).values)


def test_columns_come_in_the_order_asked_for(data_folder: Path) -> None:
    source = EmbeddedSource(data_folder)
    panel = source.prices(["META", "AAPL"])
    assert panel.symbols == ("META", "AAPL")
    np.testing.assert_array_equal(panel.values[:, 1], source.prices(["AAPL"]).values[:, 0])


def test_writing_to_one_panel_is_impossible_and_the_next_is_untouched(data_folder: Path) -> None:
    panel = EmbeddedSource(data_folder).prices(["NVDA"])
    with pytest.raises(ValueError, match="read-only"):
        panel.values[0, 0] = 0.0


def test_two_reads_are_equal_and_the_second_comes_from_the_cache(
    data_folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = close_values(data_folder)
    assert len(list(cache.glob("prices-*.npz"))) == 1

    def never(data: bytes) -> Iterator[None]:
        raise AssertionError("the cache was not used")

    monkeypatch.setattr(bundle, "_parse_prices", never)
    np.testing.assert_array_equal(close_values(data_folder), first)


@pytest.mark.parametrize("damage", ["flip_early", "flip_late", "cut", "empty", "text", "other_zip"])
def test_a_corrupt_cache_is_rebuilt_with_the_same_numbers(
    data_folder: Path, cache: Path, damage: str
) -> None:
    first = close_values(data_folder)
    path = next(cache.glob("prices-*.npz"))
    good = path.read_bytes()
    early, late = bytearray(good), bytearray(good)
    early[len(good) // 6] ^= 1  # inside the closes
    late[len(good) * 5 // 6] ^= 1  # inside the volumes, which are not asked for
    path.write_bytes(
        {
            "flip_early": bytes(early),
            "flip_late": bytes(late),
            "cut": good[: len(good) // 2],
            "empty": b"",
            "text": b"not an archive",
            "other_zip": b"PK\x05\x06" + bytes(18),
        }[damage]
    )
    np.testing.assert_array_equal(close_values(data_folder), first)
    assert path.read_bytes()[:2] == b"PK"
    assert path.stat().st_size == len(good)
    np.testing.assert_array_equal(close_values(data_folder), first)


def test_a_cache_folder_that_is_a_file_is_no_obstacle(
    data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("x")
    monkeypatch.setenv("MARKETSHOCK_CACHE", str(blocked))
    assert np.isfinite(close_values(data_folder)[-1]).all()
    assert blocked.read_text() == "x"


def test_a_full_disk_leaves_no_half_written_cache(
    data_folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: object, **arrays: object) -> None:
        file.write(b"half")  # type: ignore[attr-defined]
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    assert np.isfinite(close_values(data_folder)[-1]).all()
    assert list(cache.iterdir()) == []


def run(data: Path, cache: Path, *before: str, **options: object) -> list[str]:
    environment = {
        **os.environ,
        "MARKETSHOCK_CACHE": str(cache),
        "PYTHONPATH": str(Path(bundle.__file__).parents[2]),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    answer = subprocess.run(
        [sys.executable, "-c", READ_AND_TELL, str(data)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        **options,  # type: ignore[call-overload]
    )
    assert answer.returncode == 0, answer.stderr
    return str(answer.stdout).split()


def test_the_second_read_needs_no_pandas_and_a_read_only_cache_is_enough(
    data_folder: Path, cache: Path
) -> None:
    first = run(data_folder, cache)
    assert first[1] == "True"
    path = next(cache.glob("prices-*.npz"))
    written = path.stat().st_mtime_ns
    cache.chmod(0o555)
    try:
        assert run(data_folder, cache) == [first[0], "False"]
    finally:
        cache.chmod(0o755)
    assert path.stat().st_mtime_ns == written


def test_a_symbol_twice_on_one_session_is_refused() -> None:
    text = b"symbol,date,close,adj_close,volume\nA,2025-01-27,1,1,1\nA,2025-01-27,2,2,2\n"
    with pytest.raises(DataCorruptError, match="two different rows for 2025-01-27"):
        bundle._parse_prices(gzip.compress(text))


def test_tickers_that_look_like_missing_values_are_symbols() -> None:
    text = b"symbol,date,close,adj_close,volume\nNA,2025-01-27,1,,\nTRUE,2025-01-28,2,2,2\n"
    store = bundle._parse_prices(gzip.compress(text))
    assert store["symbols"].tolist() == ["NA", "TRUE"]
    assert np.isnan(store["close"][1, 0])
    assert np.isnan(store["adj_close"][0, 0])


def test_rows_in_any_order_give_the_same_panel() -> None:
    head, *rows = (
        b"symbol,date,close,adj_close,volume",
        b"A,2025-01-27,1,1,1",
        b"A,2025-01-28,2,2,2",
        b"B,2025-01-27,3,3,3",
    )
    one = bundle._parse_prices(gzip.compress(b"\n".join([head, *rows])))
    other = bundle._parse_prices(gzip.compress(b"\n".join([head, *reversed(rows)])))
    assert not one.pop("unsorted")
    assert other.pop("unsorted")
    for key, values in one.items():
        np.testing.assert_array_equal(values, other[key])


def test_a_row_that_stands_twice_counts_once() -> None:
    text = b"symbol,date,close,adj_close,volume\nA,2025-01-27,1,1,1\nA,2025-01-27,1,1,1\n"
    store = bundle._parse_prices(gzip.compress(text))
    assert store["close"].tolist() == [[1.0]]
    assert int(store["repeated"]) == 1


@pytest.mark.parametrize("day", ["2025-01-27 16:00", "2025-01-27T00:00:00-05:00", "27/01/2025", ""])
def test_a_day_with_a_time_or_zone_is_refused(day: str) -> None:
    text = f"symbol,date,close,adj_close,volume\nA,{day},1,1,1\n".encode()
    with pytest.raises(DataCorruptError, match="ISO day"):
        bundle._parse_prices(gzip.compress(text))


def test_a_table_has_dates_numbers_and_empty_cells(data_folder: Path) -> None:
    shares = EmbeddedSource(data_folder).table("shares")
    row = next(iter(shares))
    assert isinstance(row["as_of"], dt.date)
    assert isinstance(row["shares"], float)
    assert None in shares["filed"]


def test_days_known_only_to_the_month_stay_text(data_folder: Path) -> None:
    assert set(EmbeddedSource(data_folder).table("timeline")["date"]) >= {"2015", "2019"}


def test_every_table_can_be_read(data_folder: Path) -> None:
    source = EmbeddedSource(data_folder)
    for record in source.manifest.files:
        if not record.path.startswith("prices"):
            assert len(source.table(record.path.split(".")[0])) == record.rows, record.path


def test_a_number_that_is_none_is_a_data_error(small: Path) -> None:
    from marketshock.sources.manifest import MANIFEST, build_manifest

    path = small / "splits.csv"
    path.write_bytes(path.read_bytes().replace(b"06,20,split", b"06,twenty,split"))
    (small / MANIFEST).write_text(build_manifest(small).to_json(), "utf-8")
    with pytest.raises(DataCorruptError, match=r"splits\.csv.*twenty"):
        EmbeddedSource(small).table("splits")


def test_an_unknown_symbol_is_refused_with_a_suggestion(data_folder: Path) -> None:
    with pytest.raises(UserInputError, match=r"'NVDX'.*NVDA"):
        EmbeddedSource(data_folder).prices(["NVDX"])


def test_another_folder_is_named_in_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, data_folder: Path
) -> None:
    assert default_folder() == data_folder
    monkeypatch.setenv("MARKETSHOCK_DATA", str(tmp_path))
    assert default_folder() == tmp_path
