"""The completions of arguments and options: specs, variants, args, layers, metrics, conventions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import click

LARGEST = 2**20
"""Bytes of a spec that is read for its names alone."""


def _items(values: Iterable[str], begun: str, *, files: bool = False) -> list[Any]:
    """Candidates that start as what is written; with `files` also the names of files, which the shell knows."""
    from click.shell_completion import CompletionItem

    known = [CompletionItem(value) for value in values if value.startswith(begun)]
    return [*([CompletionItem(begun, type="file")] if files else []), *known]


def complete_spec(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """Names of bundled specs and variants, files, and after FILE@ its variants."""
    from costcalc.spec.find import bundled, bundled_variants

    name, at, _ = incomplete.rpartition("@")
    if at and name:
        return _items((f"{name}@{variant}" for variant in _variants(name)), incomplete)
    return _items(sorted((*bundled(), *bundled_variants())), incomplete, files=True)


def complete_op(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """Names of ops."""
    from costcalc.ops import catalogue

    return _items(catalogue(), incomplete)


def complete_block(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """Names of bundled blocks."""
    from costcalc.spec.library import blocks

    return _items(blocks(), incomplete)


def complete_convention(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """Names of bundled conventions, and files."""
    from costcalc.conventions.load import names

    return _items(names(), incomplete, files=True)


def complete_layer(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """Paths of layers and blocks of the spec, one level at a time."""
    from costcalc.errors import CostcalcError
    from costcalc.graph.build import build
    from costcalc.graph.paths import paths_from

    for spec in _specs(ctx):
        sizes = {name or spec.inputs[0][0]: shape for name, shape in ctx.params.get("inputs") or ()}
        arguments = dict(ctx.params.get("assignments") or ())
        try:
            graph = build(spec, arguments, sizes or None, sequence=ctx.params.get("sequence"))
        except CostcalcError:
            break
        return _items(paths_from(graph, incomplete), incomplete)
    return []


def complete_arg(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """Names of the args of the specs, as `NAME=`."""
    names = dict.fromkeys(f"{name}=" for spec in _specs(ctx) for name, _ in spec.args)
    return _items(names, incomplete)


def complete_input(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """Names of inputs as `NAME=`, where a spec has several."""
    inputs = (spec.inputs for spec in _specs(ctx))
    return _items(
        dict.fromkeys(f"{name}=" for several in inputs if len(several) > 1 for name, _ in several), incomplete
    )


def complete_metric(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """Names of metrics."""
    from costcalc.cost.metrics import METRICS

    return _items(METRICS, incomplete)


def complete_limit(kinds: Iterable[str], incomplete: str) -> list[Any]:
    """`METRIC=`, and behind a dot `METRIC.KIND=`."""
    from costcalc.cost.metrics import METRICS

    metric, dot, _ = incomplete.partition(".")
    if not dot:
        return _items((f"{name}=" for name in METRICS), incomplete)
    return _items((f"{metric}.{kind}=" for kind in kinds if metric in METRICS), incomplete)


def _variants(address: str) -> Iterable[str]:
    from costcalc.spec.find import locate
    from costcalc.spec.load import open_file

    path, shown, variant = locate(address)
    if variant is not None or not _is_small(path):
        return ()
    file = open_file(path, shown)
    return () if file is None else file.variants


def _specs(ctx: click.Context) -> Iterator[Any]:
    """The specs that are already on the line. While an option lacks its value, click has read no arguments."""
    from costcalc.errors import CostcalcError
    from costcalc.spec.find import locate
    from costcalc.spec.load import load

    named = ctx.params.get("spec") or ctx.params.get("specs") or ctx.params.get("versions") or ctx.args
    for address in [named] if isinstance(named, str) else named:
        try:
            if address != "-" and _is_small(locate(address)[0]):
                yield load(address)
        except CostcalcError:
            continue


def _is_small(path: str) -> bool:
    import os

    return os.path.isfile(path) and os.path.getsize(path) <= LARGEST
