"""Explain a number: its value before, the layers it comes from, and the line of the spec to look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from costcalc.budget.causes import Cause, Matched, causes_of, matched, place
from costcalc.budget.model import LOWER
from costcalc.budget.verdict import Judgement
from costcalc.cost.metrics import METRICS, Number
from costcalc.errors import Location
from costcalc.versions.match_networks import Model
from costcalc.versions.recent import History, Past
from costcalc.versions.snapshot import Measured, Snapshot


class Explainer:
    """Explains the judgements of one check; what a network was is asked for, and matched with it, once."""

    def __init__(self, base: str, history: History | None) -> None:
        self.base = base
        self.history = history
        self._lately: dict[str, Past | None] = {}
        self._matches: dict[tuple[str, str, bool], Matched] = {}

    def explain(self, judgement: Judgement) -> Judgement:
        """The judgement with its causes, its place, and what the number was where the base does not say."""
        model = judgement.model.plain if judgement.convention is None else judgement.model
        if judgement.metric not in METRICS:
            return judgement
        fell = judgement.kind in LOWER or (judgement.kind == "expect" and (judgement.over or 0) < 0)
        for name, before in self._pasts(model):
            past = None if before is None else self._matched(model, name, before)
            since, causes = name, causes_of(model.now, past, judgement.metric, judgement.path, fell=fell)
            if causes:
                break
        if judgement.before is None and before is not None:
            number = number_of(before, judgement.path, judgement.metric)
            judgement = replace(judgement, before=number, since=since if number is not None else "")
        location = judgement.location or _place(model.now, judgement.path, causes)
        return replace(judgement, causes=tuple(causes), blamed_since=since, location=location)

    def _pasts(self, model: Model) -> Iterator[tuple[str, Snapshot | None]]:
        """The snapshots to compare with, one after the other; the last is none, which gives the largest parts."""
        before = model.before
        if before is not None and before.layers:
            yield self.base, before
        lately = self._recently(model)
        if lately is not None:
            yield lately
        if before is not None and not before.layers:
            yield self.base, before
        yield "", None

    def _matched(self, model: Model, name: str, before: Snapshot) -> Matched:
        key = (model.key, name, model.now.account is None)
        if key not in self._matches:
            self._matches[key] = matched(model.now, before)
        return self._matches[key]

    def _recently(self, model: Model) -> Past | None:
        if model.now.account is not None:  # its past was counted by costcalc
            return None
        if self.history is not None and model.key not in self._lately:
            self._lately[model.key] = self.history(model.now.report)
        return self._lately.get(model.key)


def number_of(snapshot: Snapshot, path: str, metric: str) -> Number | None:
    """A number of a network, or of its block or layer at `path`; None where it is not known."""
    if not path:
        return snapshot.total(metric)
    piece = snapshot.part(path)
    if piece is None and ".." in path:
        piece = snapshot.part_like(path)
    return None if piece is None else piece.numbers.get(metric)


def _place(now: Measured, path: str, causes: Sequence[Cause]) -> Location | None:
    """The location of the judged block, else of the layer that contributed most."""
    if path:
        return place(now, path)
    block = next((cause.path for cause in causes if not cause.layer), "")
    inside = (cause.path for cause in causes if cause.layer and cause.path.startswith((f"{block}.", f"{block}[")))
    return place(now, next(inside, block))
