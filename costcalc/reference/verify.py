"""`verify`: a `Spec` -> a `Verification`. Every distinct layer is really calculated, and counted while it happens.

Layers with equal op, arguments and channels are run once. What is too large is shrunk: with the spec's `verify`
section, and then layer by layer, first the image and then the channels. What was run at which size is said row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from costcalc.errors import CostcalcError, Problem, SpecError
from costcalc.graph.build import build
from costcalc.graph.model import Block, Graph, Layer, join_path
from costcalc.reference.execute import Difference, differences, execute, stated_events
from costcalc.reference.shrink import channels, numbers, shrink, work
from costcalc.reference.tensor import Shape
from costcalc.spec.model import Spec, Value

Progress = Callable[[int, int, str], None]
"""Called before every layer with the multiply-adds done, those to do in all, and the layer's path."""


@dataclass(frozen=True, slots=True)
class VerifiedLayer:
    """One distinct layer of a network, and what happened when it was run.

    Attributes:
        path: the first layer of its kind; `layers` says how many there are.
        layer: the layer as the network has it.
        run: the layer as it was run; None when it was not, and `reason` says why.
        stated: event -> how often the formulas say that it happens in `run`.
        found: event -> how often it happened.
        stated_weights: weight -> shape, as the op states it for `run`.
        read_weights: weight -> shape, as the arithmetic read it.
        output: the shape that came out; None when nothing did.
        differences: everything on which the two sides disagree; empty when all is well.
    """

    path: str
    layers: int
    layer: Layer
    run: Layer | None
    stated: Mapping[str, int]
    found: Mapping[str, int]
    stated_weights: Mapping[str, Shape]
    read_weights: Mapping[str, Shape]
    output: Shape | None
    differences: tuple[Difference, ...] = ()
    reason: str = ""

    @property
    def shrunk(self) -> bool:
        """True if the layer was run smaller than the network has it."""
        return self.run is not None and (self.run.inputs != self.layer.inputs or bool(self.changed_arguments))

    @property
    def changed_arguments(self) -> dict[str, tuple[Any, Any]]:
        """Argument -> (in the network, as run), for those that were made smaller."""
        if self.run is None:
            return {}
        was, now = self.layer.arguments, self.run.arguments
        return {name: (was[name], now[name]) for name in was if was[name] != now[name]}


@dataclass(frozen=True, slots=True)
class Verification:
    """The layers that were run, at which size, and the disagreements between formulas and arithmetic.

    `section` tells whether the spec's `verify` section was used; `args` and `inputs` are those of the network the
    rows come from. `budget` and `spent` are multiply-adds.
    """

    name: str
    address: str
    section: bool
    args: Mapping[str, Any]
    inputs: Mapping[str, Shape]
    budget: int
    spent: int
    seed: int
    rows: tuple[VerifiedLayer, ...]

    @property
    def agreed(self) -> bool:
        """True if nothing that was run disagrees."""
        return not any(row.differences for row in self.rows)

    @property
    def disagreements(self) -> tuple[VerifiedLayer, ...]:
        """The rows with differences."""
        return tuple(row for row in self.rows if row.differences)

    @property
    def not_run(self) -> tuple[VerifiedLayer, ...]:
        """The rows that could not be run within the budget."""
        return tuple(row for row in self.rows if row.run is None)

    @property
    def layers(self) -> int:
        """The number of layers that the rows stand for."""
        return sum(row.layers for row in self.rows)


Known = dict[Any, VerifiedLayer]
"""The layers run so far, by the key that makes layers distinct."""


def verify(
    spec: Spec,
    budget: int = 5_000_000,
    progress: Progress | None = None,
    seed: int = 0,
    known: Known | None = None,
) -> Verification:
    """Run every distinct layer of `spec` on numbers that count themselves, with about `budget` multiply-adds in all.

    A layer that `known` holds from another spec is not run again; what is run is added to it.

    Raises:
        CostcalcError: the budget is not a whole number above 0.
        SpecError: the spec cannot be built.
    """
    if budget.__class__ is not int or budget < 1:
        raise CostcalcError(f"the budget must be at least 1 multiply-add, not {budget}")
    graph, section = build(spec), False
    if spec.verify is not None and _work(graph) > budget:
        args, inputs = _section(spec)
        if args or inputs:
            graph, section = build(spec, args, inputs), True
    known = {} if known is None else known
    places = distinct(graph)
    new = [place for place in places if _key(place.layer) not in known]
    fitted, limit = fit([place.layer for place in new], budget)
    runs = {id(place): layer for place, layer in zip(new, fitted, strict=True)}
    total = sum(work(layer) for layer in fitted if layer is not None)
    rows, spent = [], 0
    for place in places:
        key = _key(place.layer)
        if key in known:
            rows.append(replace(known[key], path=place.path, layers=place.layers, layer=place.layer))
            continue
        layer = runs[id(place)]
        if progress is not None:
            progress(spent, total, place.path)
        rows.append(_run(place, layer, limit, seed))
        spent += work(layer) if layer is not None else 0
        if layer is not None:
            known[key] = rows[-1]
    if progress is not None:
        progress(spent, total, "")
    return Verification(
        spec.variant or spec.name, spec.address, section, graph.args, graph.inputs, budget, spent, seed, tuple(rows)
    )


def _run(place: Place, layer: Layer | None, limit: int, seed: int) -> VerifiedLayer:
    if layer is None:
        reason = too_large(place.layer, limit)
        return VerifiedLayer(place.path, place.layers, place.layer, None, {}, {}, {}, {}, None, (), reason)
    execution = execute(layer, seed)
    return VerifiedLayer(
        path=place.path,
        layers=place.layers,
        layer=place.layer,
        run=layer,
        stated=stated_events(layer),
        found=execution.events,
        stated_weights={weight.name: weight.shape for weight in layer.weights},
        read_weights=execution.reads,
        output=execution.output,
        differences=differences(layer, execution),
    )


def _work(graph: Graph) -> int:
    return sum(work(place.layer) for place in distinct(graph))


def _section(spec: Spec) -> tuple[dict[str, Any], dict[str, Shape] | None]:
    """The args and input shapes of the spec's `verify` section, evaluated."""
    assert spec.verify is not None
    smaller = dict(spec.verify.args)
    env: dict[str, Any] = {}
    for name, value in spec.args:
        env[name] = smaller.get(name, value).evaluate(env)
    shapes = None
    if spec.verify.input is not None:
        _need_equal_ranks(spec, spec.verify.input)
        shapes = {name: tuple(size.evaluate(env) for size in sizes) for name, sizes in spec.verify.input}
    return {name: env[name] for name in smaller}, shapes


def _need_equal_ranks(spec: Spec, smaller: Iterable[tuple[str, tuple[Value, ...]]]) -> None:
    """Raise a `SpecError` unless the shapes of a `verify` section have as many sizes as the spec's own."""
    own = {name: len(values) for name, values in spec.inputs}
    problems = [
        Problem(
            f"'verify' gives the input '{name}' {len(values)} sizes, the spec has {own[name]}",
            values[0].location(),
            "the batch is not part of a shape" if len(values) > own[name] else "smaller sizes, but as many",
        )
        for name, values in smaller
        if values and len(values) != own.get(name, len(values))
    ]
    if problems:
        raise SpecError(problems)


def fit(layers: Sequence[Layer], budget: int) -> tuple[list[Layer | None], int]:
    """The layers, or smaller twins of those that are too large, so that all together take no more than the budget.

    The second value is what one layer may take at most. None stands for a layer that has no twin as small as that.
    """
    limit = _share([work(layer) for layer in layers], budget)
    fitted = [layer if work(layer) <= limit else shrink(layer, limit) for layer in layers]
    total = sum(work(layer) for layer in fitted if layer is not None)
    for place, layer in enumerate(layers):  # what cannot be made smaller is run as it is, if the others leave room
        if fitted[place] is None and total + work(layer) <= budget:
            fitted[place] = layer
            total += work(layer)
    return fitted, limit


def too_large(layer: Layer, limit: int) -> str:
    """The reason why a layer was not run."""
    ending = f"its share of the budget is {limit:,}, and no smaller twin was found that takes no more"
    if stated_events(layer):
        return f"it takes about {work(layer):,} multiply-adds, {ending}"
    return (
        f"it calculates nothing, but has {numbers(layer):,} numbers to make, which takes as long as "
        f"{work(layer):,} multiply-adds; {ending}"
    )


def _share(works: Sequence[int], budget: int) -> int:
    """The most that one layer may take so that all together stay within the budget."""
    left = budget
    for done, amount in enumerate(sorted(works)):
        share = left // (len(works) - done)
        if amount > share:
            return share
        left -= amount
    return max(works, default=0)


# --- distinct layers -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """A distinct layer: where it first stands, and how many layers are like it."""

    path: str
    layers: int
    layer: Layer


def distinct(graph: Graph) -> list[Place]:
    """The layers of a network that differ in op, arguments or channels, in the order they first stand in."""
    return list(_inside(graph.root, {}).values())


def _inside(child: Layer | Block, known: dict[int, dict[Any, Place]]) -> dict[Any, Place]:
    """Every distinct layer below `child`, with its path inside it. A block that stands often is looked at once."""
    if isinstance(child, Layer):
        return {_key(child): Place("", 1, child)}
    places = known.get(id(child))
    if places is None:
        places = {}
        for edge in child.edges:
            name = next(edge.instances())
            for key, place in _inside(edge.child, known).items():
                first = places.get(key)
                layers = place.layers * edge.count + (first.layers if first else 0)
                path = first.path if first else join_path(name, place.path)
                places[key] = Place(path, layers, first.layer if first else place.layer)
        known[id(child)] = places
    return places


def _key(layer: Layer) -> tuple[Any, ...]:
    return (
        layer.op.name,
        tuple(layer.arguments.items()),
        layer.layout,
        channels(layer),
        tuple(None if shape is None else len(shape) for shape in layer.inputs),
        tuple(weight.shape for weight in layer.weights),
    )
