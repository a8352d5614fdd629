"""Find the token input of a language model, and the arg that gives its length."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from costcalc.errors import CostcalcError, Fault, SpecError
from costcalc.graph.arguments import bind_args
from costcalc.graph.fold import layers_of
from costcalc.spec.model import Spec, Value

if TYPE_CHECKING:
    from costcalc.graph.inputs import Given

MOST_AXES = 2
"""Tokens are one number each, or one row of features each."""


def args_of_tokens(spec: Spec, name: str) -> list[str]:
    """The args in the length of an input, in the order of the file."""
    values = dict(spec.inputs)[name]
    return [arg for arg, _ in spec.args if values and arg in values[0].names]


def arg_of_tokens(spec: Spec, name: str) -> str | None:
    """The only arg in the length of an input that can be tokens; None where there are none or several."""
    args = args_of_tokens(spec, name)
    return args[0] if len(args) == 1 and len(dict(spec.inputs)[name]) <= MOST_AXES else None


def is_read_as_tokens(spec: Spec, args: Mapping[str, Any]) -> bool:
    """True if the network attends, so that `--sequence` is for it."""
    from costcalc.graph.build import build

    try:
        return len(spec.inputs) == 1 and any(layer.op.attends for layer in layers_of(build(spec, args).root))
    except SpecError:
        return False


def token_input(spec: Spec) -> str:
    """The name of the input that is the tokens.

    Raises:
        CostcalcError: there are several inputs, or the input is no row of tokens.
    """
    if len(spec.inputs) > 1:
        names = ", ".join(name for name, _ in spec.inputs)
        raise CostcalcError(
            f"{spec.address} has several inputs ({names}): --phase and --sequence are for models that take one row of "
            f"tokens; --set and --input change each"
        )
    ((name, values),) = spec.inputs
    if len(values) > MOST_AXES:
        raise CostcalcError(
            f"{spec.address} does not take one row of tokens: --phase and --sequence are for an input of [tokens] or "
            f"[tokens, features], not of {len(values)} sizes"
        )
    return name


def with_tokens(spec: Spec, args: Mapping[str, Any], count: int) -> dict[str, Any]:
    """`args` with the one that gives the tokens at the value that makes the input `count` tokens long.

    Raises:
        CostcalcError: no arg gives the tokens, or several do, or it is given already, or no value makes so many.
    """
    name = token_input(spec)
    length = dict(spec.inputs)[name][0]
    text = text_of(length)
    names = args_of_tokens(spec, name)
    if not names:
        raise CostcalcError(
            f"--sequence {count}: the length of '{name}' is {text} and depends on no arg: "
            f"write 'args: {{sequence: {text}}}' and 'input: [sequence{', ...' * (len(dict(spec.inputs)[name]) > 1)}]'"
        )
    if len(names) > 1:
        settings = " ".join(f"--set {arg}=..." for arg in names)
        raise CostcalcError(
            f"--sequence {count}: the length of '{name}' is {text} and depends on {' and '.join(names)}: "
            f"write {settings} instead"
        )
    (arg,) = names
    if arg in args:
        raise CostcalcError(
            f"--sequence {count} and --set {arg}={args[arg]} both say how many tokens there are: give one"
        )
    value = _solved(spec, args, arg, length, count)
    return {**args, arg: value}


def args_at(spec: Spec, args: Mapping[str, Any] | None, input: Given, sequence: int | None) -> Mapping[str, Any]:
    """`args` as they are where `sequence` is None, else with the one that gives the tokens at its value.

    Raises:
        CostcalcError: as `with_tokens`; or a shape is given as well.
    """
    if sequence is None:
        return args or {}
    if input is not None:
        raise CostcalcError("sequence and input both say how many tokens come in: give one")
    return with_tokens(spec, args or {}, sequence)


def _solved(spec: Spec, args: Mapping[str, Any], arg: str, length: Value, count: int) -> int:
    """The value of `arg` at which the length is `count`: the length is a line in it, or the value is not found."""

    def at(value: int) -> Any:
        try:
            return length.evaluate(bind_args(spec, {**args, arg: value}))
        except (Fault, SpecError):
            return None

    candidates = [count]
    for start in (1, 2, 4, 8, count, 2 * count):
        first, second = at(start), at(2 * start)
        if first.__class__ is second.__class__ is int and first != second:
            candidates.append(start + (count - first) * start // (second - first))
    for value in candidates:
        if value >= 1 and at(value) == count:
            return value
    if at(count).__class__ is not int:  # the arg itself is the trouble: say what is wrong with it
        bind_args(spec, {**args, arg: count})
    raise CostcalcError(
        f"--sequence {count}: no value of {arg} makes {text_of(length)} so many tokens: write --set {arg}=... instead"
    )


def text_of(length: Value) -> str:
    """An expression as the file has it."""
    location = length.location()
    return location.source.line(location.line)[location.column - 1 : location.column - 1 + location.width] or "a number"
