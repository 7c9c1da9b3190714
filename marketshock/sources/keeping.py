"""Tables from any origin become a vintage: packed, described, published."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from marketshock.errors import MarketShockError, QualityError
from marketshock.sources.bundle import FolderSource
from marketshock.sources.manifest import Manifest, NewerSchemaError, describe
from marketshock.sources.vintage_tables import packed
from marketshock.sources.vintages import VintageSource, VintageStore

__all__ = ["changes", "csv_bytes", "current", "keep", "refuse_broken"]

SHOWN = 3


def csv_bytes(header: Sequence[str], rows: Iterable[Iterable[Any]]) -> bytes:
    """Return a table as it is stored; an empty cell is a missing value, 1.0 is written 1."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value


def refuse_broken(tables: Mapping[str, bytes]) -> None:
    """Hold tables, not yet packed, against the contracts of the embedded ones.

    Raises
    ------
    QualityError
        With the first problems of a table; a table without rows is one.
    """
    import pandas as pd

    from marketshock.sources.contracts import check_table, read_options

    for path, data in tables.items():
        name = path.split(".")[0]
        problems = check_table(name, pd.read_csv(io.BytesIO(data), **read_options(name)))
        if problems:
            raise QualityError(
                f"The tables break their contract: {'; '.join(problems[:SHOWN])}.",
                "No vintage was made.",
            )


def keep(
    store: VintageStore,
    title: str,
    tables: Mapping[str, bytes],
    raw: Mapping[str, bytes],
    fetch: Mapping[str, Any],
    finished: dt.datetime,
    split_basis: dt.date,
) -> Manifest:
    """Publish tables as the current vintage of a source; only under the lock of the store.

    Parameters
    ----------
    store : VintageStore
    title : str
    tables : mapping of str to bytes
        Unpacked, by file name; those that end with ``.gz`` are packed here.
    raw : mapping of str to bytes
        What the tables were read from, by file name.
    fetch : mapping of str to Any
        What else the manifest says.
    finished : datetime.datetime
        UTC.
    split_basis : datetime.date

    Raises
    ------
    OutputError
        If the disk refuses; the vintage before stays current.
    """
    stored = packed(tables)
    originals = {f"raw/{name}": data for name, data in raw.items()}
    told = {
        "source": store.name,
        **fetch,
        "finished": finished.isoformat(timespec="seconds"),
        "raw": [
            {"path": path, "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
            for path, data in sorted(originals.items())
        ],
    }
    records = tuple(describe(name, stored[name]) for name in sorted(stored))
    manifest = Manifest(title, finished.date(), split_basis, records, told)
    store.publish(manifest, {**stored, **originals}, finished)
    return manifest


def current(store: VintageStore) -> VintageSource | None:
    """Return the current vintage; one that is damaged or missing is as good as none."""
    try:
        return None if store.pointer() is None else store.source()
    except NewerSchemaError:
        raise
    except MarketShockError:
        return None


def changes(old: FolderSource, new: FolderSource, name: str, key: Sequence[str]) -> list[str]:
    """Return in words what a table says differently than before; new rows are no change."""
    if not old.has(name) or not new.has(name):
        return []
    before = {tuple(row[part] for part in key): row for row in old.table(name)}
    after = {tuple(row[part] for part in key): row for row in new.table(name)}
    revised = [where for where, row in after.items() if before.get(where, row) != row]
    gone = [where for where in before if where not in after]
    return [
        f"{name}: {len(rows)} rows {what}, the last of them {' '.join(map(str, max(rows)))}"
        for what, rows in (("revised", revised), ("gone", gone))
        if rows
    ]
