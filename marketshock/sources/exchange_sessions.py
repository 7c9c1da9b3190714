"""The sessions that an exchange held, worked out once and kept in the user's cache."""

from __future__ import annotations

import datetime as dt
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from marketshock.market.sessions import Dates, SessionCalendar
from marketshock.sources.bundle import cache_folder, write_cache

__all__ = ["exchange_sessions"]


def exchange_sessions(exchange: str, first: dt.date, last: dt.date) -> SessionCalendar:
    """Return the sessions between two days by the public calendar of an exchange.

    The public calendars take about a second to load, so the dates are kept in a cache that
    names their installation.

    Raises
    ------
    UserInputError
        For an unknown exchange, or years that its calendar lacks.
    """
    decades = range(first.year // 10, last.year // 10 + 1)
    name = f"sessions-{exchange}-{_installed()}-{decades[0]}-{decades[-1]}.npz"
    path = cache_folder() / name
    sessions = _kept(path)
    if sessions is None:
        from marketshock.market.exchange_hours import exchange_hours

        found = [exchange_hours(exchange, decade * 10).calendar.sessions for decade in decades]
        sessions = np.unique(np.concatenate(found))
        write_cache(path, {"sessions": sessions})
    inside = (sessions >= np.datetime64(first, "D")) & (sessions <= np.datetime64(last, "D"))
    return SessionCalendar(sessions[inside])


def _kept(path: Path) -> Dates | None:
    """Return the dates of a cache file that is whole, by its checksums."""
    import zipfile

    try:
        with np.load(path, allow_pickle=False) as stored:
            sessions: Dates = stored["sessions"]
            return sessions
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None


def _installed() -> str:
    """Return what tells one installation of the public calendars from another.

    Asking for their version would cost a tenth of a short command.
    """
    spec = find_spec("exchange_calendars")
    if spec is None or spec.origin is None:
        return "none"
    return f"{Path(spec.origin).stat().st_mtime_ns:x}"
