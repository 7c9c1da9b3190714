"""Vintages: what was fetched, kept unchanged under the name of its content.

Below one folder a source (``yahoo``) has ``current.json``, one folder a vintage, ``staging``
with what an unfinished fetch has brought, and ``quarantine`` with what was found damaged.
A vintage has the layout of the embedded data, so the same reader reads it. It appears by one
renaming, the pointer changes by one renaming: whoever is killed leaves the old state or the new.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from marketshock.errors import DataCorruptError, NotCoveredError, UserInputError, suggest
from marketshock.files import output_error, sync_folder, write_atomically
from marketshock.locale import Text
from marketshock.provenance import Source
from marketshock.sources.base import Field
from marketshock.sources.bundle import PERSONAL_USE, FolderSource
from marketshock.sources.lock import locked
from marketshock.sources.manifest import MANIFEST, Manifest, NewerSchemaError, read_bytes
from marketshock.table import Table

__all__ = ["Pointer", "VintageSource", "VintageStore", "vintages_folder"]

POINTER, SEAL = "current.json", "manifest.sha256"
POINTER_SCHEMA = 1
BUILDING = ".building-"
WAIT_SECONDS = 900.0


def vintages_folder() -> Path:
    """Return the folder of all vintages: `MARKETSHOCK_VINTAGES`, or in the user's data."""
    from platformdirs import user_data_path

    chosen = os.environ.get("MARKETSHOCK_VINTAGES")
    return Path(chosen) if chosen else user_data_path("marketshock") / "vintages"


@dataclass(frozen=True, slots=True)
class Pointer:
    """The vintage in use, and when the source last confirmed it (UTC)."""

    vintage: str
    checked: dt.datetime

    def to_bytes(self) -> bytes:
        """Return the pointer as it is stored."""
        content = {
            "schema": POINTER_SCHEMA,
            "vintage": self.vintage,
            "checked": self.checked.isoformat(timespec="seconds"),
        }
        seal = hashlib.sha256(json.dumps(content).encode()).hexdigest()
        return (json.dumps({**content, "seal": seal}) + "\n").encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Pointer:
        """Read a stored pointer; ValueError, KeyError or TypeError if it is none."""
        content = json.loads(data)
        if content["schema"] > POINTER_SCHEMA:
            raise NewerSchemaError(POINTER, content["schema"], POINTER_SCHEMA)
        pointer = cls(content["vintage"], dt.datetime.fromisoformat(content["checked"]))
        if pointer.to_bytes() != data:
            raise ValueError("it does not fit its seal")
        return pointer


class VintageStore:
    """All vintages of one source.

    Parameters
    ----------
    name : str
        Of the source.
    root : Path, optional
        Instead of the user's folder.
    """

    def __init__(self, name: str, root: Path | None = None) -> None:
        self.name = name
        self.folder = (root or vintages_folder()) / name

    @property
    def hint(self) -> str:
        """The command that makes a new vintage."""
        return f"Run `marketshock data refresh --source {self.name}`."

    def pointer(self) -> Pointer | None:
        """Return the pointer, or None before the first fetch.

        Raises
        ------
        DataCorruptError
            If it can't be read, or is of a newer version.
        """
        try:
            return Pointer.from_bytes((self.folder / POINTER).read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataCorruptError(
                f"{self.folder / POINTER} can't be read: {error!r}.", self.hint
            ) from error

    def path(self, vintage: str) -> Path:
        """Return the folder of a vintage."""
        return self.folder / vintage

    def vintages(self) -> list[str]:
        """Return the names of all vintages kept, sorted."""
        if not self.folder.is_dir():
            return []
        names = [path.name for path in self.folder.iterdir() if (path / MANIFEST).is_file()]
        return sorted(name for name in names if not name.startswith("."))

    def source(self, vintage: str = "") -> VintageSource:
        """Return the current vintage, or the one named, as a source of prices.

        Raises
        ------
        NotCoveredError
            Before the first fetch.
        UserInputError
            For a vintage that is not kept.
        DataCorruptError
            If the manifest is damaged; the vintage is set aside in quarantine.
        """
        if not vintage:
            pointer = self.pointer()
            if pointer is None:
                raise NotCoveredError(f"There is no vintage of {self.name} yet.", self.hint)
            vintage = pointer.vintage
            if not self.path(vintage).is_dir():
                raise DataCorruptError(
                    f"The current vintage {vintage} of {self.name} is missing or in quarantine.",
                    self.hint,
                )
        elif vintage not in self.vintages():
            kept = ", ".join(self.vintages()) or "none"
            near = suggest(vintage, self.vintages())
            raise UserInputError(
                f"No vintage {vintage!r} of {self.name}.", near or f"Kept: {kept}."
            )
        self.check_manifest(vintage)
        return VintageSource(self, vintage)

    def check_manifest(self, vintage: str) -> Manifest:
        """Read the manifest of a vintage; a damaged one is set aside.

        Raises
        ------
        DataCorruptError
            If it is damaged, or newer than this package (then nothing is touched).
        """
        folder = self.path(vintage)
        try:
            data = (folder / MANIFEST).read_bytes()
            seal = (folder / SEAL).read_bytes()
        except OSError as error:
            raise self.set_aside(vintage, f"its manifest can't be read ({error})") from error
        if _seal(data) != seal:
            raise self.set_aside(vintage, "its manifest does not fit its seal")
        manifest = Manifest.read(folder)
        if manifest.vintage != vintage:
            raise self.set_aside(vintage, f"its content is {manifest.vintage}")
        return manifest

    def damage(self, vintage: str) -> str:
        """Return the first thing wrong with the bytes of a vintage, or an empty string."""
        folder = self.path(vintage)
        manifest = Manifest.read(folder)
        try:
            for record in manifest.files:
                read_bytes(folder, record)
            for raw in (manifest.fetch or {}).get("raw", ()):
                data = (folder / raw["path"]).read_bytes()
                if hashlib.sha256(data).hexdigest() != raw["sha256"]:
                    return f"{raw['path']} differs from the manifest"
        except DataCorruptError as error:
            return error.message
        except OSError as error:
            return f"a file is missing ({error})"
        return ""

    def set_aside(self, vintage: str, reason: str) -> DataCorruptError:
        """Move a damaged vintage to quarantine, where that is possible; return the error."""
        target = self.folder / "quarantine" / f"{vintage}-{secrets.token_hex(4)}"
        where = "It can't be moved away."
        with suppress(OSError):
            target.parent.mkdir(exist_ok=True)
            self.path(vintage).rename(target)
            where = f"It was set aside in {target}."
        return DataCorruptError(
            f"Vintage {vintage} of {self.name} is damaged: {reason}. {where}", self.hint
        )

    def lock(self, waiting: Callable[[str], Any]) -> AbstractContextManager[bool]:
        """Return the lock that whoever writes must hold."""
        return locked(self.folder / "lock", WAIT_SECONDS, waiting)

    def sweep(self) -> None:
        """Remove what a killed process left half built; only under the lock."""
        for left in self.folder.glob(f"{BUILDING}*"):
            shutil.rmtree(left, ignore_errors=True)
        for left in self.folder.glob(".*.tmp"):
            left.unlink(missing_ok=True)

    def publish(self, manifest: Manifest, files: Mapping[str, bytes], checked: dt.datetime) -> None:
        """Keep a vintage and make it the current one; only under the lock.

        A vintage of the same content that is already kept, and whole, stays as it is.

        Parameters
        ----------
        manifest : Manifest
        files : mapping of str to bytes
            Tables and raw answers by path.
        checked : datetime.datetime
            UTC.

        Raises
        ------
        OutputError
            If the disk refuses; the vintage before stays current and untouched.
        """
        vintage = manifest.vintage
        target = self.path(vintage)
        if target.exists() and not self._whole(vintage):
            self.set_aside(vintage, "found damaged by a refresh")
        if not target.exists():
            self._build(manifest, files, target)
        write_atomically(self.folder / POINTER, Pointer(vintage, checked).to_bytes())

    def _whole(self, vintage: str) -> bool:
        try:
            self.check_manifest(vintage)
            return not self.damage(vintage)
        except NewerSchemaError:
            raise
        except DataCorruptError:
            return False

    def _build(self, manifest: Manifest, files: Mapping[str, bytes], target: Path) -> None:
        building = self.folder / f"{BUILDING}{os.getpid()}-{secrets.token_hex(4)}"
        text = manifest.to_json().encode()
        try:
            (building / "raw").mkdir(parents=True)
            for path, data in {**files, MANIFEST: text, SEAL: _seal(text)}.items():
                _write_through(building / path, data)
            sync_folder(building / "raw")
            sync_folder(building)
            building.rename(target)
            sync_folder(self.folder)
        except OSError as error:
            need = sum(map(len, files.values()))
            raise output_error(target, need, error) from error
        finally:
            shutil.rmtree(building, ignore_errors=True)


def _seal(data: bytes) -> bytes:
    return hashlib.sha256(data).hexdigest().encode() + b"\n"


def _write_through(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


class VintageSource(FolderSource):
    """One vintage as a source of prices; what it lacks is never filled from elsewhere."""

    def __init__(self, store: VintageStore, vintage: str) -> None:
        super().__init__(store.path(vintage), store.name)
        self.store = store

    @property
    def checked(self) -> dt.datetime:
        """When the source last confirmed these figures, or else gave them first (UTC)."""
        pointer = self.store.pointer()
        if pointer is not None and pointer.vintage == self.folder.name:
            return pointer.checked
        return dt.datetime.fromisoformat((self.manifest.fetch or {})["finished"])

    @cached_property
    def fetched(self) -> dt.date:
        """Day on which the fetch ended (UTC)."""
        fetch = self.manifest.fetch or {}
        return dt.datetime.fromisoformat(fetch["finished"]).date()

    def source(self, name: str, as_of: dt.date | None = None) -> Source:
        """Return what is printed as the source, with the vintage where it is one of facts."""
        if name != "prices":
            words = super().source(name, as_of).name
            told = Text(
                f"{words.en}, fetched {self.fetched}, vintage {self.vintage}",
                f"{words.it}, scaricati il {self.fetched}, versione {self.vintage}",
            )
            return Source(told, as_of)
        label = {"yahoo": "Yahoo Finance"}.get(self.name, self.name)
        words = Text(
            f"{label} daily prices, fetched {self.fetched}",
            f"prezzi giornalieri {label}, scaricati il {self.fetched}",
        )
        return Source(words, as_of, PERSONAL_USE)

    @property
    def remarks(self) -> tuple[Mapping[str, Any], ...]:
        """Which symbols were asked for and did not come."""
        missing = (self.manifest.fetch or {}).get("missing", {})
        if not missing:
            return ()
        names = ", ".join(missing)
        text = Text(
            f"{self.name} did not deliver {names}; the vintage was made without",
            f"{self.name} non ha fornito {names}; la versione ne è priva",
        )
        return ({"level": "FOOTNOTE", "code": "N10", "text": text.as_dict()},)

    def table(self, name: str) -> Table:
        """Return a table; one that was not fetched is an error, never taken from elsewhere."""
        if self.has(name):
            return super().table(name)
        raise NotCoveredError(
            f"Vintage {self.vintage} of {self.name} has no table {name!r}.",
            "Use the embedded source for it; a vintage is never filled from another.",
        )

    def _unknown(self, symbol: str, field: Field) -> Exception:
        return NotCoveredError(
            f"Vintage {self.vintage} of {self.name} has no {field} of {symbol}; "
            f"it holds {', '.join(self.symbols[:12])}{' ...' if len(self.symbols) > 12 else ''}.",
            f"Run `marketshock data refresh --source {self.name} --symbols ...` with all symbols "
            "needed, the benchmark too: a vintage is never filled from another.",
        )

    def _read(self, file: str) -> bytes:
        try:
            return super()._read(file)
        except DataCorruptError as error:
            damage = self.store.damage(self.folder.name)
            if not damage:
                raise NotCoveredError(
                    f"Vintage {self.vintage} of {self.name} has no {file}.",
                    "Use the embedded source for it.",
                ) from error
            raise self.store.set_aside(self.folder.name, damage) from error
