"""What a spec's reference code calls as functions and not as modules: `meta: {functional: [relu, stage1.pool]}`.

A name is an op, wherever it stands; or the path of a layer, from the network or from a block, wherever that is called:
`window_attention.out_projection`. An index is ignored: all instances of a repeat are called alike.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet

from costcalc.errors import Problem, SpecError
from costcalc.graph.model import Block, Functional, Layer, join_path
from costcalc.ops import catalogue
from costcalc.spec.model import Layers, Reference, Spec
from costcalc.text.suggest import did_you_mean

INSIDE = "name the layers inside it that are functions"
_INDEX = re.compile(r"\[[\d.]*\]")


def functional(spec: Spec, root: Block, left_out: AbstractSet[str]) -> Functional:
    """What `spec` lists, held against the network it is; `left_out` are names of layers that this network has not.

    Raises:
        SpecError: a name is neither an op nor a layer.
    """
    if not spec.functional:
        return Functional()
    problems = [_problem(reference, spec, root, left_out) for reference in spec.functional]
    found = [problem for problem in problems if problem is not None]
    if found:
        raise SpecError(found)
    paths = frozenset(without_indices(reference.name) for reference in spec.functional)
    return Functional(
        ops=paths & catalogue().keys(),
        paths=paths,
        blocks={block: inside for block in spec.blocks if (inside := below(paths, block) - {""})},
    )


def without_indices(path: str) -> str:
    """`stage1[0].conv` -> `stage1.conv`."""
    return _INDEX.sub("", path)


def below(paths: frozenset[str], name: str) -> frozenset[str]:
    """Paths from a block as paths from its entry `name`; '' is the entry itself, and the op of a named join."""
    if not name:
        return paths & {""}
    return frozenset(path[len(name) + 1 :] for path in paths if path == name or path.startswith(f"{name}."))


def _problem(reference: Reference, spec: Spec, root: Block, left_out: AbstractSet[str]) -> Problem | None:
    """What is wrong with a name, if anything is."""
    written, where = reference.name, reference.node.location()
    path = without_indices(written)
    if path in catalogue():
        return None
    first, _, rest = path.partition(".")
    if rest and first in spec.blocks and not _calls(root, first):
        return None  # `when` leaves them all out
    children, ends, known = _found(path, spec, root)
    if any(isinstance(child, Layer) or child.name in catalogue() for child in children):
        return None  # a block with the name of an op is a named join
    if children or path in spec.blocks:
        return Problem(f"'functional: {written}' is a block", where, INSIDE)
    if left_out & ends:
        return None
    if rest and first in spec.blocks and path.rpartition(".")[2] in catalogue() and _holds_ops(spec.blocks[first].body):
        return None  # a parameter may hold that op, with other args
    elsewhere = [join_path(block, rest) for block in spec.blocks] if rest else list(catalogue())
    known += [name for name in elsewhere if name in catalogue() or _found(name, spec, root)[0]]
    hint = did_you_mean(written, dict.fromkeys(known)) or "'costcalc show' prints the paths of the layers"
    return Problem(f"'functional: {written}' is neither an op nor a layer of the network", where, hint)


def _holds_ops(layers: Layers) -> bool:
    """Whether a list, or one inside it, calls a parameter, which may hold one op or another."""
    bodies = [call.body for call in layers.calls if call.body] + [
        branch.body for call in layers.calls for branch in call.branches
    ]
    return any(call.kind == "parameter" for call in layers.calls) or any(map(_holds_ops, bodies))


def _found(path: str, spec: Spec, root: Block) -> tuple[list[Layer | Block], set[str], list[str]]:
    """What stands at a path, from the network or from a block; and where there is nothing, the name and the paths."""
    first, _, rest = path.partition(".")
    starts = [("", [root], path)]
    if rest and first in spec.blocks:
        starts.append((first, _calls(root, first), rest))
    found: list[Layer | Block] = []
    ends: set[str] = set()
    known: list[str] = []
    for parent, blocks, names in starts:
        children: list[Layer | Block] = list(blocks)
        for name in names.split("."):
            edges = [edge for block in children if isinstance(block, Block) for edge in block.edges]
            children = list({id(edge.child): edge.child for edge in edges if edge.name == name}.values())
            if not children:
                ends.add(name)
                known += [join_path(parent, edge.name) for edge in edges if edge.name]
                break
            parent = join_path(parent, name)
        found += children
    return found, ends, known


def _calls(root: Block, name: str) -> list[Block]:
    """What the calls of a block are in a network, each once."""
    seen = {id(root): root}
    waiting = [root]
    while waiting:
        for edge in waiting.pop().edges:
            if isinstance(edge.child, Block) and id(edge.child) not in seen:
                seen[id(edge.child)] = edge.child
                waiting.append(edge.child)
    return [block for block in seen.values() if block.name == name and block is not root]
