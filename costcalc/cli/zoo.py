"""`costcalc zoo`."""

from __future__ import annotations

import os

import click

from costcalc.cli.options import Limit, output_options


@click.command(
    "zoo",
    epilog="Example:  costcalc zoo --family resnet --max macs=5G --sort macs",
)
@click.option("--family", help="Only networks with this text in their folder or name.")
@click.option("--sort", type=click.Choice(("name", "params", "macs")), default="name", show_default=True)
@click.option("--max", "most", type=Limit(), multiple=True, help="Leave out what has more: macs=600M or params=5M.")
@click.option("--min", "least", type=Limit(), multiple=True, help="Leave out what has less: macs=1G.")
@output_options
def command(
    family: str | None,
    sort: str,
    most: tuple[tuple[str, int], ...],
    least: tuple[tuple[str, int], ...],
    form: str,
    output: str | None,
) -> None:
    """List the bundled networks: name, source, input, params and MACs at batch 1."""
    from costcalc.cli.output import deliver
    from costcalc.cli.progress import progress
    from costcalc.cost.estimate import estimate
    from costcalc.errors import UnknownChoice
    from costcalc.graph.build import build
    from costcalc.report.view import View
    from costcalc.report.zoo import show, to_json
    from costcalc.spec.find import bundled
    from costcalc.spec.load import load, load_variants
    from costcalc.text.suggest import did_you_mean

    files = bundled()
    word = (family or "").lower()
    reports = []
    with progress("networks", parts=len(files)) as bar:
        for part, (name, path) in enumerate(files.items()):
            bar(part, name)(0, 1, "")
            whole = word in f"{os.path.basename(os.path.dirname(path))}/{name}".lower()
            for spec in [load(name), *load_variants(name)]:
                if whole or word in (spec.variant or "").lower():
                    reports.append(estimate(build(spec)))
    if not reports:
        families = {os.path.basename(os.path.dirname(path)) for path in files.values()}
        hint = did_you_mean(word, families) or "'costcalc zoo' lists them all"
        raise UnknownChoice(f"no bundled network is called like '{family}': {hint}")
    chosen = [
        report
        for report in reports
        if all(getattr(report.totals, metric) <= limit for metric, limit in most)
        and all(getattr(report.totals, metric) >= limit for metric, limit in least)
    ]
    chosen.sort(key=lambda report: report.name if sort == "name" else getattr(report.totals, sort))
    deliver(View(lambda: show(chosen, of=len(reports)), lambda: to_json(chosen)), form, output)
