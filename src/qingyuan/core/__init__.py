"""Foundations (基础).

Room: quantities, factor codes, periods, the working-day calendar, places, problems.
Knows: how a standard rounds, what a factor is called, which days are worked.
Never knows: databases, sockets, users, today's date.
Sources: the documents named in docs/zh/reference/sources.md, foundations section.
"""
