"""What an argument may be, and what is said when it is not."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from costcalc.errors import Fault
from costcalc.ops import kinds

THIRD = Fraction(1, 3)

# fmt: off
ACCEPTED: list[tuple[str, list[Any]]] = [
    ("COUNT", [1, 10**15]),
    ("NATURAL", [0, 7]),
    ("WHOLE", [-7, 0, 7]),
    ("NUMBER", [-1, 0, THIRD]),
    ("SHARE", [0, THIRD, 1]),
    ("FLAG", [True, False]),
    ("COUNTS", [3, (3, 5), (1,)]),
    ("NATURALS", [0, (0, 5)]),
    ("WHOLES", [-1, (0, -5)]),
    ("NUMBERS", [2, THIRD, (2, THIRD)]),
    ("PADDING", [0, (1, 2), ((0, 1), (2, 3)), "same"]),
    ("BORDER", [0, (1, 2), ((0, 1), (2, 3))]),
    ("AXIS", [0, -1, "channels", "height", "width", "features"]),
    ("SIZES", [(3,), (3, 5)]),
    ("SHAPE", [(3,), (-1, 5)]),
    ("ORDER", [(1, 0), ("width", -1)]),
]

NOT_WHOLE = "it must divide exactly; use // or round_to(...)"
NO_FLAG = "a number is wanted here"

# (kind, value, message, hint)
REFUSED: list[tuple[str, Any, str, str]] = [
    ("COUNT", 0, "expected a whole number of at least 1, got 0", ""),
    ("COUNT", "same", "expected a whole number of at least 1, got the word 'same'", ""),
    ("COUNT", True, "expected a whole number of at least 1, got true", NO_FLAG),
    ("COUNT", THIRD, "expected a whole number of at least 1, got the number 1 / 3", NOT_WHOLE),
    ("COUNT", (1, 2), "expected a whole number of at least 1, got the list [1, 2]", ""),
    ("COUNT", 10**15 + 1, "expected a whole number of at least 1, got 1000000000000001", "at most 10^15"),
    ("NATURAL", -1, "expected a whole number of at least 0, got -1", ""),
    ("NATURAL", 10**40, "expected a whole number of at least 0, got a huge number", "at most 10^15"),
    ("WHOLE", "left", "expected a whole number, got the word 'left'", ""),
    ("WHOLE", -(10**16), "expected a whole number, got -10000000000000000", "at most 10^15"),
    ("NUMBER", "left", "expected a number, got the word 'left'", ""),
    ("NUMBER", False, "expected a number, got false", ""),
    ("SHARE", Fraction(4, 3), "expected a number from 0 to 1, got 4 / 3", ""),
    ("SHARE", "half", "expected a number, got the word 'half'", ""),
    ("FLAG", 1, "expected true or false, got the number 1", "compare it, as in 'n > 0', or write true or false"),
    ("FLAG", "yes", "expected true or false, got the word 'yes'", "write true or false"),
    ("FLAG", (1, 2), "expected true or false, got the list [1, 2]", ""),
    ("COUNTS", (3, 0), "expected a whole number of at least 1, got 0", ""),
    ("COUNTS", (), "expected a number or a list of numbers, got an empty list", ""),
    ("NATURALS", (3, -1), "expected a whole number of at least 0, got -1", ""),
    ("WHOLES", (3, THIRD), "expected a whole number, got the number 1 / 3", NOT_WHOLE),
    ("NUMBERS", (2, "x"), "expected a number, got the word 'x'", ""),
    ("PADDING", "valid", "expected a padding, got the word 'valid'", "a number, one per axis, pairs, or same"),
    ("PADDING", ((0, 1), 2), "expected pairs [before, after], got [[0, 1], 2]", "as in [[0, 1], [0, 1]]"),
    ("PADDING", ((0, 1, 2),), "expected pairs [before, after], got [[0, 1, 2]]", "as in [[0, 1], [0, 1]]"),
    ("PADDING", ((0, -1),), "expected a whole number of at least 0, got -1", ""),
    ("PADDING", (1, (0, 1)), "expected a whole number of at least 0, got the list [0, 1]", ""),
    ("BORDER", "same", "expected a padding, got the word 'same'", "a number, one per axis, or pairs"),
    ("AXIS", "hight", "there is no axis 'hight'", "did you mean 'height'?"),
    ("AXIS", "rows", "there is no axis 'rows'", "choose from: channels, features, height, width"),
    ("AXIS", THIRD, "expected an axis: a whole number, or one of channels, height, width, features, "
                   "got the number 1 / 3", NOT_WHOLE),
    ("SIZES", 3, "expected a list of sizes, got the number 3", "write [3]"),
    ("SIZES", (), "expected a list of sizes, got the list []", ""),
    ("SIZES", (3, 0), "expected a whole number of at least 1, got 0", ""),
    ("SHAPE", (3, -2), "expected a size of at least 1, or -1 for the rest, got -2", ""),
    ("ORDER", 1, "expected a list of axes, got the number 1", "write [1]"),
    ("ORDER", (0, "left"), "there is no axis 'left'", "choose from: channels, features, height, width"),
]
# fmt: on


@pytest.mark.parametrize(("kind", "values"), ACCEPTED, ids=[kind for kind, _ in ACCEPTED])
def test_accepted_as_it_is(kind: str, values: list[Any]) -> None:
    check = getattr(kinds, kind).check
    assert [check(value) for value in values] == values


@pytest.mark.parametrize(("kind", "value", "message", "hint"), REFUSED, ids=[f"{row[0]}-{row[2]}" for row in REFUSED])
def test_refused(kind: str, value: Any, message: str, hint: str) -> None:
    with pytest.raises(Fault) as caught:
        getattr(kinds, kind).check(value)
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_a_choice_takes_its_words_alone() -> None:
    kind = kinds.choice("nearest", "bilinear")
    assert kind.check("nearest") == "nearest"
    for value, message in (
        ("linear", "expected nearest or bilinear, got the word 'linear'"),
        (1, "expected nearest or bilinear, got the number 1"),
    ):
        with pytest.raises(Fault) as caught:
            kind.check(value)
        assert caught.value.message == message


def test_every_kind_is_tried() -> None:
    found = {name for name, value in vars(kinds).items() if isinstance(value, kinds.Kind)}
    assert found == {kind for kind, _ in ACCEPTED} == {row[0] for row in REFUSED}
