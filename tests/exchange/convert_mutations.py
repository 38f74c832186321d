"""Deliberate mistakes in the converter: with each of them, a comparison with Keras must fail. A test that stays green
with one of these would not have seen the mistake."""
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List
from unittest import mock

import numpy as np
from strata_convert import cli
from strata_convert.keras import config, reader, stores, table
from strata_convert.network import Node, node
from strata_convert.reference import activations, evaluate, windows

TOLERANCE = 1e-6


def deviation(path: Path) -> float:
    """How far the reference is from Keras, as a share of the largest output; at least 1 where nothing comes of it."""
    expected = np.load(path.with_suffix(".npz"))
    model = cli.read(path, None)
    found = evaluate(model.check(), model.tensors, expected["x"])
    return float(np.abs(found - expected["y"]).max() / max(1, np.abs(expected["y"]).max()))


@dataclass
class Mutation:
    """A mistake, and the model that it must show in."""

    name: str
    model: str
    apply: Callable[[], Any]


MUTATIONS: List[Mutation] = []


def mutation(name: str, model: str) -> Callable[[Callable[[], Any]], None]:
    """Adds a mistake: a function that returns a context in which it is made."""
    def add(apply: Callable[[], Any]) -> None:
        MUTATIONS.append(Mutation(name, model, apply))
    return add


def of_weights(name: str, model: str, change: Callable[[Dict[str, np.ndarray]], Dict[str, np.ndarray]]) -> None:
    """A mistake in how the arrays of each layer are taken out of the file."""
    def apply() -> Any:
        real = stores.named
        return mock.patch.object(stores, "named", lambda *arguments: change(real(*arguments)))
    MUTATIONS.append(Mutation(name, model, apply))


def changed(tensors: Dict[str, np.ndarray], ending: str,
            change: Callable[[np.ndarray], np.ndarray]) -> Dict[str, np.ndarray]:
    """Changes the arrays whose names end so."""
    return {name: change(values) if name.endswith(ending) else values for name, values in tensors.items()}


def swapped(tensors: Dict[str, np.ndarray], one: str, other: str) -> Dict[str, np.ndarray]:
    """Swaps two arrays, if there are both."""
    if one not in tensors or other not in tensors:
        return tensors
    return {**tensors, one: tensors[other], other: tensors[one]}


def gates(count: int, order: List[int]) -> Callable[[np.ndarray], np.ndarray]:
    """Puts the gates of a recurrent layer in another order."""
    def change(values: np.ndarray) -> np.ndarray:
        parts = np.split(values, count, axis=-1)
        return np.concatenate([parts[i] for i in order], axis=-1)
    return change


def all_gates(count: int, order: List[int]) -> Callable[[Dict[str, np.ndarray]], Dict[str, np.ndarray]]:
    """The same for all arrays of layers that have so many gates."""
    def change(tensors: Dict[str, np.ndarray]) -> Dict[str, np.ndarray]:
        if not any(name.endswith("recurrent_kernel") for name in tensors):
            return tensors
        return {name: gates(count, order)(values) for name, values in tensors.items()}
    return change


def of_images(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Dict[str, np.ndarray]], Dict[str, np.ndarray]]:
    """A change of the kernels of convolutions."""
    return lambda tensors: {name: change(values) if values.ndim == 4 else values for name, values in tensors.items()}


def in_channels_first(values: np.ndarray) -> np.ndarray:
    """The rows of LeNet-5's first Dense, as if Flatten had put channels first."""
    if values.shape[0] != 400:
        return values
    return values.reshape(5, 5, 16, -1).transpose(2, 0, 1, 3).reshape(400, -1)


of_weights("OIHW for HWIO", "lenet5", of_images(lambda k: k.transpose(3, 2, 0, 1).reshape(k.shape)))
of_weights("rows and columns of kernels swapped", "lenet5", of_images(lambda k: k.transpose(1, 0, 2, 3)))
of_weights("kernels flipped", "lenet5", of_images(lambda k: k[::-1, ::-1]))
of_weights("Flatten with channels first", "lenet5", lambda t: changed(t, "kernel", in_channels_first))
of_weights("Dense kernels transposed", "shared_names", lambda t: changed(t, "kernel", np.transpose))
of_weights("LSTM: f and c swapped", "lstm", all_gates(4, [0, 2, 1, 3]))
of_weights("LSTM: gates i, o, f, c of ONNX", "lstm", all_gates(4, [0, 3, 1, 2]))
of_weights("GRU: z and r swapped", "grus", all_gates(3, [1, 0, 2]))
of_weights("GRU: halves of the bias swapped", "grus",
           lambda t: changed(t, "bias", lambda b: b[::-1] if b.ndim == 2 else b))
of_weights("gamma and beta swapped", "vgg", lambda t: swapped(t, "gamma", "beta"))
of_weights("moving mean and variance swapped", "resnet20", lambda t: swapped(t, "moving_mean", "moving_variance"))
of_weights("units of queries in another order", "branches",
           lambda t: changed(t, "query/kernel", lambda k: k[..., ::-1]))
of_weights("bfloat16 as float16", "bfloat16", lambda t: {
    name: (v.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16).view(np.float16).astype(np.float32)
    for name, v in t.items()})


@mutation("Bidirectional: directions swapped", "bidirectional")
def directions() -> Any:
    real = table.RULES["Bidirectional"]

    def apply(*arguments: Any) -> table.Translated:
        found = real(*arguments)
        return replace(found, parts=[(path, found.parts[1 - i][1]) for i, (path, _) in enumerate(found.parts)])

    return mock.patch.dict(table.RULES, {"Bidirectional": apply})


def without_option(keras_class: str, option: str) -> Callable[[], Any]:
    """A mistake: an option of a layer is forgotten."""
    def apply() -> Any:
        real = table.RULES[keras_class]

        def forget(*arguments: Any) -> table.Translated:
            found = real(*arguments)
            return replace(found, layer=replace(found.layer, arguments=tuple(
                a for a in found.layer.args if str(a).split("<")[0] != option)))

        return mock.patch.dict(table.RULES, {keras_class: forget})
    return apply


for keras_class, option, model in (
        ("GRU", "GoBackwards", "grus"), ("GRU", "ResetBefore", "grus"), ("BatchNormalization", "Epsilon", "resnet20"),
        ("LayerNormalization", "Epsilon", "norms"), ("Bidirectional", "Ave", "bidirectional"),
        ("Conv1D", "Dilation", "tcn"), ("Conv2D", "Same", "lenet5"), ("LSTM", "ZeroOutputForMask", "words"),
        ("Embedding", "MaskZero", "words"), ("GroupNormalization", "Groups", "norms"),
        ("PReLU", "SharedAxes", "images"), ("UpSampling2D", "Bilinear", "images")):
    MUTATIONS.append(Mutation(f"{keras_class}: {option} forgotten", model, without_option(keras_class, option)))


def other_activation(name: str, instead: Node) -> Callable[[], Any]:
    """A mistake: a name of Keras stands for another activation."""
    return lambda: mock.patch.dict(config.ACTIVATIONS, {name: instead})


MUTATIONS += [
    Mutation("leaky_relu with the slope of the layer", "branches", other_activation("leaky_relu", Node("LeakyReLU"))),
    Mutation("gelu by its approximation", "vgg", other_activation("gelu", node("GELU::With", Node("Approximate")))),
    Mutation("hard_sigmoid with the slope of Keras 2", "lstm", lambda: mock.patch.dict(
        activations.PLAIN, {"HardSigmoid": lambda x: np.clip(0.2 * x + 0.5, 0, 1)})),
    Mutation("softmax for sigmoid", "branches", other_activation("sigmoid", Node("Softmax"))),
]


@mutation("padding: what is odd goes before", "images")
def odd_padding() -> Any:
    real = windows.padding
    return mock.patch.object(windows, "padding", lambda *arguments: real(*arguments)[::-1])


@mutation("causal padding behind", "tcn")
def causal_padding() -> Any:
    real = windows.padding
    return mock.patch.object(windows, "padding", lambda *arguments: real(*arguments)[::-1])


@mutation("layers by their own names, in their order", "shared_names")
def by_name() -> Any:
    def path_of(self: stores.Groups, slot: stores.Slot) -> str:
        order = sorted(("dense_7", "a", "dense", "z"))
        return f"layers/dense_{order.index(slot.name)}".replace("_0", "") if slot.name in order else slot.path

    return mock.patch.object(stores.Groups, "path_of", path_of)


@mutation("a shortcut forgotten", "resnet20")
def shortcut() -> Any:
    real = reader.network_of

    def apply(*arguments: Any) -> Node:
        network = real(*arguments)
        return replace(network, arguments=tuple(
            replace(part, name="Chain", arguments=tuple(a for a in part.types() if a.name != "Shortcut"))
            if isinstance(part, Node) and part.name == "Residual" else part for part in network.args))

    return mock.patch.object(reader, "network_of", apply)


@mutation("Rescaling without its offset", "vgg")
def offset() -> Any:
    return mock.patch.dict(table.RULES, {"Rescaling": lambda c, shapes: table.Translated(
        node("Rescaling", c.real("scale")) if c.get("offset") is not None else None)})


@contextmanager
def applied(mistake: Mutation) -> Iterator[None]:
    """With the mistake made."""
    with ExitStack() as stack:
        stack.enter_context(mistake.apply())
        yield


def is_seen(mistake: Mutation, models: Path) -> bool:
    """Whether a comparison fails with the mistake."""
    with applied(mistake):
        try:
            return not deviation(models / f"{mistake.model}.keras") <= TOLERANCE
        except Exception:  # an array that does not fit, say: seen, too
            return True
