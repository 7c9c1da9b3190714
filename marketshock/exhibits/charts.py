"""The charts: pure drawing functions from numbers to a figure, one module per kind.

Data are decimals (0.01 = 1 %) unless a function says otherwise; numbers are printed
through the :class:`~marketshock.locale.Locale` only. Titles, units and sources are
not drawn: the page prints them.
"""

from marketshock.exhibits.charts_bars import ranked_bars
from marketshock.exhibits.charts_columns import stacked_columns
from marketshock.exhibits.charts_histogram import histogram_with_event
from marketshock.exhibits.charts_lines import path_with_band
from marketshock.exhibits.charts_specifications import specification_chart

__all__ = [
    "histogram_with_event",
    "path_with_band",
    "ranked_bars",
    "specification_chart",
    "stacked_columns",
]
