"""Deeds of statistics: keep the stays of the cases up to date."""

from qingyuan.web.statistics.services.stays import freshen

__all__ = ["freshen"]
