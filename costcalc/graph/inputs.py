"""The shapes of a spec's inputs: its own, or those given in their place. A shape is never read as another kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from costcalc.errors import Fault, Problem, SpecError
from costcalc.graph.arguments import checked, problem_of
from costcalc.ops.kinds import whole
from costcalc.ops.op import Shape
from costcalc.spec.model import Spec, Value
from costcalc.text.suggest import did_you_mean

Shapes = Sequence[tuple[str, Iterable[int]]]
Given = Mapping[str, Iterable[int]] | Shapes | Iterable[int] | None
NO_BATCH = "the batch is not part of a shape"


def bind_inputs(spec: Spec, args: Mapping[str, Any], given: Given) -> dict[str, Shape]:
    """Input name -> shape: the spec's own, `given` ones in their place.

    Raises:
        SpecError: an input is unknown, a size is not possible, or a shape has more or fewer sizes than the spec's own.
    """
    ranks = {name: len(values) for name, values in spec.inputs}
    pairs = _pairs(given)
    overrides: dict[str, Shape] = {}
    problems: list[Problem] = []
    for name, sizes in pairs:
        if name and name not in ranks:
            problems.append(Problem(f"{spec.path} has no input '{name}'", None, did_you_mean(name, ranks)))
            continue
        try:
            shape = _shape(sizes)
            name = name or _only_input(spec, args, shape)
        except Fault as fault:
            about = f"input '{name or next(iter(ranks))}': " if fault.message[0].islower() else ""
            problems.append(Problem(f"{about}{fault.message}", None, fault.hint))
            continue
        if name in overrides and overrides[name] != shape:
            problems.append(
                Problem(f"the input '{name}' is given two shapes: {_text(overrides[name])}, {_text(shape)}")
            )
        elif len(shape) != ranks[name]:
            problems.append(_of_another_rank(spec, args, name, shape))
        overrides[name] = shape
    if problems:
        raise SpecError(problems)
    shapes: dict[str, Shape] = {}
    for name, values in spec.inputs:
        if name in overrides:
            shapes[name] = overrides[name]
            continue
        sizes = []
        for value in values:
            try:
                sizes.append(_size(value, args))
            except Fault as fault:
                problems.append(problem_of(fault, value.node))
        shapes[name] = tuple(sizes)
    if problems:
        raise SpecError(problems)
    return shapes


def args_left_alone(spec: Spec, args: Mapping[str, Any], shapes: Mapping[str, Shape]) -> str:
    """A line that says which args a given shape leaves as they are, although the spec's own shape is made of them."""
    order = {arg: position for position, (arg, _) in enumerate(spec.args)}
    found = [
        f"{arg} = {args[arg]}"
        for name, values in spec.inputs
        if any(value.names for value in values) and own_shape(values, args) != shapes[name]
        for arg in sorted({arg for value in values for arg in value.names if arg in order}, key=order.__getitem__)
    ]
    return f"a given input shape changes no arg: {', '.join(dict.fromkeys(found))}; --set changes it" if found else ""


def _pairs(given: Given) -> list[tuple[str, Any]]:
    """Name and sizes of what is given; no name for a shape alone."""
    if given is None:
        return []
    if isinstance(given, Mapping):
        return [(str(name), sizes) for name, sizes in given.items()]
    items: list[Any] = list(given)
    if items and all(item.__class__ is tuple and len(item) == 2 and item[0].__class__ is str for item in items):
        return items
    return [("", items)]


def _shape(sizes: Iterable[int]) -> Shape:
    shape = tuple(whole(size, 1, "a size of at least 1") for size in sizes)
    if not shape:
        raise Fault("a shape has at least one size")
    return shape


def _size(value: Value, args: Mapping[str, Any]) -> int:
    size: int = checked(value, args, lambda size: whole(size, 1, "a size of at least 1"), "input")
    return size


def own_shape(values: Iterable[Value], args: Mapping[str, Any]) -> Shape | None:
    """The shape of an input as the spec writes it; None where it cannot be worked out."""
    try:
        return tuple(_size(value, args) for value in values)
    except Fault:
        return None


def _only_input(spec: Spec, args: Mapping[str, Any], shape: Shape) -> str:
    """The input that a shape without a name is for: the only one, or the only one of as many sizes."""
    names = [name for name, _ in spec.inputs]
    fitting = [name for name, values in spec.inputs if len(values) == len(shape)]
    if len(names) == 1:
        return names[0]
    if len(fitting) == 1:
        return fitting[0]
    listed = ", ".join(f"{name} {_text(own_shape(values, args))}" for name, values in spec.inputs)
    if fitting:
        hint = "name the one that is meant: " + " or ".join(f"--input {name}={_typed(shape)}" for name in fitting)
        raise Fault(f"{_text(shape)} fits several inputs of {spec.path}: {listed}", hint)
    batched = next((name for name, values in spec.inputs if len(values) == len(shape) - 1), None)
    hint = f"as in --input {names[0]}={_typed(own_shape(spec.inputs[0][1], args) or (3, 224, 224))}"
    if batched is not None:
        hint = f"{NO_BATCH}: write --input {batched}={_typed(shape[1:])} --batch {shape[0]}"
    raise Fault(f"{_text(shape)} fits no input of {spec.path}: {listed}", hint)


def _of_another_rank(spec: Spec, args: Mapping[str, Any], name: str, shape: Shape) -> Problem:
    """The problem that a shape has more or fewer sizes than the spec's own, and what to type."""
    values = dict(spec.inputs)[name]
    own = own_shape(values, args)
    count = len(values)
    message = f"{spec.path}: the input '{name}' has {count} size{'s' * (count > 1)}"
    message += f"{f', as in {_text(own)}' if own else ''}; {_text(shape)} has {len(shape)}"
    return Problem(message, None, _advice(spec, args, name, own or (), shape))


def _advice(spec: Spec, args: Mapping[str, Any], name: str, own: Shape, shape: Shape) -> str:
    from costcalc.graph.tokens import (
        arg_of_tokens,
        is_read_as_tokens,
        text_of,
    )  # which build graphs, and so need this file

    option = "--input " if len(spec.inputs) == 1 else f"--input {name}="
    if not own:
        return f"as in {option}{'x'.join(['8'] * len(dict(spec.inputs)[name]))}"
    if len(shape) == len(own) + 1:
        rest, batch = _channels_in_place(spec, own, shape[1:]), f"--batch {shape[0]}"
        arg = arg_of_tokens(spec, name)
        if arg is not None and rest[1:] == own[1:]:
            setting = f"--set {arg}={rest[0]} {batch}" if text_of(dict(spec.inputs)[name][0]) == arg else ""
            if is_read_as_tokens(spec, args):
                return f"{NO_BATCH}: write --sequence {rest[0]} {batch}{f' (or {setting})' if setting else ''}"
            if setting:
                return f"{NO_BATCH}: write {setting}"
        return f"{NO_BATCH}: write {option}{_typed(rest)} {batch}"
    guess = None
    if len(own) == 3 and len(shape) < 3:
        channels, first = (own[0], True) if spec.layout == "channels_first" else (own[-1], False)
        sides = shape
        if len(shape) == 2 and channels in shape:
            sides = shape[1:] if shape[0] == channels else shape[:1]
        sides = sides * 2 if len(sides) == 1 else sides
        guess = (channels, *sides) if first else (*sides, channels)
    elif len(own) == 2 and len(shape) == 1:
        guess = (shape[0], own[1])
    if guess is None:
        return f"as in {option}{_typed(own)}; the batch is --batch"
    return f"write {option}{_typed(guess)}; the batch is --batch"


def _channels_in_place(spec: Spec, own: Shape, shape: Shape) -> Shape:
    """A shape whose channels stand at the other end than the layout's, put right; otherwise as it is."""
    if len(shape) != 3:
        return shape
    if spec.layout == "channels_first":
        return (own[0], *shape[:2]) if shape[-1] == own[0] != shape[0] else shape
    return (*shape[1:], own[-1]) if shape[0] == own[-1] != shape[-1] else shape


def _typed(shape: Shape) -> str:
    return "x".join(map(str, shape))


def _text(shape: Shape | None) -> str:
    return "" if shape is None else str(list(shape))
