"""The values of a spec's args, and what is wrong with a value where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from costcalc.errors import Fault, Problem, SpecError
from costcalc.ops import catalogue
from costcalc.ops import words as op_words
from costcalc.ops.kinds import AXES
from costcalc.spec.model import Spec, Value
from costcalc.text.expressions import parse
from costcalc.text.nodes import Node
from costcalc.text.suggest import did_you_mean
from costcalc.text.values import whole


def bind_args(spec: Spec, overrides: Mapping[str, Any]) -> dict[str, Any]:
    """The args in order, overrides in place of what the file says."""
    known = [name for name, _ in spec.args]
    problems = [
        Problem(f"{spec.path} has no arg '{name}'", None, did_you_mean(name, known) if known else "it has no args")
        for name in overrides
        if name not in known
    ]
    if problems:
        raise SpecError(problems)
    values: dict[str, Any] = {}
    for name, value in spec.args:
        try:
            if name in overrides:
                values[name] = _override(overrides[name], values, spec)
            elif value.names <= values.keys():  # else it needs one that failed
                values[name] = value.evaluate(values)
        except Fault as fault:
            location = None if name in overrides else value.place(fault).location
            problems.append(Problem(f"arg '{name}': {fault.message}", location, fault.hint))
    if problems:
        raise SpecError(problems)
    return values


def _override(value: Any, values: Mapping[str, Any], spec: Spec) -> Any:
    if isinstance(value, str):
        words = frozenset((*catalogue(), *spec.blocks, *(op_words() - set(AXES))))
        return parse(value, words).evaluate(values)
    if isinstance(value, (list, tuple)):
        return tuple(_override(item, values, spec) for item in value)
    if isinstance(value, float):
        from fractions import Fraction

        return whole(Fraction(repr(value)))
    return value


def checked(value: Value, env: Mapping[str, Any], check: Any, what: str) -> Any:
    """The value of an expression, checked; a fault says what it is about, and where."""
    result = value.evaluate(env)
    try:
        return check(result)
    except Fault as fault:
        fault.message = f"{what}: {fault.message}"
        raise value.place(fault) from None


def problem_of(fault: Fault, node: Node, *trail: str) -> Problem:
    """A fault with its place, or that of `node`."""
    return Problem(fault.message, fault.location or node.location(), fault.hint, trail)
