"""Read a PDF that anybody may have made: what is attached, and the words of its pages.

Nothing in it is trusted: sizes, depths and filters are limited, names are compared but never
used as paths, and no code is run. Every fault ends as one error that says what is wrong.
"""

from __future__ import annotations

import io
import json
import logging
import stat
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from marketshock.errors import DataCorruptError, MarketShockError, UserInputError
from marketshock.locale import LANGUAGES
from marketshock.publish.attachments import EXECUTED, RESULTS, SCHEMA, Origin
from marketshock.publish.notebook import Notebook

if TYPE_CHECKING:
    from pypdf import PdfReader

__all__ = ["AttachedPage", "page_texts", "read_file", "read_page", "tried"]

MOST_BYTES = 32 * 10**6
MOST_ATTACHMENTS = 200
DEEPEST = 60
LONGEST_WORD = 200
PACKED = "/FlateDecode"
MAGIC = b"%PDF-"
NAMES = ("client", "prepared_by", "reviewed_by")
Read = TypeVar("Read")


@dataclass(frozen=True, slots=True, eq=False)
class AttachedPage:
    """A page and what it carries.

    Parameters
    ----------
    data : bytes
        The PDF.
    files : mapping of str to bytes
        Attachments by name.
    results : mapping
        ``results.json``.
    executed : mapping
        The executed notebook.
    origin : Origin
        What the results say that the page was made from.
    """

    data: bytes
    files: Mapping[str, bytes]
    results: Mapping[str, Any]
    executed: Notebook
    origin: Origin


def read_file(path: str | Path) -> bytes:
    """Return the bytes of a file.

    Raises
    ------
    UserInputError
        If there is no such file, it is no plain file, or can't be read.
    DataCorruptError
        If it is larger than any page.
    """
    target = Path(path)
    try:
        found = target.stat()
        if not stat.S_ISREG(found.st_mode):
            raise UserInputError(f"{target} is not a file.", "Name a PDF.")
        if found.st_size > MOST_BYTES:
            raise DataCorruptError(
                f"{target} has {found.st_size:,} bytes; a page has at most {MOST_BYTES:,}."
            )
        return target.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UserInputError(f"{str(target)!r} can't be read: {reason}.", "Name a PDF.") from error


def read_page(data: bytes) -> AttachedPage:
    """Return what a PDF of this package carries.

    Raises
    ------
    DataCorruptError
        If it is no such PDF, or damaged.
    """
    if not data.startswith(MAGIC):
        raise DataCorruptError("This is not a PDF, or it is damaged.")
    files = tried("The PDF is damaged", lambda: _attachments(data))
    missing = [name for name in (RESULTS, EXECUTED) if name not in files]
    if missing:
        raise DataCorruptError(
            f"The PDF carries no {' and no '.join(missing)}.",
            "Only pages written by `marketshock report` can be verified.",
        )
    results, executed = (_content(name, files[name]) for name in (RESULTS, EXECUTED))
    if results.get("schema") != SCHEMA:
        raise DataCorruptError(
            f"{RESULTS} has schema {results.get('schema')!r}, this version reads {SCHEMA}.",
            "Use the version of marketshock that wrote the page.",
        )
    return AttachedPage(
        data, files, results, executed, tried(f"{RESULTS} is damaged", lambda: _origin(results))
    )


def page_texts(data: bytes) -> list[str]:
    """Return the words of each page of a PDF.

    Raises
    ------
    DataCorruptError
        If they can't be read.
    """
    return tried(
        "The words of the PDF can't be read",
        lambda: [page.extract_text() for page in _reader(data).pages],
    )


def tried(words: str, read: Callable[[], Read]) -> Read:
    """Return what `read` returns; whatever goes wrong with such a file is one kind of error.

    Raises
    ------
    DataCorruptError
        `words`, and the reason.
    """
    try:
        with _quiet():
            return read()
    except DataCorruptError:
        raise
    except MarketShockError as error:
        raise DataCorruptError(f"{words}: {error}") from error
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise DataCorruptError(f"{words} ({reason[:LONGEST_WORD]}).") from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep remarks of the PDF reader off the screen."""
    logger = logging.getLogger("pypdf")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)


def _reader(data: bytes) -> PdfReader:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(data), strict=True)
    if reader.is_encrypted:
        raise DataCorruptError("The PDF is encrypted; pages of marketshock never are.")
    return reader


def _attachments(data: bytes) -> dict[str, bytes]:
    """Unpack what is attached, within the limits."""
    found: dict[str, bytes] = {}
    left = MOST_BYTES
    for number, entry in enumerate(_reader(data).attachment_list):
        name = str(entry.name)
        stream: Any = entry.pdf_object["/EF"]["/F"]  # type: ignore[index]
        if number >= MOST_ATTACHMENTS:
            raise DataCorruptError(f"It carries more than {MOST_ATTACHMENTS} attachments.")
        if name in found or len(name) > LONGEST_WORD or not name.isprintable():
            raise DataCorruptError(
                f"The attachment {name[:LONGEST_WORD]!r} is named twice or oddly."
            )
        found[name] = _unpacked(name, stream, left)
        left -= len(found[name])
    return found


def _unpacked(name: str, stream: Any, most: int) -> bytes:
    """Return the content of an attachment; the PDF reader's own way mends what is damaged.

    Raises
    ------
    DataCorruptError
        If it is packed in another way than pages of this package, damaged, or too large.
    """
    packed: bytes = stream._data
    if "/Filter" in stream:
        if stream["/Filter"] != PACKED or "/DecodeParms" in stream:
            raise DataCorruptError(f"The attachment {name!r} is packed in a way that is not read.")
        engine = zlib.decompressobj()
        content = engine.decompress(packed, most + 1)
        if len(content) <= most and (not engine.eof or engine.unused_data):
            raise DataCorruptError(f"The attachment {name!r} is damaged.")
    else:
        content = packed
    if len(content) > most:
        raise DataCorruptError(f"The attachments have more than {MOST_BYTES:,} bytes.")
    return content


def _content(name: str, data: bytes) -> dict[str, Any]:
    return tried(f"{name} is damaged", lambda: _json(data))


def _json(data: bytes) -> dict[str, Any]:
    """Read JSON that is an object, not too deep, and without NaN."""

    def refuse(word: str) -> None:
        raise ValueError(f"{word} is no number")

    content = json.loads(data, parse_constant=refuse)
    level, depth = [content], 0
    while level:
        depth += 1
        inner = [item for item in level if isinstance(item, (dict, list))]
        level = [v for item in inner for v in (item.values() if isinstance(item, dict) else item)]
        if depth > DEEPEST:
            raise ValueError(f"deeper than {DEEPEST} levels")
    if not isinstance(content, dict):
        raise ValueError("not an object")
    return content


def _origin(results: Mapping[str, Any]) -> Origin:
    """Return the origin that the results state, if it is well formed."""
    page = results["page"]
    names = {name: page[name] for name in NAMES}
    parts = [results["notebook"], *(text for text in names.values() if text is not None)]
    for part in (results["vintages"], results["versions"]):
        parts += [*part.keys(), *part.values()]
    if not all(isinstance(text, str) and len(text) <= LONGEST_WORD for text in parts):
        raise ValueError("words are missing or too long")
    if page["lang"] not in LANGUAGES or not isinstance(page["draft"], bool):
        raise ValueError("language or draft mark is odd")
    return Origin(
        results["notebook"],
        page["lang"],
        names,
        page["draft"],
        results["vintages"],
        results["versions"],
    )
