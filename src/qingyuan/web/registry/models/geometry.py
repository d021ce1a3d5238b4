"""Geometry without a GIS database (设计决定 2): WKB in CGCS2000 beside its datum and its box."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import shapely
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from shapely.geometry.base import BaseGeometry

__all__ = ["DATUM", "Named", "Shaped", "WkbField", "box_columns", "in_language", "place_check"]

DATUM = "CGCS2000"  # EPSG:4490


class WkbField(models.BinaryField):
    """Well-known binary of one geometry; always `bytes` on the Python side."""

    def from_db_value(self, value: object, *_: object) -> bytes | None:
        """Return the stored bytes."""
        return None if value is None else bytes(value)  # type: ignore[call-overload]  # memoryview or bytes


def box_columns(geometry: Mapping[str, Any] | BaseGeometry) -> dict[str, object]:
    """Return the columns of `Shaped` for a GeoJSON mapping or a Shapely geometry."""
    shape = geometry if isinstance(geometry, BaseGeometry) else shapely.geometry.shape(geometry)
    west, south, east, north = shape.bounds
    return {
        "wkb": shapely.to_wkb(shape, byte_order=1),
        "datum": DATUM,
        "west": west,
        "south": south,
        "east": east,
        "north": north,
    }


class Shaped(models.Model):
    """Something with a line or an area (几何), degrees in its datum."""

    wkb = WkbField("几何（WKB）")
    datum = models.CharField("坐标基准", max_length=16, default=DATUM)
    west = models.FloatField("西")
    south = models.FloatField("南")
    east = models.FloatField("东")
    north = models.FloatField("北")

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(condition=Q(datum=DATUM), name="%(class)s_datum"),
            models.CheckConstraint(
                condition=Q(west__lte=F("east")) & Q(south__lte=F("north")), name="%(class)s_box"
            ),
        ]

    @property
    def shape(self) -> BaseGeometry:
        """The geometry itself."""
        return shapely.from_wkb(self.wkb)


class Named(models.Model):
    """Something with a Chinese name, perhaps an English one, and a pinyin key to sort and search by."""

    name_zh = models.CharField("名称", max_length=120)
    name_en = models.CharField("英文名称", max_length=160, blank=True)
    sort_key = models.CharField("拼音排序键", max_length=240, blank=True, db_index=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name_zh

    @property
    def name(self) -> str:
        """The name in the reader's language; Chinese where there is no English one."""
        return in_language(self.name_zh, self.name_en)


def in_language(zh: str, en: str) -> str:
    """Return the English name to an English reader where there is one, else the Chinese."""
    return en or zh if (get_language() or "").startswith("en") else zh


def place_check(name: str) -> models.CheckConstraint:
    """Return the constraint that keeps a point inside the country's frame of longitude and latitude."""
    return models.CheckConstraint(condition=Q(lon__range=(73, 136), lat__range=(3, 54)), name=name)
