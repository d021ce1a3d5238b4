import shutil
from decimal import Decimal

import pytest

from qingyuan.cities import read_city, shipped_city
from qingyuan.core.problems import Problems


@pytest.fixture
def town(tmp_path):
    return shutil.copytree(shipped_city("four_nodes"), tmp_path / "town")


def edit(folder, file, old, new, count=1):
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, count), "utf-8")


def faults(folder):
    with pytest.raises(Problems) as caught:
        read_city(folder)
    return caught.value.problems


def test_the_four_node_town_reads_without_a_fault():
    town = read_city(shipped_city("four_nodes"))
    assert [r.to_reach_id for r in town.reaches] == ["R2", "R3", ""]
    assert [len(town.sections), len(town.outfalls), len(town.enterprises)] == [2, 3, 3]
    assert town.fictional
    assert town.epoch.isoformat() == "2026-09-22T08:30:00+08:00"
    assert town.limits[1].limit == Decimal("15")
    assert town.devices[0].factors["w21003"] == "mg/L"
    assert town.responsible_for("980201", "water").username == "officer"
    assert town.responsible_for("980201", "noise") is None
    assert town.reaches[0].line[0] == (120.34, 36.6486)


def test_passwords_stay_out_of_what_is_printed():
    town = read_city(shipped_city("four_nodes"))
    assert town.devices[0].password == "210001"
    assert "210001" not in repr(town.devices[0])


def test_all_faults_of_all_files_are_told_at_once(town):
    edit(town, "outfalls.csv", "O1,,", ",,")
    edit(town, "sections.csv", "S2,下桥", "S1,下桥")
    edit(town, "reaches.csv", "0.000287", "很小")
    codes = {p.code for p in faults(town)}
    assert {"cities.empty", "cities.duplicate", "cities.not_a_number"} <= codes


def test_a_fault_says_file_row_column_and_value_in_both_languages(town):
    edit(town, "outfalls.csv", "R2,1800,left", "R2,遥远,left")
    fault = faults(town)[0]
    for sentence in (fault.zh, fault.en):
        for part in ("outfalls.csv", "3", "position_m", "遥远"):
            assert part in sentence


CASES = [
    ("outfalls.csv", "R2,1800,left", "R9,1800,left", "cities.unknown_reference"),
    ("outfalls.csv", "R2,1800,left", "R2,9800,left", "cities.beyond_reach"),
    ("outfalls.csv", "R2,1800,left", "R2,1800,middle", "cities.not_in_list"),
    ("outfalls.csv", "0.12,1,1", "0.12,1,也许", "cities.not_a_bool"),
    ("outfalls.csv", "0.12,1,1", "0.12,1,1,1", "cities.ragged_row"),
    ("sections.csv", "120.34,36.60812", "36.60812,120.34", "cities.out_of_range"),
    ("sections.csv", "Ⅲ", "3", "cities.not_in_list"),
    ("reaches.csv", "R3,,", "R3,R1,", "cities.cycle"),
    ("rivers.geojson", '"R3"', '"R2"', "cities.no_line"),
    ("rivers.geojson", "[120.34,36.6486]", "[400000,36.6486]", "cities.bad_geometry"),
    ("districts.geojson", '"Polygon"', '"Point"', "cities.bad_geometry"),
    ("districts.geojson", "{", "", "cities.bad_document"),
    ("enterprises.csv", "91980201MA00000238,", "91980201MA00000237,", "cities.bad_credit_code"),
    ("devices.csv", "A98020000021000000000001", "A9802000002100000000000G", "cities.bad_mn"),
    ("devices.csv", "section:S1", "section:S7", "cities.unknown_station"),
    ("devices.csv", "w01010:℃", "w01010", "cities.bad_factors"),
    ("devices.csv", "mg/L,60,1", "mg/L,5,1", "cities.out_of_range"),
    ("devices.csv", "mg/L,60,1", "mg/L,60.5,1", "cities.not_an_integer"),
    ("responsibility.csv", "980201,air,980201,officer,vice\n", "", "cities.no_responsible"),
    ("responsibility.csv", "980201,officer", "980201F,officer", "cities.wrong_person"),
    ("units.csv", "980200Z01,980200", "980200Z01,", "cities.unit_root"),
    ("units.csv", "980200F,980200", "980200F,980200F", "cities.unit_cycle"),
    ("people.csv", "leader,", "enterprise,", "cities.person_nowhere"),
    ("people.csv", ",enterprise,E1", ",enterprise;leader,E1", "cities.person_nowhere"),
    ("people.csv", ",audit_admin,", ",audit_admin;leader,", "cities.mixed_admin"),
    ("people.csv", "enterprise_id", "enterprise_id,口令", "cities.secret_column"),
    ("limits.csv", "2021-01-01", "2021年", "cities.not_a_date"),
    ("units.csv", "name_en,kind", "name_en,sort", "cities.missing_column"),
    ("city.toml", "epoch = 2026-09-22T08:30:00+08:00", "epoch = 2026-09-22", "cities.bad_document"),
]


@pytest.mark.parametrize(
    ("file", "old", "new", "code"), CASES, ids=[c[3] + "-" + c[0] for c in CASES]
)
def test_what_is_wrong_is_named(town, file, old, new, code):
    if code == "cities.person_nowhere" and old == "leader,":
        edit(town, file, "980200,leader,", "980200,enterprise,")
    else:
        edit(town, file, old, new)
    assert code in {p.code for p in faults(town)}


def test_a_missing_file_is_named_unless_it_is_optional(town):
    (town / "profiles.csv").unlink()
    assert read_city(town).profiles == ()
    (town / "units.csv").unlink()
    assert "cities.missing_file" in {p.code for p in faults(town)}


def test_text_that_is_not_utf8_is_named(town):
    (town / "units.csv").write_bytes("编号,名称".encode("gb18030"))
    assert "cities.not_utf8" in {p.code for p in faults(town)}


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(town):
    path = town / "units.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert len(read_city(town).units) == 8


def test_an_undocumented_column_is_kept_out_with_a_note(town):
    edit(town, "sections.csv", "interval_min", "interval_min,备注")
    edit(town, "sections.csv", "Ⅲ,river,1", "Ⅲ,river,1,新建", count=9)
    assert read_city(town).notes == ("sections.csv: 备注",)
