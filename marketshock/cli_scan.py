"""The command on the whole history: scan."""

from __future__ import annotations

from typing import Literal

import click

from marketshock.cli_answers import (
    answer,
    format_option,
    offline_option,
    source_option,
    symbols_of,
)

__all__ = ["scan"]

MODELS = "raw, mean, market_adjusted, market, capm, ff3, carhart or ff5."


@click.command()
@click.option("--top", default=10, show_default=True, metavar="N", help="Rows.")
@click.option("--since", metavar="DATE", help="First session that counts.")
@click.option("--until", metavar="DATE", help="Last session that counts.")
@click.option("--symbols", metavar="A,B", help="Only these stocks.")
@click.option("--model", default="market", show_default=True, metavar="NAME", help=MODELS)
@click.option(
    "--by",
    type=click.Choice(["sar", "usd"]),
    default="sar",
    show_default=True,
    help="Absolute standardised abnormal return, or dollars lost.",
)
@source_option
@offline_option
@format_option
def scan(
    top: int,
    since: str | None,
    until: str | None,
    symbols: str | None,
    model: str,
    by: Literal["sar", "usd"],
    source: str,
    shape: str,
) -> None:
    """The largest abnormal returns of every stock on every session."""
    from marketshock import scan_study

    found = scan_study.scan(
        top,
        by=by,
        since=since,
        until=until,
        symbols=symbols_of(symbols),
        model=model,
        source=source,
    )
    answer(shape, found.as_dict(), found.table())
    click.echo(found.summary(), err=True)
