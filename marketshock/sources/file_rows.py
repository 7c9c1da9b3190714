"""The cells of a CSV, Parquet or Excel file, each row with its line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from marketshock.errors import UserInputError
from marketshock.sources.file_map import FileMap

__all__ = ["read_file", "read_rows"]

LARGEST_FILE, LARGEST_CELL = 200_000_000, 65_536
MOST_ROWS, MOST_COLUMNS = 2_000_000, 16_384
EXTRA = "Install it with `pip install 'marketshock[files]'`, or save the file as CSV."
FORMULA = object()
"""Stands for a cell of a workbook that is computed."""
Rows = Iterator[tuple[int, list[Any]]]


def read_file(path: Path) -> bytes:
    """Return the content of a plain file, which is not touched if it is too large.

    Raises
    ------
    UserInputError
        If it can't be read, is no plain file, or is too large.
    """
    try:
        if path.exists() and not path.is_file():
            raise UserInputError(f"{path} can't be read: it is no plain file.", "Name a file.")
        _refuse_large(path, path.stat().st_size)
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        name = str(path) if str(path).isprintable() else repr(str(path))
        raise UserInputError(f"{name} can't be read: {reason}.", "Check the path.") from None


def _refuse_large(path: Path, size: int) -> None:
    if size > LARGEST_FILE:
        raise UserInputError(
            f"{path} has {size:,} bytes, {LARGEST_FILE:,} are possible.", "Split the file."
        )


def read_rows(path: Path, data: bytes, layout: FileMap) -> Rows:
    """Yield line number and cells, the header first; blank lines are skipped.

    Parameters
    ----------
    path : Path
        Its ending tells the format: ``.parquet``, ``.xlsx``, anything else is CSV.
    data : bytes
    layout : FileMap

    Raises
    ------
    UserInputError
        If the file can't be read or is too large, or the extra ``files`` is not installed.
    """
    _refuse_large(path, len(data))
    read = {".parquet": _parquet, ".xlsx": _workbook, ".xlsm": _workbook}
    rows = read.get(path.suffix.lower(), _csv)(path, data, layout)
    for count, (line, cells) in enumerate(rows):
        if count > MOST_ROWS:
            raise UserInputError(f"{path} has more than {MOST_ROWS:,} rows.", "Split the file.")
        if len(cells) > MOST_COLUMNS:
            raise UserInputError(
                f"{path}, line {line}: {len(cells):,} columns, {MOST_COLUMNS:,} are possible.",
                "Split the file.",
            )
        if any(cell not in (None, "") for cell in cells):
            yield line, cells


def _csv(path: Path, data: bytes, layout: FileMap) -> Rows:
    try:
        text = data.decode(layout.encoding)
    except UnicodeError:
        raise UserInputError(
            f"{path} is no text in {layout.encoding}.",
            'Declare its encoding in a map: [format] encoding = "cp1252" or "utf-16".',
        ) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise UserInputError(
            f"{path}, line {line}: a NUL character.",
            'If this is UTF-16, declare it in a map: [format] encoding = "utf-16".',
        )
    csv.field_size_limit(LARGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=layout.delimiter, strict=True)
    try:
        for cells in reader:
            yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise UserInputError(
            f"{path}, line {reader.line_num}: {error}.", "Look at its quotation marks."
        ) from None


def _parquet(path: Path, data: bytes, layout: FileMap) -> Rows:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise UserInputError(f"{path}: Parquet needs pyarrow.", EXTRA) from None
    try:
        table = pq.read_table(pa.BufferReader(data), page_checksum_verification=True)
        columns = [column.to_pylist() for column in table.columns]
    except (pa.ArrowException, OSError, ValueError) as error:
        raise UserInputError(f"{path} is no Parquet file that can be read: {error}.") from None
    yield 0, list(table.column_names)
    for number, cells in enumerate(zip(*columns, strict=True), 1):
        yield number, [cell.strip() if isinstance(cell, str) else cell for cell in cells]


def _workbook(path: Path, data: bytes, layout: FileMap) -> Rows:
    try:
        import openpyxl
    except ImportError:
        raise UserInputError(f"{path}: Excel needs openpyxl.", EXTRA) from None
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False)
        sheet = book[layout.sheet] if layout.sheet else book.worksheets[0]
        for line, row in enumerate(sheet.iter_rows(), 1):
            yield line, [_cell(cell) for cell in row]
    except UserInputError:
        raise
    except Exception as error:  # noqa: BLE001  (openpyxl raises what it likes)
        raise UserInputError(f"{path} is no workbook that can be read: {error!r}.") from None


def _cell(cell: Any) -> Any:
    if cell.data_type == "f":
        return FORMULA
    return cell.value.strip() if isinstance(cell.value, str) else cell.value
