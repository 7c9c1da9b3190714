"""What the embedded tables must agree on with one another.

Differences that are documented carry a row in the table ``known_exceptions``
(table, key, reason); nothing is excused here in code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

__all__ = ["check_cross_table"]

Frames = Mapping[str, pd.DataFrame]

BENCHMARK: Final = "^GSPC"
GROUPS: Final = frozenset({"BIG4", "BIG5"})
#: Adjusted closes are printed to four decimals (six below 10): half a unit of
#: the last digit on the smallest of them is below 1e-5.
ADJUSTED_TOLERANCE: Final = 2e-5
#: Split left in a series: the move of the day equals the ratio to 1 %.
SPLIT_TOLERANCE: Final = 0.01
#: Quarters and years are rounded to a million each.
SUM_TOLERANCE_MUSD: Final = 1.0
#: Crosses are printed to six decimals.
CROSS_RATE_TOLERANCE: Final = 2e-6
#: Closes among the inputs are printed to the cent.
CENT: Final = 0.01
#: Low and high against the close, which some feeds round differently.
RANGE_TOLERANCE: Final = 1e-6


def check_cross_table(frames: Frames) -> list[str]:
    """Return the problems between tables.

    Parameters
    ----------
    frames : mapping of str to pandas.DataFrame
        Tables by name, each already within its own contract. A check whose
        tables are not all there is left out.

    Returns
    -------
    list of str
        One sentence a problem; empty if the tables agree.
    """
    problems: list[str] = []
    for needed, check in _CHECKS:
        if all(name in frames for name in needed):
            problems.extend(check(frames))
    return problems


def _excused(frames: Frames, table: str) -> set[str]:
    """Return the keys of the documented exceptions of a table."""
    known = frames.get("known_exceptions")
    if known is None:
        return set()
    return set(known.loc[known["table"].eq(table), "key"])


def _day(value: Any) -> str:
    """Write a date as ISO."""
    return pd.Timestamp(value).strftime("%Y-%m-%d")


def _rows(frame: pd.DataFrame) -> Iterator[Any]:
    """Iterate over rows, cells as attributes."""
    yield from frame.itertuples()


def _symbols(frames: Frames) -> Iterator[str]:
    """Check that prices and instruments name the same symbols."""
    priced = set(frames["prices_close"]["symbol"].unique())
    listed = set(frames["instruments"]["symbol"])
    for symbol in sorted(priced ^ listed):
        there, missing = ("prices_close", "instruments")
        if symbol in listed:
            there, missing = missing, there
        yield f"{missing}.symbol: {symbol} is in {there} only, expected in both"


def _coverage(frames: Frames) -> Iterator[str]:
    """Check the sessions that instruments state against the prices."""
    dates = frames["prices_close"].groupby("symbol")["date"]
    actual = dates.agg(first_session="min", last_session="max", sessions="size")
    stated = frames["instruments"].set_index("symbol")
    for symbol in stated.index.intersection(actual.index):
        for column in actual.columns:
            found: Any = stated.at[symbol, column]
            expected: Any = actual.at[symbol, column]
            if found != expected:
                yield (
                    f"instruments.{column}, {symbol}: found {found}, "
                    f"expected {expected} as in prices_close"
                )


def _sessions(frames: Frames) -> Iterator[str]:
    """Check that a series has all sessions of the benchmark between its ends."""
    prices = frames["prices_close"]
    calendar = pd.DatetimeIndex(prices.loc[prices["symbol"].eq(BENCHMARK), "date"])
    for symbol, dates in prices.groupby("symbol")["date"]:
        expected = calendar[(calendar >= dates.min()) & (calendar <= dates.max())]
        own = pd.DatetimeIndex(dates)
        for extra in own.difference(expected)[:3]:
            yield f"prices_close.date, {symbol}: {_day(extra)} is no session of {BENCHMARK}"
        for gap in expected.difference(own)[:3]:
            yield f"prices_close.date, {symbol}: no row for the session {_day(gap)}"


def _adjusted_where_traded(frames: Frames) -> Iterator[str]:
    """Check that indices, and only they, have no adjusted close."""
    kinds = frames["instruments"].set_index("symbol")["kind"]
    prices = frames["prices_close"]
    is_index = prices["symbol"].map(kinds).eq("index")
    wrong = prices[prices["adj_close"].isna() != is_index]
    for symbol in wrong["symbol"].unique():
        yield f"prices_close.adj_close, {symbol}: expected empty for an index and only there"


def _ranges(frames: Frames) -> Iterator[str]:
    """Check that low and high enclose open and close, row by row."""
    close = frames["prices_close"].set_index(["symbol", "date"])["close"]
    span = frames["prices_range"].set_index(["symbol", "date"])
    if not close.index.equals(span.index):
        yield "prices_range: expected the rows of prices_close in the same order"
        return
    low = np.minimum(span["open"], close) * (1 + RANGE_TOLERANCE)
    high = np.maximum(span["open"], close) * (1 - RANGE_TOLERANCE)
    broken = span[(span["low"] > low) | (span["high"] < high)]
    excused = _excused(frames, "prices_range")
    for symbol, date in broken.index.tolist():
        if f"{symbol}:{_day(date)}" not in excused:
            yield (f"prices_range, {symbol} {_day(date)}: expected low <= open, close <= high")


def _adjusted_closes(frames: Frames) -> Iterator[str]:
    """Check that adjusted closes follow from closes and dividends."""
    paid = frames["dividends"].set_index(["symbol", "ex_date"])["amount"]
    prices = frames["prices_close"].dropna(subset=["adj_close"])
    for symbol, rows in prices.groupby("symbol"):
        close = rows["close"].to_numpy()
        own = paid.loc[symbol] if symbol in paid.index else pd.Series(dtype=float)
        amount = own.reindex(pd.DatetimeIndex(rows["date"])).fillna(0.0).to_numpy()
        kept = 1.0 - amount[1:] / close[:-1]
        factor = np.append(np.cumprod(kept[::-1])[::-1], 1.0)
        off = np.abs(close * factor / rows["adj_close"].to_numpy() - 1.0)
        worst = int(off.argmax())
        if off[worst] > ADJUSTED_TOLERANCE:
            yield (
                f"prices_close.adj_close, {symbol} {_day(rows['date'].iloc[worst])}: "
                f"found {rows['adj_close'].iloc[worst]}, expected "
                f"{close[worst] * factor[worst]:.6g} from close and dividends"
            )


def _splits_adjusted(frames: Frames) -> Iterator[str]:
    """Check that no split is left in the split-adjusted closes."""
    prices = frames["prices_close"]
    previous = prices.groupby("symbol")["close"].shift()
    moves = (prices["close"] / previous).set_axis([prices["symbol"], prices["date"]])
    splits = frames["splits"]
    for row in _rows(splits[splits["kind"].eq("split")]):
        move = moves.get((row.symbol, row.date))
        if move is None:
            yield f"splits.date, {row.symbol}: {_day(row.date)} is no session of the symbol"
        elif abs(move * row.ratio - 1.0) <= SPLIT_TOLERANCE:
            yield (
                f"prices_close.close, {row.symbol} {_day(row.date)}: moved by {move:.4f}, "
                f"the split of {row.ratio:g} for 1 seems not to be taken out"
            )


def _references(frames: Frames) -> Iterator[str]:
    """Check that all symbols are known; guidance may name a group."""
    known = set(frames["instruments"]["symbol"])
    names = ("splits", "dividends", "shares", "capex", "capex_guidance", "financials")
    for name in (*names, "losses_published", "losses_inputs", "baskets"):
        if name in frames:
            allowed = known | GROUPS if name == "capex_guidance" else known
            for symbol in sorted(set(frames[name]["symbol"]) - allowed):
                yield f"{name}.symbol: found {symbol}, expected a symbol of instruments"


def _companies(frames: Frames) -> Iterator[str]:
    """Check that capital expenditure names companies as instruments do."""
    expected = frames["instruments"].set_index("symbol")["company"]
    rows = frames["capex"][["symbol", "company"]].drop_duplicates()
    for row in _rows(rows):
        if expected.get(row.symbol) != row.company:
            yield (
                f"capex.company, {row.symbol}: found {row.company}, "
                f"expected {expected.get(row.symbol)} as in instruments"
            )


def _ex_dates(frames: Frames) -> Iterator[str]:
    """Check that dividends fall on sessions of their symbol."""
    prices = frames["prices_close"]
    sessions = pd.MultiIndex.from_frame(prices[["symbol", "date"]])
    dividends = frames["dividends"]
    dated = pd.MultiIndex.from_frame(dividends[["symbol", "ex_date"]])
    for row in _rows(dividends[~dated.isin(sessions)]):
        yield f"dividends.ex_date, {row.symbol}: {_day(row.ex_date)} is no session of the symbol"


def _share_basis(frames: Frames) -> Iterator[str]:
    """Check that share counts carry every later split, as the prices do."""
    splits = frames["splits"]
    splits = splits[splits["kind"].eq("split")]
    shares = frames["shares"].dropna(subset=["shares_as_reported"])
    start = frames["prices_close"]["date"].min()
    for row in _rows(shares[shares["as_of"] >= start]):
        by_filing = row.kind not in ("cover", "derived") and not pd.isna(row.filed)
        told = row.filed if by_filing else row.as_of
        later = splits[splits["symbol"].eq(row.symbol) & (splits["date"] > told)]
        expected = row.shares_as_reported * later["ratio"].prod()
        if abs(row.shares / expected - 1.0) > 1e-6:
            yield (
                f"shares.shares, {row.symbol} {row.share_class} {_day(row.as_of)}: "
                f"found {row.shares:.0f}, expected {expected:.0f} after later splits"
            )


def _annual_sums(frames: Frames) -> Iterator[str]:
    """Check that four quarters add up to their year."""
    columns = {
        "capex": ("capex_musd", "finance_leases_musd", "capex_first_reported_musd"),
        "financials": (
            "revenue_musd",
            "net_income_musd",
            "revenue_first_reported_musd",
            "net_income_first_reported_musd",
        ),
    }
    for table, amounts in columns.items():
        if table in frames:
            excused = _excused(frames, table)
            for key, total, quarters in _years(frames[table], amounts):
                off = abs(quarters - total)
                if off > SUM_TOLERANCE_MUSD and key not in excused:
                    yield (
                        f"{table}, {key}: found {total:g}, expected {quarters:g} "
                        "as the sum of four quarters"
                    )


def _years(frame: pd.DataFrame, amounts: tuple[str, ...]) -> Iterator[tuple[str, float, float]]:
    """Yield key, annual amount and sum of quarters, where all are filled."""
    for (symbol, scope), rows in frame.groupby(["symbol", "scope"]):
        quarters = rows[rows["frequency"].eq("Q")]
        for year in rows[rows["frequency"].eq("A")].to_dict("records"):
            inside = quarters[
                (quarters["period_start"] >= year["period_start"])
                & (quarters["period_end"] <= year["period_end"])
            ]
            for amount in amounts:
                filled = inside[amount].dropna()
                if len(filled) == 4 and not pd.isna(year[amount]):
                    key = f"{symbol}:{scope}:{year['fiscal_label']}:{amount}"
                    yield key, year[amount], float(filled.sum())


def _first_sessions(frames: Frames) -> Iterator[str]:
    """Check that a first session is one, inside the price history."""
    prices = frames["prices_close"]
    sessions = set(prices.loc[prices["symbol"].eq(BENCHMARK), "date"])
    for row in _rows(frames["shocks"]):
        if row.first_session >= min(sessions) and row.first_session not in sessions:
            yield f"shocks.first_session, {row.id}: {_day(row.first_session)} is no session"


def _factors(frames: Frames) -> Iterator[str]:
    """Check that both factor files share days, market, value and RF."""
    five, three = frames["factors5_daily"], frames["factors3_daily"]
    for column in ("date", "mkt_rf", "hml", "rf"):
        if not five[column].equals(three[column]):
            yield f"factors3_daily.{column}: expected the values of factors5_daily"


def _factor_days(frames: Frames) -> Iterator[str]:
    """Check that factor days are the sessions inside the price history."""
    prices = frames["prices_close"]
    sessions = pd.DatetimeIndex(prices.loc[prices["symbol"].eq(BENCHMARK), "date"])
    days = pd.DatetimeIndex(frames["factors5_daily"]["date"])
    days = days[days >= sessions[0]]
    for day in days.symmetric_difference(sessions[sessions <= days[-1]])[:3]:
        yield f"factors5_daily.date: {_day(day)} is in one of factors and prices only"


def _cross_rates(frames: Frames) -> Iterator[str]:
    """Check that dollar crosses follow from the euro rates."""
    fx = frames["fx_daily"]
    expected = {
        "usdchf": fx["eurchf"] / fx["eurusd"],
        "gbpusd": fx["eurusd"] / fx["eurgbp"],
    }
    for column, rate in expected.items():
        for row in _rows(fx[(fx[column] - rate).abs() > CROSS_RATE_TOLERANCE]):
            yield f"fx_daily.{column}, {_day(row.date)}: expected {rate.loc[row.Index]:.6f}"


def _quoted_closes(frames: Frames) -> Iterator[str]:
    """Check that closes among the inputs of a loss are those of the prices."""
    closes = frames["prices_close"].set_index(["symbol", "date"])["close"]
    inputs = frames["losses_inputs"]
    for row in _rows(inputs[inputs["item"].str.fullmatch("(prev_)?close_official")]):
        series = closes.loc[row.symbol]
        position = series.index.get_loc(row.date) - row.item.startswith("prev_")
        if abs(series.iloc[position] - row.value) > CENT / 2:
            yield (
                f"losses_inputs.value, {row.symbol} {_day(row.date)} {row.item}: "
                f"found {row.value}, expected {series.iloc[position]} as in prices_close"
            )


_CHECKS: Final[tuple[tuple[tuple[str, ...], Callable[[Frames], Iterator[str]]], ...]] = (
    (("prices_close", "instruments"), _symbols),
    (("prices_close", "instruments"), _coverage),
    (("prices_close",), _sessions),
    (("prices_close", "instruments"), _adjusted_where_traded),
    (("prices_close", "prices_range"), _ranges),
    (("prices_close", "dividends"), _adjusted_closes),
    (("prices_close", "splits"), _splits_adjusted),
    (("instruments",), _references),
    (("instruments", "capex"), _companies),
    (("prices_close", "dividends"), _ex_dates),
    (("prices_close", "splits", "shares"), _share_basis),
    ((), _annual_sums),
    (("prices_close", "shocks"), _first_sessions),
    (("factors5_daily", "factors3_daily"), _factors),
    (("prices_close", "factors5_daily"), _factor_days),
    (("fx_daily",), _cross_rates),
    (("prices_close", "losses_inputs"), _quoted_closes),
)
