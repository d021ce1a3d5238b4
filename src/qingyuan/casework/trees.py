"""Problem trees (问题树): groups, leaf problems and measures of a rectification report, counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qingyuan.casework.texts.measures import split_measures

__all__ = ["Leaf", "TreeCount", "count_tree"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf problem (具体问题): its group, its place in it (0: the group itself), the report's text."""

    group: int
    sub: int
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class TreeCount:
    """How much a tree holds: groups, leaf problems, measures of each leaf."""

    groups: int
    leaves: int
    by_leaf: tuple[int, ...]

    @property
    def measures(self) -> int:
        """All measures."""
        return sum(self.by_leaf)


def count_tree(leaves: Iterable[Leaf]) -> TreeCount:
    """Count *leaves*, splitting the text under each into its measures (一是…二是…)."""
    rows = tuple(leaves)
    return TreeCount(
        groups=len({leaf.group for leaf in rows}),
        leaves=len(rows),
        by_leaf=tuple(len(split_measures(leaf.text).measures) for leaf in rows),
    )
