"""Outfalls into rivers (入河排污口): the record with its history, from finding to closing.

Room: dated versions of each record, dischargers, samples, limits, lineage, the sign and its page.
Knows: the classification of HJ 1312, the river as a network of reaches, who may change a record.
Never knows: live readings (monitoring shows them), how a release is traced, how a case is handled.
Sources: HJ 1235-2021, HJ 1309-2023, HJ 1312-2023, HJ 1313-2023; 部令第35号; water.md §5.
"""
