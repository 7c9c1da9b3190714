"""Titles, notes and the paragraph on earlier shocks, in both languages from the same figures."""

from __future__ import annotations

from marketshock.exhibits.words import both, pick
from marketshock.inference.outcomes import Interval
from marketshock.locale import Locale, Text
from marketshock.shock.analogues import Analogues
from marketshock.shock.analogues_next import FEWEST, Measure, Outcome

__all__ = [
    "KIND_WORDS",
    "analogue_notes",
    "found_sentence",
    "horizon_words",
    "nearest_title",
    "next_notes",
    "next_text",
    "next_title",
    "percent_pair",
]

SPOKEN = 20
"""Horizon of which the paragraph speaks."""

KIND_WORDS = {
    "macro": Text("macro", "macro"),
    "sector_wide": Text("sector-wide", "di settore"),
    "single_name": Text("single name", "singolo titolo"),
}
MEASURE_WORDS: dict[Measure, Text] = {
    "car": Text("abnormal return", "rendimento anomalo"),
    "return": Text("return", "rendimento"),
}
KINDS_NOTE = Text(
    "Kind. Macro: the market's own move is larger than on 95% of the sessions of the estimation "
    "window. Sector-wide: not macro, and more of the other stocks of the sector moved two "
    "standard errors the same way than on 95% of them. Single name: the rest.",
    "Tipo. Macro: il movimento del mercato supera quello del 95\u00a0% delle sedute della finestra "
    "di stima. Di settore: non macro, e gli altri titoli del settore che si muovono di due errori "
    "standard nella stessa direzione sono più che nel 95\u00a0% di esse. Singolo titolo: altri.",
)


def horizon_words(sessions: int, locale: Locale) -> str:
    """Return "20 sessions"."""
    one = sessions == 1
    noun = pick(locale, "session" if one else "sessions", "seduta" if one else "sedute")
    return f"{locale.number(sessions)} {noun}"


def percent_pair(interval: Interval, locale: Locale, decimals: int = 1) -> str:
    """Return "from −2.9% to +3.1%"."""
    low, high = (locale.percent(v, decimals, sign=True) for v in (interval.low, interval.high))
    return pick(locale, f"from {low} to {high}", f"da {low} a {high}")


def _shocks(number: int, locale: Locale) -> str:
    plural = number != 1
    return f"{locale.number(number)} {pick(locale, 'shocks' if plural else 'shock', 'shock')}"


def _earlier(found: Analogues, locale: Locale) -> str:
    """Return "earlier", or nothing where later sessions were searched too."""
    return "" if found.nearest.all_history else pick(locale, "earlier ", " precedente")


def nearest_title(found: Analogues) -> Text:
    """Return which shock is nearest, and to what."""

    def words(locale: Locale) -> str:
        name = found.name(found.event.symbol)
        when = _earlier(found, locale)
        if not found.shocks:
            return pick(
                locale,
                f"{name}: no {when}shock of this kind in the data",
                f"{name}: nessuno shock{when} di questo tipo nei dati",
            )
        near = found.shocks[0]
        other, day = found.name(near.symbol), locale.date(near.session)
        return pick(
            locale,
            f"The {when}shock nearest to {name}'s: {other}, {day}",
            f"Lo shock{when} più vicino a quello di {name}: {other}, {day}",
        )

    return both(words)


def next_title(found: Analogues, measure: Measure) -> Text:
    """Return whether what came next differs from random sessions, and where most."""
    n = len(found.shocks)
    known = [one for one in found.outcomes if one.measure == measure and one.n]
    standing = [one for one in known if one.stands_out]

    def words(locale: Locale) -> str:
        if found.withheld or not known:
            return pick(
                locale,
                f"{_shocks(n, locale)} like this one: too few to say what comes next",
                f"{_shocks(n, locale)} simili a questo: troppo pochi per dire che cosa segue",
            )
        if not standing:
            return pick(
                locale,
                f"What followed {_shocks(n, locale)} like this one does not stand out from random "
                "sessions",
                f"Ciò che è seguito a {_shocks(n, locale)} simili non si distingue da sedute "
                "casuali",
            )
        most = min(standing, key=lambda one: one.adjusted or 0.0)
        assert most.mean is not None
        assert most.base is not None
        more = most.mean > most.base.mean
        size, span = locale.percent(most.mean, sign=True), horizon_words(most.horizon, locale)
        what = MEASURE_WORDS[measure][locale.lang]
        return pick(
            locale,
            f"After {_shocks(n, locale)} like this one: {what} {size} over {span}, "
            f"{'more' if more else 'less'} than random sessions give",
            f"Dopo {_shocks(n, locale)} simili: {what} {size} in {span}, "
            f"{'più' if more else 'meno'} di quanto danno sedute casuali",
        )

    return both(words)


def found_sentence(found: Analogues, locale: Locale) -> str:
    """Return how many shocks the data hold, and how large the event was."""
    event, nearest = found.event, found.nearest
    first, last = (locale.month(day) for day in found.searched)
    least = locale.number(nearest.least_sar, 0 if nearest.least_sar.is_integer() else 1)
    many = locale.number(nearest.searched)
    down = event.sar < 0
    kind = KIND_WORDS[event.kind][locale.lang] if nearest.among == "same_kind" else ""
    n = locale.number(len(nearest.known.symbols))
    name = found.name(event.symbol)
    en_who, it_who = f"the {n} stocks of the data", f"i {n} titoli dei dati"
    if nearest.among == "same_stock":
        en_who = it_who = name
    have = pick(locale, "had", "ha avuto" if nearest.among == "same_stock" else "hanno avuto")
    one = nearest.searched == 1
    moves = pick(
        locale,
        ("fall" if down else "rise") + ("" if one else "s"),
        ("calo" if one else "cali") if down else ("rialzo" if one else "rialzi"),
    )
    abnormal = pick(locale, "abnormal", "anomalo" if one else "anomali")
    count = many if nearest.searched else pick(locale, "no", "nessun")
    share = locale.percent(event.ar, sign=True)
    errors = locale.number(event.sar, 1)
    return pick(
        locale,
        f"{name} on {locale.date(event.session)}: abnormal return {share}, {errors} standard "
        f"errors. From {first} to {last} {en_who} {have} {count} {kind and kind + ' '}{abnormal} "
        f"{moves} of at least {least} standard errors.",
        f"{name}, {locale.date(event.session)}: rendimento anomalo {share}, {errors} errori "
        f"standard. Tra {first} e {last} {it_who} {have} {count} {moves} {abnormal} "
        f"{kind and kind + ' '}di almeno {least} errori standard.",
    )


def next_text(found: Analogues) -> Text:
    """Return the paragraph: how often before, what came next, and what random sessions give."""

    def words(locale: Locale) -> str:
        lines = [found_sentence(found, locale)]
        if found.nearest.all_history:
            lines.append(
                pick(
                    locale,
                    "Later sessions are searched too: none of this was known at the time.",
                    "Sono comprese sedute successive: allora nulla di questo era noto.",
                )
            )
        if found.withheld:
            held = found.withheld[locale.lang]
            lines.append(held[0].upper() + held[1:] + ".")
        else:
            lines += [_after(found, locale), _verdict(found, locale), *_recovered(found, locale)]
        return " ".join([*lines, found.survivorship[locale.lang]])

    return both(words)


def _spoken(found: Analogues) -> Outcome:
    """Return the outcome of a month, or of the longest horizon with enough shocks."""
    of = [one for one in found.outcomes if one.measure == "car" and one.n >= FEWEST]
    return min(of or found.outcomes, key=lambda one: abs(one.horizon - SPOKEN))


def _after(found: Analogues, locale: Locale) -> str:
    one = _spoken(found)
    if one.mean is None or one.share is None or one.share_interval is None:
        return ""
    size, share = locale.percent(one.mean, sign=True), locale.percent(one.share, 0)
    inside = one.share_interval
    hits = [locale.percent(value, 0) for value in (inside.low, inside.high)]
    interval = ""
    if one.mean_interval:
        interval = f" (95{pick(locale, '%', chr(0xA0) + '%')}: " + percent_pair(
            one.mean_interval, locale
        )
        interval += ")"
    span = horizon_words(one.horizon, locale)
    base = ""
    if one.base:
        mean, positive = locale.percent(one.base.mean, sign=True), locale.percent(one.base.share, 0)
        base = pick(
            locale,
            f"; random sessions of {_same(found, locale)} give {mean} and {positive}",
            f"; sedute casuali {_same(found, locale)} danno {mean} e {positive}",
        )
    n = pick(locale, f"these {locale.number(one.n)}", f"questi {locale.number(one.n)}")
    if one.n < found.nearest.searched:
        n = pick(
            locale,
            f"the {locale.number(one.n)} nearest, one a session",
            f"i {locale.number(one.n)} più vicini, uno per seduta",
        )
    return pick(
        locale,
        f"After {n}, the abnormal return of the next {span} averaged "
        f"{size}{interval} and was positive in {share} of the cases ({hits[0]} to {hits[1]})"
        f"{base}.",
        f"Dopo {n}, il rendimento anomalo in {span} è stato in media "
        f"{size}{interval} e positivo nel {share} dei casi (da {hits[0]} a {hits[1]}){base}.",
    )


def _same(found: Analogues, locale: Locale) -> str:
    """Return "the same stocks" or "the same stock", in Italian with its preposition."""
    if found.nearest.among == "same_stock":
        return pick(locale, "the same stock", "dello stesso titolo")
    return pick(locale, "the same stocks", "degli stessi titoli")


def _verdict(found: Analogues, locale: Locale) -> str:
    of = [one for one in found.outcomes if one.measure == "car" and one.n]
    standing = [horizon_words(one.horizon, locale) for one in of if one.stands_out]
    ends = locale.number(of[0].horizon), horizon_words(of[-1].horizon, locale)
    if not standing:
        return pick(
            locale,
            f"At no horizon from {ends[0]} to {ends[1]} does the average differ from random "
            "sessions: it is no rule.",
            f"A nessun orizzonte, da {ends[0]} a {ends[1]}, la media si distingue da sedute "
            "casuali: non è una regola.",
        )
    spans = locale.join(standing)
    return pick(
        locale,
        f"The average differs from random sessions after {spans}, and at no other horizon.",
        f"La media si distingue da sedute casuali dopo {spans} e a nessun altro orizzonte.",
    )


def _recovered(found: Analogues, locale: Locale) -> list[str]:
    """Return how long the price took to come back."""
    if found.recovery is None or found.recovery.after.n < FEWEST:
        return []
    after, base = found.recovery.after, found.recovery.base
    down = found.event.sar < 0
    waiting = ""
    if after.waiting:
        many, of = locale.number(after.waiting), locale.number(after.n)
        one = after.waiting == 1
        later = found.nearest.all_history
        waiting = pick(
            locale,
            f"; {many} of {of} {'was' if one else 'were'} not yet when "
            + ("the data end" if later else "this one came"),
            f"; {many} su {of} non ancora "
            + ("alla fine dei dati" if later else "all'arrivo di questo"),
        )
    if after.median is None:
        return [
            pick(
                locale,
                f"Fewer than half were back at the close before the shock{waiting}.",
                f"Meno della metà è tornata alla chiusura prima dello shock{waiting}.",
            )
        ]
    usual = ""
    if base.median is not None:
        span = horizon_words(base.median, locale)
        usual = pick(
            locale,
            f"; {'gaining' if down else 'losing'} as much from random sessions of "
            f"{_same(found, locale)} takes {span}",
            f"; {'guadagnare' if down else 'perdere'} altrettanto da sedute casuali "
            f"{_same(found, locale)} richiede {span}",
        )
    span = horizon_words(after.median, locale)
    return [
        pick(
            locale,
            f"Half were back at the close before the shock within {span}{waiting}{usual}.",
            f"La metà è tornata alla chiusura prima dello shock entro {span}{waiting}{usual}.",
        )
    ]


def _kept(found: Analogues) -> tuple[Text, ...]:
    """Return survivorship, remarks and footnotes, which every exhibit prints."""
    later = Text(
        "Later sessions are searched too: this could not have been said at the time.",
        "Sono comprese sedute successive: allora non si sarebbe potuto dire.",
    )
    return (
        found.survivorship,
        *(_sentence(remark) for remark in found.remarks),
        *((later,) if found.nearest.all_history else ()),
        *(_sentence(item.text) for item in found.findings if item.level == "FOOTNOTE"),
    )


def _sentence(text: Text) -> Text:
    return Text(text.en[0].upper() + text.en[1:] + ".", text.it[0].upper() + text.it[1:] + ".")


FEATURE_WORDS = {
    "size": Text("standard errors", "errori standard"),
    "dollars": Text("dollars", "dollari"),
    "breadth": Text("breadth", "ampiezza"),
    "volatility": Text("market volatility", "volatilità del mercato"),
}


def analogue_notes(found: Analogues) -> tuple[Text, ...]:
    """Return how near is measured, what the kinds are, and the survivorship note."""

    def near(locale: Locale) -> str:
        used = locale.join([FEATURE_WORDS[name][locale.lang] for name in found.nearest.features])
        many = locale.number(found.nearest.searched)
        if not used:
            return pick(locale, f"{many} shocks searched.", f"{many} shock esaminati.")
        return pick(
            locale,
            f"Nearest of {many} shocks by {used}; one a session. Breadth: share of stocks two "
            "standard errors the same way.",
            f"I più vicini tra {many} shock per {used}; uno per seduta. Ampiezza: quota di titoli "
            "oltre due errori standard nella stessa direzione.",
        )

    return (both(near), KINDS_NOTE, *_kept(found))


def next_notes(found: Analogues, measure: Measure) -> tuple[Text, ...]:
    """Return how intervals and base rate are made, what is withheld, and the survivorship note."""
    bare = [one for one in found.outcomes if one.measure == measure and one.n]
    hollow = [one for one in bare if one.mean_interval is None]

    def method(locale: Locale) -> str:
        first, last = (locale.short_date(day) for day in found.searched)
        n = locale.number(len(found.nearest.known.symbols))
        of = found.name(found.event.symbol)
        if found.nearest.among != "same_stock":
            of = pick(locale, f"{n} stocks", f"{n} titoli")
        return pick(
            locale,
            f"{_shocks(len(found.shocks), locale)} of {of}, {first} – {last}. Shocks whose "
            "windows share sessions are resampled together; random sessions keep the same "
            "stocks and the same overlaps. The session of the shock is not counted.",
            f"{_shocks(len(found.shocks), locale)} di {of}, {first} – {last}. Gli shock con "
            "finestre sovrapposte sono ricampionati insieme; le sedute casuali mantengono titoli "
            "e sovrapposizioni. La seduta dello shock è esclusa.",
        )

    notes = [both(method)]
    if hollow:
        notes.append(
            Text(
                "Hollow dot: too few independent groups of shocks for an interval.",
                "Punto vuoto: troppo pochi gruppi indipendenti di shock per un intervallo.",
            )
        )
    if found.withheld:
        notes.append(_sentence(found.withheld))
    return (*notes, *_kept(found))
