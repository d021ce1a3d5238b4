"""Registry (基础档案): districts, rivers, sections, outfalls, enterprises, stations, devices, who answers.

Room: the things a city has, where they are, what is permitted to them, and who is responsible.
Knows: codes, names, geometry, permits, dated targets and limits, devices, the responsibility matrix.
Never knows: readings, alarms, cases.
Sources: GB 32100-2015, GB/T 4754-2017, HJ 1235-2021, HJ 1312-2023, HJ 212-2017; architecture.md §2, §9.
"""
