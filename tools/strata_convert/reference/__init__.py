"""Networks in NumPy, in double precision: slow, plain, and written from Keras' definitions, not from strata's code.

It makes the self-test of each file that is written, so that a C++ program refuses a file that came over wrongly.
"""
from typing import Dict, List, Optional

import numpy as np

from strata_convert.graph import Graph, Step
from strata_convert.layers import TABLE, class_name
from strata_convert.reference import activations, basic, normalization, sequences, windows
from strata_convert.reference.table import FUNCTIONS, Call

__all__ = ["activations", "basic", "evaluate", "normalization", "sequences", "windows"]

Mask = Optional[np.ndarray]


def made_mask(step: Step, x: np.ndarray) -> Mask:
    """The mask that a layer makes of its input."""
    if step.layer.name == "Masking":
        return np.any(x != step.settings.real("mask_value"), axis=-1)
    if step.layer.name == "Embedding" and step.settings.has("MaskZero"):
        return x != 0
    return None


def passed_mask(step: Step, masks: List[Mask]) -> Mask:
    """The mask of a layer's result: one that all inputs have, steps being left out that all of them leave out."""
    kind = TABLE.get(class_name(step.layer))
    if kind is not None and not kind.passes_mask:
        return None
    if "results" in step.settings.options and step.settings.has("ReturnLast"):
        return None
    mask = masks[0]
    for other in masks[1:]:
        mask = None if mask is None or other is None else mask | other
    return mask


def run_step(step: Step, weights: Dict[str, np.ndarray], inputs: List[np.ndarray], mask: Mask) -> np.ndarray:
    """What a layer makes of its inputs; TimeDistributed of each step by itself."""
    if step.layer.name != "TimeDistributed":
        return FUNCTIONS[class_name(step.layer)](Call(step.settings, weights, tuple(inputs), mask))
    x = inputs[0]
    function = FUNCTIONS[class_name(step.settings.layer)]
    y = function(Call(step.settings, weights, (x.reshape(-1, *x.shape[2:]),)))
    return y.reshape(*x.shape[:2], *y.shape[1:])


def evaluate(graph: Graph, tensors: Dict[str, np.ndarray], x: np.ndarray) -> np.ndarray:
    """The outputs of a network for a batch of inputs."""
    values: List[np.ndarray] = [np.asarray(x, np.float64)]
    masks: List[Mask] = [None]
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for step in graph.steps:
            weights = {name: tensors[f"{step.name}/{name}"].astype(np.float64) for name in step.shaped.tensors}
            inputs = [values[at] for at in step.inputs]
            made = made_mask(step, inputs[0])
            mask = made if made is not None else masks[step.inputs[0]]
            values.append(run_step(step, weights, inputs, mask))
            masks.append(made if made is not None else passed_mask(step, [masks[at] for at in step.inputs]))
            expected = (len(x), *step.shaped.output)
            assert values[-1].shape == expected, f"{step.name}: {values[-1].shape}, {expected} expected"
    return values[graph.output_at]
