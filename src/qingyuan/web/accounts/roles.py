"""Roles (角色) as the table ``roles.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from django.utils.translation import get_language

__all__ = ["ADMIN_CLASSES", "STAFF", "Role", "roles"]

ADMIN_CLASSES = ("system_admin", "security_admin", "audit_admin")


@dataclass(frozen=True, slots=True)
class Role:
    """One role (角色): what it is called, its separation class and how far it sees."""

    name: str
    zh: str
    en: str
    separation: str
    scope: str

    @property
    def label(self) -> str:
        """The role's name in the reader's language."""
        return self.en if (get_language() or "").startswith("en") else self.zh


@cache
def roles() -> Mapping[str, Role]:
    """Return every role by name, in the table's order."""
    table = tomllib.loads(Path(__file__).with_name("roles.toml").read_text("utf-8"))
    return MappingProxyType(
        {
            name: Role(name, row["zh"], row["en"], row["class"], row["scope"])
            for name, row in table.items()
        }
    )


STAFF = tuple(name for name, role in roles().items() if role.separation == "business")
