"""Each line of the table of layouts matters: with one of them wrong, a comparison with PyTorch fails."""
import unittest
import warnings
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple
from unittest import mock

import numpy as np
from torch_models import Case, trained_cases

from strata_convert.errors import ConvertError
from strata_convert.network import Node
from strata_convert.reference import evaluate
from strata_convert.torch import cells, exported, layouts, reader, values, windows

warnings.simplefilter("ignore")
CASES: Dict[str, Tuple[Case, Path, np.ndarray]] = {}
USED = ("attention", "lenet5", "vgg", "separable", "decoder", "tcn", "lstm", "gru", "bidirectional_states")


def setUpModule() -> None:
    """What PyTorch makes of the models that are used."""
    cases, folder = trained_cases()
    for name in USED:
        y = cases[name].expected()
        CASES[name] = cases[name], folder / f"{name}.pt2", np.moveaxis(y, 1, -1) if y.ndim == 4 else y


def agrees(name: str) -> bool:
    """Whether a model comes over as it should: its predictions, and its type, which says what matters to training."""
    case, path, expected = CASES[name]
    try:
        model = reader.model_of(exported.read(path, name), name)
        found = evaluate(model.check(), model.tensors, case.strata_inputs())
    except (ConvertError, ValueError, IndexError):
        return False
    same = found.shape == expected.shape and np.abs(found - expected).max() <= 1e-6 * np.abs(expected).max()
    return bool(same and str(model.network) == case.network)


def swapped_bias(name: str, of_input: np.ndarray, of_state: np.ndarray) -> np.ndarray:
    """The two biases of a GRU for each other."""
    return np.stack([layouts.gates(name, of_state), layouts.gates(name, of_input)])


def flat_as_it_is(flattened: Callable[..., values.Value]) -> Callable[..., values.Value]:
    """Flatten without the order of channels."""
    return lambda self, value: replace(flattened(self, value), rows=None, back=())


def reset_before(add: Callable[..., values.Value]) -> Callable[..., values.Value]:
    """GRU with its reset gate before the product, and one bias."""
    def other(self: values.Plan, name: str, inputs: Any, *arguments: Any, **more: Any) -> values.Value:
        if name == "GRU":
            more["weights"] = {**more["weights"], "bias": more["weights"]["bias"].sum(0)}
            arguments = (*arguments, "ResetBefore")
        return add(self, name, inputs, *arguments, **more)

    return other


def depthwise(channels: int) -> layouts.Layout:
    """Channels and multiplier for each other."""
    def read(a: layouts.Arrays) -> layouts.Arrays:
        weight = a["weight"].reshape(-1, channels, *a["weight"].shape[2:])
        return {"kernel": layouts.moved(weight, (2, 3, 1, 0)), **layouts.renamed(a, {"bias": "bias"})}

    return layouts.Layout(read, read)


def queries_as_keys(heads: int) -> layouts.Layout:
    """The weights of queries and keys for each other."""
    names = {"query": "key", "key": "query"}

    def read(a: layouts.Arrays) -> layouts.Arrays:
        return {"/".join(names.get(part, part) for part in name.split("/")): values
                for name, values in READ_ATTENTION(heads).read(a).items()}

    return layouts.Layout(read, read)


READ_ATTENTION = layouts.attention

# What is wrong, where, and the models that have to show it.
Mutation = Tuple[str, List[Any], Tuple[str, ...]]
MUTATIONS: List[Mutation] = [
    ("queries and keys", [mock.patch.object(layouts, "attention", queries_as_keys)], ("attention",)),
    ("rows and columns of kernels", [mock.patch.dict(layouts.CONVOLUTION, {2: layouts.kernel((3, 2, 1, 0))})],
     ("lenet5",)),
    ("steps of kernels backwards", [mock.patch.dict(layouts.CONVOLUTION, {1: layouts.Layout(
        lambda a: {"kernel": layouts.moved(a["weight"], (2, 1, 0))[::-1], "bias": a["bias"]}, lambda a: a)})],
     ("tcn",)),
    ("transposed kernels", [mock.patch.dict(layouts.TRANSPOSED, {2: layouts.kernel((3, 2, 1, 0))})], ("decoder",)),
    ("depthwise kernels", [mock.patch.object(layouts, "depthwise", depthwise)], ("separable",)),
    ("the order at Flatten", [mock.patch.object(values.Plan, "flattened", flat_as_it_is(values.Plan.flattened))],
     ("lenet5", "vgg", "separable")),
    ("the gates i and f", [mock.patch.dict(layouts.GATES, LSTM=(1, 0, 2, 3))], ("lstm", "bidirectional_states")),
    ("the gates i and g", [mock.patch.dict(layouts.GATES, LSTM=(2, 1, 0, 3))], ("lstm",)),
    ("the gates g and o", [mock.patch.dict(layouts.GATES, LSTM=(0, 1, 3, 2))], ("lstm",)),
    ("the gates z and r", [mock.patch.dict(layouts.GATES, GRU=(0, 1, 2))], ("gru",)),
    ("the halves of a GRU's bias", [mock.patch.object(layouts, "bias_of", swapped_bias)], ("gru",)),
    ("half of an LSTM's bias", [mock.patch.object(layouts, "bias_of", lambda name, of_input, _: of_input)], ("lstm",)),
    ("ResetBefore", [mock.patch.object(values.Plan, "add", reset_before(values.Plan.add))], ("gru",)),
    ("epsilon", [mock.patch.object(cells, "epsilon", lambda _: Node("Epsilon", (0.001,)))], ("vgg", "separable")),
    ("momentum", [mock.patch.object(cells, "number", lambda value: 0.1 if value == 0.9 else value)], ("vgg",)),
    ("mean and variance", [mock.patch.object(layouts, "BATCH_NORMALIZATION", layouts.with_names(
        {"weight": "gamma", "bias": "beta", "running_mean": "moving_variance", "running_var": "moving_mean"}))],
     ("vgg",)),
    ("gamma and beta", [mock.patch.object(layouts, "NORMALIZATION", layouts.with_names(
        {"weight": "beta", "bias": "gamma"}))], ("vgg",)),
    ("padding as Same everywhere", [mock.patch.object(windows, "is_same", lambda *_: True)], ("vgg", "separable")),
    ("the end of a layer that goes backwards", [mock.patch.object(
        cells, "last_state", lambda plan, states, _, last=cells.last_state: last(plan, states, False))],
     ("bidirectional_states",)),
]


class MutationTest(unittest.TestCase):
    """All deliberate mistakes."""

    def test_without_mistakes_all_models_agree(self) -> None:
        for name in USED:
            self.assertTrue(agrees(name), name)

    def test_each_mistake_is_seen(self) -> None:
        for what, patches, names in MUTATIONS:
            with ExitStack() as stack:
                for patch in patches:
                    stack.enter_context(patch)
                for name in names:
                    self.assertFalse(agrees(name), f"{what}: {name} agrees all the same")


if __name__ == "__main__":
    unittest.main()
