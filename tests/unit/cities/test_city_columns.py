from dataclasses import fields

import pytest

from qingyuan.cities import model, table_files
from qingyuan.cities.columns import matters, roles

MODELS = {
    "districts.geojson": model.District,
    "units.csv": model.Unit,
    "people.csv": model.Person,
    "reaches.csv": model.Reach,
    "sections.csv": model.Section,
    "enterprises.csv": model.Enterprise,
    "outfalls.csv": model.Outfall,
    "profiles.csv": model.Profile,
    "limits.csv": model.Limit,
    "air_stations.csv": model.AirStation,
    "devices.csv": model.Device,
    "responsibility.csv": model.Responsibility,
}


def test_every_file_of_the_architecture_page_is_documented():
    assert set(table_files()) == {*MODELS, "rivers.geojson"}


def test_every_column_has_a_meaning_in_both_languages_and_a_known_type():
    known = {"text", "int", "number", "exact", "bool", "date", "codes", "credit_code", "mn"}
    for table in table_files().values():
        assert table.zh
        assert table.en
        for column in table.columns:
            assert column.zh, (table.name, column.name)
            assert column.en, (table.name, column.name)
            assert column.type in known, (table.name, column.name)


def test_every_reference_names_a_column_that_exists():
    for table in table_files().values():
        for column in table.columns:
            if column.ref:
                file, _, name = column.ref.partition(":")
                assert name in {c.name for c in table_files()[file].columns}


@pytest.mark.parametrize("file", MODELS)
def test_the_model_has_a_field_for_every_column_and_no_other(file):
    columns = {c.name for c in table_files()[file].columns}
    if file == "outfalls.csv":
        columns = columns - {"class"} | {"outfall_class"}
    own = {f.name for f in fields(MODELS[file])} - {"geometry", "line"}
    assert columns == own


def test_only_devices_have_a_column_for_passwords():
    holders = {t.name for t in table_files().values() for c in t.columns if "pass" in c.name}
    assert holders == {"devices.csv"}


def test_the_three_administrators_and_the_four_matters_are_there():
    assert {"system_admin", "security_admin", "audit_admin"} <= set(roles())
    assert set(matters()) == {"water", "outfall", "air", "source"}
