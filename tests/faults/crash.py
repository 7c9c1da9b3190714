"""Runs the command line and kills it at the k-th disk operation of one kind, or fails it there.

``python crash.py KIND K ACTION FOLDER ARGUMENTS...``: KIND is open, fsync, rename or mkdir, or
any; only operations below FOLDER count. ACTION is kill, or the name of an errno. The number of
operations seen goes to the file named by CRASH_COUNT.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from pathlib import Path
from typing import Any

kind, at, action, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
arguments = sys.argv[5:]
seen = 0


def strike(event: str, where: str) -> None:
    """Count an operation, and end or fail at the chosen one."""
    global seen
    if kind not in ("any", event) or not where.startswith(folder):
        return
    seen += 1
    count = os.environ.get("CRASH_COUNT")
    if seen != at:
        if count:
            handle = os.open(count, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.write(handle, str(seen).encode())
            os.close(handle)
        return
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    number = getattr(errno, action)
    raise OSError(number, os.strerror(number))


def watch(event: str, details: tuple[Any, ...]) -> None:
    """Audit hook: Python reports what it is about to do."""
    if event == "open" and isinstance(details[0], (str, Path)):
        writes = details[2] & (os.O_WRONLY | os.O_RDWR) if isinstance(details[2], int) else 0
        if writes:
            strike("open", str(details[0]))
    elif event in ("os.rename", "os.mkdir"):
        strike(event.removeprefix("os."), str(details[0]))


real_fsync = os.fsync


def fsync(handle: int) -> None:
    """Flush, after counting; the path comes from the system's own table."""
    strike("fsync", os.path.realpath(f"/proc/self/fd/{handle}"))
    real_fsync(handle)


os.fsync = fsync  # type: ignore[assignment]
sys.addaudithook(watch)

from marketshock.cli import main  # noqa: E402

sys.argv = ["marketshock", *arguments]
main()
