"""Personal data in a text (个人信息): found and blanked before anything is published.

A pattern finds numbers, addresses and named reporters; a name alone it cannot know. So the text that
is published is always one a person read and confirmed, never the text handed over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["blanked", "personal_in"]

_WHO = "举报人|投诉人|反映人|信访人|来信人|来电人|联系人|当事人|业主|居民|村民"
_PATTERNS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "居民身份证号": re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)"),
        "电话": re.compile(
            r"(?<!\d)(?:1[3-9]\d{9}|0\d{2,3}[-－]\d{7,8}|1[3-9]\d[- ]\d{4}[- ]\d{4})(?!\d)"
        ),
        "电子邮箱": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
        "住址门牌": re.compile(r"\d+号?楼?\d*单元\d+(?:室|号|户)?|\d+号楼\d+(?:室|户)"),
        "车牌": re.compile(
            r"[鲁京津冀晋蒙辽吉黑沪苏浙皖闽赣豫鄂湘粤桂琼渝川贵云藏陕甘青宁新][A-Z][A-Z0-9]{5,6}"
        ),
        "姓名": re.compile(
            rf"(?:{_WHO})(?:[：:]|姓名|[为是系名叫])+[一-鿿]{{2,4}}|(?:{_WHO})?[一-鿿](?:某某|先生|女士)"
        ),
    }
)


def personal_in(text: str) -> list[tuple[str, str]]:
    """Return what in *text* may tell who somebody is: its kind and the words.

    >>> personal_in("举报人：王小明，电话13800138000")
    [('电话', '13800138000'), ('姓名', '举报人：王小明')]
    """
    return [(kind, m.group()) for kind, known in _PATTERNS.items() for m in known.finditer(text)]


def blanked(text: str) -> str:
    """Return *text* with what `personal_in` finds replaced by ×××, as a draft for a person to read."""
    for known in _PATTERNS.values():
        text = known.sub("×××", text)
    return text
