"""`costcalc schema`."""

from __future__ import annotations

import click

from costcalc.report.schemas import SHIPPED


@click.command("schema", epilog="Example:  costcalc schema > costcalc.schema.json")
@click.argument("kind", type=click.Choice(("spec", *SHIPPED)), default="spec")
@click.option("--output", "-o", type=click.Path(), help="Write to a file, whole or not at all.")
def command(kind: str, output: str | None) -> None:
    """Print a JSON Schema (draft-07): of the spec language, made from the catalogue of ops, or of another file.

    Editors that know YAML schemas complete and check specs and costcalc.yaml (config) with it. The others describe
    what commands print as JSON: report (show), comparison (compare), check, diff, and the lock file.
    """
    from costcalc.cli.output import emit
    from costcalc.report.json import dump
    from costcalc.report.schemas import schema as shipped
    from costcalc.spec.schema import schema as of_specs

    emit(dump(of_specs() if kind == "spec" else shipped(kind)), output)
