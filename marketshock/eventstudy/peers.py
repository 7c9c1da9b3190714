"""Reconcile a result with a rival's: its number under its own convention, beside ours."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from marketshock.errors import MarketShockWarning, UserInputError, suggest
from marketshock.eventstudy.peers_catalogue import PEERS, Peer
from marketshock.eventstudy.peers_conventions import Convention
from marketshock.eventstudy.windows import EventWindow
from marketshock.inference.result import SignificanceResult
from marketshock.locale import Language, Text
from marketshock.table import Table

if TYPE_CHECKING:
    import pandas as pd

    from marketshock.eventstudy.result import StudyResult

__all__ = ["PeerComparison", "PeerFaultWarning", "PeerLine", "as_peer"]

NOT_DOCUMENTED = Text(
    "not reproduced: no formula of this test is documented for this program",
    "non riprodotto: per questo programma non è documentata una formula di questo test",
)
NOTHING = Text("", "")
FAULT = Text("wrong", "errato")
EQUAL = 1e-9
"""Relative difference up to which two numbers are the same."""


class PeerFaultWarning(MarketShockWarning):
    """A rival's number is wrong; collected in the comparison, with the reason in words."""


@dataclass(frozen=True, slots=True)
class PeerLine:
    """One statistic of one window, ours and theirs.

    Parameters
    ----------
    window : EventWindow
    test : str
    variant : Text
        Version of the rival, where it has several conventions.
    ours, theirs : SignificanceResult or None
        None where the rival's can't be reproduced; `words` says why.
    words : Text
        What differs.
    peer_is_wrong : bool
        Whether a fault of the rival moves this number.
    why : Text
        Why it is a fault; empty otherwise.
    reference : str
    """

    window: EventWindow
    test: str
    variant: Text
    ours: SignificanceResult
    theirs: SignificanceResult | None
    words: Text
    peer_is_wrong: bool = False
    why: Text = NOTHING
    reference: str = ""

    @property
    def difference(self) -> float | None:
        """Their statistic minus ours; None where one is missing."""
        if self.theirs is None or self.theirs.statistic is None or self.ours.statistic is None:
            return None
        return self.theirs.statistic - self.ours.statistic

    @property
    def verdict(self) -> Text:
        """Say in a word or two how the numbers stand to each other."""
        if self.difference is None:
            return Text("not reproduced", "non riprodotto")
        if self.peer_is_wrong:
            return Text("wrong there", "errata la loro")
        if _same(self.ours, self.theirs):
            return Text("equal", "uguale")
        return Text("another choice", "altra scelta")


@dataclass(frozen=True, slots=True)
class PeerComparison:
    """A result beside what a rival program would print for the same abnormal returns.

    Parameters
    ----------
    key, name : str
        Of the rival.
    lines : tuple of PeerLine
        Every test of every window.
    remarks : tuple of Text
        What else differs: gaps, dates.
    """

    key: str
    name: str
    lines: tuple[PeerLine, ...]
    remarks: tuple[Text, ...]

    @property
    def warnings(self) -> tuple[PeerFaultWarning, ...]:
        """One warning for each fault that moves a number."""
        faults = {(line.test, line.why.en): None for line in self.lines if line.peer_is_wrong}
        return tuple(PeerFaultWarning(f"{self.name}, {name}: {why}") for name, why in faults)

    def line(self, test: str, window: EventWindow | None = None, variant: str = "") -> PeerLine:
        """Return one statistic of a window (default: the first), its first variant by default."""
        chosen = window or self.lines[0].window
        found = [line for line in self.lines if (line.test, line.window) == (test, chosen)]
        if not found:
            known = {line.test for line in self.lines if line.window == chosen}
            raise UserInputError(
                f"No test {test!r} of the window [{chosen.first}, {chosen.last}].",
                suggest(test, known),
            )
        named = [line for line in found if variant in line.variant.en]
        if not named:
            raise UserInputError(
                f"{self.name} has no variant {variant!r} of {test}.",
                f"There are {', '.join(line.variant.en for line in found)}.",
            )
        return named[0]

    def table(self, lang: Language = "en") -> Table:
        """Return one tidy row a statistic and window, words in one language."""
        return Table.from_rows("peer", [_row(line, lang) for line in self.lines])

    def to_frame(self, lang: Language = "en") -> pd.DataFrame:
        """Return :meth:`table` as a pandas frame."""
        return self.table(lang).to_frame()

    def headline(self, lang: Language = "en") -> str:
        """Return how many statistics could be reproduced, and how many are wrong there."""
        known = [line for line in self.lines if line.difference is not None]
        wrong = sum(line.peer_is_wrong for line in known)
        words = Text(
            f"as {self.name}: {len(known)} of {len(self.lines)} statistics reproduced, "
            f"{wrong} wrong there",
            f"come {self.name}: statistiche riprodotte {len(known)} su {len(self.lines)}, "
            f"errate da loro {wrong}",
        )
        return words[lang]

    def explanations(self, lang: Language = "en") -> list[str]:
        """Return what differs and why it is wrong, once for all tests that share it."""
        faults: dict[tuple[str, str], str] = {}
        for line in self.lines:
            name = f"{line.test} ({line.variant[lang]})" if line.variant[lang] else line.test
            faults.setdefault((name, line.words[lang]), "")
            if line.peer_is_wrong:
                faults[name, line.words[lang]] = f" [{FAULT[lang]}: {line.why[lang]}]"
        tests: dict[str, list[str]] = {}
        for (name, words), fault in faults.items():
            tests.setdefault(words + fault, []).append(name)
        told = [f"{', '.join(names)}: {words}" for words, names in tests.items()]
        return [*told, *(text[lang] for text in self.remarks)]

    def summary(self, lang: Language = "en") -> str:
        """Return the comparison as text."""
        shown = _short(self.lines, lang)
        lines = shown.to_text().splitlines() if len(shown) else []
        lines += [f"- {text}" for text in self.explanations(lang)]
        return "\n".join([self.headline(lang), *(f"  {line}" for line in lines)])

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        said = "".join(f"<li>{html.escape(text)}</li>" for text in self.explanations())
        head = html.escape(self.headline())
        shown = _short(self.lines, "en")
        return f"<p><b>{head}</b></p>{shown.to_html() if len(shown) else ''}<ul>{said}</ul>"


def as_peer(result: StudyResult, peer: str) -> PeerComparison:
    """Reproduce the convention of a rival program, to reconcile an old number.

    Parameters
    ----------
    result : StudyResult
    peer : str
        ``r_eventstudy``, ``eventstudy2``, ``estudy2`` or ``eventstudytools``.

    Returns
    -------
    PeerComparison
        For every window and test our number, theirs under their convention, what differs,
        and whether it is a fault. What is not documented is not reproduced, and says so.

    Raises
    ------
    UserInputError
        For an unknown rival, with suggestions.
    """
    if peer not in PEERS:
        known = f"Known: {', '.join(PEERS)}."
        raise UserInputError(f"Unknown peer {peer!r}.", suggest(peer, PEERS) or known)
    rival = PEERS[peer]
    remarks = (remark(result) for remark in rival.remarks)
    return PeerComparison(
        rival.key,
        rival.name,
        tuple(_lines(result, rival)),
        tuple(text for text in remarks if text is not None),
    )


def _lines(result: StudyResult, rival: Peer) -> Iterator[PeerLine]:
    for window, tests in result.tests.items():
        sample = result.abnormal.sample(window, result.correlations[window])
        for ours in tests:
            found = [rule for rule in rival.conventions if rule.test.name == ours.name]
            for rule in found:
                theirs = rule.answer(result.abnormal, window, sample)
                yield _compared(window, ours, theirs, rule)
            if not found:
                reason = rival.missing.get(ours.name, NOT_DOCUMENTED)
                yield PeerLine(window, ours.name, NOTHING, ours, None, reason)


def _compared(
    window: EventWindow, ours: SignificanceResult, theirs: SignificanceResult, rule: Convention
) -> PeerLine:
    if theirs.statistic is None:
        return PeerLine(window, ours.name, rule.variant, ours, None, theirs.reason)
    wrong = rule.wrong is not None and not _same(ours, theirs)
    why = rule.wrong if wrong and rule.wrong is not None else NOTHING
    return PeerLine(
        window, ours.name, rule.variant, ours, theirs, rule.words, wrong, why, rule.reference
    )


def _same(ours: SignificanceResult, theirs: SignificanceResult | None) -> bool:
    if theirs is None:
        return False
    pairs = ((ours.statistic, theirs.statistic), (ours.pvalue, theirs.pvalue))
    return all(
        a == b or (a is not None and b is not None and math.isclose(a, b, rel_tol=EQUAL))
        for a, b in pairs
    )


def _row(line: PeerLine, lang: Language) -> dict[str, Any]:
    theirs = line.theirs
    return {
        "first": line.window.first,
        "last": line.window.last,
        "test": line.test,
        "variant": line.variant[lang],
        "ours": line.ours.statistic,
        "theirs": theirs.statistic if theirs else None,
        "difference": line.difference,
        "our_pvalue": line.ours.pvalue,
        "their_pvalue": theirs.pvalue if theirs else None,
        "reproduced": theirs is not None,
        "peer_is_wrong": line.peer_is_wrong,
        "what_differs": line.words[lang],
        "why_wrong": line.why[lang],
        "reference": line.reference,
    }


def _short(lines: tuple[PeerLine, ...], lang: Language) -> Table:
    """Return the columns that a reader compares; tests that can't be compared stay out."""
    names = ("window", "test", "ours", "theirs", "difference", "our p", "their p", "verdict")
    heads = {
        "en": names,
        "it": ("finestra", "test", "nostra", "loro", "differenza", "p nostra", "p loro", "esito"),
    }[lang]
    rows = []
    for line in lines:
        if line.theirs is not None:
            test = f"{line.test}, {line.variant[lang]}" if line.variant[lang] else line.test
            cells = (
                f"[{line.window.first}, {line.window.last}]",
                test,
                line.ours.statistic,
                line.theirs.statistic,
                0.0 if _same(line.ours, line.theirs) else line.difference,
                line.ours.pvalue,
                line.theirs.pvalue,
                line.verdict[lang],
            )
            rows.append(dict(zip(heads, cells, strict=True)))
    return Table.from_rows("peer", rows, heads)
