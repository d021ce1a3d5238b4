"""Ledgers in and out (台账导入导出): one machinery for every table people bring or take.

Room: reading workbooks, CSV, Word tables and layers; preview and confirmation; writing them again.
Knows: sheets and their columns, faults of cells, plans, importers and exporters that registered.
Never knows: what a row means; the family that registered checks and writes it.
Sources: product.md §2.5 and §7.5; GB 32100-2015; ECMA-376 (xlsx), OGC GeoPackage 1.3, RFC 7946, RFC 4180.
"""

from qingyuan.web.exchange import read
from qingyuan.web.exchange.books import workbook
from qingyuan.web.exchange.registered import (
    exporter_named,
    exporters,
    importer_named,
    importers,
    register,
)
from qingyuan.web.exchange.tables import (
    Change,
    Choice,
    Column,
    Cover,
    Exporter,
    Importer,
    Kind,
    Plan,
    Read,
    Row,
    RowFault,
    Sheet,
    Table,
    compare,
)

__all__ = [
    "Change",
    "Choice",
    "Column",
    "Cover",
    "Exporter",
    "Importer",
    "Kind",
    "Plan",
    "Read",
    "Row",
    "RowFault",
    "Sheet",
    "Table",
    "compare",
    "exporter_named",
    "exporters",
    "importer_named",
    "importers",
    "read",
    "register",
    "workbook",
]
