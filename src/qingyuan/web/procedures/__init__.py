"""Procedures (办案程序): read, check, compare, try and publish versions.

Room: drafts of procedure texts, what the checker and the dry run say of them, publication with the
ordering document, moving open cases over by an explicit map.
Knows: versions, closed cases as histories, who may draft and who may publish.
Never knows: how a deed is decided (casework) or done (cases).
Sources: design.md §3.6; requirements R001, R016, R230.
"""
