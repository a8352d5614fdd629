"""Numbers as text: exact digits, and rounding that agrees with fractions."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costcalc.report.numbers import exact, ratio, scaled, scaled_bytes, shape, share

DECIMAL = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15}
BINARY = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40, "PiB": 2**50}

counts = st.integers(min_value=0, max_value=10**22) | st.integers(min_value=0, max_value=10**7)


def read(text: str) -> tuple[Fraction, Fraction]:
    """The number a text of digits says, and the value of one unit in its last place."""
    _, _, decimals = text.partition(".")
    return Fraction(text.replace(",", "")), Fraction(1, 10 ** len(decimals))


def assert_nearest(text: str, truth: Fraction) -> None:
    """The text is the multiple of its last place that lies nearest to the truth; a half goes up."""
    value, place = read(text)
    assert value - place / 2 <= truth < value + place / 2


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1,000"),
        (51380224, "51,380,224"),
        (2**53 + 1, "9,007,199,254,740,993"),
        (-1605632, "-1,605,632"),
    ],
)
def test_exact_shows_every_digit(number: int, text: str) -> None:
    assert exact(number) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1.00 k"),
        (1005, "1.01 k"),  # 1.005 is exactly half: up (a float would say 1.00)
        (9994, "9.99 k"),
        (9995, "10.00 k"),
        (99994, "99.99 k"),
        (99995, "100.0 k"),
        (999949, "999.9 k"),
        (999950, "1.00 M"),  # one decimal gives 1000.0 k, so the next unit
        (25557032, "25.56 M"),
        (51380224, "51.38 M"),
        (231211008, "231.2 M"),
        (4089184256, "4.09 G"),
        (10**18, "1,000 P"),
        (123456789 * 10**15, "123,456,789 P"),
        (-51380224, "-51.38 M"),
    ],
)
def test_scaled(number: int, text: str) -> None:
    assert scaled(number) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 B"),
        (1023, "1,023 B"),
        (1024, "1.00 KiB"),
        (1572864, "1.50 MiB"),
        (102228128, "97.49 MiB"),  # ResNet-50's 25,557,032 float32: 102,228,128 / 1,048,576 = 97.4923
        (1048063, "1,023 KiB"),  # 1,023.499
        (1048064, "1.00 MiB"),  # 1,023.5
        (2**60, "1,024 PiB"),
    ],
)
def test_scaled_bytes(number: int, text: str) -> None:
    assert scaled_bytes(number) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (3, 8, "37.5%"),
        (0, 8, "0.0%"),
        (8, 8, "100.0%"),
        (1, 16, "6.3%"),  # 6.25 is exactly half: up
        (1, 3000, "0.0%"),
        (3, 2, "150.0%"),
        (-1, 8, "-12.5%"),
        (5, 0, ""),
        (0, 0, ""),
    ],
)
def test_share(part: int, whole: int, text: str) -> None:
    assert share(part, whole) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (69632, 73728, "0.94x"),
        (1179648, 73728, "16x"),
        (1179648, 69632, "16.9x"),
        (42, 10000, "0.0042x"),
        (94, 1000, "0.094x"),
        (999, 10000, "0.10x"),
        (9996, 1000, "10.0x"),
        (99960, 1000, "100x"),
        (1234567, 1000, "1,235x"),
        (7, 7, "1x"),
        (999999, 1000000, "1.00x"),
        (0, 9, "0x"),
        (9, 0, "n/a"),
        (0, 0, "1x"),
    ],
)
def test_ratio(part: int, whole: int, text: str) -> None:
    assert ratio(part, whole) == text


@pytest.mark.parametrize(
    ("sizes", "text"), [((64, 56, 56), "(64, 56, 56)"), ((20, 72, 2), "(20, 72, 2)"), ((1000,), "(1000)"), ((), "()")]
)
def test_shape(sizes: tuple[int, ...], text: str) -> None:
    assert shape(sizes) == text


@given(counts)
def test_scaled_is_the_nearest_it_can_say(number: int) -> None:
    text, _, unit = scaled(number).partition(" ")
    assert_nearest(text, Fraction(number, DECIMAL[unit]))


@given(counts)
def test_scaled_bytes_is_the_nearest_it_can_say(number: int) -> None:
    text, _, unit = scaled_bytes(number).partition(" ")
    assert_nearest(text, Fraction(number, BINARY[unit]))


@given(st.integers(min_value=1000, max_value=10**18 - 10**14))
def test_scaled_has_three_or_four_significant_digits(number: int) -> None:
    assert len(scaled(number).partition(" ")[0].replace(".", "")) in (3, 4)


@given(counts, counts)
def test_scaled_keeps_the_order(one: int, other: int) -> None:
    def said(number: int) -> Fraction:
        text, _, unit = scaled(number).partition(" ")
        return read(text)[0] * DECIMAL[unit]

    assert said(min(one, other)) <= said(max(one, other))


@given(counts, st.integers(min_value=1, max_value=10**22))
def test_share_is_the_nearest_it_can_say(part: int, whole: int) -> None:
    assert_nearest(share(part, whole).removesuffix("%"), Fraction(100 * part, whole))


@given(counts, st.integers(min_value=1, max_value=10**22))
def test_ratio_is_the_nearest_it_can_say(part: int, whole: int) -> None:
    assert_nearest(ratio(part, whole).removesuffix("x"), Fraction(part, whole))


@given(counts, st.integers(min_value=1, max_value=10**12))
def test_a_ratio_has_no_decimals_only_when_it_is_whole_or_large(part: int, whole: int) -> None:
    decimals = "." in ratio(part, whole)
    assert decimals == (part % whole != 0 and Fraction(part, whole) < Fraction(9995, 100))


@given(counts)
def test_the_sign_is_all_that_a_negative_number_changes(number: int) -> None:
    if number:
        assert scaled(-number) == "-" + scaled(number)
        assert scaled_bytes(-number) == "-" + scaled_bytes(number)
        assert share(-number, 7) == "-" + share(number, 7)
        assert ratio(-number, 7) == "-" + ratio(number, 7)
