"""Tracing (溯源): an alarm becomes an event folder, the tracer answers, people sample and ask again.

Room: trace requests, their event folders, answers, grab samples; the trace page.
Knows: how an event is put together from registry and store, which answer is the newest.
Never knows: how probabilities are found (river), whether a case is opened.
Sources: the exchange format "event folder"; requirements R003, R171–R174.
"""
