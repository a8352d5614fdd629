"""`reconcile`: what every convention calls the cost of one network, and what makes it differ from costcalc's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from costcalc.conventions.model import Convention, Rule
from costcalc.cost.account import Account, account, block_names
from costcalc.cost.census import Census
from costcalc.cost.model import Report
from costcalc.reconcile.pair import Comparison, between, largest_first
from costcalc.text.values import whole

if TYPE_CHECKING:
    from fractions import Fraction

MACS = Convention("costcalc", "costcalc", "mac", "", "", "", {}, Rule("others", (("mac", 1),)))
BIASES = Convention("biases", "", "mac", "", "", "", {}, Rule("others", (("bias_add", 1),)))


@dataclass(frozen=True, slots=True)
class Line:
    """One convention beside costcalc: macs + the differences = its total, where costcalc counts multiply-adds alone.

    `names` are the conventions of one tool that say the same here, in another context or under another name.
    """

    account: Account
    names: tuple[str, ...]
    differences: tuple[Comparison, ...]
    no_bias: bool

    @property
    def total(self) -> int | Fraction:
        """The convention's number."""
        return self.account.total

    @property
    def difference(self) -> int | Fraction:
        """The surplus over costcalc's multiply-adds."""
        return whole(sum(row.difference for row in self.differences))


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """A network under several conventions, the smallest total first."""

    report: Report
    lines: tuple[Line, ...]


def reconcile(report: Report, conventions: Iterable[Convention]) -> Reconciliation:
    """One line for each convention; those of one tool that say the same stand in one."""
    blocks = block_names(report.graph.root)
    conventions = list(conventions)
    census = Census(report, frozenset().union(*(convention.blocks for convention in conventions)))
    own = account(report, MACS, census=census)
    worked = {term.op for term in own.terms}
    biased = {term.op for term in account(report, BIASES, census=census).terms if term.op in worked}
    lines: dict[tuple[str, tuple[Comparison, ...]], Line] = {}
    for convention in sorted(conventions, key=lambda convention: (convention.tool != convention.name, convention.name)):
        counted = account(report, convention, blocks=blocks, census=census)
        rows = between(own, counted)
        same = (convention.tool, rows)
        if same in lines:
            first = lines[same]
            lines[same] = Line(first.account, (*first.names, convention.name), first.differences, first.no_bias)
            continue
        no_bias = bool(biased) and not any(term.op in biased and _is_bias(term.quantity) for term in counted.terms)
        lines[same] = Line(counted, (convention.name,), largest_first(rows), no_bias)
    return Reconciliation(report, tuple(sorted(lines.values(), key=lambda line: (line.total, line.names))))


def _is_bias(quantity: str) -> bool:
    """True if a quantity of an op with a bias is the bias, or as much: one for every element of the output."""
    return quantity.endswith("bias_add") or quantity == "output_element"
