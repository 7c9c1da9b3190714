"""A lock between processes that the system releases when its owner dies."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from marketshock.errors import OutputError
from marketshock.files import output_error

__all__ = ["locked"]

POLL = 0.05


@contextmanager
def locked(
    path: Path,
    timeout: float,
    waiting: Callable[[str], Any] = lambda owner: None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Any] = time.sleep,
) -> Iterator[bool]:
    """Hold a lock on a file; yields whether it had to be waited for.

    The lock is the system's, not the file: a file left behind by a process that was
    killed binds nobody. The file names its owner for the message of the one who waits.

    Parameters
    ----------
    path : Path
        Made when missing.
    timeout : float
        Seconds to wait for another owner.
    waiting : callable
        Told once who holds the lock.

    Raises
    ------
    OutputError
        If the file can't be written, or the owner does not end in time.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise output_error(path, 100, error) from error
    with file:
        end, waited = clock() + timeout, False
        while not _try(file):
            if not waited:
                waiting(_owner(path))
            waited = True
            if clock() >= end:
                raise OutputError(
                    f"{path.parent} is in use by {_owner(path)}.",
                    "Wait until it has ended, or end it.",
                )
            sleep(POLL)
        with suppress(OSError):
            file.truncate(0)
            file.write(json.dumps({"pid": os.getpid()}))
            file.flush()
        try:
            yield waited
        finally:
            with suppress(OSError):
                file.truncate(0)
            _release(file)


def _owner(path: Path) -> str:
    try:
        return f"process {json.loads(path.read_text(encoding='utf-8'))['pid']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"


if sys.platform != "win32":
    import fcntl

    def _try(file: IO[str]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _release(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)

else:
    import msvcrt

    _FAR = 1 << 30
    """The byte that is locked lies behind the text, so that others can read the owner."""

    def _try(file: IO[str]) -> bool:
        file.seek(_FAR)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _release(file: IO[str]) -> None:
        file.seek(_FAR)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
