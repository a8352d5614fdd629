"""Find a spec: by path, or by the bare name of a bundled one or of a variant of one.

Paths are strings here: `pathlib` alone would take a tenth of the time in which a network is shown.
"""

from __future__ import annotations

import os
import re
from functools import cache

from costcalc.errors import Problem, SpecError
from costcalc.text.bounds import MARKS, is_below
from costcalc.text.suggest import did_you_mean

_VARIANT = re.compile(r"^  (?:([A-Za-z_]\w*)|['\"]([^'\"]+)['\"]):", re.MULTILINE)
_VARIANTS = re.compile(r"^variants:[^\n]*\n((?:[ \t#][^\n]*\n|\n)*)", re.MULTILINE)


@cache
def bundled_folder() -> str:
    """The folder of the bundled specs: inside the installed package, or beside it in a checkout."""
    package = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    inside = os.path.join(package, "specs")
    return inside if os.path.isdir(inside) else os.path.join(os.path.dirname(package), "specs")


@cache
def bundled() -> dict[str, str]:
    """Name -> file of every bundled spec, sorted by name. Files of blocks alone are not specs."""
    found = {}
    for folder, _, names in os.walk(bundled_folder()):
        if os.path.basename(folder) != "blocks":
            found.update({name[:-5]: os.path.join(folder, name) for name in names if name.endswith(".yaml")})
    return dict(sorted(found.items()))


@cache
def bundled_variants() -> dict[str, str]:
    """Variant -> name of the bundled spec that has it. Read by line, so that no file is parsed for its name alone."""
    variants: dict[str, str] = {}
    for name, path in bundled().items():
        for variant in _variants(_bytes(path).decode()):
            variants.setdefault(variant, name)
    return variants


def _bytes(path: str) -> bytes:
    with open(path, "rb", buffering=0) as file:
        return file.read()


def _variants(text: str) -> list[str]:
    """The names under `variants:` in the text of a spec."""
    section = _VARIANTS.search(text + "\n")
    return [match.group(1) or match.group(2) for match in _VARIANT.finditer(section.group(1))] if section else []


def _owner(variant: str) -> str | None:
    """The bundled file that has the variant. Files are called like their variants, so the likest are read first."""

    def alike(name: str) -> int:
        return len(os.path.commonprefix((name, variant)))  # noqa: RUF071  # of words, not of paths

    files, word = bundled(), variant.encode()
    for name in sorted(files, key=alike, reverse=True):
        text = _bytes(files[name])
        if word in text and variant in _variants(text.decode()):
            return files[name]
    return None


def locate(address: str) -> tuple[str, str, str | None]:
    """The file, the name to report it under, and the variant of `FILE`, `FILE@VARIANT` or a bare name.

    Raises:
        SpecError: there is no such file and no such bundled spec.
    """
    if os.path.exists(address) and not (os.path.isdir(address) and address in bundled()):
        return address, address, None
    name, at, variant = address.rpartition("@")
    if at and name:
        path, shown, inner = locate(name)
        if inner is not None:
            raise SpecError([Problem(f"{name} is a variant already: it has no variant '{variant}'")])
        return path, shown, variant
    if _is_bare(address):
        if address in bundled():
            return _shown(bundled()[address], None)
        owner = _owner(address)
        if owner is not None:
            return _shown(owner, address)
        hint = did_you_mean(address, [*bundled(), *bundled_variants()])
        raise SpecError([Problem(f"no file and no bundled spec is called '{address}'", None, hint)])
    return address, address, None


def is_ambiguous(address: str) -> bool:
    """True for the bare name of a bundled spec or variant that a file here has too."""
    return _is_bare(address) and os.path.isfile(address) and (address in bundled() or _owner(address) is not None)


def _is_bare(address: str) -> bool:
    return re.fullmatch(r"[\w.-]+", address) is not None and not address.endswith((".yaml", ".yml"))


def _shown(path: str, variant: str | None) -> tuple[str, str, str | None]:
    inside = path.removeprefix(os.path.dirname(bundled_folder()) + os.sep)
    return path, inside.replace(os.sep, "/"), variant


def relatives(path: str) -> list[str]:
    """The bundled specs in the folder of one of them: `resnet18.yaml` beside `resnet50.yaml`."""
    if not is_below(os.path.realpath(path), bundled_folder()):
        return []
    folder = os.path.dirname(os.path.realpath(path))
    return [other for other in bundled().values() if os.path.dirname(other) == folder]


def project_root(path: str) -> str:
    """The folder that includes stay in: the nearest one above with `.git`, `costcalc.yaml` or `pyproject.toml`.

    Bundled specs stay among themselves; a file outside any project stays in its own folder.
    """
    path = os.path.realpath(path)
    folder = bundled_folder()
    if is_below(path, folder):
        return folder
    parent = os.path.dirname(path)
    while not any(os.path.exists(os.path.join(parent, mark)) for mark in (".git", *MARKS)):
        above = os.path.dirname(parent)
        if above == parent:
            return os.path.dirname(path)
        parent = above
    return parent


def named(root: str) -> str:
    """A folder that includes stay in, in words: where it is, and what makes it the root of the project."""
    here = os.path.realpath(os.curdir)
    shown = (os.path.relpath(root, here) if is_below(os.path.join(root, ""), here) else root).replace(os.sep, "/")
    if is_below(os.path.join(root, ""), bundled_folder()):
        return f"'{shown}', the folder of the bundled specs"
    for mark in (*MARKS, ".git"):
        if os.path.lexists(os.path.join(root, mark)):
            return f"'{shown}', the folder with {mark}"
    return f"'{shown}', the folder of the spec; a costcalc.yaml in a folder above makes that the root"
