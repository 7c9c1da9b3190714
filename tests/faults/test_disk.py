"""Disk and process faults by their number, on the command line in child processes."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from child import NAMES, Shell
from loopback_yahoo import History, LoopbackYahoo

from marketshock.errors import DataCorruptError, MarketShockError
from marketshock.files import slug
from marketshock.sources.staging import file_name
from marketshock.sources.vintages import Pointer, VintageStore

pytestmark = pytest.mark.slow
CRASH = Path(__file__).with_name("crash.py")
REFRESH = ("data", "refresh", "--symbols", NAMES, "--format", "json")


def struck(
    shell: Shell, kind: str, at: int, action: str, *arguments: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a command that is killed, or fails, at its k-th operation on the vintages."""
    command = [sys.executable, str(CRASH), kind, str(at), action, str(shell.store)]
    return subprocess.run(
        [*command, *(arguments or REFRESH)],
        env={**shell.environment, **variables},
        cwd=shell.folder,
        capture_output=True,
        text=True,
        timeout=90,
    )


def revise(yahoo: LoopbackYahoo) -> None:
    """Let Yahoo say something new, so that a refresh has a vintage to make."""
    old = yahoo.histories["NVDA"]
    rows = [(*row[:4], row[4] * 1.001, row[5] * 1.001, row[6]) for row in old.rows]
    yahoo.histories["NVDA"] = History("NVDA", rows, old.splits)


def pointed(shell: Shell) -> str:
    """The vintage that a reader finds, whole in every byte."""
    store = VintageStore("yahoo", shell.folder / "vintages")
    source = store.source()
    assert store.damage(source.vintage) == ""
    assert source.prices(["NVDA", "^GSPC"]).values.shape[1] == 2
    return source.vintage


@pytest.mark.parametrize("error", ["ENOSPC", "EIO", "EROFS"])
@pytest.mark.parametrize(("kind", "at"), [("open", 1), ("open", 4), ("fsync", 2), ("rename", 2)])
def test_f1_f3_a_disk_that_refuses(
    kept: Shell, yahoo: LoopbackYahoo, kind: str, at: int, error: str
) -> None:
    revise(yahoo)
    before = kept.good()
    done = struck(kept, kind, at, error)
    assert done.returncode == 5, done.stderr
    assert str(kept.store) in done.stderr
    assert ("bytes needed" in done.stderr) == (error == "ENOSPC")
    assert kept.good() == before
    assert not list(kept.store.glob(".building-*"))


def test_f2_killed_at_every_operation(kept: Shell, yahoo: LoopbackYahoo) -> None:
    before = pointed(kept)
    old = kept.good()
    revise(yahoo)
    spare = kept.folder / "spare"
    shutil.copytree(kept.store, spare)
    counter = kept.folder / "count"
    whole = struck(kept, "any", 10**6, "kill", CRASH_COUNT=str(counter))
    assert whole.returncode == 0, whole.stderr
    after = pointed(kept)
    assert after != before
    operations = int(counter.read_text())
    assert operations > 30
    outcomes = set()
    for at in range(1, operations + 1, max(1, operations // 16)):
        shutil.rmtree(kept.store)
        shutil.copytree(spare, kept.store)
        assert struck(kept, "any", at, "kill").returncode == -9
        found = pointed(kept)
        outcomes.add(found)
        del (now := kept.good())["current.json"]
        assert {path: now[path] for path in old if path != "current.json"}.items() <= old.items()
    assert outcomes <= {before, after}
    assert before in outcomes
    assert kept.refresh().returncode == 0
    assert pointed(kept) == after
    assert not list(kept.store.glob(".building-*"))
    assert not list(kept.store.glob(".*.tmp"))


def test_f3_a_folder_that_is_a_file(shell: Shell, yahoo: LoopbackYahoo) -> None:
    (shell.folder / "vintages").write_text("a file")
    done = shell.refresh()
    assert done.returncode == 5, done.stderr
    assert yahoo.log == []


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="needs another user")
def test_f3_f7_a_read_only_store_can_still_be_read(kept: Shell) -> None:
    vintage = pointed(kept)
    command = [sys.executable, "-c", READ_AS_NOBODY, str(kept.folder / "vintages")]
    for folder, _, _ in os.walk(kept.folder):
        Path(folder).chmod(0o755)
    readable = {**kept.environment, "MARKETSHOCK_CACHE": "/nonexistent"}
    done = subprocess.run(command, env=readable, capture_output=True, text=True, timeout=60)
    if "Permission denied" in done.stderr and "vintages" not in done.stderr:
        pytest.skip("the interpreter itself can't be read by another user")
    assert done.stdout.split() == [vintage, "refused"], done.stderr


READ_AS_NOBODY = """
import os, sys
from pathlib import Path
import numpy, pandas
from marketshock.errors import OutputError
from marketshock.sources.vintages import VintageStore
store = VintageStore("yahoo", Path(sys.argv[1]))
for folder in (Path(sys.argv[1]), *Path(sys.argv[1]).parents):
    if folder != folder.parent and folder.stat().st_uid == 0 and "pytest" in str(folder):
        folder.chmod(0o755)
os.setgid(65534)
os.setuid(65534)
source = store.source()
source.prices(["NVDA"])
try:
    with store.lock(print):
        print(source.vintage, "written")
except OutputError:
    print(source.vintage, "refused")
"""


def test_f4_no_flipped_bit_goes_unseen(kept: Shell) -> None:
    vintage = pointed(kept)
    store = VintageStore("yahoo", kept.folder / "vintages")
    spare = kept.folder / "spare"
    shutil.copytree(kept.store, spare)
    paths = [store.folder / "current.json", *sorted(store.path(vintage).rglob("*.*"))]
    chance = random.Random(20250127)
    undetected = []
    for _ in range(200):
        path = chance.choice([path for path in paths if path.is_file()])
        data = bytearray(path.read_bytes())
        place, bit = chance.randrange(len(data)), chance.randrange(8)
        data[place] ^= 1 << bit
        path.write_bytes(data)
        try:
            source = store.source()
            if not store.damage(source.vintage):
                undetected.append((path.name, place, bit))
        except MarketShockError:
            pass
        shutil.rmtree(kept.store)
        shutil.copytree(spare, kept.store)
    assert undetected == []


@pytest.mark.parametrize("what", ["flip", "cut", "empty", "missing"])
@pytest.mark.parametrize("name", ["prices_close.csv.gz", "manifest.json", "current.json"])
def test_f4_f5_a_damaged_vintage_is_set_aside(kept: Shell, name: str, what: str) -> None:
    vintage = pointed(kept)
    path = kept.store / name if name == "current.json" else kept.store / vintage / name
    data = path.read_bytes()
    middle = len(data) // 2
    changed = {
        "flip": data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :],
        "cut": data[:middle],
        "empty": b"",
    }
    path.unlink()
    if what != "missing":
        path.write_bytes(changed[what])
    study = ("study", "--source", "yahoo", "--date", "2026-08-14", "--symbols", "NVDA")
    done = kept.run(*study, MARKETSHOCK_OFFLINE="1")
    assert done.returncode == 3, done.stderr
    assert "data refresh --source yahoo" in done.stderr
    if name != "current.json":
        aside = list((kept.store / "quarantine").iterdir())
        assert [folder.name[:12] for folder in aside] == [vintage]
        assert (aside[0] / "instruments.csv").exists()
    assert kept.refresh().returncode == 0
    assert pointed(kept) == vintage


def test_f6_refreshes_at_once_take_turns(kept: Shell, yahoo: LoopbackYahoo) -> None:
    before = pointed(kept)
    revise(yahoo)
    several = [
        subprocess.Popen(
            kept.command(*REFRESH),
            env=kept.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(8)
    ]
    seen = {before}
    while any(process.poll() is None for process in several):
        seen.add(pointed(kept))
    answers = [process.communicate() for process in several]
    assert [process.returncode for process in several] == [0] * 8, answers
    assert {json.loads(out)["vintage"] for out, _ in answers} == {pointed(kept)}
    assert seen <= {before, pointed(kept)}
    assert any("waiting" in err for _, err in answers)


def test_f7_a_lock_left_by_a_dead_process_binds_nobody(kept: Shell) -> None:
    (kept.store / "lock").write_text('{"pid": 999999}')
    done = kept.refresh()
    assert done.returncode == 0, done.stderr
    assert "waiting" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="links need rights there")
@pytest.mark.parametrize("what", ["link", "folder"])
def test_f8_only_a_plain_file_is_replaced_as_pointer(
    kept: Shell, yahoo: LoopbackYahoo, what: str
) -> None:
    revise(yahoo)
    pointer, precious = kept.store / "current.json", kept.folder / "precious"
    pointer.rename(precious)
    before = precious.read_bytes()
    pointer.symlink_to(precious) if what == "link" else pointer.mkdir()
    done = kept.refresh()
    assert done.returncode in ((5,) if what == "link" else (3, 5)), done.stderr
    assert "Traceback" not in done.stderr
    assert precious.read_bytes() == before
    assert pointer.is_symlink() == (what == "link")


@pytest.mark.parametrize(
    "symbol", ["CON", "AUX", "PRN", "NUL", "COM1", "BRK-B", "^GSPC", "Società", "A" * 300]
)
def test_f9_symbols_become_safe_names(symbol: str) -> None:
    name = file_name(symbol)
    assert len(name) < 100
    assert name == name.lower() == name.encode("ascii").decode()
    assert name.split(".")[0] not in {"con", "aux", "prn", "nul", "com1"}
    assert file_name(symbol.swapcase()) != name or symbol.swapcase() == symbol
    assert slug(symbol) in name


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles"])
def test_f10_the_zone_of_the_machine_changes_nothing(kept: Shell, zone: str) -> None:
    vintage = pointed(kept)
    done = kept.refresh(TZ=zone)
    assert done.returncode == 0, done.stderr
    assert pointed(kept) == vintage
    manifest = json.loads((kept.store / vintage / "manifest.json").read_text())
    assert manifest["fetch"]["finished"].endswith("+00:00")


def test_f11_a_newer_pointer_is_left_alone(kept: Shell) -> None:
    path = kept.store / "current.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "schema": 99}))
    before = kept.good()
    for command in (REFRESH, ("data", "status", "--source", "yahoo")):
        done = kept.run(*command)
        assert done.returncode == 3, done.stderr
        assert "schema 99" in done.stderr
        assert "Update marketshock" in done.stderr
    assert kept.good() == before


def test_f11_a_newer_manifest_is_left_alone(kept: Shell) -> None:
    folder = kept.store / pointed(kept)
    text = (folder / "manifest.json").read_text().replace('"schema": 1', '"schema": 99')
    (folder / "manifest.json").write_text(text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    (folder / "manifest.sha256").write_text(digest + "\n")
    before = kept.good()
    for command in (REFRESH, ("data", "status", "--source", "yahoo")):
        done = kept.run(*command)
        assert done.returncode == 3, done.stderr
        assert "Update marketshock" in done.stderr
    assert kept.good() == before


def test_a_pointer_that_does_not_fit_its_seal_is_no_pointer() -> None:
    import datetime as dt

    data = Pointer("0123456789ab", dt.datetime(2025, 1, 27, tzinfo=dt.UTC)).to_bytes()
    assert Pointer.from_bytes(data).vintage == "0123456789ab"
    for wrong in (data.replace(b"2025", b"2026"), data.replace(b"9ab", b"9ac"), data + b" "):
        with pytest.raises((ValueError, KeyError, DataCorruptError)):
            Pointer.from_bytes(wrong)
