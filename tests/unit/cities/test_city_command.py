import json

import pytest

from qingyuan.cities import read_city, shipped_city
from qingyuan.cli import main


def test_a_sound_folder_is_counted(capsys):
    assert main(["city", "check", str(shipped_city("four_nodes")), "--json"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert (row["ok"], row["reaches"], row["outfalls"]) == (True, 3, 3)


def test_a_faulty_folder_ends_with_one_and_says_everything(tmp_path, capsys):
    assert main(["city", "check", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert "units.csv" in said
    assert "没有 reaches.csv" in said
    assert main(["city", "check", str(tmp_path), "--json"]) == 1
    assert not json.loads(capsys.readouterr().out)["ok"]


@pytest.mark.parametrize("name", ["out.txt", "out.txt.gz"])
def test_packets_of_an_invented_city_are_written_to_a_file(tmp_path, name):
    out = tmp_path / name
    assert main(["synth", "packets", "--hours", "0.5", "--out", str(out)]) == 0
    assert out.stat().st_size > 500


def test_the_truth_of_a_seed_is_told(capsys):
    assert main(["synth", "truth"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert (row["role"], row["outfall_id"], row["section"]) == ("main", "O2", "S2")


def test_a_city_of_ones_own_seed_can_be_written_and_read(tmp_path):
    assert main(["synth", "city", "--seed", "3", "--out", str(tmp_path / "city")]) == 0
    assert len(read_city(tmp_path / "city").districts) == 10
