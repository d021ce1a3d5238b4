"""Unified social credit codes (统一社会信用代码), GB 32100-2015 and GB 11714-1997."""

from __future__ import annotations

__all__ = ["credit_code_of", "is_valid_credit_code", "organisation_code_of"]

# GB 32100-2015 表1：不使用 I、O、S、V、Z
_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))  # GB 32100-2015 表2：3^(i-1) mod 31
# GB 11714-1997 表1：组织机构代码本体代码的加权因子
_BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_BODY_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def organisation_code_of(body: str) -> str:
    """Return the nine characters of an organisation code for its eight-character *body*."""
    total = sum(w * _BODY_SIGNS.index(c) for w, c in zip(_BODY_WEIGHTS, body, strict=True))
    return body + "0123456789X"[(11 - total % 11) % 11]


def credit_code_of(first17: str) -> str:
    """Return the full code for its first seventeen characters (GB 32100-2015 4.6)."""
    total = sum(w * _SIGNS.index(c) for w, c in zip(_WEIGHTS, first17, strict=True))
    return first17 + _SIGNS[(31 - total % 31) % 31]


def is_valid_credit_code(code: str) -> bool:
    """Say whether *code* has eighteen legal signs and the right check sign."""
    return (
        len(code) == 18
        and all(sign in _SIGNS for sign in code)
        and credit_code_of(code[:17]) == code
    )
