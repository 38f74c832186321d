#!/usr/bin/env python3
"""Checks the ONNX files of a folder: by ONNX's own checker, and against what strata predicted, by ONNX Runtime and by
ONNX's reference implementation.

usage: onnx_check.py FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator

BATCHES = [1, 3, 17]
TOLERANCE = 1e-5  # of a prediction, or where that is larger than 1 of its size
ROUNDINGS = 4  # how often that which rounding the inputs alone changes: sums are rounded, too, by strata and by others


def differences_of(found: np.ndarray, expected: np.ndarray) -> np.ndarray:
    if found.shape != expected.shape:
        raise ValueError(f"the result has the shape {found.shape}, {expected.shape} expected")
    return np.abs(found - expected) / np.maximum(1, np.abs(expected))


def in_double(model: onnx.ModelProto) -> onnx.ModelProto:
    wide = onnx.ModelProto()
    wide.CopyFrom(model)
    for tensor in wide.graph.initializer:
        if tensor.data_type == onnx.TensorProto.FLOAT:
            tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float64), tensor.name))
    for value in [*wide.graph.input, *wide.graph.output]:
        value.type.tensor_type.elem_type = onnx.TensorProto.DOUBLE
    return wide


def changed_by_rounding(model: onnx.ModelProto, x: np.ndarray) -> np.ndarray:
    """How much each prediction changes, in double precision, where the inputs change by half of a float's last bit: a
    lot where a RMSNormalization, say, divides by a sum that nearly vanishes. No two programs agree better than that."""
    run = ReferenceEvaluator(in_double(model)).run
    exact = run(None, {"input": x.astype(np.float64)})[0]
    draw = np.random.default_rng(0)
    rounded = [x * (1 + draw.choice([-1, 1], x.shape) * 2.0**-24) for _ in range(8)]
    return np.max([np.abs(run(None, {"input": each})[0] - exact) for each in rounded], axis=0)


def not_in_reference(model: onnx.ModelProto) -> bool:
    """Whether a network has an operator that ONNX's reference implementation (1.23) has not or computes in another way
    than its specification says: the maximum along one axis; pools of stride 1 with padding; activations inside of
    recurrent layers other than the usual ones."""
    by_rank = {value.name: len(value.type.tensor_type.shape.dim)
               for value in onnx.shape_inference.infer_shapes(model).graph.value_info}
    for node in model.graph.node:
        attributes = {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}
        pads = attributes.get("pads", [])
        if node.op_type == "GlobalMaxPool" and by_rank.get(node.output[0]) == 3:
            return True
        if node.op_type in ("MaxPool", "AveragePool") and set(attributes["strides"]) == {1} and any(pads):
            return True
        if set(attributes.get("activations", [])) - {b"Tanh", b"Sigmoid"}:
            return True
    return False


def problems_of(path: Path, differences: dict[str, float]) -> list[str]:
    model = onnx.load(path)
    try:
        onnx.checker.check_model(model, full_check=True)
    except Exception as error:  # the checker's errors have no class in common
        return [f"the checker: {error}"]
    extents = [dimension.dim_value for dimension in model.graph.input[0].type.tensor_type.shape.dim[1:]]
    results = [dimension.dim_value for dimension in model.graph.output[0].type.tensor_type.shape.dim[1:]]
    x = np.fromfile(path.with_suffix(".x"), np.float32).reshape(-1, *extents)
    y = np.fromfile(path.with_suffix(".y"), np.float32).reshape(-1, *results)
    if not np.isfinite(y).all():
        return ["strata's predictions are not finite"]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    found = []
    try:
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        engines = {"ONNX Runtime": lambda batch: session.run(None, {"input": batch})[0]}
    except Exception as error:
        return [f"ONNX Runtime: {error}"]
    if not not_in_reference(model):
        reference = ReferenceEvaluator(model)
        engines["onnx.reference"] = lambda batch: reference.run(None, {"input": batch})[0]
    for engine, run in engines.items():
        for count in BATCHES:
            try:
                difference = differences_of(run(x[:count]), y[:count])
            except Exception as error:
                found.append(f"{engine}, {count} samples: {error}")
                break
            good = difference <= TOLERANCE
            if not good.all() and "onnx.reference" in engines:
                rounding = changed_by_rounding(model, x[:count]) / np.maximum(1, np.abs(y[:count]))
                good |= difference <= TOLERANCE + ROUNDINGS * rounding
            differences[engine] = max(differences.get(engine, 0), float(difference.max()))
            if not good.all():
                found.append(f"{engine}, {count} samples: differs by {difference[~good].max():.3g}")
                break
    return found


def main(folder: str) -> int:
    paths = sorted(Path(folder).glob("*.onnx"))
    differences: dict[str, float] = {}
    wrong = 0
    for path in paths:
        for problem in problems_of(path, differences):
            print(f"{path.stem}: {problem}")
            wrong += 1
    print(f"{len(paths)} networks with onnx {onnx.__version__} and ONNX Runtime {onnxruntime.__version__}; largest "
          "differences: " + ", ".join(f"{engine} {value:.2g}" for engine, value in differences.items()))
    return 1 if wrong or not paths else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
