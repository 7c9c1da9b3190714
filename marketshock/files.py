"""Files that a reader can rely on: whole or not at all, under names every system takes."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import shutil
import stat
import unicodedata
from pathlib import Path

from marketshock.errors import OutputError

__all__ = [
    "output_error",
    "preflight_folder",
    "refuse_special",
    "slug",
    "sync_folder",
    "write_atomically",
]

SLUG_LENGTH = 60
PREFLIGHT_BYTES = 8_000_000
_PROBE = b"\0" * 65_536
_RESERVED = {"con", "prn", "aux", "nul", "conin$", "conout$"} | {
    f"{port}{digit}" for port in ("com", "lpt") for digit in range(10)
}
_KINDS = (
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
)


def preflight_folder(path: str | Path, need: int = PREFLIGHT_BYTES) -> Path:
    """Make sure that files can be written to a folder, before any long work.

    Parameters
    ----------
    path : str or Path
        Folder; it is created, with its parents, when missing.
    need : int
        Free space that must be there, bytes.

    Returns
    -------
    Path
        The absolute folder.

    Raises
    ------
    OutputError
        It is a file, can't be created or written to, or lacks space.
    """
    folder = Path(path).expanduser().absolute()
    try:
        if folder.exists() and not folder.is_dir():
            raise OutputError(f"{folder} is a file, not a folder.", "Name another folder.")
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
        if free < need:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        probe = _write_beside(folder / "preflight", _PROBE)
        probe.unlink()
    except OSError as error:
        raise output_error(folder, need, error) from error
    except ValueError as error:
        raise OutputError(f"Can't write to {str(path)!r}: {error}.", "Name a folder.") from error
    return folder


def write_atomically(target: str | Path, data: bytes) -> Path:
    """Write a file so that readers see either the old content or the new, never a mixture.

    Parameters
    ----------
    target : str or Path
        File to write, in an existing folder. An old file is replaced.
    data : bytes
        Its whole content.

    Returns
    -------
    Path
        The absolute path of the file.

    Raises
    ------
    OutputError
        The target is a link, folder, device or pipe, or the disk refuses; an old file is intact.
    """
    path = Path(target).expanduser().absolute()
    refuse_special(path)
    temporary: Path | None = None
    try:
        temporary = _write_beside(path, data)
        os.replace(temporary, path)
        sync_folder(path.parent)
    except OSError as error:
        raise output_error(path, len(data), error) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
    return path


def slug(text: str) -> str:
    """Return a part of a file name that every file system takes.

    Lower-case ASCII letters, digits, ``-``, ``_`` and ``.``, at most 60 of them. A short hash
    of the text is added when letters were lost, nothing was left, or the name is reserved on
    Windows, so that different texts keep different names.
    """
    composed = unicodedata.normalize("NFC", text)
    folded = unicodedata.normalize("NFKD", composed)
    base = "".join(char for char in folded if not unicodedata.combining(char))
    lost = any(char.isalnum() and not char.isascii() for char in base)
    plain = base.encode("ascii", "ignore").decode().lower()
    clean = re.sub(r"-{2,}", "-", re.sub(r"[^a-z0-9._-]+", "-", plain)).strip("-._")
    clean = re.sub(r"\.{2,}", ".", clean)
    reserved = clean.split(".")[0] in _RESERVED
    if clean and not lost and not reserved and len(clean) <= SLUG_LENGTH:
        return clean
    digest = hashlib.sha256(composed.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    head = clean[: SLUG_LENGTH - len(digest) - 1].replace(".", "-").strip("-._")
    return f"{head}-{digest}" if head else f"x-{digest}"


def refuse_special(path: Path) -> None:
    """Refuse a target that is anything but a regular file or free."""
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return
    except (OSError, ValueError) as error:
        raise OutputError(f"Can't write {str(path)!r}: {error}.", "Name another file.") from error
    for matches, kind in _KINDS:
        if matches(mode):
            raise OutputError(
                f"{path} is {kind}; only a plain file is replaced.",
                "Name another file.",
            )


def _write_beside(path: Path, data: bytes) -> Path:
    """Write `data` to a new hidden file in the folder of `path`, through to the disk."""
    temporary = path.parent / f".{path.name[:40]}.{secrets.token_hex(6)}.tmp"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    handle = os.open(temporary, flags, 0o666)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def sync_folder(folder: Path) -> None:
    """Make the new name durable where the system can."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def output_error(path: Path, need: int, error: OSError) -> OutputError:
    """Return the error for a user: what, where, how much, and what to do."""
    reason = error.strerror or str(error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        free = "unknown"
        with contextlib.suppress(OSError):
            free = f"{shutil.disk_usage(_existing(path)).free:,} bytes"
        return OutputError(
            f"No space to write {path}: {need:,} bytes needed, {free} free.",
            "Free some space or name another folder.",
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return OutputError(
            f"Not allowed to write {path} ({reason}).",
            "Close the file if another program has it open, or name another folder.",
        )
    if error.errno == errno.ENOENT:
        return OutputError(
            f"Can't write {path}: its folder does not exist.", "Create the folder first."
        )
    return OutputError(f"Can't write {path} ({reason}).", "Name another folder.")


def _existing(path: Path) -> Path:
    """Return the nearest folder above `path` that exists."""
    return next((folder for folder in (path, *path.parents) if folder.is_dir()), Path("/"))
