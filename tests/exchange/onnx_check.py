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
from onnx.reference import ReferenceEvaluator

BATCHES = [1, 3, 17]
TOLERANCE = 1e-5  # of a prediction, or where that is larger than 1 of its size


def largest_difference(found: np.ndarray, expected: np.ndarray) -> float:
    if found.shape != expected.shape:
        raise ValueError(f"the result has the shape {found.shape}, {expected.shape} expected")
    return float(np.max(np.abs(found - expected) / np.maximum(1, np.abs(expected))))


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
                difference = largest_difference(run(x[:count]), y[:count])
            except Exception as error:
                found.append(f"{engine}, {count} samples: {error}")
                break
            differences[engine] = max(differences.get(engine, 0), difference)
            if not difference <= TOLERANCE:
                found.append(f"{engine}, {count} samples: differs by {difference:.3g}")
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
