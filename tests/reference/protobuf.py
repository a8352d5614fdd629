"""A reader of the protobuf wire format, as far as ONNX files need it: no schema, no dependency.

Field numbers are those of `onnx.proto`: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

VARINT, EIGHT_BYTES, BYTES, FOUR_BYTES = 0, 1, 2, 5
FLOAT, INT64, STRING, DOUBLE = 1, 7, 8, 11
FORMATS = {
    FLOAT: "f", 2: "B", 3: "b", 4: "H", 5: "h", 6: "i", INT64: "q", 9: "?", 10: "e", DOUBLE: "d", 12: "I", 13: "Q",
}  # fmt: skip


@dataclass(frozen=True)
class Array:
    """A tensor of a file: its name, shape, ONNX's number of the element type, and its numbers in one row."""

    name: str
    shape: tuple[int, ...]
    kind: int
    numbers: list[Any]


@dataclass(frozen=True)
class Node:
    """A node of a graph; an input that is not given has the name ''."""

    op: str
    domain: str
    inputs: list[str]
    outputs: list[str]
    attributes: dict[str, Any]


@dataclass(frozen=True)
class Model:
    """The graph of a model file: nodes, stored arrays, and the names of what goes in and comes out."""

    opset: int
    nodes: list[Node]
    stored: list[Array]
    inputs: list[str]
    outputs: list[str]


def varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, the lowest first, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at += 1
        shift += 7
        if byte < 128:
            return value, at


def signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


def fields(data: bytes) -> dict[int, list[Any]]:
    """Field number -> everything that stands under it, in order: numbers, or bytes."""
    found: dict[int, list[Any]] = defaultdict(list)
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == VARINT:
            value: Any
            value, at = varint(data, at)
        elif wire == BYTES:
            length, at = varint(data, at)
            value, at = data[at : at + length], at + length
        elif wire in (EIGHT_BYTES, FOUR_BYTES):
            size = 8 if wire == EIGHT_BYTES else 4
            value, at = data[at : at + size], at + size
        else:
            raise ValueError(f"wire type {wire}")
        found[number].append(value)
    return found


def numbers(values: list[Any]) -> Iterator[int]:
    """Whole numbers, one by one or packed."""
    for value in values:
        if isinstance(value, int):
            yield signed(value)
            continue
        at = 0
        while at < len(value):
            one, at = varint(value, at)
            yield signed(one)


def floats(values: list[Any], form: str) -> list[float]:
    """Numbers of fixed size, one by one or packed."""
    packed = b"".join(values)
    return list(struct.unpack(f"<{len(packed) // struct.calcsize(form)}{form}", packed))


def text(values: list[bytes]) -> str:
    return values[0].decode() if values else ""


def array(data: bytes) -> Array:
    """A TensorProto."""
    found = fields(data)
    shape = tuple(numbers(found[1]))
    kind = found[2][0]
    values: list[Any]
    if found[9]:
        form = FORMATS[kind]
        values = list(struct.unpack(f"<{prod(shape)}{form}", found[9][0]))
    elif kind == FLOAT:
        values = floats(found[4], "f")
    elif kind == DOUBLE:
        values = floats(found[10], "d")
    elif kind == STRING:
        values = [value.decode() for value in found[6]]
    elif kind == INT64:
        values = list(numbers(found[7]))
    else:
        values = list(numbers(found[5]))
    if len(values) != prod(shape):
        raise ValueError(f"{text(found[8])}: {len(values)} numbers for the shape {shape}")
    return Array(text(found[8]), shape, kind, values)


def attribute(data: bytes) -> tuple[str, Any]:
    """An AttributeProto: name and value. Graphs and lists of tensors are None: no case needs them."""
    found = fields(data)
    value: Any = None
    match found[20][0]:
        case 1:
            value = floats(found[2], "f")[0]
        case 2:
            value = signed(found[3][0]) if found[3] else 0
        case 3:
            value = text(found[4])
        case 4:
            value = array(found[5][0])
        case 6:
            value = floats(found[7], "f")
        case 7:
            value = list(numbers(found[8]))
        case 8:
            value = [item.decode() for item in found[9]]
    return text(found[1]), value


def node(data: bytes) -> Node:
    """A NodeProto."""
    found = fields(data)
    return Node(
        op=text(found[4]),
        domain=text(found[7]),
        inputs=[value.decode() for value in found[1]],
        outputs=[value.decode() for value in found[2]],
        attributes=dict(attribute(value) for value in found[5]),
    )


def model(data: bytes) -> Model:
    """A ModelProto."""
    found = fields(data)
    graph = fields(found[7][0])
    opsets = [fields(value) for value in found[8]]
    return Model(
        opset=max((opset[2][0] for opset in opsets if text(opset[1]) in ("", "ai.onnx")), default=0),
        nodes=[node(value) for value in graph[1]],
        stored=[array(value) for value in graph[5]],
        inputs=[text(fields(value)[1]) for value in graph[11]],
        outputs=[text(fields(value)[1]) for value in graph[12]],
    )
