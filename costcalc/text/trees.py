"""Parsed expressions, as trees that evaluate themselves. Every operation is exact, and every result is limited."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from costcalc.errors import Fault
from costcalc.text.suggest import did_you_mean
from costcalc.text.values import Value, describe, divide, plain, whole

if TYPE_CHECKING:
    from fractions import Fraction

LARGEST = 10**200  # of a result: far beyond any count of a network, and small enough to stay quick
Environment = Mapping[str, Value]


class Tree:
    """A parsed expression. `names` are the free names; `start` and `end` its place in the text."""

    __slots__ = ("end", "names", "start")
    start: int
    end: int
    names: frozenset[str]

    def evaluate(self, env: Environment) -> Value:
        """The value under `env`, a mapping from name to value."""
        raise Fault("an empty expression")

    def children(self) -> Iterator[Tree]:
        """The direct parts."""
        yield from ()

    def fault(self, message: str, hint: str = "") -> Fault:
        """A `Fault` about this part of the text."""
        return Fault(message, hint, start=self.start, end=self.end)


_NOTHING: frozenset[str] = frozenset()


class Constant(Tree):
    """A number, a truth value, or any value known already."""

    __slots__ = ("value",)

    def __init__(self, value: Value, start: int = 0, end: int = 0) -> None:
        self.value = value
        self.start, self.end, self.names = start, end, _NOTHING

    def evaluate(self, env: Environment) -> Value:
        return self.value


class Name(Tree):
    """A name: looked up in the environment, which holds words (names of ops, `same`) as themselves."""

    __slots__ = ("name",)

    def __init__(self, name: str, start: int, end: int) -> None:
        self.name = name
        self.start, self.end, self.names = start, end, frozenset((name,))

    def evaluate(self, env: Environment) -> Value:
        try:
            return env[self.name]
        except KeyError:
            raise self.fault(f"unknown name '{self.name}'", did_you_mean(self.name, visible(env))) from None


def visible(env: Environment) -> list[str]:
    """The names of an environment a user may write, for a message."""
    return sorted(name for name in env if not name.startswith("_"))


class Attribute(Tree):
    """`x.channels`: one number of a tensor's shape."""

    __slots__ = ("attribute", "base")

    def __init__(self, base: Tree, attribute: str, start: int, end: int) -> None:
        self.base, self.attribute = base, attribute
        self.start, self.end, self.names = start, end, base.names

    def children(self) -> Iterator[Tree]:
        yield self.base

    def evaluate(self, env: Environment) -> Value:
        value = self.base.evaluate(env)
        read = getattr(value, "attribute", None)
        if read is None:
            raise self.fault(f"{describe(value)} has no '.{self.attribute}'", "only inputs such as 'x' have a shape")
        try:
            return read(self.attribute)
        except Fault as fault:
            raise self.fault(fault.message, fault.hint) from None


class Unary(Tree):
    """`-a` or `not a`."""

    __slots__ = ("operand", "operator")

    def __init__(self, symbol: str, operand: Tree, start: int) -> None:
        self.operator, self.operand = symbol, operand
        self.start, self.end, self.names = start, operand.end, operand.names

    def children(self) -> Iterator[Tree]:
        yield self.operand

    def evaluate(self, env: Environment) -> Value:
        value = self.operand.evaluate(env)
        if self.operator == "not":
            return not truth(self.operand, value)
        return -number(self.operand, value)


class _Pair(Tree):
    """An operator between two expressions."""

    __slots__ = ("left", "operator", "right")

    def __init__(self, symbol: str, left: Tree, right: Tree) -> None:
        self.operator, self.left, self.right = symbol, left, right
        self.start, self.end, self.names = left.start, right.end, left.names | right.names

    def children(self) -> Iterator[Tree]:
        yield self.left
        yield self.right


class Binary(_Pair):
    """Arithmetic on two numbers; exact, and bounded in size."""

    __slots__ = ()

    def evaluate(self, env: Environment) -> Value:
        left = self.left.evaluate(env)
        right = self.right.evaluate(env)
        if left.__class__ is not int:
            left = number(self.left, left)
        if right.__class__ is not int:
            right = number(self.right, right)
        symbol = self.operator
        if symbol == "+":
            result = left + right
        elif symbol == "-":
            result = left - right
        elif symbol == "*":
            result = left * right
        elif right == 0:
            raise self.fault(f"division by zero: {plain(left)} {symbol} 0")
        elif symbol == "//":
            result = left // right
        elif symbol == "%":
            result = left % right
        else:
            result = divide(left, right)
        if not -LARGEST < result < LARGEST or (result.__class__ is not int and result.denominator > LARGEST):
            raise self.fault("the number is too large (beyond 10^200)")
        return result if result.__class__ is int else whole(result)


class Comparison(Tree):
    """`a == b`, `a < b <= c`: words and lists compare with `==` and `!=` only."""

    __slots__ = ("operands", "operators")

    def __init__(self, operators: tuple[str, ...], operands: tuple[Tree, ...]) -> None:
        self.operators, self.operands = operators, operands
        self.start, self.end = operands[0].start, operands[-1].end
        self.names = frozenset().union(*(operand.names for operand in operands))

    def children(self) -> Iterator[Tree]:
        yield from self.operands

    def evaluate(self, env: Environment) -> Value:
        before = self.operands[0]
        left = before.evaluate(env)
        for symbol, operand in zip(self.operators, self.operands[1:], strict=True):
            right = operand.evaluate(env)
            if symbol in ("==", "!="):
                left, right = getattr(left, "word", left), getattr(right, "word", right)
                same = (left.__class__ is not bool and right.__class__ is not bool) or left.__class__ is right.__class__
                outcome = (same and left == right) is (symbol == "==")
            else:
                outcome = _ORDER[symbol](number(before, left), number(operand, right))
            if not outcome:
                return False
            before, left = operand, right
        return True


_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Logic(_Pair):
    """`a and b`, `a or b`; the second is looked at only where the first does not decide."""

    __slots__ = ()

    def evaluate(self, env: Environment) -> Value:
        left = truth(self.left, self.left.evaluate(env))
        if left is (self.operator == "or"):
            return left
        return truth(self.right, self.right.evaluate(env))


class Choice(Tree):
    """`a if c else b`."""

    __slots__ = ("condition", "otherwise", "then")

    def __init__(self, condition: Tree, then: Tree, otherwise: Tree) -> None:
        self.condition, self.then, self.otherwise = condition, then, otherwise
        self.start, self.end = then.start, otherwise.end
        self.names = condition.names | then.names | otherwise.names

    def children(self) -> Iterator[Tree]:
        yield self.then
        yield self.condition
        yield self.otherwise

    def evaluate(self, env: Environment) -> Value:
        chosen = truth(self.condition, self.condition.evaluate(env))
        return self.then.evaluate(env) if chosen else self.otherwise.evaluate(env)


class Function(Tree):
    """A call of one of the few functions there are."""

    __slots__ = ("arguments", "name")

    def __init__(self, name: str, arguments: tuple[Tree, ...], start: int, end: int) -> None:
        self.name, self.arguments = name, arguments
        self.start, self.end = start, end
        self.names = frozenset().union(*(argument.names for argument in arguments))

    def children(self) -> Iterator[Tree]:
        yield from self.arguments

    def evaluate(self, env: Environment) -> Value:
        values = [argument.evaluate(env) for argument in self.arguments]
        if self.name == "len":
            if len(values) != 1 or values[0].__class__ is not tuple:
                raise self.fault("len takes one list")
            return len(values[0])
        if self.name in ("min", "max") and len(values) == 1 and values[0].__class__ is tuple:
            values = list(values[0])
            numbers = [number(self, value) for value in values]
        else:
            numbers = [number(tree, value) for tree, value in zip(self.arguments, values, strict=True)]
        low, high, function = _FUNCTIONS[self.name]
        if not low <= len(numbers) <= high:
            wanted = str(low) if low == high else f"at least {low}"
            raise self.fault(f"{self.name} takes {wanted} number{'s' * (low > 1)}, not {len(numbers)}")
        if self.name == "round_to" and numbers[1] <= 0:
            raise self.fault(f"round_to needs a multiple above 0, not {plain(numbers[1])}")
        return whole(function(*numbers))


class Items(Tree):
    """A list literal."""

    __slots__ = ("items",)

    def __init__(self, items: tuple[Tree, ...], start: int, end: int) -> None:
        self.items = items
        self.start, self.end = start, end
        self.names = frozenset().union(*(item.names for item in items))

    def children(self) -> Iterator[Tree]:
        yield from self.items

    def evaluate(self, env: Environment) -> Value:
        return tuple(item.evaluate(env) for item in self.items)


class Index(Tree):
    """`widths[i]`, counted from 0; negative from the end."""

    __slots__ = ("base", "index")

    def __init__(self, base: Tree, index: Tree, end: int) -> None:
        self.base, self.index = base, index
        self.start, self.end, self.names = base.start, end, base.names | index.names

    def children(self) -> Iterator[Tree]:
        yield self.base
        yield self.index

    def evaluate(self, env: Environment) -> Value:
        items = self.base.evaluate(env)
        if items.__class__ is not tuple:
            raise self.base.fault(f"{describe(items)} is not a list, so it cannot be indexed")
        position = self.index.evaluate(env)
        if position.__class__ is not int:
            raise self.index.fault(f"an index is a whole number, not {describe(position)}")
        if not -len(items) <= position < len(items):
            raise self.fault(f"index {position} is outside the list, which has {len(items)} items")
        return items[position]


def _round_to(value: int | Fraction, multiple: int | Fraction) -> int | Fraction:
    rounded = max(multiple, math.floor(divide(value, multiple) + divide(1, 2)) * multiple)
    return rounded + multiple if rounded * 10 < value * 9 else rounded


_FUNCTIONS: dict[str, tuple[int, int, Callable[..., Any]]] = {
    "min": (1, 1_000, lambda *values: min(values)),
    "max": (1, 1_000, lambda *values: max(values)),
    "abs": (1, 1, abs),
    "ceil": (1, 1, math.ceil),
    "floor": (1, 1, math.floor),
    "round": (1, 1, round),
    "round_to": (2, 2, _round_to),
    "len": (1, 1, len),
}
FUNCTIONS = tuple(sorted(_FUNCTIONS))


def number(tree: Tree, value: Value) -> Any:
    """`value` if it is a number; a `Fault` about `tree` if not."""
    if value.__class__ is int or (value.__class__ is not bool and hasattr(value, "denominator")):
        return value
    raise tree.fault(f"expected a number, got {describe(value)}")


def truth(tree: Tree, value: Value) -> bool:
    """`value` if it is true or false; a `Fault` about `tree` if not."""
    if value is True or value is False:
        return value
    hint = "compare it, as in 'n > 0'" if value.__class__ is int else "write true or false"
    raise tree.fault(f"expected true or false, got {describe(value)}", hint)


def index_bound(tree: Tree, env: Environment) -> int | None:
    """From which `i` on the value of `tree` no longer depends on it, or None when it always may.

    Holds when every `i` stands directly in a comparison whose other sides are free of it: past the largest of them
    the outcome stays the same. `2 if i == 0 else 1` gives 1.
    """
    if "i" not in tree.names:
        return 0
    if isinstance(tree, Name):
        return None
    if isinstance(tree, Comparison):
        bound = 0
        for operand in tree.operands:
            if isinstance(operand, Name) and operand.name == "i":
                continue
            if "i" in operand.names:
                return None
            value = operand.evaluate(env)
            if hasattr(value, "denominator"):
                bound = max(bound, math.floor(value) + 1)
        return bound
    bounds = [index_bound(child, env) for child in tree.children()]
    return None if None in bounds else max((bound for bound in bounds if bound is not None), default=0)
