"""The commands on data: status, refresh, import, verify, build."""

from __future__ import annotations

import datetime as dt
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from marketshock.cli_answers import (
    answer,
    checks,
    format_option,
    offline_option,
    source_option,
    symbols_of,
)
from marketshock.errors import DataCorruptError, UserInputError, suggest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from marketshock.market.panel import PricePanel
    from marketshock.market.splits import SplitTable

__all__ = ["data"]


@click.group()
def data() -> None:
    """The data: status, refresh, import, verify, build."""


@data.command("status")
@source_option
@format_option
@click.pass_context
def data_status(ctx: click.Context, source: str, shape: str) -> None:
    """Files, dates and age of a vintage; every byte is compared with its manifest."""
    from marketshock.sources import maintenance, opening
    from marketshock.sources.vintages import VintageSource
    from marketshock.table import Table

    chosen = opening.open_source(source)
    if len(chosen.parts) > 1:
        raise UserInputError(f"{source!r} names several vintages.", "Ask for one at a time.")
    files = maintenance.status(chosen.folder)
    manifest = chosen.manifest
    today = dt.datetime.now(dt.UTC).date()
    content: dict[str, Any] = {
        "vintage": manifest.vintage,
        "created": manifest.created,
        "source": chosen.name,
        "age_days": (today - manifest.created).days,
        "files": files,
    }
    if isinstance(chosen, VintageSource):
        checked = chosen.checked
        content["age_days"] = (today - checked.date()).days
        content |= {"checked": checked.isoformat(), "kept": chosen.store.vintages()}
        content |= {"folder": str(chosen.folder), "fetch": manifest.fetch}
        damage = chosen.store.damage(manifest.vintage)
        if damage:
            raise chosen.store.set_aside(manifest.vintage, damage)
    answer(shape, content, Table.from_rows("files", files))
    bad = [record["path"] for record in files if not record["ok"]]
    if bad:
        raise DataCorruptError(
            f"{', '.join(bad)} of {manifest.vintage} differs from the manifest.",
            "Restore it from the release.",
        )
    click.echo(
        f"Vintage {manifest.vintage} of {chosen.name}, {content['age_days']} days old.", err=True
    )


@data.command("refresh")
@click.option("--symbols", metavar="A,B", help="Default: those of the vintage before, or all.")
@click.option("--source", default="yahoo", show_default=True, metavar="NAME")
@click.option("--allow-missing", metavar="A,B", help="Go without these where Yahoo lacks them.")
@offline_option
@format_option
def data_refresh(symbols: str | None, source: str, allow_missing: str | None, shape: str) -> None:
    """Fetch a new vintage; interrupted, the same command fetches only the rest."""
    from marketshock.sources import bundle, opening
    from marketshock.sources.facts_refresh import FACT_SOURCES, refresh_facts
    from marketshock.sources.pace import Pace
    from marketshock.sources.refresh import refresh
    from marketshock.sources.vintages import VintageStore
    from marketshock.sources.yahoo import YahooClient
    from marketshock.table import Table

    names = symbols_of(symbols)
    if source not in opening.FETCHED:
        hint = suggest(source, opening.FETCHED) or f"Use {' or '.join(opening.FETCHED)}."
        raise UserInputError(f"{source!r} can't be fetched in this version.", hint)
    allowed = symbols_of(allow_missing)
    if allowed and source in FACT_SOURCES:
        raise UserInputError(f"All of {source} must come.", "Leave --allow-missing out.")
    opening.refuse_offline(source)
    reference = bundle.EmbeddedSource()
    pace = Pace.from_settings(os.environ)
    line, store = _Line(), VintageStore(source)
    try:
        if source in FACT_SOURCES:
            done = refresh_facts(store, os.environ, pace, reference, names, _now, line.show)
        else:
            client = YahooClient(_now, pace)
            done = refresh(store, client, reference, names, _now, line.show, allowed)
    finally:
        line.end()
    content = done.as_dict()
    row = {key: value for key, value in content.items() if not isinstance(value, (list, dict))}
    answer(shape, content, Table.from_rows("refresh", [row]))
    for reason in done.missing.values():
        click.echo(f"Left out, as allowed: {reason}", err=True)
    for sentence in done.revisions:
        click.echo(f"History changed: {sentence}", err=True)
    click.echo(
        f"Vintage {done.vintage}: {len(done.symbols)} symbols, {done.first} to {done.last}. "
        f"Use it with --source {source}.",
        err=True,
    )


@data.command("import")
@click.argument("file", metavar="FILE")
@click.option("--map", "layout", metavar="MAP.toml", help="Columns and format of the file.")
@click.option("--name", metavar="NAME", help="How the file is cited; default the one in the map.")
@format_option
def data_import(file: str, layout: str | None, name: str | None, shape: str) -> None:
    """Turn a CSV, Parquet or Excel file of prices into a vintage, through the same checks."""
    from dataclasses import replace

    from marketshock.sources import bundle
    from marketshock.sources.file_import import FILES, FileStore, import_prices
    from marketshock.sources.file_map import FileMap, read_map
    from marketshock.table import Table

    declared = read_map(Path(layout)) if layout else FileMap()
    if name:
        declared = replace(declared, name=name)
    done = import_prices(
        FileStore(), Path(file), declared, bundle.EmbeddedSource(), _gate, _now, _waiting
    )
    for finding in done.findings:
        click.echo(f"{finding['level']} {finding['code']}: {finding['text']['en']}.", err=True)
    if shape == "table":
        click.echo(str(done.path))
    else:
        content = done.as_dict()
        row = {key: value for key, value in content.items() if not isinstance(value, list)}
        answer(shape, content, Table.from_rows("import", [row]))
    click.echo(
        f"Vintage {done.vintage}: {len(done.symbols)} symbols, {done.rows} rows, {done.first} to "
        f"{done.last}. Use it with --source {FILES}.",
        err=True,
    )


def _gate(
    panels: Mapping[str, PricePanel], splits: SplitTable, confirmed: frozenset[str]
) -> list[dict[str, Any]]:
    """Pass all closes of an import through the gate; no session is an event yet."""
    from marketshock.quality.gate import gate
    from marketshock.quality.prices import PriceSpan

    closes = panels["close"]
    beyond = len(closes.sessions) + 1
    span = PriceSpan(
        closes,
        splits,
        0,
        len(closes.sessions) - 1,
        (beyond, beyond),
        volumes=panels.get("volume"),
        adjusted=panels.get("adj_close"),
        confirmed=confirmed,
    )
    return [finding.as_dict() for finding in gate(span)]


def _waiting(owner: str) -> None:
    click.echo(f"marketshock: {owner} is importing: waiting", err=True)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class _Line:
    """One line of progress on stderr: rewritten on a terminal, else one line a message."""

    def __init__(self) -> None:
        self.terminal, self.open = sys.stderr.isatty(), False

    def show(self, message: str) -> None:
        """Show a message in place of the last."""
        start = "\r\033[K" if self.terminal else ""
        click.echo(f"{start}marketshock: {message}", err=True, nl=not self.terminal)
        self.open = self.terminal

    def end(self) -> None:
        """Leave the line."""
        if self.open:
            click.echo("", err=True)


@data.command("verify")
@source_option
@format_option
@click.pass_context
def data_verify(ctx: click.Context, source: str, shape: str) -> None:
    """Re-read every file and check bytes, rows, contracts and agreement between tables."""
    from marketshock.sources import bundle, maintenance, opening
    from marketshock.sources.vintages import VintageSource

    if source == "embedded":
        checks(ctx, shape, maintenance.verify(bundle.data_folder()))
        return
    found = []
    for part in opening.open_source(source).parts:
        if isinstance(part, VintageSource):
            found += maintenance.verify_vintage(part)
        else:
            found += maintenance.verify(part.folder)
    checks(ctx, shape, found)


@data.command("build")
def data_build() -> None:
    """Derive the manifest from the tables; on unchanged tables it changes no byte."""
    from marketshock.sources import bundle, maintenance

    folder = bundle.data_folder()
    manifest, disagreements = maintenance.build(folder)
    for sentence in disagreements:
        click.echo(f"Tables disagree, `data verify` will not pass: {sentence}", err=True)
    click.echo(f"Vintage {manifest.vintage}, {len(manifest.files)} files.", err=True)
    click.echo(str(folder / "manifest.json"))
