"""A convention as a value: which quantities of which ops somebody counts, and with what weights."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from costcalc.errors import Problem, SpecError
from costcalc.ops import catalogue
from costcalc.text.suggest import Suggestions

if TYPE_CHECKING:
    from fractions import Fraction

UNITS = {
    "mac": "MACs",
    "flop": "FLOPs",
    "activation": "activations",
}
"""Unit -> the word beside the number. A multiply-add counts 1 in `mac` and 2 in `flop`."""


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule of one key: quantity -> weight. A `reason` says what is not counted, if anything, and why."""

    key: str
    weights: tuple[tuple[str, int | Fraction], ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Convention:
    """A definition of the cost of a network by some tool.

    Attributes:
        describes: the tool and its version.
        unit: a key of `UNITS`.
        about: the definition in one sentence.
        path: the file of the table, as the user gave it.
        rules: an op, a block, or `block.op` -> its rule.
        others: the rule of every op without one of its own; None if the table is silent about them.
        blocks: the blocks that keys mention, whole or with an op.
        like: the convention that this one changes.
        doubtful: keys that are no ops -> the problem, unless the network has a block of that name.
    """

    name: str
    describes: str
    unit: str
    about: str
    source: str
    path: str
    rules: Mapping[str, Rule]
    others: Rule | None = None
    blocks: frozenset[str] = frozenset()
    like: str = ""
    doubtful: Mapping[str, Problem] = field(default_factory=dict)

    @property
    def tool(self) -> str:
        """Whose it is: `fvcore` for `fvcore-no-grad`, which is like it in another context and named after it."""
        return self.like if self.name.startswith(f"{self.like}-") else self.name

    def need_blocks(self, blocks: Collection[str]) -> None:
        """Raise a `SpecError` if a key is neither an op nor one of these blocks."""
        problems = []
        suggest = Suggestions()
        for name, problem in self.doubtful.items():
            if name not in blocks:
                near = suggest.nearest(name, catalogue(), blocks)
                problems.append(problem._replace(hint=f"did you mean '{near}'?") if near else problem)
        if problems:
            raise SpecError(problems)
