"""The options that mean the same everywhere, and their values."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click

from costcalc.cli.choices import complete_arg, complete_convention, complete_input, complete_spec
from costcalc.report.render import FORMATS

F = TypeVar("F", bound=Callable[..., Any])


class Assignment(click.ParamType):  # type: ignore[type-arg]  # generic only from click 8.2 on
    """`NAME=VALUE`."""

    name = "NAME=VALUE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        name, equals, text = str(value).partition("=")
        if not equals or not name.strip() or not text.strip():
            self.fail(f"'{value}' is not NAME=VALUE, as in --set classes=10", param, ctx)
        return name.strip(), text.strip()


class InputShape(click.ParamType):  # type: ignore[type-arg]  # as above
    """`3x224x224`, or `left=3x64x48` for one of several inputs."""

    name = "[NAME=]SHAPE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, tuple[int, ...]]:
        name, equals, text = str(value).rpartition("=")
        sizes = text.lower().split("x")
        if (equals and not name.strip()) or not all(
            size.strip().isascii() and size.strip().isdigit() for size in sizes
        ):
            self.fail(f"'{value}' is not a shape, as in --input 3x320x320 or --input left=3x64x48", param, ctx)
        if any(len(size) > 16 or int(size) < 1 for size in sizes):
            self.fail(f"'{value}': every size is at least 1 and at most 10^15", param, ctx)
        return name.strip(), tuple(int(size) for size in sizes)


class Limit(click.ParamType):  # type: ignore[type-arg]  # as above
    """`macs=600M` or `params=5M`: a metric and a count."""

    name = "METRIC=COUNT"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        from click.shell_completion import CompletionItem

        return [CompletionItem(name) for name in ("macs=", "params=") if name.startswith(incomplete)]

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        metric, _, count = str(value).partition("=")
        if metric.strip() not in ("macs", "params"):
            self.fail(f"'{value}' is not a limit, as in macs=600M or params=5M", param, ctx)
        return metric.strip(), Count().convert(count, param, ctx)


class Count(click.ParamType):  # type: ignore[type-arg]  # as above
    """A count of at least 1, with k, M or G: `5M`."""

    name = "COUNT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        text = str(value).strip().replace("_", "").replace(",", "")
        scale = {"k": 10**3, "M": 10**6, "G": 10**9}.get(text[-1:], 1)
        digits = text[:-1] if scale > 1 else text
        if not (digits.isascii() and digits.isdigit() and len(digits) < 16) or int(digits) < 1:
            self.fail(f"'{value}' is not a count of at least 1, as in 5M", param, ctx)
        return int(digits) * scale


class SortName(click.ParamType):  # type: ignore[type-arg]  # as above
    """An order of rows: `position`, `path` or a metric."""

    name = "position|path|METRIC"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from costcalc.cost.metrics import SORTS

        if value not in SORTS:
            from costcalc.text.suggest import did_you_mean

            self.fail(f"there is no order '{value}': {did_you_mean(str(value), SORTS)}", param, ctx)
        return str(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        from click.shell_completion import CompletionItem

        from costcalc.cost.metrics import SORTS

        return [CompletionItem(name) for name in SORTS if name.startswith(incomplete)]


class ColumnNames(click.ParamType):  # type: ignore[type-arg]  # as above
    """`op,input,macs`: columns of the table of layers."""

    name = "NAME,..."

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        from costcalc.report.columns import COLUMNS

        names = tuple(name.strip() for name in str(value).split(","))
        for name in names:
            if name not in COLUMNS:
                from costcalc.text.suggest import nearest

                near = nearest(name, COLUMNS)
                hint = f"did you mean '{near}'?" if near else f"choose from: {', '.join(COLUMNS)}"
                self.fail(f"there is no column '{name}': {hint}", param, ctx)
            if names.count(name) > 1:
                self.fail(f"the column '{name}' is named twice", param, ctx)
        return names

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        from click.shell_completion import CompletionItem

        from costcalc.report.columns import COLUMNS

        before, comma, last = incomplete.rpartition(",")
        return [CompletionItem(f"{before}{comma}{name}") for name in COLUMNS if name.startswith(last)]


def column_option(function: F) -> F:
    """`--columns`: which columns the table of layers has."""
    return click.option(
        "--columns",
        type=ColumnNames(),
        help="Columns of the layers: op,input,macs. An unknown name lists all.",
    )(function)


def refuse_columns(columns: tuple[str, ...] | None, form: str, convention: str | None, *, layers: bool = True) -> None:
    """Misuse, where columns are chosen of a table that is not printed, or that has no such column."""
    if columns and form == "json":
        raise click.UsageError("--columns chooses those of a table: JSON has every number")
    if columns and not layers:
        raise click.UsageError("--columns chooses those of the layers, and --summary leaves the layers out")
    if columns and "convention" in columns and convention is None:
        raise click.UsageError("the column 'convention' needs --convention, which says whose numbers it has")


class ConventionName(click.ParamType):  # type: ignore[type-arg]  # as above
    """The name of a bundled convention, or a file of one's own. No file is opened here."""

    name = "NAME|FILE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from costcalc.conventions.load import is_file, names

        if not is_file(str(value)) and value not in names():
            from costcalc.text.suggest import nearest

            near = nearest(str(value), names())
            hint = f"did you mean '{near}'?" if near else f"choose from: {', '.join(names())}, or a file ./NAME.yaml"
            self.fail(f"there is no convention '{value}': {hint}", param, ctx)
        return str(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        return complete_convention(ctx, param, incomplete)


def convention_option(function: F) -> F:
    """`--convention`: how somebody else counts."""
    return click.option(
        "--convention", type=ConventionName(), help="Also what another tool would print: thop, or ./house.yaml."
    )(function)


def spec_argument(function: F) -> F:
    """One SPEC."""
    return click.argument("spec", shell_complete=complete_spec)(function)


def spec_arguments(function: F) -> F:
    """Several SPECs."""
    return click.argument("specs", metavar="SPEC...", nargs=-1, required=True, shell_complete=complete_spec)(function)


def size_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--set`, `--input`, `--sequence`, `--batch`: the size a network is costed at, given to the command as `size`."""

    @wraps(command)
    def function(
        *arguments: Any,
        assignments: tuple[tuple[str, str], ...],
        inputs: tuple[tuple[str, tuple[int, ...]], ...],
        batch: int,
        sequence: int | None,
        **options: Any,
    ) -> Any:
        if sequence and inputs:
            raise click.UsageError("--sequence and --input both say how many tokens come in: give one")
        from costcalc.graph.size import Size

        return command(*arguments, size=Size(dict(assignments), inputs or None, batch, sequence), **options)

    function = click.option(
        "--sequence",
        type=click.IntRange(1, 10**9),
        help="Tokens that come in: of a prompt, or of the context of a new token.",
    )(function)
    function = click.option(
        "--batch", type=click.IntRange(1, 10**9), default=1, show_default=True, help="Items in a batch."
    )(function)
    function = click.option(
        "--input",
        "inputs",
        type=InputShape(),
        multiple=True,
        shell_complete=complete_input,
        help="Another input shape: 3x320x320, or left=3x64x48.",
    )(function)
    return click.option(
        "--set",
        "assignments",
        type=Assignment(),
        multiple=True,
        shell_complete=complete_arg,
        help="Another value for an arg: classes=10.",
    )(function)


def row_options(function: F) -> F:
    """`--depth`, `--top`, `--sort`: which rows are printed."""
    function = click.option("--sort", type=SortName(), help="Order of the rows.  [default: position; macs with --top]")(
        function
    )
    function = click.option("--top", type=click.IntRange(1), help="Only the N largest rows, the others in one.")(
        function
    )
    return click.option("--depth", type=click.IntRange(1), help="Roll up what lies deeper than N levels.")(function)


def output_options(function: F) -> F:
    """`--format` and `--output`."""
    function = click.option(
        "--output", "-o", type=click.Path(dir_okay=True), help="Write to a file, whole or not at all."
    )(function)
    return click.option(
        "--format",
        "form",
        type=click.Choice(tuple(FORMATS)),
        default="table",
        show_default=True,
        help="Form of the output.",
    )(function)
