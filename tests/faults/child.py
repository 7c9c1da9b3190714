"""The command line in a child process, with everything it writes below one folder."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loopback_yahoo import LoopbackYahoo

SYMBOLS = ("NVDA", "AVGO", "^GSPC")
NAMES = ",".join(SYMBOLS)


@dataclass
class Shell:
    """Runs the command line in a child process."""

    folder: Path
    environment: dict[str, str]

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "marketshock", *arguments]

    def run(
        self, *arguments: str, timeout: float = 60.0, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        return subprocess.run(
            self.command(*arguments),
            env={**self.environment, **variables},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    def refresh(self, symbols: str = NAMES, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a refresh."""
        return self.run("data", "refresh", "--symbols", symbols, "--format", "json", **variables)

    @property
    def store(self) -> Path:
        return self.folder / "vintages" / "yahoo"

    def good(self) -> dict[str, str]:
        """Hashes of what must survive every fault: pointer and vintages."""
        paths = [self.store / "current.json", *self.store.glob("[0-9a-f]*/**/*")]
        return {
            path.relative_to(self.store).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in paths
            if path.is_file()
        }


def shell_at(yahoo: LoopbackYahoo, folder: Path, cache: Path) -> Shell:
    """Return a shell that keeps everything below one folder."""
    names = ("PATH", "LANG", "PYTHONPATH")
    inherited = {name: os.environ[name] for name in names if name in os.environ}
    return Shell(
        folder,
        {
            **inherited,
            **yahoo.environment(folder),
            "HOME": str(folder),
            "MARKETSHOCK_CACHE": str(cache),
            "MARKETSHOCK_VINTAGES": str(folder / "vintages"),
            "MARKETSHOCK_FETCH_WAIT": "0.01",
            "MARKETSHOCK_FETCH_DEADLINE": "20",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        },
    )
