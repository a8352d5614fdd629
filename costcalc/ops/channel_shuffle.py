"""The channels of several groups dealt out in turn: first of each group, second of each group, ... Nothing is computed.

y[i * groups + g] = x[g * (c / groups) + i]
"""

from __future__ import annotations

from costcalc.ops.group_norm import infer_groups
from costcalc.ops.kinds import COUNT
from costcalc.ops.op import REQUIRED, Argument, Op

OP = Op(
    name="channel_shuffle",
    about="Deals the channels of several groups out in turn.",
    source="PyTorch, torch.nn.functional.channel_shuffle; Zhang et al. 2017 (ShuffleNet)",
    also={"pytorch": "ChannelShuffle channel_shuffle", "other": "ShuffleChannel shuffle_channels"},
    rule="the shape stays",
    axes="image",
    arguments=(Argument("groups", COUNT, REQUIRED, "groups of channels"),),
    infer=infer_groups,
)
