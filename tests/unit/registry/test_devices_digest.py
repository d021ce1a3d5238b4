from __future__ import annotations

import hashlib

from django.utils import translation

from qingyuan.web.registry.models.geometry import box_columns, in_language
from qingyuan.web.registry.services.devices import digest_of_devices


def test_the_digest_is_of_canonical_json_and_not_of_the_order_of_keys():
    assert digest_of_devices([{"b": 1, "a": "望"}]) == digest_of_devices([{"a": "望", "b": 1}])
    assert (
        digest_of_devices([{"a": "望", "b": 1}])
        == hashlib.sha256('[{"a":"望","b":1}]'.encode()).hexdigest()
    )


def test_a_geometry_comes_with_its_datum_and_box():
    columns = box_columns({"type": "LineString", "coordinates": [[120.5, 36.5], [120.1, 36.9]]})
    assert [columns[name] for name in ("datum", "west", "south", "east", "north")] == [
        "CGCS2000", 120.1, 36.5, 120.5, 36.9,
    ]  # fmt: skip


def test_an_english_reader_sees_chinese_where_there_is_no_english():
    with translation.override("en"):
        assert in_language("望澜桥", "") == "望澜桥"
        assert in_language("望澜桥", "Wanglan Bridge") == "Wanglan Bridge"
    with translation.override("zh-hans"):
        assert in_language("望澜桥", "Wanglan Bridge") == "望澜桥"
