"""The command line: data to stdout, everything else to stderr, one exit code a kind of error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Literal

import click

from marketshock.cli_answers import (
    answer as _answer,
)
from marketshock.cli_answers import (
    checks as _checks,
)
from marketshock.cli_answers import (
    format_option as _format,
)
from marketshock.cli_answers import (
    offline_option,
    source_option,
)
from marketshock.cli_answers import (
    symbols_of as _symbols,
)
from marketshock.cli_data import data
from marketshock.cli_note import basket, note
from marketshock.cli_scan import scan
from marketshock.errors import MarketShockError, UserInputError

if TYPE_CHECKING:
    pass

__all__ = ["main"]

OVERLAPPING = click.Choice(["drop", "keep", "merge"])
KINDS = click.Choice(["simple", "log"])
PRICE_BASES = click.Choice(["official", "consolidated"])
SHARE_BASES = click.Choice(["latest_filing", "same_day", "mixed", "diluted"])
MODELS = """raw, mean, market_adjusted, market, capm, ff3, carhart, ff5, scholes_williams, dimson,
garch; or a CSV file with a column date and one per factor, in decimals."""
HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 96}


class _Commands(click.Group):
    """Errors of the package end with their own exit code and say what to do."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except MarketShockError as error:
            click.echo(f"marketshock: {error.message}", err=True)
            if error.hint:
                click.echo(f"  {error.hint}", err=True)
            ctx.exit(error.exit_code)
        except BrokenPipeError:
            sys.stderr.close()
            ctx.exit(0)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:  # noqa: BLE001  (the last door: say it is ours, exit 6)
            click.echo(f"marketshock: internal error: {error!r}", err=True)
            click.echo("  This is a defect of marketshock; please report the command.", err=True)
            ctx.exit(6)


@click.group(cls=_Commands, context_settings=HELP)
@click.version_option(package_name="marketshock", prog_name="marketshock")
def main() -> None:
    """Explain a market shock: what fell, by how much, was it abnormal, what came next.

    Everything runs on the embedded data and needs no network. Data go to stdout, messages
    to stderr. Exit codes: 0 done, 2 input, 3 data quality, 4 network, 5 disk, 6 internal.
    """


@main.command()
@click.argument("name", default="deepseek", metavar="[NAME|NOTEBOOK]")
@click.option(
    "-p", "parameters", multiple=True, metavar="KEY=VALUE", help="Set a notebook parameter."
)
@click.option(
    "--lang",
    type=click.Choice(["it", "en"]),
    default="en",
    show_default=True,
    help="Language of the page.",
)
@click.option("--client", help="Name printed on the cover.")
@click.option("--prepared-by", help="Who prepared it.")
@click.option("--reviewed-by", help="Who reviewed it.")
@click.option("--brand", metavar="FILE", help="House style: a TOML file.")
@click.option(
    "--out", default="reports", show_default=True, metavar="DIR", help="Folder to write to."
)
@click.option("--also", metavar="pptx,xlsx,html,png", help="Further formats of the same page.")
@click.option("--draft", is_flag=True, help="Watermark the page.")
@source_option
@offline_option
@_format
def report(
    name: str,
    parameters: tuple[str, ...],
    lang: str,
    client: str | None,
    prepared_by: str | None,
    reviewed_by: str | None,
    brand: str | None,
    out: str,
    also: str | None,
    draft: bool,
    source: str,
    shape: str,
) -> None:
    """Run a notebook and write the client page as PDF."""
    from marketshock.exhibits.brand import Brand
    from marketshock.publish.report import report as write
    from marketshock.sources.opening import open_source

    chosen = _pairs(parameters)
    if source != "embedded":
        open_source(source)
        chosen["source"] = source
    written = write(
        name,
        parameters=chosen,
        lang=lang,
        client=client,
        prepared_by=prepared_by,
        reviewed_by=reviewed_by,
        brand=Brand.from_file(brand) if brand is not None else None,
        out=out,
        draft=draft,
        also=also.split(",") if also else (),
        progress=lambda message: click.echo(message, err=True),
    )
    if shape == "json":
        _answer(shape, written.as_dict(), written.table())
        return
    for path in written.files:
        click.echo(str(path))


def _pairs(parameters: tuple[str, ...]) -> dict[str, str]:
    pairs = dict(item.partition("=")[::2] for item in parameters if "=" in item)
    wrong = [item for item in parameters if "=" not in item]
    if wrong:
        raise UserInputError(f"{wrong[0]!r} is no parameter.", "Write -p key=value.")
    return pairs


@main.command()
@click.option("--event", metavar="ID", help="Event of the catalogue, or a unique prefix of its id.")
@click.option("--events", "file", metavar="FILE", help="Instead: a CSV or TOML file of events.")
@click.option("--overlapping", type=OVERLAPPING, help="Events of one stock with common sessions.")
@click.option("--date", metavar="YYYY-MM-DD", help="Instead of an event; needs --symbols.")
@click.option("--symbols", metavar="A,B", help="Stocks; default those of the event.")
@click.option("--benchmark", default="^GSPC", show_default=True, metavar="SYM")
@click.option("--model", default="market", show_default=True, metavar="NAME|FILE.csv", help=MODELS)
@click.option("--returns", type=KINDS, default="simple", show_default=True)
@click.option("--exclude-self", is_flag=True, help="S&P 500 without the stock itself.")
@click.option("--diagnostics", is_flag=True, help="Check the estimation window too.")
@click.option(
    "--window",
    "windows",
    multiple=True,
    metavar="A,B",
    help="Relative sessions; repeatable.  [default: 0,0 and -1,1 and 0,5]",
)
@click.option("--estimation", default=250, show_default=True, metavar="N", help="Its sessions.")
@click.option("--gap", default=10, show_default=True, metavar="N", help="Before session 0.")
@source_option
@offline_option
@_format
def study(
    event: str | None,
    file: str | None,
    overlapping: Any,
    date: str | None,
    symbols: str | None,
    benchmark: str,
    model: str,
    returns: Literal["simple", "log"],
    exclude_self: bool,
    diagnostics: bool,
    windows: tuple[str, ...],
    estimation: int,
    gap: int,
    source: str,
    shape: str,
) -> None:
    """Abnormal returns of an event, valid tests first."""
    from marketshock import api, file_study
    from marketshock.eventstudy.windows import EventWindow

    spans = [EventWindow.parse(text) for text in windows]
    options: dict[str, Any] = {
        "benchmark": benchmark,
        "model": model,
        "windows": [(span.first, span.last) for span in spans],
        "estimation": estimation,
        "gap": gap,
        "source": source,
        "returns": returns,
        "exclude_self": exclude_self,
    }
    if file is not None and (event or date or symbols):
        raise UserInputError("A file of events stands alone.", "No --event, --date, --symbols.")
    found = (
        api.event_study(event, date=date, symbols=_symbols(symbols), **options)
        if file is None
        else file_study.study_events(file, overlapping=overlapping, **options)
    )
    if shape == "table":
        click.echo(found.result.table("car").to_text())
        click.echo(found.summary(), err=True)
        if diagnostics:
            click.echo(repr(found.diagnostics()), err=True)
        return
    answer = found.as_dict(diagnostics=diagnostics) if shape == "json" else None
    _answer(shape, answer, found.result.table("car"))


@main.command()
@click.option("--top", default=10, show_default=True, metavar="N", help="Rows.")
@click.option("--as-of", metavar="DATE", help="Last session that counts.")
@click.option("--since", metavar="DATE", help="First session that counts.")
@click.option("--by", type=click.Choice(["usd", "pct"]), default="usd", show_default=True)
@click.option("--symbols", metavar="A,B", help="Only these companies.")
@click.option("--price-basis", type=PRICE_BASES, default="official", show_default=True)
@click.option("--share-basis", type=SHARE_BASES, default="latest_filing", show_default=True)
@click.option("--reconcile", is_flag=True, help="Set the published list beside ours.")
@source_option
@offline_option
@_format
def losses(
    top: int,
    as_of: str | None,
    since: str | None,
    by: str,
    symbols: str | None,
    price_basis: Any,
    share_basis: Any,
    reconcile: bool,
    source: str,
    shape: str,
) -> None:
    """Largest one-day losses of market value, with price and share basis."""
    from marketshock import api

    desk = api.Desk(source)
    found = api.losses(
        top,
        as_of=as_of,
        since=since,
        by="pct" if by == "pct" else "usd",
        symbols=_symbols(symbols),
        price_basis=price_basis,
        share_basis=share_basis,
        desk=desk,
    )
    answer = {
        "as_of": found.as_of,
        "since": found.since,
        "universe": {"companies": found.companies},
        "vintage": desk.source.vintage,
        "rows": found.table().to_records(),
        "findings": [item.as_dict() for item in found.findings],
    }
    table = found.table()
    if reconcile:
        beside = api.reconcile_losses(desk=desk)
        table = beside.table()
        answer["reconciliation"] = table.to_records()
        findings = dict.fromkeys((*found.findings, *beside.findings))
        answer["findings"] = [item.as_dict() for item in findings]
    _answer(shape, answer, table)
    click.echo(
        f"Largest among {found.companies} companies with share counts, {found.since} to "
        f"{found.as_of}; vintage {desk.source.vintage}.",
        err=True,
    )


@main.command()
@click.option(
    "--by", type=click.Choice(["year", "quarter", "ttm"]), default="year", show_default=True
)
@click.option("--as-of", metavar="DATE", help="Only what had been filed by then.")
@source_option
@offline_option
@_format
def capex(by: str, as_of: str | None, source: str, shape: str) -> None:
    """Capital expenditure of the large cloud companies, by calendar period."""
    from marketshock import api

    trend = api.capex_trend(by, as_of=as_of, source=source)  # type: ignore[arg-type]
    answer = {
        "as_of": trend.as_of,
        "method": trend.method.as_dict(),
        "rows": trend.to_records(),
        "notes": [note.as_dict() for note in trend.notes],
        "source": source,
        "sources": [one.as_dict() for one in trend.sources],
        "findings": [item.as_dict() for item in trend.findings],
    }
    _answer(shape, answer, trend.flat())


@main.command()
@_format
def events(shape: str) -> None:
    """The catalogue of shocks, and which can be studied offline."""
    from marketshock import api
    from marketshock.table import Table

    table = api.events()
    flat = [
        {**row, "title": row["title"].en, "reason": row["reason"].en if row["reason"] else ""}
        for row in table
    ]
    _answer(shape, {"rows": table.to_records()}, Table.from_rows("events", flat))


main.add_command(basket)
main.add_command(note)
main.add_command(scan)
main.add_command(data)


@main.command()
@_format
@click.pass_context
def doctor(ctx: click.Context, shape: str) -> None:
    """Check the installation: Python, libraries, fonts, data, and that a page can be set."""
    from marketshock.publish.doctor import examine

    _checks(ctx, shape, examine())


@main.command()
@click.argument("file", metavar="FILE.pdf")
@click.option("--notebook", metavar="FILE", help="Your own notebook, if the page was made with it.")
@click.option("--brand", metavar="FILE", help="House style that the page was made in, if any.")
@offline_option
@_format
@click.pass_context
def verify(
    ctx: click.Context, file: str, notebook: str | None, brand: str | None, shape: str
) -> None:
    """Compute a page again on its data vintage, figure by figure, and set it again.

    Code inside the PDF is never run: a notebook of this package is, or the one you name.
    Ends with 3 if anything differs, is damaged, a draft, or could not be checked.
    """
    from marketshock.exhibits.brand import Brand
    from marketshock.publish.verify import verify as checked

    found = checked(
        file,
        notebook,
        brand=Brand.from_file(brand) if brand is not None else None,
        progress=lambda message: click.echo(message, err=True),
    )
    _checks(ctx, shape, found)
