"""Scoring (考核计分).

Room: indices that put districts and cities in order, and the order itself.
Knows: composite air index and its variants, weights as data, competition ranking, rates of change.
Never knows: databases, users, where the figures came from, today's date.
Sources: tables/*.toml, each number with its document and its mark.
"""

from qingyuan.scoring.air_index import CompositeIndex, Variant, composite, variant, variant_at
from qingyuan.scoring.ranking import rank, rate_of_change

__all__ = [
    "CompositeIndex",
    "Variant",
    "composite",
    "rank",
    "rate_of_change",
    "variant",
    "variant_at",
]
