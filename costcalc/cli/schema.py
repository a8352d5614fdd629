"""`costcalc schema`."""

from __future__ import annotations

import click


@click.command(
    "schema", epilog="Example:  costcalc schema > costcalc.schema.json", short_help="A JSON Schema for editors."
)
@click.option("--output", "-o", type=click.Path(), help="Write to a file, whole or not at all.")
def command(output: str | None) -> None:
    """Print a JSON Schema (draft-07) of the spec language, made from the catalogue of ops.

    Editors that know YAML schemas complete and check specs with it.
    """
    from costcalc.cli.output import emit
    from costcalc.report.json import dump
    from costcalc.spec.schema import schema

    emit(dump(schema()).splitlines(), output)
