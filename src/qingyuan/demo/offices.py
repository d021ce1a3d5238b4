"""What the other desks did in the last weeks (其他岗位的往日): petitions, an inspection, a plan, a campaign, duty.

Everything goes through the services people use, at the hours they would; the texts are invented.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from qingyuan.cities import City
from qingyuan.core.periods import city_date
from qingyuan.demo.campaign import open_campaign
from qingyuan.demo.dust import live_through_dust
from qingyuan.demo.pictures import picture
from qingyuan.demo.script import office_hours
from qingyuan.web.accounts import selectors as accounts
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.services import Upload, matrix_assignment, perform
from qingyuan.web.inspections import services as inspections
from qingyuan.web.inspections.models import Item, Round
from qingyuan.web.inspections.services import Listed
from qingyuan.web.organisation import services as organisation
from qingyuan.web.organisation.models import Group
from qingyuan.web.petitions import services as petitions
from qingyuan.web.plans import selectors as plan_selectors
from qingyuan.web.plans import services as plans

__all__ = ["live_through_offices"]

DAY = timedelta(days=1)
_CHAIN = {"head": "department_head", "vice": "vice_leader", "boss": "leader"}


@dataclass(frozen=True, slots=True)
class _Step:
    """One deed of a walk: who, after how many hours, with which evidence and words."""

    deed: str
    who: str
    hours: float = 2.0
    evidence: tuple[str, ...] = ()
    data: Mapping[str, object] = field(default_factory=dict)


def _somebody(who: str, case: Case | None, on: date) -> User:
    if who == "person" and case is not None and case.person is not None:
        return case.person
    role = _CHAIN.get(who, "duty_officer")
    return accounts.holders_of(role, on=on, district="")[0]


def _districts(city: City) -> list[str]:
    return sorted({row.district_code for row in city.responsibilities})


def _walk(case: Case, steps: Sequence[_Step], *, at: datetime, until: datetime) -> Case:
    """Do *steps* one after another, at office hours, until *until*."""
    for step in steps:
        at = office_hours(at + timedelta(hours=step.hours))
        if at > until:
            break
        case = Case.objects.get(pk=case.pk)
        by = _somebody(step.who, case, city_date(at))
        data = dict(step.data)
        if data.pop("matrix", None):
            data |= matrix_assignment(case, at=at)
        for name, days in [(n, v) for n, v in data.items() if isinstance(v, timedelta)]:
            data[name] = city_date(at) + days
        files = [
            Upload(kind, f"{kind}.jpg", picture(kind, case=case.number, at=at), at)
            for kind in step.evidence
        ]
        case = perform(case=case, deed=step.deed, by=by, at=at, data=data, evidence=files)
    return case


# ── 信访 ────────────────────────────────────────────────────────────────────
_REPORTS = (  # days ago, channel, category, words, what the desk calls it, truth
    (63, "call", "noise", "凌晨两点切割机一直响，没法睡觉。", "夜间切割加工噪声问题", "proven"),
    (58, "hotline_12345", "air", "烧烤店油烟直接排到楼上。", "餐饮油烟直排问题", "proven"),
    (51, "wechat", "water", "河边管子流出来的水是黑的，有臭味。", "沿河管口排黑水问题", "mostly"),
    (45, "hotline_12345", "air", "晚上有刺鼻的塑料味。", "夜间塑料异味问题", "unproven"),
    (39, "letter", "waste", "路边堆了建筑垃圾没人管。", "路边堆存建筑垃圾问题", "proven"),
    (33, "hotline_12345", "noise", "工地中午不停工。", "工地午间施工噪声问题", "partly"),
    (27, "visit", "air", "厂里烟囱冒黄烟，衣服都不敢晒。", "烟囱冒黄烟问题", "proven"),
    (20, "hotline_12345", "water", "沟里的水起泡沫，鱼死了几条。", "沟渠泡沫水问题", "proven"),
    (13, "wechat", "air", "工地扬尘，车开过去一片灰。", "工地扬尘问题", "proven"),
    (8, "call", "noise", "广场音响到十点多。", "广场音响噪声问题", ""),
    (5, "hotline_12345", "air", "夜里又有刺鼻味道，跟上个月一样。", "夜间刺鼻异味问题", ""),
    (2, "hotline_12345", "water", "雨水口往河里流乳白色的水。", "雨水口排乳白水问题", ""),
)
_HOTLINE = {"hotline_12345"}


def _petition_steps(truth: str, *, hotline: bool) -> list[_Step]:
    dispatch = _Step("dispatch", "duty", 1, data={"matrix": True})
    start = [dispatch] if hotline else [
        _Step("accept", "duty", 3, data={"exit": "duty", "no_notice_reason": "已电话告知"}),
        dispatch,
    ]  # fmt: skip
    if not truth:
        return [*start, _Step("sign", "person", 3)]
    checked = _Step(
        "investigate", "person", 20, ("check_record",),
        {"officers": "两名执法人员", "finding": "已到现场核查，情况见检查记录。", "truth": truth},
    )  # fmt: skip
    handed = {"progress": "done", "measures": "已责令改正并复查。", "draft": "已核查处理。"}
    if not hotline:
        handed["no_photo_reason"] = "影像随检查记录"
    steps = [
        *start,
        _Step("sign", "person", 3),
        checked,
        _Step("submit", "person", 24, data=handed),
    ]
    signers = ("head",) if hotline else ("head", "vice")
    steps += [_Step("sign_pass", who, 5, data={"opinion": "同意。"}) for who in signers]
    if hotline:
        steps.append(
            _Step("reply", "duty", 4, data={"reply": "已处理。", "no_contact_reason": "已电话答复"})
        )
    else:
        steps += [
            _Step("reply", "duty", 4, data={"verdict": "support", "reply": "已处理。", "oral_reason": "电话答复"}),
            _Step("serve", "duty", 3, data={"served_on": timedelta(0), "way": "phone", "no_proof_reason": "电话"}),
        ]  # fmt: skip
    called = {"reached": "yes", "satisfaction": "satisfied", "resolution": "solved"}
    return [
        *steps,
        _Step("call_back", "duty", 26, data=called),
        _Step("strike_off", "head", 6, data={"no_record_reason": "已记入系统"}),
    ]


def _petitions(city: City, *, until: datetime) -> None:
    districts = _districts(city)
    for n, (days, channel, category, words, title, truth) in enumerate(_REPORTS):
        at = office_hours(until - days * DAY)
        duty = _somebody("duty", None, city_date(at))
        district = districts[n % len(districts)]
        report = petitions.receive(
            channel=channel, received_at=at, category=category, text=words, place="见群众所述位置",
            district_code=district, by=duty, at=at,
            contact={"name": "李某", "phone": f"1380000{1000 + n}"},
            source=("12345", f"RX{at:%Y%m%d}{n:04d}") if channel in _HOTLINE else None,
        )  # fmt: skip
        at += timedelta(minutes=40)
        petition = petitions.register(
            report, title=title, district_code=district, text_inspector=words, by=duty, at=at
        )
        steps = _petition_steps(truth, hotline=petition.case.procedure.name == "hotline")
        _walk(petition.case, steps, at=at, until=until)
    at = office_hours(until - timedelta(hours=20))
    petitions.receive(
        channel="wechat", received_at=at, category="air", text="刚刚闻到一股烧焦味。", place="园区东门",
        by=None, at=at,
    )  # fmt: skip


# ── 督察 ────────────────────────────────────────────────────────────────────
_ITEMS = (  # batch, problem, types, focus, how far
    (1, "印染企业夜间排放异味，群众反映强烈。", ("air",), True, "closed"),
    (1, "河道内有生活垃圾，水体发黑。", ("water", "waste"), False, "closed"),
    (1, "石料加工点无防尘措施。", ("air",), False, "closed"),
    (1, "饭店油烟扰民。", ("air", "noise"), False, "closed"),
    (1, "养殖场粪污流入沟渠。", ("water",), True, "staged"),
    (2, "工地夜间施工噪声。", ("noise",), False, "closed"),
    (2, "汽修店喷漆无处理设施。", ("air",), False, "signing"),
    (2, "雨水口晴天排水。", ("water",), True, "staged"),
    (2, "砂石堆场未覆盖，起风扬尘。", ("air",), False, "checked"),
)
_SAID = {
    "public_problem": "群众反映的生态环境问题。",
    "public_finding": "经现场核查，反映情况属实。",
    "public_measures": "责令立即整改，已完成并复查。",
}


def _item_steps(far: str) -> list[_Step]:
    found = {"officers": "两名执法人员", "found": "已到现场核查，见检查记录。"}
    report: dict[str, object] = {
        "truth": "proven", "finding": "经核查属实。", "measures": "责令立即整改。",
        "ordered": Decimal(1), "fines_10k": Decimal("2.5"),
    }  # fmt: skip
    steps = [
        _Step("sign", "person", 2),
        _Step("check_onsite", "person", 20, ("check_record", "before_photo"), found),
    ]
    if far == "checked":
        return steps
    if far == "staged":
        steps.append(
            _Step(
                "report_staged", "person", 24, ("report_paper", "plan_paper"),
                report | {"progress": "staged", "due_on": 120 * DAY},
            )
        )  # fmt: skip
        return steps + [
            _Step("sign_pass_staged", who, 6, data={"opinion": "同意。"})
            for who in ("head", "vice", "boss")
        ]
    steps.append(
        _Step(
            "report_done", "person", 24, ("report_paper", "after_photo"),
            report | {"progress": "done"},
        )
    )  # fmt: skip
    if far == "signing":
        return [*steps, _Step("sign_pass", "head", 6, data={"opinion": "同意。"})]
    return steps + [
        _Step("sign_pass", who, 6, data={"opinion": "同意。"}) for who in ("head", "vice", "boss")
    ]


def _inspection(city: City, *, until: datetime) -> None:
    opened = city_date(until - 40 * DAY)
    round_ = Round.objects.create(
        code=f"S3-{opened.year}", level="provincial", ordinal=3, stationing=1,
        group="省第三生态环境保护督察组", from_on=opened, to_on=opened + 30 * DAY,
        hotline="0000-88886666",
    )  # fmt: skip
    districts = _districts(city)
    for number, days in ((1, 36), (2, 22)):
        at = office_hours(until - days * DAY)
        duty = _somebody("duty", None, city_date(at))
        batch = inspections.take_batch(
            round_=round_, number=number, day=city_date(at), by=duty, at=at
        )
        rows = [row for row in _ITEMS if row[0] == number]
        items = [
            inspections.register_item(
                batch,
                Listed(
                    row=n, number=f"D3SD{at:%Y%m%d}{n:04d}", channel="call", problem=problem,
                    district_code=districts[(n + number) % len(districts)], types=types, focus=focus,
                ),
                by=duty, at=at + timedelta(minutes=n),
            )
            for n, (_, problem, types, focus, _far) in enumerate(rows, 1)
        ]  # fmt: skip
        at += timedelta(hours=1)
        inspections.assign_items(items, by=duty, at=at)
        for item, (*_, far) in zip(items, rows, strict=True):
            _carry(item, far, at=at, until=until)


def _carry(item: Item, far: str, *, at: datetime, until: datetime) -> None:
    """Carry an item on: checked, reported, signed, its text confirmed, noticed, struck off."""
    item.refresh_from_db()
    case = _walk(item.case, _item_steps(far), at=at, until=until)
    if far == "closed":
        _end(item, case, until=until)


def _end(item: Item, case: Case, *, until: datetime) -> None:
    at = case.changed_at
    case = _walk(
        case,
        [
            _Step("feed_back", "duty", 4, data={"note": "已函报督察组"}),
            _Step("accept", "head", 20, ("acceptance_form",), {"opinion": "现场核实，同意验收。"}),
        ],
        at=at,
        until=until,
    )
    at = office_hours(case.changed_at + timedelta(hours=2))
    if at > until:
        return
    head = _somebody("head", None, city_date(at))
    inspections.confirm(Item.objects.get(pk=item.pk), _SAID, by=head, at=at)
    notice = {
        "notice_from": timedelta(0),
        "notice_to": 5 * DAY,
        "notice_where": "https://www.example.invalid/gs",
    }
    steps = [
        _Step("publish_notice", "duty", 3, ("notice_record",), notice),
        _Step("close_out", "duty", 24 * 7),
    ]
    _walk(case, steps, at=at, until=until)


# ── 计划 ────────────────────────────────────────────────────────────────────
_TASKS = (  # theme, task, percent told week by week
    ("一、查清底数", "入河排污口再排查，逐口建档", (20, 45, 70, 95)),
    ("一、查清底数", "雨水口晴天排水专项排查", (10, 30, 55, 70)),
    ("二、整治提升", "超标排口一口一策整治", (5, 20, 35, 50)),
    ("二、整治提升", "工业集聚区管网混错接改造", (0, 10, 15, 20)),
    ("二、整治提升", "规模化养殖粪污收集处理", (15, 30, 60, 80)),
    ("三、长效管护", "排污口标识牌设置与信息公开", (25, 50, 75, 90)),
    ("三、长效管护", "断面与排口联动监测方案", (30, 60, 85, 100)),
)


def _head(office: str, *, on: date) -> User:
    """Return the head of the office whose name holds *office*."""
    heads = accounts.holders_of("department_head", on=on, district="")
    return next((head for head in heads if office in head.unit.name_zh), heads[0])


def _plan(city: City, *, until: datetime) -> None:
    began = office_hours(until - 34 * DAY)
    day = city_date(began)
    head = _head("水", on=day)
    leaders = accounts.holders_of("vice_leader", on=day)
    officers = accounts.holders_of("district_officer", on=day)
    plan = plans.make_plan(
        kind="scheme", title="入河排污口整治百日行动", office=head.unit,
        starts_on=day, ends_on=day + 100 * DAY, rhythm="weekly", grace_days=1,
        announced=len(_TASKS), district_id=_districts(city)[0], by=head, at=began,
    )  # fmt: skip
    plans.set_phases(
        plan,
        [
            ("动员排查", day, day + 30 * DAY),
            ("集中整治", day + 31 * DAY, day + 80 * DAY),
            ("巩固提升", day + 81 * DAY, day + 100 * DAY),
        ],
        by=head, at=began,
    )  # fmt: skip
    themes: dict[str, object] = {}
    nodes = []
    for n, (theme, title, told) in enumerate(_TASKS, 1):
        number, _, words = theme.partition("、")
        if theme not in themes:
            themes[theme] = plans.add_node(
                plan, parent=None, kind="theme", number=number, title=words, by=head, at=began
            )
        person = officers[n * 2 % len(officers)]
        leader = leaders[n % len(leaders)]
        node = plans.add_node(
            plan, parent=themes[theme], kind="task", number=str(n), title=title,
            units=[person.unit.name_zh], person=person, person_name=person.name, leader=leader,
            leader_name=leader.name, due_on=day + timedelta(days=40 + 8 * n), by=head, at=began,
        )  # fmt: skip
        nodes.append((node, person, told))
    for node, person, _ in nodes:
        case = plans.launch(node, by=head, at=began + timedelta(hours=1))
        perform(case=case, deed="sign", by=person, at=began + timedelta(hours=3), data={})
    for week in range(4):
        at = office_hours(began + timedelta(days=7 * week + 6))
        for n, (node, person, told) in enumerate(nodes):
            if at > until or (week == 3 and n == 3):
                continue  # one report is missing this week
            node.refresh_from_db()
            plans.report(
                node, percent=told[week], text=f"本周推进至 {told[week]}%。", by=person,
                at=at + timedelta(minutes=n),
            )  # fmt: skip
    at = office_hours(until - timedelta(hours=30))
    span = plan_selectors.current_span(plan, at=at)
    if span is not None:
        plans.freeze(plan, span, by=head, at=at)
        plans.write_paper(plan, "supervision", span=span, by=head, at=at)


# ── 值班与专班 ──────────────────────────────────────────────────────────────
def _duty(*, until: datetime) -> None:
    today = city_date(until)
    people = accounts.holders_of("duty_officer", on=today, district="")
    head = _head("综合协调", on=today)
    leaders = [
        *accounts.holders_of("vice_leader", on=today),
        *accounts.holders_of("leader", on=today),
    ]
    unit = people[0].unit
    for n in range(-3, 12):
        for m, span in enumerate(("day", "night")):
            organisation.put_shift(
                day=today + n * DAY, span=span, unit=unit,
                officer=people[(2 * n + m) % len(people)], leader=leaders[n % len(leaders)],
                by=head, at=until - 3 * DAY,
            )  # fmt: skip
    group = organisation.put_group(
        Group(
            name="省督察保障工作专班", kind="task", office=Unit.objects.get(pk=head.unit_id),
            valid_from=today - 42 * DAY, valid_to=today + 60 * DAY,
            charter="综合、资料、现场与信访、保障四组；清单制、责任制、销号制；当日交办，三日反馈。",
        ),
        by=head, at=until - 42 * DAY,
    )  # fmt: skip
    members = accounts.holders_of("district_officer", on=today)[:6]
    for n, person in enumerate([leaders[0], head, *members]):
        organisation.add_member(
            group=group, user=person, part=("head", "office")[n] if n < 2 else "member",
            valid_from=today - 41 * DAY, valid_to=None, by=head, at=until - 41 * DAY,
        )  # fmt: skip


def live_through_offices(city: City, *, until: datetime) -> None:
    """Live through the last weeks of the other desks; nothing if that was done."""
    if Round.objects.exists():
        return
    _petitions(city, until=until)
    _inspection(city, until=until)
    _plan(city, until=until)
    open_campaign(until=until)
    _duty(until=until)
    live_through_dust(city, until=until)
