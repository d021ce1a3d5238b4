"""Organisation (机构与人员): units, groups, duty, absence and responsibility, and their administration.

Room: the tree as administrators keep it, temporary groups, the duty roster with its hand-overs,
absences with who stands in, the matrix of who answers for what.
Knows: people, units, roles, districts, dates.
Never knows: cases and signals; a grant of a role is accounts' own.
Sources: requirements R016, R026–R030, R079, R215, R228, R229; cases.md §7.
"""
