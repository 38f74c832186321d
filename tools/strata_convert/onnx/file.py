"""Opens ONNX files that come from strangers: what they hold is data, and none of it is larger than the file.

Refused are external data outside of the model's folder, subgraphs, local functions, sparse tensors, other domains.
"""
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Optional

import numpy as np

from strata_convert.errors import ConvertError, Problems, escaped, quoted

OLDEST, NEWEST = 9, 28
LARGEST_FILE = 2**31 - 1  # what protobuf can hold
MOST_NODES = 20_000
MOST_CELLS = 2**28


@dataclass(eq=False)
class Op:
    """A node of a graph. Inputs and outputs are names, "" for one that is left out."""

    kind: str
    name: str
    inputs: List[str]
    outputs: List[str]
    attributes: Dict[str, Any]

    def __str__(self) -> str:
        return f"{escaped(self.kind)} {quoted(self.name or next(filter(None, self.outputs), ''))}"

    def get(self, name: str, default: Any = None) -> Any:
        """An attribute; texts as str, real numbers as the shortest decimals that mean the same float."""
        return self.attributes.get(name, default)

    def has(self, index: int) -> bool:
        """Whether an input is given."""
        return index < len(self.inputs) and self.inputs[index] != ""


@dataclass
class OnnxGraph:
    """What of a file matters to predictions. Extents of inputs that are not fixed are None; `types` are theirs, too."""

    opset: int
    inputs: Dict[str, List[Optional[int]]]
    outputs: List[str]
    constants: Dict[str, np.ndarray]
    ops: List[Op]
    metadata: Dict[str, str] = field(default_factory=dict)
    types: Dict[str, np.dtype] = field(default_factory=dict)


def numpy_type(number: int) -> Optional[np.dtype]:
    """The type that a number of ONNX stands for, None where it stands for none."""
    from onnx import helper
    try:
        return np.dtype(helper.tensor_dtype_to_np_dtype(number))
    except (KeyError, ValueError, TypeError):
        return None


def text(name: Any) -> str:
    """A name in a message, which is bytes where it is no UTF-8."""
    return name if isinstance(name, str) else name.decode("utf-8", "replace")


def shortest(value: float) -> float:
    """0.1 for the float 0.100000001490116."""
    return float(str(np.float32(value)))


def attribute_value(attribute: Any) -> Any:
    """A Python value; None for what no layer has, such as a subgraph."""
    from onnx import AttributeProto
    if attribute.type == AttributeProto.FLOAT:
        return shortest(attribute.f)
    if attribute.type == AttributeProto.INT:
        return int(attribute.i)
    if attribute.type == AttributeProto.STRING:
        return attribute.s.decode("utf-8", "replace")
    if attribute.type == AttributeProto.TENSOR:
        return attribute.t
    if attribute.type == AttributeProto.FLOATS:
        return [shortest(value) for value in attribute.floats]
    if attribute.type == AttributeProto.INTS:
        return [int(value) for value in attribute.ints]
    if attribute.type == AttributeProto.STRINGS:
        return [value.decode("utf-8", "replace") for value in attribute.strings]
    return None


class Opener:
    """Turns the protobuf messages of one file into an OnnxGraph, and collects what is wrong with them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems = Problems()

    def external(self, tensor: Any, size: int) -> bytes:
        """The bytes of a tensor that lie in a file of their own, which must lie in the model's folder."""
        entries = {entry.key: entry.value for entry in tensor.external_data}
        name = entries.get("location", "")
        folder = self.path.parent.resolve()
        place = (folder / name).resolve()
        if not name or Path(name).is_absolute() or folder not in place.parents:
            raise ConvertError(f"its data are in {quoted(name)}, outside of the model's folder.")
        try:
            offset, length = int(entries.get("offset", "0")), int(entries.get("length", str(size)))
            if length != size or offset < 0 or not place.is_file() or place.stat().st_size < offset + length:
                raise ConvertError(f"{quoted(name)} does not hold its {size} bytes.")
            with place.open("rb") as file:
                file.seek(offset)
                return file.read(length)
        except (ValueError, OSError):
            raise ConvertError(f"its data in {quoted(name)} cannot be read.") from None

    def array(self, tensor: Any) -> Optional[np.ndarray]:
        """The values of a tensor; remembers a problem where there are others than its shape says."""
        from onnx import TensorProto, helper, numpy_helper
        try:
            if any(extent < 0 for extent in tensor.dims) or math.prod(tensor.dims) > MOST_CELLS:
                raise ConvertError(f"its shape {tuple(tensor.dims)} is too large.")
            if tensor.data_location == TensorProto.EXTERNAL:
                dtype = helper.tensor_dtype_to_np_dtype(tensor.data_type)
                tensor.raw_data = self.external(tensor, math.prod(tensor.dims) * dtype.itemsize)
                tensor.data_location = TensorProto.DEFAULT
                del tensor.external_data[:]
            values = numpy_helper.to_array(tensor)
            if values.dtype.kind not in "fiub" or values.dtype == np.float16:
                values = values.astype(np.float32)  # bfloat16 and its like
            return values
        except ConvertError as error:
            self.problems.add(f"tensor {quoted(tensor.name)}: {error}")
        except Exception as error:  # numpy_helper raises what it likes
            self.problems.add(f"tensor {quoted(tensor.name)} is damaged: {quoted(error)}.")
        return None

    def check(self, op: Op, node: Any, opset: int) -> None:
        """Remembers a problem where an operator is not as ONNX defines it."""
        from onnx import defs
        try:
            schema = defs.get_schema(op.kind, opset)
        except defs.SchemaError:
            return  # no operator of ONNX: the reader says so
        if not (schema.min_input <= len(op.inputs) <= schema.max_input) or not (
                schema.min_output <= len(op.outputs) <= schema.max_output):
            self.problems.add(f"{op} has {len(op.inputs)} inputs and {len(op.outputs)} outputs.")
        for attribute in node.attribute:
            known = schema.attributes.get(attribute.name)
            if known is None or int(known.type) != int(attribute.type):
                self.problems.add(f"{op} has no attribute {quoted(attribute.name)} of this kind in opset {opset}.")
        given = {attribute.name for attribute in node.attribute}
        for name, known in schema.attributes.items():
            if known.required and name not in given:
                self.problems.add(f"{op} has no attribute {quoted(name)}.")

    def op(self, node: Any, opset: int) -> Op:
        """A node, with its attributes as Python values."""
        op = Op(text(node.op_type), text(node.name), list(node.input), list(node.output), {})
        if node.domain not in ("", "ai.onnx"):
            self.problems.add(f"{op} is of the domain {quoted(node.domain)}.")
        else:
            self.check(op, node, opset)
        for attribute in node.attribute:
            value = attribute_value(attribute)
            if value is None:
                self.problems.add(f"{op} has the attribute {quoted(attribute.name)}, of a kind that no layer has.")
            op.attributes[attribute.name] = value
        return op

    def graph(self, proto: Any) -> OnnxGraph:
        """The graph of a file's message. Throws ConvertError with all that is wrong."""
        opset = max([entry.version for entry in proto.opset_import if entry.domain in ("", "ai.onnx")], default=1)
        if not OLDEST <= opset <= NEWEST:
            self.problems.add(f"it is of opset {opset}; {OLDEST} to {NEWEST} are read.")
        if proto.functions:
            self.problems.add("it has functions of its own; onnx.inliner writes them out.")
        if proto.graph.sparse_initializer:
            self.problems.add("it has sparse tensors.")
        if len(proto.graph.node) > MOST_NODES:
            self.problems.add(f"it has {len(proto.graph.node)} nodes; {MOST_NODES} at most are read.")
            del proto.graph.node[:]
        constants = {tensor.name: self.array(tensor) for tensor in proto.graph.initializer}
        ops = [self.op(node, min(max(opset, OLDEST), NEWEST)) for node in proto.graph.node]
        for op in ops:
            if op.kind == "Constant" and hasattr(op.get("value"), "dims"):
                op.attributes["value"] = self.array(op.get("value"))
            elif op.kind == "ConstantOfShape" and hasattr(op.get("value"), "dims"):
                op.attributes["value"] = self.array(op.get("value"))
        inputs, types = {}, {}
        for entry in proto.graph.input:
            if entry.name in constants:
                continue
            shape = entry.type.tensor_type.shape
            inputs[entry.name] = [dim.dim_value if dim.HasField("dim_value") else None for dim in shape.dim]
            types[entry.name] = numpy_type(entry.type.tensor_type.elem_type) or np.dtype(np.float32)
        self.problems.raise_any(f"{self.path} cannot be read:")
        metadata = {entry.key: entry.value for entry in proto.metadata_props}
        return OnnxGraph(opset, inputs, [entry.name for entry in proto.graph.output],
                         {name: values for name, values in constants.items() if values is not None}, ops, metadata,
                         types)


def open_graph(path: Path) -> OnnxGraph:
    """The graph of a file. Throws ConvertError."""
    try:
        import onnx
    except ImportError:
        raise ConvertError(f"{path} is read with the Python package onnx: pip install onnx.") from None
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ConvertError(f"{path} is larger than a protobuf file can be.")
        proto = onnx.ModelProto()
        proto.ParseFromString(path.read_bytes())
    except OSError as error:
        raise ConvertError(f"{path} cannot be read: {error.strerror or error}.") from None
    except Exception as error:
        if isinstance(error, ConvertError):
            raise
        raise ConvertError(f"{path} is no ONNX file, or a damaged one.") from None
    return Opener(path).graph(proto)
