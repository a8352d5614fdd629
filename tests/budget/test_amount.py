"""Amounts as people write them are exact integers and rationals, and what is none is answered with what to write."""

from __future__ import annotations

from fractions import Fraction

import pytest

from costcalc.budget.amount import Amount, read_amount
from costcalc.errors import Fault


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("1_000_000", 10**6),
        ("5M", 5_000_000),
        ("4.2G", 4_200_000_000),
        ("4.2 G", 4_200_000_000),
        ("0.1k", 100),
        ("1.5T", 1_500_000_000_000),
        ("25557032", 25_557_032),
        ("4e9", 4_000_000_000),
        ("4.1e9", 4_100_000_000),
        # no float has these digits
        ("4.200000000000000000001T", None),
        ("9.007199254740993T", 9_007_199_254_740_993 // 1000),
    ],
)
def test_counts(text: str, number: int | None) -> None:
    """Powers of 1,000, to the last digit; what is not whole is refused."""
    if number is None or text.startswith("9.007"):
        with pytest.raises(Fault, match="is not a whole number"):
            read_amount(text, bytes=False)
        return
    assert read_amount(text, bytes=False).number == number


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("8 MiB", 8 * 2**20), ("8MiB", 8 * 2**20), ("1.5 KiB", 1536), ("8 MB", 8_000_000), ("2 GiB", 2**31),
     ("7 B", 7), ("1 kB", 1000), ("1 TiB", 2**40)],
)  # fmt: skip
def test_bytes(text: str, number: int) -> None:
    """Binary and decimal units are told apart."""
    assert read_amount(text, bytes=True).number == number


@pytest.mark.parametrize(
    ("text", "bytes", "message", "hint"),
    [
        ("", False, "'' is not an amount", "as in 4.2G"),
        ("lots", False, "'lots' is not an amount", "as in 4.2G"),
        ("-5", False, "'-5' is not an amount", "a limit is not negative"),
        ("4,200,000", False, "'4,200,000' is not an amount", "write 4_200_000"),
        ("5m", False, "has the unit 'm', which is none of counts", "write M"),
        ("5K", False, "has the unit 'K', which is none of counts", "write k"),
        ("5 MiB", False, "has the unit 'MiB', which is none of counts", "choose from: k, M, G, T"),
        ("8388608", True, "needs a unit", "write MiB"),
        ("8M", True, "has the unit 'M', which is none of bytes", "write MiB"),
        ("8 mib", True, "has the unit 'mib', which is none of bytes", "write MiB"),
        ("0.5", False, "is not a whole number", ""),
        ("1e40", False, "is beyond 10^30", ""),
        ("٣", False, "is not an amount", ""),
        ("1e999999999", False, "is not an amount", ""),
        ("9" * 70, False, "is not an amount", ""),
    ],
)
def test_what_is_no_amount(text: str, bytes: bool, message: str, hint: str) -> None:
    with pytest.raises(Fault) as caught:
        read_amount(text, bytes=bytes)
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_percentages_are_rationals() -> None:
    """0.1 % is one thousandth, which no float is."""
    assert read_amount("0.1%", bytes=False).percent == Fraction(1, 10)
    assert read_amount("5 %", bytes=True).percent == 5
    # 0.1 % of 12,345,678,901,234,567,890 by hand: the last three digits stand behind the point
    assert read_amount("0.1%", bytes=False).of(12_345_678_901_234_567_890) == 12_345_678_901_234_567 + Fraction(89, 100)


def test_both_at_once_is_the_larger() -> None:
    """5 % of 1,000 is 50: with a floor of 60 it is 60, with one of 40 it stays 50."""
    assert Amount("", 60, Fraction(5)).of(1000) == 60
    assert Amount("", 40, Fraction(5)).of(1000) == 50
