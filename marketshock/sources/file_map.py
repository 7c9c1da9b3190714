"""How a user's file is laid out: declared in a small TOML, never guessed."""

from __future__ import annotations

import codecs
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from marketshock.errors import UserInputError, suggest

__all__ = ["CODEBOOK", "CURRENCY", "FileMap", "read_map"]

CODEBOOK = ("date", "symbol", "close", "adj_close", "volume")
"""Names that columns have here, and must have in a file that comes without a map."""
BASES = ("splits", "splits_dividends")
CURRENCY = "USD"
EXAMPLE = (
    'A map has [columns] with date = "...", close = "..." and so on, [format] with delimiter, '
    "decimal, thousands, encoding, date, missing, basis, currency, exchange, name and licence, "
    'and [symbols] with "name in the file" = "SYMBOL".'
)
_ONE_CHARACTER = ("delimiter", "decimal", "thousands")


@dataclass(frozen=True, slots=True)
class FileMap:
    """What is declared of a file; the defaults are those of a file without a map.

    Parameters
    ----------
    columns : mapping of str to str
        By codebook name: the name in the file. With ``symbol`` a file has one row for a symbol
        and a date, without it one column for each symbol.
    symbols : mapping of str to str
        By name in the file: the symbol.
    delimiter, decimal, thousands : str
        `thousands` is empty where numbers are not grouped.
    encoding : str
    date : str
        As in `datetime.strptime`; empty for ISO days.
    missing : tuple of str
        Words for a missing value besides an empty cell.
    basis : {"splits", "splits_dividends", ""}
        What a close is adjusted for; empty: not declared.
    currency, name, licence : str
    exchange : str
        ISO 10383 code of the exchange whose sessions the prices have; empty: New York.
    sheet : str
        Of a workbook; empty for the first.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    symbols: Mapping[str, str] = field(default_factory=dict)
    delimiter: str = ","
    decimal: str = "."
    thousands: str = ""
    encoding: str = "utf-8-sig"
    date: str = ""
    missing: tuple[str, ...] = ()
    basis: Literal["splits", "splits_dividends", ""] = ""
    currency: str = ""
    exchange: str = ""
    name: str = ""
    licence: str = ""
    sheet: str = ""


def read_map(path: Path) -> FileMap:
    """Read and check a map.

    Raises
    ------
    UserInputError
        If it can't be read, or names something that does not exist.
    """
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UserInputError(f"The map {path} can't be read: {error}.", EXAMPLE) from None
    _known(path, "", content, ("columns", "format", "symbols"))
    parts = {name: content.get(name, {}) for name in ("columns", "format", "symbols")}
    for name, part in parts.items():
        if not isinstance(part, dict):
            raise UserInputError(f"{path}: {name} is no table.", EXAMPLE)
    form = parts["format"]
    allowed = [name for name in FileMap.__dataclass_fields__ if name not in ("columns", "symbols")]
    _known(path, "columns", parts["columns"], CODEBOOK)
    _known(path, "format", form, allowed)
    missing = form.pop("missing", [])
    for name, value in [
        *[(key, value) for part in parts.values() for key, value in part.items()],
        *[("missing", word) for word in (missing if isinstance(missing, list) else [None])],
    ]:
        if not isinstance(value, str):
            raise UserInputError(f"{path}: {name} is {value!r}, no text.", EXAMPLE)
    _check(path, form)
    return FileMap(parts["columns"], parts["symbols"], missing=tuple(missing), **form)


def _known(path: Path, table: str, content: Mapping[str, Any], allowed: Any) -> None:
    for name in content:
        if name not in allowed:
            where = f"{path}, [{table}]" if table else str(path)
            raise UserInputError(f"{where}: unknown {name!r}.", suggest(name, allowed) or EXAMPLE)


def _check(path: Path, form: Mapping[str, str]) -> None:
    for name in _ONE_CHARACTER:
        if name in form and len(form[name]) != 1 and (name, form[name]) != ("thousands", ""):
            raise UserInputError(f"{path}: {name} is {form[name]!r}, not one character.", EXAMPLE)
    decimal, thousands = form.get("decimal", "."), form.get("thousands", "")
    if decimal == thousands or decimal.isalnum() or thousands.isalnum():
        raise UserInputError(
            f"{path}: decimal {decimal!r} and thousands {thousands!r} make no numbers.", EXAMPLE
        )
    if form.get("basis", "splits") not in BASES:
        raise UserInputError(
            f"{path}: basis is {form['basis']!r}.",
            f"Use {' or '.join(BASES)}. Prices as traded must be adjusted for splits first.",
        )
    if form.get("currency", CURRENCY) != CURRENCY:
        raise UserInputError(
            f"{path}: currency is {form['currency']!r}, only {CURRENCY} is possible.",
            "Convert the prices first.",
        )
    if form.get("exchange") and not (len(form["exchange"]) == 4 and form["exchange"].isupper()):
        raise UserInputError(
            f"{path}: exchange is {form['exchange']!r}.", "Give its ISO 10383 code: XNYS, XMIL."
        )
    try:
        codecs.lookup(form.get("encoding", "utf-8"))
    except LookupError:
        raise UserInputError(
            f"{path}: unknown encoding {form['encoding']!r}.", "For example cp1252 or utf-16."
        ) from None
