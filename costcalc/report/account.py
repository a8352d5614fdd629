"""A convention's number as text: beside it always its unit, its definition, and what it does not count."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from costcalc.conventions.model import UNITS, Convention
from costcalc.report.numbers import exact, scaled

if TYPE_CHECKING:
    from collections.abc import Iterable
    from fractions import Fraction

    from costcalc.cost.account import Account, Gap, Term


def label(convention: Convention) -> str:
    """The name of the number: `thop MACs`."""
    return f"{convention.name} {UNITS[convention.unit]}"


def total_line(account: Account) -> tuple[str, int | Fraction, str]:
    """The total among other totals: name, exact, scaled."""
    total = account.total
    return label(account.convention), total, scaled(int(total))


def notes(account: Account) -> list[str]:
    """Notes on the number: its meaning, and what it leaves out."""
    gaps = left_out(account.not_counted)
    return [definition(account.convention), *([f"Not counted by {account.convention.name}: {gaps}."] if gaps else [])]


def definition(convention: Convention) -> str:
    """One sentence: whose number it is, and of what."""
    about = f": {convention.about.rstrip('.')}" if convention.about else ""
    return f"{label(convention)} ({_worth(convention)}), as in {convention.describes or convention.path}{about}."


def _worth(convention: Convention) -> str:
    """The weights that the rules give a multiply-add, or what the tool takes for one; the most frequent first."""
    if convention.unit == "activation":
        return "elements"
    rules = (*convention.rules.values(), *([convention.others] if convention.others else []))
    weights = [weight for rule in rules for quantity, weight in rule.weights if f"_{quantity}".endswith("_mac")]
    if not weights:
        return "no multiply-adds"
    first, *others = (exact(weight) for weight, _ in Counter(weights).most_common())
    return f"a multiply-add is {first}" + (f", in places {' or '.join(others)}" if others else "")


def left_out(gaps: Iterable[Gap]) -> str:
    """The ops that compute something and are not counted: `add, max_pool; linear in attention (no formula)`."""
    together: dict[tuple[str, str], list[str]] = {}
    for gap in gaps:
        together.setdefault((gap.reason, gap.block), []).append(gap.op)
    return "; ".join(
        ", ".join(ops) + (f" in {block}" if block else "") + (f" ({reason})" if reason else "")
        for (reason, block), ops in sorted(together.items())
    )


def number(value: int | Fraction) -> int | str:
    """An exact number in JSON: a rational that is not whole is a text, `7/2`."""
    return int(value) if value.denominator == 1 else str(value)


def to_json(account: Account) -> dict[str, Any]:
    """The key `convention` of a report."""
    convention = account.convention
    return {
        "name": convention.name,
        "describes": convention.describes,
        "unit": convention.unit,
        "about": convention.about,
        "total": number(account.total),
        "reasons": reasons(account),
        "terms": [term_to_json(term) for term in account.terms],
    }


def term_to_json(term: Term) -> dict[str, Any]:
    """A term, with the key of the table that it is from."""
    return {
        "rule": term.key,
        "op": term.op,
        "quantity": term.quantity,
        "weight": number(term.weight),
        "count": term.count,
        "amount": number(term.amount),
    }


def not_counted(account: Account) -> list[str]:
    """The key `not_counted`: each op, or `block.op` where it is left out of a block, once."""
    return list(dict.fromkeys(gap.key for gap in account.not_counted))


def reasons(account: Account) -> dict[str, str]:
    """The key `reasons`: why what is not counted is not, where the convention says so."""
    found: dict[str, list[str]] = {}
    for gap in account.not_counted:
        if gap.reason:
            found.setdefault(gap.key, []).append(gap.reason)
    return {key: "; ".join(said) for key, said in found.items()}
