"""Where a spec is: a path, or the bare name of a bundled one or of a variant of one."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from costcalc.errors import Problem, SpecError
from costcalc.text.suggest import did_you_mean

_VARIANT = re.compile(r"^  (?:([A-Za-z_]\w*)|['\"]([^'\"]+)['\"]):", re.MULTILINE)
_VARIANTS = re.compile(r"^variants:[^\n]*\n((?:[ \t#][^\n]*\n|\n)*)", re.MULTILINE)


def bundled_folder() -> Path:
    """The folder of the bundled specs: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "specs"
    return inside if inside.is_dir() else package.parent / "specs"


@cache
def bundled() -> dict[str, Path]:
    """Name -> file of every bundled spec, sorted by name. Files of blocks alone are not specs."""
    folder = bundled_folder()
    files = (path for path in folder.rglob("*.yaml") if path.parent.name != "blocks")
    return {path.stem: path for path in sorted(files, key=lambda path: path.stem)}


@cache
def bundled_variants() -> dict[str, str]:
    """Variant -> name of the bundled spec that has it. Read by line, so that no file is parsed for its name alone."""
    variants: dict[str, str] = {}
    for name, path in bundled().items():
        for variant in _variants(path.read_text(encoding="utf-8")):
            variants.setdefault(variant, name)
    return variants


def _variants(text: str) -> list[str]:
    """The names under `variants:` in the text of a spec."""
    section = _VARIANTS.search(text + "\n")
    return [match.group(1) or match.group(2) for match in _VARIANT.finditer(section.group(1))] if section else []


def _owner(variant: str) -> Path | None:
    """The bundled file that has the variant; only a text that holds its name is looked at closely."""
    for path in bundled().values():
        text = path.read_text(encoding="utf-8")
        if variant in text and variant in _variants(text):
            return path
    return None


def locate(address: str) -> tuple[Path, str, str | None]:
    """The file, the name to report it under, and the variant of `FILE`, `FILE@VARIANT` or a bare name.

    Raises:
        SpecError: there is no such file and no such bundled spec.
    """
    path = Path(address)
    if _exists(path) and not (path.is_dir() and address in bundled()):
        return path, address, None
    name, at, variant = address.rpartition("@")
    if at and name:
        path, shown, inner = locate(name)
        if inner is not None:
            raise SpecError([Problem(f"{name} is a variant already: it has no variant '{variant}'")])
        return path, shown, variant
    if re.fullmatch(r"[\w.-]+", address) and not address.endswith((".yaml", ".yml")):
        if address in bundled():
            return _shown(bundled()[address], None)
        owner = _owner(address)
        if owner is not None:
            return _shown(owner, address)
        hint = did_you_mean(address, [*bundled(), *bundled_variants()])
        raise SpecError([Problem(f"no file and no bundled spec is called '{address}'", None, hint)])
    return path, address, None


def _shown(path: Path, variant: str | None) -> tuple[Path, str, str | None]:
    relative = path.relative_to(bundled_folder().parent)
    return path, relative.as_posix(), variant


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def project_root(path: Path) -> Path:
    """The folder that includes stay in: the nearest one above with `.git`, `costcalc.yaml` or `pyproject.toml`.

    Bundled specs stay among themselves; a file outside any project stays in its own folder.
    """
    path = path.resolve()
    folder = bundled_folder().resolve()
    if folder in path.parents:
        return folder
    for parent in path.parents:
        if any((parent / mark).exists() for mark in (".git", "costcalc.yaml", "pyproject.toml")):
            return parent
    return path.parent
