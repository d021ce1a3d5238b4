"""Demonstration (演示).

Room: incidents and actors that drive the synthetic city through the front doors.
Knows: which releases there are, who acts when, how a fresh demo folder is filled.
Never knows: a way into the platform that people do not have.
Sources: docs/en/architecture.md; every name and case is invented.
"""
