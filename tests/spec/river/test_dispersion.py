"""The error of the dispersion formulas, reproduced on field values."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from qingyuan.river.dispersion import DISPERSION_LN_SD, FORMULAS

title = "纵向离散系数公式与 51 个实测值 / dispersion formulas against 51 field values"

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def field_values(shared_data: Path) -> dict[str, np.ndarray]:
    path = shared_data / "water" / "tracer" / "dispersion_coefficients_us_rivers.csv"
    rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))
    return {key: np.array([float(r[key]) for r in rows]) for key in rows[0]}


def _errors(name: str, field: dict[str, np.ndarray]) -> np.ndarray:
    predicted = FORMULAS[name](field["B_m"], field["H_m"], field["U_m_s"], field["ustar_m_s"])
    return np.log(predicted / field["Kx_m2_s"])


@pytest.mark.parametrize(
    ("name", "rms", "within_two"),
    [
        pytest.param("Disley et al. 2015", 0.62, 0.78, id="Disley-2015-本平台所用"),
        pytest.param("Deng et al. 2001", 0.69, 0.69, id="Deng-2001"),
        pytest.param("Zeng & Huai 2014", 0.70, 0.69, id="Zeng-Huai-2014"),
        pytest.param("Sahay & Dutta 2009", 0.70, 0.65, id="Sahay-Dutta-2009"),
        pytest.param("Seo & Cheong 1998", 0.73, 0.69, id="Seo-Cheong-1998"),
        pytest.param("Etemad-Shahidi & Taghipour 2012", 0.85, 0.67, id="Etemad-Shahidi-2012"),
        pytest.param("Iwasa & Aya 1991", 0.94, 0.55, id="Iwasa-Aya-1991"),
        pytest.param("Liu 1977", 0.96, 0.61, id="Liu-1977"),
        pytest.param("Kashefipour & Falconer 2002", 1.03, 0.65, id="Kashefipour-2002"),
        pytest.param("Koussis & Rodríguez-Mirasol 1998", 1.12, 0.51, id="Koussis-1998"),
        pytest.param("Fischer 1975", 1.19, 0.43, id="Fischer-1975"),
        pytest.param("Elder 1959", 4.92, 0.0, id="Elder-1959-无横向剪切"),
    ],
)
def test_error_of_each_formula(
    field_values: dict[str, np.ndarray], name: str, rms: float, within_two: float
) -> None:
    off = _errors(name, field_values)
    assert np.sqrt(np.mean(off**2)) == pytest.approx(rms, abs=0.006)
    assert np.mean(np.abs(off) <= np.log(2)) == pytest.approx(within_two, abs=0.006)


def test_the_error_we_assume_is_no_smaller_than_the_one_measured(
    field_values: dict[str, np.ndarray],
) -> None:
    off = _errors("Disley et al. 2015", field_values)
    assert np.sqrt(np.mean(off**2)) <= DISPERSION_LN_SD
