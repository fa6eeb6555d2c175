"""Figures from the tables of a workspace: one function each, one look, nothing fetched.

Every function takes what a method of the workspace returns (a frame or rows) and
`log.about(month)`, which says in the caption what the figure is about. None of them prices.
"""

from wacost.charts.changes import all_in, tiers, waterfall
from wacost.charts.costs import by_day, ranked
from wacost.charts.documents import cards, lines
from wacost.charts.look import use
from wacost.charts.maps import cost_map

__all__ = ["all_in", "by_day", "cards", "cost_map", "lines", "ranked", "tiers", "use", "waterfall"]
