"""Mobile surveys (走航): fleet, roads, the night's run, hot spots, and their loop to close-out.

Room: register of vehicles, versions of the road network, runs and what they found, slips, re-checks.
Knows: how a night's answer becomes rows, when a hot spot is the same place, what proposes to close.
Never knows: how a hot spot is computed (hotspots), how a case is handled, what a registered site is.
Sources: air.md §9; docs/adr/0030, 0031; requirements R035–R037, R131, R164.
"""
