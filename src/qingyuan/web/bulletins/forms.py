"""Forms of bulletins."""

from django import forms
from django.utils.translation import gettext_lazy as _

__all__ = ["ComposeForm", "WithdrawForm"]


class ComposeForm(forms.Form):
    """Which day."""

    day = forms.DateField(label=_("日期"), widget=forms.DateInput(attrs={"type": "date"}))


class WithdrawForm(forms.Form):
    """Why it is withdrawn."""

    reason = forms.CharField(
        label=_("撤回原因"), max_length=400, widget=forms.Textarea(attrs={"rows": 2})
    )
