"""The cache of keys and values: the distinct stored tensors that the tokens to come will read.

Views are followed back to the memory they lie in, and a concatenation to its parts. So a value that is a slice of the
key is stored once, and so is a key that two layers read; a tensor counts in the number format of the layer that made
it, for as many tokens as the attention that reads most of it keeps. Every run of a layer has a cache of its own.

Attention whose query, key and value are one and the same tensor is attention written without its projections: there the
key and the value are two tensors, as they are with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from costcalc.graph.decode import kept
from costcalc.graph.model import Block, Edge, Graph, Layer, join_path
from costcalc.ops.op import Setting
from costcalc.ops.strided import Cut, Order, Strided, distinct, heaviest
from costcalc.spec.model import DTYPE_BITS

MOST_PIECES = 64
"""A tensor joined of more parts than this is one of its own."""


class Cached(NamedTuple):
    """A tensor in the cache, or `copies` equal ones of a repeat: who makes it, its tokens, its features, all bytes."""

    path: str
    copies: int
    tokens: int
    features: int
    bytes: int


class _Piece(NamedTuple):
    """A tensor, or a part of one: which memory it lies in, and where."""

    memory: int
    region: Strided


class _Laid(NamedTuple):
    """The place of a tensor: one piece; or several, side by side along `axis`, of which `copy` is one."""

    pieces: tuple[_Piece, ...]
    axis: int = 0
    copy: _Piece | None = None

    def everything(self) -> tuple[_Piece, ...]:
        return self.pieces if self.copy is None else (*self.pieces, self.copy)

    def moved(self, memories: dict[int, int]) -> _Laid:
        """The same with other numbers for the memories."""
        pieces = tuple(_Piece(memories[piece.memory], piece.region) for piece in self.pieces)
        copy = self.copy and _Piece(memories[self.copy.memory], self.copy.region)
        return _Laid(pieces, self.axis, copy)


class _Read(NamedTuple):
    """A part of a memory that attention keeps: for each of `tokens` rows along `row`, the elements of a region.

    `apart` is true of a value that is kept beside its key although it is the same tensor.
    """

    memory: int
    apart: bool
    region: Strided
    row: tuple[int, int]
    tokens: int


@dataclass(slots=True)
class _Memory:
    """Memory that a layer fills: its path, bits of an element, how many equal ones there are, and what is read."""

    path: str
    bits: int
    count: int = 1
    reads: set[_Read] = field(default_factory=set)


class _Case(NamedTuple):
    """A layer or block, and where its inputs lie in memories numbered from 0."""

    child: Layer | Block
    inputs: tuple[_Laid | None, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """The tensors that one instance of a layer or block keeps.

    Attributes:
        bytes: of tensors that are made, and read for the last time, inside.
        own: these tensors where no block inside holds them.
        inside: name, what is found there, and how often, of the blocks inside.
        reads: what is read of the memories of the inputs.
        result: where the output lies: in memories of the inputs, or in open ones, which are numbered from -1 down.
        open: the memories in which the output lies and which are filled inside.
    """

    bytes: int
    own: tuple[Cached, ...]
    inside: tuple[tuple[str, _Found, int], ...]
    reads: frozenset[_Read]
    result: _Laid
    open: dict[int, _Memory]


@dataclass(frozen=True, slots=True)
class Cache:
    """All cached tensors of a network, for the whole batch."""

    found: _Found

    @property
    def bytes(self) -> int:
        """Of all of them."""
        return self.found.bytes

    def tensors(self) -> Iterator[Cached]:
        """The tensors in stored order, block by block; equal ones of a repeat are one."""
        return _tensors(self.found, "", 1)


def _tensors(found: _Found, path: str, times: int) -> Iterator[Cached]:
    for tensor in found.own:
        yield Cached(
            join_path(path, tensor.path), tensor.copies * times, tensor.tokens, tensor.features, tensor.bytes * times
        )
    for name, inner, count in found.inside:
        if inner.bytes:
            yield from _tensors(inner, join_path(path, name), times * count)


def cache(graph: Graph, batch: int) -> Cache:
    """The cache that a prompt, or a new token, leaves behind."""
    finder = _Finder(batch)
    inputs = tuple(_Laid((_Piece(k, Strided.whole(shape)),)) for k, shape in enumerate(graph.root.inputs))
    found = finder.find(_Case(graph.root, inputs))
    memories = {k: _Memory(name, DTYPE_BITS[graph.input_dtypes[name]]) for k, name in enumerate(graph.inputs)}
    for read in found.reads:
        memories[read.memory].reads.add(read)
    left = finder.closed([*memories.values(), *found.open.values()])
    total = found.bytes + sum(tensor.bytes for tensor in left)
    return Cache(_Found(total, (*left, *found.own), found.inside, frozenset(), found.result, {}))


class _Finder:
    def __init__(self, batch: int) -> None:
        self.batch = batch
        self.known: dict[_Case, _Found] = {}

    def find(self, case: _Case) -> _Found:
        """The tensors that a layer or block keeps, given where its inputs lie."""
        found = self.known.get(case)
        if found is None:
            child = case.child
            found = self.known[case] = (
                _of_layer(child, case.inputs) if isinstance(child, Layer) else _Inside(self, child, case.inputs).found()
            )
        return found

    def closed(self, memories: Iterable[_Memory]) -> list[Cached]:
        """The tensors in memories that nobody will read any further."""
        return [tensor for memory in memories if memory.reads for tensor in self.stored(memory)]

    def stored(self, memory: _Memory) -> Iterator[Cached]:
        """The tensors kept of a memory: one, unless its tokens lie along different axes for different readers."""
        rows: dict[tuple[bool, tuple[int, int]], list[_Read]] = {}
        for read in sorted(memory.reads):
            rows.setdefault((read.apart, read.row), []).append(read)
        for reads in rows.values():
            elements = heaviest((read.region, read.tokens) for read in reads)
            size = -(-elements * memory.bits * self.batch // 8)
            features = distinct(read.region for read in reads)
            tokens = max(read.tokens for read in reads)
            yield Cached(memory.path, memory.count, tokens, features, size * memory.count)


class _Inside:
    """A block while what its layers keep is found."""

    def __init__(self, finder: _Finder, block: Block, inputs: tuple[_Laid | None, ...]) -> None:
        self.finder = finder
        self.block = block
        self.inputs = inputs
        self.memories: dict[int, _Memory] = {}
        self.reads: set[_Read] = set()
        self.inside: list[tuple[str, _Found, int]] = []
        self.bytes = 0

    def found(self) -> _Found:
        results: list[_Laid] = []
        for edge in self.block.edges:
            taken = [
                None if reference is None else self.inputs[-1 - reference] if reference < 0 else results[reference]
                for reference in edge.inputs
            ]
            results.append(self.edge(edge, taken))
        reference = self.block.result
        result = results[reference] if reference >= 0 else self.inputs[-1 - reference]
        assert result is not None
        out = {piece.memory for piece in result.everything()}
        own = self.finder.closed(memory for number, memory in self.memories.items() if number not in out)
        numbers = {number: number for number in out if number >= 0}
        numbers.update((number, -1 - k) for k, number in enumerate(sorted(out & self.memories.keys(), reverse=True)))
        opened = {numbers[number]: self.memories[number] for number in sorted(out & self.memories.keys())}
        total = self.bytes + sum(tensor.bytes for tensor in own)
        return _Found(total, tuple(own), tuple(self.inside), frozenset(self.reads), result.moved(numbers), opened)

    def edge(self, edge: Edge, taken: list[_Laid | None]) -> _Laid:
        """All instances of an edge; where they are many, the second stands for all but the first and the last."""
        shown = [(edge.instance(k), 1) for k in range(min(edge.count, 3))]
        if edge.count > 3:
            first = edge.start or 0
            middle = f"{edge.name}[{first + 1}..{first + edge.count - 2}]"
            shown[1:] = [(middle, edge.count - 2), (edge.instance(edge.count - 1), 1)]
        met: list[tuple[str, _Found, int]] = []
        laid = None
        for name, times in shown:
            inputs = taken if laid is None else [laid, *taken[1:]]
            found, laid = self.instance(edge, name, times, inputs)
            met.append((name, found, times * (edge.run // edge.count)))
        if len({id(found) for _, found, _ in met}) == 1 and len(met) > 1:
            met = [(edge.span, met[0][1], edge.run)]
        for name, found, times in met:
            if found.bytes and times:
                self.inside.append((name, found, times))
                self.bytes += found.bytes * times
        assert laid is not None
        return laid

    def instance(self, edge: Edge, name: str, times: int, inputs: list[_Laid | None]) -> tuple[_Found, _Laid]:
        """One instance where it stands: its reads are told to the memories around it, and its open memories added."""
        numbers: dict[int, int] = {}
        for laid in inputs:
            for piece in laid.everything() if laid is not None else ():
                numbers.setdefault(piece.memory, len(numbers))
        found = self.finder.find(
            _Case(edge.child, tuple(None if laid is None else laid.moved(numbers) for laid in inputs))
        )
        around = {number: memory for memory, number in numbers.items()}
        for number, memory in found.open.items():
            around[number] = -1 - len(self.memories)
            self.memories[around[number]] = _Memory(join_path(name, memory.path), memory.bits, memory.count * times)
        if edge.run:
            told = [*found.reads, *(read for memory in found.open.values() for read in memory.reads)]
            for read in told:
                here = read._replace(memory=around[read.memory])
                (self.reads if here.memory >= 0 else self.memories[here.memory].reads).add(here)
        return found, found.result.moved(around)


def _of_layer(layer: Layer, inputs: tuple[_Laid | None, ...]) -> _Found:
    reads: set[_Read] = set()
    tokens = kept(layer)
    if tokens:
        query, key, value = inputs[:3]
        for laid, apart in ((key, False), (value, query == key == value)):
            assert laid is not None
            reads.update(_read(piece, tokens, apart=apart) for piece in _parts(laid))
    new = _Piece(-1, Strided.whole(layer.output))
    result = _result(layer, inputs, new)
    opened = {-1: _Memory("", DTYPE_BITS[layer.dtype])} if new.memory in {p.memory for p in result.everything()} else {}
    return _Found(0, (), (), frozenset(reads), result, opened)


def _parts(laid: _Laid) -> tuple[_Piece, ...]:
    """The pieces of a key or value; one that is joined along its tokens is a tensor of its own."""
    rank = len(laid.pieces[0].region.sizes)
    return (laid.copy,) if laid.copy is not None and laid.axis == rank - 2 else laid.pieces


def _read(piece: _Piece, tokens: int, *, apart: bool) -> _Read:
    sizes, strides = piece.region.sizes, piece.region.strides
    region = Strided(piece.region.offset, (*sizes[:-2], sizes[-1]), (*strides[:-2], strides[-1]))
    return _Read(piece.memory, apart, region, (strides[-2] if sizes[-2] > 1 else 0, sizes[-2]), tokens)


def _result(layer: Layer, inputs: tuple[_Laid | None, ...], new: _Piece) -> _Laid:
    """The memory of a layer's output: its own, unless it is a view or its inputs side by side."""
    setting = Setting(layer.arguments, layer.inputs, layer.layout)
    op = layer.op
    if op.view and inputs and inputs[0] is not None:
        if op.changes is None:
            return _reshaped(inputs[0], layer.output) or _Laid((new,))
        laid: _Laid | None = inputs[0]
        for change in op.changes(setting):
            laid = laid and _changed(laid, change)
        return laid or _Laid((new,))
    if op.beside is not None:
        axis = op.beside(setting)
        parts = [laid for laid in inputs if laid is not None]
        flat = tuple(piece for laid in parts for piece in laid.pieces)
        if len(flat) <= MOST_PIECES and all(len(laid.pieces) == 1 or laid.axis == axis for laid in parts):
            together = sum(piece.region.sizes[axis] for piece in flat)
            if together == layer.output[axis]:
                return _Laid(flat, axis, new)
    return _Laid((new,))


def _reshaped(laid: _Laid, shape: tuple[int, ...]) -> _Laid | None:
    if laid.copy is None:
        (piece,) = laid.pieces
        region = piece.region.reshaped(shape)
        return None if region is None else _Laid((_Piece(piece.memory, region),))
    copy = laid.copy.region.reshaped(shape)
    if copy is None:
        return None
    whole = _Piece(laid.copy.memory, copy)
    sizes = laid.copy.region.sizes
    if not shape or laid.axis != len(sizes) - 1 or shape[-1] != sizes[-1]:
        return _Laid((whole,))
    pieces = []
    for piece in laid.pieces:
        region = piece.region.reshaped((*shape[:-1], piece.region.sizes[-1]))
        if region is None:
            return _Laid((whole,))
        pieces.append(_Piece(piece.memory, region))
    return _Laid(tuple(pieces), len(shape) - 1, whole)


def _changed(laid: _Laid, change: Cut | Order) -> _Laid:
    if laid.copy is None:
        (piece,) = laid.pieces
        return _Laid((_Piece(piece.memory, piece.region.changed(change)),))
    copy = _Piece(laid.copy.memory, laid.copy.region.changed(change))
    if isinstance(change, Order):
        pieces = tuple(_Piece(piece.memory, piece.region.changed(change)) for piece in laid.pieces)
        return _Laid(pieces, change.axes.index(laid.axis), copy)
    if change.axis != laid.axis:
        return _Laid(tuple(_Piece(p.memory, p.region.changed(change)) for p in laid.pieces), laid.axis, copy)
    if change.step != 1:
        return _Laid((copy,))
    found, begin, end = [], 0, change.start + change.size
    for piece in laid.pieces:
        size = piece.region.sizes[change.axis]
        low, high = max(change.start, begin), min(end, begin + size)
        if low < high:
            cut = Cut(change.axis, low - begin, 1, high - low)
            found.append(_Piece(piece.memory, piece.region.changed(cut)))
        begin += size
    return _Laid(tuple(found)) if len(found) == 1 else _Laid(tuple(found), laid.axis, copy)
