"""Amounts as people write them, `4.2G`, `8 MiB`, `5%`, as exact integers and rationals."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from costcalc.cost.metrics import Number
from costcalc.errors import Fault

COUNTS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
BYTES = {
    "B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12,
    "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40,
}  # fmt: skip
LARGEST = 10**30
_NUMBER = re.compile(r"(\d[\d_]*(?:\.\d+)?(?:[eE]\+?\d\d?)?)\s*(%|[A-Za-z]*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Amount:
    """So much, or such a part of something, or the larger of both; `text` is how it was written."""

    text: str
    number: int | None = None
    percent: Fraction | None = None

    def of(self, whole: Number) -> Number:
        """Exactly how much it is when `whole` is everything.

        >>> Amount("5%", percent=Fraction(5)).of(1019), Amount("5% and 60", 60, Fraction(5)).of(1019)
        (Fraction(1019, 20), 60)
        """
        least, part = self.number or 0, whole * (self.percent or Fraction(0)) / 100
        return part if part > least else least


def read_amount(text: str, *, bytes: bool) -> Amount:
    """A number with a unit, or a percentage.

    >>> read_amount("4.2G", bytes=False).number, read_amount("8 MiB", bytes=True).number
    (4200000000, 8388608)
    >>> read_amount("2.5%", bytes=False).percent
    Fraction(5, 2)

    Raises:
        Fault: it is neither, has a unit of another kind, or is not a whole number.
    """
    found = _NUMBER.fullmatch(text.strip())
    if found is None or len(text) > 64:
        raise Fault(f"'{text[:64]}' is not an amount", _example(text, bytes=bytes))
    number, unit = Fraction(found.group(1).replace("_", "")), found.group(2)
    if number > LARGEST:
        raise Fault(f"'{text}' is beyond 10^30")
    if unit == "%":
        return Amount(text, percent=number)
    units = BYTES if bytes else COUNTS
    if unit not in units and not (bytes and number == 0 and not unit):
        raise Fault(f"'{text}' {_wrong_unit(unit, bytes=bytes)}", _hint(unit, bytes=bytes))
    number *= units.get(unit, 1)
    if number.denominator != 1:
        raise Fault(f"'{text}' is not a whole number")
    return Amount(text, number=int(number))


def _example(text: str, *, bytes: bool) -> str:
    if text.strip().startswith("-"):
        return "a limit is not negative"
    if "," in text:
        return f"write {text.replace(',', '_').strip()}"
    return "as in 8 MiB, 8 MB or 5%" if bytes else "as in 4.2G, 4_200_000_000 or 5%"


def _wrong_unit(unit: str, *, bytes: bool) -> str:
    if not unit:
        return "needs a unit"
    return f"has the unit '{unit}', which is none of {'bytes' if bytes else 'counts'}"


def _hint(unit: str, *, bytes: bool) -> str:
    units = BYTES if bytes else COUNTS
    for known in units:
        if unit and known.lower() == unit.lower():
            return f"write {known}"
    return "write MiB (2^20), MB (10^6), KiB, kB, GiB, GB" if bytes else "choose from: k, M, G, T (powers of 1,000)"
