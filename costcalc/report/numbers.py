"""Numbers as text: the only place that formats one. Integers all the way; a half is rounded away from zero.

No float takes part, so 2**53 + 1 is shown as what it is, and the last digit shown is always the right one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from costcalc.cost.metrics import METRICS

if TYPE_CHECKING:
    from fractions import Fraction

DECIMAL_UNITS = ("k", "M", "G", "T", "P")
BINARY_UNITS = ("KiB", "MiB", "GiB", "TiB", "PiB")


def exact(number: int | Fraction) -> str:
    """Every digit, with thousands separators; what is not whole behind them, `1,234 1/2`.

    >>> from fractions import Fraction
    >>> exact(51380224), exact(Fraction(2469, 2)), exact(Fraction(-1, 3))
    ('51,380,224', '1,234 1/2', '-1/3')
    """
    if number.denominator == 1:
        return f"{int(number):,}"
    whole, rest = divmod(abs(number.numerator), number.denominator)
    sign = "-" if number < 0 else ""
    return f"{sign}{f'{whole:,} ' if whole else ''}{rest}/{number.denominator}"


def signed(number: int | Fraction) -> str:
    """An exact difference, with its sign.

    >>> signed(1000), signed(-7), signed(0)
    ('+1,000', '-7', '0')
    """
    return f"+{exact(number)}" if number > 0 else exact(number)


def scaled(number: int) -> str:
    """Three or four significant digits and a unit: two decimals below 100, one below 1,000.

    >>> scaled(51380224), scaled(231211008), scaled(4089184256), scaled(999)
    ('51.38 M', '231.2 M', '4.09 G', '999')
    """
    return exact(number) if abs(number) < 1000 else _scaled(number, 1000, DECIMAL_UNITS)


def scaled_bytes(number: int) -> str:
    """Bytes in powers of 1,024, with the decimals of `scaled`.

    >>> scaled_bytes(1572864), scaled_bytes(512)
    ('1.50 MiB', '512 B')
    """
    return f"{exact(number)} B" if abs(number) < 1024 else _scaled(number, 1024, BINARY_UNITS)


def scaled_metric(metric: str, number: int) -> str:
    """A number of a metric in short, bytes as bytes; nothing for one that is only shown exactly.

    >>> scaled_metric("macs", 51380224), scaled_metric("weight_bytes", 512), scaled_metric("layers", 7)
    ('51.38 M', '512 B', '')
    """
    one = METRICS[metric]
    if not one.scaled:
        return ""
    return scaled_bytes(number) if one.bytes else scaled(number)


def share(part: int | Fraction, whole: int | Fraction) -> str:
    """The part in percent of the whole, one decimal; nothing when there is no whole.

    >>> share(3, 8)
    '37.5%'
    """
    return f"{_decimal(_rounded(part * 1000, whole), 1)}%" if whole else ""


def growth(before: int | Fraction, after: int | Fraction) -> str:
    """The difference in percent of what was before; it never rounds a difference away.

    >>> growth(1000, 1055), growth(4200000000, 4200000001), growth(200, 100), growth(7, 7), growth(0, 5)
    ('+5.5%', '+<0.1%', '-50.0%', '0%', 'new')
    """
    if before == after:
        return "0%"
    if not before:
        return "new"
    sign = "+" if after > before else "-"
    tenths = _rounded(1000 * (after - before if after > before else before - after), before)
    return f"{sign}{_decimal(tenths, 1)}%" if tenths else f"{sign}<0.1%"


def ratio(part: int | Fraction, whole: int | Fraction) -> str:
    """A ratio: two or three significant digits, or the whole number it is exactly.

    `1x` says equal and `1.00x` nearly so. Against nothing there is no ratio, but nothing is as much as nothing.

    >>> ratio(69632, 73728), ratio(1179648, 69632), ratio(42, 10000), ratio(256, 64)
    ('0.94x', '16.9x', '0.0042x', '4x')
    >>> ratio(5, 0), ratio(0, 0)
    ('n/a', '1x')
    """
    if not whole:
        return "n/a" if part else "1x"
    if part % whole == 0:
        return f"{exact(part // whole)}x"
    for decimals, limit in ((2, 10), (1, 100), (0, None)):
        value = _rounded(part * 10**decimals, whole)
        if limit is None or abs(value) < limit * 10**decimals:
            break
    while abs(value) < 10:  # only below 0.095: two significant digits
        decimals += 1
        value = _rounded(part * 10**decimals, whole)
    return f"{_decimal(value, decimals)}x"


def decimal(value: float) -> str:
    """A value that was calculated, to six significant digits: the only floats there are.

    >>> decimal(0.1 + 0.2), decimal(3), decimal(1e-9)
    ('0.3', '3', '1e-09')
    """
    return f"{value:.6g}"


def value(number: float | Fraction) -> str:
    """A number of a tensor: a float to six significant digits, an integer or a fraction as it is.

    >>> from fractions import Fraction
    >>> value(0.1 + 0.2), value(12345678), value(Fraction(1234, 49))
    ('0.3', '12345678', '1234/49')
    """
    return decimal(number) if isinstance(number, float) else str(number)


def measured(value: float) -> str:
    """A measurement, three significant digits.

    >>> measured(0.08249), measured(17.04), measured(41234.5), measured(0)
    ('0.0825', '17.0', '41,234', '0')
    """
    if not value:
        return "0"
    digits = 2
    while abs(value) < 0.9995 * 10 ** (2 - digits) and digits < 12:
        digits += 1
    while digits and abs(value) >= 9.995 * 10 ** (2 - digits):
        digits -= 1
    return f"{value:,.{digits}f}"


def duration(seconds: float) -> str:
    """A measured time, three significant digits and a unit.

    >>> duration(0.0123456), duration(75.5), duration(0.0000042)
    ('12.3 ms', '75.5 s', '4.20 us')
    """
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= 0.9995 * size:
            return f"{measured(seconds / size)} {unit}"
    return f"{measured(seconds / 1e-6)} us"


def shape(sizes: Sequence[int]) -> str:
    """A shape as a tuple.

    >>> shape((64, 56, 56)), shape((1000,))
    ('(64, 56, 56)', '(1000)')
    """
    return f"({', '.join(map(str, sizes))})"


def _scaled(number: int, step: int, units: Sequence[str]) -> str:
    """The number in the first unit that keeps it below `step` once it is rounded (999,999 is 1.00 M, not 1,000 k)."""
    divisor = 1
    for unit in units:
        divisor *= step
        for decimals, limit in ((2, 100), (1, 1000), (0, step)):
            value = _rounded(number * 10**decimals, divisor)
            if abs(value) < limit * 10**decimals:
                return f"{_decimal(value, decimals)} {unit}"
    return f"{exact(_rounded(number, divisor))} {units[-1]}"


def _rounded(part: int | Fraction, whole: int | Fraction) -> int:
    """The integer nearest to part / whole (whole > 0); a half goes away from zero."""
    size = -part if part < 0 else part
    nearest = (2 * size + whole) // (2 * whole)
    return -nearest if part < 0 else nearest


def _decimal(value: int, decimals: int) -> str:
    """`value` over 10**decimals, digit by digit."""
    if not decimals:
        return exact(value)
    whole, fraction = divmod(abs(value), 10**decimals)
    return f"{'-' if value < 0 else ''}{exact(whole)}.{fraction:0{decimals}d}"
