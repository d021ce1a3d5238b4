from __future__ import annotations

import hashlib
from decimal import Decimal

from qingyuan.web.petitions.sampling import draw, pool_digest, size_of

POOL = [f"XF2026379901{n:04d}" for n in range(1, 41)]


def test_the_same_seed_draws_the_same_whatever_the_order() -> None:
    assert draw(POOL, seed="1", size=5) == draw(POOL[::-1], seed="1", size=5)
    assert draw(POOL, seed="1", size=5) != draw(POOL, seed="2", size=5)
    assert pool_digest(POOL) == pool_digest(POOL[::-1])


def test_a_stranger_can_draw_it_again_with_a_hash_alone() -> None:
    ranked = sorted(POOL, key=lambda n: hashlib.sha256(f"abc\n{n}".encode()).hexdigest())
    assert draw(POOL, seed="abc", size=4) == ranked[:4]


def test_a_share_is_rounded_up() -> None:
    assert size_of(POOL, rate=Decimal("10")) == 4
    assert size_of(POOL[:1], rate=Decimal("0.1")) == 1
    assert size_of([], rate=Decimal("10")) == 0
