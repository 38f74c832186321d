"""The layouts of PyTorch's tensors and of strata's, which are Keras'. Every swap between the two stands here, once.

`Layout.read` makes strata's tensors of a module's tensors, `Layout.write` the module's tensors of strata's. What a file
or a graph calls the tensors of a module are these names: `weight`, `bias`, `running_mean`, `weight_ih`, ….
"""
from dataclasses import dataclass
from typing import Callable, Dict, Tuple

import numpy as np

Arrays = Dict[str, np.ndarray]


@dataclass(frozen=True)
class Layout:
    """How the tensors of one kind of layer are converted from PyTorch, and to it."""

    read: Callable[[Arrays], Arrays]
    write: Callable[[Arrays], Arrays]


def moved(array: np.ndarray, order: Tuple[int, ...]) -> np.ndarray:
    """The axes in another order, and the numbers, too."""
    return np.ascontiguousarray(array.transpose(order))


def renamed(arrays: Arrays, names: Dict[str, str]) -> Arrays:
    """Those of the arrays that have a new name, under it."""
    return {new: arrays[old] for old, new in names.items() if old in arrays}


def backwards(names: Dict[str, str]) -> Dict[str, str]:
    """The old names of the new ones."""
    return {new: old for old, new in names.items()}


def inverse(order: Tuple[int, ...]) -> Tuple[int, ...]:
    """The order that brings axes back."""
    return tuple(int(i) for i in np.argsort(order))


def kernel(order: Tuple[int, ...]) -> Layout:
    """A kernel whose axes are in another order, and a bias."""
    return Layout(lambda a: {"kernel": moved(a["weight"], order), **renamed(a, {"bias": "bias"})},
                  lambda a: {"weight": moved(a["kernel"], inverse(order)), **renamed(a, {"bias": "bias"})})


DENSE = kernel((1, 0))  # (out, in) to (in, out)
CONVOLUTION = {1: kernel((2, 1, 0)), 2: kernel((2, 3, 1, 0))}  # OIHW to HWIO
TRANSPOSED = {1: kernel((2, 1, 0)), 2: kernel((2, 3, 1, 0))}  # IOHW to HWOI


def depthwise(channels: int) -> Layout:
    """(channels * multiplier, 1, rows, columns) to (rows, columns, channels, multiplier)."""
    def read(a: Arrays) -> Arrays:
        weight = a["weight"]
        split = weight.reshape(channels, -1, *weight.shape[2:])
        return {"kernel": moved(split, (2, 3, 0, 1)), **renamed(a, {"bias": "bias"})}

    def write(a: Arrays) -> Arrays:
        rows, columns, _, multiplier = a["kernel"].shape
        weight = moved(a["kernel"], (2, 3, 0, 1)).reshape(channels * multiplier, 1, rows, columns)
        return {"weight": weight, **renamed(a, {"bias": "bias"})}

    return Layout(read, write)


def with_names(names: Dict[str, str]) -> Layout:
    """The same arrays under other names."""
    return Layout(lambda a: renamed(a, names), lambda a: renamed(a, backwards(names)))


BATCH_NORMALIZATION = with_names({"weight": "gamma", "bias": "beta", "running_mean": "moving_mean",
                                  "running_var": "moving_variance"})
NORMALIZATION = with_names({"weight": "gamma", "bias": "beta"})
RMS_NORMALIZATION = with_names({"weight": "scale"})
EMBEDDING = with_names({"weight": "embeddings"})

# The gates of strata, by PyTorch's: LSTM i, f, g, o to i, f, c, o; GRU r, z, n to z, r, c.
GATES = {"SimpleRNN": (0,), "LSTM": (0, 1, 2, 3), "GRU": (1, 0, 2)}


def gates(name: str, array: np.ndarray) -> np.ndarray:
    """The blocks of the first axis in the order of the other library; the orders are their own inverses."""
    return np.concatenate([np.split(array, len(GATES[name]))[gate] for gate in GATES[name]])


def bias_of(name: str, of_input: np.ndarray, of_state: np.ndarray) -> np.ndarray:
    """One bias of the two: their sum, but in a GRU, whose reset gate lies between them."""
    if name == "GRU":
        return np.stack([gates(name, of_input), gates(name, of_state)])
    return gates(name, np.asarray(of_input + of_state))


def recurrent(name: str) -> Layout:
    """SimpleRNN, LSTM and GRU: (gates, in) to (in, gates)."""
    def read(a: Arrays) -> Arrays:
        result = {"kernel": moved(gates(name, a["weight_ih"]), (1, 0)),
                  "recurrent_kernel": moved(gates(name, a["weight_hh"]), (1, 0))}
        if "bias_ih" in a:
            result["bias"] = bias_of(name, a["bias_ih"], a["bias_hh"])
        return result

    def write(a: Arrays) -> Arrays:
        result = {"weight_ih": gates(name, moved(a["kernel"], (1, 0))),
                  "weight_hh": gates(name, moved(a["recurrent_kernel"], (1, 0)))}
        if "bias" in a:
            rows = a["bias"] if name == "GRU" else np.stack([a["bias"], np.zeros_like(a["bias"])])
            result["bias_ih"], result["bias_hh"] = gates(name, rows[0]), gates(name, rows[1])
        return result

    return Layout(read, write)


def attention(heads: int) -> Layout:
    """MultiHeadAttention of a sequence to itself: (3 E, E) to three kernels (E, heads, E / heads)."""
    names = ("query", "key", "value")

    def read(a: Arrays) -> Arrays:
        result: Arrays = {}
        for i, name in enumerate(names):
            weight = np.split(a["in_proj_weight"], 3)[i]
            result[f"{name}/kernel"] = moved(weight, (1, 0)).reshape(weight.shape[1], heads, -1)
            if "in_proj_bias" in a:
                result[f"{name}/bias"] = np.split(a["in_proj_bias"], 3)[i].reshape(heads, -1)
        out = a["out_proj.weight"]
        result["attention_output/kernel"] = moved(out, (1, 0)).reshape(heads, -1, out.shape[0])
        if "out_proj.bias" in a:
            result["attention_output/bias"] = a["out_proj.bias"]
        return result

    def write(a: Arrays) -> Arrays:
        kernels = [a[f"{name}/kernel"] for name in names]
        out = a["attention_output/kernel"]
        result = {"in_proj_weight": np.concatenate([moved(k.reshape(len(k), -1), (1, 0)) for k in kernels])}
        if "query/bias" in a:
            result["in_proj_bias"] = np.concatenate([a[f"{name}/bias"].ravel() for name in names])
        result["out_proj.weight"] = moved(out.reshape(-1, out.shape[-1]), (1, 0))
        if "attention_output/bias" in a:
            result["out_proj.bias"] = a["attention_output/bias"]
        return result

    return Layout(read, write)


def flattened_rows(shape: Tuple[int, ...]) -> np.ndarray:
    """For each cell of a flattened array that has its channels last, where PyTorch, channels first, has it."""
    channels_first = (shape[-1], *shape[:-1])
    return np.moveaxis(np.arange(int(np.prod(shape))).reshape(channels_first), 0, -1).ravel()
