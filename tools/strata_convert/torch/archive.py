"""The zip files that PyTorch writes: a folder of parts that are stored as they are, not packed."""
import zipfile
from pathlib import Path
from typing import BinaryIO, Dict, Tuple, Union

import numpy as np

from strata_convert.errors import DAMAGED_ZIP, ConvertError, quoted

# The types of numbers as NumPy has them; those of bfloat16 are read as 16 bits.
NUMBERS = {"float64": "f8", "float32": "f4", "float16": "f2", "bfloat16": "u2", "int64": "i8", "int32": "i4",
           "int16": "i2", "int8": "i1", "uint8": "u1", "bool": "u1"}


def is_zip(path: Path) -> bool:
    """Whether a file begins as a zip file does."""
    with path.open("rb") as file:
        return file.read(4) == b"PK\3\4"


class Archive:
    """The parts of a zip file by their names, without the folder that all of them lie in. Throws ConvertError for one
    that PyTorch does not write: parts that lie over each other, and for packed ones, which may be huge, if read."""

    def __init__(self, source: Union[Path, BinaryIO], name: str) -> None:
        self.name = name
        try:
            self.zip = zipfile.ZipFile(source)
            infos = self.zip.infolist()
            self.zip.fp.seek(0, 2)  # type: ignore[union-attr]
            size = self.zip.fp.tell()  # type: ignore[union-attr]
        except DAMAGED_ZIP as error:
            raise ConvertError(f"{name} is no zip file: {error}.") from None
        if sum(info.compress_size for info in infos) > size:
            raise ConvertError(f"{name} has parts that lie over each other.")
        self.parts: Dict[str, zipfile.ZipInfo] = {info.filename.partition("/")[2]: info for info in infos}
        if len(self.parts) != len(infos):
            raise ConvertError(f"{name} has two parts of one name.")

    def __contains__(self, part: str) -> bool:
        return part in self.parts

    def bytes_of(self, part: str) -> bytes:
        """A part."""
        if part not in self.parts:
            raise ConvertError(f"{self.name} has no part {quoted(part)}.")
        info = self.parts[part]
        if info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size:
            raise ConvertError(f"{self.name}: its part {quoted(part)} is packed; PyTorch packs no tensors.")
        try:
            return self.zip.read(info)
        except DAMAGED_ZIP as error:
            raise ConvertError(f"{self.name}: its part {quoted(part)} is damaged: {error}.") from None

    def numbers(self, part: str, dtype: str) -> np.ndarray:
        """A part that is numbers, in the order of bytes that the archive names."""
        order = self.bytes_of("byteorder") if "byteorder" in self else b"little"
        if order not in (b"little", b"big"):
            raise ConvertError(f"{self.name} has the order of bytes {quoted(order)}.")
        data = self.bytes_of(part)
        kind = np.dtype(NUMBERS[dtype]).newbyteorder("<" if order == b"little" else ">")
        if len(data) % kind.itemsize:
            raise ConvertError(f"{self.name}: its part {quoted(part)} does not hold whole numbers of {dtype}.")
        values = np.frombuffer(data, kind)
        if dtype == "bfloat16":
            return (values.astype(np.uint32) << 16).view(np.float32)
        return values.astype(np.float32) if dtype == "float16" else values.astype(kind.newbyteorder("="))


def laid_out(values: np.ndarray, offset: int, shape: Tuple[int, ...], strides: Tuple[int, ...],
             name: str) -> np.ndarray:
    """A tensor in a row of numbers, by its strides. Throws ConvertError for one that does not lie in it."""
    whole = all(type(n) is int and n >= 0 for n in (offset, *shape, *strides)) and len(shape) == len(strides)
    size = int(np.prod(shape, dtype=object)) if whole else -1
    last = offset + sum((n - 1) * stride for n, stride in zip(shape, strides)) if size > 0 else 0
    if not whole or len(shape) > 16 or size > len(values) or last >= max(len(values), 1):
        raise ConvertError(f"The tensor {quoted(name)} does not lie in its numbers.")
    if size == 0:
        return np.zeros(shape, values.dtype)
    steps = tuple(stride * values.itemsize for stride in strides)
    return np.lib.stride_tricks.as_strided(values[offset:], shape, steps).copy()
