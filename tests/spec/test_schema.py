"""The JSON Schema for editors: it is draft-07, takes every bundled spec, and refuses what the language refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from costcalc.ops import catalogue
from costcalc.spec.find import bundled_folder
from costcalc.spec.schema import schema

FILES = sorted(Path(bundled_folder()).rglob("*.yaml"))
VALIDATOR = jsonschema.Draft7Validator(schema())


def test_it_is_a_draft_07_schema() -> None:
    """The schema obeys its own meta-schema and has every op of the catalogue."""
    jsonschema.Draft7Validator.check_schema(schema())
    assert schema()["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert set(catalogue()) <= set(schema()["definitions"]["call"]["properties"])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_bundled_spec_conforms(path: Path) -> None:
    """An editor shows no error in a spec that costcalc takes."""
    VALIDATOR.validate(yaml.safe_load(path.read_text(encoding="utf-8")))


MISTAKES = {
    "an unknown key": {"input": [3], "layers": ["relu"], "layer": []},
    "no layers": {"input": [3]},
    "an unknown argument": {"input": [3], "layers": [{"conv": {"out": 8, "kernel": 3, "kernle": 3}}]},
    "a missing argument": {"input": [3], "layers": [{"conv": {"kernel": 3}}]},
    "a number below its least": {"input": [3], "layers": [{"conv": {"out": 0, "kernel": 3}}]},
    "an unknown layout": {"input": [3], "layers": ["relu"], "layout": "NCHW"},
    "an unknown dtype of a layer": {"input": [3], "layers": [{"relu": None, "dtype": "float33"}]},
    "a name with a dot": {"input": [3], "layers": [{"relu": None, "name": "a.b"}]},
    "branches under an op that joins nothing": {"input": [3], "layers": [{"relu": {"a": []}}]},
    "a variant with a wrong key": {"input": [3], "layers": ["relu"], "variants": {"v": {"arg": {}}}},
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_refused(mistake: str) -> None:
    """What costcalc refuses for its outline, the schema refuses too."""
    spec: dict[str, Any] = MISTAKES[mistake]
    assert not VALIDATOR.is_valid(spec)
