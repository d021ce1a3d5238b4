"""Make the first, second, … n-th write of every deed of the offices fail: nothing of it stays.

No row, no line of the chain, no message, no file; afterwards the same deed succeeds. A deed its
office offers and this table does not know fails the test.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module
from importlib.resources import files
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import OperationalError, connection, transaction
from django.utils import translation

from inspected_town import PUBLIC_TEXT, report_on, strike_off
from petition_desk import CONTACT, PLACE, picture_with_secrets
from qingyuan.casework.texts.measures import TreeRow
from qingyuan.cities import credit_code_of
from qingyuan.core.periods import city_date
from qingyuan.host.folder import DataFolder
from qingyuan.web import exchange
from qingyuan.web.accounts.models import Unit
from qingyuan.web.audit import services as audit
from qingyuan.web.cases.models import ProcedureVersion
from qingyuan.web.exchange import registered
from qingyuan.web.exchange import services as moving
from qingyuan.web.exchange.models import Export, Import
from qingyuan.web.inspections import services as inspections
from qingyuan.web.inspections.models import DutyShift, Material
from qingyuan.web.inspections.services import Listed
from qingyuan.web.organisation import services as organisation
from qingyuan.web.organisation.models import Group
from qingyuan.web.petitions import services as petitions
from qingyuan.web.petitions.models import (
    ConductReport,
    NothingFound,
    Package,
    Petition,
    Report,
    ReportPhoto,
)
from qingyuan.web.plans import selectors as plan_selectors
from qingyuan.web.plans import services as plans
from qingyuan.web.procedures import services as procedures
from qingyuan.web.registry.exchange import ENTERPRISES
from qingyuan.web.registry.models import District, Enterprise
from walking_bureau import Bureau

pytestmark = pytest.mark.django_db
Act = Callable[[], Any]
OFFICES = ("petitions", "plans", "inspections", "exchange", "organisation", "procedures")
QUESTIONS = {  # what an office's services offer and what writes nothing
    "petitions.contradictions", "petitions.may_look", "petitions.progress_of", "petitions.reproduces",
    "inspections.drafts", "inspections.propose", "inspections.read_text",
    "organisation.check_responsibility", "organisation.in_force",
    "exchange.file_of", "exchange.forms_of", "exchange.has_file",
    # removes files whose records stay
    "exchange.sweep_exports",
    # counts doors knocked on, also for those refused; one statement by itself
    "petitions.knock",
    # each case on its own, by what other rooms prove: moving a case to a version
    "procedures.move_open_cases",
}  # fmt: skip
_WRITES = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM) "?(\w+)"?|.*procrastinate_defer', re.S)
_JOBS = "procrastinate_jobs"
_NEVER = 10**9


# ── the deeds, in the order they are done ───────────────────────────────────
def _petition_deeds(b: Bureau) -> Iterator[tuple[str, Act]]:
    desk, at = b.desk, b.desk.at
    duty, head, vice = (b.people[n] for n in ("duty", "head", "vice"))
    day, given = city_date(at), {"by": head, "at": at}

    words = {
        "category": "air",
        "text": "夜间异味",
        "place": "望海路",
        "lon": PLACE[0],
        "lat": PLACE[1],
    }
    photos = [("1.jpg", picture_with_secrets("x"))]
    yield (
        "receive",
        lambda: petitions.receive(
            channel="call", received_at=at, contact=CONTACT, photos=photos, by=duty, at=at, **words
        ),
    )
    report = Report.objects.latest("received_at")
    yield (
        "clear_photo",
        lambda: petitions.clear_photo(ReportPhoto.objects.get(), cleared=True, **given),
    )
    yield "look", lambda: petitions.look(report, reason="回访", by=duty, at=at)
    yield "read_words", lambda: petitions.read_words(report, reason="核对", by=duty, at=at)
    yield (
        "register",
        lambda: petitions.register(
            report,
            title="东山区异味",
            district_code="379901",
            text_inspector="夜间有异味",
            by=duty,
            at=at,
        ),
    )
    petition = Report.objects.get(pk=report.pk).petition
    yield (
        "confirm_words",
        lambda: petitions.confirm_words(petition, reader="enterprise", words="厂区有异味", **given),
    )
    second, third = desk.receive(), desk.receive()
    yield "merge_into", lambda: petitions.merge_into(second, petition, by=duty, at=desk.at)
    yield "refuse", lambda: petitions.refuse(third, reason="广告", by=duty, at=desk.at)
    yield "note_nothing", lambda: petitions.note_nothing(petition, checker=b.people["east1"], at=at)
    NothingFound.objects.update(found_at=at - timedelta(hours=1))
    Report.objects.filter(pk=report.pk).update(received_at=at)
    report.refresh_from_db()
    yield "repeated", lambda: petitions.repeated(petition, report=report, **given)
    leader = {"leader": vice, "by": head, "at": at}
    yield (
        "open_package",
        lambda: petitions.open_package(
            petition, team="专班", plan="方案", pursuit="年底前", period="2026", **leader
        ),
    )
    package = Package.objects.get()
    for kind in ("guidance", "solution", "settlement", "stability"):
        petitions.tick(package, kind=kind, done_on=day, note="已落实", **given)
    yield (
        "tick",
        lambda: petitions.tick(package, kind="situation", done_on=day, note="已掌握", **given),
    )
    yield (
        "visit",
        lambda: petitions.visit(package, mode="receive", on=day, note="接访一次", **leader),
    )
    yield "close_package", lambda: petitions.close_package(package, **given)
    yield "list_as_key", lambda: petitions.list_as_key(petition, year=2026, **given)
    yield (
        "set_target",
        lambda: petitions.set_target(year=2026, kind="backlog", count=9, basis="附件7", **given),
    )
    district = District.objects.get(code="379901")
    escalation: list[Any] = []
    yield "put_escalation", lambda: escalation.append(
        petitions.put_escalation(
            number="YJ1", district=district, level="province", on=day, people=1, matter="异味",
            stability="stable", petition=petition, **given,
        )
    )  # fmt: skip
    yield (
        "note_stability",
        lambda: petitions.note_stability(
            escalation[-1], stability="watched", note="本周未到", **given
        ),
    )
    ill = desk.register(desk.receive(channel="hotline_12345", lon=PLACE[0] + 0.2, lat=PLACE[1]))
    for again in (False, True):
        desk.answered(ill)
        desk.called(ill, "satisfied", "unsolved")
        if not again:
            desk.do(desk.fresh(ill), "duty", "redo", reason="未解决")
    desk.do(desk.fresh(ill), "head", "file_evidence", "supervision_slip", note="督办单")
    desk.do(desk.fresh(ill), "vice", "close_ill", reason="已解释")
    at, day = desk.at, city_date(desk.at)
    desk.closed(desk.register(desk.receive(lon=PLACE[0] + 0.3, lat=PLACE[1])))
    late = {"by": head, "at": desk.at}
    drawn: list[Any] = []
    span = {"since": day - timedelta(days=30), "until": city_date(desk.at)}
    yield (
        "draw_sample",
        lambda: drawn.append(
            petitions.draw_sample(purpose="closed", seed="1", reason="重抽", **span, **late)
        ),
    )
    yield (
        "check_drawn",
        lambda: petitions.check_drawn(
            drawn[-1],
            Petition.objects.get(case__number=drawn[-1].result[0]),
            in_time=True,
            replied=True,
            evidence=True,
            finding="sound",
            note="",
            **late,
        ),
    )
    yield "begin_look_back", lambda: petitions.begin_look_back(name="攻坚", **span, **late)
    yield (
        "avoid",
        lambda: petitions.avoid(
            officer=duty,
            enterprise=Enterprise.objects.get(code="E1"),
            relation="配偶任职",
            valid_from=day,
            **late,
        ),
    )
    yield (
        "put_channel",
        lambda: petitions.put_channel(
            code="line",
            zh="专员",
            en="",
            procedure="petition",
            valid_from=day,
            valid_to=None,
            former="",
            **late,
        ),
    )
    yield (
        "set_parameter",
        lambda: petitions.set_parameter(
            name="repeat_m", value=Decimal(50), valid_from=day, document="局办1号", **late
        ),
    )
    kept: list[Any] = []
    yield (
        "draft",
        lambda: kept.append(
            petitions.draft(**words, answers={}, contact=CONTACT, photos=photos, at=desk.at)
        ),
    )
    draft, token = kept[-1]
    yield "send", lambda: petitions.send(str(draft.pk), token, at=desk.at)
    petitions.draft(**words, answers={}, contact={}, photos=(), at=desk.at)
    later = desk.at + timedelta(days=9)
    yield "purge", lambda: petitions.purge(at=later, wall=later)
    yield (
        "receive_conduct",
        lambda: petitions.receive_conduct(
            kind="officer", subject="甲", text="吃拿卡要", contact="乙", at=desk.at
        ),
    )
    conduct = ConductReport.objects.get()
    yield (
        "handle_conduct",
        lambda: petitions.handle_conduct(conduct, proven=False, result="查无", **late),
    )
    yield "change_key", lambda: petitions.change_key(at=desk.at)
    yield "reseal", lambda: petitions.reseal(at=desk.at)


def _plan_deeds(b: Bureau) -> Iterator[tuple[str, Act]]:
    at, head, east1 = b.town.at, b.people["head"], b.people["east1"]
    day, given = city_date(at), {"by": head, "at": at}
    fields = {
        "title": "方案", "office": Unit.objects.get(code="bureau"), "district_id": "379901",
        "starts_on": day, "ends_on": date(2026, 12, 31), "rhythm": "weekly", "grace_days": 1,
    }  # fmt: skip
    made: list[Any] = []
    yield "make_plan", lambda: made.append(plans.make_plan(kind="scheme", **fields, **given))
    plan = made[-1]
    yield "set_phases", lambda: plans.set_phases(plan, [("阶段", day, day + timedelta(9))], **given)
    work = {
        "parent": None, "kind": "task", "units": ["东山分局", "西河分局"], "person": east1,
        "person_name": east1.name, "leader": b.people["vice"], "leader_name": "分管局长",
    }  # fmt: skip
    yield (
        "add_node",
        lambda: made.append(
            plans.add_node(plan, number="1", title="印发《办法》", **work, **given)
        ),
    )
    node = made[-1]
    type(node).objects.filter(pk=node.pk).update(doubts=["person"])
    yield "confirm", lambda: plans.confirm([node], **given)
    yield (
        "revise_node",
        lambda: plans.revise_node(node, {"title": "印发《细则》"}, units=["东山分局"], **given),
    )
    yield (
        "register_document",
        lambda: plans.register_document(node, title="细则", act="produced", **given),
    )
    yield (
        "register_documents",
        lambda: plans.register_documents(node, text="出台《新规定》（清环发〔2026〕9号）", **given),
    )
    yield "launch", lambda: plans.launch(node, **given)
    node.refresh_from_db()
    b.town.do(node.case, "east1", "sign")
    yield "report", lambda: plans.report(node, percent=10, text="进展", by=east1, at=b.town.at)
    span = plan_selectors.current_span(plan, at=b.town.at)
    later = {"by": head, "at": b.town.at}
    ahead = plan_selectors.current_span(plan, at=b.town.at + timedelta(days=7))
    due = span.last + timedelta(days=plan.grace_days)
    nine = b.town.at.replace(year=due.year, month=due.month, day=due.day)
    node.reports.all().delete()
    yield "remind_due", lambda: plans.remind_due(at=nine)
    yield "remind", lambda: plans.remind(plan, ahead, **later)
    yield "freeze", lambda: plans.freeze(plan, span, **later)
    papers: list[Any] = []
    yield (
        "write_paper",
        lambda: papers.append(plans.write_paper(plan, "dispatch", span=span, **later)),
    )
    yield "paper_file", lambda: plans.paper_file(papers[-1], kind="docx", **later)
    yield (
        "evaluate",
        lambda: plans.evaluate(
            node, year=2026, verdict="stopped", finding="情况", problem="未落实", **later
        ),
    )
    yield (
        "hold_to_account",
        lambda: plans.hold_to_account(
            node, form="talk", whom="甲", reason="推进不力", on=day, **later
        ),
    )
    tree = plans.make_plan(kind="rectification", **fields, **given)
    yield (
        "import_counts",
        lambda: plans.import_counts(tree, [TreeRow(1, "政治站位", 1, "学习不深入", 2)], **given),
    )
    yield (
        "import_report",
        lambda: plans.import_report(
            tree,
            "（一）关于政治站位方面\n1.关于学习不深入问题\n一是开展学习。二是出台《办法》。\n",
            **given,
        ),
    )


def _inspection_deeds(b: Bureau) -> Iterator[tuple[str, Act]]:
    at, duty, head, round_ = b.town.at, b.people["duty"], b.people["head"], b.inspected.round
    given = {"by": duty, "at": at}
    made: list[Any] = []
    yield (
        "take_batch",
        lambda: made.append(
            inspections.take_batch(round_=round_, number=6, day=date(2026, 9, 21), **given)
        ),
    )
    batch = made[-1]
    text = (
        "9月22日，省第三生态环境保护督察组向清河市交办第7批群众信访举报件3件（重点关注件1件），其中来电2件、来信1件，"
        "累计3件（重点关注件1件）。东山区2件，1件由市公安局、市住房城乡建设局、东山区分别办理。"
        "大气1个、水1个、噪声1个，共涉及3个问题。"
    )
    yield "state_batch", lambda: inspections.state_batch(round_=round_, text=text, **given)
    listed = Listed(
        row=1,
        number="D3SD1",
        channel="call",
        problem="夜间冒黑烟",
        district_code="379901",
        types=("water",),
    )
    yield "register_item", lambda: made.append(inspections.register_item(batch, listed, **given))
    item = made[-1]
    yield "assign_items", lambda: inspections.assign_items([item], **given)
    yield (
        "add_finding",
        lambda: inspections.add_finding(
            round_,
            problem="雨污混接",
            goal="消除",
            watcher="督察办",
            district_code="379901",
            matter="water",
            **given,
        ),
    )
    yield (
        "keep",
        lambda: inspections.keep(
            DutyShift(round=round_, person=duty, from_at=at, to_at=at + timedelta(hours=12)),
            **given,
        ),
    )
    material = Material.objects.create(
        round=round_,
        number=1,
        title="台账",
        requester="督察组",
        asked_on=city_date(at),
        due_at=at,
        holder="水科",
    )
    yield (
        "send_material",
        lambda: inspections.send_material(
            material, name="台账.pdf", content=b"%PDF", pages=1, received_by="督察组", **given
        ),
    )
    done = b.inspected.item(batch, "X3SD2")
    report_on(b.inspected, done)
    yield "confirm", lambda: inspections.confirm(done, PUBLIC_TEXT, by=head, at=b.town.at)
    strike_off(b.inspected, done)
    late = {"by": head, "at": b.town.at}
    drawn: list[Any] = []
    yield (
        "draw_look_back",
        lambda: drawn.append(
            inspections.draw_look_back(round_, size=1, seed="1", reason="季度", **late)
        ),
    )
    yield (
        "record_check",
        lambda: inspections.record_check(
            drawn[-1].checks.get(), result="rebound", finding="又有异味", **late
        ),
    )


def _exchange_deeds(b: Bureau) -> Iterator[tuple[str, Act]]:
    at, head = b.town.at, b.people["head"]
    for number, firm in enumerate(Enterprise.objects.order_by("code"), 30):
        firm.credit_code = credit_code_of(f"91370200{number:09d}")
        firm.save(update_fields=["credit_code"])
    importer = registered.importer_named("registry.enterprises", {"department_head"})
    exporter = registered.exporter_named("registry.enterprises", {"department_head"})
    assert importer is not None
    assert exporter is not None

    def book(code: str) -> bytes:
        row = {
            "code": code, "name": "新厂", "trade": "1713", "trade_zh": "棉印染精加工", "district": "379901",
            "lon": Decimal("120.4"), "lat": Decimal("36.6"),
            "credit_code": credit_code_of(f"91370200{sum(code.encode()):09d}"),
        }  # fmt: skip
        return exchange.workbook(ENTERPRISES, [row], exchange.Cover(by="", at=at))

    def bring(code: str) -> Import:
        return moving.receive(
            importer=importer, content=book(code), name="企业.xlsx", by=head, at=at
        )

    first = book("N1")
    yield (
        "receive",
        lambda: moving.receive(importer=importer, content=first, name="企业.xlsx", by=head, at=at),
    )
    row = Import.objects.get()
    Import.objects.filter(pk=row.pk).update(state="waiting")
    yield "check", lambda: moving.check(import_id=row.pk, at=at)
    yield "recheck", lambda: moving.recheck(row=row, by=head, at=at)
    yield "confirm", lambda: moving.confirm(import_id=row.pk, leave_wrong=False, by=head, at=at)
    long = bring("N2")
    Import.objects.filter(pk=long.pk).update(lines=9_999_999)
    long.refresh_from_db()
    yield (
        "request_confirm",
        lambda: moving.request_confirm(row=long, leave_wrong=False, by=head, at=at),
    )
    yield (
        "write_confirmed",
        lambda: moving.write_confirmed(import_id=long.pk, leave_wrong=False, at=at),
    )
    given_up = bring("N3")
    yield "withdraw", lambda: moving.withdraw(row=given_up, by=head, at=at)
    bring("N4")
    yield "sweep", lambda: moving.sweep(at=at + timedelta(days=30))
    table = exporter.make("", by=head, at=at)
    out = {"form": "csv", "query": "", "by": head, "at": at, "language": "zh"}
    yield "export_now", lambda: moving.export_now(exporter, table, **out)
    yield "request_export", lambda: moving.request_export(exporter, table, **out)
    asked = Export.objects.get(state="waiting")
    with translation.override("zh-hans"):
        yield "run_export", lambda: moving.run_export(export_id=asked.pk, at=at)
    moving.sweep_exports(at=at + timedelta(days=30))


def _organisation_deeds(b: Bureau) -> Iterator[tuple[str, Act]]:
    at, admin, vice, boss = b.town.at, b.people["admin1"], b.people["vice"], b.people["boss"]
    day, given, made = city_date(at), {"by": admin, "at": at}, []
    bureau, east1 = Unit.objects.get(code="bureau"), b.people["east1"]
    yield "register_unit", lambda: organisation.register_unit(
        code="east", parent=Unit.objects.get(code="team"), name_zh="东山分局", name_en="", kind="branch",
        district_code="379901", **given,
    )  # fmt: skip
    yield (
        "register_person",
        lambda: organisation.register_person(
            username="new1", name="新人", unit=bureau, title="", **given
        ),
    )
    east = Unit.objects.get(code="east")
    yield "put_responsibility", lambda: organisation.put_responsibility(
        district=District.objects.get(code="379901"), matter="water", unit=east,
        user=type(east1).objects.get(pk=east1.pk), sponsor=vice, valid_from=day, **given,
    )  # fmt: skip
    yield (
        "put_group",
        lambda: made.append(
            organisation.put_group(
                Group(name="专班", kind="task", office=bureau, valid_from=day), **given
            )
        ),
    )
    group = made[-1]
    yield (
        "add_member",
        lambda: made.append(
            organisation.add_member(
                group=group, user=east1, part="member", valid_from=day, valid_to=None, **given
            )
        ),
    )
    yield "end_member", lambda: organisation.end_member(membership=made[-1], **given)
    yield (
        "put_shift",
        lambda: made.append(
            organisation.put_shift(
                day=day, span="day", unit=bureau, officer=vice, leader=None, **given
            )
        ),
    )
    shift = made[-1]
    organisation.put_shift(day=day, span="night", unit=bureau, officer=boss, leader=None, **given)
    yield (
        "hand_over",
        lambda: made.append(
            organisation.hand_over(shift=shift, text="无", open_matters="", by=vice, at=at)
        ),
    )
    yield "take_over", lambda: organisation.take_over(handover=made[-1], by=boss, at=at)
    yield (
        "ask_absence",
        lambda: made.append(
            organisation.ask_absence(
                deputy=vice,
                role="leader",
                valid_from=day,
                valid_to=day,
                reason="会议",
                by=boss,
                at=at,
            )
        ),
    )
    absence = made[-1]
    yield (
        "settle_absence",
        lambda: organisation.settle_absence(absence=absence, granted=True, **given),
    )
    yield "end_absence", lambda: organisation.end_absence(absence=absence, by=boss, at=at)


def _procedure_deeds(b: Bureau) -> Iterator[tuple[str, Act]]:
    at, head, admin = b.town.at, b.people["head"], b.people["admin1"]
    text = (files("qingyuan.casework") / "procedures" / "hazard.toml").read_text("utf-8")
    made: list[Any] = []
    yield "begin_draft", lambda: made.append(procedures.begin_draft(name="hazard", by=head, at=at))
    draft = made[-1]
    newer = re.sub(r'^version = "[^"]+"', 'version = "2099.1"', text, count=1, flags=re.M)
    yield (
        "save_draft",
        lambda: made.append(
            procedures.save_draft(draft=draft, text=newer, seen=draft.edition, by=head, at=at)
        ),
    )
    draft.refresh_from_db()
    yield "publish", lambda: procedures.publish(
        draft=type(draft).objects.get(name="hazard"), order_title="通知", order_number="1号",
        order_date=city_date(at) - timedelta(days=1), refused_reason="", by=admin, at=at,
    )  # fmt: skip
    assert ProcedureVersion.objects.filter(version="2099.1").exists()
    procedures.begin_draft(name="task", by=head, at=at)
    yield (
        "drop_draft",
        lambda: procedures.drop_draft(draft=type(draft).objects.get(name="task"), by=head, at=at),
    )


DEEDS: dict[str, Callable[[Bureau], Iterator[tuple[str, Act]]]] = {
    "petitions": _petition_deeds,
    "plans": _plan_deeds,
    "inspections": _inspection_deeds,
    "exchange": _exchange_deeds,
    "organisation": _organisation_deeds,
    "procedures": _procedure_deeds,
}
RUNS_ON = {  # deeds that are several transactions on purpose: what was reached stays, and is told
    "exchange.receive": "the file is received, then checked",
    "exchange.check": "a check says how far it has come",
    "exchange.recheck": "as a check",
    "exchange.write_confirmed": "what was refused stands again as a preview, which is said",
    "exchange.run_export": "the file lies ready for the second try",
}


# ── the machinery ───────────────────────────────────────────────────────────
class _FailAt:
    """Let statements through; the *n*-th that writes fails once. Notes the tables written."""

    def __init__(self, n: int = _NEVER) -> None:
        self.left, self.tables = n, set[str]()

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found = _WRITES.match(sql)
        if found is not None:
            self.tables.add(found[1] or _JOBS)
            self.left -= 1
            if self.left == 0:
                raise OperationalError("the connection was lost")
        return execute(sql, params, many, context)


def _rows(tables: set[str]) -> dict[str, str]:
    """Return what stands in *tables*, as one digest each."""
    with connection.cursor() as cursor:
        found = {}
        for table in sorted(tables):
            cursor.execute(f'SELECT md5(coalesce(string_agg(t::text, \'|\' ORDER BY t::text), \'\')) FROM "{table}" t')  # fmt: skip
            found[table] = cursor.fetchone()[0]
        return found


def _files() -> set[Path]:
    folder = django_settings.FOLDER.path
    return {p for p in folder.rglob("*") if p.is_file() and "secrets" not in p.parts}


def _tried(act: Act, fault: _FailAt) -> bool:
    """Do *act* under *fault*; whether it got to its end."""
    with connection.execute_wrapper(fault):
        try:
            act()
        except Exception:
            if fault.left > 0:
                raise  # not by our hand
            if connection.needs_rollback:  # a bare save marked the test's own transaction
                transaction.set_rollback(False)
            return False
    return True


def _fails_whole(name: str, act: Act) -> int:
    """Let write after write of *act* fail; return how many it has. In the end it is done."""
    dry = _FailAt()
    point = transaction.savepoint()
    assert _tried(act, dry)
    transaction.savepoint_rollback(point)
    assert dry.tables, f"{name} writes nothing: it is a question"
    before, lying = _rows(dry.tables), _files()
    for n in count(1):
        point = transaction.savepoint()
        fault = _FailAt(n)
        through = _tried(act, fault)
        if fault.left > 0:
            transaction.savepoint_commit(point)
            return n - 1
        if not through and name not in RUNS_ON:
            assert _rows(dry.tables) == before, f"{name}: write {n} left something behind"
            assert _files() <= lying, f"{name}: write {n} left a file"
        transaction.savepoint_rollback(point)
    raise AssertionError


@pytest.mark.parametrize("office", OFFICES)
def test_a_deed_is_done_whole_or_not_at_all(office: str, settings: Any, tmp_path: Path) -> None:
    settings.FOLDER = DataFolder(tmp_path / "data").create("city")
    writes: dict[str, int] = {}
    for name, act in DEEDS[office](Bureau(0)):
        writes[name] = _fails_whole(f"{office}.{name}", act)
    assert audit.verify() is None
    offered = import_module(f"qingyuan.web.{office}.services")
    deeds = {n for n in offered.__all__ if inspect.isfunction(getattr(offered, n))}
    questions = {q.partition(".")[2] for q in QUESTIONS if q.startswith(f"{office}.")}
    assert set(writes) == deeds - questions, "a deed is not in the table, or is no more"
