from pathlib import Path

from qingyuan.cities import read_city, shipped_city
from qingyuan.synth.geography import DEMO_SEED, city_files, write_city


def test_the_shipped_city_is_what_the_generator_writes_byte_for_byte():
    made = city_files(DEMO_SEED)
    shipped = {f.name: f.read_bytes() for f in Path(shipped_city("demo")).iterdir()}
    assert set(made) == set(shipped)
    assert [name for name in made if made[name] != shipped[name]] == []


def test_another_seed_makes_another_sound_city(tmp_path):
    write_city(tmp_path, seed=7)
    other = read_city(tmp_path)
    assert len(other.outfalls) == 300
    assert (tmp_path / "rivers.geojson").read_bytes() != city_files(DEMO_SEED)["rivers.geojson"]
