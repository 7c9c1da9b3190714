"""The manifest of a data folder: what each file is, byte for byte."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import json
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from marketshock.errors import DataCorruptError

__all__ = [
    "FileRecord",
    "Manifest",
    "NewerSchemaError",
    "build_manifest",
    "describe",
    "read_bytes",
]

MANIFEST = "manifest.json"
SCHEMA = 1
_DATE_COLUMNS = (
    "date",
    "first_session",
    "ex_date",
    "period_end",
    "as_of",
    "announced",
    "year",
)
REPAIR = "Restore the file from the release, or run `marketshock data build` if you changed it."


class NewerSchemaError(DataCorruptError):
    """A file was written by a newer version of the package; it is left as it is."""

    def __init__(self, name: str, found: int, known: int) -> None:
        super().__init__(
            f"{name} has schema {found}, newer than {known}.",
            "Update marketshock; nothing was changed.",
        )


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One file: path inside the folder, sha256, data rows, first and last date in it."""

    path: str
    sha256: str
    rows: int
    first: str | None
    last: str | None


@dataclass(frozen=True, slots=True)
class Manifest:
    """All files of a vintage.

    ``vintage`` is the first twelve hexadecimal digits of the hash of all file hashes,
    so two folders with the same figures have the same name. ``fetch`` tells how the
    figures were fetched and is None for tables that were compiled.
    """

    title: str
    created: dt.date
    split_basis: dt.date
    files: tuple[FileRecord, ...]
    fetch: dict[str, Any] | None = None

    @property
    def vintage(self) -> str:
        """Name of exactly these data."""
        lines = "".join(f"{file.path} {file.sha256}\n" for file in self.files)
        return hashlib.sha256(lines.encode()).hexdigest()[:12]

    def record(self, path: str) -> FileRecord:
        """Return the record of one file."""
        for file in self.files:
            if file.path == path:
                return file
        raise DataCorruptError(f"{path} is not in the manifest.", REPAIR)

    def to_json(self) -> str:
        """Return the manifest as it is stored."""
        content: dict[str, Any] = {
            "schema": SCHEMA,
            "title": self.title,
            "created": self.created.isoformat(),
            "split_basis": self.split_basis.isoformat(),
            "vintage": self.vintage,
            "files": [asdict(file) for file in self.files],
        }
        if self.fetch is not None:
            content["fetch"] = self.fetch
        return json.dumps(content, indent=1) + "\n"

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read the manifest of a folder.

        Raises
        ------
        DataCorruptError
            If it is missing, unreadable, of a newer schema, or does not fit its own name.
        """
        path = folder / MANIFEST
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if content["schema"] > SCHEMA:
                raise NewerSchemaError(path.name, content["schema"], SCHEMA)
            manifest = cls(
                content["title"],
                dt.date.fromisoformat(content["created"]),
                dt.date.fromisoformat(content["split_basis"]),
                tuple(FileRecord(**record) for record in content["files"]),
                content.get("fetch"),
            )
            fits = (manifest.vintage, SCHEMA) == (content["vintage"], content["schema"])
        except FileNotFoundError:
            raise DataCorruptError(f"No {MANIFEST} in {folder}.", REPAIR) from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataCorruptError(f"{path} can't be read: {error!r}.", REPAIR) from error
        if not fits:
            raise DataCorruptError(f"{path} does not fit its own vintage name.", REPAIR)
        return manifest


def read_bytes(folder: Path, record: FileRecord) -> bytes:
    """Return the bytes of a file, checked against its record.

    Raises
    ------
    DataCorruptError
        If the file is missing or a single byte differs.
    """
    path = folder / record.path
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataCorruptError(f"Data file {path} can't be read: {error}.", REPAIR) from error
    if hashlib.sha256(data).hexdigest() != record.sha256:
        raise DataCorruptError(f"Data file {path} differs from the manifest.", REPAIR)
    return data


def build_manifest(folder: Path) -> Manifest:
    """Derive the manifest from the files in `folder`; nothing is written."""
    try:
        vintage = tomllib.loads((folder / "vintage.toml").read_text(encoding="utf-8"))
        head = (vintage["title"], vintage["created"], vintage["split_basis"])
    except (OSError, ValueError, KeyError) as error:
        raise DataCorruptError(f"{folder / 'vintage.toml'} can't be read: {error!r}.") from error
    files = sorted(p for p in folder.iterdir() if p.name.endswith((".csv", ".csv.gz")))
    return Manifest(*head, tuple(describe(path.name, path.read_bytes()) for path in files))


def describe(name: str, data: bytes) -> FileRecord:
    """Return the record of a table from its bytes."""
    rows, first, last = 0, None, None
    for day in _days(name, data):
        rows += 1
        if day:
            first = day if first is None else min(first, day)
            last = day if last is None else max(last, day)
    return FileRecord(name, hashlib.sha256(data).hexdigest(), rows, first, last)


def _days(name: str, data: bytes) -> Iterator[str]:
    import csv
    import io

    text = gzip.decompress(data) if name.endswith(".gz") else data
    reader = csv.reader(io.StringIO(text.decode("utf-8")))
    header = next(reader, [])
    column = next((header.index(key) for key in _DATE_COLUMNS if key in header), None)
    for row in reader:
        yield row[column] if column is not None else ""
