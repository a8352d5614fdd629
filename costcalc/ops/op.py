"""An op as one value: its arguments, shape rule, weights and tally. An op file makes one or a few of these."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from costcalc.errors import Fault
from costcalc.ops.formula import Formula, Symbols
from costcalc.ops.kinds import Kind
from costcalc.ops.strided import Change
from costcalc.text.expressions import parse
from costcalc.text.values import plain

Shape = tuple[int, ...]
"""Sizes without the batch."""

REQUIRED: Any = object()
"""The default of an argument that must be given."""

SPATIAL = {1: ("width",), 2: ("height", "width"), 3: ("depth", "height", "width")}


class Argument:
    """One argument of an op: its kind, its default (`REQUIRED` if none), and what it does.

    A default that is text and none of the kind's words is a number as a spec would write it: `"0.00001"`. It is read
    when somebody asks for it: rationals are slow to import, and most runs need none.
    """

    __slots__ = ("about", "default_", "kind", "name")

    def __init__(self, name: str, kind: Kind, default: Any, about: str) -> None:
        self.name = name
        self.kind = kind
        self.default_ = default
        self.about = about

    @property
    def default(self) -> Any:
        """The value when the argument is not given: an int, bool, word, tuple or `Fraction`, None, or `REQUIRED`."""
        if self.default_.__class__ is str and self.default_ not in self.kind.words:
            self.default_ = parse(self.default_).evaluate({})
        return self.default_


class Weight:
    """A stored tensor of an op: its shape in symbols, and `when`, the flags that must all be on for it to exist.

    `trainable` is False for running statistics: they are buffers, never params.
    """

    __slots__ = ("dims", "name", "trainable", "when")

    def __init__(self, name: str, dims: str, *, when: str = "", trainable: bool = True) -> None:
        self.name = name
        self.dims = tuple(Formula(part.strip()) for part in dims.split(",")) if dims else ()
        self.when = when
        self.trainable = trainable

    def stored(self, setting: Setting) -> bool:
        """True if the op has this weight under its arguments."""
        return all(setting[flag] for flag in self.when.split())

    def shape(self, symbols: Symbols) -> Shape:
        """The shape in numbers; a symbol of several factors gives an axis each."""
        sizes: list[int] = []
        for dim in self.dims:
            factors = symbols.get(dim.text)
            if isinstance(factors, tuple):
                sizes.extend(factors)
            else:
                sizes.append(dim.evaluate(symbols) if factors is None else factors)
        return tuple(sizes)


class Setting:
    """An op where it stands: its arguments (all of them, defaults filled in), input shapes, and the layout.

    `inputs` follows the op's input names; an optional input that is not given is None.
    """

    __slots__ = ("arguments", "inputs", "layout")

    def __init__(self, arguments: Mapping[str, Any], inputs: tuple[Any, ...], layout: str = "channels_first") -> None:
        self.arguments = arguments
        self.inputs = inputs
        self.layout = layout

    def __getitem__(self, name: str) -> Any:
        return self.arguments[name]

    @property
    def x(self) -> Shape:
        """The shape of the first input."""
        shape: Shape = self.inputs[0]
        return shape

    @property
    def channel_axis(self) -> int:
        """The axis of the first input that holds channels."""
        return 0 if self.layout == "channels_first" else len(self.x) - 1

    @property
    def channels(self) -> int:
        """The number of channels of the first input."""
        return self.x[self.channel_axis]

    @property
    def sizes(self) -> Shape:
        """The sizes of the first input without its channels: (h, w) of an image."""
        return self.sizes_of(self.x)

    def sizes_of(self, shape: Shape) -> Shape:
        """The sizes without the channels of a shape that has as many axes as the first input."""
        axis = self.channel_axis
        return shape[:axis] + shape[axis + 1 :]

    def image(self, channels: int, sizes: Shape) -> Shape:
        """A shape from channels and sizes, in the layout of this setting."""
        return (channels, *sizes) if self.layout == "channels_first" else (*sizes, channels)

    def need_image(self, op: str) -> None:
        """Raise a `Fault` unless the first input has channels and one to three spatial axes."""
        if not 2 <= len(self.x) <= 4:
            forms = ("[C, L]", "[C, H, W]", "[C, D, H, W]")
            if self.layout == "channels_last":
                forms = ("[L, C]", "[H, W, C]", "[D, H, W, C]")
            raise Fault(f"{op} needs {', '.join(forms[:-1])} or {forms[-1]}, got {list(self.x)}")

    def need_groups(self, count: int, what: str) -> None:
        """Raise a `Fault` unless the argument `groups` divides `count`."""
        if count % self["groups"]:
            raise Fault(f"groups={self['groups']} must divide the {count} {what}")

    def per_axis(self, name: str, default: Any = None) -> tuple[Any, ...]:
        """An argument as one value per spatial axis; a single value stands for all of them."""
        value = self.arguments[name]
        if value is None:
            value = default
        rank = len(self.x) - 1
        if value.__class__ is not tuple:
            return (value,) * rank
        if len(value) != rank:
            names = ", ".join(SPATIAL.get(rank, ()))
            raise Fault(f"{name} {plain(value)} does not fit the input {list(self.x)} (spatial axes: {names})")
        return value

    def axis(self, value: int | str) -> int:
        """An axis argument as a number from 0: a word by the layout, a negative number from the end."""
        rank = len(self.x)
        if isinstance(value, str):
            if value == "features":
                return rank - 1
            if value == "channels":
                return self.channel_axis
            names = SPATIAL.get(rank - 1, ())
            if value not in names:
                raise Fault(f"the input {list(self.x)} has no axis '{value}'")
            return names.index(value) + (self.channel_axis == 0)
        if not -rank <= value < rank:
            raise Fault(f"the input {list(self.x)} has no axis {value}", "axes count from 0; -1 is the last")
        return value % rank


UNKNOWN = -1
"""The token axis of a tensor that depends on the tokens, but has no axis of its own for them."""


class Step(NamedTuple):
    """One line of an explained shape: what is computed, the formula, its symbols, the result."""

    name: str
    formula: Formula
    symbols: Symbols
    result: int


def same_shape(setting: Setting) -> Shape:
    """The shape rule of everything element-wise."""
    return setting.x


def no_symbols(setting: Setting, output: Shape) -> Symbols:
    """No letters: an op that computes nothing."""
    return {}


@dataclass(frozen=True, slots=True, eq=False)
class Op:
    """An operation of the catalogue.

    Attributes:
        infer: input shapes and arguments -> output shape; raises a `Fault` where they do not fit.
        symbols: the numbers behind the letters of the formulas, given the output shape.
        weights: stored tensors, their shapes in symbols.
        tally: event -> formula: what happens for one item of a batch.
        quantities: further counts for conventions, in symbols.
        rule: the shape rule in symbols, for people.
        meanings: letter -> what it stands for.
        axes: the axes that it works on: `image` for channels and spatial axes, `last`, `every` for one element at a
            time; empty where its arguments say which, or where it only moves elements.
        keeps_axes: every axis of the output is that axis of the inputs: none is moved, split or merged. True of every
            op that works on one element at a time.
        on_image: advice where it works on the last axis, and that is the width of an image; empty where that is meant.
        inputs: names of the inputs in order; one ending in `?` is optional, a single `*` takes any number.
        view: the output is the memory of the first input, or a part of it, under another shape.
        indices: inputs of whole numbers that pick rows -> the argument that says how many rows there are.
        changes: how a view is made of the first input, step by step; without it, a view has the elements as they lie.
        beside: the axis along which the inputs lie side by side in the output, element for element.
        is_weight: the output is the op's own weight: it is stored already, and no activation.
        aligned: its inputs lie over one another, aligned at the last axis: what belongs to a token meets that token.
        decoded: the setting of one new token, given that of one token alone, the axis of every input that is tokens
            (None where it does not depend on them), and how many tokens there are with the new one.
        carries: the op keeps something beside keys and values from token to token, where the tokens lie along an axis.
        kept: how many rows of its second and third input, keys and values, are needed for the tokens to come.
        copies: branch -> the arguments that say how often its weights are stored and how often it runs.
        also: framework -> what it calls the op, names with a space between: `pytorch` (modules and functions), `onnx`,
            `keras`, and `other` for words that people use. Only names that mean the same; `elsewhere.py` has the
            others.
        sums: the letter of the output channels where every output is a sum of products of its first input and weights
            that no other output channel has, and perhaps a bias.
        sides: arguments that are sides of its image, or say how many tokens there are.
        unit: so many channels belong together, given the arguments; without it, one.
        in_words: lines that `explain` adds for some layers, given the symbols and the output shape.
    """

    name: str
    about: str
    source: str
    rule: str
    infer: Callable[[Setting], Shape] = same_shape
    arguments: tuple[Argument, ...] = ()
    inputs: tuple[str, ...] = ("x",)
    symbols: Callable[[Setting, Shape], Symbols] = no_symbols
    weights: tuple[Weight, ...] = ()
    axes: str = ""
    keeps_axes: bool = False
    on_image: str = ""
    tally: Mapping[str, Formula] = field(default_factory=dict)
    quantities: Mapping[str, Formula] = field(default_factory=dict)
    meanings: Mapping[str, str] = field(default_factory=dict)
    steps: Callable[[Setting, Shape], list[Step]] | None = None
    view: bool = False
    changes: Callable[[Setting], tuple[Change, ...]] | None = None
    beside: Callable[[Setting], int] | None = None
    is_weight: bool = False
    aligned: bool = False
    decoded: Callable[[Setting, tuple[int | None, ...], int], Setting] | None = None
    carries: Callable[[Setting, int], bool] | None = None
    kept: Callable[[Setting], int] | None = None
    indices: Mapping[str, str] = field(default_factory=dict)
    copies: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    also: Mapping[str, str] = field(default_factory=dict)
    sums: str = ""
    sides: tuple[str, ...] = ()
    unit: Callable[[Mapping[str, Any]], int] | None = None
    in_words: Callable[[Symbols], tuple[str, ...]] | None = None

    def letters(self, formulas: Iterable[Formula]) -> dict[str, str]:
        """The letters of some formulas and what they stand for."""
        used = {letter for formula in formulas for letter in formula.letters()}
        return {letter: meaning for letter, meaning in self.meanings.items() if letter in used}

    @property
    def allocates(self) -> bool:
        """True if the output takes memory of its own."""
        return not self.view and not self.is_weight

    @property
    def joins(self) -> bool:
        """True if the op takes several tensors, so that branches may stand under it."""
        return len(self.inputs) > 1 or self.inputs == ("*",)

    @property
    def attends(self) -> bool:
        """True if it reads keys and values."""
        return self.kept is not None

    @property
    def required(self) -> tuple[Argument, ...]:
        """The arguments that a call must give."""
        return tuple(argument for argument in self.arguments if argument.default is REQUIRED)

    @property
    def main(self) -> Argument | None:
        """The argument that is meant by somebody who writes a value alone, as in `dropout: 0.5`; None if unclear.

        An op with weights that needs no argument takes its sizes from the input: a number alone is one of these.
        """
        if self.required:
            return self.required[0] if len(self.required) == 1 else None
        return self.arguments[0] if self.arguments and not self.weights else None

    def argument(self, name: str) -> Argument | None:
        """The argument of that name, or None."""
        for argument in self.arguments:
            if argument.name == name:
                return argument
        return None


def tally(**events: str) -> dict[str, Formula]:
    """Event -> formula, from text."""
    return {event: Formula(text) for event, text in events.items()}
