"""Addresses of notices."""

from django.urls import path

from qingyuan.web.notices.views import channels, inbox

urlpatterns = [
    path("notices/", inbox.inbox, name="notices"),
    path("notices/read/", inbox.read_all, name="notices-read"),
    path("notices/reach/", channels.reach, name="reach"),
    path("notices/channels/", channels.channels, name="channels"),
    path("notices/channels/new/", channels.channel, name="channel-new"),
    path("notices/channels/<int:pk>/", channels.channel, name="channel"),
    path("notices/channels/<int:pk>/try/", channels.try_channel, name="channel-try"),
    path("notices/<int:pk>/", inbox.open_notice, name="notice-open"),
]
