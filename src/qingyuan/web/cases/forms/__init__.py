"""Forms: one made from a deed's fields and evidence, one to open a case by hand."""

from qingyuan.web.cases.forms.deed import DeedForm
from qingyuan.web.cases.forms.opening import OpenForm

__all__ = ["DeedForm", "OpenForm"]
