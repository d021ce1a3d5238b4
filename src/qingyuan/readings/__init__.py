"""Readings (监测数据).

Room: what one reading is worth, what many of them mean, and when they ask for attention.
Knows: numbers as sent, flags, validity of means, exceedance episodes, steps, silence, levels.
Never knows: databases, sockets, users, cases, today's date.
Sources: HJ 212-2017, HJ 915, HJ 355/356, GB 3095 表4; docs/zh/reference/sources.md, readings section.
"""
