"""Opens what Keras saves: `.keras` archives, folders of the same files, `.h5`, and weights alone."""
import io
import json
import pickle
import re
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Iterator, Mapping, Optional, Union

import numpy as np

from strata_convert.errors import DAMAGED_ZIP, ConvertError, quoted
from strata_convert.keras import hdf5
from strata_convert.keras.stores import ArrayGroups, Groups, HDF5Groups, Legacy, ShardedGroups

MEMBERS = ("config.json", "metadata.json", "model.weights.h5", "model.weights.npz")
LARGEST_JSON = 1 << 26
SMALL, MOST_EXPANSION = 1 << 26, 100  # Keras writes archives without compression


@dataclass
class Source:
    """A saved model: its configuration, None where there are weights alone; its weights; the version that wrote it."""

    config: Any
    store: Union[Groups, Legacy]
    version: str
    layer_names: Optional[list] = None  # of weights alone, in the old form


def parsed(content: bytes, name: str) -> Any:
    """A JSON text."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise ConvertError(f"{name} is no JSON text.") from None


def version_of(content: Optional[bytes]) -> str:
    """The version of Keras that metadata.json names."""
    metadata = {} if content is None else parsed(content, "metadata.json")
    return str(metadata.get("keras_version", "")) if isinstance(metadata, dict) else ""


def member(archive: zipfile.ZipFile, name: str) -> Optional[bytes]:
    """A file of an archive; None where it has none of this name. Throws ConvertError before anything large is
    unpacked."""
    if name not in archive.namelist():
        return None
    info = archive.getinfo(name)
    if info.file_size > SMALL and info.file_size > MOST_EXPANSION * info.compress_size:
        raise ConvertError(f"The archive has a file {quoted(name)} of {info.file_size:,} bytes, and stores "
                           f"{info.compress_size:,}: refused.")
    if name.endswith(".json") and info.file_size > LARGEST_JSON:
        raise ConvertError(f"The archive has a file {quoted(name)} of {info.file_size:,} bytes: refused.")
    return archive.read(info)


def check_names(archive: zipfile.ZipFile) -> None:
    """Throws ConvertError for names given twice and for names outside of the archive."""
    all_names = archive.namelist()
    for name in all_names:
        if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or ":" in name:
            raise ConvertError(f"The archive has a file {quoted(name)}, which would lie outside of it: refused.")
    if len(set(all_names)) != len(all_names):
        raise ConvertError("The archive has two files of one name: refused.")


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """A saved model. Throws ConvertError."""
    if path.is_dir():
        with from_folder(path) as source:
            yield source
    elif path.name.endswith(".json"):
        yield Source(None, ShardedGroups(small_file(path), path.parent), "")
    elif zipfile.is_zipfile(path):
        with from_archive(path) as source:
            yield source
    else:
        with hdf5.opened(path, path.name) as file:
            yield from_hdf5(file)


@contextmanager
def from_archive(path: Path) -> Iterator[Source]:
    """A `.keras` file."""
    try:
        with zipfile.ZipFile(path) as archive:
            check_names(archive)
            files = {name: member(archive, name) for name in MEMBERS}
    except DAMAGED_ZIP as error:
        raise ConvertError(f"{path.name} is a damaged archive: {error}.") from None
    config = files["config.json"]
    if config is None:
        raise ConvertError(f"{path.name} holds no config.json: it is no model of Keras.")
    weights, arrays = files["model.weights.h5"], files["model.weights.npz"]
    version = version_of(files["metadata.json"])
    if weights is not None:
        with hdf5.opened(weights, "model.weights.h5") as file:
            yield Source(parsed(config, "config.json"), HDF5Groups(file), version)
    elif arrays is not None:
        yield Source(parsed(config, "config.json"), ArrayGroups(read_arrays(arrays)), version)
    else:
        raise ConvertError(f"{path.name} holds no weights.")


def small_file(path: Path) -> bytes:
    """A file of a folder. Throws ConvertError for a link and for a very large one."""
    if path.is_symlink():
        raise ConvertError(f"{path.name} is a link: refused, it may lead elsewhere.")
    try:
        if path.stat().st_size > LARGEST_JSON:
            raise ConvertError(f"{path.name} is too large.")
        return path.read_bytes()
    except OSError as error:
        raise ConvertError(f"{path.name} cannot be read: {error.strerror}.") from None


@contextmanager
def from_folder(path: Path) -> Iterator[Source]:
    """The files of an archive, unpacked; weights may be in shards."""
    config = parsed(small_file(path / "config.json"), "config.json")
    metadata = path / "metadata.json"
    version = version_of(small_file(metadata) if metadata.exists() else None)
    weights, arrays, shards = (path / f"model.weights.{kind}" for kind in ("h5", "npz", "json"))
    if weights.is_symlink() or arrays.is_symlink():
        raise ConvertError("The weights are a link: refused, it may lead elsewhere.")
    if weights.exists():
        with hdf5.opened(weights, weights.name) as file:
            yield Source(config, HDF5Groups(file), version)
    elif arrays.exists():
        yield Source(config, ArrayGroups(read_arrays(arrays.read_bytes())), version)
    elif shards.exists():
        yield Source(config, ShardedGroups(small_file(shards), path), version)
    else:
        raise ConvertError(f"{path} holds no weights: model.weights.h5, .npz or .json expected.")


def from_hdf5(file: Any) -> Source:
    """A `.h5` file: a whole model, or its weights alone in one of two forms."""
    version = hdf5.text(file.attrs.get("keras_version"))
    config = hdf5.text(file.attrs.get("model_config"))
    if config:
        group = hdf5.subgroup(file, "model_weights")
        if group is None:
            raise ConvertError("The file holds no weights.")
        return Source(parsed(config.encode(), "model_config"), Legacy(group), version)
    order = hdf5.names(file, "layer_names")
    if order:
        return Source(None, Legacy(file), version, order)
    return Source(None, HDF5Groups(file), version)


class PickledType:
    """A numpy.dtype of a pickle. NumPy's own trusts the state that a pickle gives it, and crashes."""

    def __init__(self, name: Any, *_: Any) -> None:
        if not isinstance(name, str) or re.fullmatch(r"[fiu][1248]|O8?", name) is None:
            raise ConvertError("The file of weights has other values than numbers.")
        self.name, self.order = name, "="

    def __setstate__(self, state: Any) -> None:
        if state[1] not in ("<", ">", "|", "="):
            raise ValueError("an order of bytes")
        self.order = state[1]

    def read(self, content: Any, shape: Any, order: str) -> np.ndarray:
        """An array of the bytes that are there."""
        if not isinstance(content, (bytes, bytearray)):
            raise ValueError("no bytes")
        kind = np.dtype(self.name).newbyteorder(self.order)
        return np.frombuffer(bytes(content), kind).reshape(shape, order="F" if order == "F" else "C")


class PickledArray:
    """A numpy.ndarray of a pickle: numbers, or the one object that is in it."""

    def __init__(self, value: Any = None) -> None:
        self.value = value

    def __setstate__(self, state: Any) -> None:
        _, shape, kind, is_fortran, content = state
        if not isinstance(kind, PickledType):
            raise ValueError("an array of no type")
        if kind.name.startswith("O"):
            self.value, = content
        else:
            self.value = kind.read(content, shape, "F" if is_fortran else "C")


class Known:
    """A name that a pickle may call; it cannot be given attributes."""

    __slots__ = ("make",)

    def __init__(self, make: Any) -> None:
        self.make = make

    def __call__(self, *arguments: Any) -> Any:
        return self.make(*arguments)

    def __setstate__(self, state: Any) -> None:
        raise ValueError("a state of a function")


class ArraysOnly(pickle.Unpickler):
    """Reads dictionaries of arrays from a pickle, and calls nothing but what makes the classes above."""

    def find_class(self, module: str, name: str) -> Any:
        known = {("numpy", "ndarray"): NDARRAY, ("numpy", "dtype"): Known(PickledType),
                 ("_codecs", "encode"): Known(encoded)}
        if name == "_reconstruct" and module in ("numpy.core.multiarray", "numpy._core.multiarray"):
            return Known(empty_array)
        if name == "_frombuffer" and module in ("numpy.core.numeric", "numpy._core.numeric"):
            return Known(array_of_bytes)
        if (module, name) not in known:
            raise ConvertError(f"The file of weights would call {quoted(module + '.' + name)}: refused.")
        return known[(module, name)]


def encoded(text: Any, encoding: Any) -> bytes:
    """The bytes that old pickles write as a text."""
    if not isinstance(text, str) or encoding != "latin1":
        raise ConvertError("The file of weights is damaged.")
    return text.encode(encoding)


def empty_array(kind: Any, shape: Any, dtype: Any) -> PickledArray:
    """The array that NumPy's pickles begin with; its size comes with its bytes."""
    if kind is not NDARRAY or shape != (0,):
        raise ConvertError("The file of weights is damaged.")
    return PickledArray()


def array_of_bytes(content: Any, kind: Any, shape: Any, order: Any) -> PickledArray:
    """An array of the bytes that are there."""
    if not isinstance(kind, PickledType):
        raise ConvertError("The file of weights is damaged.")
    return PickledArray(kind.read(content, shape, order))


NDARRAY = Known(PickledArray)


def read_arrays(content: bytes) -> Mapping[str, Mapping[str, np.ndarray]]:
    """model.weights.npz: an array of one dictionary for each layer, which NumPy writes as a pickle."""
    found: Dict[str, Mapping[str, np.ndarray]] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                stored = io.BytesIO(member(archive, name) or b"")
                version = np.lib.format.read_magic(stored)
                read = (np.lib.format.read_array_header_1_0 if version == (1, 0)
                        else np.lib.format.read_array_header_2_0)
                shape, _, dtype = read(stored)
                if shape != () or dtype != object:
                    raise ConvertError(f"The file of weights has {quoted(name)}, which is no layer.")
                layer = getattr(ArraysOnly(stored).load(), "value", None)
                arrays = {str(key): getattr(a, "value", None) for key, a in layer.items()} if isinstance(
                    layer, dict) else {"": None}
                if not all(isinstance(a, np.ndarray) for a in arrays.values()):
                    raise ConvertError(f"The file of weights has {quoted(name)}, which is no layer.")
                found[name[:-4] if name.endswith(".npy") else name] = arrays
    except ConvertError:
        raise
    except Exception as error:  # whatever a damaged pickle makes of itself
        raise ConvertError(f"model.weights.npz is damaged: {str(error)[:200]}.") from None
    return found
