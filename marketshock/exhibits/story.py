"""The story of a shock in computed sentences: the cover, and what came next."""

from __future__ import annotations

from marketshock.capex import CapexTrend
from marketshock.exhibits.page import Cover, Figure, Point, Say
from marketshock.exhibits.study_words import LEVEL, Lead, counts, lead_of
from marketshock.exhibits.words import both, pick, share_mark, stocks
from marketshock.locale import Locale, Text
from marketshock.market.sessions import to_day
from marketshock.marketcap.losses import MarketCapLosses
from marketshock.provenance import Status
from marketshock.shock.study import ShockStudy

__all__ = ["after_story", "cover"]

HEADLINE_TEST = "portfolio_t"


def cover(
    shock: ShockStudy,
    losses: MarketCapLosses,
    capex: CapexTrend | None = None,
    *,
    compact: bool = False,
) -> Cover:
    """Return the cover of a shock: message, five figures, and what to take away.

    With `capex` a last point says what capital spending did in that year; `compact` sets the
    page small, as a sheet.
    """
    lead = lead_of(shock)
    breadth = [_breadth(shock)] if len(shock.result.abnormal) > 1 else []
    points = [_specific(shock, lead), *breadth, _dollars(shock, lead, losses)]
    spending = _spending(shock, capex) if capex else None
    return Cover(
        Text("Market shock · event study", "Shock di mercato · event study"),
        _title(shock, lead),
        _deck(shock, lead),
        shock.shock.first_session,
        tuple(_figures(shock, lead, losses)),
        tuple([*points, spending] if spending else points),
        compact,
    )


def _title(shock: ShockStudy, lead: Lead) -> Text:
    title = shock.shock.title

    def words(locale: Locale) -> str:
        head = title[locale.lang]
        if lead.loss_usd_bn is None:
            size = locale.percent(lead.realised, sign=True)
            return f"{head}: {lead.name} {size}"
        size = locale.billions(abs(lead.loss_usd_bn))
        down = lead.loss_usd_bn < 0
        return pick(
            locale,
            f"{head}: {lead.name} {'lost' if down else 'gained'} {size} in one session",
            f"{head}: {lead.name} {'perde' if down else 'guadagna'} {size} in una seduta",
        )

    return both(words)


def _deck(shock: ShockStudy, lead: Lead) -> Text:
    sessions = shock.result.study.estimation.length
    benchmark = shock.result.study.model.benchmark

    def words(locale: Locale) -> str:
        expected = locale.percent(lead.expected, sign=True)
        abnormal = locale.number(abs(100 * lead.abnormal), 1)
        move = locale.percent(abs(lead.realised))
        t, n = locale.number(abs(lead.t), 1), locale.number(sessions)
        who = (
            pick(locale, "the market", "il mercato")
            if benchmark
            else pick(locale, "the model", "il modello")
        )
        down = lead.realised < 0
        ruler = pick(
            locale,
            f"{t} standard errors, measured on {n} ordinary sessions",
            f"{t} errori standard, misurati su {n} sedute ordinarie",
        )
        if lead.expected * lead.realised < 0 or lead.abnormal * lead.realised < 0:
            moved = locale.percent(lead.realised, sign=True)
            return pick(
                locale,
                f"Returned {moved} where {who} explains {expected}. The gap of {abnormal} points "
                f"is the abnormal return: {ruler}.",
                f"Rendimento {moved}, mentre {who} spiega {expected}. La differenza di {abnormal} "
                f"punti è il rendimento anomalo: {ruler}.",
            )
        # The parts that are printed add up to the move that is printed.
        whole, rest = round(abs(100 * lead.realised), 1), round(abs(100 * lead.abnormal), 1)
        points = locale.number(whole - rest, 1)
        return pick(
            locale,
            f"Of a {'fall' if down else 'rise'} of {move} {who} explains {points} points. The "
            f"other {abnormal} are abnormal: {ruler}.",
            f"Di un {'calo' if down else 'rialzo'} del {move} {who} spiega {points} punti. Gli "
            f"altri {abnormal} sono anomali: {ruler}.",
        )

    return both(words)


def _figures(shock: ShockStudy, lead: Lead, losses: MarketCapLosses) -> list[Figure]:
    window = shock.result.headline_window
    abnormal = shock.result.abnormal
    test = shock.result.test(HEADLINE_TEST)
    caar = abnormal.caar(window)
    market = float(abnormal.benchmark[0, abnormal.inside(window)].sum())
    benchmark = shock.name(shock.result.study.compared_with)
    place = _rank_of(lead, shock, losses)
    figures = [
        Figure(
            both(lambda locale: locale.percent(lead.realised, sign=True)),
            Text(lead.name, lead.name),
            Text("return of the session", "rendimento di seduta"),
        ),
        Figure(
            both(lambda locale: locale.percent(lead.abnormal, sign=True)),
            Text("of it abnormal", "di cui anomalo"),
            both(lambda locale: f"t = {locale.number(lead.t, 1)}"),
        ),
    ]
    if lead.loss_usd_bn is not None:
        dollars = lead.loss_usd_bn
        shares = shock.dollars[window][lead.row].shares
        mark = share_mark(shares.status, shares.kind) if shares else ""
        figures.append(
            Figure(
                both(lambda locale: locale.billions(dollars, sign=True)),
                Text(f"market value{mark}", f"capitalizzazione{mark}"),
                both(lambda locale: _place(place, losses.companies, locale)),
            )
        )
    figures.append(
        Figure(
            both(lambda locale: locale.percent(caar, sign=True)),
            both(
                lambda locale: pick(
                    locale,
                    f"mean of {stocks(len(abnormal), locale)}",
                    f"media di {stocks(len(abnormal), locale)}",
                )
            ),
            both(
                lambda locale: (
                    pick(locale, "abnormal, p ", "anomala, p ")
                    + locale.p_value(test.pvalue)
                    + ("" if test.valid else pick(locale, ", not valid", ", non valido"))
                )
            ),
        )
    )
    if market == market:
        figures.append(
            Figure(
                both(lambda locale: locale.percent(market, sign=True)),
                Text(benchmark, benchmark),
                Text("return of the session", "rendimento di seduta"),
            )
        )
    return figures


def _rank_of(lead: Lead, shock: ShockStudy, losses: MarketCapLosses) -> int | None:
    key = (lead.symbol, shock.shock.first_session)
    return next((loss.rank for loss in losses.losses if (loss.symbol, loss.date) == key), None)


def _place(place: int | None, companies: int, locale: Locale) -> str:
    if place is None:
        return pick(locale, "close to close", "da chiusura a chiusura")
    return pick(
        locale,
        f"loss number {place} of {companies} companies",
        f"perdita n. {place} tra {companies} società",
    )


def _specific(shock: ShockStudy, lead: Lead) -> Point:
    rank = shock.result.quantile_rank(lead.symbol)
    share = lead.abnormal / lead.realised if lead.realised else 0.0
    specific = share > 0.5 and lead.pvalue < LEVEL

    def words(locale: Locale) -> str:
        expected, moved = (
            locale.percent(value, sign=True) for value in (lead.expected, lead.realised)
        )
        sentence = pick(
            locale,
            f"The model expected {expected} for {lead.name}; it returned {moved}",
            f"Il modello si attendeva {expected} per {lead.name}; il rendimento è stato {moved}",
        )
        if rank is None:
            return sentence + "."
        p, of = locale.p_value(float(rank["pvalue"])), locale.number(int(rank["of"]))
        place = locale.number(int(rank["rank"]))
        return sentence + pick(
            locale,
            f", number {place} of {of} sessions by size (p = {p}).",
            f", numero {place} su {of} sedute per ampiezza (p = {p}).",
        )

    lead_words = (
        Text("The shock was specific.", "Lo shock è stato specifico.")
        if specific
        else Text("Most of it was the market.", "In gran parte è stato il mercato.")
        if share <= 0.5
        else Text("Within the usual range.", "Entro l'intervallo abituale.")
    )
    return Point(lead_words, both(words))


def _breadth(shock: ShockStudy) -> Point:
    window = shock.result.headline_window
    low, high = counts(shock, window)
    car = shock.result.abnormal.car(window)
    names = [shock.name(symbol) for symbol in shock.result.abnormal.symbols]
    worst, best = int(car.argmin()), int(car.argmax())

    def words(locale: Locale) -> str:
        down, up = (locale.percent(float(car[at]), sign=True) for at in (worst, best))
        n = stocks(len(car), locale)
        return pick(
            locale,
            f"Of {n} {low} fell and {high} rose beyond their own range: from {names[worst]} "
            f"({down}) to {names[best]} ({up}).",
            f"Su {n}, {low} in calo e {high} in rialzo oltre il proprio intervallo: da "
            f"{names[worst]} ({down}) a {names[best]} ({up}).",
        )

    if low and high:
        head = Text("Not everything fell.", "Non tutto è sceso.")
    elif low + high > 1:
        head = Text("One direction.", "Una sola direzione.")
    elif low or high:
        head = Text("One stock stood out.", "Un solo titolo si è distinto.")
    else:
        head = Text("Within the usual range.", "Entro l'intervallo abituale.")
    return Point(head, both(words))


def _dollars(shock: ShockStudy, lead: Lead, losses: MarketCapLosses) -> Point:
    dollars = shock.dollars[shock.result.headline_window][lead.row]
    place = _rank_of(lead, shock, losses)

    def words(locale: Locale) -> str:
        if dollars.loss_usd_bn is None or dollars.abnormal_usd_bn is None:
            return pick(
                locale,
                "No share count was known before the session.",
                "Nessun numero di azioni era noto prima della seduta.",
            )
        loss, part, low, high = (
            locale.billions(value)
            for value in (
                dollars.loss_usd_bn,
                dollars.abnormal_usd_bn,
                dollars.low_usd_bn,
                dollars.high_usd_bn,
            )
        )
        ranked = ""
        if place is not None:
            since = pick(locale, "since", "dal")
            among = _place(place, losses.companies, locale)
            ranked = f"; {among} {since} {losses.since.year}"
        return pick(
            locale,
            f"{lead.name}: {loss} from close to close, of which {part} abnormal (95% interval "
            f"{low} to {high}){ranked}.",
            f"{lead.name}: {loss} da chiusura a chiusura, di cui {part} anomali (intervallo al "
            f"95\u00a0% da {low} a {high}){ranked}.",
        )

    gained = dollars.loss_usd_bn is not None and dollars.loss_usd_bn > 0
    head = Text("What it cost.", "Quanto è costato.")
    return Point(Text("What it was worth.", "Quanto è valso.") if gained else head, both(words))


def _spending(shock: ShockStudy, capex: CapexTrend) -> Point | None:
    """Return what capital spending did in the year of the shock, if it is known."""
    year = str(shock.shock.first_session.year)
    row = next((row for row in capex.to_records() if row["period"] == year), None)
    if row is None or row["total_usd_bn"] is None or row["yoy"] is None:
        return None
    rose = row["yoy"] > 0

    def words(locale: Locale) -> str:
        total = locale.billions(row["total_usd_bn"])
        growth = locale.percent(row["yoy"], 0, sign=True)
        if row["yoy_status"] == Status.RECALLED.value:
            growth += "; " + Status.RECALLED.words[locale.lang]
        names = locale.join(list(row["by_company"]))
        sentence = pick(
            locale,
            f"{names} invested {total} in {year} ({growth})",
            f"{names} hanno investito {total} nel {year} ({growth})",
        )
        if not row["projection"]:
            return sentence + "."
        planned = locale.billions(row["published_usd_bn"])
        return sentence + pick(
            locale,
            f", against {planned} projected before.",
            f", contro {planned} previsti prima.",
        )

    return Point(
        Text("Spending went on.", "La spesa è continuata.")
        if rose
        else Text("Spending was cut.", "La spesa è diminuita."),
        both(words),
    )


def after_story(path: ShockStudy) -> Say:
    """Return what came next for the lead stock, from the study with the long window."""
    lead = lead_of(path)
    abnormal = path.result.abnormal
    at = abnormal.session_zero()
    sessions = int(abnormal.tau[-1])
    first = float(abnormal.ar[lead.row, at])
    after = float(abnormal.ar[lead.row, at + 1 :].sum())
    day = to_day(abnormal.sessions[lead.row, -1])
    sigma = float(abnormal.sigma[lead.row])

    def words(locale: Locale) -> str:
        start, rest = locale.percent(first, sign=True), locale.percent(after, sign=True)
        n, usual = locale.number(sessions), locale.percent(sigma)
        return pick(
            locale,
            f"On an ordinary session {lead.name}'s abnormal return has a standard deviation of "
            f"{usual}. On the day of the event it was {start}; over the {n} sessions after it, to "
            f"{locale.date(day)}, it added up to {rest}.",
            f"In una seduta ordinaria il rendimento anomalo di {lead.name} ha deviazione standard "
            f"{usual}. Nel giorno dell'evento è stato {start}; nelle {n} sedute successive, fino "
            f"al {locale.date(day)}, la somma è {rest}.",
        )

    return Say(both(words))
