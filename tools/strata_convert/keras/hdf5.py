"""HDF5 files of strangers: links that lead out of the file, data that lie elsewhere, and sizes that nothing in the file
bears out are refused, as Keras itself does since 2026; nothing is read before its size has been checked."""
import io
import math
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator, List, Union

import numpy as np

from strata_convert.errors import ConvertError, quoted
from strata_convert.model_file import array_of

SMALL = 1 << 24  # bytes; less is read whatever is stored of it
MOST_EXPANSION = 1000


@contextmanager
def opened(source: Union[Path, bytes], name: str) -> Iterator[Any]:
    """An HDF5 file. Throws ConvertError for one that is damaged, also where it is read later on."""
    try:
        import h5py
    except ImportError:
        raise ConvertError("Keras' files need the package h5py: pip install h5py.") from None
    try:
        with h5py.File(io.BytesIO(source) if isinstance(source, bytes) else source, "r") as file:
            yield file
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, OverflowError, MemoryError) as error:
        raise ConvertError(f"{name} is damaged, or no HDF5 file: {str(error)[:200]}.") from None


def child(group: Any, name: str) -> Any:
    """What a group holds under a name; None where it holds nothing. A name may lead through several groups. Refuses
    links, also on the way."""
    import h5py
    parts = [part for part in name.split("/") if part]
    for part in parts:
        if not isinstance(group, h5py.Group) or part not in group.keys():
            return None
        link = group.get(part, getlink=True)
        if not isinstance(link, h5py.HardLink):
            raise ConvertError(f"The HDF5 file has a link at {quoted(f'{group.name}/{part}')}: refused, it may lead "
                               "elsewhere.")
        group = group[part]
    return group if parts else None


def address(group: Any) -> int:
    """Where a group lies in its file: one that several names lead to is one."""
    import h5py
    return int(h5py.h5o.get_info(group.id).addr)


def subgroup(group: Any, path: str) -> Any:
    """A group inside of another one; None where there is none."""
    import h5py
    for part in path.split("/"):
        if part:
            group = child(group, part)
        if not isinstance(group, h5py.Group):
            return None
    return group


def values(group: Any, name: str) -> np.ndarray:
    """The values of a dataset, in float or double. Throws ConvertError for what is no array of numbers in the file."""
    import h5py
    parent, _, last = name.rpartition("/")
    holder = subgroup(group, parent)
    data = None if holder is None else child(holder, last)
    where = quoted(f"{group.name}/{name}")
    if not isinstance(data, h5py.Dataset) or data.shape is None:
        raise ConvertError(f"The HDF5 file has no array at {where}.")
    if data.external or data.is_virtual:
        raise ConvertError(f"The HDF5 file has an array at {where} whose values lie in other files: refused.")
    size = math.prod(data.shape) * data.dtype.itemsize
    if size > SMALL and size > MOST_EXPANSION * data.id.get_storage_size():
        raise ConvertError(f"The HDF5 file has an array at {where} of {size:,} bytes, and stores "
                           f"{data.id.get_storage_size():,}: refused.")
    if text(data.attrs.get("dtype")) == "bfloat16" and data.dtype.itemsize == 2:
        return array_of(name, "BF16", data.shape, np.ascontiguousarray(data[()]).tobytes())
    if data.dtype.kind not in "fiu" or data.dtype.itemsize > 8:
        raise ConvertError(f"The HDF5 file has an array at {where} of the type {quoted(data.dtype)}.")
    stored = np.asarray(data[()])
    return stored.astype(np.float64 if stored.dtype.itemsize == 8 else np.float32)


def text(value: Any) -> str:
    """An attribute as a text."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) if value is not None else ""


def names(group: Any, name: str) -> List[str]:
    """A list of texts in attributes; Keras splits lists of more than 64 KB: name0, name1, …"""
    if name in group.attrs:
        return [text(entry) for entry in np.asarray(group.attrs[name]).reshape(-1)]
    found: List[str] = []
    part = 0
    while f"{name}{part}" in group.attrs:
        found += [text(entry) for entry in np.asarray(group.attrs[f"{name}{part}"]).reshape(-1)]
        part += 1
    return found
