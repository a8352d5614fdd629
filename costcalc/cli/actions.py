"""GitHub Actions, when costcalc runs there: what the environment says, and the summary of the job."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from costcalc.text.printable import inert

if TYPE_CHECKING:
    from pathlib import Path


def on_actions() -> bool:
    """True if this is a step of a workflow."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def guarded(lines: Iterable[str]) -> Iterable[str]:
    """Lines of a log, in which no name from a spec is a command of the runner."""
    return map(inert, lines) if on_actions() else lines


def root() -> Path:
    """The folder of paths in annotations: the workspace of the job, else the root of the repository."""
    from pathlib import Path

    here = Path.cwd()
    workspace = os.environ.get("GITHUB_WORKSPACE")
    if on_actions() and workspace and here.is_relative_to(workspace):
        return Path(workspace)
    return next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), here)


def summarize(lines: Iterable[str]) -> None:
    """Append Markdown to the summary of the job. Best effort: a failure is only a warning."""
    from costcalc.cli.failure import say

    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    try:
        with open(path, "a", encoding="utf-8", errors="backslashreplace") as file:
            file.write("".join(f"{line}\n" for line in lines))
    except OSError as error:
        say(f"warning: the job summary cannot be written: {error.strerror or error}")
