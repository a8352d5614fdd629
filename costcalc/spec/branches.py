"""Branches in the notation of other tools: names of layers, or lists without names."""

from __future__ import annotations

from costcalc.errors import Edit, Hint
from costcalc.ops.op import Op
from costcalc.spec import notation
from costcalc.spec.place import Place
from costcalc.spec.reading import Reading
from costcalc.text import edits
from costcalc.text.nodes import Mapping, Node, Scalar, Sequence
from costcalc.text.suggest import nearest, question


def layer_named(place: Place, name: str) -> bool:
    """True if a layer of that name stands before, here or further out."""
    scope: Place | None = place
    while scope is not None:
        if name in scope.seen and name not in scope.unread:
            return True
        scope = scope.parent
    return False


def joined(reading: Reading, target: str, value: Node, item: Node, keys: notation.Sequential, place: Place) -> str:
    """The text to write for a join with a list, or a name, in place of its branches."""
    items = value.items if isinstance(value, Sequence) else [value]
    names = [one.value if isinstance(one, Scalar) else "" for one in items]
    inputs = [name.rstrip("?") for name in reading.ops[target].inputs]
    text = edits.text_of(value)
    named = [name for name in names if name and layer_named(place, name)]
    if named and len(named) == len(names) and not any(name == "from" for name, _ in keys):
        origin = f"[{', '.join(names)}]" if len(names) > 1 else names[0]
        words = f"to join earlier layers write 'from: {origin}' beside '{target}:'"
        if len(names) < 2:
            return f"to join it with another write 'from: [{origin}, NAME]' beside '{target}:'"
        if any(text is None for _, text in keys):
            return words
        return Hint(words, edits=edits.layer(item, target, [], [("from", origin), *((n, t or "") for n, t in keys)]))
    main = reading.ops[target].main
    if isinstance(value, Scalar) and main is not None and text and notation.fits(reading, target, main.name, text):
        return f"write it with its branches, as in '{target}: {{{main.name}: {text}, body: [...], shortcut: []}}'"
    lists = [edits.text_of(one) for one in items if isinstance(one, Sequence)]
    numbered = ("one", "two", "three", "four", *(f"branch_{number}" for number in range(1, len(items) + 1)))
    free = [name for name in numbered if name not in place.namer.taken]
    branches = inputs if inputs != ["*"] else free
    if len(lists) == len(items) and all(lists) and len(lists) <= len(branches):
        pairs = [(name, text or "") for name, text in zip(branches, lists, strict=False)]
        return notation.written(reading, item, target, pairs, keys)
    taken = {"body", "shortcut"} & place.namer.taken and not any(name == "name" for name, _ in keys)
    if inputs == ["*"] and text and isinstance(value, Sequence) and not taken:
        return notation.written(reading, item, target, [("body", text), ("shortcut", "[]")], keys)
    first = "body" if inputs == ["*"] else inputs[0]
    second = "shortcut" if inputs == ["*"] else inputs[1]
    return f"name the branches, as in '{target}: {{{first}: [...], {second}: []}}'"


def branch_value(reading: Reading, target: str, key: Scalar, value: Scalar, place: Place) -> str:
    """The text to write for a branch that is a single word: the name of a layer, or an op."""
    name, text = key.value, value.value
    if not value.null and layer_named(place, text):
        return Hint(
            f"'{text}' is a layer: write '{name}: {{from: {text}}}'", edits=edits.replace(value, f"{{from: {text}}}")
        )
    if value.null:
        return Hint(f"write '{name}: []'", edits=_after_colon(key, value, "[]"))
    meant = notation.callable_called(reading, text, place)
    if meant is not None and not notation.is_open(reading, meant):
        return Hint(f"write '{name}: [{meant}]'", edits=edits.replace(value, f"[{meant}]"))
    return (
        f"a branch is a list of layers, as in '{name}: [relu]', or a layer that stands before, '{name}: {{from: NAME}}'"
    )


def _after_colon(key: Scalar, value: Scalar, text: str) -> tuple[Edit, ...]:
    line = key.source.line(key.end_line + 1)
    colon = line.find(":", key.end_column)
    if colon < 0:
        return ()
    place = (key.end_line + 1, colon + 2)
    end = (value.end_line + 1, value.end_column + 1) if value.value else place
    return (Edit(key.source, place, end, f" {text}"),)


def branch_of_layers(reading: Reading, key: Scalar, node: Sequence, place: Place) -> bool:
    """Note a branch that begins with the name of an earlier layer, `body: [up2]`; False where none does."""
    first = node.items[0] if node.items else None
    if (
        not isinstance(first, Scalar)
        or first.null
        or notation.callable_called(reading, first.value, place) == first.value
    ):
        return False
    if not layer_named(place, first.value):
        return False
    message = f"'{first.value}' is a layer, not an op or a block"
    if any(isinstance(item, Scalar) and layer_named(place, item.value) for item in node.items[1:]):
        named = ", ".join(item.value for item in node.items if isinstance(item, Scalar))
        reading.note(
            first, message, f"'from: [{named}]' beside the op joins earlier layers; a branch is layers of its own"
        )
        return True
    rest = [edits.text_of(item) for item in node.items[1:]]
    origin = f"{{from: {first.value}}}"
    if rest and all(rest):
        origin = f"{{from: {first.value}, layers: [{', '.join(text or '' for text in rest)}]}}"
    words = f"write '{key.value}: {origin}'"
    whole = edits.replace(node, origin) if edits.is_flow(node) and (all(rest) or not rest) else ()
    reading.note(first, message, Hint(words, edits=whole))
    return True


def unknown_input(op: Op, key: Scalar, within: Node | None) -> str:
    """The advice for a branch of a join that has no such input."""
    inputs = [name.rstrip("?") for name in op.inputs]
    near = nearest(key.value, [*(argument.name for argument in op.arguments), *inputs])
    if near is not None:
        return question(near)
    removed = edits.without(within, key.value) if isinstance(within, Mapping) else ()
    return Hint(f"remove it: its inputs are {', '.join(inputs)}", edits=removed)
