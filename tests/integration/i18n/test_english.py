"""Whoever reads English reads English: every page of every role, the city's own words apart."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.test import Client
from django.urls import Resolver404, resolve, reverse

from bureau import Bureau
from plan_office import whole_plan
from qingyuan import casework
from qingyuan.core.calendar import read_spans
from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.access import allows, rule_table
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.accounts.scope import role_names
from qingyuan.web.bulletins.models import Bulletin
from qingyuan.web.campaigns import services as campaigns
from qingyuan.web.campaigns.models import Campaign, Target, Team
from qingyuan.web.cases.models import Case, ProcedureVersion
from qingyuan.web.exchange.models import Import
from qingyuan.web.exchange.services.kept import put
from qingyuan.web.organisation.models import Group, Shift
from qingyuan.web.outfalls.services import issue_sign
from qingyuan.web.procedures.models import Draft
from qingyuan.web.procedures.services import begin_draft
from qingyuan.web.registry.models import Device, District, Outfall
from qingyuan.web.signals.models import Signal
from set_aside import set_one_aside

from .reading import CHINESE, links_of, strings_in, texts_of

ROLES = [
    "duty",
    "officer",
    "coordinator",
    "vice",
    "leader",
    "chemicals",
    "system",
    "security",
    "audit",
]
MOST_OF_ONE_ROUTE = 4
BOTH_LANGUAGES = {"trace-answer"}  # the exchange format says everything twice
NOT_PAGES = BOTH_LANGUAGES | {
    # the town is not inspected; tests/integration/inspections reads these in English
    "inspection-round", "inspection-record", "inspection-bulletin", "inspection-draw", "inspection-batch",
    "inspection-assign", "inspection-public", "inspection-file", "inspection-item", "inspection-text",
    "inspection-rule", "inspection-material", "inspection-look-back",
    "plan-paper", "campaign-paper", "campaign-photo", "campaign-file",
    # no taxi drives through the town; the story of two hot spots opens these
    "hotspot", "hotspot-card", "survey-slip-file", "survey-vehicle",
    # nobody of the town reported anything; tests/integration/petitions opens these in English
    "petition", "petition-report", "petition-look", "petition-photo", "petition-words",
    "petition-package", "petition-sample", "conduct-report",
    # no dust is registered in the town; tests/integration/dust opens these
    "dust-site", "dust-site-revise", "dust-lead", "dust-lead-file", "dust-round", "dust-visit", "dust-visit-file",
    "exchange-template", "exchange-export", "exchange-file", "exchange-import-errors", "exchange-import-live",
    "trace-report", "trace-folder", "channel",
    "air-place", "bulletin-register-row",  # the four-node town has neither stations nor rows
    "bulletin-pdf", "bulletin-docx", "bulletin-text", "case-file", "my-case-file", "case-book",
    "case-book-docx", "my-case-book", "hazards-export", "hazards-layer", "ledger-export", "favicon", "health", "home",
    "invitation", "notice-open", "mark-evidence", "sources-export", "sign-in", "demo-sign-in",
    "ui-gallery", "ui-gallery-card", "ui-gallery-layer", "ui-gallery-live", "ui-gallery-map", "ui-gallery-phone",
}  # fmt: skip
STANDARD = re.compile(
    r"(GB|HJ)[/T \d.-]+ [表附录]+ ?[\dA-Z]+"
)  # a clause as it is cited: GB 3838-2002 表1
# What people, the city and the law wrote; it stands as it was written in every language.
DATA = {
    "cases.CalendarChange": ["name", "notice", "entered_by", "withdrawn_by"],
    "accounts.Unit": ["name_zh"],
    "accounts.User": ["name", "title"],
    "audit.Entry": ["actor_label", "clause", "detail"],
    "bulletins.RegisterRow": ["values"],
    "bulletins.Step": ["by_label", "note"],
    "campaigns.Campaign": ["title", "document", "document_no", "made_by"],
    "campaigns.Listing": ["reason", "by"],
    "campaigns.Target": ["label"],
    "campaigns.Team": ["name"],
    "campaigns.Visit": ["finding", "problem"],
    "cases.Case": ["title", "summary", "origin_label", "opened_by"],
    "cases.Deed": ["by", "given", "clause"],
    "cases.ProblemItem": ["text"],
    "files.Attachment": ["name"],
    "organisation.Group": ["name"],
    "plans.Accountability": ["whom", "reason"],
    "plans.Evaluation": ["finding"],
    "plans.Issue": ["text"],
    "plans.IssuedDocument": ["title"],
    "plans.Node": ["title", "leader_name", "person_name"],
    "plans.NodeUnit": ["name"],
    "plans.Phase": ["title"],
    "plans.Plan": ["title"],
    "plans.Report": ["text"],
    "registry.City": ["name_zh", "note"],
    "registry.Enterprise": ["name_zh", "trade_zh", "address"],
    "registry.Outfall": ["outfall_class"],
    "registry.OutfallLimit": ["standard", "level"],
    "signals.Signal": ["note", "clause", "false_reason"],
}


def _kept() -> list[str]:
    """Return the Chinese texts of the tables of `DATA`, the longest first."""
    found: set[str] = set()
    for name, columns in DATA.items():
        for row in apps.get_model(name).objects.values_list(*columns):
            found.update(t.strip() for t in strings_in(list(row)) if CHINESE.search(t))
    found |= {line.strip() for text in list(found) for line in text.splitlines()}
    found |= {user.name[-2:] for user in User.objects.all()}  # as on the round badge
    found |= set(_law()) | set(_documents()) | {"环办〔2011〕22号"}
    return sorted(found, key=len, reverse=True)


def _law() -> Iterator[str]:
    """Yield the clauses of the procedures and the holiday notices: law stays in its own language."""
    yield from (span.notice for span in read_spans())
    for shipped in Path(casework.__file__).parent.glob("procedures/*.toml"):
        yield from _under({"clause", "mark"}, tomllib.loads(shipped.read_text("utf-8")))
    for version in ProcedureVersion.objects.all():
        yield from _under({"clause", "mark"}, tomllib.loads(version.text))


def _under(keys: set[str], value: Any) -> Iterator[str]:
    """Yield the texts that stand under one of *keys* anywhere in a document."""
    if isinstance(value, dict):
        yield from (v for k, v in value.items() if k in keys and isinstance(v, str))
        value = list(value.values())
    for inner in value if isinstance(value, list) else []:
        yield from _under(keys, inner)


def _documents() -> Iterator[str]:
    """Yield what names a bulletin and its parts; the text itself is marked as Chinese."""
    for bulletin in Bulletin.objects.all():
        yield from (bulletin.number, bulletin.content["title"], bulletin.content["dated"])
        yield bulletin.content_en["title"]
        yield from (section["heading"] for section in bulletin.content["sections"])


def _chinese(texts: list[str], kept: list[str]) -> list[str]:
    """Return the texts with Chinese left in them once data and classes are taken out."""
    found = []
    for text in texts:
        rest = text.replace("劣Ⅴ", "")
        for data in kept if CHINESE.search(rest) else ():
            rest = rest.replace(data, "")
        rest = STANDARD.sub("", rest)
        if CHINESE.search(rest):
            found.append(" ".join(text.split())[:160])
    return found


class Walk:
    """One person's way through every page they can reach, in English."""

    def __init__(self, username: str, *, on: date) -> None:
        self.user = User.objects.get(username=username)
        self.roles = role_names(self.user, on=on)
        self.client = Client()
        self.client.force_login(self.user)
        self.client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        self.routes: Counter[str] = Counter()

    def answers(self, first: list[str]) -> Iterator[tuple[str, str, str, str]]:
        """Yield (route, address, kind, body), following links; a route is looked at a few times."""
        seen = {link for link in first if self._is_worth_a_look(link)}
        waiting = sorted(seen)
        while waiting:
            address = waiting.pop(0)
            answer = self.client.get(address)
            kind = answer.get("Content-Type", "")
            new = []
            if answer.status_code == 302:
                new = [answer["Location"]]
            elif answer.streaming:
                list(answer.streaming_content)  # read to its end, a file closes itself
            elif answer.status_code == 404 and address in first:
                continue  # an address typed by hand; this person may not see the thing
            elif "html" in kind or "json" in kind:
                assert answer.status_code == 200, (self.user, address, answer.status_code)
                body = answer.content.decode()
                yield answer.resolver_match.url_name, address, kind, body
                new = links_of(body) if "html" in kind else []
            for link in (urljoin(address, each).partition("#")[0] for each in new):
                if link not in seen and self._is_worth_a_look(link):
                    seen.add(link)
                    waiting.append(link)

    def _is_worth_a_look(self, link: str) -> bool:
        try:
            name = resolve(urlsplit(link).path).url_name or ""
        except Resolver404:
            return False
        if "format=json" in link:  # an explanation for programs says everything twice
            return False
        if urlsplit(link).netloc or name in BOTH_LANGUAGES or not allows(name, "GET", self.roles):
            return False
        self.routes[name] += 1
        return self.routes[name] <= MOST_OF_ONE_ROUTE


def _unlinked() -> list[str]:
    """Return addresses that no link leads to: layers, cards, live parts, the public's own pages."""
    public = [reverse(name) for name in ("public-report", "public-progress", "public-conduct")]
    alarm = Signal.objects.get(kind="exceedance", object_code="S2", factor="w21003")
    layers = ["sections", "rivers", "outfalls", "air", "enterprises", "cases", "districts"]
    cards = [
        ("sections", "S2"),
        ("outfalls", "O1"),
        ("enterprises", "E2"),
        ("cases", alarm.case_ref),
    ]
    found = [reverse("map-layer", args=[name]) for name in layers]
    found += [reverse("map-card", args=card) for card in cards if card[1]]
    found += [reverse(name) for name in ("signals-live", "notices", "search", "password-change")]
    found += [f"{reverse('search')}?q=桥", reverse("access-table"), reverse("silences")]
    for name in (
        "trace",
        "trace-live",
        "trace-sample",
        "trace-suspects",
        "trace-rivers",
        "trace-plume",
        "trace-round",
    ):
        found.append(reverse(name, args=[alarm.pk]))
    found.append(f"{reverse('trace-why', args=[alarm.pk])}?outfall=O1")
    found += [f"{reverse('river-here')}?lon=120.1&lat=36.3", reverse("outfalls-coverage")]
    found += [
        reverse(f"outfall{part}", args=["O1"])
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
    ]
    found += [
        reverse("air-layer"),
        reverse("surveys-roads"),
        reverse("surveys-hours"),
        reverse("surveys-spots"),
        *public,
    ]
    found += _planned(at=alarm.first_at)
    found += _organised(at=alarm.first_at)
    found += _campaigned(at=alarm.first_at)
    found.append(reverse("exchange-import", args=[_brought(at=alarm.first_at)]))
    sign = issue_sign(
        Outfall.objects.get(code="O1"), by=User.objects.get(username="duty"), at=alarm.first_at
    )
    found.append(reverse("outfall-public", args=[sign.token]))
    case = Case.objects.order_by("pk")[0]
    found += [reverse("section-series", args=["S2"]), reverse("case-live", args=[case.number])]
    device = Device.objects.get(station="section:S2")
    for name in ("device", "device-live", "device-month", "device-edit", "device-mark"):
        found.append(reverse(name, args=[device.mn]))
    found += [reverse("device-command", args=[device.mn, cn]) for cn in ("1061", "2061")]
    found.append(f"{reverse('bulletin-slips')}?day=2020-01-01")
    found += [f"{reverse('air')}?period={period}" for period in ("hour", "day", "month")]
    found += [reverse("quarantine-packet", args=[3, 4096]), f"{reverse('device-accept')}?mn=B3799"]
    return found


def _planned(*, at: datetime) -> list[str]:
    """Let the coordinator keep a plan with one of everything; return its forms."""
    named = {name: User.objects.get(username=name) for name in ("coordinator", "officer", "vice")}
    plan = whole_plan(by=named["coordinator"], person=named["officer"], leader=named["vice"], at=at)
    node = plan.nodes.filter(kind="task").order_by("path")[0]
    found = [reverse(f"plan{part}", args=[plan.code]) for part in ("", "-phases", "-text", "-add", "-missing", "-dispatch", "-evaluation", "-indicators")]  # fmt: skip
    found += [reverse(f"plan-node{part}", args=[node.pk]) for part in ("", "-revise", "-report", "-document", "-account", "-evaluate")]  # fmt: skip
    return [*found, reverse("plans"), reverse("plan-leader", args=["vice"])]


def _organised(*, at: datetime) -> list[str]:
    """Let there be a task force, a shift of the duty officer and a draft; return their pages."""
    day, officer = city_date(at), User.objects.get(username="duty")
    head = User.objects.filter(grants__role="department_head").order_by("pk")[0]
    office = officer.unit or Unit.objects.order_by("path")[0]
    kept = {"made_by": head.name, "made_at": at}
    group = Group.objects.create(
        name="夜间异味专班", kind="task", office=office, valid_from=day, **kept
    )
    shift = Shift.objects.create(
        day=day, span="day", unit=office, officer=officer, put_by=head.name, put_at=at
    )
    if not Draft.objects.filter(name="exceedance").exists():
        begin_draft(name="exceedance", by=head, at=at)
    return [
        reverse("group", args=[group.pk]),
        reverse("group-edit", args=[group.pk]),
        reverse("duty-hand-over", args=[shift.pk]),
        reverse("procedure-draft", args=["exceedance"]),
    ]


def _campaigned(*, at: datetime) -> list[str]:
    """Let a campaign run with a list, a district's task, a team, a visit made and one to make."""
    day = city_date(at)
    head, officer, duty = (User.objects.get(username=n) for n in ("coordinator", "officer", "duty"))
    campaign = campaigns.make_campaign(
        Campaign(
            title="蓝盾行动", document="蓝盾行动方案", document_no="环办发1号", issued_on=day, lead=head.unit,
            starts_on=day, ends_on=day + timedelta(days=60),
        ),
        joint=[duty.unit], by=head, at=at,
    )  # fmt: skip
    campaigns.list_objects(campaign, rule={"kind": "enterprise"}, reason="依方案", by=head, at=at)
    target = Target.objects.filter(campaign=campaign).order_by("pk")[0]
    place = District.objects.get(code=officer.unit.district_code)
    campaigns.ask_sub_plan(
        campaign, district_code=place.code, person=officer, quota=2, finish_on=campaign.ends_on, by=head, at=at
    )  # fmt: skip
    team = campaigns.make_team(
        Team(campaign=campaign, name="一组", kind="inspect", unit=head.unit, from_on=day, to_on=day),
        districts=list(District.objects.all()), members=[officer], head=duty, by=head, at=at,
    )  # fmt: skip
    visits = [
        campaigns.add_place(team, label=f"{n}号点", district=place, by=duty, at=at) for n in (1, 2)
    ]
    campaigns.plan_visits(team, [target], by=head, at=at)
    campaigns.record_visit(visits[0], result="none", finding="正常", by=duty, at=at)
    number = campaign.number
    found = [reverse(f"campaign{n}", args=[number]) for n in ("", "-change", "-listing", "-objects", "-visits", "-ask", "-team-add", "-sweep", "-close")]  # fmt: skip
    found += [reverse(f"campaign-{n}", args=[team.pk]) for n in ("team", "field", "place")]
    found += [reverse("campaign-visit", args=[visit.pk]) for visit in visits]
    return [*found, reverse("campaign-district", args=[number, place.code])]


def _brought(*, at: datetime) -> UUID:
    """Let the coordinator have an import that waits, with everything a preview says."""
    owner = User.objects.filter(grants__role="department_head").order_by("pk")[0]
    report = {
        "sheet": "a", "hidden": 1, "hidden_lines": "3", "merged_count": 1, "notes": [{"row": 9, "text": "x"}],
        "merged": [{"cells": "A2:A3", "column": "名称", "column_en": "Name", "value": "x", "rows": 1}],
        "ignored": ["y"], "other_sheets": ["b"], "moved_count": 1, "moved": [{"row": 2, "was": "new", "is": "wrong"}],
        "new": [{"row": 2, "key": "N1"}],
        "changed": [{"row": 3, "key": "N2", "fields": [{"zh": "名称", "en": "Name", "was": "a", "is": "b"}]}],
    }  # fmt: skip
    row = Import.objects.create(
        importer="registry.enterprises", title_zh="企业", title_en="Enterprises", name="firms.xlsx", size=1,
        sm3="0" * 64, by=owner, at=at, state="ready", total=3, new=1, changed=1, wrong=1, report=report,
    )  # fmt: skip
    fault = Problem("exchange.not_number", column="Flow", value="x")
    put(row.pk, "errors.xlsx", b"x")
    row.faults.create(
        row=4, cell="C4", column_zh="流量", column_en="Flow", zh=fault.zh, en=fault.en
    )
    return row.pk


def test_every_page_of_every_role_is_english(town: Bureau) -> None:
    set_one_aside(settings.FOLDER.store, at=town.at)
    first = ["/", *_unlinked()]
    kept = _kept()
    left: dict[str, str] = {}
    visited: Counter[str] = Counter()
    for username in ROLES:
        walk = Walk(username, on=city_date(town.at))
        for route, address, kind, body in walk.answers(first):
            visited[route] += 1
            for text in _chinese(texts_of(body, kind), kept):
                left.setdefault(text, f"{username} {address}")
    assert not left, "\n".join(f"{text!r} at {where}" for text, where in left.items())
    pages = {name for name, rule in rule_table().items() if "GET" in rule.methods}
    assert pages - visited.keys() <= NOT_PAGES, sorted(pages - visited.keys() - NOT_PAGES)


def test_forms_say_in_english_what_is_missing(town: Bureau) -> None:
    alarm = Signal.objects.get(kind="exceedance", object_code="S2", factor="w21003")
    kept = _kept()
    refused = [
        ("duty", reverse("case-open")),
        ("duty", reverse("signal-report")),
        ("duty", reverse("signal-false", args=[alarm.pk])),
        ("duty", reverse("signal-silence", args=[alarm.pk])),
        ("duty", reverse("trace-sample", args=[alarm.pk])),
        ("coordinator", reverse("rules-publish")),
        ("duty", reverse("password-change")),
    ]
    for username, address in refused:
        client = Walk(username, on=city_date(town.at)).client
        answer = client.post(address, {})
        assert answer.status_code == 422, (address, answer.status_code)
        assert _chinese(texts_of(answer.content.decode(), "html"), kept) == [], address
