"""Names of sheets: short, unique, and without what spreadsheets refuse."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import count

__all__ = ["sheet_names"]

LONGEST = 31
_REFUSED = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")


def sheet_names(keys: Sequence[str], reserved: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Return for each exhibit the name of its formatted sheet and that of its raw data.

    Parameters
    ----------
    keys : sequence of str
        Keys of exhibits; one may come twice.
    reserved : sequence of str
        Names that are taken.
    """
    taken = {name.lower() for name in reserved} | {"history"}
    found = []
    for key in keys:
        base = _REFUSED.sub("_", key).strip() or "exhibit"
        for number in count(1):
            mark = f" {number}" if number > 1 else ""
            pair = tuple(base[: LONGEST - len(m)] + m for m in (mark, f"{mark} data"))
            if not {name.lower() for name in pair} & taken:
                break
        taken |= {name.lower() for name in pair}
        found.append((pair[0], pair[1]))
    return found
