"""Recurrent layers and attention: one step after the other."""
from typing import Callable, Tuple

import numpy as np

from strata_convert.layers import Settings
from strata_convert.network import Node
from strata_convert.reference.activations import activate, softmax
from strata_convert.reference.table import Call, computes

States = Tuple[np.ndarray, ...]


def run(call: Call, states: int, step: Callable[[np.ndarray, States], States]) -> np.ndarray:
    """Steps through a sequence; the first state is the result. A step that a mask leaves out changes no state."""
    s, x = call.settings, call.x
    mask = np.ones(x.shape[:2], bool) if call.mask is None else call.mask
    backwards = not s.has("GoForwards")
    if backwards:
        x, mask = x[:, ::-1], mask[:, ::-1]
    state: States = tuple(np.zeros((len(x), s["units"])) for _ in range(states))
    results = []
    for t in range(x.shape[1]):
        present = mask[:, t, None]
        state = tuple(np.where(present, new, old) for new, old in zip(step(x[:, t], state), state))
        results.append(np.where(present, state[0], 0) if s.has("ZeroOutputForMask") else state[0])
    if s.has("ReturnLast"):
        return state[0]
    sequence = np.stack(results, axis=1)
    return sequence[:, ::-1] if s.has("GoBackwardsInOrder") else sequence


def gate(s: Settings, sums: np.ndarray) -> np.ndarray:
    """The activation of gates."""
    activation = s.options["recurrent_activation"].args[0]
    return activate(activation if isinstance(activation, Node) else Node("Sigmoid"), sums)


@computes("SimpleRNN")
def simple_rnn(call: Call) -> np.ndarray:
    """h = activation(x kernel + h recurrent_kernel + bias)."""
    w = call.weights
    bias = w.get("bias", 0)
    return run(call, 1, lambda x, h: (activate(call.settings.activation,
                                               x @ w["kernel"] + h[0] @ w["recurrent_kernel"] + bias),))


@computes("LSTM")
def lstm(call: Call) -> np.ndarray:
    """Gates i, f, c, o."""
    w, s = call.weights, call.settings

    def step(x: np.ndarray, state: States) -> States:
        h, c = state
        i, f, new, o = np.split(x @ w["kernel"] + h @ w["recurrent_kernel"] + w.get("bias", 0), 4, axis=-1)
        c = gate(s, f) * c + gate(s, i) * activate(s.activation, new)
        return gate(s, o) * activate(s.activation, c), c

    return run(call, 2, step)


@computes("GRU")
def gru(call: Call) -> np.ndarray:
    """Gates z, r, candidate. With ResetAfter the reset comes behind the product, whose bias is the second row."""
    w, s = call.weights, call.settings
    after = s.has("ResetAfter")
    bias = w.get("bias", np.zeros((2, 1)) if after else np.zeros(1))
    of_input, of_state = (bias[0], bias[1]) if after else (bias, np.zeros(1))
    units = s["units"]

    def step(x: np.ndarray, state: States) -> States:
        h = state[0]
        xz, xr, xh = np.split(x @ w["kernel"] + of_input, 3, axis=-1)
        kernel = w["recurrent_kernel"]
        if after:
            hz, hr, hh = np.split(h @ kernel + of_state, 3, axis=-1)
            new = activate(s.activation, xh + gate(s, xr + hr) * hh)
        else:
            hz, hr = np.split(h @ kernel[:, :2 * units], 2, axis=-1)
            new = activate(s.activation, xh + (gate(s, xr + hr) * h) @ kernel[:, 2 * units:])
        z = gate(s, xz + hz)
        return (z * h + (1 - z) * new,)

    return run(call, 1, step)


@computes("MultiHeadAttention")
def multi_head_attention(call: Call) -> np.ndarray:
    """softmax(q k / sqrt(key units)) v for each head, and the projection of all heads."""
    w = call.weights
    sources = {"query": call.inputs[0], "key": call.inputs[-1], "value": call.inputs[-1]}
    q, k, v = (np.einsum("bti,ihu->bhtu", x, w[f"{name}/kernel"]) + w.get(f"{name}/bias", np.zeros((1, 1)))[:, None]
               for name, x in sources.items())
    scores = np.einsum("bhqu,bhku->bhqk", q, k) / np.sqrt(q.shape[-1])
    if call.settings.has("Causal"):
        scores = np.where(np.tri(*scores.shape[-2:]) == 1, scores, -np.inf)
    heads = np.einsum("bhqk,bhku->bqhu", softmax(scores), v)
    return np.einsum("bqhu,huo->bqo", heads, w["attention_output/kernel"]) + w.get("attention_output/bias", 0)
