"""Files are whole or not written, and their names are safe (faults F1, F3, F8, F9)."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from marketshock.errors import OutputError
from marketshock.files import preflight_folder, slug, write_atomically

posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX files")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file_is_written_whole(tmp_path: Path) -> None:
    target = write_atomically(tmp_path / "a.pdf", b"new")
    assert target == tmp_path / "a.pdf"
    assert target.read_bytes() == b"new"
    assert names(tmp_path) == ["a.pdf"]


def test_an_old_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"old and longer")
    write_atomically(str(tmp_path / "a.pdf"), b"new")
    assert (tmp_path / "a.pdf").read_bytes() == b"new"


@posix
def test_the_mode_of_a_new_file_follows_the_umask(tmp_path: Path) -> None:
    ordinary = tmp_path / "ordinary"
    ordinary.write_bytes(b"")
    written = write_atomically(tmp_path / "a", b"")
    assert written.stat().st_mode == ordinary.stat().st_mode


@pytest.mark.parametrize("step", ["replace", "fsync", "open"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EACCES])
def test_f1_a_failing_disk_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, number: int
) -> None:
    target = tmp_path / "a.pdf"
    target.write_bytes(b"old")

    def fail(*args: object, **kwargs: object) -> int:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, step, fail)
        with pytest.raises(OutputError) as caught:
            write_atomically(target, b"new" * 100)
    assert str(target) in str(caught.value)
    assert caught.value.hint
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["a.pdf"]


def test_f1_no_space_names_need_and_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"300 bytes needed, [\d,]+ bytes free"):
        write_atomically(tmp_path / "a.pdf", b"x" * 300)


@posix
def test_f1_a_write_cut_short_by_the_system_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "a.pdf"
    target.write_bytes(b"old")
    code = (
        "import resource, sys; from marketshock.files import write_atomically\n"
        "from marketshock.errors import OutputError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))\n"
        "try: write_atomically(sys.argv[1], b'x' * 50_000)\n"
        "except OutputError: sys.exit(5)\n"
    )
    run = subprocess.run([sys.executable, "-B", "-c", code, str(target)], check=False)
    assert run.returncode == 5
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["a.pdf"]


def test_a_killed_writer_is_cleaned_up_even_by_a_keyboard_interrupt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "a.pdf", b"new")
    assert names(tmp_path) == []


@posix
def test_f8_links_are_refused_and_their_goal_is_untouched(tmp_path: Path) -> None:
    goal = tmp_path / "goal"
    goal.write_bytes(b"old")
    for name, to in (("good", goal), ("broken", tmp_path / "nowhere"), ("null", "/dev/null")):
        (tmp_path / name).symlink_to(to)
        with pytest.raises(OutputError, match="symbolic link"):
            write_atomically(tmp_path / name, b"new")
        assert (tmp_path / name).is_symlink()
    assert goal.read_bytes() == b"old"


@posix
def test_f8_devices_pipes_and_folders_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for path, kind in (
        (Path("/dev/full"), "device"),
        (Path("/dev/null"), "device"),
        (tmp_path / "pipe", "named pipe"),
        (tmp_path / "folder", "folder"),
    ):
        if path.exists():
            with pytest.raises(OutputError, match=kind):
                write_atomically(path, b"new")


@pytest.mark.parametrize("name", ["no/such/a.pdf", "file/a.pdf", "x" * 300, "nul\0byte"])
def test_impossible_places_give_an_output_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError):
        write_atomically(tmp_path / name, b"new")
    assert names(tmp_path) == ["file"]


def test_preflight_creates_the_folder_and_leaves_nothing(tmp_path: Path) -> None:
    folder = preflight_folder(tmp_path / "a" / "b")
    assert folder.is_dir()
    assert names(folder) == []
    assert preflight_folder(str(folder)) == folder


def test_f3_preflight_refuses_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(OutputError):
            preflight_folder(path)
    assert (tmp_path / "file").read_bytes() == b"old"


def test_f3_preflight_refuses_a_folder_without_space(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="No space"):
        preflight_folder(tmp_path, need=10**18)


@pytest.mark.parametrize("number", [errno.EROFS, errno.EIO, errno.ENOSPC, errno.EACCES])
def test_f3_preflight_really_tries_to_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def fail(*args: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OutputError):
        preflight_folder(tmp_path)
    assert names(tmp_path) == []


@posix
def test_f3_preflight_refuses_a_folder_of_the_system() -> None:
    if Path("/proc/self").exists():
        with pytest.raises(OutputError):
            preflight_folder("/proc/marketshock")


@given(st.text())
@example("../x")
@example("/etc/passwd")
@example("C:\\x")
@example("a\0b\nc")
@example("漢字")
@example("CON")
@example("aux.txt")
@example("COM¹")
def test_f9_slug_is_one_safe_part_of_a_file_name(text: str) -> None:
    name = slug(text)
    assert re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,59}", name)
    assert not name.endswith(".")
    assert ".." not in name
    stem = name.split(".")[0]
    assert not re.fullmatch(r"con|prn|aux|nul|(com|lpt)\d", stem)
    assert Path("folder", name).parent == Path("folder")


@given(st.text())
def test_f9_slug_is_stable(text: str) -> None:
    assert slug(text) == slug(text)
    assert slug(unicodedata.normalize("NFD", text)) == slug(unicodedata.normalize("NFC", text))


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789", min_size=6, max_size=60))
def test_f9_a_plain_name_stays(text: str) -> None:
    assert slug(text) == text


@pytest.mark.parametrize(
    ("one", "other"),
    [("漢字", "汉字"), ("a" * 100, "a" * 101), ("", " 漢"), ("CON", "con-"), ("x漢", "x")],
)
def test_f9_what_is_lost_is_told_apart_by_a_hash(one: str, other: str) -> None:
    assert slug(one) != slug(other)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("BRK-B", "brk-b"),
        ("Società Über & Figli S.p.A.", "societa-uber-figli-s.p.a"),
        ("2025-01-27 DeepSeek", "2025-01-27-deepseek"),
        ("../../etc/passwd", "etc-passwd"),
    ],
)
def test_f9_slug_is_readable(text: str, name: str) -> None:
    assert slug(text) == name
