"""Bulletins (通报): composed, frozen with the data version, edited, signed, published, corrected.

Room: the bureau's bulletins as records, pages, PDF and docx; the registers they are written from.
Knows: kinds, chains and schedules as data; where a link of `reporting` leads; who sees which row.
Never knows: what a bulletin says (reporting), how air or water is judged (standards, readings, scoring).
Sources: requirements R078, R156–R170, R175; GB/T 9704-2012 (layout); product.md §2.11.
"""
