"""Address of the gallery; it exists only in the demo and in tests."""

from django.conf import settings
from django.urls import path

from qingyuan.web.ui import gallery

urlpatterns = []
if settings.DEMO or getattr(settings, "TESTING", False):
    urlpatterns = [
        path("ui/gallery/", gallery.gallery, name="ui-gallery"),
        path("ui/gallery/map/", gallery.gallery_map, name="ui-gallery-map"),
        path("ui/gallery/phone/", gallery.gallery_phone, name="ui-gallery-phone"),
        path("ui/gallery/live/", gallery.gallery_live, name="ui-gallery-live"),
        path(
            "ui/gallery/layers/<str:layer>.geojson", gallery.gallery_layer, name="ui-gallery-layer"
        ),
        path(
            "ui/gallery/card/<str:layer>/<str:ref>/", gallery.gallery_card, name="ui-gallery-card"
        ),
    ]
