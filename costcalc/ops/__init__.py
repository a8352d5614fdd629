"""The catalogue: every file of this folder that defines an `Op` puts it there. Adding an op adds a file, no list.

One op, or one family of near-twins, a file. Each has the same sections in the same order: what it is with its
formula, the shape rule, the symbols, and the op itself with arguments, weights and tally.
"""

from __future__ import annotations

import copyreg
import os
from collections.abc import Callable
from functools import cache
from importlib import import_module
from types import MappingProxyType

from costcalc.ops.kinds import AXES
from costcalc.ops.op import Op
from costcalc.text.suggest import bare, learn

_NOT_OPS = frozenset(("__init__", "absent", "formula", "kinds", "op", "strided", "window"))


@cache
def catalogue() -> MappingProxyType[str, Op]:
    """Name -> op, sorted by name."""
    ops = (op for file in op_files() for op in vars(import_module(f"{__name__}.{file}")).values() if isinstance(op, Op))
    return MappingProxyType({op.name: op for op in sorted(ops, key=lambda op: op.name)})


def _named(name: str) -> Op:
    return catalogue()[name]


def _by_name(op: Op) -> tuple[Callable[[str], Op], tuple[str]]:
    return _named, (op.name,)


copyreg.pickle(Op, _by_name)  # an op is the one of its name wherever it is unpickled: it holds functions


def op_files() -> list[str]:
    """The names of the files that hold ops."""
    stems = {name.partition(".")[0] for name in os.listdir(os.path.dirname(__file__)) if ".py" in name}
    return sorted(stems - _NOT_OPS)


@cache
def elsewhere() -> MappingProxyType[str, str]:
    """Name of an op -> what others call it, in the form in which suggestions compare words."""
    names = {op.name: " ".join(op.also.values()).split() for op in catalogue().values()}
    return MappingProxyType({name: " ".join(dict.fromkeys(map(bare, others))) for name, others in names.items()})


learn(elsewhere)


@cache
def words() -> frozenset[str]:
    """The words that stand for themselves in expressions: `same`, `none`, axes, and every choice of an argument."""
    kinds = (argument.kind for op in catalogue().values() for argument in op.arguments)
    return frozenset((*AXES, "none", *(word for kind in kinds for word in kind.words)))
