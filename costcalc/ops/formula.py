"""A formula in symbols: evaluated for the numbers, and printed with the numbers put in.

A formula is written once, as text, in the language of the specs. What `explain` prints is what was computed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from costcalc.text.expressions import parse
from costcalc.text.trees import Tree
from costcalc.text.values import product

Symbols = Mapping[str, int | tuple[int, ...]]
"""Symbol -> number, or the factors of one (`k` = (3, 3)): a formula sees their product, a weight's shape each axis."""

_NAME = re.compile(r"[A-Za-z_]\w*")


class Formula:
    """`c_out * (c_in / g) * k`, parsed when it is first needed.

    >>> Formula("c_out * k").evaluate({"c_out": 2, "k": (3, 3)})
    18
    >>> Formula("c_out * k").substitute({"c_out": 2, "k": (3, 3)})
    '2 * 3*3'
    """

    __slots__ = ("text", "tree")

    def __init__(self, text: str) -> None:
        self.text = text
        self.tree: Tree | None = None

    def evaluate(self, symbols: Symbols) -> int:
        """The exact value. A formula that does not come out whole is a bug, and says so."""
        if self.tree is None:
            self.tree = parse(self.text)
        tree = self.tree
        value: Any = tree.evaluate(
            {name: symbols[name] if symbols[name].__class__ is int else product(symbols[name]) for name in tree.names}  # type: ignore[arg-type]
        )
        if value.__class__ is not int:
            raise ArithmeticError(f"{self.text} is {value}, not a whole number, for {dict(symbols)}")
        return int(value)

    def letters(self) -> set[str]:
        """The symbols of the formula."""
        return set(_NAME.findall(self.text))

    def substitute(self, symbols: Symbols) -> str:
        """The text with numbers in place of symbols."""

        def put(found: re.Match[str]) -> str:
            value = symbols.get(found.group())
            if value is None:
                return found.group()
            if isinstance(value, int):
                return str(value)
            return "*".join(map(str, value)) or "1"

        return _NAME.sub(put, self.text)
