"""What a notebook must not tell its readers: where its author's files lie, and any secret."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from marketshock.errors import QualityError

__all__ = ["published", "secrets_of"]

SECRET_NAMES = frozenset(
    ("KEY", "APIKEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIALS")
)
SHORTEST_SECRET = 12
"""A shorter value can be a word that a page holds for another reason."""


def published(notebook: dict[str, Any]) -> dict[str, Any]:
    """Return an executed notebook as it may be given away: the home folder in outputs is ``~``.

    Raises
    ------
    QualityError
        If the value of a secret environment variable stands anywhere in it.
    """
    _refuse_secrets(notebook)
    home = Path.home()
    if len(home.parts) < 2:
        return notebook
    place = re.compile(rf"(?<![\w.~-]){re.escape(str(home))}(?![\w.-])")
    cells = [
        {**cell, "outputs": _homeless(cell["outputs"], place)} if "outputs" in cell else cell
        for cell in notebook["cells"]
    ]
    return {**notebook, "cells": cells}


def secrets_of(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield name and value of the variables whose name says that they are secret."""
    for name, value in environment.items():
        if SECRET_NAMES & set(name.upper().split("_")) and len(value) >= SHORTEST_SECRET:
            yield name, value


def _refuse_secrets(notebook: dict[str, Any]) -> None:
    secrets = [(name, json.dumps(value)[1:-1]) for name, value in secrets_of(os.environ)]
    for number, cell in enumerate(notebook["cells"], 1):
        text = json.dumps([cell["source"], cell.get("outputs", [])])
        for name, value in secrets:
            if value in text:
                raise QualityError(
                    f"Cell {number} holds the value of the environment variable {name}.",
                    "Take it out: whoever gets the page could read it.",
                )


def _homeless(value: Any, place: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return place.sub("~", value)
    if isinstance(value, dict):
        return {
            key: inner if key.startswith("image/png") else _homeless(inner, place)
            for key, inner in value.items()
        }
    return [_homeless(inner, place) for inner in value] if isinstance(value, list) else value
