"""Recurrent layers and attention: one step after the other."""
from typing import Callable, Tuple

import numpy as np

from strata_convert.layers import Settings
from strata_convert.network import Node
from strata_convert.reference.activations import Activation, function_of, softmax
from strata_convert.reference.table import Call, computes

States = Tuple[np.ndarray, ...]


def run(call: Call, x: np.ndarray, states: int, step: Callable[[np.ndarray, States], States]) -> np.ndarray:
    """Steps through what a layer makes of its input, x kernel + bias; the first state is the result. A step that a mask
    leaves out changes no state."""
    s, mask = call.settings, call.mask
    if not s.has("GoForwards"):
        x, mask = x[:, ::-1], None if mask is None else mask[:, ::-1]
    state: States = tuple(np.zeros((len(x), s["units"])) for _ in range(states))
    results = []
    for t in range(x.shape[1]):
        new = step(x[:, t], state)
        present = None if mask is None else mask[:, t, None]
        state = new if present is None else tuple(np.where(present, a, b) for a, b in zip(new, state))
        left_out = present is not None and s.has("ZeroOutputForMask")
        results.append(np.where(present, state[0], 0) if left_out else state[0])
    if s.has("ReturnLast"):
        return state[0]
    sequence = np.stack(results, axis=1)
    return sequence[:, ::-1] if s.has("GoBackwardsInOrder") else sequence


def of_gates(s: Settings) -> Activation:
    """The activation of gates."""
    activation = s.options["recurrent_activation"].args[0]
    return function_of(activation if isinstance(activation, Node) else Node("Sigmoid"))


@computes("SimpleRNN")
def simple_rnn(call: Call) -> np.ndarray:
    """h = activation(x kernel + h recurrent_kernel + bias)."""
    w, activation = call.weights, function_of(call.settings.activation)
    return run(call, call.x @ w["kernel"] + w.get("bias", 0), 1,
               lambda x, h: (activation(x + h[0] @ w["recurrent_kernel"]),))


@computes("LSTM")
def lstm(call: Call) -> np.ndarray:
    """Gates i, f, c, o."""
    w, activation, gate, units = call.weights, function_of(call.settings.activation), of_gates(call.settings), \
        call.settings["units"]

    def step(x: np.ndarray, state: States) -> States:
        h, c = state
        sums = x + h @ w["recurrent_kernel"]
        i, f, new, o = (sums[:, at * units:(at + 1) * units] for at in range(4))
        c = gate(f) * c + gate(i) * activation(new)
        return gate(o) * activation(c), c

    return run(call, call.x @ w["kernel"] + w.get("bias", 0), 2, step)


@computes("GRU")
def gru(call: Call) -> np.ndarray:
    """Gates z, r, candidate. With ResetAfter the reset comes behind the product, whose bias is the second row."""
    w, s = call.weights, call.settings
    after = s.has("ResetAfter")
    zeros = np.zeros(3 * s["units"])
    of_input, of_state = w.get("bias", (zeros, zeros)) if after else (w.get("bias", zeros), zeros)
    units, activation, gate = s["units"], function_of(s.activation), of_gates(s)
    of_gate, of_candidate = w["recurrent_kernel"][:, :2 * units], w["recurrent_kernel"][:, 2 * units:]

    def step(x: np.ndarray, state: States) -> States:
        h = state[0]
        gates = gate(x[:, :2 * units] + h @ of_gate + of_state[:2 * units])
        z, r = gates[:, :units], gates[:, units:]
        sums = r * (h @ of_candidate + of_state[2 * units:]) if after else (r * h) @ of_candidate
        return (z * h + (1 - z) * activation(x[:, 2 * units:] + sums),)

    return run(call, call.x @ w["kernel"] + of_input, 1, step)


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
