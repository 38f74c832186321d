"""Weights in fewer bytes than floats have, and what that costs."""
from dataclasses import dataclass
from typing import Dict, List, Tuple

import numpy as np

from strata_convert.errors import ConvertError, quoted
from strata_convert.graph import Graph, Step
from strata_convert.layers import class_name
from strata_convert.model import Model
from strata_convert.model_file import index_count
from strata_convert.reference import evaluate

FORMS = ("float32", "bfloat16", "int8")
SAMPLES = 256
SAMPLES_AT_ONCE = 16


@dataclass(frozen=True)
class Packed:
    """One tensor: its bytes, the scales of an int8 one's channels, and the floats that are made of them. Value i
    belongs to channel i / inner % channels (include/strata/model/packed_weights.hpp)."""

    form: str
    data: bytes
    values: np.ndarray
    scales: np.ndarray
    inner: int = 1


def channels_of(step: Step, name: str, shape: Tuple[int, ...]) -> Tuple[int, int]:
    """How many outputs a kernel has, and how many neighbouring values belong to the same one."""
    if class_name(step.layer).endswith("Transpose"):
        return shape[-2], shape[-1]  # filters before channels
    apart = class_name(step.layer) == "DepthwiseConv2D" or name == "depthwise_kernel"
    if apart or name in ("query/kernel", "key/kernel", "value/kernel"):
        return shape[-2] * shape[-1], 1  # channels x multiplier, heads x units
    return shape[-1], 1


def is_kernel(name: str, shape: Tuple[int, ...]) -> bool:
    """Whether a tensor is one of those that are many and bear rounding."""
    return len(shape) > 1 and (name.endswith("kernel") or name == "embeddings")


def pack(values: np.ndarray, form: str, channels: int = 1, inner: int = 1) -> Packed:
    """A tensor in one of the forms."""
    flat = np.ascontiguousarray(values, "<f4").reshape(-1)
    none = np.zeros(0, np.float32)
    if form == "bfloat16":
        bits = flat.view("<u4").astype(np.uint64)
        halves = ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype("<u2")  # to the nearest, ties to even
        decoded = (halves.astype("<u4") << 16).view("<f4")
        return Packed(form, halves.tobytes(), decoded, none)
    if form == "int8":
        groups = np.abs(flat.reshape(-1, channels, inner))
        scales = (groups.max(axis=(0, 2)) / np.float32(127)).astype(np.float32)
        scales[scales == 0] = 1
        of_each = np.broadcast_to(scales[:, None], groups.shape).reshape(-1)
        whole = np.clip(np.rint(flat / of_each), -127, 127).astype(np.int8)
        return Packed(form, whole.tobytes(), whole.astype(np.float32) * of_each, scales, inner)
    return Packed("float32", flat.tobytes(), flat, none)


def pack_all(model: Model, graph: Graph, form: str) -> Dict[str, Packed]:
    """All tensors, in the order of a model's values: parameters, then state. All but kernels stay floats. Throws
    ConvertError for what is no number."""
    order: List[Tuple[Step, str]] = [(step, name) for step in graph.steps for name in step.shaped.parameters]
    order += [(step, name) for step in graph.steps for name in step.shaped.state]
    packed = {}
    for step, name in order:
        values = model.tensors[f"{step.name}/{name}"].astype(np.float32)
        if not np.isfinite(values).all():
            raise ConvertError(f"The tensor {quoted(f'{step.name}/{name}')} holds what is no finite number in single "
                               "precision: nothing to deploy.")
        kernel = is_kernel(name, values.shape)
        found = pack(values, form if kernel else "float32", *(channels_of(step, name, values.shape) if kernel else ()))
        if not np.isfinite(found.values).all():
            raise ConvertError(f"The tensor {quoted(f'{step.name}/{name}')} holds numbers that are too large for "
                               f"{form}.")
        packed[f"{step.name}/{name}"] = found
    return packed


def unpacked(model: Model, packed: Dict[str, Packed]) -> Model:
    """The model with the values that packed tensors have."""
    return Model(model.network, {name: tensor.values.reshape(model.tensors[name].shape)
                                 for name, tensor in packed.items()}, model.class_names)


def outputs_of(model: Model, graph: Graph, x: np.ndarray) -> np.ndarray:
    """A row of outputs for each sample, a few samples at a time, which bounds the memory."""
    parts = [evaluate(graph, model.tensors, x[at:at + SAMPLES_AT_ONCE]) for at in range(0, len(x), SAMPLES_AT_ONCE)]
    return np.concatenate(parts).reshape(len(x), -1)


def is_classifier(model: Model, graph: Graph) -> bool:
    """Whether the largest output is a choice."""
    last = str(graph.steps[graph.output_at - 1].layer)
    return len(graph.output) == 1 and graph.output[0] > 1 and ("oftmax" in last or bool(model.class_names))


def deviation_text(exact: np.ndarray, found: np.ndarray) -> str:
    """How far outputs are apart."""
    differences = np.abs(exact - found)
    return f"the largest deviation is {differences.max():.2g}, the mean {differences.mean():.2g}"


def cost_of_packing(model: Model, graph: Graph, decoded: Model, sample: np.ndarray) -> List[str]:
    """Sentences about what a form costs: deviations of the outputs on the sample of the self-test, and on random inputs
    like it."""
    stored = sample.astype(np.float64).reshape(1, *graph.input)
    random = np.random.default_rng(0)
    count = index_count(graph)
    size = (SAMPLES, *graph.input)
    x = random.integers(0, count, size).astype(np.float64) if count else random.random(size)
    exact, found = outputs_of(model, graph, x), outputs_of(decoded, graph, x)
    test = deviation_text(outputs_of(model, graph, stored), outputs_of(decoded, graph, stored))
    lines = [f"On the self-test's sample {test}.",
             f"On {SAMPLES} random inputs {deviation_text(exact, found)}; outputs go up to {np.abs(exact).max():.2g}."]
    if is_classifier(model, graph):
        same = np.mean(exact.argmax(axis=1) == found.argmax(axis=1))
        lines.append(f"The largest output is the same one for {100 * same:.1f} % of these inputs.")
    return lines
