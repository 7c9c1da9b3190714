"""Exhibits of a shock study: paths, bars, tables, the distribution of ordinary sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marketshock.exhibits.exhibit import Column, Exhibit, Size
from marketshock.exhibits.study_words import (
    bars_title,
    lead_of,
    path_title,
    rank_title,
    split_title,
    study_notes,
    window_words,
)
from marketshock.exhibits.words import both, pick, share_mark, share_notes
from marketshock.locale import Locale, Text
from marketshock.market.sessions import to_day
from marketshock.shock.dollar_loss import DollarLoss
from marketshock.shock.study import ShockStudy
from marketshock.table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "abnormal_bars",
    "abnormal_table",
    "car_path",
    "residual_histogram",
]

CONFIDENCE = 0.95
NAME = Text("Company", "Società")
BARS = Text("Bars: abnormal return of each stock", "Barre: rendimento anomalo di ogni titolo")
BAND = Text("95% range without an event", "intervallo al 95\u00a0% senza evento")


def car_path(shock: ShockStudy) -> Exhibit:
    """Running abnormal return of the lead stock with the band of no event."""
    from scipy.special import stdtrit

    lead = lead_of(shock)
    abnormal = shock.result.abnormal
    running, error = abnormal.path()
    half = float(stdtrit(abnormal.df[lead.row], 0.5 + CONFIDENCE / 2)) * error[lead.row]
    rows: list[dict[str, Any]] = [
        {
            "tau": int(tau),
            "session": to_day(abnormal.sessions[lead.row, at]),
            "ar": float(abnormal.ar[lead.row, at]),
            "car": float(running[lead.row, at]),
            "low": float(-half[at]),
            "high": float(half[at]),
        }
        for at, tau in enumerate(abnormal.tau.tolist())
    ]
    day = to_day(abnormal.sessions[lead.row, abnormal.session_zero()])

    def draw(data: Table, locale: Locale, size: Size) -> Figure:
        from marketshock.exhibits.charts_lines import path_with_band

        return path_with_band(
            data["tau"],
            data["car"],
            data["low"],
            data["high"],
            event_label=locale.day_month(day),
            band_label=BAND[locale.lang],
            x_label=pick(locale, "Sessions from the event", "Sedute dall'evento"),
            locale=locale,
            size=size,
            height_mm=66.0 if size == "full" else None,
        )

    return Exhibit(
        "car_path",
        path_title(shock, lead.row),
        both(
            lambda locale: pick(
                locale,
                f"Cumulative abnormal return of {lead.name}, percent, from the close before "
                "the event",
                f"Rendimento anomalo cumulato di {lead.name}, per cento, dalla chiusura prima "
                "dell'evento",
            )
        ),
        Table.from_rows("car_path", rows),
        shock.result.sources,
        _alt(
            rows,
            "car",
            Text(
                f"Line: running abnormal return of {lead.name}",
                f"Linea: rendimento anomalo cumulato di {lead.name}",
            ),
        ),
        draw,
        notes=study_notes(shock),
    )


def abnormal_bars(shock: ShockStudy) -> Exhibit:
    """Abnormal return of every stock over the first window, with its 95 % interval."""
    from scipy.special import stdtrit

    window, abnormal = shock.result.headline_window, shock.result.abnormal
    car, error = abnormal.car(window), abnormal.car_error(window)
    half = stdtrit(abnormal.df, 0.5 + CONFIDENCE / 2) * error
    rows = [
        {
            "symbol": abnormal.symbols[at],
            "name": shock.name(abnormal.symbols[at]),
            "car": float(car[at]),
            "low": float(car[at] - half[at]),
            "high": float(car[at] + half[at]),
        }
        for at in car.argsort(kind="stable").tolist()
    ]
    lead = lead_of(shock)

    def draw(data: Table, locale: Locale, size: Size) -> Figure:
        from marketshock.exhibits.charts_bars import ranked_bars

        return ranked_bars(
            data["name"],
            data["car"],
            accent=[symbol == lead.symbol for symbol in data["symbol"]],
            value_format=lambda value, where: where.number(100 * value, 1, sign=True),
            locale=locale,
            size=size,
            low=data["low"],
            high=data["high"],
        )

    return Exhibit(
        "abnormal_bars",
        bars_title(shock, window),
        both(
            lambda locale: pick(
                locale,
                f"Abnormal return, percent, {window_words(shock, window, locale)}; line: 95% "
                "prediction interval",
                f"Rendimento anomalo, per cento, {window_words(shock, window, locale)}; linea: "
                "intervallo di previsione al 95\u00a0%",
            )
        ),
        Table.from_rows("abnormal_bars", rows),
        shock.result.sources,
        _alt(rows, "car", BARS),
        draw,
        emphasis=tuple(at for at, row in enumerate(rows) if row["symbol"] == lead.symbol),
        notes=(
            *study_notes(shock),
            Text(
                "Abnormal: outside the stock's own interval; each stock is judged alone.",
                "Anomalo: fuori dall'intervallo del titolo; ogni titolo è giudicato da solo.",
            ),
        ),
    )


def residual_histogram(shock: ShockStudy) -> Exhibit:
    """Distribution of the lead stock's ordinary abnormal returns, with the event marked."""
    lead = lead_of(shock)
    abnormal = shock.result.abnormal
    at = abnormal.session_zero()
    event = float(abnormal.ar[lead.row, at])
    day = to_day(abnormal.sessions[lead.row, at])
    residuals = abnormal.residuals[lead.row].tolist()
    sessions = [to_day(session) for session in abnormal.estimation_sessions[lead.row]]
    rows = [
        {"session": session, "ar": value, "event": False}
        for session, value in zip(sessions, residuals, strict=True)
        if value == value
    ]
    rows.append({"session": day, "ar": event, "event": True})

    def draw(data: Table, locale: Locale, size: Size) -> Figure:
        from marketshock.exhibits.charts_histogram import histogram_with_event

        return histogram_with_event(
            [row["ar"] for row in data if not row["event"]],
            event,
            event_label=locale.day_month(day),
            x_label=pick(locale, "Abnormal return of a session", "Rendimento anomalo di seduta"),
            y_label=pick(locale, "Sessions", "Sedute"),
            locale=locale,
            size=size,
        )

    return Exhibit(
        "residual_histogram",
        rank_title(shock, lead.symbol),
        both(
            lambda locale: pick(
                locale,
                f"Daily abnormal returns of {lead.name}, number of sessions",
                f"Rendimenti anomali giornalieri di {lead.name}, numero di sedute",
            )
        ),
        Table.from_rows("residual_histogram", rows),
        shock.result.sources,
        _alt(
            rows,
            "ar",
            Text(
                f"Histogram: ordinary sessions of {lead.name} and the event",
                f"Istogramma: sedute ordinarie di {lead.name} e l'evento",
            ),
        ),
        draw,
        notes=study_notes(shock)[:1],
        size="half",
    )


def abnormal_table(shock: ShockStudy) -> Exhibit:
    """Return, expected and abnormal return, t, CAR and dollars of every stock."""
    window, result = shock.result.headline_window, shock.result
    abnormal = result.abnormal
    inside = abnormal.inside(window)
    lines = result.table("car").where(first=window.first, last=window.last)
    betas = dict(zip(abnormal.parameters, abnormal.coefficients.T, strict=True)).get("beta")
    rows: list[dict[str, Any]] = []
    for at, line in enumerate(lines):
        rows.append(
            {
                "symbol": line["symbol"],
                "name": shock.name(line["symbol"]) + _marked(shock.dollars[window][at]),
                "beta": None if betas is None else float(betas[at]),
                "realised": float(abnormal.realised[at, inside].sum()),
                "expected": float(abnormal.expected[at, inside].sum()),
                "car": line["car"],
                "t": line["t"],
                "pvalue": line["pvalue"],
                "loss_usd_bn": shock.dollars[window][at].loss_usd_bn,
                "abnormal_usd_bn": shock.dollars[window][at].abnormal_usd_bn,
            }
        )
    rows.sort(key=lambda row: row["car"])
    lead = lead_of(shock)
    return Exhibit(
        "abnormal_table",
        split_title(lead),
        both(
            lambda locale: pick(
                locale,
                f"{window_words(shock, window, locale)}; returns in percent, market value in "
                "billions of US dollars",
                f"{window_words(shock, window, locale)}; rendimenti in per cento, capitalizzazione "
                "in miliardi di dollari USA",
            )
        ),
        Table.from_rows("abnormal_table", rows),
        tuple(dict.fromkeys((*result.sources, *shock.value_sources))),
        _alt(
            rows,
            "car",
            Text(
                "Table: abnormal return of each stock", "Tabella: rendimento anomalo di ogni titolo"
            ),
        ),
        columns=_TABLE_COLUMNS,
        emphasis=tuple(at for at, row in enumerate(rows) if row["symbol"] == lead.symbol),
        notes=(
            *study_notes(shock),
            Text(
                "Loss: close less previous close, times shares known before the session. Abnormal "
                "loss: abnormal return times the value before. n.a.: no share count known then.",
                "Perdita: chiusura meno chiusura precedente, per le azioni note prima della "
                "seduta. Perdita anomala: rendimento anomalo per il valore precedente. n.a.: "
                "numero di azioni non noto allora.",
            ),
            *share_notes(
                [(d.shares.status, d.shares.kind) for d in shock.dollars[window] if d.shares]
            ),
        ),
    )


def _marked(dollars: DollarLoss) -> str:
    return share_mark(dollars.shares.status, dollars.shares.kind) if dollars.shares else ""


def _alt(rows: list[dict[str, Any]], key: str, what: Text) -> Text:
    """Return what a reader who can't see the exhibit is told: range and extremes."""
    values = [row[key] for row in rows]

    def words(locale: Locale) -> str:
        low, high = (locale.percent(value, sign=True) for value in (min(values), max(values)))
        return pick(
            locale,
            f"{what.en}; {locale.number(len(rows))} values from {low} to {high}.",
            f"{what.it}; {locale.number(len(rows))} valori da {low} a {high}.",
        )

    return both(words)


def _points(value: float | None, locale: Locale) -> str:
    return locale.number(None if value is None else 100 * value, 1, sign=True)


def _whole(value: float | None, locale: Locale) -> str:
    return locale.number(value, 0, sign=True)


_TABLE_COLUMNS = (
    Column("name", NAME, lambda value, _: str(value), "left"),
    Column("beta", Text("Beta", "Beta"), lambda value, locale: locale.number(value, 2)),
    Column("realised", Text("Return", "Rendimento"), _points),
    Column("expected", Text("Expected", "Atteso"), _points),
    Column("car", Text("Abnormal", "Anomalo"), _points),
    Column("t", Text("t", "t"), lambda value, locale: locale.number(value, 1)),
    Column("pvalue", Text("p", "p"), lambda value, locale: locale.p_value(value)),
    Column("loss_usd_bn", Text("Change, $bn", "Variaz., mld"), _whole),
    Column("abnormal_usd_bn", Text("Abnormal, $bn", "Anomala, mld"), _whole),
)
