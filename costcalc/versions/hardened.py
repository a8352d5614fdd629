"""git started so that no file of a working tree decides what it does.

A pull request may hold a bare repository with a configuration of its own, links, and files called like programs. So
only a repository counts whose `.git` is found upwards, which no commit can contain; git is the one on the `PATH`, and
neither hooks, monitors, transports nor replaced objects take part.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from costcalc.errors import Fault

SETTINGS = (
    "safe.bareRepository=explicit",  # a folder that looks like a repository is none
    "core.fsmonitor=false",  # a program that git asks what has changed
    f"core.hooksPath={os.devnull}",
    "protocol.allow=never",  # an object that is not here is not fetched
)
VARIABLES = {
    "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "",  # wins over `protocol.ext.allow` in the repository's configuration
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
}
FOREIGN = (
    "GIT_DIR",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_SHALLOW_FILE",
    "GIT_PREFIX",
    "GIT_EXTERNAL_DIFF",
    "GIT_CONFIG",
    "GIT_REPLACE_REF_BASE",
    "GIT_INTERNAL_SUPER_PREFIX",
)
"""Variables that would point to another repository. The index stays: a hook has that of the commit being made."""


def root_of(start: Path) -> tuple[Path, Path]:
    """The nearest folder upwards, links followed, that has `.git`; and the repository that this is or names.

    Raises:
        Fault: there is none, or what `.git` names is one of the files beside it.
    """
    here = Path(os.path.realpath(start))
    for folder in (here, *here.parents):
        mark = folder / ".git"
        if not os.path.lexists(mark):
            continue
        target = Path(os.path.realpath(mark))
        if mark.is_file():
            target = Path(os.path.realpath(folder / _pointer(mark)))
        if target != mark and target.is_relative_to(folder) and ".git" not in target.relative_to(folder).parts:
            raise Fault(f"{mark} names a folder of this repository as the repository itself")
        return folder, target
    raise Fault("this is not a git repository")


def _pointer(mark: Path) -> str:
    """The text of a file `.git`, as in linked working trees and submodules: `gitdir: PATH`."""
    try:
        with open(mark, "rb") as file:
            text = file.read(4096 + 8).decode("utf-8", "surrogateescape")
    except OSError as error:
        raise Fault(f"{mark} cannot be read: {(error.strerror or str(error)).lower()}") from None
    return text.removeprefix("gitdir:").strip().replace("\0", "")


@cache
def program() -> str:
    """The git of the `PATH`; never one in the working folder, where some systems look first.

    Raises:
        Fault: there is none.
    """
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(folder, "git.exe" if os.name == "nt" else "git")
        if os.path.isabs(folder) and os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    raise Fault("git is not installed", "a lock file or a stored report needs none: --base ./FILE")


def arguments(folder: Path) -> list[str]:
    """The options between `git` and its command."""
    return ["-C", str(folder), "--no-pager", *(word for setting in SETTINGS for word in ("-c", setting))]


def environment(folder: Path) -> dict[str, str]:
    """The environment of git: this repository and none above it, whatever its configuration says of a working tree."""
    found = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    return {**found, **VARIABLES, "GIT_WORK_TREE": str(folder), "GIT_CEILING_DIRECTORIES": str(folder.parent)}
