"""The 64 bits of a watermark: version, maker, whether the file was signed, which run, and a checksum. Pure."""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from reenact.types import Array

Bits = npt.NDArray[np.bool_]
"""(64,) True is 1; the first is the highest."""

BITS = 64
VERSION = 1
MAKER = 0x4E7
"""12 bits: this project among all that may use the same scheme."""
MISREAD_AT_MOST = 3
"""Of the 16 bits of version and maker; by chance that happens once in a hundred times."""
DOUBTFUL = 10
"""Bits that may be turned until the checksum is right; by chance it gets right once in 64 times."""
_DATA_BYTES = 6
KNOWN = np.unpackbits(np.frombuffer((VERSION << 12 | MAKER).to_bytes(2), np.uint8)).astype(bool)
"""(16,) The first bits of every payload: version and maker. They help to find it."""


@dataclass(frozen=True, slots=True)
class Payload:
    """What one run writes into all its frames."""

    session: int
    """31 bits, drawn anew for every run; the signed manifest names them too."""
    signed: bool
    """Whether files of this run were signed: then one without a signature has lost it."""

    def __post_init__(self) -> None:
        if not 0 <= self.session < 2**31:
            raise ValueError(f"session {self.session} does not fit into 31 bits")

    @property
    def id(self) -> str:
        """16 hexadecimal digits: all 64 bits."""
        return _pack(self).hex()

    def bits(self) -> Bits:
        """(64,) with the checksum."""
        return np.unpackbits(np.frombuffer(_pack(self), np.uint8)).astype(bool)


def believe(soft: Array) -> Payload | None:
    """What (64,) soft bits say: the most plausible reading whose checksum is right; None where there is none.

    The first 16 bits are known and must be there; of the others the least certain ones may be turned.
    """
    bits = soft > 0
    if np.count_nonzero(bits[: KNOWN.size] != KNOWN) > MISREAD_AT_MOST:
        return None
    bits[: KNOWN.size] = KNOWN
    weakest = np.argsort(np.abs(soft[KNOWN.size :]))[:DOUBTFUL] + KNOWN.size
    turns = sorted(product((False, True), repeat=DOUBTFUL), key=lambda turn: float(np.abs(soft[weakest]) @ turn))
    for turn in turns:
        reading = bits.copy()
        reading[weakest] ^= turn
        if (payload := read_payload(reading)) is not None:
            return payload
    return None


def read_payload(bits: Bits) -> Payload | None:
    """What (64,) bits say; None where the checksum is wrong, or they are of another version or maker."""
    packed = np.packbits(bits).tobytes()
    data, checksum = packed[:_DATA_BYTES], int.from_bytes(packed[_DATA_BYTES:])
    number = int.from_bytes(data)
    if _checksum(data) != checksum or number >> 32 != VERSION << 12 | MAKER:
        return None
    return Payload(session=number & 0x7FFFFFFF, signed=bool(number >> 31 & 1))


def _pack(payload: Payload) -> bytes:
    """4 bits version, 12 maker, 1 signed, 31 session, 16 checksum."""
    number = (VERSION << 12 | MAKER) << 32 | int(payload.signed) << 31 | payload.session
    data = number.to_bytes(_DATA_BYTES)
    return data + _checksum(data).to_bytes(2)


def _checksum(data: bytes) -> int:
    """CRC-16/CCITT."""
    return binascii.crc_hqx(data, 0xFFFF)
