"""Settings for the whole suite."""

from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import settings

from costcalc.cost.estimate import estimate
from costcalc.cost.model import Report
from costcalc.graph.build import build
from costcalc.spec.load import load_text

# A shared machine may take long over one example, which is no fault; and a failure must come back on the next run.
settings.register_profile("costcalc", deadline=None, derandomize=True)
settings.load_profile("costcalc")


@pytest.fixture
def cost() -> Callable[..., Report]:
    """The function `cost(text, args, input, batch)`: the report of a spec that is given as YAML."""

    def cost(text: str, args: Any = None, input: Any = None, batch: int = 1) -> Report:
        return estimate(build(load_text(dedent(text)), args, input), batch)

    return cost
