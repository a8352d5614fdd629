"""Rebuilds `cases.tar.xz` from the wheel of onnx 1.22.0, the last one that ships its node tests as files.

    pip download --no-deps --only-binary=:all: onnx==1.22.0
    python tests/reference/onnx_data/rebuild.py onnx-1.22.0-*.whl

The files are copied byte for byte. Taken are the node tests of every operator that an op of the catalogue may stand
for, and the set that was converted from PyTorch; not the `_expanded` twins (the same numbers, with the operator written
out in others), and nothing in `TOO_LARGE`. The archive comes out the same every time.
"""

from __future__ import annotations

import io
import lzma
import sys
import tarfile
import zipfile
from pathlib import Path

from tests.reference.protobuf import model

DATA = "onnx/backend/test/data/"
HERE = Path(__file__).parent
TOO_LARGE = {"pytorch-converted/test_MaxPool2d_stride_padding_dilation": "4 MB of random numbers"}
OPERATORS = """
    Add Attention AveragePool BatchNormalization CenterCropPad Clip Concat Conv ConvTranspose DepthToSpace
    Dropout Elu Exp Flatten GRU Gather Gelu Gemm GlobalAveragePool GlobalMaxPool GroupNormalization HardSigmoid
    HardSwish Identity InstanceNormalization LRN LSTM LayerNormalization LeakyRelu LpNormalization MatMul
    MaxPool Mul Neg PRelu Pad RMSNormalization ReduceMean Relu Reshape Resize RotaryEmbedding Sigmoid Slice Softmax
    Softplus Sub Sum Swish Tanh Transpose Upsample
"""


def wanted(wheel: zipfile.ZipFile) -> list[str]:
    """`SUITE/CASE` for every case that is taken, sorted."""
    found = set()
    for name in wheel.namelist():
        if not name.startswith(DATA) or not name.endswith("/model.onnx"):
            continue
        suite, case = name.removeprefix(DATA).split("/")[:2]
        address = f"{suite}/{case}"
        if address in TOO_LARGE or "_expanded" in case:
            continue
        if suite == "pytorch-converted" or (
            suite == "node" and {node.op for node in model(wheel.read(name)).nodes} & set(OPERATORS.split())
        ):
            found.add(address)
    return sorted(found)


def main(path: str) -> None:
    """Write the archive and the licence beside this script."""
    with zipfile.ZipFile(path) as wheel:
        members = {name for name in wheel.namelist() if name.startswith(DATA) and not name.endswith("/")}
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            for address in wanted(wheel):
                for name in sorted(member for member in members if member.startswith(f"{DATA}{address}/")):
                    data = wheel.read(name)
                    entry = tarfile.TarInfo(name.removeprefix(DATA))
                    entry.size = len(data)
                    archive.addfile(entry, io.BytesIO(data))
        (HERE / "cases.tar.xz").write_bytes(lzma.compress(packed.getvalue(), preset=9 | lzma.PRESET_EXTREME))
        for name in ("LICENSE", "NOTICE"):
            (HERE / name).write_bytes(wheel.read(f"onnx-1.22.0.dist-info/licenses/{name}"))


if __name__ == "__main__":
    main(sys.argv[1])
