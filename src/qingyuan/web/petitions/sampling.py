"""A draw anybody can repeat (可复现抽取): the pool's digest, an algorithm's name, a seed, a result."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal

__all__ = ["ALGORITHM", "draw", "pool_digest", "size_of"]

ALGORITHM = "sha256-rank/1"


def pool_digest(pool: Sequence[str]) -> str:
    """Return the SHA-256 of the pool: its numbers sorted, one a line."""
    return hashlib.sha256("\n".join(sorted(pool)).encode()).hexdigest()


def size_of(pool: Sequence[str], *, rate: Decimal) -> int:
    """Return how many *rate* percent of the pool are, rounded up."""
    return int((len(pool) * rate / 100).to_integral_value(ROUND_CEILING))


def draw(pool: Sequence[str], *, seed: str, size: int) -> list[str]:
    """Return *size* numbers of *pool*: the first by SHA-256 of seed and number (``sha256-rank/1``)."""
    ranked = sorted(
        sorted(set(pool)), key=lambda n: hashlib.sha256(f"{seed}\n{n}".encode()).hexdigest()
    )
    return ranked[:size]
