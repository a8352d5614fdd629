"""A window cut out of the spatial axes, of a given size or of the size of a second input.

Nothing is computed or copied: the whole input stays in memory as long as the window is used.
"""

from __future__ import annotations

from costcalc.errors import Fault
from costcalc.ops.kinds import COUNTS, NATURALS
from costcalc.ops.op import SPATIAL, Argument, Op, Setting, Shape
from costcalc.ops.strided import Cut


def infer(setting: Setting) -> Shape:
    setting.need_image("crop")
    sizes = _sizes(setting)
    offsets = setting.per_axis("offset")
    for name, whole, size, offset in zip(SPATIAL[len(sizes)], setting.sizes, sizes, offsets, strict=True):
        start = offset or 0  # the middle fits where the beginning does
        if start + size > whole:
            raise Fault(f"the crop does not fit: {name} {start} + {size} = {start + size} is beyond {whole}")
    return setting.image(setting.channels, sizes)


def _sizes(setting: Setting) -> Shape:
    """The sizes of the window, from the argument or from the second input."""
    like: Shape | None = setting.inputs[1]
    if like is None and setting["size"] is None:
        raise Fault("crop needs a size, or a second input 'like' that has it")
    if like is None:
        return setting.per_axis("size")
    if setting["size"] is not None:
        raise Fault("crop takes a size or a second input 'like', not both")
    if len(like) != len(setting.x):
        raise Fault(f"crop cannot cut {list(setting.x)} to the size of {list(like)}: another number of axes")
    return setting.sizes_of(like)


def changes(setting: Setting) -> tuple[Cut, ...]:
    axes = [axis for axis in range(len(setting.x)) if axis != setting.channel_axis]
    windows = zip(axes, setting.sizes, _sizes(setting), setting.per_axis("offset"), strict=True)
    return tuple(
        Cut(axis, (whole - size) // 2 if offset is None else offset, 1, size) for axis, whole, size, offset in windows
    )


OP = Op(
    name="crop",
    about="A window cut out of the image; in the middle unless an offset says where.",
    source="Caffe, Crop layer; torchvision, center_crop (rounded down)",
    also={"pytorch": "CenterCrop center_crop", "keras": "Cropping1D Cropping2D Cropping3D CenterCrop"},
    rule="channels stay; size' = size, or that of `like`, on every spatial axis",
    keeps_axes=True,
    arguments=(
        Argument("size", COUNTS, None, "size of the window; that of `like` when not given"),
        Argument("offset", NATURALS, None, "elements before the window; (input - size) // 2 when not given"),
    ),
    inputs=("x", "like?"),
    sides=("size", "offset"),
    infer=infer,
    view=True,
    changes=changes,
)
