"""Check and describe a data folder: every file, every row, and what tables must agree on."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marketshock.errors import DataCorruptError, OutputError
from marketshock.sources.manifest import (
    MANIFEST,
    FileRecord,
    Manifest,
    build_manifest,
    read_bytes,
)
from marketshock.sources.vintages import VintageSource

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Check", "build", "status", "verify", "verify_vintage"]

CROSS = "between tables"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str

    def as_dict(self) -> dict[str, Any]:
        """Return the fields of the JSON answer."""
        return {"name": self.name, "ok": self.ok, "detail": self.detail}


def build(folder: Path) -> tuple[Manifest, list[str]]:
    """Derive the manifest from the tables and write it, if it differs.

    Returns
    -------
    Manifest
    list of str
        What tables disagree on; `verify` will not pass until it is mended.

    Raises
    ------
    DataCorruptError
        If a table breaks its own contract; the old manifest stays.
    """
    checks = _contents(folder)
    broken = [check for check in checks if not check.ok and check.name != CROSS]
    if broken:
        raise DataCorruptError(f"{broken[0].name}: {broken[0].detail}", "Mend the table first.")
    manifest = build_manifest(folder)
    path = folder / MANIFEST
    if not path.exists() or path.read_text(encoding="utf-8") != manifest.to_json():
        temporary = path.with_suffix(".tmp")
        try:
            temporary.write_text(manifest.to_json(), encoding="utf-8")
            temporary.replace(path)
        except OSError as error:
            raise OutputError(f"Can't write {path}: {error.strerror}.") from error
    return manifest, [check.detail for check in checks if not check.ok]


def status(folder: Path) -> list[dict[str, Any]]:
    """Return one record a file, and whether its bytes fit the manifest."""
    records = []
    for record in Manifest.read(folder).files:
        records.append(
            {
                "path": record.path,
                "sha256": record.sha256,
                "rows": record.rows,
                "first": record.first,
                "last": record.last,
                "ok": _bytes_check(folder, record).ok,
            }
        )
    return records


def verify(folder: Path) -> list[Check]:
    """Re-read every table; check bytes, rows, contracts, and agreement between tables."""
    try:
        manifest = Manifest.read(folder)
    except DataCorruptError as error:
        return [Check(MANIFEST, False, str(error))]
    checks = [_bytes_check(folder, record) for record in manifest.files]
    if not all(check.ok for check in checks):
        return checks
    named = {record.path for record in manifest.files}
    extra = sorted(p.name for p in folder.glob("*.csv*") if p.name not in named)
    checks.append(
        Check("files", not extra, f"not in the manifest: {extra}" if extra else "all known")
    )
    try:
        rebuilt = build_manifest(folder)
    except DataCorruptError as error:
        return [*checks, Check(MANIFEST, False, str(error))]
    same = rebuilt.to_json() == manifest.to_json()
    checks.append(Check(MANIFEST, same, "fits the tables" if same else "differs from the tables"))
    return checks + _contents(folder)


def verify_vintage(source: VintageSource) -> list[Check]:
    """Re-read a vintage that was fetched or imported; tables that it has not are no fault.

    Checked are the bytes of tables and of the raw answers against the sealed manifest, and each
    table against its contract. Where tables disagree the quality gate decides, answer by answer.
    """
    damage = source.store.damage(source.folder.name)
    label = f"{source.name} {source.folder.name}"
    checks = [Check(label, not damage, damage or "every byte fits the manifest")]
    if damage:
        return checks
    named = {record.path for record in source.manifest.files}
    extra = sorted(p.name for p in source.folder.glob("*.csv*") if p.name not in named)
    checks.append(Check("files", not extra, f"not in the manifest: {extra}" if extra else "known"))
    rows = [record for record in source.manifest.files if record.rows]
    return checks + _contracts(source.folder, [one.path.split(".")[0] for one in rows])[0]


def _bytes_check(folder: Path, record: FileRecord) -> Check:
    try:
        read_bytes(folder, record)
    except DataCorruptError as error:
        return Check(record.path, False, str(error))
    return Check(record.path, True, f"{record.rows} rows, sha256 {record.sha256[:12]}")


def _contents(folder: Path) -> list[Check]:
    """Check all tables that there must be, and what they agree on."""
    from marketshock.sources.contracts import check_cross_table, table_names

    checks, frames = _contracts(folder, table_names())
    if all(check.ok for check in checks):
        problems = check_cross_table(frames)
        checks.append(Check(CROSS, not problems, "; ".join(problems) or "agree"))
    return checks


def _contracts(folder: Path, names: Iterable[str]) -> tuple[list[Check], dict[str, pd.DataFrame]]:
    """Hold tables against their contracts; return those that can be read too."""
    import pandas as pd

    from marketshock.sources.contracts import check_table, read_options

    checks, frames = [], {}
    present = {path.name.split(".")[0]: path for path in folder.glob("*.csv*")}
    for name in names:
        if name not in present:
            checks.append(Check(name, False, "the table is missing"))
            continue
        data = present[name].read_bytes()
        try:
            if present[name].suffix == ".gz":
                data = gzip.decompress(data)
            frames[name] = pd.read_csv(io.BytesIO(data), **read_options(name))
        except (ValueError, OSError, EOFError, zlib.error) as error:
            checks.append(Check(name, False, f"can't be read: {error}"))
            continue
        problems = check_table(name, frames[name])
        checks.append(Check(name, not problems, "; ".join(problems) or "keeps its contract"))
    return checks, frames
