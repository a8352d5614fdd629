"""Keys: what a network is called in patterns, in a base and in a lock file. Its spec's path, and `@VARIANT`."""

from __future__ import annotations

import os
from pathlib import Path


def key_of(path: str, variant: str | None) -> str:
    """The key of a variant of the spec at a path.

    >>> key_of("specs/a.yaml", None), key_of("specs/a.yaml", "wide")
    ('specs/a.yaml', 'specs/a.yaml@wide')
    """
    return path if variant is None else f"{path}@{variant}"


def split(key: str) -> tuple[str, str | None]:
    """The path and the variant of a key; an `@` in the name of the file is no variant.

    >>> split("specs/a.yaml@wide"), split("a@b.yaml"), split("a@b.yaml@wide")
    (('specs/a.yaml', 'wide'), ('a@b.yaml', None), ('a@b.yaml', 'wide'))
    """
    path, at, variant = key.rpartition("@")
    return (path, variant) if at and not variant.endswith((".yaml", ".yml")) else (key, None)


def path_below(path: str | Path, folder: Path) -> str | None:
    """A path relative to a folder, with `/`; None where it lies elsewhere."""
    relative = os.path.relpath(os.path.abspath(path), folder).replace(os.sep, "/")
    return None if relative.startswith("../") else relative
