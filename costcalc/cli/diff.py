"""`costcalc diff`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from costcalc.cli.choices import complete_metric, complete_spec
from costcalc.cli.limits import LimitOption
from costcalc.cli.options import output_options, row_options, size_options

if TYPE_CHECKING:
    from costcalc.budget.model import Limit
    from costcalc.graph.size import Size


def _known(ctx: click.Context, param: click.Parameter, metrics: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse metrics that do not exist."""
    if metrics:
        from costcalc.cost.metrics import METRICS
        from costcalc.text.suggest import did_you_mean

        for metric in metrics:
            if metric not in METRICS:
                raise click.UsageError(f"there is no metric '{metric}': {did_you_mean(metric, METRICS)}")
    return metrics


@click.command(
    "diff",
    epilog="Example:  costcalc diff resnet50 resnet101 --depth 1",
)
@click.argument("versions", metavar="[OLD] NEW", nargs=-1, required=True, shell_complete=complete_spec)
@size_options
@row_options
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    metavar="NAME",
    callback=_known,
    shell_complete=complete_metric,
    help="A metric to show; repeatable.  [default: params, macs]",
)
@click.option("--all", "everything", is_flag=True, help="Also show what did not change.")
@click.option("--exit-code", is_flag=True, help="Exit code 1 if anything differs.")
@click.option(
    "--fail-on",
    "limits",
    type=LimitOption("grow", ("grow",)),
    multiple=True,
    help="Exit code 1 for more growth than this: macs=5%.",
)
@output_options
def command(
    versions: tuple[str, ...],
    size: Size,
    depth: int | None,
    top: int | None,
    sort: str | None,
    metrics: tuple[str, ...],
    everything: bool,
    exit_code: bool,
    limits: tuple[Limit, ...],
    form: str,
    output: str | None,
) -> int:
    """Compare two versions of a network, layer by layer: what is added (+), removed (-), changed (~), moved (>).

    OLD and NEW are specs, REV:PATH for a file in a commit, lock files, or stored reports (show --format json). A single
    spec is compared with its last commit. Layers are matched by their paths, and where those differ by alignment.
    """
    if len(versions) > 2:
        raise click.UsageError("diff takes one or two versions")
    from os.path import isfile

    from costcalc.budget.breach import breaches
    from costcalc.cli.failure import say
    from costcalc.cli.output import deliver
    from costcalc.report.difference import view
    from costcalc.text.snippets import render
    from costcalc.versions.address import diff

    old, new = versions if len(versions) == 2 else (None, versions[0])
    found = diff(
        old,
        new,
        size.args,
        size.input,
        batch=size.batch,
        sequence=size.sequence,
        depth=depth,
        warn=lambda warning: say(render(warning)),
    )
    broken = breaches(found, limits)
    shown = view(found, broken, metrics=metrics, sort=sort, top=top, everything=everything)
    deliver(shown, form, output, [name for name in (found.old, found.new) if isfile(name)])
    return 1 if broken or (exit_code and found.differs) else 0
