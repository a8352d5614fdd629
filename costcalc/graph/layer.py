"""An op at one size: its arguments checked and complete, its output shape, its weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from costcalc.errors import Fault
from costcalc.graph.arguments import problem_of
from costcalc.graph.complaint import inputs_line, named_argument
from costcalc.graph.model import Layer, StoredWeight
from costcalc.graph.scope import Stop
from costcalc.ops.kinds import LARGEST_DIMENSION
from costcalc.ops.op import REQUIRED, Op, Setting
from costcalc.spec.model import Call
from costcalc.text.suggest import did_you_mean


def op_at(
    op: Op, call: Call, given: dict[str, Any], shapes: tuple[Any, ...], names: Sequence[str | None], layout: str,
    formats: tuple[str, str], axes: tuple[int | None, ...] = (), context: int | None = None,
) -> Layer:  # fmt: skip
    """The layer that `call` makes of `op`; `names` are those of its inputs, for messages.

    With a `context` it works on one new token of so many; `axes` are where the tokens lie in its inputs.

    Raises:
        Fault: an argument is missing, unknown, or not of its kind.
        Stop: the shapes do not fit.
    """
    arguments: dict[str, Any] = {}
    for argument in op.arguments:
        if argument.name in given:
            try:
                arguments[argument.name] = argument.kind.check(given[argument.name])
            except Fault as fault:
                fault.message = f"argument '{argument.name}' of {op.name}: {fault.message}"
                value = call.arguments.get(argument.name)
                raise (value.place(fault) if value is not None else fault) from None
        elif argument.default is REQUIRED:
            raise Fault(f"{op.name} needs '{argument.name}'")
        else:
            arguments[argument.name] = argument.default
    for name in given:
        if name not in arguments:
            hint = did_you_mean(name, arguments) if arguments else f"{op.name} takes no arguments"
            value = call.arguments.get(name)
            unknown = Fault(f"{op.name} has no argument '{name}'", hint)
            raise unknown if value is None else value.place(unknown)
    setting = Setting(arguments, shapes, layout)
    try:
        if context is not None and op.decoded is not None:
            setting = op.decoded(setting, axes, context)
        output = op.infer(setting)
        if output and max(output) > LARGEST_DIMENSION:
            raise Fault(f"the output would be {list(output)}", "a size is at most 10^15")
        symbols = op.symbols(setting, output)
    except Fault as fault:
        named = named_argument(fault.message, given, shapes)
        if named in call.arguments:
            fault.location = call.arguments[named].node.location()
        raise Stop(problem_of(fault, call.node, *inputs_line(fault.message, shapes, names))) from None
    weights = tuple(
        StoredWeight(weight.name, weight.shape(symbols), weight.trainable)
        for weight in op.weights
        if weight.stored(setting)
    )
    return Layer(op, setting.arguments, setting.inputs, output, layout, formats[0], formats[1], symbols, weights)
