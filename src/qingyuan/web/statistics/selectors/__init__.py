"""Questions of statistics: figures over the rows a person may see, and where each figure leads."""

from qingyuan.web.statistics.selectors.board import Board, Cell, board
from qingyuan.web.statistics.selectors.figures import GROUPINGS, Value, grouped, numbers, whole
from qingyuan.web.statistics.selectors.leader import Overview, overview, vice_leaders
from qingyuan.web.statistics.selectors.links import figure_filters
from qingyuan.web.statistics.selectors.measures import MEASURES

__all__ = [
    "GROUPINGS",
    "MEASURES",
    "Board",
    "Cell",
    "Overview",
    "Value",
    "board",
    "figure_filters",
    "grouped",
    "numbers",
    "overview",
    "vice_leaders",
    "whole",
]
