"""The deeds of tracing: ask, run, enter a grab sample, hand the event out."""

from qingyuan.web.tracing.services.asking import enter_sample, open_case_on, request_trace
from qingyuan.web.tracing.services.export import pack_folder
from qingyuan.web.tracing.services.running import run_trace

__all__ = ["enter_sample", "open_case_on", "pack_folder", "request_trace", "run_trace"]
