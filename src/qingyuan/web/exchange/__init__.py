"""Ledgers in and out (台账导入导出): one machinery for every table people bring or take."""
