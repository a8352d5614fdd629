"""Find the budgets: `costcalc.yaml`, or `[tool.costcalc]` in `pyproject.toml`, here or in a folder above."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from costcalc.budget.model import Config
from costcalc.budget.reading import Notes, read_budgets
from costcalc.errors import Location, Problem, Source, SpecError
from costcalc.text.compose import compose, read
from costcalc.text.nodes import Mapping, Node, Scalar

FILE = "costcalc.yaml"
PROJECT = "pyproject.toml"
CONFIG_KEYS = ("specs", "lock", "base", "budgets")


def find_config(start: Path) -> Config | None:
    """The configuration of the nearest folder that has one, from `start` up to the root of the repository.

    Raises:
        SpecError: what was found is not valid.
    """
    for folder in (start, *start.parents):
        yaml, toml = folder / FILE, folder / PROJECT
        in_project = toml.is_file() and _project_table(toml) is not None
        if yaml.is_file() and in_project:
            hint = f"keep {shown(yaml)}, or the table"
            raise SpecError([Problem(f"{shown(toml)} has [tool.costcalc] beside a {FILE}", None, hint)])
        if yaml.is_file() or in_project:
            return read_config(yaml if yaml.is_file() else toml)
        if (folder / ".git").exists():
            return None
    return None


def read_config(path: Path) -> Config:
    """The configuration in a file, by its ending TOML or YAML.

    Raises:
        SpecError: it cannot be read or is not valid; every problem is named.
    """
    if path.suffix == ".toml":
        table = _project_table(path)
        if table is None:
            raise SpecError([Problem(f"{shown(path)} has no [tool.costcalc]")])
        return _config(table, path, [])
    source = read(path, shown(path))
    problems: list[Problem] = []
    if all(line.partition("#")[0].strip() in ("", "---") for line in source.text.split("\n")):
        raise SpecError(
            [Problem("the configuration is empty", Location(source, 0, 0), "it has 'specs:' and 'budgets:'")]
        )
    return _config(compose(source, problems=problems), path, problems)


def shown(path: Path) -> str:
    """A path as people here would write it: relative where it is below the working folder or near it."""
    path = Path(os.path.abspath(path))
    relative = os.path.relpath(path)
    return (str(path) if relative.startswith(os.path.join("..", "..", "..")) else relative).replace(os.sep, "/")


def _project_table(path: Path) -> Mapping | None:
    from costcalc.budget.toml import table

    source = read(path, shown(path))
    return table(source, "tool", "costcalc") if "costcalc" in source.text else None


def _config(root: Node, path: Path, problems: list[Problem]) -> Config:
    notes = Notes()
    notes.problems.extend(problems)
    if not isinstance(root, Mapping):
        notes.note(root, f"a configuration is a mapping, not a {root.kind}", "it has 'specs:' and 'budgets:'")
        raise SpecError(notes.problems)
    notes.keys(root, CONFIG_KEYS, "a configuration")
    path = Path(os.path.abspath(path))
    base, is_git = _base(notes, root.get("base"))
    lock = notes.text(root.get("lock"), "lock").replace("\\", "/").removeprefix("./")
    if lock.startswith("/") or ".." in lock.split("/"):
        notes.note(
            root.entries["lock"][1], "the lock file stands below the folder of this file", "as in costs.lock.json"
        )
    if lock and base:
        notes.note(root.entries["base"][0], "growth is since the 'lock' or since the 'base'", "keep one of them")
    specs = notes.patterns(root.get("specs"), "specs", "/")
    budgets = read_budgets(notes, root.get("budgets"), path.parent)
    if not specs and not any(budget.specs for budget in budgets) and not notes.problems:
        notes.note(_start(root), "this configuration names no specs", "as in 'specs: specs/**/*.yaml'")
    for budget in budgets:
        if not budget.specs and not specs and budget.location is not None and not notes.problems:
            notes.problems.append(Problem(f"the budget '{budget.name}' names no specs", budget.location))
    config = Config(
        path=path,
        specs=specs,
        budgets=tuple(budget if budget.specs else replace(budget, specs=specs) for budget in budgets),
        lock=lock or None,
        base=base or None,
        base_is_git=is_git,
        base_location=root.entries["base"][1].location() if "base" in root.entries else None,
    )
    if notes.problems:
        raise SpecError(notes.problems)
    return config


def _base(notes: Notes, node: Node | None) -> tuple[str, bool]:
    """`base: origin/main` as for `--base`, or `base: {git: origin/main}` where a file has that name too."""
    if isinstance(node, Mapping):
        notes.keys(node, ("git",), "a base")
        return notes.text(node.get("git"), "git"), True
    return notes.text(node, "base"), False


def _start(root: Mapping) -> Node:
    return next(iter(root.entries.values()))[0] if root.entries else Scalar(Source("", ""), 0, 0, 0, 0, "", True)
