"""Expressions: text -> a tree, by a small Pratt parser. Never `eval`.

Integers, decimals as exact rationals, names, `+ - * / // %`, comparisons, `and or not`, `a if c else b`, a fixed set
of functions, lists, indexing, and the attributes of a tensor's shape. No power, no strings, no calls beyond these, so
every expression ends quickly.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from typing import TYPE_CHECKING

from costcalc.errors import Fault, Hint
from costcalc.text.suggest import did_you_mean
from costcalc.text.trees import (
    FUNCTIONS,
    Attribute,
    Binary,
    Choice,
    Comparison,
    Constant,
    Function,
    Index,
    Items,
    Logic,
    Name,
    Tree,
    Unary,
)
from costcalc.text.values import whole

if TYPE_CHECKING:
    from fractions import Fraction

LONGEST = 1_000
DEEPEST = 50
MOST_OPERATORS = 200

ATTRIBUTES = ("channels", "height", "width", "length", "features", "rank", "shape")
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)(?P<tail>[A-Za-z_]\w*)?"
    r"|(?P<name>[A-Za-z_]\w*)|(?P<operator>\*\*|//|==|!=|<=|>=|[-+*/%<>()\[\],.]))",
    re.ASCII,
)
_ADVICE = {
    "**": "there is no power: write a product",
    "&": "'and' joins conditions, and there are no operations on bits",
    "|": "'or' joins conditions, and there are no operations on bits",
    "!": "'not' turns a condition round, and there is no factorial",
    "=": "'==' compares",
    "{": "no braces here",
    ":": "there are no times and no slices",
    "$": "names stand without '$'",
    ";": "one expression a value",
    "?": "write: a if condition else b",
    "^": "there is no power: write a product",
    "~": "'not' turns a condition round, and there are no operations on bits",
    "'": "no strings: a word stands for itself",
    '"': "no strings: a word stands for itself",
}


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


def as_list(text: str) -> str | None:
    """Tuples of another language as lists: `((1, 1), 2)` is `[[1, 1], 2]`. None for a text that is no tuple.

    >>> as_list("(3, 3)"), as_list("max(3, 3)"), as_list("(3 + 3)")
    ('[3, 3]', None, None)
    """
    text = text.strip()
    if not text.startswith("(") or not text.endswith(")") or "," not in text:
        return None
    opened: list[int] = []
    turned = list(text)
    commas: set[int] = set()
    for position, character in enumerate(text):
        if character == "(":
            opened.append(position)
        elif character == "," and opened:
            commas.add(opened[-1])
        elif character == ")":
            if not opened or (len(opened) == 1 and position < len(text) - 1):
                return None
            start = opened.pop()
            if start in commas and not text[:start].rstrip()[-1:].isalnum():
                turned[start], turned[position] = "[", "]"
    found = re.sub(r",\s*\]", "]", "".join(turned))
    return found if not opened and found.startswith("[") else None


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
            if self.token[1] == ",":
                self.tuple(start)
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
        if name not in FUNCTIONS:
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

    def tuple(self, opening: int) -> None:
        """Refuse Python's `(3, 3)`: a list has brackets."""
        message = "a list is written in brackets, not in parentheses"
        listed = as_list(self.text)
        if listed is not None:
            raise Fault(message, Hint(f"write {listed}", listed), start=0, end=len(self.text))
        end = self.text.find(")", opening) + 1
        inside = self.text[opening + 1 : end - 1].strip().rstrip(",")
        hint = Hint(f"write [{inside}]", f"[{inside}]") if end and "(" not in inside else "as in [3, 3]"
        raise Fault(message, hint, start=opening, end=end or None)

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
    hint: str
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            if not text[position:].strip():
                break
            while text[position].isspace():
                position += 1
            character = text[position]
            hint, width = _foreign(text, position)
            if character.isalnum():
                hint = "names and numbers are written with A-Z, a-z, 0-9 and _"
            shown = f'"{character}"' if character == "'" else f"'{character}'"
            raise Fault(f"{shown} is not part of expressions", hint, start=position, end=position + width)
        kind = match.lastgroup or ""
        if kind == "tail":
            start, end = match.span("tail")
            hint = Hint("put '*' between them", f"*{match.group('tail')}")
            if match.group("tail").lower() == "e":
                hint = "an exponent is a whole number, as in 1.5e3"
            whole = re.match(r"\s*(0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+)\b", text[position:])
            if whole is not None:
                start, end = position + whole.start(1), position + whole.end(1)
                hint = Hint(f"numbers are decimal: write {int(whole[1], 0)}", f"{int(whole[1], 0)}")
            elif text[position:].strip().lower()[:2] in ("0x", "0o", "0b"):
                hint = "numbers are decimal"
            raise Fault(f"a number runs into '{match.group('tail')}'", hint, start=start, end=end)
        word = match.group(kind)
        start, end = match.span(kind)
        if word == "**":
            raise Fault("'**' is not part of expressions", _ADVICE["**"], start=start, end=end)
        yield ("operator" if word in _WORDS else kind), word, start, end
        position = end
    yield "end", "", len(text), len(text)


_WRITTEN = (
    (r"&&", "and", "write 'and'"),
    (r"\|\|", "or", "write 'or'"),
    (r"!(?=\s*[A-Za-z_(])", "not ", "write 'not'"),
    (r":?=(?!=)", "==", "write '==' to compare"),
    (r"\$(?=[A-Za-z_])", "", "names stand without '$'"),
)
"""Operators of other languages, those written here, and the words of a message."""


def _foreign(text: str, position: int) -> tuple[str, int]:
    """The advice for a character that expressions do not have, and how much of the text that is about."""
    for pattern, written, words in _WRITTEN:
        found = re.compile(pattern).match(text, position)
        between = text[:position].strip() and found is not None and text[found.end() :].strip()
        if found is not None and (between or written in ("", "not ")):
            return Hint(words, written), len(found[0])
    quoted = re.compile(r"(['\"])([A-Za-z_]\w*)\1").match(text, position)
    if quoted is not None and position == 0 and not text[quoted.end() :].strip():
        return Hint(f"no strings: a word stands for itself: write {quoted[2]}", quoted[2]), len(quoted[0])
    return _ADVICE.get(text[position], ""), 1


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
        plain = digits.lstrip("0") or "0"
        hint = Hint(f"write {plain}", plain)
        raise Fault(f"a number cannot start with 0: {digits}", hint, start=start, end=start + len(digits))
    return int(digits)
