"""A seeded, invented city (虚构城市): the files of a city folder, made from a skeleton.

`plan.toml` names the places, `trades.csv` what each trade discharges; the rest is drawn from one
seed. The same seed gives the same bytes.
"""

from qingyuan.synth.geography.make import DEMO_SEED, city_files, write_city

__all__ = ["DEMO_SEED", "city_files", "write_city"]
