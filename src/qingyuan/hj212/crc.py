"""Checksums (校验): the CRC of HJ 212, and its look-alikes met in the field.

HJ 212-2017 附录A "ANSI CRC16" is not Modbus CRC-16: before each byte the register is shifted right
by eight, so its low byte is thrown away. Only 256 different values can occur, and the value depends
on nothing but the XOR of the bytes in each of eight columns; `crc16` uses that for speed.
"""

from __future__ import annotations

__all__ = ["checksum", "crc16", "match", "modbus16"]


def _eight_steps(register: int) -> int:
    for _ in range(8):
        register = (register >> 1) ^ 0xA001 if register & 1 else register >> 1
    return register


_TABLE = tuple(_eight_steps(byte) for byte in range(256))
_TEXT = {value: b"%04X" % value for value in (*_TABLE, 0xFFFF)}
_GROUPS = 256
_FOLDS = tuple((64 * half, (1 << 64 * half) - 1) for half in range(_GROUPS + 1))


def crc16(segment: bytes) -> int:
    """Return the HJ 212 checksum of a data segment (HJ 212-2017 附录A).

    Parameters
    ----------
    segment : bytes
        Everything between the length field and the checksum.

    Returns
    -------
    int
        0..65535; 0xFFFF for an empty segment.

    Notes
    -----
    Eight bytes bring the register back to the same map, so all groups of eight may be XORed
    together first (big integers, halving) and the table run over one group only.

    Examples
    --------
    >>> f"{crc16(b'123456789'):04X}"
    '2F80'
    """
    size = len(segment)
    if not size:
        return 0xFFFF
    value = int.from_bytes(segment, "big") ^ (0xFF << 8 * (size - 1))
    groups = (size + 7) >> 3
    while groups > 1:
        groups = (groups + 1) >> 1
        if groups <= _GROUPS:
            bits, mask = _FOLDS[groups]
        else:
            bits, mask = 64 * groups, (1 << 64 * groups) - 1
        value = (value >> bits) ^ (value & mask)
    table = _TABLE
    a, b, c, d, e, f, g, h = value.to_bytes(8, "big")
    register = table[(table[(table[(table[a] >> 8) ^ b] >> 8) ^ c] >> 8) ^ d]
    return table[(table[(table[(table[(register >> 8) ^ e] >> 8) ^ f] >> 8) ^ g] >> 8) ^ h]


def checksum(segment: bytes) -> bytes:
    """Return the checksum as it is sent: four upper-case hexadecimal digits."""
    return _TEXT[crc16(segment)]


def modbus16(segment: bytes) -> int:
    """Return the plain Modbus CRC-16, which some loggers send by mistake (hj212.md §6.1)."""
    register = 0xFFFF
    table = _TABLE
    for byte in segment:
        register = (register >> 8) ^ table[(register ^ byte) & 0xFF]
    return register


def match(segment: bytes, given: int) -> str:
    """Name the checksum that *given* is: standard, modbus, modbus-swapped or unknown."""
    if given == crc16(segment):
        return "standard"
    plain = modbus16(segment)
    if given == plain:
        return "modbus"
    if given == ((plain & 0xFF) << 8 | plain >> 8):
        return "modbus-swapped"
    return "unknown"
