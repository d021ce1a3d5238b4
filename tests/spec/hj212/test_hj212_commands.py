"""Every row of the command table, each way it flows, in every dialect that has it."""

from __future__ import annotations

import csv
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from qingyuan import hj212
from qingyuan.hj212 import Packet, parse, render
from qingyuan.hj212.tables import request_command, upload_command

title = "HJ 212-2017 表9 命令 / commands, both directions, as the tables describe them"

pytestmark = pytest.mark.shared
DIALECTS = {
    "in_2005": ("2005", "88888880000001"),
    "in_2017": ("2017", "010000A8900016F000169DC0"),
    "in_2025": ("2025", "010000A8900016F000169DC0"),
    "in_surface_water_dialect": ("surface-water", "A110000_0001"),
}
_TIMES = {
    "SystemTime",
    "RestartTime",
    "BeginTime",
    "EndTime",
    "DataTime",
    "AlarmTime",
    "SKCreateTime",
}
_VALUES = {"PolId": "w01018", "InfoId": "i12001", "CTime": "2", "Ctime": "2", "NewSK": "0" * 16}


def example(template: str) -> str:
    """Write the data area a template describes: ``DataTime;{x-Rtd,x-Flag}`` and the like."""
    template = template.partition("|")[0].replace("...", "")
    template = re.sub(r"\([^)]*\)|2025 .*|2\d\d\d uploads|\+ MN.*|noise:.*", "", template)
    items = []
    for word in re.findall(r"[A-Za-z0-9*_-]+", template):
        name = word.replace("PolId-", "w01018-").replace("i*", "i12001").replace("L*", "LA")
        name = re.sub(r"^x-SN$", "w01018-SN", name)
        name = re.sub(r"^x-", "w01018-", name).replace("SBn", "SB1").replace("-Zs*", "-ZsAvg")
        suffix = name.rpartition("-")[2]
        if name in _TIMES or suffix in ("SampleTime", "CompleteTime"):
            items.append(f"{name}=20160801084000")
        elif suffix in ("Flag", "EFlag"):
            items.append(f"{name}=N")
        elif name in _VALUES or "-" in name or name[0].isupper():
            items.append(f"{name}={_VALUES.get(name, '1')}")
    return ";".join(dict.fromkeys(items))


def rows(shared_data: Path) -> list[dict[str, str]]:
    with (shared_data / "hj212/commands.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def test_every_command_is_written_and_read_both_ways(shared_data: Path):
    spoken = 0
    for row in rows(shared_data):
        for column, (dialect, mn) in DIALECTS.items():
            if row[column] != "1":
                continue
            for way, template in (
                ("down", row["cp_platform_to_site"]),
                ("up", row["cp_site_to_platform"]),
            ):
                if row["direction"] not in (way, "both"):
                    continue
                find = request_command if way == "down" else upload_command
                command = find(row["cn"], dialect)
                assert command is not None, (row["cn"], way)
                assert dialect in command.versions.split(), (row["cn"], way, dialect)
                area = example(template)
                st = (
                    "91"
                    if row["type"] == "interaction"
                    else next(
                        (code for part, code in (("LA-", "23"), ("a01901", "31")) if part in area),
                        "32",
                    )
                )
                flag = hj212.dialect_of(dialect).sends << 2
                packet = Packet(
                    "20160801085857223", st, row["cn"], "123456", mn, flag, None, None, "",
                    area,
                )  # fmt: skip
                raw = render(packet)
                read = parse(raw, dialect=dialect)
                assert read == packet
                assert read.verdict == "valid"
                odd = set(read.reasons) - {"area.repeated"}
                assert not odd, (row["cn"], way, dialect, packet.area, read.deviations)
                assert render(read) == raw
                spoken += 1
    assert spoken == 200


def test_all_dialogues_keep_their_bytes_through_any_split(shared_data: Path):
    """表C: the whole conversation as one stream, cut at every length from 1 to 97."""
    whole = b""
    for line in (shared_data / "hj212/dialogues_2017.jsonl").read_text("utf-8").splitlines():
        for step in json.loads(line)["steps"]:
            if not step["elided"]:
                whole += hj212.frame(step["data_segment"].encode())
    expected = hj212.Framer().feed(whole)
    assert b"".join(render(parse(event)) for event in expected) == whole
    for size in (1, 2, 3, 5, 7, 11, 13, 31, 97):
        framer = hj212.Framer()
        events = [
            e for at in range(0, len(whole), size) for e in framer.feed(whole[at : at + size])
        ]
        assert events == expected


def test_1014_is_a_key_in_2025_and_a_clock_in_surface_water():
    assert request_command("1014", "2025").area_down == "SKCreateTime;NewSK"
    assert request_command("1014", "surface-water").area_up == "SystemTime"


def test_old_and_new_factor_codes_walk_across_and_back(shared_data: Path):
    with (shared_data / "hj212/factor_codes_2005_to_2017.csv").open(encoding="utf-8") as lines:
        old = list(csv.DictReader(lines))
    back: dict[tuple[str, str], set[str]] = {}
    for row in old:
        st = "32" if "water" in row["annex_table"] else "31" if "air" in row["annex_table"] else ""
        modern = hj212.factor_2017(row["code_2005"], st=st)
        if st and modern is not None:
            assert modern == row["code_2017"]
            back.setdefault((st, modern), set()).add(row["code_2005"])
            assert modern in hj212.annex_b()
    assert len(back) > 80
    assert hj212.factor_2017("011", st="31") is None, "a water code in air stays as sent"


def test_codes_outside_the_tables_are_kept(shared_data: Path):
    path = shared_data / "hj212/codes_seen_outside_the_tables.csv"
    with path.open(encoding="utf-8") as lines:
        codes = [row["code"] for row in csv.DictReader(lines)]
    at = datetime(2016, 8, 1, tzinfo=UTC)
    raws = hj212.uploads(
        cn="2011", mn="0" * 24, st="31", pw="123456", qn=at, data_time=at + timedelta(hours=1),
        values={code: {"Rtd": "1.5"} for code in codes},
    )  # fmt: skip
    found = [code for raw in raws for code, _ in parse(raw).readings]
    assert found == codes
    assert len(codes) == 78
