"""Tables behind the reports: queries over `calls` and `charges`. Nothing here prices or draws."""

from wacost.analytics.allin import AllIn, all_in_costs
from wacost.analytics.change import Change, cost_changes, month_before
from wacost.analytics.costs import COST_COLUMNS, Cost, cost_rows, costs_query
from wacost.analytics.listing import calls_query, charges_query

__all__ = [
    "COST_COLUMNS",
    "AllIn",
    "Change",
    "Cost",
    "all_in_costs",
    "calls_query",
    "charges_query",
    "cost_changes",
    "cost_rows",
    "costs_query",
    "month_before",
]
