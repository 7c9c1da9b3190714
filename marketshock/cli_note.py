"""The commands on the note and on groups of companies: note, basket."""

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

__all__ = ["basket", "note"]

LANGUAGES = click.Choice(["it", "en"])


@click.command()
@click.option("--date", required=True, metavar="YYYY-MM-DD", help="A session, or the next one.")
@click.option(
    "--basket",
    "name",
    metavar="ID",
    help="magnificent7, semiconductors, ai_supply_chain, ai_power, technology or all.",
)
@click.option("--symbols", metavar="A,B", help="Instead: your own group.")
@source_option
@offline_option
@format_option
def basket(date: str, name: str | None, symbols: str | None, source: str, shape: str) -> None:
    """What a named basket lost on a day: losers, net, market part, abnormal part, who rose."""
    from marketshock import note_study
    from marketshock.desk import Desk

    desk = Desk(source)
    found = note_study.basket(date, name, symbols=symbols_of(symbols), desk=desk)
    content = {**found.as_dict(), "vintage": desk.source.vintage}
    answer(shape, content, found.table())
    click.echo(found.summary(), err=True)
    for lost in found.dropped:
        click.echo(f"not counted: {lost.symbol}, {lost.reason.en}", err=True)


@click.command()
@click.option("--lang", type=LANGUAGES, default="en", show_default=True, help="Words of a table.")
@offline_option
@format_option
def note(lang: Literal["it", "en"], shape: str) -> None:
    """The research note claim by claim: printed, recomputed, verdict and why."""
    from marketshock import note_study
    from marketshock.desk import Desk

    desk = Desk()
    found = note_study.reconcile_note(desk=desk)
    content = {**found.as_dict(), "vintage": desk.source.vintage}
    answer(shape, content, found.table(lang))
    click.echo(f"{found.summary()}; vintage {desk.source.vintage}.", err=True)
