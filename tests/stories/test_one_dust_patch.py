"""一处扬尘图斑的故事：遥感发现，核查属实，纳入台账，督导，交办立案，整改，另一人复核，销号。

第二个故事：综合执法会同交警整治渣土路段（R036），会同单位反馈齐了才能完成整改。
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from case_town import Town, build_town, photo
from dusty_town import a_patch, a_round, a_site, seat_departments, sheet
from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.host.folder import DataFolder
from qingyuan.web.accounts.models import Unit
from qingyuan.web.audit.models import Entry
from qingyuan.web.cases.models import Case
from qingyuan.web.dust import selectors, services
from qingyuan.web.dust.models import SiteRecord, Visit

PHOTOS = ("before_photo", "after_photo")


@pytest.fixture
def town(db: None, settings, tmp_path: Path) -> Town:
    settings.FOLDER = DataFolder(tmp_path / "data")
    settings.FOLDER.store.mkdir(parents=True)
    return build_town()


def _due(town: Town):
    return city_date(town.at) + timedelta(days=10)


def test_a_patch_becomes_a_site_then_a_case_and_is_struck_off(town: Town):
    # 卫星看到一处裸土，台账里没有；一个月后又看到同一处，记为重复
    lead = a_patch(town, kind="bare")
    assert (lead.matched_id, lead.duplicate_of) == (None, None)
    again = a_patch(town, "TB-2", kind="bare", taken_on=lead.taken_on + timedelta(days=2))
    assert again.duplicate_of == lead

    # 东山经办到现场看：属实，纳入台账，责任部门按职责表
    lead = services.check_lead(
        lead, true=True, finding="裸土未覆盖", picture=("a.jpg", photo()), by=town.who("east1"), at=town.at
    )  # fmt: skip
    record = services.lead_to_site(lead, name="东山路北裸土", by=town.who("east1"), at=town.at)
    assert (record.kind, record.department, record.source) == ("bare", "city", "above")
    assert record.area_m2 == pytest.approx(9960, rel=0.01)

    # 督导组到场，六项里两项没落实，拍了照片；交办区政府，一处一案
    round_ = a_round(town, record)
    visit = services.record_visit(
        round_.visits.get(), sheet(town, cover="约三成裸露", wet="未见喷淋"),
        by=town.who("second"), at=town.at,
    )  # fmt: skip
    (case,) = services.hand_over(
        round_, district_code="379901", to="东山区人民政府", document_no="环督〔2026〕1 号",
        by=town.who("head"), at=town.at,
    )  # fmt: skip
    assert case.form["site"] == record.site_id
    assert "物料堆放覆盖" in case.form["measures"]
    assert Visit.objects.get(pk=visit.pk).case == case
    assert case.title == "东山路北裸土扬尘问题"

    # 下达、签收、整改；没有照片不行，自己复核自己也不行
    town.do(case, "duty", "assign", unit="east", person="east1", due_on=_due(town))
    town.do(case, "east1", "sign")
    with pytest.raises(Problem) as refused:
        town.do(case, "east1", "finish", "before_photo", measures="已覆盖")
    assert refused.value.code == "casework.missing_evidence"
    town.do(case, "east1", "finish", *PHOTOS, measures="已全部覆盖")
    closed = town.do(
        case, "head", "close_out", *PHOTOS, "recheck_record", opinion="已覆盖", site_state="treated"
    )  # fmt: skip
    assert closed.closed_at is not None

    # 台账随销号更新为“已治理”，另起一版；审计留下每一步
    now = SiteRecord.objects.get(site=record.site_id, valid_to=None)
    assert (now.version, now.state, now.reason) == (2, "treated", f"案件 {case.number} 复核销号")
    assert [v.row.version for v in selectors.history(record.site_id)] == [2, 1]
    deeds = set(Entry.objects.values_list("deed", flat=True))
    assert {
        "dust.leads",
        "dust.check_lead",
        "dust.lead_to_site",
        "dust.round",
        "dust.visit",
    } <= deeds
    assert {"dust.hand_over", "dust.revise", "cases.close_out"} <= deeds


def test_enforcement_and_the_traffic_police_do_one_task_together(town: Town):
    seat_departments(town)
    road = a_site(town, "LD-1", kind="haul_road", department="enforcement")
    lead = selectors.seat_of("enforcement", "379901", on=city_date(town.at))
    co = selectors.seat_of("traffic_police", "379901", on=city_date(town.at))
    case = services.open_task(
        title="渣土运输路段联合整治", trouble="夜间渣土车遗撒", kind="haul_road",
        district_code="379901", unit=lead.unit, person=lead.person, co_units=[co.unit],
        records=[road], due_on=_due(town), by=town.who("head"), at=town.at,
    )  # fmt: skip
    assert (case.state, case.unit.code, case.person.username) == ("assigned", "zhzf", "zf1")
    assert [(p.role, p.unit.code) for p in case.parts.order_by("role")] == [
        ("co", "jj"), ("lead", "zhzf"),
    ]  # fmt: skip
    assert [t.ref for t in case.things.all()] == ["LD-1"]

    town.do(case, "zf1", "sign")
    with pytest.raises(Problem) as refused:  # 交警还没有反馈
        town.do(case, "zf1", "finish", *PHOTOS, measures="清扫并查处")
    assert refused.value.code == "casework.mark_lacking"
    town.do(case, "jj1", "sign_part")
    town.do(case, "jj1", "report_part", report="查处违法运输 6 起")
    town.do(case, "zf1", "finish", *PHOTOS, measures="清扫并查处")
    closed = town.do(case, "head", "close_out", *PHOTOS, "recheck_record", opinion="同意")
    assert closed.state == "closed"
    assert Case.objects.get(pk=case.pk).parts.get(role="co").report == "查处违法运输 6 起"


def test_a_unit_cannot_lead_and_take_part(town: Town):
    unit = Unit.objects.get(code="east")
    with pytest.raises(Problem) as refused:
        services.open_task(
            title="任务", trouble="无", kind="bare", district_code="379901", unit=unit,
            person=town.who("east1"), co_units=[unit], due_on=_due(town), by=town.who("head"),
            at=town.at,
        )  # fmt: skip
    assert refused.value.code == "dust.lead_twice"
