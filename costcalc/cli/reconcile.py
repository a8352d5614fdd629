"""`costcalc reconcile`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from costcalc.cli.options import ConventionName, output_options, size_options, spec_argument

if TYPE_CHECKING:
    from collections.abc import Iterable

    from costcalc.conventions.model import Convention
    from costcalc.graph.size import Size
    from costcalc.reconcile.claim import Claim


def refuse_activations(conventions: Iterable[Convention]) -> None:
    """Misuse, where a convention counts no work: it has no difference to multiply-adds."""
    for convention in conventions:
        if convention.unit == "activation":
            hint = f"'costcalc show SPEC --convention {convention.name}' prints its number"
            raise click.UsageError(f"{convention.name} counts activations, and no multiply-adds: {hint}")


class ClaimText(click.ParamType):  # type: ignore[type-arg]  # generic only from click 8.2 on
    """`4.12G`."""

    name = "NUMBER"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Claim:
        from costcalc.errors import Fault
        from costcalc.reconcile.claim import Claim

        try:
            return Claim.parse(str(value))
        except Fault as fault:
            self.fail(fault.message, param, ctx)


@click.command(
    "reconcile",
    epilog="Example:  costcalc reconcile resnet50 --claim 4.12G",
)
@spec_argument
@size_options
@click.option(
    "--between", nargs=2, metavar="A B", type=ConventionName(), help="Explain two conventions against each other."
)
@click.option(
    "--claim", type=ClaimText(), help="Find the tool, variant or resolution behind a quoted number, such as 4.12G."
)
@click.option(
    "--convention", "chosen", multiple=True, type=ConventionName(), help="Only these, or one of your own: ./house.yaml."
)
@output_options
def command(
    spec: str,
    size: Size,
    between: tuple[str, str] | None,
    claim: Claim | None,
    chosen: tuple[str, ...],
    form: str,
    output: str | None,
) -> None:
    """Say what every other tool would print for SPEC, and which terms make it differ from costcalc's MACs.

    A convention is a table of what a tool counts. Conventions of one tool that say the same for SPEC share a line.
    """
    if between and claim:
        raise click.UsageError("--between and --claim are two questions: ask one at a time")
    if between and chosen:
        raise click.UsageError("--between names its two conventions itself: leave --convention out")
    if between and between[0] == between[1]:
        raise click.UsageError(f"--between takes two conventions, and both are {between[0]}")
    from costcalc.cli.output import deliver
    from costcalc.cli.pipeline import conventions_of, find_claim, report_of
    from costcalc.report import reconciliation as text
    from costcalc.report.view import View

    if claim is not None:
        finding = find_claim(claim, spec, size, conventions_of(chosen))
        report = finding.report
        view = View(lambda: text.claim(finding), lambda: text.claim_to_json(finding))
    else:
        from costcalc.cost.account import account
        from costcalc.reconcile.lines import reconcile
        from costcalc.reconcile.pair import between as compare

        report = report_of(spec, size)
        if between:
            first, second = (account(report, convention) for convention in conventions_of(between))
            if first.convention.unit != second.convention.unit:
                refuse_activations([first.convention, second.convention])
            rows = compare(first, second)
            view = View(lambda: text.between(first, second, rows), lambda: text.between_to_json(first, second, rows))
        else:
            conventions = conventions_of(chosen)
            refuse_activations(conventions)
            found = reconcile(report, conventions)
            view = View(lambda: text.show(found), lambda: text.to_json(found))
    deliver(view, form, output, [report.graph.path])
