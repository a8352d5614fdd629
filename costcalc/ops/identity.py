"""Layers that hand their input on: identity, and dropout, which does nothing at inference."""

from __future__ import annotations

from costcalc.ops.kinds import SHARE
from costcalc.ops.op import Argument, Op

IDENTITY = Op(
    name="identity",
    about="Hands its input on.",
    source="PyTorch, torch.nn.Identity",
    also={"pytorch": "Identity", "onnx": "Identity", "keras": "Identity", "other": "noop passthrough"},
    rule="the shape stays",
    axes="every",
    view=True,
)

DROPOUT = Op(
    name="dropout",
    about="Hands its input on; drops elements in training only.",
    source="PyTorch, torch.nn.functional.dropout with training=False; Srivastava et al. 2014",
    also={
        "pytorch": "Dropout Dropout1d Dropout2d Dropout3d dropout AlphaDropout FeatureAlphaDropout",
        "onnx": "Dropout",
        "keras": "Dropout SpatialDropout1D SpatialDropout2D SpatialDropout3D AlphaDropout GaussianDropout",
        "other": "drop_path DropBlock stochastic_depth feature_dropout",
    },
    rule="the shape stays",
    axes="every",
    arguments=(Argument("p", SHARE, "0.5", "share of elements dropped in training"),),
    view=True,
)
