"""The fixed words of the page in Italian and English."""

from __future__ import annotations

from marketshock.locale import Language, Text

__all__ = ["DISCLAIMER", "FOOTER", "LABELS", "page_labels"]

LABELS: dict[str, Text] = {
    "figure": Text("Figure {number}", "Figura {number}"),
    "table": Text("Table {number}", "Tabella {number}"),
    "key_points": Text("Key points", "In sintesi"),
    "prepared_for": Text("Prepared for", "Preparato per"),
    "prepared_by": Text("Prepared by", "A cura di"),
    "reviewed_by": Text("Reviewed by", "Revisione di"),
    "page_of": Text("Page {page} of {pages}", "Pagina {page} di {pages}"),
    "about": Text("About this note", "Informazioni sulla nota"),
    "method": Text("Method", "Metodo"),
    "sources": Text("Sources", "Fonti"),
    "vintage": Text("Data vintage", "Edizione dei dati"),
    "findings": Text("Data-quality notes", "Note sulla qualità dei dati"),
    "notes": Text("Notes to the exhibits", "Note a figure e tabelle"),
    "disclaimer": Text("Important information", "Avvertenze"),
    "draft": Text("DRAFT", "BOZZA"),
    "attached_notebook": Text(
        "Executed notebook from which this note was laid out",
        "Notebook eseguito da cui è stata impaginata la nota",
    ),
    "attached_data": Text(
        "Figures behind an exhibit, as printed ({name})",
        "Dati di una figura o tabella, come stampati ({name})",
    ),
    "attached_results": Text(
        "Parameters, data vintage, versions, and every figure of this note",
        "Parametri, edizione dei dati, versioni e tutte le cifre della nota",
    ),
    "attached_file": Text("Supporting file ({name})", "File di supporto ({name})"),
}
"""Words by key; ``{...}`` is filled by the template or by the writer of the PDF."""

DISCLAIMER = Text(
    en=(
        "This note is intended for professional investors and is provided for information only. "
        "It is not investment advice, a personal recommendation, or an offer or solicitation to "
        "buy or sell any financial instrument, and it takes no account of the objectives or "
        "circumstances of any recipient. Past performance is no guide to future results. "
        "The underlying data come from third parties that are believed to be reliable, but their "
        "accuracy, completeness and timeliness are not warranted. Statistical results depend on "
        "the model, the estimation period and the event windows stated in this note; other "
        "choices can lead to other conclusions, and an association in the data is not proof of "
        "a cause. Opinions and figures are those of the date shown and may change without notice."
    ),
    it=(
        "Questa nota è destinata a investitori professionali e ha finalità esclusivamente "
        "informative. Non costituisce consulenza in materia di investimenti, raccomandazione "
        "personalizzata, né offerta o sollecitazione ad acquistare o vendere strumenti "
        "finanziari, e non tiene conto degli obiettivi o della situazione dei singoli "
        "destinatari. I rendimenti passati non sono indicativi di quelli futuri. I dati di base "
        "provengono da terzi ritenuti affidabili, ma non se ne garantiscono esattezza, "
        "completezza e tempestività. I risultati statistici dipendono dal modello, dal periodo "
        "di stima e dalle finestre di evento indicati nella nota; scelte diverse possono portare "
        "a conclusioni diverse, e un'associazione nei dati non prova un rapporto di causa. "
        "Opinioni e cifre si riferiscono alla data indicata e possono cambiare senza preavviso."
    ),
)
"""Text of the closing box."""


FOOTER = Text(
    "Prepared with marketshock. For professional investors.",
    "Preparato con marketshock. Riservato a investitori professionali.",
)
"""At the foot of every page, unless the brand has words of its own."""


def page_labels(lang: Language) -> dict[str, str]:
    """Return the fixed words of the page in one language, as the template reads them."""
    return {key: words[lang] for key, words in LABELS.items()}
