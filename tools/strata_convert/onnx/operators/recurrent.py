"""Recurrent layers: gates in Keras' order, weights with the inputs first."""
from typing import Dict, List, Optional

import numpy as np

from strata_convert.onnx.layers import Tensors
from strata_convert.errors import ConvertError
from strata_convert.network import Node
from strata_convert.onnx.folding import uniform
from strata_convert.onnx.backwards import IN_ORDER
from strata_convert.onnx.operators.shapes import transposed
from strata_convert.onnx.operators.table import Call, operator, with_shape
from strata_convert.onnx.operators.windows import padded_along
from strata_convert.onnx.values import BATCH, Value

KINDS = {"RNN": "SimpleRNN", "LSTM": "LSTM", "GRU": "GRU"}
GATES = {"RNN": [0], "LSTM": [0, 2, 3, 1], "GRU": [0, 1, 2]}  # of ONNX: i o f c, and z r h
ACTIVATIONS = {"tanh": "Tanh", "sigmoid": "Sigmoid", "relu": "ReLU", "softplus": "Softplus"}
DEFAULTS = {"RNN": ["Tanh"], "LSTM": ["Sigmoid", "Tanh", "Tanh"], "GRU": ["Sigmoid", "Tanh"]}


def activation_options(call: Call, directions: int) -> List[Node]:
    """The options of a layer's activations."""
    defaults = DEFAULTS[call.op.kind]
    given = call.op.get("activations") or defaults * directions
    count = len(defaults)
    if len(given) != count * directions or given[:count] * directions != list(given):
        raise ConvertError(f"its directions have different activations {given}.")
    names = activation_names(call, given)[:count]
    if None in names or (call.op.kind == "LSTM" and names[1] != names[2]):
        raise ConvertError(f"the activations {given[:count]} are not in strata's {KINDS[call.op.kind]}.")
    own, gates = (names[0], None) if call.op.kind == "RNN" else (names[1], names[0])
    return ([Node(str(own))] if own != "Tanh" else []) + (
        [Node("RecurrentActivation", (Node(gates),))] if gates not in (None, "Sigmoid") else [])


def activation_names(call: Call, given: List[str]) -> List[Optional[str]]:
    """strata's names of activations; None for those that strata's recurrent layers do not have. The lists alpha and
    beta have a number for each activation that takes one."""
    alphas, betas = ([*(call.op.get(f"activation_{name}") or [])] for name in ("alpha", "beta"))
    names: List[Optional[str]] = []
    for name in (text.lower() for text in given):
        alpha = alphas.pop(0) if name in ("hardsigmoid", "affine") and alphas else 0.2
        beta = betas.pop(0) if name in ("hardsigmoid", "affine") and betas else 0.5
        if name == "hardsigmoid":
            slopes = {"0.1667": "HardSigmoid", "0.5000": "SparseSigmoid"} if beta == 0.5 else {}
            names.append(slopes.get(f"{alpha:.4f}"))
        else:
            names.append("Linear" if name == "affine" and (alpha, beta) == (1, 0) else ACTIVATIONS.get(name))
    return names if not alphas and not betas else [None] * len(names)


def in_gates(values: np.ndarray, gates: List[int]) -> np.ndarray:
    """The parts along the first axis in another order."""
    return np.concatenate([np.split(values, len(gates))[gate] for gate in gates])


def tensors_of(call: Call, direction: int, kernel: np.ndarray, recurrent: np.ndarray,
               bias: Optional[np.ndarray]) -> Tensors:
    """The tensors of one direction. The halves of the bias are added, but for a GRU that resets behind its product."""
    gates = GATES[call.op.kind]
    tensors: Dict[str, np.ndarray] = {"kernel": in_gates(kernel[direction], gates).T,
                                      "recurrent_kernel": in_gates(recurrent[direction], gates).T}
    if bias is not None:
        halves = [in_gates(half, gates) for half in np.split(bias[direction], 2)]
        apart = call.op.kind == "GRU" and call.op.get("linear_before_reset", 0)
        tensors["bias"] = np.stack(halves) if apart else halves[0] + halves[1]
    return tensors


def refuse_states(call: Call, steps: int) -> None:
    """Throws ConvertError for sequences of several lengths, other first states than zero, and peepholes."""
    lengths = call.operand(4)
    if lengths is not None and not (isinstance(lengths, np.ndarray) and uniform(lengths) == steps):
        raise ConvertError("sequence_lens are not in strata: all sequences have the same length, or a Masking.")
    for index, name in ((5, "initial_h"), (6, "initial_c")):
        state = call.operand(index)
        if state is not None and not (isinstance(state, np.ndarray) and uniform(state) == 0):
            raise ConvertError(f"its {name} is not zero.")
    if call.operand(7) is not None:
        raise ConvertError("peepholes are not in strata.")
    call.refuse("clip", input_forget=0)


@operator("RNN LSTM GRU")
def recurrent(call: Call) -> List[Optional[Value]]:
    """SimpleRNN, LSTM or GRU, or a Bidirectional of it."""
    is_batch_first = call.op.get("layout", 0) == 1
    x = transposed(call.x, (1, 0, 2)) if is_batch_first and call.x.rank == 3 else call.x
    if x.rank != 3 or x.axes[1] != BATCH:
        raise ConvertError("its input is not steps x batch x inputs.")
    kernel, matrix, bias = call.constant(1, "W"), call.constant(2, "R"), call.optional(3, "B")
    gates, units, steps = len(GATES[call.op.kind]), matrix.shape[-1], x.extent(0)
    direction = call.op.get("direction", "forward")
    directions = 2 if direction == "bidirectional" else 1
    if (kernel.shape != (directions, gates * units, x.extent(2)) or matrix.shape != (directions, gates * units, units)
            or (bias is not None and bias.shape != (directions, 2 * gates * units))):
        raise ConvertError(f"its weights of shapes {kernel.shape} and {matrix.shape} do not fit.")
    refuse_states(call, steps)
    wanted = [name != "" and call.used(name) > 0 for name in [*call.op.outputs, "", ""][:3]]
    if call.op.kind == "LSTM" and wanted[2]:
        raise ConvertError("its cell state is an output; in strata it is not.")
    options = activation_options(call, directions)
    if call.op.kind == "GRU" and not call.op.get("linear_before_reset", 0):
        options.append(Node("ResetBefore"))
    if bias is None:
        options.append(Node("NoBias"))
    sequences = wanted[0] and steps > 1
    if sequences and wanted[1] and direction != "forward":
        raise ConvertError("the results of all its steps backwards together with the last are not in strata.")
    if direction == "reverse":
        options.insert(0, IN_ORDER if sequences else Node("GoBackwards"))
    if sequences:
        options.insert(0, Node("ReturnSequences"))
    layer_type = call.node(KINDS[call.op.kind], units, *options)
    if directions == 2:
        layer_type = call.node("Bidirectional", Node(layer_type.name, layer_type.arguments))
    tensors: Tensors = {}
    for k in range(directions):
        prefix = ("forward/", "backward/")[k] if directions == 2 else ""
        tensors.update({prefix + name: values for name, values in tensors_of(call, k, kernel, matrix, bias).items()})
    width = directions * units
    layer = call.builder.layer(layer_type, [call.builder.placed(x, [[0], [2]]).layer], tensors,
                               (steps, width) if sequences else (width,))
    if sequences:
        whole = with_shape(x, (steps, directions, units), [(0,), (1,), BATCH, (2,)], layer)
        last = padded_along(call, whole, [0], {0: 1 - steps}, {}, 0.0) if wanted[1] else whole
    else:
        whole = last = with_shape(x, (directions, units), [(), (0,), BATCH, (1,)], layer)
    state = with_shape(last, last.shape, last.axes[1:], last.layer)
    if is_batch_first:
        return [transposed(whole, (2, 0, 1, 3)), transposed(state, (1, 0, 2)), None]
    return [whole, state, None]
