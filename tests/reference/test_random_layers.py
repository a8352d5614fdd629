"""Random layers: what comes out, what is read and what happens is what the formulas say.

2,000 layers as part of every run. For a long run:

    COSTCALC_LAYERS=100000 pytest tests/reference/test_random_layers.py
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings

from costcalc.graph.model import Layer
from costcalc.ops import catalogue
from costcalc.reference.execute import differences, execute
from tests.reference.layers import layers

LAYERS = int(os.environ.get("COSTCALC_LAYERS", "2000"))


@settings(max_examples=LAYERS, suppress_health_check=list(HealthCheck))
@given(layers())
def test_arithmetic_and_formulas_agree(layer: Layer) -> None:
    found = differences(layer, execute(layer))
    said = [difference.text for difference in found]
    assert not found, (layer.op.name, dict(layer.arguments), layer.inputs, layer.layout, said)


@pytest.mark.parametrize("name", catalogue())
def test_every_op_is_drawn_in_both_layouts_with_all_of_its_arguments(name: str) -> None:
    """Of every op there are layers in either layout, and no argument keeps its default in all of them."""
    seen: list[Layer] = []

    @settings(max_examples=100, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(layers((name,)))
    def collect(layer: Layer) -> None:
        assert not differences(layer, execute(layer))
        seen.append(layer)

    collect()
    assert {layer.layout for layer in seen} == {"channels_first", "channels_last"}
    for argument in catalogue()[name].arguments:
        assert any(layer.arguments[argument.name] != argument.default for layer in seen), argument.name
