"""Warnings for layers that work on the width of an image where they should work on features."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from costcalc.errors import Location, Problem
from costcalc.graph.model import Block, Edge

LEAST_AXES_OF_SIGNALS = 2
AXES_OF_IMAGES = 3


def width_doubts(root: Block, layout: str) -> Iterator[Problem]:
    """A warning for every layer that works on the width of an image or signal where its last axis should be features.

    What comes out of a convolution, a pool, or another op on images is an image until its axes are moved or merged.
    """
    found: dict[Location, Problem] = {}
    if layout == "channels_first":
        _look_for_images(root, (False,) * len(root.inputs), {}, found)
    yield from found.values()


def _look_for_images(
    block: Block, images: tuple[bool, ...], known: dict[Any, bool], found: dict[Location, Problem]
) -> bool:
    """Add the warnings for a block to `found`; `images` are true of its inputs that are images. True if it gives one.

    A block is looked at once for each such case.
    """
    key = (id(block), images)
    if key not in known:
        known[key] = False  # a network without layers gives none
        made: list[bool] = []
        for edge in block.edges:
            taken = tuple([
                reference is not None and (made[reference] if reference >= 0 else images[-1 - reference])
                for reference in edge.inputs
            ])  # fmt: skip
            result = _gives_image(edge, taken, known, found)
            if edge.count > 1 and taken[:1] != (result,):
                result = _gives_image(edge, (result, *taken[1:]), known, found)  # the instances after the first
            made.append(result)
        known[key] = made[block.result] if block.result >= 0 else images[-1 - block.result]
    return known[key]


def _gives_image(edge: Edge, images: tuple[bool, ...], known: dict[Any, bool], found: dict[Location, Problem]) -> bool:
    child = edge.child
    if isinstance(child, Block):
        return _look_for_images(child, images, known, found)
    op, output = child.op, child.output
    if op.on_image and images[0]:
        what = "an image" if len(child.inputs[0]) >= AXES_OF_IMAGES else "a signal"
        message = f"{op.name} works on the last axis of {list(child.inputs[0])}, the width of {what}"
        found[edge.location] = Problem(message, edge.location, op.on_image, (), "warning")
    if op.axes == "image":
        return len(output) >= LEAST_AXES_OF_SIGNALS
    if op.axes != "every" and not op.keeps_axes:
        return False
    shapes = zip(child.inputs, images, strict=True)
    return any(image and len(shape) == len(output) for shape, image in shapes if shape is not None)
