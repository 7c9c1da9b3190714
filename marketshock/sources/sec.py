"""Company facts of the SEC: what companies filed, fact by fact, as JSON."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marketshock.errors import BadPayload, NotFound, SymbolMismatch, UserInputError
from marketshock.sources.pace import Pace
from marketshock.sources.web import PROXY, Web, checked_address, finite, read_object

__all__ = ["USER_AGENT", "CompanyFacts", "Fact", "SecClient", "read_facts"]

USER_AGENT = "MARKETSHOCK_SEC_USER_AGENT"
ADDRESS = "MARKETSHOCK_SEC_ADDRESS"
FILES, API = "https://www.sec.gov", "https://data.sec.gov"
SECONDS_BETWEEN_REQUESTS = 0.11
"""The SEC allows ten requests a second."""
FORMS = ("10-K", "10-Q", "20-F", "40-F")
_AGENT = re.compile(r"[\x21-\x7e][\x20-\x7e]*@[\x20-\x7e]*[\x21-\x7e]")


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure of one filing.

    Parameters
    ----------
    start : datetime.date or None
        First day of a period; None for a figure of one day.
    end : datetime.date
    value : float
        In the unit of the fact, not scaled.
    filed : datetime.date
    form : str
        ``10-Q``, ``10-K/A`` ...
    accession : str
        Number of the filing.
    """

    start: dt.date | None
    end: dt.date
    value: float
    filed: dt.date
    form: str
    accession: str

    @property
    def days(self) -> int:
        """Length of the period in days, both ends included; 1 for a figure of one day."""
        return (self.end - (self.start or self.end)).days + 1

    @property
    def annual(self) -> bool:
        """Whether it stands in a yearly report."""
        return not self.form.startswith("10-Q")

    @property
    def generation(self) -> int:
        """0 in the report on its own period, 1 as a comparative a year later, and so on."""
        return (self.filed - self.end).days // 365


@dataclass(frozen=True, slots=True)
class CompanyFacts:
    """All facts of one company by taxonomy, tag and unit, in order of filing."""

    symbol: str
    name: str
    facts: Mapping[tuple[str, str, str], tuple[Fact, ...]]

    def of(self, taxonomy: str, tag: str, unit: str) -> tuple[Fact, ...]:
        """Return the facts of one tag, none if the company never used it."""
        return self.facts.get((taxonomy, tag, unit), ())


class SecClient:
    """Asks the SEC for the facts of companies.

    Parameters
    ----------
    settings : mapping of str to str
        ``MARKETSHOCK_SEC_USER_AGENT`` says who asks, as the SEC demands: a name and a mail
        address. ``MARKETSHOCK_SEC_ADDRESS`` names another server with the same paths.
    pace : Pace
        Deadline and waits for one company.

    Raises
    ------
    UserInputError
        Without a user-agent, before anything is asked.
    """

    name = "sec"

    def __init__(self, settings: Mapping[str, str], pace: Pace) -> None:
        agent = settings.get(USER_AGENT, "").strip()
        if not _AGENT.fullmatch(agent):
            raise UserInputError(
                f"The SEC wants to know who asks, but {USER_AGENT} is {agent!r}.",
                f"Set it to a name and a mail address, for example {USER_AGENT}="
                "'Ada Rossi ada.rossi@example.com'.",
            )
        other = settings.get(ADDRESS)
        self.files = checked_address(other or FILES, ADDRESS)
        self.api = checked_address(other or API, ADDRESS)
        headers = {"User-Agent": agent, "Accept-Encoding": "gzip, deflate"}
        self.web = Web("the SEC", pace, headers, SECONDS_BETWEEN_REQUESTS)

    def numbers(self, symbols: Sequence[str]) -> dict[str, int]:
        """Return the SEC's number (CIK) of each symbol.

        Raises
        ------
        NotFound
            For symbols that the SEC does not list: funds, indices, foreign firms.
        """
        url, what = f"{self.files}/files/company_tickers.json", "List of companies"
        listed = _listed(self.web.get(url, what, lambda body: _listed(body, what)), what)
        missing = [symbol for symbol in symbols if symbol not in listed]
        if missing:
            raise NotFound(
                f"The SEC lists no company under {', '.join(missing)}.",
                "Leave them out with --symbols; funds and indices file no such facts.",
            )
        return {symbol: listed[symbol] for symbol in symbols}

    def facts(self, symbol: str, number: int) -> tuple[CompanyFacts, bytes]:
        """Return the facts of one company, and the answer that they were read from."""
        url = f"{self.api}/api/xbrl/companyfacts/CIK{number:010d}.json"
        body = self.web.get(url, symbol, lambda body: read_facts(body, symbol, number))
        return read_facts(body, symbol, number), body


def _listed(body: bytes, what: str) -> dict[str, int]:
    listed = {}
    for row in read_object(body, what).values():
        ticker = row.get("ticker") if isinstance(row, dict) else None
        number = row.get("cik_str") if isinstance(row, dict) else None
        if not isinstance(ticker, str) or not isinstance(number, int) or isinstance(number, bool):
            raise BadPayload(f"{what}: {ascii(row)[:80]} is no company.", PROXY)
        listed[ticker] = number
    if not listed:
        raise BadPayload(f"{what}: it is empty.", PROXY)
    return listed


def read_facts(body: bytes, symbol: str, number: int) -> CompanyFacts:
    """Check an answer strictly and return its facts from regular reports.

    A fact that was filed before its own end is an error of the filer and left out.

    Raises
    ------
    BadPayload
        If the shape is another, or a figure is no finite number.
    SymbolMismatch
        If it speaks of another company.
    NotFound
        If it holds no facts.
    """
    content = read_object(body, symbol)
    found = content.get("cik")
    if str(found).lstrip("0") != str(number):
        raise SymbolMismatch(
            f"{symbol}: the SEC answers for company {ascii(found)[:40]}, asked was {number}.",
            "Nothing was kept of it.",
        )
    taxonomies = content.get("facts")
    if not isinstance(taxonomies, dict) or not isinstance(content.get("entityName"), str):
        raise BadPayload(f"{symbol}: the SEC's answer has no facts or no name.", PROXY)
    facts = {
        (taxonomy, tag, unit): tuple(sorted(_read(rows, f"{symbol} {tag}"), key=_order))
        for taxonomy, tags in taxonomies.items()
        for tag, units in _parts(tags, symbol)
        for unit, rows in _parts(_member(units, "units", symbol), symbol)
    }
    if not any(facts.values()):
        raise NotFound(f"{symbol}: the SEC holds no facts of regular reports.", "Leave it out.")
    return CompanyFacts(symbol, content["entityName"], facts)


def _order(fact: Fact) -> tuple[dt.date, str]:
    return fact.filed, fact.accession


def _parts(content: Any, symbol: str) -> Iterable[tuple[str, Any]]:
    if not isinstance(content, dict):
        raise BadPayload(
            f"{symbol}: {ascii(content)[:80]} in the SEC's answer is no object.", PROXY
        )
    return content.items()


def _member(content: Any, name: str, symbol: str) -> Any:
    return dict(_parts(content, symbol)).get(name)


def _read(rows: Any, where: str) -> Iterable[Fact]:
    if not isinstance(rows, list):
        raise BadPayload(f"{where}: {ascii(rows)[:80]} is no list of facts.", PROXY)
    for row in rows:
        fact = _fact(row, where)
        if fact.form.startswith(FORMS) and fact.end <= fact.filed:
            yield fact


def _fact(row: Any, where: str) -> Fact:
    try:
        start = row.get("start")
        value = finite(row["val"])
        fact = Fact(
            None if start is None else dt.date.fromisoformat(start),
            dt.date.fromisoformat(row["end"]),
            value if value is not None else float("nan"),
            dt.date.fromisoformat(row["filed"]),
            str(row["form"]),
            str(row["accn"]),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadPayload(f"{where}: {ascii(row)[:80]} is no fact ({error!r}).", PROXY) from None
    if value is None:
        raise BadPayload(f"{where}: {ascii(row['val'])[:80]} is no finite number.", PROXY)
    if fact.days < 1:
        raise BadPayload(f"{where}: a period from {fact.start} to {fact.end}.", PROXY)
    return fact
