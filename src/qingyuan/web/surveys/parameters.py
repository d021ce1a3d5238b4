"""The parameters of the surveys (走航参数), each with its source in ``parameters.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["parameters"]


@cache
def _read() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(Path(__file__).with_name("parameters.toml").read_text("utf-8"))


def parameters(name: str) -> Mapping[str, Any]:
    """Return one table of parameters."""
    return _read()[name]
