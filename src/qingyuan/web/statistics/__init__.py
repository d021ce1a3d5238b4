"""Statistics (办案统计).

Room: figures over the cases by the craft's definitions, each with the rows behind it; leaders' pages.
Knows: the definitions in SQL, groupings, and which filter of the ledger shows a figure's rows.
Never knows: how a case moves; who sees what is the ledger's own selector.
Sources: cases.md §6; requirements R069–R071, R088; the table casework/tables/statistics.toml.
"""
