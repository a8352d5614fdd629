"""The key of a block: `decoder(out, act=relu) from x, skip`."""

from __future__ import annotations

import re
from collections.abc import MutableMapping, Set

from costcalc.errors import Fault, Hint
from costcalc.spec.model import Value
from costcalc.spec.reading import Reading, Signature
from costcalc.spec.visible import Visible
from costcalc.text.expressions import parse
from costcalc.text.nodes import Key, Scalar

# nothing is tried twice, however long the key: `++` and `(?>...)` give back no character that they took
_KEY = re.compile(
    r"\s*+(?P<name>\w++)\s*+(?>\((?P<parameters>.*)\))?+\s*+(?:from\s++(?P<inputs>[\w,][\w\s,]*+))?+$", re.DOTALL
)


class Head:
    """A signature as written: name, parameters with the text and offset of their defaults, inputs."""

    __slots__ = ("inputs", "name", "node", "parameters")

    def __init__(
        self, name: str, node: Scalar, parameters: list[tuple[str, int, str | None, int]], inputs: list[str]
    ) -> None:
        self.name = name
        self.node = node
        self.parameters = parameters  # name, its offset in the key, default, its offset
        self.inputs = tuple(inputs)

    def signature(self) -> Signature:
        """The facts that callers need."""
        return Signature({name: default is None for name, _, default, _ in self.parameters}, self.inputs)


def read_head(reading: Reading, node: Scalar) -> Head | None:
    """The signature in a key, or None and a problem."""
    node = Key(node)
    match = _KEY.match(node.value)
    if match is None:
        reading.broken.update(re.findall(r"^\s*(\w+)", node.value))
        reading.note(node, "a block is written name(parameter, parameter=default):", _advice(node.value))
        return None
    parameters: list[tuple[str, int, str | None, int]] = []
    text, start = match.group("parameters") or "", max(match.start("parameters"), 0)
    for part, offset in _split(text):
        name, equals, default = part.partition("=")
        place = start + offset + len(name) - len(name.lstrip())
        if not name.strip():
            if text.strip():
                message = f"a parameter of block '{match.group('name')}' has no name"
                reading.note(node, message, "remove the comma", node.part(place, place + 1))
            continue
        lead = len(name) + 1 + len(default) - len(default.lstrip())
        parameters.append((name.strip(), place, default.strip() if equals else None, start + offset + lead))
    inputs = [part.strip() for part in (match.group("inputs") or "x").split(",")]
    if inputs[0] != "x":
        reading.broken.add(match.group("name"))
        written = f"x, {', '.join(name for name in inputs if name != 'x')}"
        location = node.part(match.start("inputs"), match.end("inputs"))
        message = f"the first input of block '{match.group('name')}' must be x"
        reading.note(node, message, Hint(f"write '{written}'", written), location)
        return None
    return Head(match.group("name"), node, parameters, inputs)


def _advice(text: str) -> str:
    """The hint for a key that is no signature."""
    if text.count("(") != text.count(")"):
        return f"'{')' if text.count('(') > text.count(')') else '('}' is missing"
    after = re.match(r"\s*\w+\s*\(.*\)\s*(\S.*)", text, re.DOTALL)
    if after is not None:
        return f"'{after.group(1).strip()}' is no part of it; further inputs are written 'from x, skip'"
    words = re.fullmatch(r"\s*(\w+)\s+(\w[\w\s,]*)", text)
    if words:
        written = f"{words.group(1)}({words.group(2).strip()})"
        return Hint(f"write '{written}'", written)
    return "letters, digits and _ in a name"


def read_defaults(
    reading: Reading, head: Head, taken: MutableMapping[str, str], visible: set[str], args: Set[str]
) -> tuple[tuple[str, Value | None], ...]:
    """The parameters with parsed defaults; `visible` gets the names that the body sees beside the args.

    A default sees earlier parameters, the inputs and the args.
    """
    known = Visible(visible, args)
    sought = head.node.value.rfind("from")
    for name in head.inputs[1:]:
        sought = head.node.value.find(name, sought + 4 if sought < 0 else sought)
        if reading.claim(name, head.node, "an input", taken, head.node.part(sought, sought + len(name))):
            visible.add(name)
        sought += len(name)
    visible.add("x")
    parameters: list[tuple[str, Value | None]] = []
    for name, place, default, offset in head.parameters:
        reading.claim(name, head.node, "a parameter", taken, head.node.part(place, place + len(name)))
        value = None
        if default is not None:
            try:
                value = Value(parse(default, reading.words), head.node, offset)
            except Fault as fault:
                value = Value(parse("0"), head.node, offset)
                reading.note_fault(value, fault, f"default of '{name}': ")
            else:
                reading.mention(value.tree)
                reading.names_known(value, known)
        parameters.append((name, value))
        visible.add(name)
    return tuple(parameters)


def _split(text: str) -> list[tuple[str, int]]:
    """The parts between commas outside brackets, with their offsets."""
    parts: list[tuple[str, int]] = []
    depth = start = 0
    for position, character in enumerate(text):
        if character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        elif character == "," and depth == 0:
            parts.append((text[start:position], start))
            start = position + 1
    parts.append((text[start:], start))
    return parts
