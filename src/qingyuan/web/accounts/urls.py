"""Addresses of accounts."""

from django.conf import settings
from django.urls import path, re_path

from qingyuan.web.accounts.views import administration, signing

urlpatterns = [
    path("sign-in/", signing.sign_in, name="sign-in"),
    path("sign-out/", signing.sign_out, name="sign-out"),
    path("invitation/<str:token>/", signing.invitation, name="invitation"),
    path("password/", signing.password_change, name="password-change"),
    path("language/", signing.set_language, name="set-language"),
    path("people/", administration.people, name="people"),
    path("people/access/", administration.access_table, name="access-table"),
    path("people/<str:username>/", administration.person, name="person"),
    re_path(
        r"^people/(?P<username>[^/]+)/roles/(?P<deed>grant|end)/$",
        administration.person_grants,
        name="person-grants",
    ),
    re_path(
        r"^people/(?P<username>[^/]+)/(?P<deed>enable|disable)/$",
        administration.person_active,
        name="person-active",
    ),
    path("people/<str:username>/invite/", administration.person_invite, name="person-invite"),
]
if settings.DEMO:
    urlpatterns.append(path("demo/sign-in/", signing.demo_sign_in, name="demo-sign-in"))
