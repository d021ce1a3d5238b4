"""Bulletins (通报): composed, frozen with the data version, published, withdrawn with notice.

Room: the daily reminder as a record, a page and a PDF; every figure a link to its rows.
Knows: where a link of `reporting` leads, when a bulletin may be published.
Never knows: what a bulletin says (reporting), how a class is judged (standards).
Sources: requirements R156–R157; GB/T 9704-2012 (layout); product.md §2.11.
"""
