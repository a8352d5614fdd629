"""The elements shifted along one or several axes; what leaves at one end comes back at the other.

Nothing is computed.
"""

from __future__ import annotations

from costcalc.errors import Fault
from costcalc.ops.kinds import WHOLES
from costcalc.ops.mean import ONE_OR_MORE_AXES, axes
from costcalc.ops.op import REQUIRED, Argument, Op, Setting, Shape
from costcalc.text.values import plain


def infer(setting: Setting) -> Shape:
    shift = setting["shift"]
    count = len(shift) if shift.__class__ is tuple else 1
    if count not in (1, len(axes(setting))):
        raise Fault(f"the shift {plain(shift)} must be one number, or one for each axis of {plain(setting['axis'])}")
    return setting.x


OP = Op(
    name="roll",
    about="Shifts the elements along an axis; what leaves at one end comes back at the other.",
    source="PyTorch, torch.roll",
    also={"pytorch": "roll"},
    rule="the shape stays",
    keeps_axes=True,
    arguments=(
        Argument(
            "shift", WHOLES, REQUIRED, "places to move: forwards, or back if negative; one for all axes or one each"
        ),
        Argument("axis", ONE_OR_MORE_AXES, REQUIRED, "axis, or axes, to move along"),
    ),
    infer=infer,
)
