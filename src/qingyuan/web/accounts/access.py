"""The one rule table (访问规则表): every route, who may open it. What has no row is refused.

Each app keeps its rows in ``access.csv``: ``route,methods,roles,scope,why``. ``roles`` is a
``;``-list of role names or of ``anyone`` (no account), ``signed_in``, ``staff`` (all business
roles), ``admins`` (the three administrators). ``scope`` says in words what narrows the rows inside
and how the selector does it (``city``, ``district``, ``enterprise``, ``own``, ``none``).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from qingyuan.web.accounts.roles import ADMIN_CLASSES, STAFF, roles

__all__ = ["Rule", "allows", "rule_table"]

_GROUPS: Mapping[str, tuple[str, ...]] = {
    "staff": STAFF,
    "admins": ADMIN_CLASSES,
    "signed_in": tuple(roles()),
}
_SCOPES = ("city", "district", "enterprise", "own", "none")


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: a route's methods, the roles that may, and what narrows the rows inside."""

    route: str
    methods: frozenset[str]
    roles: frozenset[str]
    public: bool
    scope: str
    why: str
    app: str


def _rule(app: str, row: Mapping[str, str]) -> Rule:
    wanted = [name.strip() for name in row["roles"].split(";") if name.strip()]
    named = {n for name in wanted for n in _GROUPS.get(name, (name,)) if name != "anyone"}
    unknown = named - set(roles())
    if unknown or row["scope"] not in _SCOPES:
        raise ValueError(
            f"{app}/access.csv, {row['route']}: unknown {sorted(unknown) or row['scope']}"
        )
    methods = frozenset(row["methods"].upper().split(";"))
    return Rule(
        row["route"], methods, frozenset(named), "anyone" in wanted, row["scope"], row["why"], app
    )


@cache
def rule_table() -> Mapping[str, Rule]:
    """Return every rule by route name, gathered from the apps' ``access.csv``."""
    table: dict[str, Rule] = {}
    for path in sorted(Path(__file__).parents[1].glob("*/access.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                rule = _rule(path.parent.name, row)
                if rule.route in table:
                    raise ValueError(f"{path}: route {rule.route} has two rows")
                table[rule.route] = rule
    return MappingProxyType(table)


def allows(route: str, method: str, held: frozenset[str] | None) -> bool:
    """Whether someone holding *held* (None: not signed in) may use a route with a method."""
    rule = rule_table().get(route)
    if rule is None or ("GET" if method == "HEAD" else method) not in rule.methods:
        return False
    return rule.public or (held is not None and bool(rule.roles & held))
