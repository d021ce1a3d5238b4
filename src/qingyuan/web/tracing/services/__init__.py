"""The deeds of tracing: ask, run, enter a grab sample."""

from qingyuan.web.tracing.services.asking import enter_sample, open_case_on, request_trace
from qingyuan.web.tracing.services.running import run_trace

__all__ = ["enter_sample", "open_case_on", "request_trace", "run_trace"]
