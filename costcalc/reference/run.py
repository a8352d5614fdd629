"""`run`: a `Graph` calculated on plain numbers, with given values or random ones; every layer can be looked at."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite, prod
from random import Random
from typing import Any

from costcalc.errors import CostcalcError, UnknownChoice
from costcalc.graph.fold import fold
from costcalc.graph.indices import uses_of_inputs
from costcalc.graph.model import Block, Edge, Graph, Layer, join_path
from costcalc.graph.weights import owners
from costcalc.reference.kernels import Kernel, kernels
from costcalc.reference.numbers import Number
from costcalc.reference.shrink import work
from costcalc.reference.tensor import Shape, Tensor
from costcalc.reference.weights import Weights, draw, draw_weight
from costcalc.text.suggest import did_you_mean

BUDGET = 5_000_000_000
"""The budget of a run unless another is given, in multiply-adds: a minute or two."""
MOST_BUDGET = 10**15
Progress = Callable[[int, int, str], None]
"""Called before every layer with the multiply-adds done, those to do in all, and the layer's path."""


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """The values that a network is run with.

    Attributes:
        kernels: gives the kernel of every op.
        number: a number that a user wrote, as the kernels take it.
        draw: random values for an input of this shape.
        draw_weight: random values for a weight of this name and shape, of a layer with these arguments.
        exact: whether every value is an integer or a fraction.
    """

    kernels: Callable[[], Mapping[str, Kernel]]
    number: Callable[[float], Number]
    draw: Callable[[Shape, Random], Tensor]
    draw_weight: Callable[[str, Shape, Random, Mapping[str, Any]], Tensor]
    exact: bool = False


FLOATS = Arithmetic(kernels, float, draw, lambda name, shape, random, arguments: draw_weight(name, shape, random))


@dataclass(frozen=True, slots=True)
class RunLayer:
    """A layer with its values: what came in, the weights it read, what came out."""

    path: str
    layer: Layer
    inputs: tuple[Tensor | None, ...]
    weights: Mapping[str, Tensor]
    output: Tensor


@dataclass(frozen=True, slots=True)
class Run:
    """The values of a network: its inputs and outputs by name, and those of its layers by path.

    `layers` holds the layers that were asked for, all of them if nobody asked. `exact` tells whether the values are
    integers and fractions.
    """

    graph: Graph
    inputs: Mapping[str, Tensor]
    outputs: Mapping[str, Tensor]
    layers: Mapping[str, RunLayer]
    exact: bool = False

    def layer(self, path: str) -> RunLayer:
        """The layer at `path`.

        Raises:
            UnknownChoice: there is none, or it was not run.
        """
        if path not in self.layers:
            hint = did_you_mean(path, self.layers) or f"the layers are {', '.join(list(self.layers)[:8])}"
            raise UnknownChoice(f"{self.graph.name} has no layer '{path}' that was run: {hint}")
        return self.layers[path]


def run(
    graph: Graph,
    values: Mapping[str, Any] | None = None,
    seed: int = 0,
    only: Collection[str] | None = None,
    progress: Progress | None = None,
    arithmetic: Arithmetic = FLOATS,
    budget: int = BUDGET,
) -> Run:
    """Calculate `graph`.

    Args:
        values: input name or path of a weight (`stem.conv.weight`) -> numbers, nested by axis or in one row, or one
            number for all. What is not given is random, the same for every seed.
        only: paths of the layers whose values are kept; all are when it is None.
        arithmetic: floats, or what `run_exact` calculates with.
        budget: the most that the network may take, in multiply-adds.

    Raises:
        CostcalcError: the network takes more than the budget; values do not fit.
    """
    total = fold(graph.root, work, _times, 0, {})
    need_budget(graph, total, budget)
    stored, shared = owners(graph.root)
    given = _read_values(graph, values or {}, {path: weight.shape for path, weight in stored.items()}, shared,
                         arithmetic.number)  # fmt: skip
    runner = _Runner(given, shared, seed, only, progress, arithmetic, total)
    uses = uses_of_inputs(graph.root, graph.inputs)
    for name, use in uses.items():
        if use.rows is not None and name in given:
            _check_tokens(name, given[name], use.rows)
    inputs = {name: runner.drawn_input(name, shape, uses[name].rows) for name, shape in graph.inputs.items()}
    needed = {reference for reference, _ in graph.outputs.values()}
    results = runner.block(graph.root, [(tensor,) for tensor in inputs.values()], "", needed)
    if progress is not None:
        progress(runner.done, runner.total, "")
    outputs = {name: results[reference][0] for name, (reference, _) in graph.outputs.items()}
    return Run(graph, inputs, outputs, runner.layers, arithmetic.exact)


def need_budget(graph: Graph, total: int, budget: int) -> None:
    """Raise a `CostcalcError` if the budget is no count, or a network that takes `total` multiply-adds exceeds it."""
    if budget.__class__ is not int or budget < 1:
        raise CostcalcError(f"the budget must be at least 1 multiply-add, not {budget}")
    if total > budget:
        more = f", or --budget {total} for this one" if total < MOST_BUDGET else ""
        raise CostcalcError(
            f"{graph.name} takes as long as {total:,} multiply-adds, the budget of a run is {budget:,}: "
            f"take a smaller size, with --set or --input{more}"
        )


def _read_values(
    graph: Graph, values: Mapping[str, Any], stored: Mapping[str, Shape], shared: Mapping[str, str],
    number: Callable[[float], Number],
) -> dict[str, Tensor]:  # fmt: skip
    """The values that a user gives, checked against the shapes of inputs and weights."""
    shapes = {**stored, **graph.inputs} if values else {}
    found = {}
    for name, data in values.items():
        if name in shared and name not in shapes:
            raise CostcalcError(f"'{name}' is a shared weight: give its values to '{shared[name]}'")
        if name not in shapes:
            hint = (
                did_you_mean(name, shapes) or f"values are given to inputs and weights: {', '.join(list(shapes)[:8])}"
            )
            raise UnknownChoice(f"{graph.name} has no input or weight '{name}': {hint}")
        found[name] = _read_tensor(name, data, shapes[name], number)
    return found


def _read_tensor(name: str, data: Any, shape: Shape, number: Callable[[float], Number]) -> Tensor:
    items = list(_numbers(name, data))
    try:
        numbers = [number(item) for item in items]
    except CostcalcError as error:
        raise CostcalcError(f"'{name}': {error}") from None
    except OverflowError:
        raise CostcalcError(f"'{name}' has an integer that is too large for a float") from None
    if not isinstance(data, list | tuple):
        numbers *= prod(shape)
    if len(numbers) != prod(shape):
        raise CostcalcError(f"'{name}' has {len(numbers):,} numbers, its shape {list(shape)} needs {prod(shape):,}")
    nested = _shape(data)
    if len(nested) > 1 and _without_ones(nested) != _without_ones(shape):
        raise CostcalcError(f"'{name}' is nested as {list(nested)}, its shape is {list(shape)}")
    return Tensor(shape, numbers)


def _numbers(name: str, data: Any) -> Iterator[float]:
    if isinstance(data, list | tuple):
        for item in data:
            yield from _numbers(name, item)
    elif isinstance(data, int | float) and not isinstance(data, bool):
        if isinstance(data, float) and not isfinite(data):
            raise CostcalcError(f"'{name}' has {data} where a finite number should be")
        yield data
    else:
        raise CostcalcError(f"'{name}' has {data!r} where a number should be")


def _without_ones(shape: Shape) -> list[int]:
    """Axes of one element may be left out: the weights of a 1x1 convolution are a matrix."""
    return [size for size in shape if size != 1]


def _shape(data: Any) -> Shape:
    """The lengths of nested lists, those of the first of each."""
    sizes = []
    while isinstance(data, list | tuple):
        sizes.append(len(data))
        data = data[0] if data else 0
    return tuple(sizes)


# --- the network -----------------------------------------------------------------------------------------------------

Values = tuple[Tensor, ...]
"""The value of a reference: one tensor, or one for each of several experts; none where nothing was run."""


class _Runner:
    """The state of a run: given values, owners of shared weights, and kept values."""

    def __init__(
        self,
        given: Mapping[str, Tensor],
        owners: Mapping[str, str],
        seed: int,
        only: Collection[str] | None,
        progress: Progress | None,
        arithmetic: Arithmetic,
        total: int,
    ) -> None:
        self.given = given
        self.owners = owners
        self.seed = seed
        self.only = only
        self.progress = progress
        self.arithmetic = arithmetic
        self.layers: dict[str, RunLayer] = {}
        self.done, self.total = 0, total

    def drawn_input(self, name: str, shape: Shape, tokens: int | None) -> Tensor:
        """The values of an input: given, or random; rows of a table where an embedding takes it."""
        if name in self.given:
            return self.given[name]
        random = self.random(name)
        if tokens is not None:
            return Tensor(shape, [self.arithmetic.number(random.randrange(tokens)) for _ in range(prod(shape))])
        return self.arithmetic.draw(shape, random)

    def random(self, name: str) -> Random:
        """A source of random numbers of its own for every name."""
        return Random(f"{self.seed} {name}")  # noqa: S311  # reproducible values, no secrets

    def block(self, block: Block, inputs: list[Values], path: str, needed: set[int]) -> dict[int, Values]:
        """Run the entries of a block in order; the values of the references in `needed`."""
        known: dict[int, Values] = {-1 - number: values for number, values in enumerate(inputs)}
        last = {
            reference: position
            for position, edge in enumerate(block.edges)
            for reference in edge.inputs
            if reference is not None
        }
        for position, edge in enumerate(block.edges):
            taken = [() if reference is None else known[reference] for reference in edge.inputs]
            known[position] = self.edge(edge, taken, path) if edge.run else ()
            for reference in edge.inputs:
                if reference is not None and last[reference] == position and reference not in needed:
                    known.pop(reference, None)
        return {reference: known[reference] for reference in needed}

    def edge(self, edge: Edge, inputs: list[Values], path: str) -> Values:
        """The values of an entry: all instances of a repeat one after the other, or all copies of an expert."""
        if edge.copies > 1:
            here = join_path(path, edge.name)
            return tuple(self.child(edge.child, inputs, f"{here}[{copy}]")[0] for copy in range(edge.copies))
        values: Values = ()
        for index in range(edge.count):
            here = join_path(path, edge.instance(index))
            values = self.child(edge.child, inputs, here)
            inputs = [values, *inputs[1:]]
        return values

    def child(self, child: Layer | Block, inputs: list[Values], path: str) -> Values:
        """The values of one instance."""
        if isinstance(child, Block):
            return self.block(child, inputs, path, {child.result})[child.result]
        return (self.layer(child, inputs, path),)

    def layer(self, layer: Layer, inputs: list[Values], path: str) -> Tensor:
        """Run one layer."""
        if self.progress is not None:
            self.progress(self.done, self.total, path)
            self.done += work(layer)
        tensors = [tensor for values in inputs for tensor in (values or (None,))]
        weights = {
            weight.name: self.weight(join_path(path, weight.name), weight.shape, layer.arguments)
            for weight in layer.weights
        }
        kernel = self.arithmetic.kernels()[layer.op.name]
        try:
            output = kernel(tensors, Weights(weights), layer.arguments, layer.layout)  # type: ignore[arg-type]
        except CostcalcError as error:
            raise CostcalcError(f"'{path}': {error}") from None
        except (ArithmeticError, LookupError, ValueError) as error:  # a square root of -1, a token beyond the table
            raise CostcalcError(f"'{path}' cannot be calculated with these values: {error}") from error
        if self.only is None or path in self.only:
            self.layers[path] = RunLayer(path, layer, tuple(tensors), weights, output)
        return output

    def weight(self, path: str, shape: Shape, arguments: Mapping[str, Any]) -> Tensor:
        """The values of a weight: its owner's, given, or random."""
        path = self.owners.get(path, path)
        if path in self.given:
            return self.given[path]
        return self.arithmetic.draw_weight(path.rpartition(".")[2], shape, self.random(path), arguments)


def _check_tokens(name: str, tensor: Tensor, count: int) -> None:
    wrong = next((number for number in tensor.numbers if number not in range(count)), None)
    if wrong is not None:
        raise CostcalcError(f"'{name}' has the token {wrong}: tokens are whole numbers from 0 to {count - 1}")


def _times(edge: Edge, macs: int) -> int:
    """The multiply-adds of all instances of an edge as they are run here: of a mixture of experts, every expert."""
    return macs * (edge.copies if edge.copies > 1 else edge.count) if edge.run else 0
