"""Expressions: a small Pratt parser and its evaluation. Never `eval`.

Integers, decimals as exact rationals, names, `+ - * / // %`, comparisons, `and or not`, `a if c else b`, a fixed set
of functions, lists, indexing, and the attributes of a tensor's shape. No power, no strings, no calls beyond these, so
every expression ends quickly.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Container, Iterator, Mapping
from functools import reduce
from typing import TYPE_CHECKING, Any

from costcalc.errors import Fault
from costcalc.text.suggest import did_you_mean

if TYPE_CHECKING:
    from fractions import Fraction

LONGEST = 1_000
DEEPEST = 50
MOST_OPERATORS = 200
LARGEST = 10**200  # of a result: far beyond any count of a network, and small enough to stay quick

Value = Any  # int, Fraction, bool, str (a word), tuple of values, or what a floor above adds (a tensor, a call)
Environment = Mapping[str, Value]

ATTRIBUTES = ("channels", "height", "width", "length", "features", "rank", "shape")
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)(?P<tail>[A-Za-z_]\w*)?"
    r"|(?P<name>[A-Za-z_]\w*)|(?P<operator>\*\*|//|==|!=|<=|>=|[-+*/%<>()\[\],.]))",
    re.ASCII,
)
_ADVICE = {
    "**": "there is no power: write a product",
    "&": "write 'and'",
    "|": "write 'or'",
    "!": "write 'not'",
    "=": "write '==' to compare",
    "{": "no braces here",
    ":": "there are no times and no slices",
    "$": "names stand without '$'",
    ";": "one expression a value",
    "?": "write: a if condition else b",
    "^": "there is no power: write a product",
    "~": "write 'not'",
    "'": "no strings: a word stands for itself",
    '"': "no strings: a word stands for itself",
}


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


class Binary(Tree):
    """Arithmetic on two numbers; exact, and bounded in size."""

    __slots__ = ("left", "operator", "right")

    def __init__(self, symbol: str, left: Tree, right: Tree) -> None:
        self.operator, self.left, self.right = symbol, left, right
        self.start, self.end, self.names = left.start, right.end, left.names | right.names

    def children(self) -> Iterator[Tree]:
        yield self.left
        yield self.right

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


class Logic(Tree):
    """`a and b`, `a or b`; the second is looked at only where the first does not decide."""

    __slots__ = ("left", "operator", "right")

    def __init__(self, symbol: str, left: Tree, right: Tree) -> None:
        self.operator, self.left, self.right = symbol, left, right
        self.start, self.end, self.names = left.start, right.end, left.names | right.names

    def children(self) -> Iterator[Tree]:
        yield self.left
        yield self.right

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


def divide(left: int | Fraction, right: int | Fraction) -> int | Fraction:
    """The exact quotient: an integer where it divides, else a rational."""
    if left.__class__ is int and right.__class__ is int and left % right == 0:
        return left // right
    from fractions import Fraction

    return Fraction(left) / Fraction(right)


def whole(value: int | Fraction) -> int | Fraction:
    """`value` as an `int` where it is one."""
    return value if value.__class__ is int or value.denominator != 1 else int(value)


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


def plain(value: Value) -> str:
    """A value as a user would write it: `[1, 2]`, `3.5`, `7 / 3`, `true`."""
    if value is True or value is False:
        return "true" if value else "false"
    if value.__class__ is tuple:
        return f"[{', '.join(plain(item) for item in value)}]"
    if value.__class__ is int:
        return str(value) if abs(value) < 10**31 else "a huge number"
    if not hasattr(value, "denominator"):
        return str(value)
    places = next((n for n in range(1, 10) if 10**n % value.denominator == 0), 0)
    if not places:
        return str(value).replace("/", " / ")
    digits = f"{abs(value.numerator) * 10**places // value.denominator:0{places + 1}d}"
    return f"{'-' * (value < 0)}{digits[:-places]}.{digits[-places:]}"


def describe(value: Value) -> str:
    """A value with its kind, for a message: `the number 3`, `the word 'same'`."""
    if value is True or value is False:
        return plain(value)
    if value.__class__ is str:
        return f"the word '{value}'"
    if value.__class__ is tuple:
        return f"the list {plain(value)}"
    if value.__class__ is int or hasattr(value, "denominator"):
        return f"the number {plain(value)}"
    return f"{value}"


# --- parsing ---------------------------------------------------------------------------------------------------------

_BINDING = {
    "if": 1, "or": 2, "and": 3, "not": 4, "==": 5, "!=": 5, "<": 5, "<=": 5, ">": 5, ">=": 5,
    "+": 6, "-": 6, "*": 7, "/": 7, "//": 7, "%": 7,
}  # fmt: skip
_COMPARISONS = frozenset(("==", "!=", "<", "<=", ">", ">="))
_UNARY = 8
_WORDS = frozenset(("and", "or", "not", "if", "else"))
_UNEXPECTED = {
    "if": "write: a if condition else b",
    "else": "write: a if condition else b",
    ")": "no '(' is open",
    "]": "no '[' is open",
    ",": "a list is written [a, b]",
    ".": "an attribute follows a name, as in x.channels",
    "(": "an operator is missing before it",
}
_FOREIGN = frozenset(("for", "in", "is", "lambda", "import", "def", "class", "await", "yield", "with"))


def parse(text: str, words: Container[str] = ()) -> Tree:
    """The tree of an expression. Names among `words` stand for themselves.

    >>> parse("2 * (a + 1)").evaluate({"a": 3})
    8

    Raises:
        Fault: the text is not an expression; `start` and `end` say which part.
    """
    simple = text.strip()
    if simple.isdigit() and simple.isascii() and len(simple) < 16:
        return Constant(_integer(simple, 0), 0, len(text))
    if len(text) > LONGEST:
        raise Fault(f"the expression is longer than {LONGEST:,} characters", start=0, end=20)
    return _Parser(text, words).run()


class _Parser:
    """One reading of one text, token by token."""

    def __init__(self, text: str, words: Container[str]) -> None:
        self.text = text
        self.words = words
        self.tokens = list(_tokens(text))
        self.position = 0
        self.depth = 0
        self.operators = 0  # each may lie inside the one before it, so they bound the depth of the tree, too

    @property
    def token(self) -> tuple[str, str, int, int]:
        return self.tokens[self.position]

    def advance(self) -> tuple[str, str, int, int]:
        token = self.tokens[self.position]
        self.position += 1
        return token

    def run(self) -> Tree:
        tree = self.expression(0)
        kind, text, start, end = self.token
        if kind != "end":
            if text in _FOREIGN:
                raise Fault(f"'{text}' is not part of expressions", start=start, end=end)
            between = "an operator or a ',' is missing before it"
            hint = between if kind in ("name", "number") else _UNEXPECTED.get(text, "")
            raise Fault(f"unexpected '{text}'", hint, start=start, end=end)
        return tree

    def expression(self, binding: int) -> Tree:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Fault(f"the expression is nested deeper than {DEEPEST}", start=self.token[2], end=self.token[3])
        left = self.prefix()
        while True:
            kind, text, start, end = self.token
            if kind != "operator" or _BINDING.get(text, 0) <= binding or text == "not":
                break
            self.operators += 1
            if self.operators > MOST_OPERATORS:
                raise Fault(f"the expression has more than {MOST_OPERATORS} operators", start=start, end=end)
            left = self.infix(left, text)
        self.depth -= 1
        return left

    def infix(self, left: Tree, text: str) -> Tree:
        if text in _COMPARISONS:
            operators, operands = [], [left]
            while self.token[0] == "operator" and self.token[1] in _COMPARISONS:
                operators.append(self.advance()[1])
                operands.append(self.expression(_BINDING["=="]))
            return Comparison(tuple(operators), tuple(operands))
        self.advance()
        if text == "if":
            condition = self.expression(_BINDING["if"])
            if self.token[1] != "else":
                raise Fault("'if' without 'else'", "write: a if condition else b", start=left.start, end=condition.end)
            self.advance()
            return Choice(condition, left, self.expression(0))
        right = self.expression(_BINDING[text])
        return Logic(text, left, right) if text in ("and", "or") else Binary(text, left, right)

    def prefix(self) -> Tree:
        kind, text, start, end = self.advance()
        tree: Tree
        if kind == "number":
            tree = Constant(_number(text, start, end), start, end)
        elif kind == "name":
            if text in ("true", "false"):
                tree = Constant(text == "true", start, end)
            elif text in _FOREIGN:
                raise Fault(f"'{text}' is not part of expressions", start=start, end=end)
            elif self.token[1] == "(":
                tree = self.call(text, start, end)
            elif text in self.words:
                tree = Constant(text, start, end)
            else:
                tree = Name(text, start, end)
        elif text == "(":
            tree = self.expression(0)
            self.expect(")", start)
        elif text == "[":
            items = self.items("]", start)
            tree = Items(items, start, self.tokens[self.position - 1][3])
        elif text in ("-", "+", "not") and kind == "operator":
            tree = self.expression(_BINDING["not"] if text == "not" else _UNARY)
            return tree if text == "+" else Unary(text, tree, start)
        elif kind == "end" and not self.text.strip():
            raise Fault("the expression is empty", "a value is missing")
        elif kind == "end":
            start = len(self.text.rstrip())
            raise Fault("the expression ends too early", "a value is missing", start=start - 1, end=start)
        elif text == "." and self.token[1].lower() in ("nan", "inf"):
            raise Fault(f"'.{self.token[1]}' is not part of expressions", start=start, end=self.token[3])
        elif text == ".":
            raise Fault("a name is missing before '.'", "as in x.channels", start=start, end=end)
        else:
            hint = "write: a if condition else b" if text in ("if", "else") else "a value is missing before it"
            raise Fault(f"unexpected '{text}'", hint, start=start, end=end)
        return self.suffix(tree)

    def suffix(self, tree: Tree) -> Tree:
        while True:
            kind, text, start, end = self.token
            if kind != "operator" or text not in ("[", "."):
                return tree
            self.advance()
            if text == "[":
                index = self.expression(0)
                self.expect("]", start)
                tree = Index(tree, index, self.tokens[self.position - 1][3])
                continue
            kind, name, after, end = self.advance()
            if kind != "name":
                raise Fault("a name is missing after '.'", "as in x.channels", start=start, end=start + 1)
            if name not in ATTRIBUTES:
                hint = did_you_mean(name, ATTRIBUTES) if name[0] != "_" else ""
                raise Fault(f"there is no attribute '.{name}'", hint, start=after, end=end)
            tree = Attribute(tree, name, tree.start, end)

    def call(self, name: str, start: int, end: int) -> Tree:
        if name not in _FUNCTIONS:
            raise Fault(f"there is no function '{name}'", did_you_mean(name, FUNCTIONS), start=start, end=end)
        opening = self.advance()[2]
        arguments = self.items(")", opening)
        return Function(name, arguments, start, self.tokens[self.position - 1][3])

    def items(self, closing: str, opening: int) -> tuple[Tree, ...]:
        items: list[Tree] = []
        while self.token[1] != closing:
            items.append(self.expression(0))
            if self.token[1] != ",":
                break
            self.advance()
        self.expect(closing, opening)
        return tuple(items)

    def expect(self, closing: str, opening: int) -> None:
        kind, text, start, end = self.token
        if text != closing or kind == "end":
            if kind == "end":
                raise Fault(f"'{self.text[opening]}' is never closed", start=opening, end=opening + 1)
            if text in _FOREIGN:
                raise Fault(f"'{text}' is not part of expressions", start=start, end=end)
            raise Fault(f"expected '{closing}', got '{text}'", start=start, end=end)
        self.advance()


def _tokens(text: str) -> Iterator[tuple[str, str, int, int]]:
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            if not text[position:].strip():
                break
            while text[position].isspace():
                position += 1
            character = text[position]
            hint = _ADVICE.get(character, "")
            if character.isalnum():
                hint = "names and numbers are written with A-Z, a-z, 0-9 and _"
            shown = f'"{character}"' if character == "'" else f"'{character}'"
            raise Fault(f"{shown} is not part of expressions", hint, start=position, end=position + 1)
        kind = match.lastgroup or ""
        if kind == "tail":
            start, end = match.span("tail")
            hint = "put '*' between them"
            if text[end - len(match.group()) :].strip().lower()[:2] in ("0x", "0o", "0b"):
                hint = "numbers are decimal"
            raise Fault(f"a number runs into '{match.group('tail')}'", hint, start=start, end=end)
        word = match.group(kind)
        start, end = match.span(kind)
        if word == "**":
            raise Fault("'**' is not part of expressions", _ADVICE["**"], start=start, end=end)
        yield ("operator" if word in _WORDS else kind), word, start, end
        position = end
    yield "end", "", len(text), len(text)


def _number(text: str, start: int, end: int) -> int | Fraction:
    digits = text.replace("_", "")
    if len(digits) > 40:
        raise Fault("the number has more than 40 characters", start=start, end=end)
    if digits.isdigit():
        return _integer(digits, start)
    mantissa, _, exponent = digits.lower().partition("e")
    if exponent and abs(int(exponent)) > 30:
        raise Fault("the exponent is beyond 30", "from 1e-30 to 1e30", start=start, end=end)
    before, _, after = mantissa.partition(".")
    from fractions import Fraction

    return whole(Fraction(int((before + after) or "0"), 10 ** len(after)) * Fraction(10) ** int(exponent or "0"))


def _integer(digits: str, start: int) -> int:
    if len(digits) > 1 and digits[0] == "0":
        hint = f"write {digits.lstrip('0') or '0'}"
        raise Fault(f"a number cannot start with 0: {digits}", hint, start=start, end=start + len(digits))
    return int(digits)


def product(values: tuple[int, ...]) -> int:
    """The product of whole numbers; 1 for none."""
    return reduce(operator.mul, values, 1)


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
