"""Capital expenditure of the large buyers of computing capacity.

From fiscal periods as filed (:mod:`fiscal`) to calendar years and quarters
(:mod:`calendarize`), set against published totals (:mod:`published`) in one result
(:mod:`trend`) with its notes (:mod:`notes`); what companies had announced by a given day
(:mod:`guidance`); and what follows: projections against outcomes and restatements
(:mod:`outcome`), growth (:mod:`growth`), share of revenue (:mod:`intensity`). Amounts are
USD billions; a missing figure is None.
"""

from marketshock.capex.calendarize import (
    Amount,
    CalendarQuarter,
    calendar_quarter,
    calendar_quarters,
    quarterly,
    restatement_gaps,
    ttm,
    yearly,
)
from marketshock.capex.fiscal import CapexPeriod, known_on, read_periods
from marketshock.capex.growth import CapexGrowth, growth_trend
from marketshock.capex.guidance import Guidance, guidance_known_on
from marketshock.capex.intensity import CapexIntensity, capex_intensity_path
from marketshock.capex.outcome import (
    CapexOutcomes,
    projections_and_outcomes,
    restated_periods,
)
from marketshock.capex.published import PublishedTotal, read_published
from marketshock.capex.trend import CapexTrend, capex_trend

__all__ = [
    "Amount",
    "CalendarQuarter",
    "CapexGrowth",
    "CapexIntensity",
    "CapexOutcomes",
    "CapexPeriod",
    "CapexTrend",
    "Guidance",
    "PublishedTotal",
    "calendar_quarter",
    "calendar_quarters",
    "capex_intensity_path",
    "capex_trend",
    "growth_trend",
    "guidance_known_on",
    "known_on",
    "projections_and_outcomes",
    "quarterly",
    "read_periods",
    "read_published",
    "restated_periods",
    "restatement_gaps",
    "ttm",
    "yearly",
]
