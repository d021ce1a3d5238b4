"""Forms to hang cases together (关联、分案、举一反三)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingyuan.web.accounts.scope import Scope
from qingyuan.web.cases.forms.fields import enterprises
from qingyuan.web.registry import selectors as registry

__all__ = ["LinkForm", "SplitForm", "SweepForm"]

_REASON = {"rows": 2, "maxlength": 400}


def _reason(label: object) -> forms.CharField:
    return forms.CharField(label=label, max_length=400, widget=forms.Textarea(attrs=_REASON))


class LinkForm(forms.Form):
    """Link two cases (关联案件)."""

    other = forms.CharField(label=gettext_lazy("案件编号"), max_length=40)
    kind = forms.ChoiceField(
        label=gettext_lazy("关系"),
        choices=[
            ("same_source", gettext_lazy("同源：两件说的是同一来源")),
            ("parent", gettext_lazy("上级：本案归于该案之下")),
        ],
    )
    reason = _reason(gettext_lazy("理由"))


class SplitForm(forms.Form):
    """Split a case: one new case a line (分案)."""

    titles = forms.CharField(
        label=gettext_lazy("分成哪几件"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("每行一个标题；类型、来源与登记内容随原案。"),
    )
    reason = _reason(gettext_lazy("分案理由"))

    def clean_titles(self) -> list[str]:
        """Return the lines that say something."""
        return [line.strip() for line in self.cleaned_data["titles"].splitlines() if line.strip()]


class SweepForm(forms.Form):
    """Order a sweep: one task per enterprise or outfall (举一反三)."""

    title = forms.CharField(
        label=gettext_lazy("排查什么"),
        max_length=100,
        help_text=gettext_lazy("每个对象一件任务，标题为“排查内容：对象”。"),
    )
    objects = forms.MultipleChoiceField(
        label=gettext_lazy("排查对象"), widget=forms.SelectMultiple(attrs={"size": 12})
    )

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        firms = [(f"enterprise:{code}", label) for code, label in enterprises(scope)]
        outfalls = [
            (f"outfall:{o.code}", f"{o.name}（{o.district.name}）")
            for o in registry.outfalls(scope).select_related("district").order_by("code")
        ]
        objects = self.fields["objects"]
        if isinstance(objects, forms.MultipleChoiceField):
            objects.choices = [(_("企业"), firms), (_("排污口"), outfalls)]
