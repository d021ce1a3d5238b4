"""Signals (线索与告警): what asks for attention, once, however often it repeats.

Room: one open row per object, factor, kind and rule; four states; false alarms, silences, cases.
Knows: findings as values, who acknowledged, who was told.
Never knows: how a limit is chosen, how a river moves, what a case does next.
Sources: product.md §2.4; GB 3838-2002 through the finding's own clause.
"""
