"""Golden numbers (核对数): figures of the founding documents, reached by the product's own counting.

Room: casework; facts typed from the sources as rows, and what the counting makes of them.
Knows: which number each source prints, and by which definition it is counted.
Never knows: databases, pages, today's date.
Sources: requirements S1–S5, section 10; published batch bulletins and statistics named in each row.
"""

from qingyuan.casework.golden.checks import Check, golden

__all__ = ["Check", "golden"]
