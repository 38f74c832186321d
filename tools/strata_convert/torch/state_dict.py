"""Reads a state_dict: the tensors of a model by name, in a .pt or a safetensors file."""
import math
import re
from pathlib import Path
from typing import Any, Dict, List, Tuple

import numpy as np

from strata_convert import model_file
from strata_convert.errors import ConvertError, quoted
from strata_convert.torch.archive import Archive, laid_out
from strata_convert.torch.pickled import Tensor, unpickle

Tensors = Dict[str, np.ndarray]
COUNTER = "num_batches_tracked"  # of a BatchNorm: how many steps it was trained; nothing reads it
OLD_FORMAT = b"\x80\x02\x8a\nl\xfc\x9cF\xf9"  # a pickled number that such files begin with


def tensors_in(values: Any) -> Dict[str, Tensor]:
    """The tensors of a dictionary, or of the one dictionary of tensors in a checkpoint."""
    if not isinstance(values, dict):
        return {}
    tensors = {key: value for key, value in values.items() if isinstance(value, Tensor) and isinstance(key, str)}
    if tensors:
        return tensors
    inner = {str(key): found for key, value in values.items() if isinstance(value, dict)
             and (found := {k: v for k, v in value.items() if isinstance(v, Tensor) and isinstance(k, str)})}
    for key in ("state_dict", "model_state_dict", "model"):
        if key in inner:
            return inner[key]
    return next(iter(inner.values())) if len(inner) == 1 else {}


def read_pt(path: Path) -> Tensors:
    """The tensors of a .pt file, in their order."""
    archive = Archive(path, path.name)
    if "constants.pkl" in archive or any(part.startswith("code/") for part in archive.parts):
        raise ConvertError(f"{path.name} holds a TorchScript program. Nothing in a file is executed: save "
                           "model.state_dict(), or export the model with torch.export.save.")
    found = tensors_in(unpickle(archive.bytes_of("data.pkl"), path.name))
    if not found:
        raise ConvertError(f"{path.name} holds no dictionary of tensors: save model.state_dict().")
    if sum(math.prod(tensor.shape) for tensor in found.values()) > path.stat().st_size:
        raise ConvertError(f"{path.name} has tensors of more numbers than there are in it.")
    numbers = {storage: archive.numbers(f"data/{storage.part}", storage.dtype)
               for storage in {tensor.storage for tensor in found.values()}}
    return {name: laid_out(numbers[tensor.storage], tensor.offset, tensor.shape, tensor.strides, name)
            for name, tensor in found.items()}


def in_order(name: str) -> List[Any]:
    """The key that sorts "2.weight" before "10.bias" and "weight" before "bias"."""
    module, _, last = name.rpartition(".")
    parts: List[Any] = [(0, int(part), "") if part.isdecimal() else (1, 0, part)
                        for part in re.findall(r"\d+|\D+", module.replace(".", "\0"))]
    found = re.search(r"_l(\d+)(_reverse)?$", last)
    kinds: Tuple[str, ...] = ("in_proj", "weight", "bias", "running_mean", "running_var")
    if found:
        parts.append((0, int(found.group(1)), found.group(2) or ""))
        kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    parts.append((2, next((i for i, kind in enumerate(kinds) if last.startswith(kind)), len(kinds)), last))
    return parts


def read_safetensors(path: Path) -> Tensors:
    """The tensors of a safetensors file. It keeps no order: they are sorted by their names, numbers as numbers."""
    tensors = model_file.read_tensors(path, but=(COUNTER,))
    return {name: tensors[name] for name in sorted(tensors, key=in_order)}


def recognizes(path: Path) -> bool:
    """Whether a file looks like one."""
    with path.open("rb") as file:
        start = file.read(16)
    header = int.from_bytes(start[:8], "little")  # of a safetensors file: how long its header is
    return start.startswith((b"PK\3\4", OLD_FORMAT)) or (start[8:9] == b"{" and header + 8 <= path.stat().st_size)


def read(path: Path) -> Tensors:
    """The tensors of a file, in order, without counters. Throws ConvertError."""
    with path.open("rb") as file:
        start = file.read(16)
    if start.startswith(b"PK\3\4"):
        tensors = read_pt(path)
    elif start.startswith(OLD_FORMAT):
        raise ConvertError(f"{path.name} is of the format that PyTorch wrote before version 1.6: load it there, and "
                           "save its state_dict again.")
    else:
        tensors = read_safetensors(path)
    for name, values in tensors.items():
        if values.dtype.kind != "f" and not name.endswith(COUNTER):
            raise ConvertError(f"The tensor {quoted(name)} of {path.name} is of the type {values.dtype}: quantized "
                               "models, and those with numbers that are no real ones, are not supported.")
    return {name: values for name, values in tensors.items() if not name.endswith(COUNTER)}
