"""`costcalc run`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from costcalc.cli.choices import complete_layer, complete_spec
from costcalc.cli.options import Count, output_options, size_options

if TYPE_CHECKING:
    from costcalc.graph.model import Graph
    from costcalc.graph.size import Size
    from costcalc.reference.run import Progress, Run


@click.command(
    "run",
    epilog="Example:  costcalc run one_by_one --layer conv --pixel 1,0",
)
@click.argument("spec", shell_complete=complete_spec)
@click.option(
    "--layer",
    shell_complete=complete_layer,
    help="Show the values of this layer; the outputs of the network when not given.",
)
@click.option("--pixel", help="Show the products that were added up at this position: 1,0 is row 1, column 0.")
@click.option("--channel", type=click.IntRange(0), help="Only this output channel of the pixel.")
@click.option(
    "--values",
    type=click.Path(dir_okay=False),
    help="A YAML or JSON file: input name or weight path -> numbers.  [default: the spec's 'verify: values']",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of what is not given.")
@click.option(
    "--budget",
    type=Count(),
    help="The most multiply-adds that a run may take; a network that takes more is refused.  [default: 5G]",
)
@click.option(
    "--exact",
    is_flag=True,
    help="Integers and fractions that nothing rounds; what is not given is small integers. In JSON a fraction is a "
    "text, 3/49.",
)
@size_options
@output_options
def command(
    spec: str,
    layer: str | None,
    pixel: str | None,
    channel: int | None,
    values: str | None,
    seed: int,
    budget: int | None,
    exact: bool,
    size: Size,
    form: str,
    output: str | None,
) -> None:
    """Calculate SPEC on plain numbers. Values come from the spec, a file, or a seed.

    With --exact a network with a layer that takes roots or exponentials, such as softmax, is refused.
    """
    if size.batch != 1:
        raise click.UsageError("run calculates one item: --batch is 1")
    if pixel is not None and layer is None:
        raise click.UsageError("--pixel needs --layer")
    if pixel is not None and exact:
        raise click.UsageError("--pixel shows the products of floats: leave out --exact")
    position = _position(pixel)
    reads = [path for path in (spec, values) if path is not None]
    from costcalc.cli.output import deliver
    from costcalc.cli.progress import progress
    from costcalc.graph.build import build
    from costcalc.graph.model import need_layer
    from costcalc.reference.run import BUDGET, run
    from costcalc.reference.trace import places, trace
    from costcalc.report.run import pixel_json, products_of, show_pixel, show_run, to_json, values_of
    from costcalc.report.view import View
    from costcalc.spec.load import load

    loaded = load(spec)
    graph = build(loaded, size.args, size.input, sequence=size.sequence)
    given = _read_values(values) if values else (loaded.verify.values if loaded.verify else None)
    if layer is not None:
        need_layer(graph, layer)
    only = set() if layer is None else {layer}
    with progress("multiply-adds") as bar:
        done = (_run_exactly if exact else run)(graph, given, seed, only, bar(0, spec), budget=budget or BUDGET)
    if position is not None and layer is not None:
        ran = done.layer(layer)
        traces = [trace(ran, place) for place in places(ran, position, channel)]
        view = View(lambda: show_pixel(ran, traces), lambda: pixel_json(traces), rows=lambda: products_of(traces))
    else:
        view = View(lambda: show_run(done, layer), lambda: to_json(done, layer), rows=lambda: values_of(done, layer))
    deliver(view, form, output, reads)


def _run_exactly(graph: Graph, values: Any, seed: int, only: set[str], progress: Progress, *, budget: int) -> Run:
    """`run_exact`; its numbers may be longer than Python writes unasked."""
    import sys

    from costcalc.reference.run_exact import run_exact

    sys.set_int_max_str_digits(0)
    return run_exact(graph, values, seed, only, progress, budget=budget)


def _position(text: str | None) -> tuple[int, ...] | None:
    """`1,0` as numbers."""
    if text is None:
        return None
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise click.UsageError(f"--pixel '{text}' is not a position, as in --pixel 1,0") from None


def _read_values(path: str) -> Any:
    """The values of a file, by the same reader as specs."""
    from pathlib import Path

    from costcalc.errors import CostcalcError
    from costcalc.spec.file import plain_node
    from costcalc.text.compose import compose, read

    found = plain_node(compose(read(Path(path))))
    if not isinstance(found, dict):
        raise CostcalcError(f"{path}: values are a mapping from input or weight to numbers")
    return found
