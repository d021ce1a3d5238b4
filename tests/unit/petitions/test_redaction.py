from __future__ import annotations

import pytest

from qingyuan.web.petitions.redaction import MASK, propose


@pytest.mark.parametrize(
    ("words", "gone"),
    [
        ("电话13712345678，夜间异味", "13712345678"),
        ("打 137-1234-5678 找我", "137-1234-5678"),
        ("座机 0532-88886666", "0532-88886666"),
        ("身份证370283199001011234", "370283199001011234"),
        ("我叫郑乐山，家里能闻到", "郑乐山"),
        ("我家住望海路九十九号，旁边工厂冒烟", "望海路九十九号"),
        ("车牌鲁B12345在倾倒", "鲁B12345"),
        ("发到 zheng@example.org", "zheng@example.org"),
        ("3号楼2单元都闻到", "3号楼"),
        ("微信号:zheng_ls99", "zheng_ls99"),
    ],
)
def test_what_names_a_person_is_proposed_to_go(words: str, gone: str) -> None:
    assert gone not in propose(words)
    assert MASK in propose(words)


def test_what_names_nobody_stays() -> None:
    words = "2026年9月22日22时起望海路北侧化工厂排气筒冒黄烟，持续3小时，浓度约50毫克每立方米。"
    assert propose(words) == words
