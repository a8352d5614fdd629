"""`costcalc bench`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from costcalc.cli.options import Count, output_options, size_options, spec_argument

if TYPE_CHECKING:
    from costcalc.graph.size import Size


@click.command(
    "bench",
    epilog="Example:  costcalc bench bottleneck --input 256x14x14 --repeats 10",
)
@spec_argument
@click.option("--repeats", type=click.IntRange(1, 10_000), default=5, show_default=True, help="Runs of every layer.")
@click.option(
    "--backend",
    type=click.Choice(("python", "torch")),
    default="python",
    show_default=True,
    help="What runs the layers; PyTorch, where it is installed, on one core.",
)
@click.option(
    "--budget",
    type=Count(),
    default="20M",
    show_default=True,
    help="Approximate multiply-adds for one run of all layers.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of weights and inputs.")
@size_options
@output_options
def command(
    spec: str,
    repeats: int,
    backend: str,
    budget: int,
    seed: int,
    size: Size,
    form: str,
    output: str | None,
) -> None:
    """Time every distinct layer of SPEC on plain floats, beside what Python allows.

    Layers equal in op, arguments and channels are timed once, those too large for the budget smaller. The limit is
    bare sums of products over rows as long as the layer's, measured in the same run.
    """
    if size.batch != 1:
        raise click.UsageError("bench times one item: --batch is 1")
    from costcalc.cli.output import deliver
    from costcalc.cli.progress import progress
    from costcalc.graph.build import build
    from costcalc.reference.bench import bench, in_python
    from costcalc.reference.in_torch import in_torch
    from costcalc.report.benchmark import flat, show, to_json
    from costcalc.report.view import View
    from costcalc.spec.load import load

    loaded = load(spec)
    graph = build(loaded, size.args, size.input, sequence=size.sequence)
    chosen = in_torch() if backend == "torch" else in_python()
    with progress("multiply-adds") as bar:
        done = bench(graph, repeats, budget, chosen, seed, bar(0, spec))
    view = View(lambda: show(done), lambda: to_json(done), rows=lambda: flat(done))
    deliver(view, form, output, [loaded.path])
