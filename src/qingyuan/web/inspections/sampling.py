"""Drawing items to look back at (回头看抽样): anyone with pool and seed draws the same again.

Algorithm ``sha256-order/1``: the pool's numbers are sorted; each is ranked by the SHA-256 of
``seed:number``; the first ``size`` of that order are drawn. No generator, so no version of one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

__all__ = ["ALGORITHM", "draw", "pool_hash"]

ALGORITHM = "sha256-order/1"


def pool_hash(pool: Iterable[str]) -> str:
    """Return the SHA-256 of the sorted numbers, one a line."""
    return hashlib.sha256("\n".join(sorted(set(pool))).encode()).hexdigest()


def draw(pool: Iterable[str], *, size: int, seed: str) -> tuple[str, ...]:
    """Return *size* numbers of the pool in the order drawn.

    >>> draw(["X1", "X2", "X3"], size=2, seed="2026-09-22") == draw(["X3", "X1", "X2"], size=2, seed="2026-09-22")
    True
    """

    def rank(number: str) -> str:
        return hashlib.sha256(f"{seed}:{number}".encode()).hexdigest()

    return tuple(sorted(set(pool), key=lambda n: (rank(n), n))[:size])
