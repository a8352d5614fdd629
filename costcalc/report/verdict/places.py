"""Places in files as the services that show them want it: relative to the repository, with `/`."""

from __future__ import annotations

import os
from pathlib import Path

from costcalc.budget.verdict import Judgement
from costcalc.errors import Location


def file_of(name: str, root: Path) -> str:
    """A path as it was reported, seen from `root`; one that lies elsewhere stays as it is."""
    relative = os.path.relpath(os.path.abspath(name), root).replace(os.sep, "/")
    return name if relative.startswith("../") else relative


def place_of(judgement: Judgement, root: Path) -> tuple[str, Location | None]:
    """The file and the place in it that a judgement is about: the spec where nothing more is known."""
    location = judgement.location
    name = location.source.name if location is not None else judgement.model.now.report.graph.path
    return file_of(name, root), location
