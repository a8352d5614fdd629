"""A convention's number as text: beside it always its unit, its definition, and what it does not count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from costcalc.conventions.model import UNITS, Convention
from costcalc.report.numbers import scaled

if TYPE_CHECKING:
    from collections.abc import Iterable
    from fractions import Fraction

    from costcalc.cost.account import Account, Gap


def label(convention: Convention) -> str:
    """The name of the number: `thop MACs`."""
    return f"{convention.name} {UNITS[convention.unit]}"


def total_line(account: Account) -> tuple[str, int | Fraction, str]:
    """The total among other totals: name, exact, scaled."""
    total = account.total
    return label(account.convention), total, scaled(int(total))


def notes(account: Account) -> list[str]:
    """What the number means, and what it leaves out."""
    gaps = left_out(account.not_counted)
    return [definition(account.convention), *([f"Not counted by {account.convention.name}: {gaps}."] if gaps else [])]


def definition(convention: Convention) -> str:
    """One sentence: whose number it is, and of what."""
    counts = {"mac": "a multiply-add is 1", "flop": "a multiply-add is 2"}.get(convention.unit, "elements")
    about = f": {convention.about.rstrip('.')}" if convention.about else ""
    return f"{label(convention)} ({counts}), as in {convention.describes or convention.path}{about}."


def left_out(gaps: Iterable[Gap]) -> str:
    """The ops that compute something and are not counted: `add, max_pool; lstm (no formula)`."""
    reasons: dict[str, list[str]] = {}
    for gap in gaps:
        reasons.setdefault(gap.reason, []).append(gap.op)
    return "; ".join(
        ", ".join(dict.fromkeys(ops)) + (f" ({reason})" if reason else "") for reason, ops in sorted(reasons.items())
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
        "reasons": {gap.op: gap.reason for gap in account.not_counted if gap.reason},
        "terms": [
            {
                "rule": term.key,
                "op": term.op,
                "quantity": term.quantity,
                "weight": number(term.weight),
                "count": term.count,
                "amount": number(term.amount),
            }
            for term in account.terms
        ],
    }


def not_counted(account: Account) -> list[str]:
    """The key `not_counted` of a report: the ops, each once."""
    return list(dict.fromkeys(gap.op for gap in account.not_counted))
