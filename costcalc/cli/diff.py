"""`costcalc diff`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from costcalc.cli.choices import complete_metric, complete_spec
from costcalc.cli.limits import LimitOption
from costcalc.cli.options import output_options, row_options, size_options

if TYPE_CHECKING:
    from costcalc.budget.model import Limit


@click.command(
    "diff",
    epilog="Example:  costcalc diff resnet50 resnet101 --depth 1",
    short_help="What changed between two versions of a network.",
)
@click.argument("versions", metavar="[OLD] NEW", nargs=-1, required=True, shell_complete=complete_spec)
@size_options
@row_options
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    metavar="NAME",
    shell_complete=complete_metric,
    help="A number to show.  [default: params, macs]",
)
@click.option("--all", "everything", is_flag=True, help="What did not change too.")
@click.option("--exit-code", is_flag=True, help="Exit code 1 where something differs.")
@click.option(
    "--fail-on", "limits", type=LimitOption("grow", ("grow",)), multiple=True, help="Exit code 1 for growth: macs=5%."
)
@output_options
def command(
    versions: tuple[str, ...],
    assignments: tuple[tuple[str, str], ...],
    inputs: tuple[tuple[str, tuple[int, ...]], ...],
    batch: int,
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
    from pathlib import Path

    from costcalc.budget.breach import breaches
    from costcalc.cli.operand import committed, networks, of_one
    from costcalc.cli.output import emit, emit_document, warn
    from costcalc.cost.metrics import METRICS
    from costcalc.report.difference import METRICS_SHOWN, flat, rolled_up_notes, show, to_json
    from costcalc.text.suggest import did_you_mean
    from costcalc.versions.difference import difference
    from costcalc.versions.on_demand import Opened

    for metric in metrics:
        if metric not in METRICS:
            raise click.UsageError(f"there is no metric '{metric}': {did_you_mean(metric, METRICS)}")
    with Opened(Path.cwd()) as git:
        old, new = versions if len(versions) == 2 else (committed(versions[0], git), versions[0])
        size = (assignments, inputs, batch)
        before, after = networks(old, size, git), networks(new, size, git)
    if len(before) > 1 and len(after) == 1:
        before = of_one(before, after, old)
    elif len(after) > 1 and len(before) == 1:
        after = of_one(after, before, new)
    found = difference(old, new, before, after, depth)
    broken = breaches(found, limits)
    warn(rolled_up_notes(found), form)
    reads = [name for name in (old, new) if Path(name).is_file()]
    shown = metrics or METRICS_SHOWN
    if form == "json":
        from costcalc.report.json import dump

        emit(dump(to_json(found, broken, everything=everything)), output, reads)
    else:
        order = sort or ("macs" if top else "position")
        document = (
            flat(found, metrics=shown)
            if form == "csv"
            else show(found, broken, metrics=shown, sort=order, top=top, everything=everything)
        )
        emit_document(document, form, output, reads)
    return 1 if broken or (exit_code and found.differs) else 0
