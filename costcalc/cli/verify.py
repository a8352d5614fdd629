"""`costcalc verify`."""

from __future__ import annotations

import click

from costcalc.cli.choices import complete_spec
from costcalc.cli.options import Count, output_options


@click.command(
    "verify",
    epilog="Example:  costcalc verify resnet50 --budget 2M",
)
@click.argument("specs", metavar="[SPEC...]", nargs=-1, shell_complete=complete_spec)
@click.option("--all", "everything", is_flag=True, help="Every bundled spec and variant.")
@click.option("--budget", type=Count(), help="Approximate multiply-adds for each spec.  [default: 5M; 1M with --all]")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of weights and inputs.")
@output_options
def command(
    specs: tuple[str, ...], everything: bool, budget: int | None, seed: int, form: str, output: str | None
) -> int:
    """Run every distinct layer of each SPEC on numbers that count themselves, and compare with the formulas.

    Layers equal in op, arguments and channels are run once. Layers too large for the budget are run smaller, and the
    report says at which size. A disagreement is exit code 1.
    """
    if bool(specs) is everything:
        raise click.UsageError("name SPECs, or --all for every bundled one")
    from costcalc.cli.output import deliver
    from costcalc.cli.progress import progress
    from costcalc.reference.verify import Known, verify
    from costcalc.report.verification import show, to_json
    from costcalc.report.view import View
    from costcalc.spec.find import bundled, bundled_variants
    from costcalc.spec.load import load

    names = sorted({*bundled(), *bundled_variants()}) if everything else list(specs)
    loaded = [load(name) for name in names]
    budget = budget or (1_000_000 if everything else 5_000_000)
    known: Known = {}
    with progress("multiply-adds", parts=len(loaded)) as bar:
        done = [verify(spec, budget, bar(part, names[part]), seed, known=known) for part, spec in enumerate(loaded)]
    view = View(lambda: show(done), lambda: to_json(done))
    deliver(view, form, output, [spec.path for spec in loaded])
    return 0 if all(verification.agreed for verification in done) else 1
