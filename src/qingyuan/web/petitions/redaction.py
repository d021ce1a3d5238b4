"""Propose what to black out (脱敏建议): only ever a proposal; a person confirms the words."""

from __future__ import annotations

import re

__all__ = ["MASK", "mask", "propose"]

MASK = "▇▇"
_PATTERNS = (
    re.compile(
        r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx](?!\d)"
    ),  # 身份证
    re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)"),  # 手机
    re.compile(r"(?<!\d)0\d{2,3}[- ]?\d{7,8}(?!\d)"),  # 座机
    re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),  # 邮箱
    re.compile(
        r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][A-HJ-NP-Z0-9]{5,6}"
    ),  # 车牌
    re.compile(r"(?:\d+|[一二三四五六七八九十]+)(?:号楼|栋|幢|单元|室|户)"),  # 楼栋门牌
    re.compile(r"(?:我叫|本人叫?|我是|姓名[:：]?)\s*[\u4e00-\u9fff·]{2,4}"),  # 自报姓名
    re.compile(r"(?:我|本人)?家?住(?:在)?[^，。；,;\s]{2,30}"),  # 我家住…
    re.compile(r"(?:微信|QQ|qq)(?:号)?[:：]?\s*[A-Za-z0-9_-]{5,20}"),
)


def propose(text: str) -> str:
    """Return *text* with phones, numbers, plates, addresses and given names blacked out."""
    for pattern in _PATTERNS:
        text = pattern.sub(MASK, text)
    return text


def mask(value: str) -> str:
    """Return what a list may show of a contact: a first and a last character at most, or nothing."""
    if not value:
        return ""
    return f"{value[0]}{'•' * 4}" if len(value) < 8 else f"{value[:1]}{'•' * 6}{value[-2:]}"
