"""Text files that users hand in."""

from __future__ import annotations

from pathlib import Path

from marketshock.errors import UserInputError

__all__ = ["read_text"]

LARGEST = 20_000_000
"""Bytes of the largest file that is read."""


def read_text(path: Path | str) -> str:
    """Return the text of a UTF-8 file, without its byte-order mark.

    Raises
    ------
    UserInputError
        If there is no such file, it is too large, or it is no UTF-8 text.
    """
    file = Path(path)
    try:
        size = file.stat().st_size
        if not file.is_file() or size > LARGEST:
            raise UserInputError(
                f"{path} is no file of at most {LARGEST:,} bytes.", "Name a CSV or TOML file."
            )
        content = file.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UserInputError(f"{path} can't be read: {reason}.", "Check the path.") from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UserInputError(
            f"{path}, line {line}: received bytes that are no UTF-8 text.",
            "Save the file as CSV UTF-8.",
        ) from None
