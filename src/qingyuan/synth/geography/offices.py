"""Offices, people and who answers for what (机构、人员、责任矩阵)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from qingyuan.cities.columns import matters
from qingyuan.synth.geography.economy import Economy
from qingyuan.synth.geography.land import Land
from qingyuan.synth.geography.plan import names, plan

__all__ = ["Offices", "make_offices"]

# code after the city's, parent, name, English, kind
_BUREAU = (
    ("", "", "市生态环境局", "Municipal Ecology and Environment Bureau", "bureau"),
    ("Z01", "", "综合协调科（综合组）", "Coordination Office", "office"),
    ("Z02", "", "指挥中心", "Command Centre", "office"),
    ("Z03", "", "水生态环境科", "Water Office", "office"),
    ("Z04", "", "大气环境科", "Air Office", "office"),
    ("Z05", "", "生态环境监测科", "Monitoring Office", "office"),
    ("Z06", "", "法规与行政审批科", "Law and Approvals Office", "office"),
    ("Z07", "", "信息中心", "Information Centre", "office"),
    ("F", "", "生态环境综合执法支队", "Enforcement Detachment", "team"),
    ("F01", "F", "执法一大队", "First Enforcement Brigade", "team"),
    ("F02", "F", "执法二大队", "Second Enforcement Brigade", "team"),
    ("F0101", "F01", "水环境执法中队", "Water Enforcement Squad", "team"),
    ("P01", "", "市水务局（联动部门）", "Water Authority (partner)", "partner"),
    (
        "P02",
        "",
        "市住房和城乡建设局（联动部门）",
        "Housing and Urban Construction (partner)",
        "partner",
    ),
    ("P03", "", "市农业农村局（联动部门）", "Agriculture (partner)", "partner"),
    ("P04", "", "市城市管理局（联动部门）", "City Management (partner)", "partner"),
    ("P05", "", "市交通运输局（联动部门）", "Transport (partner)", "partner"),
    ("P06", "", "市园林绿化局（联动部门）", "Parks and Gardens (partner)", "partner"),
    ("P07", "", "市综合行政执法局（联动部门）", "Integrated Enforcement (partner)", "partner"),
    ("P08", "", "市公安局交警支队（联动部门）", "Traffic Police (partner)", "partner"),
    ("P09", "", "市商务局（联动部门）", "Commerce (partner)", "partner"),
)
# unit, post, roles, how many
_POSTS = (
    ("", "局长", "leader", 1),
    ("", "副局长", "vice_leader", 2),
    ("Z01", "科长", "department_head", 1),
    ("Z02", "主任", "department_head", 1),
    ("Z02", "值班员", "duty_officer", 4),
    ("Z03", "科长", "department_head", 1),
    ("Z04", "科长", "department_head", 1),
    ("Z05", "科长", "department_head", 1),
    ("Z06", "科长", "department_head", 1),
    ("F", "支队长", "department_head", 1),
    ("F01", "大队长", "department_head", 1),
    ("F0101", "执法员", "district_officer", 2),
    ("Z07", "系统管理员", "system_admin", 1),
    ("Z07", "安全管理员", "security_admin", 1),
    ("Z07", "审计管理员", "audit_admin", 1),
)
_BRANCH_POSTS = (
    ("分局局长", "department_head"),
    ("水环境科员", "district_officer"),
    ("执法中队长", "district_officer"),
)
# partners with somebody who signs for them; named after everybody else
_LIAISONS = ("P01", "P02", "P04", "P05", "P06", "P07", "P08", "P09")

SIGNING = 16  # enterprises with a person


@dataclass(slots=True)
class Offices:
    """Rows ready to be written."""

    units: list[dict[str, object]] = field(default_factory=list)
    people: list[dict[str, object]] = field(default_factory=list)
    responsibility: list[dict[str, object]] = field(default_factory=list)


def _fresh_names(rng: np.random.Generator) -> Iterator[tuple[str, str, str]]:
    """Yield invented people: name, pinyin, sign-in name; nobody twice."""
    pairs = [(s, g) for s in names()["surnames"] for g in names()["given"]]
    taken: set[str] = set()
    for i in rng.permutation(len(pairs)):
        (surname, s_en), (given, g_en) = pairs[i]
        username = f"{s_en}.{g_en}".lower()
        if username not in taken and surname + given not in taken:
            taken |= {username, surname + given}
            yield surname + given, f"{s_en} {g_en}", username


def make_offices(seed: int, *, land: Land, economy: Economy, signing: list[str]) -> Offices:
    """Return the tree of offices, about sixty people and the responsibility matrix.

    The enterprises of *signing* come first among those that have a person who signs in.
    """
    city = plan()["city"]
    offices = Offices()
    people = _fresh_names(np.random.default_rng([seed, 41]))

    def add_person(unit: str, title: str, roles: str, enterprise: str = "") -> str:
        name, name_en, username = next(people)
        offices.people.append(
            {
                "username": username,
                "name": name,
                "name_en": name_en,
                "title": title,
                "unit_code": unit,
                "roles": roles,
                "enterprise_id": enterprise,
            }
        )
        return username

    for code, parent, name, en, kind in _BUREAU:
        offices.units.append(
            {
                "code": city["code"] + code,
                "parent_code": "" if kind == "bureau" else city["code"] + parent,
                "name": city["name"].removesuffix("市") + name if kind == "bureau" else name,
                "name_en": f"{city['name_en']} {en}" if kind == "bureau" else en,
                "kind": kind,
                "district_code": "",
            }
        )
    sponsors = []
    for unit, title, role, count in _POSTS:
        for _ in range(count):
            username = add_person(city["code"] + unit, title, role)
            if role == "vice_leader":
                sponsors.append(username)
    _branches(land, economy, offices, add_person, sponsors)
    for enterprise in list(dict.fromkeys(signing))[:SIGNING]:
        add_person("", "环保负责人", "enterprise", enterprise)
    for partner in _LIAISONS:
        add_person(city["code"] + partner, "联络员", "district_officer")
    return offices


def _branches(
    land: Land,
    economy: Economy,
    offices: Offices,
    add_person: Callable[..., str],
    sponsors: list[str],
) -> None:
    city = plan()["city"]
    for number, district in enumerate(land.districts):
        short = district.name.removesuffix("新区").rstrip("区县市")
        offices.units.append(
            {
                "code": district.code,
                "parent_code": city["code"],
                "name": f"{city['name']}生态环境局{short}分局",
                "name_en": f"{district.name_en} Branch",
                "kind": "branch",
                "district_code": district.code,
            }
        )
        offices.units.extend(
            {
                "code": town.code,
                "parent_code": district.code,
                "name": town.name,
                "name_en": town.name_en,
                "kind": "town",
                "district_code": district.code,
            }
            for town in economy.towns.values()
            if town.district.code == district.code
        )
        staff = [add_person(district.code, title, role) for title, role in _BRANCH_POSTS]
        for matter in matters():
            offices.responsibility.append(
                {
                    "district_code": district.code,
                    "matter": matter,
                    "unit_code": district.code,
                    "username": staff[2] if matter == "source" else staff[1],
                    "sponsor": sponsors[number % len(sponsors)],
                }
            )
