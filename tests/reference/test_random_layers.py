"""Random layers: what comes out, what is read and what happens is what the formulas say.

2,000 layers as part of every run. For a long run:

    COSTCALC_LAYERS=100000 pytest tests/reference/test_random_layers.py
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, given, settings

from costcalc.graph.model import Layer
from costcalc.ops import catalogue
from costcalc.reference.execute import differences, execute
from tests.reference.layers import RECIPES, layers

LAYERS = int(os.environ.get("COSTCALC_LAYERS", "2000"))


@settings(max_examples=LAYERS, suppress_health_check=list(HealthCheck))
@given(layers())
def test_arithmetic_and_formulas_agree(layer: Layer) -> None:
    found = differences(layer, execute(layer))
    said = [difference.text for difference in found]
    assert not found, (layer.op.name, dict(layer.arguments), layer.inputs, layer.layout, said)


def test_there_is_a_recipe_for_every_op() -> None:
    assert RECIPES.keys() == catalogue().keys()
