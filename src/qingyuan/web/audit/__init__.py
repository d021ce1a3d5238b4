"""Audit (审计): what was done, by whom, when, under which clause; a chain that shows a missing link.

Room: append-only entries in the deed's own transaction, hash-chained with SM3, anchored outside.
Knows: entries, actors as values, the chain.
Never knows: users' tables, cases, what a deed means.
Sources: GB/T 22239-2019 8.1.4.3; GB/T 32905-2016 (SM3).
"""
