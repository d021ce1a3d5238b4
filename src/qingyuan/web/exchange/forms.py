"""The one field people fill in: which file."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

__all__ = ["UploadForm"]


class UploadForm(forms.Form):
    """One file to bring."""

    file = forms.FileField(
        label=_("文件"),
        allow_empty_file=True,
        error_messages={
            "required": _("请选择要导入的文件。"),
            "invalid": _("请选择要导入的文件。"),
        },
    )
