"""Masks: what Keras does with them, where strata does another thing."""
from typing import List, Optional

from strata_convert.errors import Problems, quoted
from strata_convert.graph import Graph, Step
from strata_convert.layers import TABLE, class_name

SAME_MASK = ("Multiply", "Maximum", "Minimum")
WITHOUT = {
    "BatchNormalization": "strata's takes no mask",
    "Softmax": "Keras leaves masked cells out, and strata does not",
    "MultiHeadAttention": "strata's does not see the mask",
    "Permute": "Keras hands the mask on, and strata does not",
    "Reshape": "Keras hands the mask on, and strata does not",
    "Cropping1D": "Keras hands the mask on, and strata does not",
}


def makes_mask(step: Step) -> bool:
    """Whether a layer makes a mask."""
    return step.layer.name == "Masking" or ("mask_zero" in step.settings.options and step.settings.has("MaskZero"))


def passes_mask(step: Step) -> bool:
    """Whether a layer hands a mask on."""
    if "results" in step.settings.options and step.settings.has("ReturnLast"):
        return False
    return TABLE[class_name(step.settings.layer)].passes_mask or step.layer.name == "TimeDistributed"


def check(graph: Graph) -> Problems:
    """Names all layers that would treat a mask in another way than Keras' do."""
    problems = Problems()
    masks: List[Optional[int]] = [None]
    for number, step in enumerate(graph.steps, 1):
        found = [masks[activation] for activation in step.inputs]
        mask = found[0] if len(set(found)) == 1 else (-number if None not in found else None)
        own = class_name(step.layer)
        where = f"{step.layer.name} {quoted(step.layer.comment)} behind a mask: "
        if any(m is not None for m in found) and own in WITHOUT:
            problems.add(where + WITHOUT[own] + ".")
        if own in SAME_MASK and len(set(found)) > 1:
            problems.add(where + "its inputs have different masks.")
        masks.append(number if makes_mask(step) else mask if passes_mask(step) else None)
    return problems
