"""Layers in the notation of other tools, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Sequence as SequenceType

from costcalc.errors import Fault, Hint
from costcalc.ops.absent import advice, op_called
from costcalc.spec import arguments
from costcalc.spec.model import LAYER_KEYS
from costcalc.spec.place import Place
from costcalc.spec.reading import Reading
from costcalc.text import edits
from costcalc.text.expressions import parse
from costcalc.text.nodes import Mapping, Node, Scalar, Sequence
from costcalc.text.suggest import same

Sequential = SequenceType[tuple[str, str | None]]
"""Keys of a layer with their texts; None for one that takes several lines."""
LONGEST_CALL = 1_000
"""So many characters of a line are looked at for the arguments of a call."""
TYPE_KEYS = (
    "op", "type", "layer", "class", "module", "kind", "class_name", "_target_", "layer_type", "op_type", "operator",
    "operation", "function", "func", "call",
)  # fmt: skip
"""Keys under which other tools name the op of a layer."""
ARGUMENT_KEYS = (
    "args", "arguments", "kwargs", "config", "params", "parameters", "attrs", "attributes", "options", "attr",
    "hyperparameters", "settings", "convolution_param", "inner_product_param", "pooling_param",
)  # fmt: skip
"""Keys under which other tools keep its arguments."""


def callable_called(reading: Reading, word: str, place: Place) -> str | None:
    """The op, block or parameter that a word names, or that it names in another tool."""
    if word in reading.ops or word in reading.signatures or word in place.parameters:
        return word
    return reading.suggest.same(word, reading.signatures) or op_called(word, reading.ops)


def typed(reading: Reading, node: Mapping, place: Place) -> bool:
    """Note a layer that names its op under a key, `type: conv`; False where it is not written so."""
    known = (reading.ops, reading.signatures, place.parameters, reading.broken, ("layers",))
    if any(name in names for name in node.entries for names in known):
        return False
    key = next((entry for name, entry in node.entries.items() if name in TYPE_KEYS), None)
    if key is None:
        return False
    type_key, value = key
    if not isinstance(value, Scalar) or value.null or not re.fullmatch(r"[\w.]+", value.value):
        return False
    message = f"the op of a layer is a key itself, and does not stand under '{type_key.value}:'"
    target = callable_called(reading, value.value, place)
    if target is None:
        words = advice(value.value)
        hint = words or f"write '- NAME: {{...}}', where NAME is an op or a block; '{value.value}' is neither"
        reading.note(type_key, message, hint)
        return True
    found: list[tuple[Scalar, Node]] = []
    keys: list[tuple[str, str | None]] = []
    for name, (name_node, inner) in node.entries.items():
        if name == type_key.value:
            continue
        if name in ARGUMENT_KEYS and isinstance(inner, Mapping):
            found += inner.entries.values()
        elif name in LAYER_KEYS:
            keys.append((name, edits.text_of(inner)))
        elif target not in place.parameters and same(name, arguments.known_arguments(reading, target)):
            found.append((name_node, inner))
        elif (meant := same(name, LAYER_KEYS)) is not None:
            keys.append((meant, edits.text_of(inner)))
        else:
            found.append((name_node, inner))
    pairs = None if target in place.parameters else arguments.translated(reading, target, found)
    reading.note(type_key, message, written(reading, node, target, pairs, keys))
    return True


def written(
    reading: Reading,
    item: Node,
    target: str,
    pairs: list[tuple[str, str]] | None,
    keys: Sequential = (),
) -> str:
    """The hint to write a layer anew; with its edit where nothing is left open."""
    if pairs is None:
        return f"write '- {target}:' with its arguments under it ('costcalc ops {target}' lists them)"
    lacking = [(name, "...") for name in arguments.missing(reading, target, dict(pairs))]
    beside = f", with {' and '.join(repr(name) for name, _ in keys)} beside it" if keys else ""
    words = f"write '- {edits.call(target, [*pairs, *lacking])}'{beside}"
    if lacking or any(text is None for _, text in keys):
        return words
    return Hint(words, edits=edits.layer(item, target, pairs, [(name, text or "") for name, text in keys]))


def listed(reading: Reading, node: Sequence, place: Place) -> str:
    """The text to write for a layer that is a list: `[conv, 64, 3]`, or several layers."""
    words = [item.value if isinstance(item, Scalar) else None for item in node.items]
    names = [callable_called(reading, word, place) if word else None for word in words]
    text = edits.text_of(node)
    if text and words and all(word is None or name for word, name in zip(words, names, strict=True)):
        change = edits.replace(node, f"layers: {text}") if edits.is_item(node) else ()
        return Hint(f"to group layers write '- layers: {text}'", edits=change)
    first = next((position for position, name in enumerate(names) if name is not None), None)
    if first is None:
        return "to group layers write '- layers: [...]'"
    chosen = names[first] or ""
    pairs = positional(reading, chosen, node.items[1:]) if first == 0 else None
    return written(reading, node, chosen, pairs or [])


def positional(reading: Reading, target: str, values: list[Node]) -> list[tuple[str, str]] | None:
    """Values without names as arguments, in the order of the op; None where they do not fit it."""
    op = reading.ops.get(target)
    names = list(reading.signatures[target].parameters) if target in reading.signatures else []
    if op is not None:
        names = [argument.name for argument in op.required] or ([op.main.name] if op.main else [])
    texts = [edits.text_of(value) for value in values]
    if len(values) > len(names) or any(not text for text in texts):
        return None
    pairs = [(name, text or "") for name, text in zip(names, texts, strict=False)]
    return pairs if all(fits(reading, target, name, text) for name, text in pairs) else None


def fits(reading: Reading, target: str, name: str, text: str) -> bool:
    """False where it is known that an argument cannot have a value."""
    argument = reading.ops[target].argument(name) if target in reading.ops else None
    if argument is None:
        return True
    try:
        tree = parse(text, reading.words)
        if not tree.names:
            argument.kind.check(tree.evaluate({}))
    except Fault:
        return False
    return True


def bare_value(reading: Reading, key: Scalar, value: Node, item: Node, place: Place) -> str:
    """The text to write where an op has a value in place of its arguments: `dropout: 0.5`, `concat: [a, b]`."""
    target = key.value
    op = reading.ops.get(target)
    keys = [
        (name, edits.text_of(node))
        for name, (_, node) in (item.entries.items() if isinstance(item, Mapping) else ())
        if name != target
    ]
    if isinstance(value, Scalar) and re.match(r"\w+:\S", value.value):
        glued = re.findall(r"(\w+):\s*([^\s,]+)", value.value[:LONGEST_CALL])
        pair = f"{{{', '.join(f'{name}: {text}' for name, text in glued)}}}"
        return Hint(f"a space is missing after ':': write '{target}: {pair}'", edits=edits.replace(value, pair))
    if op is not None and op.joins:
        from costcalc.spec.branches import joined

        return joined(reading, target, value, item, keys, place)
    if isinstance(value, Scalar) and value.value.lower() in ("true", "yes", "on") and not is_open(reading, target):
        return written(reading, item, target, [], keys)
    if isinstance(value, Scalar) and value.value.lower() in ("false", "no", "off"):
        words = "write 'when: false' beside it, or remove the layer"
        if is_open(reading, target) or any(text is None for _, text in keys):
            return words
        beside = [("when", "false"), *((name, text or "") for name, text in keys)]
        return Hint(words, edits=edits.layer(item, target, [], beside))
    text = edits.text_of(value)
    pairs: list[tuple[str, str]] | None = None
    main = op.main if op is not None else None
    if main is not None and text and fits(reading, target, main.name, text):
        pairs = [(main.name, text)]
    elif isinstance(value, Sequence):
        pairs = positional(reading, target, value.items)
    elif text:
        pairs = positional(reading, target, [value])
    if pairs is None:
        pairs = []
        if op is not None and op.weights and not op.required:
            hint = written(reading, item, target, [], keys)
            return Hint(f"{hint}: its sizes come from the input", edits=getattr(hint, "edits", ()))
    hint = written(reading, item, target, pairs, keys)
    if pairs and main is not None and main.kind.words and main.name == "axis":
        return Hint(f"{hint}; axes count from 0 without the batch", edits=getattr(hint, "edits", ()))
    return hint


def is_open(reading: Reading, target: str) -> bool:
    """True if a call must give an argument."""
    return bool(arguments.missing(reading, target, ()))


def called(reading: Reading, key: Scalar, item: Node, place: Place) -> bool:
    """Note a call with parentheses or without its colon, `conv(8, 3)`, `linear {out: 10}`; False where it is none."""
    found = re.fullmatch(r"([\w.]+)\s*([({ ])(.*?)[)}]*", key.value, re.DOTALL)
    target = callable_called(reading, found[1], place) if found is not None else None
    if found is None or target is None or target in place.parameters:
        return False
    message = "a call has no parentheses" if found[2] == "(" else f"':' is missing after '{found[1]}'"
    line = key.source.line(key.line + 1)[key.column + len(found[1]) :][:LONGEST_CALL].strip()
    inside = re.sub(r"\s+#.*", "", line).rstrip(":").strip("(){} ")
    pairs = _pairs(reading, target, inside, own=target == found[1])
    whole = item if isinstance(item, Scalar) or len(getattr(item, "entries", ())) == 1 else None
    if pairs is None:
        lacking = ", ".join(f"{name}: ..." for name in arguments.missing(reading, target, ()))
        reading.note(key, message, f"write '- {target}: {{{lacking or '...'}}}'")
        return True
    hint = written(reading, whole or key, target, pairs)
    reading.note(key, message, hint if whole is not None else str(hint))
    return True


def _pairs(reading: Reading, target: str, inside: str, *, own: bool) -> list[tuple[str, str]] | None:
    """The text between the parentheses of a call, as arguments."""
    known = arguments.known_arguments(reading, target)
    parts = [part.strip() for part in re.findall(r"(?:[^,(\[]|\([^)]*\)|\[[^\]]*\])+", inside)]
    names = [argument.name for argument in reading.ops[target].required] if target in reading.ops else known
    if target in reading.ops and not names and (main := reading.ops[target].main) is not None:
        names = [main.name]
    free = [part for part in parts if part and not re.match(r"\w+\s*[=:]", part)]
    if free and (not own or len(free) > len(names)):
        return None
    found = {}
    for name, part in zip(names, free, strict=False):
        found[name] = _as_list(part)
    for part in parts:
        named = re.match(r"(\w+)\s*[=:]\s*(.+)", part)
        if named is None:
            continue
        meant = same(named[1], known)
        if meant is None:
            if arguments.says_nothing(named[1]):
                continue
            return None
        found[meant] = {"True": "true", "False": "false"}.get(named[2], _as_list(named[2]))
    ordered = [(name, found[name]) for name in known if name in found]
    return ordered if all(fits(reading, target, name, text) for name, text in ordered) else None


def _as_list(text: str) -> str:
    """A tuple as a list: `(3, 3)` is `[3, 3]`."""
    found = re.fullmatch(r"\((.+),?\)", text.strip())
    return f"[{found[1].rstrip(', ')}]" if found and "," in text else text.strip()
