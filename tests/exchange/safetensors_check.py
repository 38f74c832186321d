"""strata and the official safetensors package read each other's files: all types, scalars, tensors without elements, names
of any UTF-8. `safetensors_check.py PROGRAM FOLDER`, where PROGRAM is the compiled safetensors_copy.cpp."""
import json
import struct
import subprocess
import sys
from pathlib import Path

import ml_dtypes
import numpy as np
from safetensors import deserialize
from safetensors.numpy import save

TYPES = {"BOOL": np.bool_, "U8": np.uint8, "I8": np.int8, "U16": np.uint16, "I16": np.int16, "U32": np.uint32,
         "I32": np.int32, "U64": np.uint64, "I64": np.int64, "F16": np.float16, "BF16": ml_dtypes.bfloat16,
         "F32": np.float32, "F64": np.float64, "F8_E4M3": ml_dtypes.float8_e4m3fn, "F8_E5M2": ml_dtypes.float8_e5m2,
         "F8_E8M0": ml_dtypes.float8_e8m0fnu, "C64": np.complex64}
UNREAD = ("F8_E4M3", "F8_E5M2", "F8_E8M0", "C64")  # strata copies them, but makes no numbers of them
SHAPES = [(), (0,), (3, 0, 2), (1,), (5,), (2, 3), (1, 2, 1, 3)]
NAMES = ["plain", "with space", "quote\"d", "back\\slash", "tab\there", "line\nbreak", "nul\x00", "\x7f", "d\u00e9j\u00e0",
         "\u5c64", "\U0001f9f1", "a/b.c", "\u2028", "e\u0301", " ", ""]


def values_of(dtype: np.dtype, shape: tuple) -> np.ndarray:
    """Values of the type, among them its largest and its smallest."""
    if dtype.kind in "iu":
        return np.resize(np.array([np.iinfo(dtype).max, np.iinfo(dtype).min, 1, 0, 7], dtype), shape)
    if dtype.kind in "bc" or dtype == ml_dtypes.float8_e8m0fnu:
        values = [1, 0.5, 0.25, 2, 4]
    else:
        values = [float(ml_dtypes.finfo(dtype).max), -1.5, float(ml_dtypes.finfo(dtype).smallest_subnormal), -0.0, 3.25]
    return np.resize(np.array(values).astype(dtype), shape)


def main(program: str, folder: Path) -> None:
    tensors = {f"{kind} {shape}": values_of(np.dtype(dtype), shape) for kind, dtype in TYPES.items() for shape in SHAPES}
    tensors.update({name: np.array([i], np.float32) for i, name in enumerate(NAMES)})
    metadata = {name: name for name in NAMES}
    original, copy = folder / "original.safetensors", folder / "copy.safetensors"
    original.write_bytes(save(tensors, metadata))
    said = subprocess.run([program, str(original), str(copy)], check=True, capture_output=True).stdout.decode()

    found = dict(deserialize(copy.read_bytes()))
    assert set(found) == set(tensors), set(found) ^ set(tensors)
    for name, values in tensors.items():
        assert found[name]["shape"] == list(values.shape), name
        assert bytes(found[name]["data"]) == values.tobytes(), name
        if name not in NAMES:
            assert found[name]["dtype"] == name.split()[0], (name, found[name]["dtype"])
    header = copy.read_bytes()
    header = json.loads(header[8:8 + struct.unpack("<Q", header[:8])[0]])
    assert header["__metadata__"] == metadata, header["__metadata__"]

    for name, values in tensors.items():
        if name in NAMES or name.split()[0] in UNREAD:
            continue
        line = name + "".join(f" {extent}" for extent in values.shape) + ":"
        numbers = next(row for row in said.split("\n") if row.startswith(line))[len(line):]
        assert [float(number) for number in numbers.split()] == [float(value) for value in values.flatten()], name
    print(f"{len(tensors)} tensors of {len(TYPES)} types: the same there and back")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
