"""The size that a network is built and costed at, where it is handed on as one value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from costcalc.graph.inputs import Given


class Size(NamedTuple):
    """Arguments of `build` (`args`, `input`, `sequence`) and of `estimate` (`batch`)."""

    args: Mapping[str, Any] | None = None
    input: Given = None
    batch: int = 1
    sequence: int | None = None

    @property
    def given(self) -> bool:
        """True if it differs from a spec's own."""
        return bool(self.args or self.input or self.sequence) or self.batch != 1
