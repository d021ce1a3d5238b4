"""Monitoring (监测): from rows of the store to what is known now, and to signals.

Room: follows the table, keeps the latest value of every series, hands readings to the watch.
Knows: positions, latest values, limits of today's stations, pages of sections and sources.
Never knows: how a limit is written, when a value matters, what a case does.
Sources: GB 3838-2002 and permits through ``standards`` and ``registry``; architecture.md §4, §5.
"""
