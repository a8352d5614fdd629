"""The test cases of ONNX in `onnx_data/`, read with the reader in `protobuf.py`."""

from __future__ import annotations

import tarfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.reference.protobuf import Array, Model, array, model

ARCHIVE = Path(__file__).parent / "onnx_data" / "cases.tar.xz"


@dataclass
class Case:
    """The files of one case: its model, and what goes in and comes out in every data set."""

    model: bytes = b""
    data: dict[str, bytes] = field(default_factory=dict)

    def read(self) -> Model:
        return model(self.model)

    def sets(self) -> list[tuple[list[Array | None], list[Array | None]]]:
        """(inputs, outputs) of every data set; what is not a tensor is None."""
        found = []
        for name in sorted({path.rpartition("/")[0] for path in self.data}):
            inputs = self.numbered(f"{name}/input_")
            outputs = self.numbered(f"{name}/output_")
            found.append(([tensor(value) for value in inputs], [tensor(value) for value in outputs]))
        return found

    def numbered(self, prefix: str) -> list[bytes]:
        paths = [path for path in self.data if path.startswith(prefix)]
        return [self.data[path] for path in sorted(paths, key=lambda path: int(path[len(prefix) : -len(".pb")]))]


def tensor(data: bytes) -> Array | None:
    try:
        return array(data)
    except (LookupError, TypeError, ValueError):
        return None


@cache
def cases() -> dict[str, Case]:
    """`SUITE/CASE` -> case."""
    found: dict[str, Case] = {}
    with tarfile.open(ARCHIVE) as archive:
        for member in archive:
            suite, name, path = member.name.split("/", 2)
            case = found.setdefault(f"{suite}/{name}", Case())
            stream = archive.extractfile(member)
            assert stream is not None
            if path == "model.onnx":
                case.model = stream.read()
            else:
                case.data[path] = stream.read()
    return found
