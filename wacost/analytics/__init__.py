"""Tables behind the reports: queries over `calls` and `charges`. Nothing here prices or draws."""

from wacost.analytics.costs import COST_COLUMNS, Cost, cost_rows, costs_query
from wacost.analytics.listing import calls_query, charges_query

__all__ = [
    "COST_COLUMNS",
    "Cost",
    "calls_query",
    "charges_query",
    "cost_rows",
    "costs_query",
]
