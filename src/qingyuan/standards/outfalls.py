"""Classes of river outfalls (入河排污口分类): HJ 1312-2023, and which need approval, which a form."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

__all__ = ["OutfallClass", "class_in_english", "class_of_outfall", "outfall_classes"]

_TABLE = files("qingyuan.standards") / "tables/outfall-classes-hj1312.csv"


@dataclass(frozen=True, slots=True)
class OutfallClass:
    """One row of the classification.

    Attributes
    ----------
    level1, level2, level3 : str
        The names of HJ 1312-2023 table 1; ``level3`` is empty where the table ends at the second.
    route : str
        ``approval`` (审批) or ``registration`` (登记) by 部令第35号.
    verification : str
        How far the row was checked against its documents; ``quoted`` is the best.
    """

    level1: str
    level2: str
    level3: str
    route: str
    verification: str

    @property
    def name(self) -> str:
        """The narrowest name."""
        return self.level3 or self.level2


@cache
def outfall_classes() -> dict[str, OutfallClass]:
    """Return the classification by its narrowest name, in the order of the standard."""
    lines = _TABLE.read_text("utf-8").splitlines()
    rows = [OutfallClass(**row) for row in csv.DictReader(lines)]
    return {row.name: row for row in rows}


def class_of_outfall(name: str) -> OutfallClass | None:
    """Return the class a text names, at its narrowest level; None for a text that is no class."""
    return outfall_classes().get(name.strip())


@cache
def _english() -> dict[str, str]:
    path = files("qingyuan.standards") / "tables/outfall-classes-hj1312.toml"
    words: dict[str, str] = tomllib.loads(path.read_text("utf-8"))["english"]
    return words


def class_in_english(name: str) -> str:
    """Return our English for a class at any level; the text itself where it is no class."""
    return _english().get(name, name)
