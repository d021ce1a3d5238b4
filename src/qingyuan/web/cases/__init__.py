"""Cases (案件): the ledger of the closed loop, every case on one engine.

Room: cases, their deeds, clocks, problems, assignments, sign-offs and evidence; ledgers and pages.
Knows: who is looking, what a procedure decided, what was written down and when.
Never knows: which finder raised a case (its origin is a value), how evidence files are stored.
Sources: reference cases.md; requirements R001–R020; the procedures of qingyuan.casework.
"""
