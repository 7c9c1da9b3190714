"""Sources by the names that users type, and the switch that keeps the network closed."""

from __future__ import annotations

import os

from marketshock.errors import OfflineError, UserInputError, suggest
from marketshock.sources.bundle import EmbeddedSource, FolderSource

__all__ = ["FETCHED", "OFFLINE", "offline", "open_source", "refuse_offline"]

OFFLINE = "MARKETSHOCK_OFFLINE"
FETCHED = ("yahoo", "sec", "french")
"""Sources that `data refresh` can fetch."""


def open_source(name: str) -> FolderSource:
    """Return a source: ``embedded``, or the current vintage of one that is fetched or imported.

    ``yahoo@<vintage>`` names an older one that is kept; ``yahoo+sec`` takes prices of one and
    share counts and capital expenditure of the other. Nothing is fetched here.

    Raises
    ------
    UserInputError
        For a name or a vintage that is unknown.
    NotCoveredError
        Before the first fetch.
    """
    if name == "embedded":
        return EmbeddedSource()
    from marketshock.sources.file_import import FILES, FileStore
    from marketshock.sources.together import TogetherSource
    from marketshock.sources.vintages import VintageStore

    first, *others = name.split("+")
    if others:
        return TogetherSource(open_source(first), [open_source(other) for other in others])
    source, _, vintage = name.partition("@")
    if source == FILES:
        return FileStore().source(vintage)
    if source not in FETCHED:
        known = ("embedded", *FETCHED, FILES)
        raise UserInputError(
            f"No source {name!r} in this version.",
            suggest(name, known) or f"Use {' or '.join(known)}.",
        )
    return VintageStore(source).source(vintage)


def offline() -> bool:
    """Return whether the user keeps the network closed."""
    return os.environ.get(OFFLINE, "").strip().lower() not in ("", "0", "false", "no")


def refuse_offline(source: str) -> None:
    """Refuse to refresh a source while the network is closed.

    Raises
    ------
    OfflineError
    """
    if offline():
        raise OfflineError(
            f"A refresh of {source} needs the network, which is switched off ({OFFLINE} or "
            "--offline).",
            f"Its last vintage can be used with --source {source}, the embedded data without; to "
            f"fetch, unset {OFFLINE} and run `marketshock data refresh --source {source}`.",
        )
