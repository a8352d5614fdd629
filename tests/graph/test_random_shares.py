"""Random specs full of `share`, against every weight written out by its path and joined with those it is shared with.

The expander shares no code with costcalc. It makes every weight of every instance and expert, one by one, keeps what
`share` says to be equal in a union-find, and at the end counts each set once, where it first stands.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from costcalc.cost.estimate import estimate
from costcalc.cost.metrics import Cost
from costcalc.errors import SpecError
from costcalc.graph.build import build
from costcalc.reference.run import run
from costcalc.spec.load import load_text

# --- the expander ----------------------------------------------------------------------------------------------------


class Invalid(Exception):
    """A spec that must be refused, for the `share` of this layer."""

    def __init__(self, reason: str, layer: dict[str, Any]) -> None:
        super().__init__(reason)
        self.layer = layer


@dataclass(eq=False)
class Weight:
    """A weight of one layer; `like` leads to another that it is equal with, `experts` are as many as the mixture has."""

    shape: tuple[int, ...]
    experts: tuple[int, ...] = ()
    like: Weight | None = None

    def kind(self) -> tuple[tuple[int, ...], ...]:
        return self.experts, self.shape

    def first(self) -> Weight:
        return self if self.like is None else self.like.first()

    def join(self, other: Weight) -> None:
        one, two = self.first(), other.first()
        if one is not two:
            one.like = two


Weights = dict[str, Weight]
"""Path inside a layer or block -> every weight there, also a shared one."""


@dataclass
class Expansion:
    """A spec written out: the weights of every layer, in order."""

    spec: dict[str, Any]
    layers: dict[str, Weights] = field(default_factory=dict)

    def expanded(self) -> Expansion:
        self.list(self.spec["layers"], "", 1, {}, {"p": 1})
        return self

    def list(
        self, layers: list[Any], prefix: str, width: int, seen: dict[str, Any], values: dict[str, int]
    ) -> tuple[int, Weights]:
        """The width that comes out, and the weights by their paths from here."""
        own: Weights = {}
        counts: dict[str, int] = {}
        seen = dict(seen)
        for layer in layers:
            (target,) = (key for key in layer if key not in ("name", "share", "repeat"))
            base = "group" if target == "layers" else target
            name = layer.get("name")
            if name is None:
                counts[base] = counts.get(base, 0) + 1
                name = base if counts[base] == 1 else f"{base}_{counts[base]}"
            found = {}
            instances: dict[int | None, Weights] = {}
            shared = False
            for index in range(layer["repeat"]) if "repeat" in layer else [None]:
                here = name if index is None else f"{name}[{index}]"
                inner = values if index is None else {**values, "i": index}
                before = len(self.layers)
                width, weights = self.call(target, layer[target], f"{prefix}{here}", width, seen, inner)
                if len(self.layers) == before:
                    continue  # a group in which nothing is left
                found[here] = weights
                instances[index] = weights
                shared |= self.share(layer, name, index, weights, instances, seen)
            if not instances:
                seen.pop(name, None)
                if layer.get("name"):
                    seen[name] = "left out"
                continue
            if "share" in layer and not shared and not (layer["share"] == name and len(instances) == 1):
                raise Invalid("nothing is shared", layer)
            seen[name] = instances
            own.update(
                {f"{here}.{path}": weight for here, weights in found.items() for path, weight in weights.items()}
            )
        return width, own

    def share(
        self, layer: dict[str, Any], name: str, index: int | None, weights: Weights, instances: dict[int | None, Weights],
        seen: dict[str, Any],
    ) -> bool:  # fmt: skip
        """Join the weights of an instance with those it shares; False where there are none."""
        shared = False
        if "share" not in layer:
            return shared
        if layer["share"] == name and index is not None:
            owners = [instances[earlier] for earlier in instances if earlier != index]
        else:
            owner = seen.get(layer["share"], "left out")
            if owner == "left out":
                raise Invalid("the owner is left out", layer)
            if index is None or None in owner:
                owners = [owner[max(owner, key=lambda k: -1 if k is None else k)]]
            else:
                owners = [owner[index]] if index in owner else []
        for other in owners:
            for path, weight in weights.items():
                if path in other and other[path].kind() == weight.kind():
                    weight.join(other[path])
                    shared = True
        return shared

    def call(
        self, target: str, what: Any, path: str, width: int, seen: dict[str, Any], values: dict[str, int]
    ) -> tuple[int, Weights]:
        if target == "layers":
            return self.list(what, f"{path}.", width, seen, values)
        if target in self.spec["blocks"]:
            return self.list(self.spec["blocks"][target], f"{path}.", width, {}, {"p": self.value(what["p"], values)})
        if target == "mixture_of_experts":
            own: Weights = {}
            for copy in range(what["experts"]):
                _, inside = self.list(what["expert"], f"{path}.expert[{copy}].", width, seen, values)
                for weight in inside.values():
                    weight.experts = (what["experts"], *weight.experts)
                own.update({f"expert[{copy}].{inner}": weight for inner, weight in inside.items()})
            self.layers[path] = {"router": Weight((what["experts"], width))}
            return 1, {**own, **self.layers[path]}
        if target == "add":
            every: Weights = {}
            for branch, layers in what.items():
                _, inside = self.list(layers, f"{path}.{branch}.", width, seen, values)
                every.update({f"{branch}.{inner}": weight for inner, weight in inside.items()})
            self.layers[path] = {}
            return width, every
        out = self.value(what["out"], values)
        self.layers[path] = {"weight": Weight((out, width))}
        if what.get("bias", True):
            self.layers[path]["bias"] = Weight((out,))
        return out, self.layers[path]

    @staticmethod
    def value(text: Any, values: dict[str, int]) -> int:
        # the expressions are those of this file, and Python reads them as costcalc should
        return int(eval(text, {}, values)) if isinstance(text, str) else int(text)  # noqa: S307

    def params(self) -> dict[str, int]:
        """Path of a layer -> the weights that are stored there: of each set the first."""
        counted: set[Weight] = set()
        found = {}
        for path, weights in self.layers.items():
            found[path] = 0
            for weight in weights.values():
                if weight.first() not in counted:
                    counted.add(weight.first())
                    size = 1
                    for side in weight.shape:
                        size *= side
                    found[path] += size
        return found


# --- random specs ----------------------------------------------------------------------------------------------------

NAMES = ("a", "b", "c", "d", "e")


@st.composite
def lists(
    draw: st.DrawFn, blocks: tuple[str, ...], depth: int, outer: tuple[str, ...], numbers: tuple[Any, ...],
    mixtures: bool, least: int = 1,
) -> list[Any]:  # fmt: skip
    """A list of layers; most have a name, and many share with one of an earlier name, whatever it is."""
    made: list[Any] = []
    seen = list(outer)
    own: set[str] = set()
    for _ in range(draw(st.integers(least, 5 if depth == 3 else 3))):
        kinds = ["linear", "linear"] + (["layers", "add", *blocks, *blocks] if depth else [])
        kinds += ["mixture_of_experts"] if mixtures and depth else []
        kind = draw(st.sampled_from(kinds))
        layer: dict[str, Any] = {}
        free = [name for name in NAMES if name not in own]
        named = kind in ("add", "mixture_of_experts") or draw(st.integers(0, 7)) > 0
        if named and not free:
            continue
        repeats = draw(st.integers(0, 3)) == 0
        inside = (*numbers, *numbers, "i % 2 + 1", "2 if i == 0 else 1") if repeats else numbers
        if kind == "linear":
            layer["linear"] = {"out": draw(st.sampled_from(inside))}
            if draw(st.integers(0, 4)) == 0:
                layer["linear"]["bias"] = False
        elif kind == "layers":
            layer["layers"] = draw(lists(blocks, depth - 1, tuple(seen), inside, mixtures))
        elif kind == "add":
            body = draw(lists(blocks, 0, tuple(seen), inside, mixtures))
            layer["add"] = {"p": [*body, {"linear": {"out": 1}, "name": "end"}], "q": []}
        elif kind == "mixture_of_experts":
            body = draw(lists(blocks, 0, tuple(seen), inside, False, 0))
            layer[kind] = {
                "experts": draw(st.integers(2, 3)), "active": 1,
                "expert": [*body, {"linear": {"out": 1}, "name": "end"}],
            }  # fmt: skip
        else:
            layer[kind] = {"p": draw(st.sampled_from(inside))}
        if named:
            layer["name"] = free[0]  # so that paths are often equal
            own.add(layer["name"])
        if repeats:
            layer["repeat"] = draw(st.sampled_from([0, 1, 2, 2, 3, 3, 70]))
        wanted = [*seen, *([layer["name"]] * 2 if named and repeats else [])]
        if wanted and draw(st.integers(0, 3)):
            layer["share"] = draw(st.sampled_from(wanted))
            if layer["share"] == layer.get("name") and not repeats:
                del layer["share"]
        if named:
            seen.append(layer["name"])
        made.append(layer)
    return made


@st.composite
def specs(draw: st.DrawFn, mixtures: bool = False) -> dict[str, Any]:
    blocks: dict[str, Any] = {}
    for name in ("one", "two")[: draw(st.integers(0, 2))]:
        blocks[name] = draw(lists(tuple(blocks), 2, (), (1, 1, "p"), mixtures))
    return {"blocks": blocks, "layers": draw(lists(tuple(blocks), 3, (), (1, 1, 1, 2), mixtures))}


@st.composite
def towers(draw: st.DrawFn) -> dict[str, Any]:
    """Lists of equal layers that differ in what they share inside, called again and again: most weights are tied."""

    def body(outer: list[str], depth: int) -> list[Any]:
        made: list[Any] = []
        for name in NAMES[: draw(st.integers(2, 4))]:
            layer: dict[str, Any] = {"linear": {"out": 1, "bias": False}, "name": name}
            if depth and name == "b":
                layer = {"layers": body([*outer, *(other["name"] for other in made)], depth - 1), "name": name}
            seen = [*outer, *(other["name"] for other in made)]
            if draw(st.integers(0, 3)) == 0:
                layer["repeat"] = draw(st.integers(1, 3))
                seen.append(name)
            if seen and draw(st.integers(0, 2)) == 0:
                layer["share"] = draw(st.sampled_from(seen))
                if layer["share"] == name and "repeat" not in layer:
                    del layer["share"]
            made.append(layer)
        return made

    blocks = {name: body([], 1) for name in ("one", "two", "three")}
    layers: list[Any] = []
    for number in range(draw(st.integers(2, 6))):
        seen = [layer["name"] for layer in layers]
        kind = draw(st.sampled_from([*blocks, "layers"]))
        layer = {kind: body(seen, 1) if kind == "layers" else {"p": 1}, "name": f"n{number}"}
        if draw(st.integers(0, 2)) == 0:
            layer["repeat"] = draw(st.integers(1, 3))
        if seen and draw(st.integers(0, 3)):
            layer["share"] = draw(st.sampled_from(seen))
        layers.append(layer)
    return {"blocks": blocks, "layers": layers}


def mended(spec: dict[str, Any]) -> dict[str, Any]:
    """The spec without the `share`s for which it would be refused, so that others are looked at."""
    while True:
        try:
            Expansion(spec).expanded()
        except Invalid as invalid:
            del invalid.layer["share"]
        else:
            return spec


def text_of(spec: dict[str, Any]) -> str:
    blocks = {f"{name}(p)": body for name, body in spec["blocks"].items()}
    return json.dumps({"input": [2, 1], "blocks": blocks, "layers": spec["layers"]})  # JSON is YAML


EXPERTS = "would make the experts of an earlier mixture one"


def compare(spec: dict[str, Any]) -> None:
    """Params of every row, block and depth; and that a run uses one tensor for each set of weights."""
    try:
        expansion = Expansion(spec).expanded()
    except Invalid as reason:
        event(f"refused: {reason}")
        with pytest.raises(SpecError, match=r"shares nothing|is left out|no earlier layer"):
            build(load_text(text_of(spec)))
        return
    try:
        graph = build(load_text(text_of(spec)))
    except SpecError as error:
        if EXPERTS in str(error) and "mixture_of_experts" in text_of(spec):
            event("experts would be one")
            return
        raise
    report = estimate(graph)
    wanted = expansion.params()
    assert report.totals.params == sum(wanted.values())
    sets = {weight.first() for weights in expansion.layers.values() for weight in weights.values()}
    event(f"shared {min(sum(map(len, expansion.layers.values())) - len(sets), 5)}")
    for depth in (None, 1, 2, 3):
        for fold in (1, 64):
            assert sum((row.cost for row in report.rows(depth, fold=fold)), Cost()) == report.totals
    layers = list(report.rows(fold=10**9))
    if "mixture_of_experts" not in text_of(spec):
        assert {row.path: row.params for row in layers} == wanted
    for block in report.blocks():
        if ".." in block.path:
            continue  # many instances as one
        under = (f"{block.path}.", f"{block.path}[")
        inside = [row.cost for row in layers if row.path.startswith(under) or row.path == block.path]
        assert sum(inside, Cost()) == block.cost
    if len(expansion.layers) > 100:
        return
    done = run(graph)
    assert {path for path in done.layers} == set(expansion.layers)
    numbers: dict[Weight, Any] = {}
    for path, weights in expansion.layers.items():
        assert done.layers[path].weights.keys() == weights.keys()
        for name, weight in weights.items():
            found = done.layers[path].weights[name].numbers
            assert numbers.setdefault(weight.first(), found) == found, f"{path}.{name}"
    assert len({tuple(found) for found in numbers.values()}) == len(numbers)  # no two sets are one by mistake


@given(spec=specs())
@settings(max_examples=40)
def test_a_share_of_nothing_is_refused(spec: dict[str, Any]) -> None:
    compare(spec)


@given(spec=specs().map(mended))
@settings(max_examples=150)
def test_every_weight_is_stored_where_its_set_first_stands(spec: dict[str, Any]) -> None:
    compare(spec)


@given(spec=towers().map(mended))
@settings(max_examples=150)
def test_weights_that_are_tied_by_way_of_others_are_one(spec: dict[str, Any]) -> None:
    compare(spec)


@given(spec=specs(mixtures=True).map(mended))
@settings(max_examples=60)
def test_experts_are_shared_one_by_one(spec: dict[str, Any]) -> None:
    compare(spec)
