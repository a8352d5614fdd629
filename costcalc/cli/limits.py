"""Limits on the command line: `macs=4.2G`, `macs.grow=5%`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from costcalc.cli.choices import complete_limit

if TYPE_CHECKING:
    from costcalc.budget.model import Limit


class LimitOption(click.ParamType):  # type: ignore[type-arg]  # generic only from click 8.2 on
    """`METRIC[.KIND]=AMOUNT`; `kind` is meant where none is written."""

    name = "METRIC=AMOUNT"

    def __init__(self, kind: str = "max", kinds: tuple[str, ...] = ("max", "min", "warn", "grow", "shrink")) -> None:
        self.kind = kind
        self.kinds = kinds

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        return complete_limit(self.kinds, incomplete)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Limit:
        from costcalc.budget.judge import budget_of
        from costcalc.errors import SpecError
        from costcalc.text.suggest import did_you_mean

        name, equals, amount = str(value).partition("=")
        metric, _, kind = name.strip().partition(".")
        kind = kind or self.kind
        if not equals or not metric or not amount.strip():
            self.fail(f"'{value}' is not METRIC=AMOUNT, as in macs=4.2G", param, ctx)
        if kind not in self.kinds:
            self.fail(f"'{value}': there is no limit '{kind}': {did_you_mean(kind, self.kinds)}", param, ctx)
        try:
            (limit,) = budget_of({metric: {kind: amount.strip()}}, str(param and param.opts[0])).limits
        except SpecError as error:
            problem = error.problems[0]
            self.fail(f"'{value}': {problem.message}{f' ({problem.hint})' if problem.hint else ''}", param, ctx)
        return limit
