"""`reconcile`: what every convention calls the cost of one network, and what makes it differ from costcalc's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from costcalc.conventions.model import Convention, Rule
from costcalc.cost.account import Account, Term, account, block_names, whole
from costcalc.cost.model import Report

if TYPE_CHECKING:
    from fractions import Fraction

ELEMENTS = ("input_element", "output_element", "scale_shift")
"""Quantities of one op that are told as one where they count the same elements."""

MACS = Convention("costcalc", "costcalc", "mac", "", "", "", {}, Rule("others", (("mac", 1),)))
BIASES = Convention("biases", "", "mac", "", "", "", {}, Rule("others", (("bias_add", 1),)))


@dataclass(frozen=True, slots=True)
class Difference:
    """One reason why a total is not costcalc's number of multiply-adds: `count` of a quantity, `weight` more each."""

    op: str
    quantity: str
    weight: int | Fraction
    count: int

    @property
    def amount(self) -> int | Fraction:
        """What it adds to the multiply-adds, or takes from them."""
        return whole(self.weight * self.count)


@dataclass(frozen=True, slots=True)
class Line:
    """One convention beside costcalc: macs + the differences = its total.

    `names` are the conventions of one tool that say the same here, in another context or under another name.
    """

    account: Account
    names: tuple[str, ...]
    differences: tuple[Difference, ...]
    no_bias: bool

    @property
    def total(self) -> int | Fraction:
        """What the convention says."""
        return self.account.total

    @property
    def difference(self) -> int | Fraction:
        """How much more than costcalc's multiply-adds that is."""
        return whole(sum(item.amount for item in self.differences))


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """A network under several conventions, the smallest total first."""

    report: Report
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One quantity of one op under two conventions: how often it occurs, and what each makes of it."""

    op: str
    quantity: str
    amounts: tuple[int | Fraction, int | Fraction]
    terms: tuple[tuple[Term, ...], tuple[Term, ...]]

    @property
    def difference(self) -> int | Fraction:
        """The second minus the first."""
        return whole(self.amounts[1] - self.amounts[0])


def reconcile(report: Report, conventions: Iterable[Convention]) -> Reconciliation:
    """One line for each convention; those of one tool that say the same stand in one."""
    blocks = block_names(report.graph.root)
    macs = by_op(account(report, MACS).terms)
    biased = {term.op for term in account(report, BIASES).terms if term.op in macs}
    lines: dict[tuple[str, tuple[Term, ...]], Line] = {}
    for convention in sorted(conventions, key=lambda convention: (convention.tool != convention.name, convention.name)):
        counted = account(report, convention, blocks=blocks)
        same = (convention.tool, _bare(counted.terms))
        if same in lines:
            first = lines[same]
            lines[same] = Line(first.account, (*first.names, convention.name), first.differences, first.no_bias)
            continue
        no_bias = bool(biased) and not any(term.op in biased and _is_bias(term.quantity) for term in counted.terms)
        found = differences(counted.terms, macs)
        lines[same] = Line(counted, (convention.name,), found, no_bias)
    return Reconciliation(report, tuple(sorted(lines.values(), key=lambda line: (line.total, line.names))))


def _is_bias(quantity: str) -> bool:
    """Whether a quantity of an op with a bias is the bias, or as much: one for every element of the output."""
    return quantity.endswith("bias_add") or quantity == "output_element"


def _bare(terms: Iterable[Term]) -> tuple[Term, ...]:
    """The terms without the keys that made them."""
    return tuple(Term("", term.op, term.quantity, term.weight, term.count) for term in terms)


def by_op(terms: Iterable[Term]) -> dict[str, int]:
    """Op -> its multiply-adds."""
    found: dict[str, int] = {}
    for term in terms:
        if term.quantity == "mac":
            found[term.op] = found.get(term.op, 0) + term.count
    return found


def differences(terms: Sequence[Term], macs: dict[str, int]) -> tuple[Difference, ...]:
    """What has to be added to the multiply-adds to come to these terms, the largest first.

    >>> terms = [Term("conv", "conv", "mac", 2, 10), Term("relu", "relu", "input_element", 1, 5)]
    >>> [(item.op, item.quantity, item.weight, item.count) for item in differences(terms, {"conv": 10, "linear": 7})]
    [('conv', 'mac', 1, 10), ('linear', 'mac', -1, 7), ('relu', 'input_element', 1, 5)]
    """
    found: list[Difference] = []
    for op, count in macs.items():
        counted = 0
        for term in terms:
            if term.op == op and term.quantity == "mac":
                counted += term.count
                found.append(Difference(op, "mac", term.weight - 1, term.count))
        found.append(Difference(op, "mac", -1, count - counted))
    found += [Difference(term.op, term.quantity, term.weight, term.count) for term in merged(terms)]
    return tuple(sorted((item for item in found if item.amount), key=_size, reverse=True))


def _size(item: Difference) -> Any:
    return abs(item.amount)


def merged(terms: Iterable[Term]) -> list[Term]:
    """The terms that are no multiply-adds; quantities of one op that count the same elements are one term."""
    found: dict[tuple[str, str, int], Term] = {}
    for term in terms:
        if term.quantity == "mac":
            continue
        key = (term.op, "" if term.quantity in ELEMENTS else term.quantity, term.count)
        before = found.get(key)
        if before is not None:
            term = Term(before.key, term.op, before.quantity, whole(before.weight + term.weight), term.count)
        found[key] = term
    return list(found.values())


def between(first: Account, second: Account) -> tuple[Comparison, ...]:
    """Two accounts of one report, quantity by quantity; the differences add up to that of the totals."""
    pair: tuple[dict[object, list[Term]], dict[object, list[Term]]] = ({}, {})
    for found, one in zip(pair, (first, second), strict=True):
        for term in (*(term for term in one.terms if term.quantity == "mac"), *merged(one.terms)):
            found.setdefault(_alike(term), []).append(term)
    rows = []
    for key in dict.fromkeys((*pair[0], *pair[1])):
        terms = tuple(pair[0].get(key, ())), tuple(pair[1].get(key, ()))
        left, right = (whole(sum(term.amount for term in side)) for side in terms)
        plain = (*terms[0], *terms[1])[0]
        rows.append(Comparison(plain.op, plain.quantity, (left, right), terms))
    return tuple(rows)


def _alike(term: Term) -> tuple[str, str, int]:
    """What tells a term from others of its op: the quantity, or for elements how many they are."""
    return (term.op, "", term.count) if term.quantity in ELEMENTS else (term.op, term.quantity, 0)
