"""The platform (平台): Django apps, one ledger of records each.

Room: who is looking, what they may do, and what they did.
Knows: users, cases, signals, records, pages.
Never knows: how a standard rounds, how a river moves, how bytes arrive.
Sources: the documents named in docs/zh/reference/sources.md, platform section.
"""
