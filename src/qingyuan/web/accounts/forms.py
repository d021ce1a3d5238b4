"""Forms of sign-in and of the account pages."""

from __future__ import annotations

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.roles import roles

__all__ = ["GrantForm", "NewPasswordForm", "SignInForm"]


class SignInForm(forms.Form):
    """Account and password."""

    username = forms.CharField(
        label=_("账号"),
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("密码"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: object, request: object = None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.user: User | None = None

    def clean(self) -> dict[str, object]:
        """Check both together; the message never says which was wrong."""
        data = super().clean() or {}
        if data.get("username") and data.get("password"):
            self.user = authenticate(
                self.request, username=data["username"], password=data["password"]
            )
            if self.user is None:
                raise forms.ValidationError(
                    _("账号或密码不对，或账号已停用。连续 5 次不对会锁定 15 分钟。")
                )
        return data


class NewPasswordForm(forms.Form):
    """A new password, twice; the current one too when there is one."""

    current = forms.CharField(
        label=_("现在的密码"),
        strip=False,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    first = forms.CharField(
        label=_("新密码"),
        strip=False,
        help_text=_("至少 12 位；不含账号、姓名或单位名。可以用几个词连成的短语。"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    second = forms.CharField(
        label=_("再输一遍"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: object, user: User, ask_current: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if not ask_current:
            del self.fields["current"]

    def clean_current(self) -> str:
        """Refuse a wrong current password."""
        if not self.user.check_password(self.cleaned_data["current"]):
            raise forms.ValidationError(_("现在的密码不对；未作改动。"))
        return self.cleaned_data["current"]

    def clean(self) -> dict[str, object]:
        """Both entries agree and the password is strong enough."""
        data = super().clean() or {}
        first = data.get("first")
        if first and data.get("second") and first != data["second"]:
            self.add_error("second", _("两次输入不一致；未作改动。"))
        elif first:
            try:
                validate_password(first, self.user)
            except forms.ValidationError as error:
                self.add_error("first", error)
        return data


class GrantForm(forms.Form):
    """Give one role."""

    role = forms.ChoiceField(
        label=_("角色"), choices=lambda: [(r.name, r.label) for r in roles().values()]
    )
