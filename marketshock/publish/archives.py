"""Office files with the same bytes every time, and templates read with care."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

from marketshock.errors import UserInputError

__all__ = ["EPOCH", "read_template", "same_bytes"]

LARGEST = 100 * 10**6
"""Bytes of the largest template that is read, and of what it may unpack to."""
EPOCH = (1980, 1, 1, 0, 0, 0)
"""First moment that a zip file can name; the day of a file whose sources name none."""
_MAIN = b"application/vnd.openxmlformats-officedocument.presentationml.%s.main+xml"


def same_bytes(archive: bytes, change: Callable[[str, bytes], bytes] | None = None) -> bytes:
    """Return a zip file with the same content and no trace of clock or machine.

    Parameters
    ----------
    archive : bytes
    change : callable, optional
        ``change(name, data)`` gives the content of an entry.
    """
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            entry.create_system = 3
            data = old.read(name)
            new.writestr(entry, change(name, data) if change else data)
    return out.getvalue()


def read_template(path: str | Path) -> bytes:
    """Return a PowerPoint file or template as a presentation.

    Raises
    ------
    UserInputError
        It is missing, too large, no PowerPoint file, or carries macros.
    """
    file = Path(path).expanduser()
    try:
        if file.stat().st_size > LARGEST:
            raise UserInputError(f"{file} has more than {LARGEST:,} bytes.", "Use a smaller one.")
        data = file.read_bytes()
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > 5 * LARGEST:
                raise UserInputError(f"{file} unpacks to more than {5 * LARGEST:,} bytes.")
            types = archive.read("[Content_Types].xml")
            if b"macroEnabled" in types or b"vbaProject" in types:
                raise UserInputError(f"{file} carries macros.", "Save it as .pptx or .potx.")
            if _MAIN % b"template" in types:
                return _with_types(
                    archive, types.replace(_MAIN % b"template", _MAIN % b"presentation")
                )
            if _MAIN % b"presentation" not in types:
                raise UserInputError(f"{file} is no PowerPoint file.", "Use .pptx or .potx.")
    except OSError as error:
        raise UserInputError(f"Can't read {file}: {error.strerror}.", "Check the path.") from error
    except (zipfile.BadZipFile, KeyError) as error:
        raise UserInputError(f"{file} is no PowerPoint file.", "Use .pptx or .potx.") from error
    return data


def _with_types(archive: zipfile.ZipFile, types: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in archive.namelist():
            new.writestr(name, types if name == "[Content_Types].xml" else archive.read(name))
    return out.getvalue()
