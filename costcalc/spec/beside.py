"""Keys that stand beside an op and are no keys of a layer."""

from __future__ import annotations

from costcalc.errors import Edit, Hint
from costcalc.spec import arguments
from costcalc.spec.model import LAYER_KEYS
from costcalc.spec.reading import Reading
from costcalc.text import edits
from costcalc.text.nodes import Mapping, Node, Scalar
from costcalc.text.suggest import bare, key_meant, same


def unknown_key(reading: Reading, item: Mapping, owner: str, call: Node, key: Scalar, value: Node) -> None:
    """Note a key beside the op of a layer that is none of a layer's keys."""
    name = key.value
    known = arguments.known_arguments(reading, owner) if owner in reading.callable_names() else []
    meant = name if name in known else None if same(name, LAYER_KEYS) else same(name, known)
    if meant is not None:
        words = f"indent it under '{owner}:'" if meant == name else f"write it as '{meant}', indented under '{owner}:'"
        message = f"'{name}' is an argument of {owner}"
        reading.note(key, message, Hint(words, edits=_under(item, owner, call, known)))
        return
    message = f"a layer has no key '{name}'"
    if same(name, LAYER_KEYS) is None and owner in reading.ops:
        wanted = bare(name)
        removed = edits.without(item, name)
        if wanted in arguments.FOLLOWING:
            hint = arguments.follower_beside(reading, owner, call, key, value, item)
            if hint:
                reading.note(key, message, hint)
                return
        if arguments.useless(wanted):
            reading.note(key, message, Hint(arguments.useless(wanted), edits=removed))
            return
    reading.note(key, message, key_meant(name, LAYER_KEYS, item.entries) or "one op or block a layer")


def begin_layer(item: Mapping, key: Scalar) -> str:
    """The hint to make a layer of its own of a further op."""
    words = "begin a layer with '- '"
    if not edits.is_item(item) or key.line == item.line:
        return words
    dash = item.source.line(item.line + 1)[: item.column].rindex("-")
    blanks = " " * (key.column - dash - 1)
    return Hint(
        words, edits=(Edit(key.source, (key.line + 1, 1), (key.line + 1, key.column + 1), f"{' ' * dash}-{blanks}"),)
    )


def _under(item: Mapping, owner: str, call: Node, known: list[str]) -> tuple[Edit, ...]:
    """A layer with all the arguments that stand beside its op moved under it."""
    inside = call.entries if isinstance(call, Mapping) else {}
    pairs = {name: edits.text_of(value) for name, (_, value) in inside.items()}
    keys = {}
    for name, (_, value) in item.entries.items():
        text = edits.text_of(value)
        if text is None:
            return ()
        if name == owner:
            continue
        layer_key = name if name in LAYER_KEYS else same(name, LAYER_KEYS)
        argument = None if layer_key else same(name, known)
        if argument is not None and argument not in pairs:
            pairs[argument] = text
        else:
            keys[name] = text
    if any(text is None for text in pairs.values()) or not (isinstance(call, Mapping) or edits.text_of(call) == ""):
        return ()
    return edits.layer(item, owner, [(n, t or "") for n, t in pairs.items()], list(keys.items()))
