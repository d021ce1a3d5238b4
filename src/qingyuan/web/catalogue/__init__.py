"""Catalogue (数据目录).

Room: every data set of the city on one page: rows, size, freshness, retention, faults, lineage.
Knows: which data sets there are and who feeds them (datasets.toml); how to measure each kind.
Never knows: what any row says; it counts, and names no person and no complaint.
Sources: requirement R213 (data hub); store/policies.toml for how long tables are kept.
"""
