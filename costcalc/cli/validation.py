"""What `validate` finds out about one address: the spec and every variant of it, read and built."""

from __future__ import annotations

from dataclasses import dataclass

from costcalc.errors import Problem, SpecError


@dataclass(frozen=True, slots=True)
class Validation:
    """The problems and warnings of one address, and how many variants were built besides."""

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    variants: int


def validate(address: str) -> Validation:
    """Load and build `address`, and its variants unless it names one."""
    from costcalc.graph.build import build
    from costcalc.spec.load import load, load_variants

    problems: dict[Problem, None] = {}
    warnings: dict[Problem, None] = {}
    try:
        spec = load(address)
        specs = [spec, *(load_variants(address) if spec.variant is None and spec.variants else ())]
    except SpecError as error:
        return Validation(error.problems, (), 0)
    for spec in specs:
        try:
            warnings.update(dict.fromkeys(build(spec).warnings))
        except SpecError as error:
            problems.update(dict.fromkeys(error.problems))
    return Validation(tuple(problems), tuple(warnings), len(specs) - 1)
