"""Peak activation memory: the most bytes that live at once when layers run in stored order.

A tensor lives from the layer that makes it until its last use; nothing is computed in place; views share the memory
of their first input, and keep all of it alive; a weight that is handed on takes none. Every tensor is a whole number
of bytes, for the whole batch. A block's peak depends only on which of its inputs outlive it, which are the same
tensor, and how large they are, so it is found once for each of those cases.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from costcalc.graph.model import Block, Edge, Graph, Layer, join_path
from costcalc.spec.model import bytes_of
from costcalc.text.values import product


class Peak(NamedTuple):
    """The peak: how many bytes, at which layer, and the live tensors (path, bytes) in the order they were made."""

    bytes: int
    layer: str
    live: tuple[tuple[str, int], ...]


class _Case(NamedTuple):
    """A layer or block where it stands: for each of its inputs, which tensor it is, its bytes, whether it outlives it.

    Tensors are numbered by the first input that they come in by. An input that is not taken has no bytes, nor has a
    weight.
    """

    child: Layer | Block
    tensors: tuple[int, ...]
    bytes: tuple[int, ...]
    outlive: tuple[bool, ...]

    def sizes(self) -> dict[int, int]:
        """Tensor -> bytes."""
        return dict(zip(self.tensors, self.bytes, strict=True))


class _Moment(NamedTuple):
    """A block while one instance of one edge runs: the tensors it takes, its case, and the bytes beside these.

    `live` is every tensor that lives then, tensor -> bytes; the next moment changes it, so that a moment costs as much
    as the edge has inputs and not as many tensors live.
    """

    position: int
    edge: Edge
    name: str
    inputs: tuple[int | None, ...]
    case: _Case
    beside: int
    live: dict[int, int]


class _Made(NamedTuple):
    """The maker of a tensor: the path of the layer, and the positions of the edges that lead to it."""

    order: tuple[int, ...]
    path: str


BETWEEN = -1
"""The tensor that one instance of a repeat hands to the next; every other is an input or made by an edge."""


def peak(graph: Graph, batch: int) -> Peak:
    """The peak of a whole network; its input lives from the start until its last use."""
    finder = _Finder(graph, batch)
    sizes = tuple(input_bytes(graph, batch).values())
    case = _Case(graph.root, tuple(range(len(sizes))), sizes, (False,) * len(sizes))
    inputs = {k: _Made((-1, k), name) for k, name in enumerate(graph.inputs)}
    layer, found = finder.witness(case, _Made((), ""), inputs)
    live = [(made.path, size) for made, size in sorted(found, key=lambda item: item[0].order)]
    return Peak(finder.peak(case), layer or live[0][0], tuple(live))


def input_bytes(graph: Graph, batch: int) -> dict[str, int]:
    """Input name -> its size, for the whole batch."""
    return {name: bytes_of(product(shape) * batch, graph.input_dtypes[name]) for name, shape in graph.inputs.items()}


class _Finder:
    def __init__(self, graph: Graph, batch: int) -> None:
        self.graph = graph
        self.batch = batch
        self.peaks: dict[_Case, int] = {}
        self.aliases: dict[Layer | Block, int | None] = {}
        self.sizes: dict[Layer | Block, int] = {}

    def peak(self, case: _Case) -> int:
        """The most bytes alive while the child runs, its inputs included."""
        known = self.peaks.get(case)
        if known is None:
            if isinstance(case.child, Layer):
                known = sum(case.sizes().values()) + self.made(case.child)
            else:
                moments = self.moments(case.child, case)
                known = max((self.during(moment) for moment in moments), default=sum(self.kept(case).values()))
            self.peaks[case] = known
        return known

    def kept(self, case: _Case) -> dict[int, int]:
        """Tensor -> bytes of the inputs that something takes or that are handed out: those that live at the start."""
        assert isinstance(case.child, Block)
        _, last = self.lives(case.child, case)
        return {tensor: size for tensor, size in case.sizes().items() if tensor in last}

    def during(self, moment: _Moment) -> int:
        """The most bytes alive while one instance of an edge runs."""
        return moment.beside + self.peak(moment.case)

    def made(self, child: Layer | Block) -> int:
        """Bytes of the output, 0 if it is one of the inputs under another shape, or a weight."""
        if self.alias(child) is not None:
            return 0
        known = self.sizes.get(child)
        if known is None:
            if isinstance(child, Layer):
                elements = product(child.output) * self.batch if child.op.allocates else 0
                known = bytes_of(elements, child.dtype)
            else:
                known = self.made(child.edges[self.origin(child)].child)
            self.sizes[child] = known
        return known

    def alias(self, child: Layer | Block) -> int | None:
        """The input that the output is a view of; None if it is a tensor of its own."""
        if child not in self.aliases:
            if isinstance(child, Layer):
                self.aliases[child] = 0 if child.op.view else None
            else:
                origin = self.origin(child)
                self.aliases[child] = None if origin >= 0 else -1 - origin
        return self.aliases[child]

    def origin(self, block: Block) -> int:
        """The edge that made the block's output, or -1 - k if it is input k: views are followed back."""
        reference = block.result
        while reference >= 0:
            edge = block.edges[reference]
            alias = self.alias(edge.child)
            if alias is None:
                return reference
            following = edge.inputs[alias]
            assert following is not None
            reference = following
        return reference

    def moments(self, block: Block, case: _Case) -> Iterator[_Moment]:
        """The first and the second instance of every edge, in order; a third holds no more than the second."""
        tensors, last = self.lives(block, case)
        live = {tensor: size for tensor, size in case.sizes().items() if tensor in last}
        total = sum(live.values())
        idle: tuple[int, ...] = ()  # made, and taken by nothing: it goes when the next edge has run
        for position, edge in enumerate(block.edges):
            if not edge.run:
                continue
            taken = [None if reference is None else tensors[reference] for reference in edge.inputs]
            made = self.made(edge.child)
            for index in range(min(edge.count, 2)):
                inputs = list(taken)
                if index:
                    inputs[0] = BETWEEN if made else tensors[position]
                first = {tensor: k for k, tensor in reversed([*enumerate(inputs)]) if tensor is not None}
                again = {*taken[1:]} if index < edge.count - 1 else set()
                gone = {
                    tensor for tensor in (*first, *idle) if last.get(tensor, -1) <= position and tensor not in again
                }
                inner = _Case(
                    edge.child,
                    tuple([k if tensor is None else first[tensor] for k, tensor in enumerate(inputs)]),
                    tuple([0 if tensor is None else live.get(tensor, 0) for tensor in inputs]),
                    tuple([tensor in live and tensor not in gone for tensor in inputs]),
                )
                beside = total - sum(live.get(tensor, 0) for tensor in first)
                yield _Moment(position, edge, edge.instance(index), tuple(inputs), inner, beside, live)
                total -= sum(live.pop(tensor, 0) for tensor in gone)
                idle = ()
                if made:
                    live[BETWEEN] = made
                    total += made
            gone = {tensor for tensor in taken if tensor is not None and last.get(tensor, -1) <= position}
            total -= sum(live.pop(tensor, 0) for tensor in (*gone, BETWEEN))
            if made:
                live[tensors[position]] = made
                total += made
                if last.get(tensors[position], -1) <= position:
                    idle = (tensors[position],)

    def lives(self, block: Block, case: _Case) -> tuple[dict[int, int], dict[int, int]]:
        """Map every reference to its tensor, views followed back, and to the position of the last edge that takes it.

        Input k is the tensor that the case says; what the edge at p makes is the tensor p + the number of inputs.
        """
        count = len(case.tensors)
        tensors = {-1 - k: tensor for k, tensor in enumerate(case.tensors)}
        last: dict[int, int] = {}
        for position, edge in enumerate(block.edges):
            alias = self.alias(edge.child)
            source = None if alias is None else edge.inputs[alias]
            tensors[position] = count + position if source is None else tensors[source]
            if edge.run:
                last.update((tensors[reference], position) for reference in edge.inputs if reference is not None)
        results = [block.result]
        if block is self.graph.root:
            results = [reference for reference, _ in self.graph.outputs.values()]
        end = len(block.edges)
        last.update((tensors[reference], end) for reference in results)
        last.update((tensor, end) for tensor, lasts in zip(case.tensors, case.outlive, strict=True) if lasts)
        return tensors, last

    def witness(self, case: _Case, here: _Made, made: dict[int, _Made]) -> tuple[str, list[tuple[_Made, int]]]:
        """The layer at which the peak is reached, and the live tensors with their bytes; no layer where none runs."""
        block, most = case.child, self.peak(case)
        if isinstance(block, Layer):
            tensors = [(made[tensor], size) for tensor, size in case.sizes().items() if size]
            own = self.made(block)
            return here.path, [*tensors, *([(here, own)] if own else [])]
        made = dict(made)
        for moment in self.moments(block, case):
            order = (*here.order, moment.position)
            path = join_path(here.path, moment.name)
            if self.during(moment) == most:
                taken = set(moment.inputs)
                beside = [(made[tensor], size) for tensor, size in moment.live.items() if size and tensor not in taken]
                inside = {k: made[tensor] for k, tensor in enumerate(moment.inputs) if tensor is not None}
                layer, live = self.witness(moment.case, _Made(order, path), inside)
                return layer, [*beside, *live]
            made[BETWEEN] = _Made(order, self.maker(moment.edge.child, path))
            final = join_path(here.path, moment.edge.instance(moment.edge.count - 1))
            made[len(case.tensors) + moment.position] = _Made(order, self.maker(moment.edge.child, final))
        return here.path, [(made[tensor], size) for tensor, size in self.kept(case).items()]

    def maker(self, child: Layer | Block, path: str) -> str:
        """The path of the layer that made the output of `child`."""
        while isinstance(child, Block):
            origin = self.origin(child)
            if origin < 0:
                return path
            edge = child.edges[origin]
            path, child = join_path(path, edge.instance(edge.count - 1)), edge.child
        return path
