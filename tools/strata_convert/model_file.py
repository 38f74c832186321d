"""Reads and writes model.safetensors as strata does (include/strata/io): names, types, metadata, the self-test."""
import errno
import json
import os
import struct
import tempfile
from pathlib import Path
from typing import Dict, List, Mapping, Tuple

import numpy as np
import safetensors

from strata_convert import __version__
from strata_convert.errors import ConvertError, quoted
from strata_convert.graph import Graph
from strata_convert.layers import class_name
from strata_convert.model import Model
from strata_convert.network import parse
from strata_convert.random_stream import self_test_sample
from strata_convert.reference import evaluate
from strata_convert.reference.cost import is_too_much

SELF_TEST = ("self_test/inputs", "self_test/outputs")
MODEL_VERSION = "1"
LONGEST_HEADER = 100_000_000


def json_text(text: str) -> str:
    """A JSON string as strata writes it: escapes but for what must be escaped are left out."""
    escaped = "".join(f"\\u{ord(c):04x}" if c < " " else "\\" + c if c in '"\\' else c for c in text)
    return f'"{escaped}"'


def write_together(files: Mapping[Path, bytes]) -> None:
    """Writes files so that older ones of these names stay whole if anything fails, all of them. Throws ConvertError."""
    temporary: Dict[Path, str] = {}
    path = Path()
    try:
        for path, content in files.items():
            if path.is_dir():
                raise IsADirectoryError(errno.EISDIR, "it is a folder")
            descriptor, temporary[path] = tempfile.mkstemp(dir=path.parent, prefix=path.name + ".")
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary[path], 0o644)
        for path in files:
            os.replace(temporary[path], path)
            del temporary[path]
    except OSError as error:
        raise ConvertError(f"{path} cannot be written: {error.strerror or error}.") from None
    finally:
        for name in temporary.values():
            os.unlink(name)


def write_atomically(path: Path, content: bytes) -> None:
    """The same for one file."""
    write_together({path: content})


def index_count(graph: Graph) -> int:
    """How many indices a network takes that begins with an Embedding; 0 for others."""
    first = [step for step in graph.steps if step.inputs == (0,) and class_name(step.layer) == "Embedding"]
    return first[0].settings["count"] if first else 0


def self_test(model: Model, graph: Graph) -> Dict[str, np.ndarray]:
    """A sample, and what the model makes of it, in double precision. Nothing where that would take too much."""
    if is_too_much(graph):
        model.notes.append("the model is too large for a self-test: what it computes is not verified by `load`.")
        return {}
    size = int(np.prod(graph.input))
    sample = self_test_sample(size, index_count(graph))
    outputs = evaluate(graph, model.tensors, sample.astype(np.float64).reshape(1, *graph.input))
    return {SELF_TEST[0]: sample, SELF_TEST[1]: outputs.reshape(-1)}


def model_bytes(model: Model) -> bytes:
    """The file of a model. Throws ConvertError where tensors and network do not fit."""
    graph = model.check()
    metadata = {"strata": __version__, "strata_model": MODEL_VERSION, "network": str(model.network)}
    if model.class_names:
        metadata["class_names"] = "[" + ", ".join(json_text(name) for name in model.class_names) + "]"
    tensors = {**{name: model.tensors[name] for name in graph.tensors()}, **self_test(model, graph)}
    entries: List[str] = []
    data: List[bytes] = []
    offset = 0
    for name, values in tensors.items():
        stored = np.ascontiguousarray(values, dtype="<f4")
        if not np.array_equal(np.isfinite(stored), np.isfinite(values)):
            raise ConvertError(f"{name} holds numbers that are too large for single precision.")
        shape = ",".join(str(extent) for extent in stored.shape)
        entries.append(f'{json_text(name)}:{{"dtype":"F32","shape":[{shape}],'
                       f'"data_offsets":[{offset},{offset + stored.nbytes}]}}')
        data.append(stored.tobytes())
        offset += stored.nbytes
    texts = ",".join(f"{json_text(key)}:{json_text(text)}" for key, text in sorted(metadata.items()))
    metadata_entry = f'"__metadata__":{{{texts}}}'
    header = f'{{{",".join([metadata_entry, *entries])}}}'.encode()
    header += b" " * (-len(header) % 8)
    return struct.pack("<Q", len(header)) + header + b"".join(data)


def write(model: Model, path: Path) -> None:
    """Writes a model's file. Throws ConvertError."""
    write_atomically(path, model_bytes(model))


def recognizes(path: Path) -> bool:
    """Whether a file is a safetensors file of strata's."""
    try:
        return "strata_model" in read_metadata(path)
    except ConvertError:
        return False


def read_metadata(path: Path) -> Dict[str, str]:
    """The metadata of a safetensors file. Throws ConvertError."""
    try:
        with path.open("rb") as file:
            size = struct.unpack("<Q", file.read(8).ljust(8, b"\0"))[0]
            if not 2 <= size <= min(LONGEST_HEADER, path.stat().st_size - 8):
                raise ValueError("its header does not lie in it")
            header = json.loads(file.read(size))
        metadata = header.get("__metadata__", {})
        return {str(key): str(text) for key, text in metadata.items()}
    except (ValueError, AttributeError, RecursionError, OSError) as error:
        raise ConvertError(f"{path} is no safetensors file: {error}.") from None


NUMBERS = {"F64": "<f8", "F32": "<f4", "F16": "<f2"}


def array_of(name: str, dtype: str, shape: Tuple[int, ...], data: bytes) -> np.ndarray:
    """The values of a tensor, as double or float. Throws ConvertError for a type without fractions."""
    if dtype == "BF16":
        return (np.frombuffer(data, "<u2").astype(np.uint32) << 16).view(np.float32).reshape(shape)
    if dtype not in NUMBERS:
        raise ConvertError(f"The tensor {quoted(name)} is of type {dtype}; F64, F32, F16 or BF16 expected.")
    values = np.frombuffer(data, NUMBERS[dtype]).reshape(shape)
    return values.astype(np.float32) if dtype == "F16" else values.copy()


def read_tensors(path: Path, but: Tuple[str, ...] = ()) -> Dict[str, np.ndarray]:
    """All tensors of a safetensors file, but for those whose names end in one of these. The library checks its layout:
    sizes, holes, overlaps. Throws ConvertError."""
    try:
        stored = safetensors.deserialize(path.read_bytes())
    except OSError as error:
        raise ConvertError(f"{path} cannot be read: {error.strerror or error}.") from None
    except Exception as error:  # SafetensorError, which is no public class in all versions
        raise ConvertError(f"{path} is no safetensors file: {error}.") from None
    return {name: array_of(name, tensor["dtype"], tuple(tensor["shape"]), bytes(tensor["data"]))
            for name, tensor in stored if not name.endswith(but)}


def read(path: Path) -> Tuple[Model, Dict[str, np.ndarray]]:
    """A model and its self-test, {} where its file has none. Throws ConvertError for all that strata refuses, too:
    another format, tensors of another network, a self-test that fails."""
    metadata = read_metadata(path)
    version = metadata.get("strata_model")
    if version is None or "network" not in metadata:
        raise ConvertError(f"{path} is no model of strata's: its metadata name no network.")
    if version != MODEL_VERSION:
        raise ConvertError(f"{path} is a model of the format {quoted(version)}, this program reads {MODEL_VERSION}.")
    try:
        names = json.loads(metadata.get("class_names", "[]"))
    except (ValueError, RecursionError):
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ConvertError(f"{path}: class_names are no list of texts.")
    tensors = read_tensors(path)
    test = {name: tensors.pop(name) for name in SELF_TEST if name in tensors}
    model = Model(parse(metadata["network"]), tensors, names)
    graph = model.check()
    if SELF_TEST[1] in test and not is_too_much(graph):
        verify_self_test(path, model, graph, test)
    return model, test


def verify_self_test(path: Path, model: Model, graph: Graph, test: Dict[str, np.ndarray]) -> None:
    """Throws ConvertError unless the model makes of the sample what the file says, to strata's tolerance."""
    sizes = {SELF_TEST[0]: int(np.prod(graph.input)), SELF_TEST[1]: int(np.prod(graph.output))}
    for name, size in sizes.items():
        if name not in test or test[name].size != size:
            raise ConvertError(f"{path}: its {name} are not {size} numbers.")
    sample, count = test[SELF_TEST[0]], index_count(graph)
    if count and not np.all((sample >= 0) & (sample < count) & (sample == np.floor(sample))):
        raise ConvertError(f"{path}: its {SELF_TEST[0]} are no indices below {count}.")
    found = evaluate(graph, model.tensors, sample.astype(np.float64).reshape(1, *graph.input)).reshape(-1)
    expected = test[SELF_TEST[1]].astype(np.float64).reshape(-1)
    largest = float(np.max(np.abs(expected[np.isfinite(expected)]), initial=0.0))
    near = np.isclose(found, expected, rtol=0, atol=1e-3 * largest, equal_nan=True)
    if not near.all():
        first = int(np.argmin(near))
        raise ConvertError(f"{path}: its self-test fails: output {first} should be {expected[first]:.8g}, "
                           f"and is {found[first]:.8g}.")
