"""Standards (标准).

Room: limits as dated tables beside their documents, and the evaluators that read them.
Knows: the document in force on a date, classes, limits, exceedance multiples, air indices, clauses.
Never knows: databases, stations, users, permits' own limits, today's date.
Sources: tables/*.csv with their sidecars; docs/zh/reference/sources.md, standards section.
"""
