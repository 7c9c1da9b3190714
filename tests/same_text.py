"""Fail unless two PDFs print the same words and figures: ``python same_text.py ONE TWO``."""

import sys

from pypdf import PdfReader


def pages(path: str) -> list[str]:
    """Return the text of each page."""
    return [page.extract_text() for page in PdfReader(path).pages]


one, two = map(pages, sys.argv[1:3])
if one != two:
    sys.exit(f"{sys.argv[1]} and {sys.argv[2]} differ: make the sample again.")
