"""Contracts of company figures, published figures and events.

Units and meaning of every column are in the codebook of the data folder.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from marketshock.sources.contract_fields import (
    FISCAL,
    PARTIAL_DATE,
    SYMBOL,
    TableContract,
    choice,
    date,
    filled_exactly_when,
    integer,
    number,
    one_filled,
    ordered,
    positive,
    precision_fits,
    status,
    text,
)


def _capex() -> TableContract:
    scopes = (
        "total",
        "total_net",
        "aws",
        "net_additions_total",
        "total_incl_finance_leases",
        "finance_lease_principal",
    )
    fields = {
        "company": text(),
        "symbol": text(SYMBOL),
        "scope": choice(*scopes),
        "frequency": choice("Q", "A"),
        "period_start": date(),
        "period_end": date(),
        "fiscal_label": text(FISCAL),
        "capex_musd": number(0, empty=True),
        "finance_leases_musd": number(0, empty=True),
        "filed": date(empty=True),
        "first_filed": date(empty=True),
        "filed_latest": date(empty=True),
        "capex_first_reported_musd": number(0, empty=True),
        "source": text(),
        "status": status(),
    }
    rules = (
        ordered("period_start", "period_end", strict=True),
        ordered("period_end", "first_filed", strict=True),
        ordered("first_filed", "filed"),
        ordered("filed", "filed_latest"),
        one_filled("capex_musd", "finance_leases_musd"),
    )
    return TableContract(fields, ["symbol", "scope", "frequency", "period_end"], rules)


def _capex_published() -> TableContract:
    fields = {
        "year": integer(2000, 2100),
        "total_usd_bn": positive(),
        "kind": choice("actual", "projection"),
        "as_of": text(PARTIAL_DATE),
        "publisher": text(),
        "source": text(),
        "status": status(),
    }
    return TableContract(fields, ["year"])


def _capex_totals_quoted() -> TableContract:
    fields = {
        "year": integer(2000, 2100),
        "scope": text(),
        "kind": choice("actual", "guidance", "forecast"),
        "low_usd_bn": positive(),
        "high_usd_bn": positive(),
        "as_of": text(PARTIAL_DATE, empty=True),
        "publisher": text(),
        "source": text(),
        "status": status(),
        "comment": text(empty=True),
    }
    return TableContract(fields, ["year", "scope", "kind"], (ordered("low_usd_bn", "high_usd_bn"),))


def _capex_guidance() -> TableContract:
    fields = {
        "symbol": text(SYMBOL),
        "fiscal_year": text(r"^(FY|CY)\d{4}$"),
        "low_musd": positive(),
        "high_musd": positive(),
        "announced": text(PARTIAL_DATE),
        "precision": choice("day", "month"),
        "kind": choice("guidance", "consensus", "forecast"),
        "source": text(),
        "status": status(),
        "comment": text(empty=True),
    }
    rules = (ordered("low_musd", "high_musd"), precision_fits("announced"))
    return TableContract(fields, ["symbol", "fiscal_year", "announced", "kind"], rules)


def _financials() -> TableContract:
    bases = (
        "reported",
        "press_release",
        "income_over_shares",
        "income_over_implied_shares",
    )
    fields = {
        "symbol": text(SYMBOL),
        "scope": choice("total", "aws"),
        "frequency": choice("Q", "A"),
        "period_start": date(),
        "period_end": date(),
        "fiscal_label": text(FISCAL),
        "revenue_musd": positive(),
        "net_income_musd": number(empty=True),
        "diluted_eps": number(empty=True),
        "filed": date(),
        "filed_latest": date(),
        "revenue_first_reported_musd": positive(),
        "net_income_first_reported_musd": number(empty=True),
        "derivation": choice("annual_minus_three_quarters", "annual_minus_nine_months", empty=True),
        "eps_basis": choice(*bases, "annual_minus_three_quarters", empty=True),
        "source": text(),
        "status": status(),
        "comment": text(empty=True),
    }
    rules = (
        ordered("period_start", "period_end", strict=True),
        ordered("period_end", "filed", strict=True),
        ordered("filed", "filed_latest"),
        filled_exactly_when("net_income_musd", "scope", "total"),
    )
    return TableContract(fields, ["symbol", "scope", "frequency", "period_end"], rules)


def _token_prices() -> TableContract:
    prices = ("input", "output", "cached_input", "printed_input", "printed_output")
    fields = {
        "scope": choice("note", "context", "after"),
        "as_of": text(PARTIAL_DATE),
        "provider": text(),
        "model": text(),
        "api_name": text(),
        **{f"{price}_usd_per_m": positive(empty=price.startswith("printed")) for price in prices},
        "valid_from": text(PARTIAL_DATE, empty=True),
        "valid_to": text(PARTIAL_DATE, empty=True),
        "status": status(),
        "source": text(),
        "comment": text(empty=True),
    }
    return TableContract(
        fields,
        ["provider", "model", "valid_from"],
        (ordered("valid_from", "valid_to"),),
    )


def _benchmarks() -> TableContract:
    metrics = (
        "aime2024_pass1",
        "aime2024_cons64",
        "math500_pass1",
        "gpqa_diamond_pass1",
        "livecodebench_pass1",
    )
    fields = {
        "model": text(),
        "base_model": text(empty=True),
        "role": choice("comparator", "distilled"),
        "metric": choice(*metrics, "codeforces_rating"),
        "printed_value": number(0, 4000),
        "paper_value": number(0, 4000),
        "repository_value": number(0, 4000, empty=True),
        "status": status(),
        "source": text(),
    }
    rules = (filled_exactly_when("base_model", "role", "distilled"),)
    return TableContract(fields, ["model", "metric"], rules)


def _training_cost() -> TableContract:
    fields = {
        "item": text(r"^[a-z0-9_]+$"),
        "printed_value": positive(empty=True),
        "published_value": positive(empty=True),
        "unit": text(),
        "status": status(),
        "source": text(),
        "comment": text(empty=True),
    }
    return TableContract(fields, ["item"], (one_filled("printed_value", "published_value"),))


def _publications() -> TableContract:
    fields = {
        "id": text(r"^[a-z0-9_]+$"),
        "title": text(),
        "publisher": text(),
        "date": date(),
        "language": choice("en", "it"),
        "source": text(),
        "status": status(),
    }
    return TableContract(fields, ["id"])


def _losses_published() -> TableContract:
    fields = {
        "list": choice("note", "after", "context"),
        "rank": integer(1, empty=True),
        "symbol": text(SYMBOL),
        "firm": text(),
        "date": date(),
        "printed_usd_bn": number(high=0, empty=True),
        "published_usd_bn": number(high=0, empty=True),
        "publisher": text(empty=True),
        "other_published": text(empty=True),
        "status": status(),
        "source": text(),
        "comment": text(empty=True),
    }
    rules = tuple(
        filled_exactly_when(column, "list", "note") for column in ("rank", "printed_usd_bn")
    )
    return TableContract(fields, ["symbol", "date"], rules)


def _losses_inputs() -> TableContract:
    fields = {
        "symbol": text(SYMBOL),
        "date": date(),
        "item": text(r"^[a-z0-9_]+$"),
        "value": positive(),
        "unit": choice("USD", "USD bn", "shares"),
        "source": text(),
        "status": status(),
        "comment": text(empty=True),
    }
    return TableContract(fields, ["symbol", "date", "item", "value"])


def _baskets() -> TableContract:
    fields = {
        "basket": choice("magnificent7", "ai_supply_chain", "ai_power"),
        "symbol": text(SYMBOL),
        "status": status(),
        "source": text(),
        "comment": text(empty=True),
    }
    return TableContract(fields, ["basket", "symbol"])


def _timeline() -> TableContract:
    fields = {
        "date": text(PARTIAL_DATE),
        "precision": choice("day", "month", "year"),
        "event_en": text(),
        "event_it": text(),
        "source": text(),
        "status": status(),
    }
    return TableContract(fields, ["date", "event_en"], (precision_fits("date"),))


def _shocks() -> TableContract:
    timings = ("before_open", "in_session", "after_close", "non_session", "unknown")
    fields = {
        "id": text(r"^[a-z0-9_]+$"),
        "date": date(),
        "first_session": date(),
        **{column: text() for column in ("title_en", "title_it", "trigger_en", "trigger_it")},
        "symbols": text(r"^\S+( \S+)*$"),
        "announced": text(),
        "announced_time": text(r"^([01]\d|2[0-3]):[0-5]\d$", empty=True),
        "announced_zone": choice("America/New_York", "UTC", empty=True),
        "timing": choice(*timings),
        "tier": choice("core", "extended"),
        "status": status(),
        "source": text(),
    }
    return TableContract(fields, ["id"], (ordered("date", "first_session"),))


def _known_exceptions() -> TableContract:
    return TableContract({"table": text(), "key": text(), "reason": text()}, ["table", "key"])


FACT_TABLES: Final[dict[str, Callable[[], TableContract]]] = {
    "capex": _capex,
    "capex_published": _capex_published,
    "capex_totals_quoted": _capex_totals_quoted,
    "capex_guidance": _capex_guidance,
    "financials": _financials,
    "token_prices": _token_prices,
    "benchmarks": _benchmarks,
    "training_cost": _training_cost,
    "publications": _publications,
    "losses_published": _losses_published,
    "losses_inputs": _losses_inputs,
    "baskets": _baskets,
    "timeline": _timeline,
    "shocks": _shocks,
    "known_exceptions": _known_exceptions,
}
