"""`costcalc check`."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

import click

from costcalc.cli.choices import complete_spec
from costcalc.cli.limits import LimitOption
from costcalc.cli.options import ConventionName
from costcalc.report.verdict.render import FORMATS

if TYPE_CHECKING:
    from costcalc.budget.model import Limit


class Output(click.ParamType):  # type: ignore[type-arg]  # generic only from click 8.2 on
    """`FORMAT=PATH`."""

    name = "FORMAT=PATH"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        from click.shell_completion import CompletionItem

        form, equals, path = incomplete.partition("=")
        if equals:  # bash and the others complete the path behind it by themselves
            return [CompletionItem(path, type="file")]
        return [CompletionItem(f"{name}=") for name in FORMATS if name.startswith(form)]

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        form, equals, path = str(value).partition("=")
        if not equals or not path:
            self.fail(f"'{value}' is not FORMAT=PATH, as in --output junit=costs.xml", param, ctx)
        if form not in FORMATS:
            self.fail(f"'{value}': the format is one of {', '.join(FORMATS)}", param, ctx)
        return form, path


@click.command(
    "check",
    epilog="Example:  costcalc check resnet50 --limit macs=4.2G",
)
@click.argument("specs", metavar="[SPEC...]", nargs=-1, shell_complete=complete_spec)
@click.option("--config", type=click.Path(), help="The configuration.  [default: the nearest costcalc.yaml]")
@click.option("--limit", "limits", type=LimitOption(), multiple=True, help="Another limit: macs=4.2G, macs.grow=5%.")
@click.option(
    "--base",
    metavar="REV|FILE",
    help="Baseline for growth limits: a git revision, or a lock file or stored report: ./x, x.json.",
)
@click.option("--default-base", metavar="REV", help="Baseline where the configuration names neither lock nor base.")
@click.option("--update", is_flag=True, help="Rewrite the lock file, accepting all growth.")
@click.option(
    "--allow-new", is_flag=True, help="Skip growth limits of networks and blocks that the base does not have."
)
@click.option("--convention", type=ConventionName(), help="Judge what another tool would print: thop, or ./house.yaml.")
@click.option("--strict", is_flag=True, help="Warnings fail too (exit code 1).")
@click.option("--why", is_flag=True, help="Also show the layers behind every number, with their formulas.")
@click.option("--only-failures", is_flag=True, help="Leave out what passed.")
@click.option("--format", "form", type=click.Choice(tuple(FORMATS)), help="Form of the output.  [default: text]")
@click.option(
    "--output",
    "-o",
    "outputs",
    type=Output(),
    multiple=True,
    help="Another output: junit=costs.xml, json=-. Repeatable.",
)
def command(
    specs: tuple[str, ...],
    config: str | None,
    limits: tuple[Limit, ...],
    base: str | None,
    default_base: str | None,
    update: bool,
    allow_new: bool,
    convention: str | None,
    strict: bool,
    why: bool,
    only_failures: bool,
    form: str | None,
    outputs: tuple[tuple[str, str], ...],
) -> int:
    """Judge the specs that costcalc.yaml names, or each SPEC, by its budgets and by the numbers specs expect.

    Exit code 1: a limit is exceeded. Exit code 3: something could not be judged, such as a growth limit without a
    base. Under GitHub Actions, annotations and a summary of the job are written without being asked for.
    """
    if update and base is not None:
        raise click.UsageError("--update writes the lock file of the configuration: it takes no --base")
    if update and convention is not None:
        raise click.UsageError("--update writes what costcalc itself counts: it takes no --convention")
    for option, value in {"--base": base, "--default-base": default_base}.items():
        if value is not None and not value.strip():
            raise click.UsageError(f"{option} is empty: it names a git revision{' or a file' * (option == '--base')}")
    from costcalc.budget.gate import Request, gate
    from costcalc.cli.pipeline import conventions_of
    from costcalc.cli.verdict import deliver, refuse_doubles

    refuse_doubles(form, outputs)
    counted_as = next(iter(conventions_of([convention])), None) if convention else None
    outcome = gate(Request(specs, config, base, limits, default_base, update, allow_new, why, counted_as))
    gc.freeze()  # what was measured stays to the end: to look through it again would take a fifth of the time
    delivered = deliver(outcome, form, outputs, only_failures=only_failures, why=why)
    verdict = outcome.verdict
    if not delivered or not verdict.complete:
        return 3
    return 1 if verdict.failed or (strict and verdict.status == "warn") else 0
