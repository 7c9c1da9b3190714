"""Folders that travel with the package: data and notebooks."""

from __future__ import annotations

from pathlib import Path

__all__ = ["resource_folder"]


def resource_folder(name: str) -> Path:
    """Return the folder inside an installed package, or else that of a checkout."""
    package = Path(__file__).resolve().parent
    inside = package / "_bundle" / name
    return inside if inside.is_dir() else package.parent / name
