"""What all commands share: options, and how an answer is written."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from marketshock.errors import UserInputError

if TYPE_CHECKING:
    from marketshock.table import Table

__all__ = [
    "answer",
    "checks",
    "format_option",
    "offline_option",
    "source_option",
    "symbols_of",
]

FORMATS = click.Choice(["table", "json", "csv"])


def format_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--format``."""
    return click.option(
        "--format",
        "shape",
        type=FORMATS,
        default="table",
        show_default=True,
        help="Shape of the answer.",
    )(command)


def source_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--source``."""
    return click.option(
        "--source",
        default="embedded",
        show_default=True,
        metavar="NAME",
        help="embedded; yahoo, the vintage fetched last; files, the one imported last; "
        "yahoo@VINTAGE, an older one; yahoo+sec, share counts and capex of a second vintage.",
    )(command)


def _switch_off(ctx: click.Context, option: click.Parameter, value: bool) -> None:
    from marketshock.sources.opening import OFFLINE

    if value:
        os.environ[OFFLINE] = "1"


def offline_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--offline``, which also holds for notebooks that the command runs."""
    return click.option(
        "--offline",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_switch_off,
        help="Open no connection; the same as MARKETSHOCK_OFFLINE=1.",
    )(command)


def symbols_of(text: str | None) -> list[str]:
    """Return the symbols of an option; an empty list is refused.

    Raises
    ------
    UserInputError
    """
    if text is None:
        return []
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise UserInputError("The list of symbols is empty.", "For example --symbols NVDA,AVGO.")
    return names


def answer(shape: str, content: Any, table: Table) -> None:
    """Write the JSON answer, or its main table as text or CSV, to stdout."""
    if shape == "json":
        import json

        from marketshock.table import json_value

        click.echo(json.dumps(json_value(content), ensure_ascii=False, allow_nan=False, indent=1))
    elif shape == "csv":
        click.echo(table.to_csv(), nl=False)
    else:
        click.echo(table.to_text())


def checks(ctx: click.Context, shape: str, found: Any) -> None:
    """Write checks; those that failed go to stderr too, and end with exit code 3."""
    from marketshock.table import Table

    rows = [check.as_dict() for check in found]
    ok = all(row["ok"] for row in rows)
    answer(shape, {"ok": ok, "checks": rows}, Table.from_rows("checks", rows))
    if not ok:
        for row in rows:
            if not row["ok"]:
                click.echo(f"marketshock: {row['name']}: {row['detail']}", err=True)
        ctx.exit(3)
