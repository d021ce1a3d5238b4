"""The platform's interface for other systems (开放接口).

Room: tokens of other systems, and the one endpoint that takes their observations.
Knows: who may send for which devices and until when; the feeds' answer as HTTP.
Never knows: how a batch is read, judged or stored; what follows from a value.
Sources: RFC 6750 (Bearer); design.md §2 feeds; issue B, HTTP batch endpoint.
"""
