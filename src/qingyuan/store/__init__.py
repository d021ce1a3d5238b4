"""The store (观测库).

Room: the journal of what arrived and the tables of what was observed, at scale.
Knows: Delta tables, application transactions, keys, Ibis expressions on DuckDB, compaction.
Never knows: limits, cases, users; it answers what was measured, not what follows from it.
Sources: architecture.md §3 and §4; modules ``journal observations quarantine tables reference``.
"""
