"""The spec language as a JSON Schema (draft-07), made from the catalogue of ops, for editors."""

from __future__ import annotations

from typing import Any

from costcalc.ops import catalogue
from costcalc.ops.op import REQUIRED, Op
from costcalc.spec.file import EXPECT_KEYS, VARIANT_KEYS
from costcalc.spec.model import DTYPE_BITS, LAYOUTS

_EXPRESSION: dict[str, Any] = {"type": ["number", "boolean", "string"]}
_TEXT: dict[str, Any] = {"type": "string"}
_LAYERS: dict[str, Any] = {"$ref": "#/definitions/layers"}
_SHAPE: dict[str, Any] = {"type": "array", "minItems": 1, "items": {"type": ["integer", "string"]}}
_DESCRIBED: dict[str, Any] = {
    "type": "object",
    "properties": {"shape": _SHAPE, "dtype": {"enum": list(DTYPE_BITS)}},
    "required": ["shape"],
    "additionalProperties": False,
}
_INPUT: dict[str, Any] = {
    "anyOf": [
        _SHAPE,
        _DESCRIBED,
        {"type": "object", "minProperties": 1, "additionalProperties": {"anyOf": [_SHAPE, _DESCRIBED]}},
    ]
}
_NAME: dict[str, Any] = {"type": "string", "pattern": r"^[^.\[\]]+$"}


def schema() -> dict[str, Any]:
    """The schema of a spec file. A block's own arguments are not known to it and are left open."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "costcalc spec",
        "description": "A neural network, or a library of blocks, in the language of costcalc.",
        "type": "object",
        "properties": {
            "name": _TEXT,
            "about": _TEXT,
            "source": _TEXT,
            "meta": {"properties": {"functional": {"type": "array", "items": _TEXT}}},
            "args": {"type": "object"},
            "variants": {"type": "object", "additionalProperties": {"$ref": "#/definitions/variant"}},
            "include": {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]},
            "input": _INPUT,
            "layout": {"enum": list(LAYOUTS)},
            "dtype": {"enum": list(DTYPE_BITS)},
            "blocks": {"type": "object", "additionalProperties": _LAYERS},
            "layers": _LAYERS,
            "output": {
                "anyOf": [
                    _TEXT,
                    {"type": "array", "items": _TEXT},
                    {"type": "object", "additionalProperties": _TEXT},
                ]
            },
            "expect": {"$ref": "#/definitions/expect"},
            "verify": {"$ref": "#/definitions/verify"},
        },
        "additionalProperties": False,
        "anyOf": [{"required": ["input", "layers"]}, {"required": ["blocks"]}],
        "definitions": {
            "expect": {
                "type": "object",
                "properties": {key: {} if key == "output" else {"type": "integer"} for key in EXPECT_KEYS},
                "additionalProperties": False,
            },
            "verify": {
                "type": "object",
                "properties": {"args": {"type": "object"}, "input": _INPUT, "values": {}},
                "additionalProperties": False,
            },
            "variant": {
                "type": "object",
                "properties": {
                    key: {"$ref": f"#/definitions/{key}"}
                    if key in ("expect", "verify")
                    else {"type": "object"}
                    if key == "args"
                    else _INPUT
                    if key == "input"
                    else _TEXT
                    for key in VARIANT_KEYS
                },
                "additionalProperties": False,
            },
            "layers": {"type": "array", "items": {"$ref": "#/definitions/layer"}},
            "layer": {"anyOf": [_TEXT, {"$ref": "#/definitions/call"}]},
            "call": _call(),
            "branch": {
                "anyOf": [
                    _LAYERS,
                    {
                        "type": "object",
                        "properties": {"from": _TEXT, "when": _EXPRESSION, "layers": _LAYERS},
                        "additionalProperties": False,
                        "minProperties": 1,
                    },
                ]
            },
        },
    }


def _call() -> dict[str, Any]:
    references = {
        "anyOf": [_TEXT, {"type": "array", "items": _TEXT}, {"type": "object", "additionalProperties": _TEXT}]
    }
    return {
        "type": "object",
        "minProperties": 1,
        "properties": {
            "name": _NAME,
            "from": references,
            "when": _EXPRESSION,
            "repeat": _EXPRESSION,
            "share": _TEXT,
            "dtype": {"enum": list(DTYPE_BITS)},
            "weights": {"enum": list(DTYPE_BITS)},
            "note": _TEXT,
            "layers": _LAYERS,
            **{name: _op(op) for name, op in catalogue().items()},
        },
        "additionalProperties": {"type": ["object", "null"], "description": "a call of a block of this file"},
    }


def _op(op: Op) -> dict[str, Any]:
    required = [argument.name for argument in op.arguments if argument.default is REQUIRED]
    found: dict[str, Any] = {
        "description": op.about,
        "type": "object" if required else ["object", "null"],
        "properties": {item.name: {**item.kind.schema, "description": item.about} for item in op.arguments},
        "additionalProperties": {"$ref": "#/definitions/branch"} if op.joins else False,
    }
    if required:
        found["required"] = required
    return found
