"""How samples become a profile (采样历史转特征): values with their sources in ``parameters.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["profile_parameters"]


@cache
def profile_parameters() -> Mapping[str, Any]:
    """Return how samples become a profile, each value with its source in the file."""
    path = Path(__file__).with_name("parameters.toml")
    table: Mapping[str, Any] = tomllib.loads(path.read_text("utf-8"))["profile"]
    return table
