"""`costcalc schema`."""

from __future__ import annotations

import click

SHIPPED = ("config", "report", "comparison", "check", "diff", "lock")
"""The schemas that are files, in `costcalc/schemas`."""


@click.command("schema", epilog="Example:  costcalc schema > costcalc.schema.json")
@click.argument("kind", type=click.Choice(("spec", *SHIPPED)), default="spec")
@click.option("--output", "-o", type=click.Path(), help="Write to a file, whole or not at all.")
def command(kind: str, output: str | None) -> None:
    """Print a JSON Schema (draft-07): of the spec language, made from the catalogue of ops, or of another file.

    Editors that know YAML schemas complete and check specs and costcalc.yaml (config) with it. The others describe
    what commands print as JSON: report (show), comparison (compare), check, diff, and the lock file.
    """
    from costcalc.cli.output import emit

    if kind in SHIPPED:
        from importlib.resources import files

        emit(files("costcalc").joinpath("schemas", f"{kind}.schema.json").read_text("utf-8").splitlines(), output)
        return
    from costcalc.report.json import dump
    from costcalc.spec.schema import schema

    emit(dump(schema()), output)
