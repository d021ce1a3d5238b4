from __future__ import annotations

import pytest

from qingyuan.web.inspections.redaction import blanked, personal_in
from qingyuan.web.inspections.sampling import draw, pool_hash


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        pytest.param("致电13912345678核实", "13912345678", id="手机"),
        pytest.param("座机0532-88886666", "0532-88886666", id="座机"),
        pytest.param("证号37020219800101123X。", "37020219800101123X", id="身份证"),
        pytest.param("写信至 li.si@example.com", "li.si@example.com", id="邮箱"),
        pytest.param("住3号楼2单元501室", "3号楼2单元501室", id="门牌"),
        pytest.param("车牌鲁B12345停放", "鲁B12345", id="车牌"),
        pytest.param("举报人：苗翠兰反映", "举报人：苗翠兰", id="举报人姓名"),
        pytest.param("据王女士称", "王女士", id="称谓"),
    ],
)
def test_what_may_identify_a_person_is_found_and_blanked(text: str, piece: str):
    assert any(piece in found or found in piece for _, found in personal_in(text)), text
    assert piece not in blanked(text)


@pytest.mark.parametrize(
    "text",
    [
        "2024年4月18日检查，COD 浓度 138 mg/L，罚款 8.6 万元。",
        "受理编号X3HB202406020025，位于青岛路12号某印染企业。",
    ],
)
def test_figures_numbers_and_addresses_of_firms_stay(text: str):
    assert personal_in(text) == []
    assert blanked(text) == text


POOL = [f"D3SD2026092200{n:02}" for n in range(40)]


def test_the_same_pool_and_seed_draw_the_same_whatever_the_order():
    drawn = draw(POOL, size=7, seed="2026-12-01")
    assert drawn == draw(reversed(POOL), size=7, seed="2026-12-01")
    assert len(set(drawn)) == 7
    assert pool_hash(POOL) == pool_hash(reversed(POOL))


def test_a_larger_sample_begins_with_the_smaller_and_another_seed_draws_others():
    assert draw(POOL, size=12, seed="a")[:5] == draw(POOL, size=5, seed="a")
    assert draw(POOL, size=5, seed="a") != draw(POOL, size=5, seed="b")


def test_every_item_may_be_drawn():
    seen = {number for n in range(200) for number in draw(POOL, size=3, seed=str(n))}
    assert seen == set(POOL)
