"""Reads a .pt2 file, what torch.export.save has written: a list of calls of PyTorch's functions, and tensors."""
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Dict, List, Optional, Tuple, Union

import numpy as np

from strata_convert.errors import ConvertError, quoted
from strata_convert.torch.archive import Archive, laid_out

# The numbers that the format has for types.
DTYPES = {1: "uint8", 2: "int8", 3: "int16", 4: "int32", 5: "int64", 6: "float16", 7: "float32", 8: "float64",
          12: "bool", 13: "bfloat16"}
PREFIX = "torch.ops.aten."
WEIGHTS = "model_weights_config.json"


def checked_name(name: Any) -> str:
    """A name. Throws ValueError for what is no text."""
    if not isinstance(name, str):
        raise ValueError(f"{name!r} is no name")
    return name


@dataclass(frozen=True)
class Ref:
    """The name of a value that a call reads."""

    name: str

    def __post_init__(self) -> None:
        checked_name(self.name)


@dataclass
class Call:
    """A call of a function: `conv2d.default`, its arguments by name, and the names of what it makes."""

    function: str
    arguments: Dict[str, Any]
    outputs: List[str]
    place: str  # the module that it stands in, for people

    def refs(self) -> List[str]:
        """The values that it reads."""
        found: List[str] = []
        for argument in self.arguments.values():
            found += [item.name for item in (argument if isinstance(argument, list) else [argument])
                      if isinstance(item, Ref)]
        return found


@dataclass
class Program:
    """A graph of calls with one input and one output."""

    input: str
    output: str
    calls: List[Call]
    everything: List[Call]  # also calls that the output does not come from
    tensors: Dict[str, np.ndarray]
    whole_numbers: bool  # whether the input is indices, bytes and the like
    extents: Dict[str, Tuple[Optional[int], ...]] = field(default_factory=dict)  # as the file says; None: any


def extent(value: Dict[str, Any]) -> Optional[int]:
    """A size: a number, or one that is left open."""
    number = value.get("as_int")
    if number is not None and type(number) is not int:
        raise ValueError(f"{number!r} is no size")
    return number


def known_extent(value: Dict[str, Any]) -> int:
    """A size that is a number; -1, which is none, for one that is left open."""
    number = extent(value)
    return -1 if number is None else number


def argument_of(value: Dict[str, Any]) -> Any:
    """A number, text, list or Ref."""
    (kind, content), = value.items()
    if kind == "as_none":
        return None
    if kind in ("as_tensor", "as_sym_int") and isinstance(content, dict):
        return Ref(content["name"]) if "name" in content else sym_int(content)
    if kind in ("as_tensors", "as_sym_ints", "as_optional_tensors"):
        return [None if "as_none" in item else Ref(item["name"]) if "name" in item else sym_int(item)
                for item in content]
    if kind in ("as_int", "as_ints", "as_float", "as_floats", "as_bool", "as_bools", "as_string", "as_scalar_type",
                "as_device", "as_memory_format", "as_layout"):
        return content
    return Ref("")  # of no kind that a layer takes: what reads it is refused


def sym_int(value: Dict[str, Any]) -> Any:
    """A number, or the name of one."""
    if "as_tensor" in value:
        return Ref(value["as_tensor"]["name"])
    return value["as_int"] if "as_int" in value else Ref(value["as_name"])


def output_names(value: Dict[str, Any]) -> List[str]:
    """The names of what a call makes."""
    (_, content), = value.items()
    if isinstance(content, list):
        return [checked_name(item["name"]) for item in content]
    return [checked_name(content.get("name") or content.get("as_name", ""))] if isinstance(content, dict) else [""]


def place_of(metadata: Dict[str, Any]) -> str:
    """`layer1.0.conv1 (Conv2d)`, of the stack of modules that a call stands in."""
    _, _, last = str(metadata.get("nn_module_stack", "")).rpartition(";")
    parts = last.split(",")
    if len(parts) != 3:
        return ""
    name = parts[2].rpartition(".")[2]
    return f"{parts[1]} ({name})" if parts[1] else ""


def call_of(node: Dict[str, Any]) -> Call:
    """A call, out of the file."""
    target = str(node["target"])
    outputs = [name for output in node["outputs"] for name in output_names(output)]
    return Call(target[len(PREFIX):] if target.startswith(PREFIX) else target,
                {item["name"]: argument_of(item["arg"]) for item in node["inputs"]}, outputs,
                place_of(node.get("metadata", {})))


def stored_tensors(archive: Archive, folder: str, config: str) -> Dict[str, np.ndarray]:
    """The tensors of a folder, by the names that modules have them by."""
    path = f"data/{folder}/{config}"
    if path not in archive:
        return {}
    tensors: Dict[str, np.ndarray] = {}
    for name, entry in json.loads(archive.bytes_of(path))["config"].items():
        meta = entry.get("tensor_meta") or {}
        dtype = DTYPES.get(meta.get("dtype", 0))
        if entry.get("use_pickle") or dtype is None:
            continue  # whatever reads it is refused: it is not there
        values = archive.numbers(f"data/{folder}/{entry['path_name']}", dtype)
        shape, strides = (tuple(known_extent(n) for n in meta[key]) for key in ("sizes", "strides"))
        tensors[name] = laid_out(values, known_extent(meta["storage_offset"]), shape, strides, name)
    return tensors


def inputs_and_tensors(signature: Dict[str, Any], tensors: Dict[str, np.ndarray],
                       name: str) -> Tuple[str, Dict[str, np.ndarray]]:
    """The one input of a program, and its tensors by the names that its calls have them by."""
    users: List[str] = []
    named: Dict[str, np.ndarray] = {}
    for spec in signature["input_specs"]:
        (kind, content), = spec.items()
        if kind == "user_input":
            users.append(output_names(content["arg"])[0])
            continue
        key = next((content[key] for key in ("parameter_name", "buffer_name", "tensor_constant_name")
                    if key in content), None)
        if key in tensors:
            named[output_names({"": content["arg"]})[0]] = tensors[key]
    if len(users) != 1:
        raise ConvertError(f"{name}: its program takes {len(users)} inputs, one expected.")
    return users[0], named


def read(source: Union[Path, BinaryIO], name: str) -> Program:
    """The program of a file. Throws ConvertError."""
    archive = Archive(source, name)
    if "models/model.json" not in archive or f"data/weights/{WEIGHTS}" not in archive:
        raise ConvertError(f"{name} is an export of PyTorch 2.8 or older, or none: export it with a newer one.")
    try:
        module = json.loads(archive.bytes_of("models/model.json"))["graph_module"]
        graph, signature = module["graph"], module["signature"]
        tensors = {**stored_tensors(archive, "weights", WEIGHTS),
                   **stored_tensors(archive, "constants", "model_constants_config.json")}
        input_name, named = inputs_and_tensors(signature, tensors, name)
        outputs = [item for output in graph["outputs"] for item in output_names(output)]
        if len(outputs) != 1:
            raise ConvertError(f"{name}: its program makes {len(outputs)} outputs, one expected.")
        extents = {str(key): tuple(extent(n) for n in value["sizes"]) for key, value in graph["tensor_values"].items()}
        calls = [call_of(node) for node in graph["nodes"]]
        dtypes = {key: DTYPES.get(value.get("dtype"), "") for key, value in graph["tensor_values"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise ConvertError(f"{name} is damaged, or of a version that is not known: {quoted(repr(error))}.") from None
    if input_name not in extents:
        raise ConvertError(f"{name}: the input {quoted(input_name)} has no shape.")
    whole = dtypes[input_name].startswith(("int", "uint"))
    return Program(input_name, outputs[0], live(calls, outputs[0]), calls, named, whole, extents)


def live(calls: List[Call], output: str) -> List[Call]:
    """The calls that the output comes from."""
    wanted = {output}
    kept: List[Call] = []
    for call in reversed(calls):
        changed = call.refs()[:1] if call.function.partition(".")[0].endswith("_") else []  # it works in place
        if any(name in wanted for name in (*call.outputs, *changed)):
            wanted.update(call.refs())
            kept.append(call)
    return kept[::-1]
