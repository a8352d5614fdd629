"""What commands write for programs is what the schemas say: our own JSON Schemas, JUnit's and SARIF's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import xmlschema
import yaml

from costcalc.report.schemas import SHIPPED
from costcalc.report.schemas import schema as shipped

if TYPE_CHECKING:
    from tests.cli.conftest import Scratch

HERE = Path(__file__).parent


def schema(kind: str) -> dict[str, Any]:
    """A schema that is shipped, with every object closed: what it does not describe must not be written."""
    found = shipped(kind)
    jsonschema.Draft7Validator.check_schema(found)
    _close(found)
    return found


def _close(value: Any) -> None:
    if isinstance(value, dict):
        if "properties" in value and "required" in value and "additionalProperties" not in value:
            value["additionalProperties"] = False
        for inner in value.values():
            _close(inner)
    elif isinstance(value, list):
        for inner in value:
            _close(inner)


@pytest.fixture
def eventful(resnet: Scratch) -> Scratch:
    """Something of everything: failed, warned, passed, skipped and broken; new, changed, renamed and gone."""
    resnet.write("specs/small.yaml", "input: [8]\nlayers: [{linear: {out: 8}}]\nexpect: {macs: 64}\n")
    resnet.write("specs/gone.yaml", "input: [8]\nlayers: [{linear: {out: 9}}]\n")
    resnet.write(
        "costcalc.yaml",
        """\
        specs: specs/*.yaml
        budgets:
          - name: all
            limits:
              macs: {max: 4.2G, min: 1, warn: 4G, grow: 5%, shrink: 1k}
              peak_activation_bytes: {max: 8 MiB, grow: {percent: 5, over: 1 MiB}}
          - {name: blocks, specs: specs/resnet50.yaml, blocks: "stage?", limits: {macs: {share: 30%, grow: 1M}}}
        """,
    )
    resnet.commit("more")
    resnet.widen()
    resnet.git("mv", "specs/small.yaml", "specs/little.yaml")
    resnet.git("rm", "-q", "specs/gone.yaml")
    resnet.write("specs/new.yaml", "input: [8]\nlayers: [{linear: {out: 100}}]\n")
    resnet.write("specs/broken.yaml", "input: [8]\nlayers: [covn]\n")
    return resnet


def test_check_writes_what_its_schema_says(eventful: Scratch) -> None:
    """`costcalc.check/1`, of a run in which everything happens."""
    done = eventful("check", "--base", "HEAD", "--format", "json")
    assert done.returncode == 3
    verdict = json.loads(done.stdout)
    jsonschema.validate(verdict, schema("check"))
    assert {item["status"] for item in verdict["judgements"]} == {"pass", "warn", "fail", "skipped"}
    assert {model["status"] for model in verdict["models"]} == {"changed", "renamed", "new"}
    assert verdict["gone"] == ["specs/gone.yaml"]
    assert verdict["problems"]


def test_junit_is_valid(eventful: Scratch) -> None:
    """By the schema that Ant's readers go by; a growth that was not judged is an error, never a pass."""
    for arguments in (["--base", "HEAD"], ["--base", "HEAD", "--allow-new"], []):
        eventful("check", *arguments, "--output", "junit=costs.xml")
        xmlschema.validate(str(eventful.folder / "costs.xml"), str(HERE / "junit.xsd"))
    assert '<error message="100; grow' not in eventful.read("costs.xml")
    assert 'type="grow">800; grow 5% was not judged: there is no base' in eventful.read("costs.xml")


def test_sarif_is_valid(eventful: Scratch) -> None:
    """By the part of the standard's schema that is used here; each rule stands where its index says."""
    eventful("check", "--base", "HEAD", "--output", "sarif=costs.sarif")
    log = json.loads(eventful.read("costs.sarif"))
    jsonschema.validate(log, json.loads((HERE / "sarif.schema.json").read_text()))
    (run,) = log["runs"]
    assert run["invocations"][0]["executionSuccessful"] is False
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in run["results"])
    prints = [result["partialFingerprints"]["costcalc/v1"] for result in run["results"]]
    assert len(set(prints)) == len(prints)


def test_a_fingerprint_stays_when_numbers_change(resnet: Scratch) -> None:
    """Code scanning knows a result again by spec, budget, block and metric, also when it gets worse."""
    found = []
    for width in (288, 320):
        resnet.write("specs/resnet50.yaml", resnet.git("show", "HEAD:specs/resnet50.yaml").replace("256,", f"{width},"))
        resnet("check", "--output", "sarif=costs.sarif")
        (result,) = json.loads(resnet.read("costs.sarif"))["runs"][0]["results"]
        found.append(result)
    assert found[0]["partialFingerprints"] == found[1]["partialFingerprints"]
    assert found[0]["message"] != found[1]["message"]


def test_the_lock_is_what_its_schema_says(eventful: Scratch) -> None:
    """`costcalc.lock/1`; the blocks whose growth a budget limits are in it."""
    eventful.git("rm", "-qf", "--ignore-unmatch", "specs/broken.yaml")
    (eventful.folder / "specs/broken.yaml").unlink(missing_ok=True)
    eventful.change("costcalc.yaml", "budgets:", "lock: costs.lock.json\nbudgets:")
    assert eventful("check", "--update").returncode == 1
    jsonschema.validate(json.loads(eventful.read("costs.lock.json")), schema("lock"))


@pytest.mark.parametrize(
    "arguments", [["--all"], ["--depth", "1"], ["--fail-on", "macs=5%"], ["--metric", "weight_bytes"]]
)
def test_diff_writes_what_its_schema_says(eventful: Scratch, arguments: list[str]) -> None:
    """`costcalc.diff/1`."""
    done = eventful("diff", "specs/resnet50.yaml", *arguments, "--format", "json")
    assert done.returncode == ("--fail-on" in arguments)
    jsonschema.validate(json.loads(done.stdout), schema("diff"))


@pytest.mark.parametrize("spec", ["resnet18", "googlenet_aux", "mobilenet_v2"])
@pytest.mark.parametrize("options", [[], ["--depth", "1"], ["--batch", "3"]])
def test_show_writes_what_its_schema_says(scratch: Scratch, spec: str, options: list[str]) -> None:
    """`costcalc.report/1`, which is also what a stored report is."""
    done = scratch("show", spec, *options, "--format", "json")
    jsonschema.validate(json.loads(done.stdout), shipped("report"))


def test_compare_writes_what_its_schema_says(scratch: Scratch) -> None:
    """`costcalc.comparison/1`."""
    done = scratch("compare", "basic", "bottleneck", "--format", "json")
    jsonschema.validate(json.loads(done.stdout), shipped("comparison"))


@pytest.mark.parametrize("kind", SHIPPED)
def test_schemas_are_printed(scratch: Scratch, kind: str) -> None:
    """`costcalc schema KIND` prints it, and no mark is left in it."""
    done = scratch("schema", kind)
    assert done.returncode == 0
    assert json.loads(done.stdout) == shipped(kind)
    assert "$metrics" not in done.stdout


def test_the_metrics_of_schemas() -> None:
    """Typed in from the contract of the JSON: what totals and rows have, and what a limit may be of."""
    of_totals = [
        "params",
        "params_active",
        "buffers",
        "macs",
        "flops",
        "activations",
        "activation_bytes",
        "peak_activation_bytes",
        "weight_bytes",
        "layers",
    ]
    of_layers = ["params", "params_active", "buffers", "macs", "activations", "activation_bytes"]
    found = shipped("report")
    assert found["properties"]["totals"]["required"] == list(found["properties"]["totals"]["properties"]) == of_totals
    assert set(found["definitions"]["layer"]["properties"]) >= set(of_layers)
    assert set(found["definitions"]["layer"]["required"]) & set(of_totals) == set(of_layers)
    assert set(found["definitions"]["block"]["required"]) & set(of_totals) == {*of_layers, "layers"}
    limits = shipped("config")["properties"]["budgets"]["items"]["properties"]["limits"]
    assert limits["propertyNames"]["enum"] == of_totals


def test_the_configuration_of_this_repository_is_what_the_schema_says() -> None:
    """`costcalc.yaml` here, and what the reader refuses the schema refuses."""
    found = schema("config")
    jsonschema.validate(yaml.safe_load((HERE.parent.parent / "costcalc.yaml").read_text()), found)
    for wrong in (
        {"spec": "x"},
        {"budgets": [{"name": "b", "limits": {"mac": 1}}]},
        {"budgets": [{"limits": {"macs": 1}}]},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, found)


@pytest.mark.parametrize("phase", ["prefill", "decode"])
def test_a_language_model_is_as_its_schema_says(phase: str, scratch: Scratch) -> None:
    done = scratch("show", "gpt2", "--phase", phase, "--sequence", "64", "--format", "json")
    found = json.loads(done.stdout)
    jsonschema.validate(found["language"], schema("report")["properties"]["language"])
    assert found["args"]["sequence"] == 64
    assert [entry["path"] for entry in found["language"]["kv_cache"]] == [
        "layers[0..11].attention.packed_attention.in_projection"
    ]
