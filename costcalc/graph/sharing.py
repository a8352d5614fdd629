"""`share`: which weights of a layer are another's, and whose.

A `share` says that weights are equal: every weight of the one with the weight of the other that has the same path and
shape. All weights that are said to be equal, here or elsewhere, at once or by way of others, are one, which is stored
where it first stands. What a layer or block already shares counts among its weights.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import NamedTuple

from costcalc.errors import Fault, Problem
from costcalc.graph.model import COPIES, Block, Edge, Layer, Owner, Spot
from costcalc.graph.scope import Holder, Scope, Stop
from costcalc.graph.weights import Placed, Table, Tables, has_weights, owned, placed_weights
from costcalc.ops.kinds import LARGEST_DIMENSION
from costcalc.spec.model import Reference
from costcalc.text.suggest import did_you_mean

Pair = tuple[Owner, Owner]


class Tie(NamedTuple):
    """The effect of a `share` on some instances.

    Attributes:
        owner: whose weights all those of the child are.
        shared: path of a weight that the child stores -> whose it is.
        stored: False if all weights are another's.
        many: how many instances this is true of.
        nothing: True if no weight has the same path and shape.
    """

    owner: Owner | None = None
    shared: Mapping[str, Owner] = {}
    stored: bool = True
    many: int = 1
    nothing: bool = False


class Pool:
    """The instances of a repeat that share among themselves: each weight is the first instance's that has it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.children: dict[Layer | Block, int] = {}
        self.waiting: list[tuple[Layer | Block, int]] = []  # most repeats have equal instances: no list is needed
        self.owners: dict[tuple[str, object], Owner] = {}

    def add(self, child: Layer | Block, index: int) -> None:
        """Enter an instance that is not like an earlier one."""
        self.children[child] = index
        self.waiting.append((child, index))

    def filled(self, tables: Tables) -> dict[tuple[str, object], Owner]:
        """Path and kind of every weight of the instances so far -> whose it is."""
        for child, index in self.waiting:
            for path, placed in placed_weights(child, tables).items():
                owner = _inside(Owner(0, self.name, index), placed.root)
                self.owners.setdefault((path, placed.kind), owner)
        self.waiting.clear()
        return self.owners


class Sharing:
    """Finds out what `share` means, for one build."""

    def __init__(self) -> None:
        self.tables: Tables = {}
        self.weighted: dict[Layer | Block, bool] = {}

    def with_layer(self, scope: Scope, share: Reference, index: int | None, child: Layer | Block, many: int) -> Tie:
        """The weights of `child` as those of an earlier layer or block.

        A repeat shares with a repeat instance by instance; anything else with its last instance, as in `from`.
        """
        holder = holder_of(scope, share)
        found, owner, until = _instance(holder, index)
        many = min(many, until - (index or 0))
        if found is None:
            return Tie(many=many, nothing=True)
        if found is child:
            return self.whole(scope, owner, child, many)
        theirs = placed_weights(found, self.tables)
        own = placed_weights(child, self.tables)
        equal = {
            path: (placed, _inside(owner, theirs[path].root))
            for path, placed in own.items()
            if path in theirs and theirs[path].kind == placed.kind
        }
        return self.parts(scope, own, equal, many)

    def with_instances(self, scope: Scope, pool: Pool, index: int, child: Layer | Block, many: int) -> Tie:
        """The weights of an instance as those of the instances of the same repeat before it."""
        first = pool.children.get(child)
        if first is not None:
            return self.whole(scope, Owner(0, pool.name, first), child, many)
        tie = Tie(nothing=True)
        if pool.children:
            owners = pool.filled(self.tables)
            own = placed_weights(child, self.tables)
            equal = {
                path: (placed, owners[path, placed.kind])
                for path, placed in own.items()
                if (path, placed.kind) in owners
            }
            tie = self.parts(scope, own, equal, 1)
        pool.add(child, index)
        return tie

    def whole(self, scope: Scope, owner: Owner, child: Layer | Block, many: int) -> Tie:
        """All weights, where both sides are the same object: no list of them is made, they may be a million."""
        if not has_weights(child, self.weighted):
            return Tie(many=many, nothing=True)
        if owner.up == 0 and not owner.each:
            edge, offset = _entry(scope, owner.entry, owner.instance)
            if edge.owner is not None:
                owner = edge.owner.at(offset)
        return Tie(owner, stored=False, many=many)

    def parts(self, scope: Scope, own: Table, equal: dict[str, tuple[Placed, Owner]], many: int) -> Tie:
        """Some weights, each with its owner."""
        shared: dict[str, Owner] = {}
        pairs: list[Pair] = []
        for placed, owner in equal.values():
            if placed.root.up:
                pairs.append((Owner(placed.root.up - 1, placed.root.path), owner))
                continue
            if owner.spot().path.count(COPIES) > placed.root.path.count(COPIES):
                raise _one_expert()
            first = shared.setdefault(placed.root.path, owner)
            if first != owner:
                pairs.append((first, owner))
        if pairs and any(owner.each for _, owner in equal.values()):
            many = 1  # each instance makes other weights equal
        for one, other in pairs:
            self.unite(scope, one.spot(), other.spot())
        shared = {path: self.settled(scope, owner) for path, owner in shared.items()}
        stored = sum(placed.root == Spot(0, path) for path, placed in own.items())
        return Tie(None, shared, not shared or len(shared) < stored, many, not equal)

    def settled(self, scope: Scope, owner: Owner) -> Owner:
        """The end of a chain of owners, so that no chain grows long; instances that are counted up keep theirs."""
        if owner.each:
            return owner
        spot = self.root(scope, owner.spot())
        return Owner(spot.up, spot.path)

    def adopt(self, scope: Scope, child: Layer | Block) -> None:
        """Take over what a child says of the weights of this list and of those around it."""
        for one, other in child.ties.items() if isinstance(child, Block) else ():
            if one.up:
                self.unite(scope, Spot(one.up - 1, one.path), Spot(other.up - 1, other.path))

    # --- equal weights -----------------------------------------------------------------------------------------------

    def unite(self, scope: Scope, one: Spot, other: Spot) -> None:
        """Make two weights one: it is stored where it first stands, and only once if one of them is."""
        one, other = self.root(scope, one), self.root(scope, other)
        if one == other:
            return
        keep, follow = sorted((one, other), key=lambda spot: self.order(scope, spot))
        if follow.up > keep.up == 0:
            raise _one_expert()
        scope.ties[follow] = keep

    def root(self, scope: Scope, spot: Spot) -> Spot:
        """The place where a weight is stored, as far as this list knows."""
        passed = []
        while True:
            further = scope.ties.get(spot) or self.owned(scope, spot)
            if further == spot:
                break
            if spot in scope.ties:
                passed.append(spot)
            spot = further
        scope.ties.update((before, spot) for before in passed)
        return spot

    def owned(self, scope: Scope, spot: Spot) -> Spot:
        """The source of a weight, for the entry that it stands in."""
        edge, offset = _edge(scope, spot)
        return spot if edge is None else owned(edge, offset, self.placed(edge, spot).root)

    def placed(self, edge: Edge, spot: Spot) -> Placed:
        """A weight inside an entry."""
        table = placed_weights(edge.child, self.tables)
        return table[spot.path if edge.name == "" else spot.path.partition(".")[2]]

    def order(self, scope: Scope, spot: Spot) -> tuple[int, int, int, int, int, str]:
        """The weight of fewest copies first, then those of enclosing lists, then as they are stored."""
        copies = spot.path.count(COPIES)
        edge, offset = _edge(scope, spot)
        if edge is None:
            return copies, -spot.up, 0, 0, 0, spot.path
        position = scope.entries[edge.name][0]
        return copies, 0, position, (edge.start or 0) + offset, self.placed(edge, spot).number, ""


def _inside(owner: Owner, root: Spot) -> Owner:
    """The owner of a weight inside an owner, whose own place there is `root`."""
    return owner._replace(path=root.path) if root.up == 0 else Owner(owner.up + root.up - 1, root.path)


def _edge(scope: Scope, spot: Spot) -> tuple[Edge | None, int]:
    """The entry of the list that a weight stands in, and which instance; none where it stands further out."""
    if spot.up:
        return None, 0
    entry, dot, _ = spot.path.partition(".")
    name, bracket, index = (entry if dot else "").partition("[")
    return _entry(scope, name, int(index[:-1]) if bracket and index != COPIES[1:] else None)


def _entry(scope: Scope, name: str, index: int | None) -> tuple[Edge, int]:
    """The entry of this name that stands for the instance, and which it is of those."""
    positions = scope.entries[name]
    if index is None:
        return scope.edges[positions[0]], 0
    at = bisect_right(positions, index, key=lambda position: scope.edges[position].start or 0)
    edge = scope.edges[positions[at - 1]]
    return edge, index - (edge.start or 0)


def _instance(holder: Holder, index: int | None) -> tuple[Layer | Block | None, Owner, int]:
    """The owner of instance `index`, and up to which instance; None where there is no counterpart."""
    owner = Owner(holder.up, holder.name)
    if not holder.repeats:
        return holder.runs[0][2], owner, LARGEST_DIMENSION
    if index is None:
        _, end, child = holder.runs[-1]
        return child, owner._replace(instance=end - 1), LARGEST_DIMENSION
    at = bisect_right(holder.runs, index, key=lambda run: run[0])
    if at:
        _, end, child = holder.runs[at - 1]
        if index < end:
            return child, owner._replace(instance=index, each=True), end
    return None, owner, holder.runs[at][0] if at < len(holder.runs) else LARGEST_DIMENSION


def holder_of(scope: Scope, share: Reference) -> Holder:
    """The thing that `share` names.

    Raises:
        Stop: there is no such layer before, or only a part of what it holds stands under its name.
    """
    holder = scope.shares.get(share.name)
    if holder is None:
        message, hint = f"no earlier layer is called '{share.name}'", did_you_mean(share.name, scope.shares)
        if share.name in scope.left_out:
            message, hint = f"'{share.name}' is left out", "leave this one out, too, or share with another"
        raise Stop(Problem(f"'share: {share.name}': {message}", share.node.location(), hint))
    if holder.apart:
        message = f"'share: {share.name}': the branches of an unnamed join stand beside it, and would not be shared"
        raise Stop(Problem(message, share.node.location(), "give the join a 'name:', and share with that"))
    return holder


def _one_expert() -> Fault:
    return Fault(
        "this would make the experts of an earlier mixture one",
        "share between mixtures whose experts share alike, or give this one weights of its own",
    )


def shares_nothing(share: Reference, child: Layer | Block, owner: Layer | Block | None, tables: Tables) -> Problem:
    """The problem that nothing is shared, with the first weights of both sides."""

    def few(child: Layer | Block | None) -> str:
        weights = [] if child is None else list(placed_weights(child, tables).items())
        shown = [f"{path} {list(placed.weight.shape)}" for path, placed in weights[:3]]
        return ", ".join(shown) + (", ..." if len(weights) > 3 else "") or "no weights"

    message = f"'share: {share.name}' shares nothing: no weight has the same path and shape"
    return Problem(message, share.node.location(), f"here {few(child)}; there {few(owner)}")
