"""The paths that may be followed: a link in a repository must not lead out of it, and `.git` is not one of its files.

Somebody who may change a repository may turn every file of it into a link. What such a link names outside would be
printed in a log or overwritten, so it is neither read nor written.
"""

from __future__ import annotations

import os

MARKS = ("costcalc.yaml", "pyproject.toml")
"""The files that mark the root of a project without `.git`: a copy, an unpacked archive."""
LINK = "a link that leads out of"


def way_out(path: str | os.PathLike[str]) -> str | None:
    """The reason not to follow a path, as the end of a sentence about it; None where it may be followed.

    A path that starts outside every repository may name anything: it was not a repository that wrote it.
    """
    try:
        return _walk(os.fspath(path))
    except (OSError, ValueError):
        return None  # whoever opens it says what is wrong


def mend(forbidden: str, what: str = "file") -> str:
    """The advice for what `way_out` says."""
    return f"put a copy of the {what} in its place" if forbidden.startswith(LINK) else ""


def repository(folder: str) -> str | None:
    """The nearest folder upwards that has `.git`, else the nearest that looks like the root of a project."""
    marked = None
    while True:
        if os.path.lexists(os.path.join(folder, ".git")):
            return folder
        if marked is None and any(os.path.lexists(os.path.join(folder, mark)) for mark in MARKS):
            marked = folder
        above = os.path.dirname(folder)
        if above == folder:
            return marked
        folder = above


def _walk(path: str) -> str | None:
    """Go from folder to folder as the system does, and look where each link leads."""
    here, rest = os.path.splitdrive(os.path.join(os.getcwd(), path))
    here += os.sep
    for part in rest.replace(os.altsep or os.sep, os.sep).split(os.sep):
        if part in ("", os.curdir):
            continue
        if part == os.pardir:
            here = os.path.dirname(here)
            continue
        step = os.path.join(here, part)
        if os.path.islink(step):
            target = os.path.realpath(step)
            root = repository(here)
            if root is not None and target != root and not is_below(target, root):
                return f"{LINK} {_called(root)}"
            step = target
        here = step
    return "inside .git, which holds no files of the repository" if _is_in_git(here) else None


def is_below(path: str, folder: str) -> bool:
    """True if a path, both without links, lies in a folder or in one inside it."""
    return path.startswith(folder if folder.endswith(os.sep) else folder + os.sep)


def _is_in_git(path: str) -> bool:
    """True inside the folder that git keeps for itself; a working tree that somebody put there has a `.git` again."""
    if ".git" not in path.lower().split(os.sep):
        return False
    root = repository(os.path.dirname(path))
    return root is not None and ".git" in path.removeprefix(root).lower().split(os.sep)


def _called(root: str) -> str:
    return "the repository" if os.path.lexists(os.path.join(root, ".git")) else "the project"
