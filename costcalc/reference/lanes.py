"""Many signed integers in one big `int`, each in a lane of its own, so that one multiplication updates them all.

    packed = numbers[0] + numbers[1] * 2**bits + numbers[2] * 2**(2 * bits) + ...

A multiple of it, or a sum of such multiples, is the same packing of multiples and sums, as long as every result fits
its lane: what a negative number borrows from the lane above, unpacking gives back. Sums on the way need not fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import pack, unpack

CODES = {1: "b", 2: "h", 4: "i", 8: "q"}
"""Bytes -> the letter that `struct` has for a signed integer."""
SIGNS = bytes(255 if byte > 127 else 0 for byte in range(256))
"""The highest byte of a signed integer -> the byte that stands above it in a wider one."""


class Lanes:
    """Lanes of whole bytes, each as narrow as numbers from -bound to bound allow.

    >>> lanes = Lanes(bound=700)
    >>> a, b = lanes.pack([1, -2, 3]), lanes.pack([100, 0, -100])
    >>> lanes.unpack(2 * a - 7 * b, count=3)
    [-698, -4, 706]
    """

    def __init__(self, bound: int) -> None:
        self.width = bound.bit_length() // 8 + 1
        self.bits = 8 * self.width
        self._halves: dict[int, int] = {}

    def pack(self, numbers: Sequence[int]) -> int:
        """The numbers in lanes, the first in the lowest."""
        return self.lift(numbers, len(numbers)) - self.halves(len(numbers))

    def unpack(self, packed: int, count: int) -> list[int]:
        """The numbers in the lowest `count` lanes. Lanes above them must be empty."""
        halves = self.halves(count)
        return self._numbers(((packed + halves) ^ halves).to_bytes(self.width * count, "little"))

    def lift(self, numbers: Sequence[int], count: int) -> int:
        """The numbers, and zeros up to `count` of them, with half a lane added to each: none is negative."""
        return int.from_bytes(self._bytes(numbers), "little") ^ self.halves(count)

    def cut(self, lifted: int, start: int, count: int) -> int:
        """Some lanes of lifted numbers, as packed ones. All of them must be there."""
        return ((lifted >> start * self.bits) & ((1 << count * self.bits) - 1)) - self.halves(count)

    def shift(self, packed: int, lanes: int) -> int:
        """Packed numbers, so many lanes higher."""
        return packed << lanes * self.bits

    def halves(self, count: int) -> int:
        """Half a lane in each of `count` lanes."""
        if count not in self._halves:
            self._halves[count] = int.from_bytes((bytes(self.width - 1) + b"\x80") * count, "little")
        return self._halves[count]

    def _bytes(self, numbers: Sequence[int]) -> bytes | bytearray:
        width, count = self.width, len(numbers)
        if width > 8:
            return b"".join([number.to_bytes(width, "little", signed=True) for number in numbers])
        room = 1 << (width - 1).bit_length()
        data = pack(f"<{count}{CODES[room]}", *numbers)
        if room == width:
            return data
        narrow = bytearray(width * count)
        for byte in range(width):
            narrow[byte::width] = data[byte::room]
        return narrow

    def _numbers(self, data: bytes) -> list[int]:
        width, count = self.width, len(data) // self.width
        if width > 8:
            starts = range(0, len(data), width)
            return [int.from_bytes(data[start : start + width], "little", signed=True) for start in starts]
        room = 1 << (width - 1).bit_length()
        wide: bytes | bytearray = data
        if room > width:
            wide = bytearray(room * count)
            for byte in range(width):
                wide[byte::room] = data[byte::width]
            signs = data[width - 1 :: width].translate(SIGNS)
            for byte in range(width, room):
                wide[byte::room] = signs
        return list(unpack(f"<{count}{CODES[room]}", wide))
