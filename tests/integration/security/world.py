"""Two districts, two enterprises, and one of everything on each side; every free text is marked.

A text nobody outside may read carries a mark ``探针·<side>·<where>·``; the crawl looks for marks.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pypdf
from django.conf import settings
from django.utils import timezone

from case_town import Town, build_town
from odd_data import doubt_at
from qingyuan import casework
from qingyuan.core.periods import city_date, hour_of
from qingyuan.readings.integrity import rules_at
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.accounts.services import invite, put_person
from qingyuan.web.api.models import Token
from qingyuan.web.api.services import issue
from qingyuan.web.assessments.services import decide_dust
from qingyuan.web.audit.services import SYSTEM, Actor
from qingyuan.web.bulletins.services import compose_daily, publish, put_row
from qingyuan.web.cases import selectors as case_selectors
from qingyuan.web.cases.models import Case, EvidenceLink
from qingyuan.web.cases.services import Origin
from qingyuan.web.monitoring.selectors.commands import Offer
from qingyuan.web.monitoring.services import ask, declare
from qingyuan.web.notices.models import Channel, Notice
from qingyuan.web.outfalls import services as outfall_services
from qingyuan.web.registry.models import AirStation, Device, District, Enterprise, Outfall
from qingyuan.web.signals.models import Signal
from qingyuan.web.signals.services import Finding, observe, record_doubt, report, silence
from qingyuan.web.tracing.models import Trace
from set_aside import set_one_aside

from .rooms import ROOMS

__all__ = [
    "OPEN_TO_THE_ENTERPRISE",
    "ROUTES_WITHOUT_OBJECTS",
    "Side",
    "World",
    "build_world",
    "examples",
]

PHONE = {"east": "13800001111", "west": "13900002222"}
# What the procedure itself tells the enterprise concerned, by deed and field.
OPEN_TO_THE_ENTERPRISE = {("push", "note"), ("submit", "measures"), ("list_problems", "problems")}
_MIRROR = {"east1": "west1", "second": "second2", "ent1": "rival", "east": "west"}


class Marked(Town):
    """The town as one side sees it: its own people, its own marks in every free text."""

    side: str = "east"

    def _mirrored(self, name: str) -> str:
        return name if self.side == "east" else _MIRROR.get(name, name)

    def who(self, name: str) -> User:
        return super().who(self._mirrored(name))

    def do(self, case: Case, who: str, deed: str, *kinds: str, **data: Any) -> Case:
        marked = {
            name: self._mirrored(value)
            if name in ("unit", "person", "enterprise")
            else self._mark(deed, name, value)
            for name, value in data.items()
        }
        return super().do(case, who, deed, *kinds, **marked)

    def _mark(self, deed: str, name: str, value: Any) -> Any:
        if isinstance(value, list):
            return [self._mark(deed, name, one) for one in value]
        return f"{value} 探针·{self.side}·{deed}.{name}·" if isinstance(value, str) else value

    def open(self, **more: Any) -> Case:
        east = self.side == "east"
        given = {
            "district_code": "379901" if east else "379902",
            "enterprise_id": "E1" if east else "E2",
            "section_code": "S1" if east else "S3",
            "origin": Origin(
                "petition",
                f"petition:{PHONE[self.side]}",
                f"群众举报 {PHONE[self.side]} 探针·{self.side}·origin·",
            ),
            "summary": f"来电人住三号楼，电话 {PHONE[self.side]}。探针·{self.side}·summary·",
        }
        return super().open(**{**given, **more})


@dataclass
class Side:
    """What one district and its enterprise have."""

    name: str
    section: str
    outfall: str
    enterprise: str
    air: str
    cases: dict[str, Case] = field(default_factory=dict)
    signal: Signal = field(default_factory=Signal)
    doubt: Signal = field(default_factory=Signal)
    manual: Signal = field(default_factory=Signal)
    silence_pk: int = 0
    trace: Trace = field(default_factory=Trace)
    sample_pk: int = 0
    discharger_pk: int = 0
    sign: str = ""
    mn: str = ""
    command_pk: int = 0
    mark_pk: int = 0
    dust_pk: int = 0

    def files(self, *, of_enterprise: bool) -> list[tuple[str, str]]:
        found = EvidenceLink.objects.filter(case__in=self.cases.values()).select_related(
            "case", "attachment__uploaded_by"
        )
        return [
            (link.case.number, str(link.attachment_id))
            for link in found.order_by("pk")
            if bool(link.attachment.uploaded_by.enterprise_code) is of_enterprise
        ]


@dataclass
class World:
    """Both sides, and what belongs to the whole city."""

    town: Town
    east: Side
    west: Side
    bulletin_pk: int
    token: str
    register_rows: Mapping[str, int]

    def user(self, username: str) -> User:
        return User.objects.get(username=username)

    def other(self, side: Side) -> Side:
        return self.west if side is self.east else self.east


def _signals(side: Side, town: Town) -> None:
    last = town.at - timedelta(minutes=5)
    finding = Finding(
        kind="exceedance", rule="water.exceedance", station=f"section:{side.section}", factor="w21003",
        unit="mg/L", value=Decimal("1.34"), value_text="1.34", limit=Decimal("1.0"), limit_text="≤1 mg/L",
        multiple=Decimal("0.34"), clause="GB 3838-2002 表1", finder="monitoring",
        first_at=last - timedelta(minutes=1), last_at=last,
    )  # fmt: skip
    side.signal = observe(finding=finding, at=town.at).signal
    doubt = doubt_at(f"outfall:{side.outfall}", at=town.at)
    side.doubt = record_doubt(doubt, rules=rules_at(city_date(town.at)), at=town.at).signal
    Signal.objects.filter(pk=side.doubt.pk).update(note=f"探针·{side.name}·doubt·")
    duty = town.who("duty")
    side.manual = report(
        station=f"outfall:{side.outfall}", factor="w21003", note=f"来电反映 {PHONE[side.name]} 探针·{side.name}·report·",
        level=3, by=duty, at=town.at,
    )  # fmt: skip
    side.silence_pk = silence(
        side.manual,
        until=town.at + timedelta(days=29),
        reason=f"探针·{side.name}·silence·",
        by=duty,
        at=town.at,
    ).pk
    side.trace, _ = Trace.objects.update_or_create(
        signal=side.signal, round=1,
        defaults={
            "state": "done", "why": "新告警", "requested_by": "系统", "requested_at": town.at,
            "detected_at": town.at, "finished_at": town.at, "seed": 1,
            "answer": {
                "candidates": [{
                    "outfall_id": side.outfall, "rank": 1, "probability": 0.8, "involved": 0.85, "monitor": "silent",
                    "release_start": None,
                    "evidence": [{"kind": "timing", "bits": 1.5, "says": f"探针·{side.name}·trace·", "says_en": ""}],
                }],
                "none": 0.1, "several": 0.1, "rest": 0.0, "set90": [side.outfall], "caveats": [], "next_sample": None,
            },
        },
    )  # fmt: skip


def _outfalls(side: Side, town: Town) -> None:
    outfall = Outfall.objects.get(code=side.outfall)
    duty = town.who("duty")
    services = outfall_services
    side.sample_pk = services.add_samples(
        outfall, [services.parse_result("w21003", "3.1")], taken_at=town.at, laboratory="市站",
        report_no=f"探针·{side.name}·report_no·", by=duty, at=town.at,
    )[0].pk  # fmt: skip
    side.discharger_pk = services.add_discharger(
        outfall, name="村委会", enterprise=None, responsible=False, valid_from=city_date(town.at),
        by=duty, at=town.at,
    ).pk  # fmt: skip
    side.sign = services.issue_sign(outfall, by=duty, at=town.at).token
    services.revise(
        outfall, {"tracing_result": f"探针·{side.name}·tracing_result·"}, reason=f"探针·{side.name}·reason·",
        valid_from=city_date(town.at), seen=0, by=duty, at=town.at,
    )  # fmt: skip


def _cases(side: Side, town: Marked) -> None:
    for stride in (None, "signed", "pushed", "submitted", "to_close", "closed"):
        case = town.open(
            title=f"{side.name} {stride or 'registered'} 断面氨氮超标 探针·{side.name}·title·"
        )
        if stride:
            getattr(town, stride)(case)
        side.cases[stride or "registered"] = Case.objects.get(pk=case.pk)


def _telemetry(side: Side, town: Town) -> None:
    """Give the side's outfall a logger, a command to it, and a mark of its enterprise."""
    station = f"outfall:{side.outfall}"
    first = Device.objects.filter(station=station).first() or Device.objects.create(
        mn=f"A3799000000000000000D0{side.outfall[1:]}", station=station, st="32", password="-",
        dialect="2017", crc=["standard"], answer="flag", label="start", encoding="utf-8",
        factors={"w21003": "mg/L"}, interval_s=60,
    )  # fmt: skip
    side.mn = first.mn
    offer = Offer("1061", "read", (), 60 * 24)
    side.command_pk = ask(
        first, offer, parameters=[], reason=f"核对 探针·{side.name}·command·",
        by=town.who("duty"), at=town.at, wall=timezone.now(),
    ).pk  # fmt: skip
    side.mark_pk = declare(
        station=station, factor="", kind="maintenance", from_at=town.at - timedelta(hours=1), to_at=None,
        reason=f"换泵管 探针·{side.name}·mark·", evidence=("记录.pdf", _a_page()),
        by=town.who("ent1"), at=town.at,
    ).pk  # fmt: skip


def _a_page() -> bytes:
    """Return a PDF of one empty page."""
    held = io.BytesIO()
    writer = pypdf.PdfWriter()
    writer.add_blank_page(width=200, height=200)
    writer.write(held)
    return held.getvalue()


def _dust(side: Side, town: Town) -> None:
    """Let the side's air station have hours that were decided."""
    station, _ = AirStation.objects.get_or_create(
        code=side.air,
        defaults={
            "name_zh": f"探针·{side.name}·air·", "lon": 121.3, "lat": 36.3, "kind": "assessed",
            "district": District.objects.get(code="379902"),
        },
    )  # fmt: skip
    start = hour_of(town.at).start - timedelta(days=2)
    side.dust_pk = decide_dust(
        station=station, from_at=start, to_at=start + timedelta(hours=3), verdict="confirmed",
        reason=f"探针·{side.name}·dust·", grounds={}, by=town.who("head"), at=town.at,
    ).pk  # fmt: skip


def build_world() -> World:
    """Build both sides through the services; nothing is written past them but names and passwords."""
    plain = build_town()
    people = [
        ("second2", "西河复核", "west", "district_officer", ""),
        ("eastduty", "东山值班", "east", "duty_officer", ""),
    ]
    for username, name, unit, role, firm in people:
        put_person(
            username=username,
            name=name,
            unit=Unit.objects.get(code=unit),
            role_names=[role],
            at=plain.at,
            by=SYSTEM,
            enterprise_code=firm,
        )
    for code, side in (("E1", "east"), ("E2", "west")):
        Enterprise.objects.filter(code=code).update(name_zh=f"{side}企业 探针·{side}·enterprise·")
    sides = {
        "east": Side("east", "S1", "O1", "E1", "A1"),
        "west": Side("west", "S3", "O2", "E2", "A2"),
    }
    at = plain.at
    for side in sides.values():
        town = Marked(at=at)
        town.side = side.name
        _cases(side, town)
        at = town.at
        _signals(side, town)
        _outfalls(side, town)
        _telemetry(side, town)
        _dust(side, town)
    plain.at = at
    Device.objects.update(password="探针device")
    Channel.objects.create(  # its host is on no list: nothing is ever sent
        name="值班群", kind="wecom", address="http://robot.invalid/?key=探针key", secret="探针secret",
        unit=Unit.objects.get(code="bureau"), made_by="测试", made_at=at,
    )  # fmt: skip
    set_one_aside(settings.FOLDER.store, at=at)
    yesterday = city_date(at) - timedelta(days=1)
    bulletin = compose_daily(day=yesterday, at=at, by=SYSTEM)
    publish(bulletin=bulletin, by=plain.who("head"), at=at)
    token = invite(user=plain.who("second"), by=Actor("console", "服务器控制台"), at=at)
    rows = {
        name: put_row(
            register="exposure",
            district=District.objects.get(code=code),
            on=yesterday,
            values={"name": f"探针·{name}·register·", "problem": f"探针·{name}·register.problem·"},
            by=plain.who("head"),
            at=at,
        ).pk
        for name, code in (("east", "379901"), ("west", "379902"))
    }
    issue(
        name="微型站", mns=[Device.objects.order_by("mn")[0].mn], expires_at=at + timedelta(days=30),
        by=plain.who("head"), at=at,
    )  # fmt: skip
    world = World(plain, sides["east"], sides["west"], bulletin.pk, token, rows)
    for room in ROOMS:
        room.build(world)
    return world


def _legal(world: World, side: Side, user: User, *, enterprise: bool) -> list[tuple[str, str]]:
    """Return (number, deed) of something this person may do now; the first case will do for a form."""
    for case in side.cases.values():
        actor = case_selectors.actor_of(user, at=world.town.at)
        legal = casework.legal_deeds(case.rules, facts=case_selectors.facts_of(case), actor=actor)
        for deed in legal:
            if enterprise is ("enterprise" in case.rules.roles_of(deed)):
                return [(case.number, deed.name)]
    return []


ROUTES_WITHOUT_OBJECTS = frozenset({
    "home", "search", "sign-in", "sign-out", "password-change", "set-language", "people",
    "access-table", "audit", "audit-verify", "bulletins", "bulletin-compose", "bulletin-ranking",
    "bulletin-slips", "ledger",
    "ledger-export", "hazards", "hazards-layer", "hazards-export", "case-open", "my-cases", "sections", "outfalls", "outfalls-coverage",
    "river-along", "river-here", "enterprises", "sources",
    "quarantine", "rules", "rules-publish", "notices", "notices-read", "signals", "signals-live",
    "signals-acknowledge", "signal-report", "silences", "integrity", "map", "health", "favicon", "ui-gallery",
    "ui-gallery-map", "ui-gallery-phone", "ui-gallery-live", "sources-export", "packets", "device-accept",
    "api-observations", "api-tokens", "api-token-issue",
    "air", "air-layer", "water", "targets", "target-air", "target-section", "dust", "dust-decide",
    "rebounds", "interview-record", "reach", "channels", "channel-new",
}) | {route for room in ROOMS for route in room.ROUTES_WITHOUT_OBJECTS}  # fmt: skip


def _assessed(side: Side) -> dict[str, list[tuple[object, ...]]]:
    """Return what assessments hold of one side."""
    return {
        "air-place": [("station", side.air)] if side.air else [],
        "water-section": [(side.section,)],
        "dust-withdraw": [(side.dust_pk,)],
        "figure": [],  # names its object in the query: tests/integration/assessments
    }


def examples(world: World, side: Side, user: User) -> Mapping[str, list[tuple[object, ...]]]:
    """Return for every route that takes arguments the objects of one side, as *user* would name them."""
    cards: list[tuple[object, ...]] = [
        ("sections", side.section), ("outfalls", side.outfall), ("enterprises", side.enterprise),
        ("cases", side.cases["signed"].number),
    ]  # fmt: skip
    if side.air:
        cards.append(("air", side.air))
    pushed = [
        (case.number,) for name, case in side.cases.items() if name not in ("registered", "signed")
    ]
    signals: list[tuple[object, ...]] = [(side.signal.pk,), (side.manual.pk,)]
    doubts: list[tuple[object, ...]] = [(side.doubt.pk,)]
    trace: list[tuple[object, ...]] = [(side.signal.pk,)]
    layers = ("sections", "rivers", "outfalls", "air", "enterprises", "cases", "districts")
    firm = bool(user.enterprise_code)
    numbers: list[tuple[object, ...]] = [(case.number,) for case in side.cases.values()]
    return {
        "invitation": [(world.token,)],
        "person": [("east1",)],
        "person-grants": [("east1", "grant")],
        "person-active": [("east1", "disable"), ("east1", "enable")],
        "person-invite": [("east1",)],
        "api-token-revoke": [(Token.objects.get().pk,)],
        "map-layer": [(name,) for name in layers],
        "map-card": cards,
        "bulletin": [(world.bulletin_pk,)],
        "bulletin-pdf": [(world.bulletin_pk,)],
        "bulletin-publish": [(world.bulletin_pk,)],
        "bulletin-withdraw": [(world.bulletin_pk,)],
        **{
            f"bulletin-{name}": [(world.bulletin_pk,)]
            for name in ("docx", "text", "edit", "review", "sign", "return", "correct")
        },
        "bulletin-rows": [
            (world.bulletin_pk, part) for part in ("water", "air", "alarms", "cases", "units")
        ],
        "bulletin-schedule": [("weekly",)],
        "bulletin-register": [("sampling",), ("exposure",)],
        "bulletin-register-row": [(world.register_rows[side.name],)],
        "bulletin-register-end": [(world.register_rows[side.name],)],
        "procedure": [("exceedance",)],
        "case": numbers,
        "case-live": numbers[:2],
        "case-urge": numbers[:2],
        "case-undo": numbers[:2],
        "case-links": numbers[:2],
        "case-deed": _legal(world, side, user, enterprise=False)
        if not firm
        else [(numbers[0][0], "sign")],
        "case-book": numbers[:1],
        "case-book-docx": numbers[:1],
        "my-case-book": pushed[:1],
        "case-file": side.files(of_enterprise=False)[:2] + side.files(of_enterprise=True)[:2],
        "my-case": pushed,
        "my-case-deed": _legal(world, side, user, enterprise=True)
        if firm
        else [(pushed[0][0], "submit")],
        "my-case-file": side.files(of_enterprise=True)[:2],
        **_assessed(side),
        "section": [(side.section,)],
        "section-series": [(side.section,)],
        **{
            f"outfall{part}": [(side.outfall,)]
            for part in (
                "",
                "-online",
                "-revise",
                "-samples",
                "-dischargers",
                "-limits",
                "-end",
                "-sign",
            )
        },
        "outfall-sample-withdraw": [(side.sample_pk,)],
        "outfall-discharger-end": [(side.discharger_pk,)],
        "outfall-public": [(side.sign,)],
        "enterprise": [(side.enterprise,)],
        **{
            name: [(side.mn,)]
            for name in (
                "device",
                "device-live",
                "device-month",
                "device-edit",
                "device-proposal",
                "device-mark",
            )
        },
        "device-command": [(side.mn, "1061")],
        "command-cancel": [(side.command_pk,)],
        "mark-end": [(side.mark_pk,)],
        "mark-withdraw": [(side.mark_pk,)],
        "mark-evidence": [(side.mark_pk,)],
        "quarantine-packet": [(3, 4096)],
        "channel": [(Channel.objects.get().pk,)],
        "channel-try": [(Channel.objects.get().pk,)],
        "notice-open": [(n.pk,) for n in Notice.objects.filter(user=user).order_by("pk")[:3]],
        "silence-end": [(side.silence_pk,)],
        "signal": signals,
        "signal-acknowledge": signals,
        "signal-false": signals,
        "signal-case": signals,
        "signal-silence": signals,
        "integrity-doubt": doubts,
        "integrity-check": doubts,
        "integrity-rule-out": doubts,
        "integrity-case": doubts,
        "trace": trace,
        "trace-live": trace,
        "trace-again": trace,
        "trace-sample": trace,
        "trace-suspects": trace,
        "trace-rivers": trace,
        "trace-case": trace,
        **{f"trace-{part}": trace for part in ("plume", "why", "round", "folder")},
        "trace-report": [(pk, kind) for (pk,) in trace for kind in ("pdf", "docx")],
        "trace-answer": trace,
        "ui-gallery-layer": [("sections",)],
        "ui-gallery-card": [("sections", "S01")],
        **{k: v for room in ROOMS for k, v in room.examples(world, side, user).items()},
    }
