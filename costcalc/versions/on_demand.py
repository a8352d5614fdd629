"""The repository around a folder, opened when somebody first asks for it: most commands never need git."""

from __future__ import annotations

from pathlib import Path

from costcalc.errors import Fault
from costcalc.versions.git import Repository


class Opened:
    """The repository around a folder, opened when somebody first asks for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._repository: Repository | None = None
        self._refusal: Fault | None = None

    def __enter__(self) -> Opened:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._repository is not None:
            self._repository.__exit__(*exception)

    def repository(self) -> Repository:
        """The repository, or a `Fault` that says why there is none."""
        if self._refusal is not None:
            raise self._refusal
        if self._repository is None:
            try:
                self._repository = Repository(self.folder)
            except Fault as fault:
                self._refusal = fault
                raise
        return self._repository

    def has(self, name: str) -> bool:
        """True if there is a repository, and it knows a revision of this name."""
        try:
            return self.repository().has(name)
        except Fault:
            return False
