"""The keys of a file: metadata, args, variants, inputs, blocks, layers, output, expect, verify."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Collection, Set
from collections.abc import Mapping as MappingType
from typing import Any, NamedTuple

from costcalc.errors import Hint, Location
from costcalc.ops import words as op_words
from costcalc.ops.kinds import AXES, COUNT, NUMBER, SIZES
from costcalc.spec.layers import read_dtype, read_layers
from costcalc.spec.model import BATCH_NAMES, LAYOUTS, NONE, Block, Layers, Reference, Spec, Value, Verify
from costcalc.spec.place import Place
from costcalc.spec.reading import NOTHING, Reading
from costcalc.spec.signature import Head, read_defaults, read_head
from costcalc.spec.visible import Visible
from costcalc.text.expressions import as_list
from costcalc.text.nodes import Mapping, Node, Scalar, Sequence
from costcalc.text.suggest import did_you_mean, key_meant, nearest
from costcalc.text.trees import Constant
from costcalc.text.values import describe

FILE_KEYS = (
    "name", "about", "source", "meta", "args", "variants", "include", "input", "layout", "dtype", "blocks", "layers",
    "output", "expect", "verify",
)  # fmt: skip
OF_NETWORKS = ("args", "variants", "layout", "dtype", "output", "expect", "verify")
"""Keys that say nothing about blocks alone."""
VARIANT_KEYS = ("about", "source", "args", "input", "expect", "verify")
EXPECT_KEYS = (
    "params", "params_active", "buffers", "macs", "flops", "activations", "peak_activation_bytes", "layers", "output",
)  # fmt: skip

Inputs = tuple[tuple[str, tuple[Value, ...]], ...]
Args = tuple[tuple[str, Value], ...]


class Variant(NamedTuple):
    """The parts that a variant replaces; None leaves the file's."""

    args: Args
    about: str | None
    source: str | None
    input: Inputs | None
    expect: MappingType[str, tuple[Any, Node]]
    verify: Verify | None
    input_dtypes: MappingType[str, str] = NONE


class File(NamedTuple):
    """A file as read: the spec it holds without a variant, and its variants."""

    spec: Spec
    variants: MappingType[str, Variant]


def read_blocks(
    reading: Reading, root: Mapping, args: frozenset[str], taken: dict[str, str], included: bool
) -> list[tuple[Head, Mapping, Node]]:
    """First pass over `blocks`: every signature, so that calls anywhere are checked against it."""
    heads: list[tuple[Head, Mapping, Node]] = []
    blocks = reading.mapping(root.get("blocks"), "blocks")
    for key, body in blocks.entries.values() if blocks else ():
        head = read_head(reading, key)
        if head is None:
            continue
        start = len(key.value) - len(key.value.lstrip())
        if reading.claim(head.name, key, "a block", taken, key.part(start, start + len(head.name))):
            reading.signatures[head.name] = head.signature()
            heads.append((head, root, body))
        else:
            reading.broken.add(head.name)
    return heads


def read_bodies(
    reading: Reading,
    heads: list[tuple[Head, Mapping, Node]],
    args: frozenset[str],
    taken: dict[str, str],
    included: bool,
) -> dict[str, Block]:
    """Second pass: defaults and bodies, called or not."""
    blocks: dict[str, Block] = {}
    for head, _, body in heads:
        visible: set[str] = set()
        parameters = read_defaults(reading, head, ChainMap({}, taken), visible, args)
        names = frozenset(name for name, _ in parameters)
        place = Place(Visible(visible, args), Visible(names, args), None, {"x", *head.inputs})
        start, reading.inside = len(reading.problems), head.name
        layers = read_layers(reading, body, place, f"the body of block '{head.name}'")
        reading.body(head.name, start)
        reading.inside = None
        blocks[head.name] = Block(head.name, head.node, parameters, head.inputs, layers, included)
        unused = names.difference(layers.names, *(value.names for _, value in parameters if value))
        for name, offset, _, _ in head.parameters:
            if name in unused:
                location = head.node.part(offset, offset + len(name))
                reading.warn(head.node, f"parameter '{name}' of block '{head.name}' is never used", location)
    _no_recursion(reading, blocks)
    return blocks


def _calls(layers: Layers) -> list[Any]:
    found = []
    for call in layers.calls:
        found.append(call)
        for inner in (call.body, *(branch.body for branch in call.branches)):
            if inner is not None:
                found.extend(_calls(inner))
    return found


def _no_recursion(reading: Reading, blocks: MappingType[str, Block]) -> None:
    """A problem for every cycle of blocks that call one another, with the chain."""
    calls = {
        name: list(dict.fromkeys(call.target for call in _calls(block.body) if call.kind == "block"))
        for name, block in blocks.items()
    }
    done: set[str] = set()
    for start in blocks:
        path: list[str] = []
        stack: list[tuple[str, int]] = [(start, 0)]
        while stack:
            name, depth = stack.pop()
            done.update(path[depth:])
            del path[depth:]
            if name in path:
                chain = [*path[path.index(name) :], name]
                reading.note(blocks[name].node, "a block cannot call itself", " -> ".join(chain))
            elif name in calls and name not in done:
                path.append(name)
                stack.extend((called, depth + 1) for called in reversed(calls[name]))
        done.update(path)


def read_file(
    reading: Reading, root: Node, path: str, included: MappingType[str, Block], taken: dict[str, str]
) -> File | None:
    """The whole file; None (and problems) if its outline is wrong already."""
    if not isinstance(root, Mapping):
        reading.note(root, f"a spec is a mapping, not a {root.kind}", "it has at least 'input:' and 'layers:'")
        return None
    root = check_keys(reading, root)
    reading.words = frozenset((*reading.ops, *reading.signatures, *(op_words() - set(AXES))))
    args_node = reading.mapping(root.get("args"), "args")
    arg_names = frozenset(args_node.entries) if args_node else NOTHING
    for key, _ in args_node.entries.values() if args_node else ():
        reading.claim(key.value, key, "an arg", taken)
    heads = read_blocks(reading, root, arg_names, taken, included=False)
    reading.words = frozenset((*reading.words, *reading.signatures))
    args = _read_args(reading, args_node, NOTHING)
    inputs = _read_inputs(reading, root.get("input"), arg_names, taken)
    blocks = read_bodies(reading, heads, arg_names, taken, included=False)
    names = [name for name, _ in inputs]
    place = Place(arg_names | {"x", *names}, arg_names, None, {"x", *names})
    layers = Layers((), (), (), ())
    layers_node = root.get("layers")
    start = Location(root.source, root.line + 1, root.column + 1)
    if has_only_blocks(root):
        reading.note(root, "this file has only blocks", "include it from a spec that has 'input' and 'layers'", start)
    elif layers_node is None:
        reading.note(root, "'layers' is missing", "the list of layers, from input to output", start)
    else:
        layers = read_layers(reading, layers_node, place)
        if not layers.calls and not reading.problems:
            reading.note(root.entries["layers"][0], "'layers' is empty", "a spec has at least one layer")
    if root.get("input") is None and (layers_node is not None or root.get("blocks") is None):
        hint = "the input's shape without the batch, as in 'input: [3, 224, 224]'"
        reading.note(root, "'input' is missing", hint, start)
    known = dict.fromkeys(names)
    variants = _read_variants(reading, root, arg_names, known)
    for key, _ in args_node.entries.values() if args_node else ():
        if key.value not in reading.used:
            reading.warn(key, f"the arg '{key.value}' is never used")
    layout = _choice(reading, root, "layout", LAYOUTS)
    dtype = read_dtype(reading, root.entries["dtype"][1], "dtype") if "dtype" in root.entries else None
    spec = Spec(
        name=_text(reading, root, "name") or path.rpartition("/")[2].partition(".")[0],
        path=path,
        layers=layers,
        inputs=inputs,
        variants=tuple(variants),
        about=_text(reading, root, "about"),
        source=_text(reading, root, "source"),
        meta=plain_node(root.get("meta")),
        functional=(*read_functional(reading, root.get("meta")), *reading.functional),
        args=args,
        layout=layout or LAYOUTS[0],
        dtype=dtype or "float32",
        input_dtypes=_read_input_dtypes(reading, root.get("input")),
        blocks={**included, **blocks},
        output=_read_output(reading, root.get("output"), place),
        expect=_read_expect(reading, root.get("expect")),
        verify=_read_verify(reading, root.get("verify"), arg_names, known),
        warnings=tuple(reading.warnings),
    )
    return File(spec, variants)


def has_only_blocks(root: Node) -> bool:
    """True if a file is a library: blocks for others to include, and no network."""
    if not isinstance(root, Mapping):
        return False
    return root.get("blocks") is not None and root.get("layers") is None and root.get("input") is None


def check_keys(reading: Reading, root: Mapping) -> Mapping:
    """A problem for every key that a file does not have; the file with the keys that are meant."""
    meant: dict[str, tuple[Scalar, Node]] = {}
    for name, (key, value) in root.entries.items():
        if name in FILE_KEYS:
            continue
        hint = did_you_mean(name, FILE_KEYS) or "free data goes under 'meta'"
        near = nearest(name, FILE_KEYS)
        if name in reading.ops or name in reading.signatures:
            hint = "layers stand in the list under 'layers:'"
        elif near in root.entries or near in meant:
            hint = f"there is '{near}' already; free data goes under 'meta'"
        elif near is not None:
            meant[near] = (key, value)
        reading.note(key, f"unknown key '{name}'", hint)
    if not meant:
        return root
    found = Mapping(root.source, root.line, root.column)
    found.end_line, found.end_column = root.end_line, root.end_column
    found.entries = {**root.entries, **meant}
    return found


def _text(reading: Reading, root: Mapping, key: str) -> str:
    node = root.get(key)
    return "" if node is None else reading.text(node, key).strip()


def _choice(reading: Reading, root: Mapping, key: str, choices: tuple[str, ...]) -> str | None:
    text = _text(reading, root, key)
    if text and text not in choices:
        reading.note(root.entries[key][1], f"unknown {key} '{text}'", did_you_mean(text, choices))
        return None
    return text or None


def _read_args(reading: Reading, node: Mapping | None, outer: Set[str]) -> Args:
    args: list[tuple[str, Value]] = []
    above: set[str] = set()
    visible = Visible(above, outer)
    reading.below = set(node.entries) if node else set()
    for name, (_, value_node) in node.entries.items() if node else ():
        value = reading.value(value_node, visible, None, f"arg '{name}'", calls=True)
        if value is not None:
            args.append((name, value))
        above.add(name)
        reading.below.discard(name)
    reading.below = set()
    return tuple(args)


def _read_inputs(reading: Reading, node: Node | None, args: frozenset[str], taken: dict[str, str] | None) -> Inputs:
    if node is None:
        return ()
    named = None if _is_described(node) else getattr(node, "entries", None)
    if named is None:
        if taken is not None:
            reading.claim("input", node, "an input", taken)
        return (("input", _read_shape(reading, node, args)),)
    if not named:
        reading.note(node, "'input' names no input", "as in {left: [3, 64, 48], right: [3, 64, 48]}")
    inputs = []
    for name, (key, shape) in named.items():
        if taken is not None:
            reading.claim(name, key, "an input", taken)
        inputs.append((name, _read_shape(reading, shape, args)))
    return tuple(inputs)


INPUT_KEYS = ("shape", "dtype")


def _is_described(node: Node) -> bool:
    """True if a node is one input with its format, `{shape: [sequence], dtype: int64}`, and not several by name."""
    if not isinstance(node, Mapping) or not node.entries.keys() <= set(INPUT_KEYS):
        return False
    return isinstance(node.get("shape"), Sequence)


def _read_input_dtypes(reading: Reading, node: Node | None) -> dict[str, str]:
    """Input name -> its number format, where `input` states one; a problem for every other key."""
    if not isinstance(node, Mapping):
        return {}
    inputs = {"input": node} if _is_described(node) else {name: value for name, (_, value) in node.entries.items()}
    found = {}
    for name, value in inputs.items():
        for key, (key_node, _) in value.entries.items() if isinstance(value, Mapping) else ():
            if key not in INPUT_KEYS:
                given = value.entries if isinstance(value, Mapping) else ()
                reading.note(key_node, f"an input has no key '{key}'", key_meant(key, INPUT_KEYS, given))
        if isinstance(value, Mapping) and "dtype" in value.entries:
            dtype = read_dtype(reading, value.entries["dtype"][1], "dtype")
            if dtype is not None:
                found[name] = dtype
    return found


def _read_shape(reading: Reading, node: Node, args: frozenset[str]) -> tuple[Value, ...]:
    if isinstance(node, Mapping):
        shape = node.get("shape")
        if shape is None:
            reading.note(node, "an input needs a 'shape'", "as in {shape: [sequence], dtype: int64}")
            return ()
        node = shape
    if not isinstance(node, Sequence) or not node.items:
        hint = "as in [3, 224, 224]"
        if isinstance(node, Scalar) and re.fullmatch(r"\d+(\s*[x*,]\s*\d+)+", node.value):
            hint = _shape_hint(re.findall(r"[0-9]+", node.value))
        elif isinstance(node, Scalar) and (listed := as_list(node.value)) is not None:
            hint = _shape_hint(listed.strip("[]").split(","))
        reading.note(node, "a shape is a list of sizes without the batch", hint)
        return ()
    unknown = [item for item in node.items if _is_open(item, args)]
    known = [item for item in node.items if item not in unknown]
    if unknown and unknown == [node.items[0]] and all(isinstance(item, Scalar) for item in known) and known:
        rest = ", ".join(item.value for item in known if isinstance(item, Scalar))
        reading.note(node, "the batch is not part of a shape", f"write [{rest}]; --batch says how many items")
        return ()
    for item in unknown:
        hint = "write a number, or an arg that --set can change: 'args: {size: 224}' and 'size' here"
        reading.note(item, "every size must be known", hint)
    values = [reading.value(item, args, COUNT, "size") for item in known]
    return () if unknown else tuple(value for value in values if value is not None)


def _shape_hint(sizes: list[str]) -> str:
    """The hint to write sizes as a list."""
    written = f"[{', '.join(size.strip() for size in sizes if size.strip())}]"
    return Hint(f"write {written}", written)


OPEN_SIZES = frozenset(("none", "null", "~", "-1", "?", "*", ":", "...", "dynamic"))
"""Sizes as other tools write those that are not known, most of all the batch."""


def _is_open(node: Node, args: frozenset[str]) -> bool:
    """True if a size is one that other tools leave open: `None`, -1, or a name for the batch that is no arg."""
    if not isinstance(node, Scalar):
        return False
    text = node.value.strip()
    return node.null or text.lower() in OPEN_SIZES or (text.lower() in BATCH_NAMES and text not in args)


def _read_variants(
    reading: Reading, root: Mapping, args: frozenset[str], inputs: Collection[str]
) -> dict[str, Variant]:
    variants: dict[str, Variant] = {}
    node = reading.mapping(root.get("variants"), "variants")
    for name, (key, body_node) in node.entries.items() if node else ():
        if "@" in name or not name.isprintable():
            reading.note(key, f"a variant cannot be called '{name}'", "no '@' in the name")
        body = reading.mapping(body_node, f"variant '{name}'")
        if body is None:
            variants[name] = Variant((), None, None, None, {}, None)
            continue
        for part, (part_key, _) in body.entries.items():
            if part not in VARIANT_KEYS:
                reading.note(part_key, f"a variant has no key '{part}'", key_meant(part, VARIANT_KEYS, body.entries))
        args_node = reading.mapping(body.get("args"), "args")
        for arg, (arg_key, _) in args_node.entries.items() if args_node else ():
            if arg not in args:
                reading.note(
                    arg_key,
                    f"variant '{name}' sets '{arg}', which is not an arg",
                    reading.suggest.did_you_mean(arg, args),
                )
        variants[name] = Variant(
            args=_read_args(reading, args_node, args),
            about=_text(reading, body, "about") or None,
            source=_text(reading, body, "source") or None,
            input=_read_inputs(reading, body.get("input"), args, None) or None,
            expect=_read_expect(reading, body.get("expect")),
            verify=_read_verify(reading, body.get("verify"), args, inputs),
            input_dtypes=_read_input_dtypes(reading, body.get("input")),
        )
    return variants


def read_functional(reading: Reading, meta: Node | None) -> tuple[Reference, ...]:
    """Read from `meta` the layers that the reference code calls as functions; all else under it is free."""
    if not isinstance(meta, Mapping) or "functional" not in meta.entries:
        return ()
    key, node = meta.entries["functional"]
    example = "as in 'functional: [relu, stage1.pool]'"
    if not isinstance(node, Sequence):
        place = key if isinstance(node, Scalar) and node.null else node
        reading.note(place, "'functional' must be a list of ops and layers", example)
        return ()
    found = []
    for item in node.items:
        if isinstance(item, Scalar) and not item.null:
            found.append(Reference(item.value, item))
        else:
            reading.note(item, "'functional' lists names of ops and layers", example)
    return tuple(found)


def _read_output(reading: Reading, node: Node | None, place: Place) -> tuple[tuple[str, Reference], ...] | None:
    if node is None:
        return None
    outputs: list[tuple[str, Reference]] = []
    items: list[tuple[str | None, Node]] = [(None, node)]
    if isinstance(node, Mapping):
        items = [(name, value) for name, (_, value) in node.entries.items()]
    elif isinstance(node, Sequence):
        items = [(None, item) for item in node.items]
    for name, item in items:
        text = reading.text(item, "output", needed=True)
        if not text:
            continue
        if text not in place.seen and not place.dynamic:
            reading.note(
                item,
                f"'output: {text}': there is no such layer",
                reading.suggest.did_you_mean(text, place.seen - {"x"}),
            )
            continue
        outputs.append((name or text, Reference(text, item)))
    if not items:
        reading.note(node, "'output' names no layer", "leave it out: the last layer is the output")
    return tuple(outputs)


def _read_expect(reading: Reading, node: Node | None) -> dict[str, tuple[Any, Node]]:
    expect: dict[str, tuple[Any, Node]] = {}
    body = reading.mapping(node, "expect")
    expect_keys = body.entries if body else ()
    for name, (key, value_node) in body.entries.items() if body else ():
        if name not in EXPECT_KEYS:
            reading.note(key, f"'expect' has no key '{name}'", key_meant(name, EXPECT_KEYS, expect_keys))
            continue
        if name == "output" and isinstance(value_node, Mapping):
            entries = value_node.entries.items()
            shapes = {part: reading.value(shape, NOTHING, SIZES, f"output '{part}'") for part, (_, shape) in entries}
            expect[name] = ({part: shape.evaluate({}) for part, shape in shapes.items() if shape}, value_node)
            continue
        value = reading.value(value_node, NOTHING, SIZES if name == "output" else NUMBER, name)
        if value is None:
            continue
        number = value.evaluate({})
        if name != "output" and number.__class__ is not int:
            reading.note(value_node, f"the expected {name} must be a whole number, not {describe(number)}")
        else:
            expect[name] = (number, value_node)
    return expect


def _read_verify(reading: Reading, node: Node | None, args: frozenset[str], inputs: Collection[str]) -> Verify | None:
    body = reading.mapping(node, "verify")
    if body is None:
        return None
    for name, (key, _) in body.entries.items():
        if name not in ("args", "input", "values"):
            reading.note(
                key, f"'verify' has no key '{name}'", key_meant(name, ("args", "input", "values"), body.entries)
            )
    args_node = reading.mapping(body.get("args"), "args")
    for arg, (key, _) in args_node.entries.items() if args_node else ():
        if arg not in args:
            reading.note(key, f"'verify' sets '{arg}', which is not an arg", reading.suggest.did_you_mean(arg, args))
    input_node = body.get("input")
    shapes = _read_inputs(reading, input_node, args, None) if input_node is not None else None
    for name in _read_input_dtypes(reading, input_node):
        reading.note(body.entries["input"][0], f"'verify' gives the input '{name}' a dtype", "it gives sizes only")
    for name, _ in shapes or ():
        if name not in inputs and input_node is not None:
            reading.note(
                input_node,
                f"'verify' sets the input '{name}', but the spec has no such input",
                reading.suggest.did_you_mean(name, inputs),
            )
    values = reading.mapping(body.get("values"), "values")
    return Verify(_read_args(reading, args_node, args), shapes, plain_node(values))


def plain_node(node: Node | None) -> Any:
    """A node as lists, dicts, numbers and texts, for data that is not spec language."""
    if node is None or (isinstance(node, Scalar) and node.null):
        return None
    if isinstance(node, Sequence):
        return [plain_node(item) for item in node.items]
    if isinstance(node, Mapping):
        return {name: plain_node(value) for name, (_, value) in node.entries.items()}
    assert isinstance(node, Scalar)
    if node.plain:
        if node.value in ("true", "false"):
            return node.value == "true"
        for convert in (int, float):
            try:
                return convert(node.value)
            except ValueError:
                continue
    return node.value


def constant(value: Any, node: Node) -> Value:
    """A known value in the place of an expression."""
    return Value(Constant(value), node)
