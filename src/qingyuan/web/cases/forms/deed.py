"""The form of one deed on one case (动作表单), made from its procedure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from qingyuan import casework
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.cases.forms.fields import FilesField, controls, values_of
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.models.case import in_language
from qingyuan.web.cases.services import Upload, matrix_assignment
from qingyuan.web.files.services import LARGEST_MB

__all__ = ["DeedForm"]

_PICTURES = "image/jpeg,image/png,image/webp"
_ANY_FILE = f"{_PICTURES},.pdf,.docx,.xlsx"


class DeedForm(forms.Form):
    """The form of one deed on one case, made from the procedure (动作表单).

    Parameters
    ----------
    deed, case, scope, at
        What is to be done, on what, by whom it is seen, and when.
    have : frozenset of str
        Kinds of evidence the case already has; they are then optional.
    """

    def __init__(
        self,
        *args: Any,
        deed: casework.Deed,
        case: Case,
        scope: Scope,
        at: datetime,
        have: frozenset[str] = frozenset(),
        phone: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.deed, self.case = deed, case
        named = matrix_assignment(case, at=at) if any(f.kind == "unit" for f in deed.fields) else {}
        self.fields.update(controls(deed.fields, scope=scope, at=at))
        for name, value in named.items():
            if name in self.fields:
                self.fields[name].initial = value
                self.fields[name].help_text = _("已按责任矩阵填好，可改。")
        self._add_evidence(have, phone=phone)
        self.fields["seen"] = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def _add_evidence(self, have: frozenset[str], *, phone: bool) -> None:
        alone = {n.kinds[0] for n in self.deed.evidence if len(n.kinds) == 1 and not n.or_field}
        asked = dict.fromkeys(
            [*(k for n in self.deed.evidence for k in n.kinds), *self.deed.offers]
        )
        for kind in asked:
            label = in_language(self.case.rules.evidence[kind])
            required = kind in alone and kind not in have
            picture = kind.endswith("_photo")
            made = FilesField(required=required, label=label)
            made.widget.attrs["accept"] = _PICTURES if picture else _ANY_FILE
            if picture and phone:
                made.widget.attrs["capture"] = "environment"
            made.error_messages["required"] = _("请上传“%(label)s”。") % {"label": label}
            made.help_text = (
                _("本轮已有，可补充。")
                if kind in have
                else _("照片：JPG、PNG、WebP，不超过 20 MB。")
                if picture
                else _("照片、PDF、Word 或 Excel，不超过 20 MB。")
            )
            self.fields[f"evidence_{kind}"] = made

    def look_again(self, seen: int) -> None:
        """Let the form be sent again after somebody else was first; what was typed stays."""
        self.data = self.data.copy()
        self.data["seen"] = str(seen)

    @property
    def data_given(self) -> dict[str, object]:
        """The values of the deed's own fields, empty ones left out."""
        return values_of(self.deed.fields, self.cleaned_data)

    @property
    def uploads(self) -> list[Upload]:
        """The files handed in, with their kind."""
        return [
            Upload(
                name.removeprefix("evidence_"),
                item.name or "",
                item.read(LARGEST_MB * 1_000_000 + 1),
            )
            for name, files in self.cleaned_data.items()
            if name.startswith("evidence_")
            for item in files
        ]
