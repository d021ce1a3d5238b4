"""Accounts (账户): units, people, roles, and the one rule table of who may open what.

Room: the organisation tree, sign-in, role grants, scopes, the access table and its guard.
Knows: who is looking, and which subtree they may see.
Never knows: cases, signals, what a page shows.
Sources: GB/T 22239-2019 8.1.4.1–8.1.4.2; requirements R217, R228, R229.
"""
