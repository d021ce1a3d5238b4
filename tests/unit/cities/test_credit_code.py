import pytest

from qingyuan.cities import credit_code_of, is_valid_credit_code
from qingyuan.cities.credit_code import organisation_code_of


@pytest.mark.parametrize(
    ("body", "code"),
    [
        # GB 11714-1997 的算法手算：Σ=3·0+7·0+…，D2143569 → X（标准附录算例）
        pytest.param("D2143569", "D2143569X", id="GB11714-附录算例-校验码为X"),
        pytest.param("00000000", "000000000", id="GB11714-余数为零-校验码为0"),
    ],
)
def test_check_digit_of_an_organisation_code(body, code):
    assert organisation_code_of(body) == code


def test_check_sign_worked_by_hand():
    # Σ over "9"·1 + "1"·3 + zeros = 12; 31 − 12 = 19 → the 20th sign, K
    assert credit_code_of("91" + "0" * 15) == "91" + "0" * 15 + "K"


def test_one_wrong_sign_is_noticed():
    good = credit_code_of("91980101MA0000015")
    assert is_valid_credit_code(good)
    for i in range(18):
        other = "2" if good[i] != "2" else "3"
        assert not is_valid_credit_code(good[:i] + other + good[i + 1 :])


@pytest.mark.parametrize("text", ["", "91", "9198010IMA00000151", "9" * 19])
def test_what_is_no_code_is_refused(text):
    assert not is_valid_credit_code(text)
