"""Figures from the tables of a workspace: one function each, one look, nothing fetched.

Every function takes what a method of the workspace returns (a frame or rows) and
`log.about(month)`, which says in the caption what the figure is about. None of them prices.
"""

from wacost.charts.balance import backtest, fan, ledger
from wacost.charts.changes import all_in, tiers, waterfall
from wacost.charts.contacts import agents, funnel, pickup, week
from wacost.charts.costs import by_day, ranked
from wacost.charts.documents import cards, lines
from wacost.charts.look import use
from wacost.charts.maps import cost_map

__all__ = [
    "agents",
    "all_in",
    "backtest",
    "by_day",
    "cards",
    "cost_map",
    "fan",
    "funnel",
    "ledger",
    "lines",
    "pickup",
    "ranked",
    "tiers",
    "use",
    "waterfall",
    "week",
]
