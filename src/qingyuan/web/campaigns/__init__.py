"""Campaigns (专项行动): an order, the objects it looks at, who looks, what was found, how it ended.

Room: campaigns, their frozen object lists, district sub-plans, teams and visits, weekly reports, closing.
Knows: which cases came out of a campaign; counts of them by district and department.
Never knows: how a case is handled (cases does); the finder above it: groups come in by registration.
Sources: requirements R056, R057, R120, R121, R166; issue D item 6 (专项行动).
"""
