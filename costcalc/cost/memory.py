"""Peak activation memory: the most bytes that live at once when layers run in stored order.

A tensor lives from the layer that makes it until its last use; nothing is computed in place; views share the memory
of their input. A block's peak depends only on which of its inputs outlive it, which are the same tensor, and how
large they are, so it is found once for each of those cases.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from costcalc.graph.model import Block, Graph, Layer, join_path
from costcalc.spec.model import DTYPE_BITS
from costcalc.text.expressions import product

Case = tuple[int, tuple[bool, ...], tuple[int, ...], tuple[int, ...]]
"""An object (by id), which inputs outlive it, which are the same tensor, their bits."""


@dataclass(frozen=True, slots=True)
class Peak:
    """The peak: how many bytes, at which layer, and the live tensors (path, bytes) in the order they were made."""

    bytes: int
    layer: str
    live: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class _Moment:
    """One instance of one edge while a block runs: what lives beside it, and the case of the child."""

    position: int
    name: str
    beside: dict[int, int]  # root -> bits
    roots: tuple[int, ...]
    child: Layer | Block
    case: Case


def peak(graph: Graph, batch: int) -> Peak:
    """The peak of a whole network; its input lives from the start until its last use."""
    finder = _Finder(graph)
    bits = tuple(product(shape) * DTYPE_BITS[graph.dtype] for shape in graph.inputs.values())
    count = len(bits)
    case: Case = (id(graph.root), (False,) * count, tuple(range(count)), bits)
    total = finder.peak(graph.root, case)
    names = dict(enumerate(graph.inputs))
    layer, live = finder.witness(graph.root, case, names, "")
    tensors = tuple((name, -(-size * batch // 8)) for name, size in live)
    return Peak(-(-total * batch // 8), layer, tensors)


class _Finder:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.known: dict[Case, int] = {}
        self.aliases: dict[int, int | None] = {}
        self.sizes: dict[int, int] = {}

    def peak(self, child: Layer | Block, case: Case) -> int:
        """The most bits alive while `child` runs, its inputs included."""
        if isinstance(child, Layer):
            return self.inputs(case) + self.made(child)
        known = self.known.get(case)
        if known is None:
            known = self.inputs(case)
            for moment in self.moments(child, case):
                known = max(known, sum(moment.beside.values()) + self.peak(moment.child, moment.case))
            self.known[case] = known
        return known

    @staticmethod
    def inputs(case: Case) -> int:
        return sum(dict(zip(case[2], case[3], strict=True)).values())

    def made(self, child: Layer | Block) -> int:
        """Bits of the output, 0 if it is one of the inputs under another shape."""
        if self.alias(child) is not None:
            return 0
        known = self.sizes.get(id(child))
        if known is None:
            if isinstance(child, Layer):
                known = product(child.output) * DTYPE_BITS[child.dtype]
            else:
                known = self.made(child.edges[self.origin(child)].child)
            self.sizes[id(child)] = known
        return known

    def alias(self, child: Layer | Block) -> int | None:
        """Which input the output is, under another shape; None if it is a tensor of its own."""
        if id(child) not in self.aliases:
            if isinstance(child, Layer):
                self.aliases[id(child)] = 0 if child.op.view else None
            else:
                origin = self.origin(child)
                self.aliases[id(child)] = None if origin >= 0 else -1 - origin
        return self.aliases[id(child)]

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

    def moments(self, block: Block, case: Case) -> Iterator[_Moment]:
        """What lives at every edge of a block (first, second and last instance of a run), in order."""
        _, keeps, same, bits = case
        count = len(same)
        # roots: input k of the block is the root same[k]; edge p makes root count + p
        roots: list[int] = []
        sizes = dict(zip(same, bits, strict=True))
        last: dict[int, int] = {}

        def root(reference: int) -> int:
            return roots[reference] if reference >= 0 else same[-1 - reference]

        for position, edge in enumerate(block.edges):
            alias = self.alias(edge.child)
            source = edge.inputs[alias] if alias is not None else None
            roots.append(count + position if source is None else root(source))
            if edge.run:
                for reference in edge.inputs:
                    if reference is not None:
                        last[root(reference)] = position
        end = len(block.edges)
        results = [block.result]
        if block is self.graph.root:
            results = [reference for reference, _ in self.graph.outputs.values()]
        for reference in results:
            last[root(reference)] = end
        for keep, name in zip(keeps, same, strict=True):
            if keep:
                last[name] = end
        live = dict(sizes)
        for position, edge in enumerate(block.edges):
            if not edge.run:
                continue
            used = [root(reference) for reference in edge.inputs if reference is not None]
            made = self.made(edge.child)
            own = roots[position]
            for index in (0,) if edge.count == 1 else (0, 1) if edge.count == 2 else (0, 1, edge.count - 1):
                final = index == edge.count - 1
                inputs = list(used)
                if index and inputs:
                    inputs[0] = own  # the chain: what the instance before made
                    if made:
                        live[own] = made
                keeps_on = tuple(
                    (last.get(name, -1) > position or (not final and name in used[1:]))
                    if not (index and place == 0 and made)
                    else False
                    for place, name in enumerate(inputs)
                )
                names = tuple(inputs.index(name) for name in inputs)
                beside = {name: size for name, size in live.items() if name not in inputs}
                inner: Case = (id(edge.child), keeps_on, names, tuple(live[name] for name in inputs))
                label = edge.name if edge.start is None else f"{edge.name}[{edge.start + index}]"
                yield _Moment(position, label, beside, tuple(inputs), edge.child, inner)
                if not index and used and last.get(used[0], -1) <= position and used[0] not in used[1:]:
                    live.pop(used[0], None)
            if made:
                live[own] = made
            for name in [name for name in live if last.get(name, -1) <= position]:
                del live[name]

    def witness(self, block: Block, case: Case, names: dict[int, str], path: str) -> tuple[str, list[tuple[str, int]]]:
        """The layer at which the peak is reached, and the live tensors as (path, bits)."""
        most = self.peak(block, case)
        made: dict[int, str] = {case[2][k]: name for k, name in names.items()}
        count = len(case[2])
        for moment in self.moments(block, case):
            inner = join_path(path, moment.name)
            if sum(moment.beside.values()) + self.peak(moment.child, moment.case) == most:
                beside = [(made[name], size) for name, size in moment.beside.items()]
                if isinstance(moment.child, Layer):
                    inputs = dict(zip(moment.roots, moment.case[3], strict=True))
                    own = self.made(moment.child)
                    output = [(inner, own)] if own else []
                    return inner, [*beside, *((made[name], size) for name, size in inputs.items()), *output]
                inside = {place: made[name] for place, name in enumerate(moment.roots)}
                layer, live = self.witness(moment.child, moment.case, inside, inner)
                return layer, [*beside, *live]
            made[count + moment.position] = self.maker(moment.child, inner)
        return path, [(made[name], size) for name, size in dict(zip(case[2], case[3], strict=True)).items()]

    def maker(self, child: Layer | Block, path: str) -> str:
        """The path of the layer that made the output of `child`."""
        while isinstance(child, Block):
            origin = self.origin(child)
            if origin < 0:
                return path
            edge = child.edges[origin]
            name = edge.name if edge.start is None else f"{edge.name}[{edge.start + edge.count - 1}]"
            path, child = join_path(path, name), edge.child
        return path
