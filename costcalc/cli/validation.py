"""The result of `validate` for one address: the spec and every variant of it, read and built."""

from __future__ import annotations

from dataclasses import dataclass

from costcalc.errors import Location, Problem, SpecError


@dataclass(frozen=True, slots=True)
class Validation:
    """The problems and warnings of one address, and how many variants were built besides; None for blocks alone."""

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    variants: int | None


def validate(address: str) -> Validation:
    """Load and build `address`, and its variants unless it names one; a file that has only blocks is read alone."""
    from costcalc.graph.build import build
    from costcalc.spec.load import load_all

    problems: dict[Problem, list[str]] = {}  # and the variants that have it; none where the file alone has it
    warnings: dict[Problem, None] = {}
    try:
        specs, remarks = load_all(address)
    except SpecError as error:
        return Validation(error.problems, (), 0)
    if not specs:
        return Validation((), remarks, None)
    alone: set[Location | None] = set()  # where the file fails without a variant: a variant adds nothing there
    for spec in specs:
        try:
            warnings.update(dict.fromkeys(build(spec).warnings))
        except SpecError as error:
            for problem in error.problems:
                if spec.variant is None or address.endswith(f"@{spec.variant}"):
                    problems[problem] = []
                    alone.add(problem.location)
                elif problem.location not in alone:
                    problems.setdefault(problem, []).append(spec.variant)
    found = (problem._replace(trail=(*problem.trail, *_in_variants(names))) for problem, names in problems.items())
    return Validation(tuple(found), tuple(warnings), len(specs) - 1)


def _in_variants(names: list[str]) -> tuple[str, ...]:
    """A line for a trail: the variants that have a problem."""
    if not names:
        return ()
    shown = [f"'{name}'" for name in names[:3]] + [f"{len(names) - 3} more"] * (len(names) > 3)
    listed = " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))
    return (f"in variant{'s' * (len(names) > 1)} {listed}",)
