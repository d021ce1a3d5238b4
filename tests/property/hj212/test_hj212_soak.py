"""A share of the soak: spoilt frames never raise, never hide a good one, never fill the memory."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

_PATH = Path(__file__).resolve().parents[3] / "bench/hj212/soak.py"


@pytest.mark.parametrize("seed", [1, 2])
def test_ten_thousand_spoilt_frames(seed: int):
    spec = spec_from_file_location("hj212_soak", _PATH)
    assert spec is not None
    assert spec.loader is not None
    soak = module_from_spec(spec)
    spec.loader.exec_module(soak)
    found = soak.soak(5000, seed=seed)
    assert found["broken"] == []
    assert found["verdicts"]["valid"] >= 2500, "every second frame is good"
    assert found["verdicts"]["rejected"] > 2500
    assert found["most_bytes_held"] <= soak.HELD
