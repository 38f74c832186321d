"""Reads .pt2 files, and state_dicts onto a given type."""
import io
from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple

from strata_convert.errors import ConvertError, Problems, quoted
from strata_convert.given import network_given
from strata_convert.model import Model
from strata_convert.torch import attention, cells, exported, onto, plain, state_dict, windows
from strata_convert.torch.archive import Archive, is_zip
from strata_convert.torch.exported import Call, Program, Ref
from strata_convert.torch.functions import FUNCTIONS, Applied
from strata_convert.torch.simplify import simplified
from strata_convert.torch.values import BATCH, NEW, Plan, Value

__all__ = ["cells", "plain", "windows"]

CHANNELS_FIRST = ("conv1d", "conv_transpose1d", "max_pool1d", "avg_pool1d", "adaptive_avg_pool1d",
                  "adaptive_max_pool1d", "batch_norm", "instance_norm", "group_norm", "upsample_nearest1d")
# Functions whose results are their inputs under other extents: what changes one in place changes the other.
VIEWS = ("flatten", "view", "reshape", "unflatten", "permute", "transpose", "squeeze", "unsqueeze", "select", "slice",
         "contiguous", "chunk", "split", "alias", "detach")
BATCH_OF_EXPORT = 7  # a number that no reshape in a module has by chance
# What Python throws where a program calls a function with other things than it takes.
DAMAGE = (KeyError, ValueError, TypeError, IndexError, AttributeError, ArithmeticError, MemoryError)
UNKNOWN = object()  # a result that could not be made, and has no shape; what reads it is passed over in silence


def function_of(call: Call) -> str:
    """The function's name without that of the overload."""
    return call.function.partition(".")[0]


def is_in_place(call: Call) -> bool:
    """Whether a function changes what it reads."""
    return function_of(call).endswith("_") and bool(call.refs())


def is_channels_first(program: Program) -> bool:
    """Whether an input of three axes is batch x channels x steps: by the first function that cares."""
    name, swapped = program.input, False
    for call in program.calls:
        if name not in call.refs():
            continue
        function = function_of(call)
        if function in CHANNELS_FIRST:
            return not swapped
        if function in ("transpose", "permute"):
            order = call.arguments.get("dims") or [call.arguments.get("dim0"), call.arguments.get("dim1")]
            swapped ^= order in ([0, 2, 1], [1, 2], [2, 1], [-1, -2], [-2, -1], [1, -1], [-1, 1])
        elif function in ("linear", "lstm", "gru", "rnn_tanh", "rnn_relu", "layer_norm", "embedding", "flatten"):
            return swapped
        name = call.outputs[0]
    return False


def input_value(program: Program) -> Tuple[Value, int]:
    """The input, with its channels last in strata, and the extent of its batch."""
    extents = program.extents[program.input]
    batch, shape = extents[0] if extents else None, extents[1:]
    if not shape or any(n is None or n < 1 for n in shape):
        shown = ", ".join("any" if n is None else str(n) for n in extents)
        raise ConvertError(f"The input has the shape [{shown}]: batch x others expected, and all sizes but that of the "
                           "batch fixed.")
    sizes = [int(n) for n in shape if n is not None]
    first = len(sizes) == 3 or (len(sizes) == 2 and is_channels_first(program))
    if first:
        return Value(0, (*sizes[1:], sizes[0]), (BATCH, len(sizes) - 1, *range(len(sizes) - 1))), batch or 0
    return Value(0, tuple(sizes), (BATCH, *range(len(sizes)))), batch or 0


class Walk:
    """Goes through a program, call by call."""

    def __init__(self, program: Program, problems: Problems) -> None:
        self.program = program
        self.problems = problems
        self.plan = Plan(problems)
        self.source, self.batch = input_value(program)
        self.plan.whole_numbers = program.whole_numbers
        self.results: Dict[str, Any] = {**program.tensors, program.input: self.source}

    def resolved(self, argument: Any) -> Any:
        """An argument, with what names stand for."""
        if isinstance(argument, list):
            return [self.resolved(item) for item in argument]
        return self.results.get(argument.name) if isinstance(argument, Ref) else argument

    def apply(self, call: Call) -> Any:
        """What a call makes. Throws ConvertError."""
        function = function_of(call)
        arguments = {key: self.resolved(argument) for key, argument in call.arguments.items()}
        if any(item is UNKNOWN for value in arguments.values()
               for item in (value if isinstance(value, list) else [value])):
            return UNKNOWN
        if call.place.endswith(attention.MODULE) and function != attention.FUNCTION:
            raise ConvertError("it is not recognized as attention of a sequence to itself, with batch_first=True: give "
                               "the type of the network with --onto, and the state_dict.")
        if function not in FUNCTIONS:
            raise ConvertError("strata has no layer for it.")
        self.plan.place = call.place
        return FUNCTIONS[function](Applied(function.rstrip("_"), self.plan, self.batch, arguments))

    def check(self, name: str, value: Value) -> None:
        """Throws ConvertError unless a value has the extents that PyTorch gave it."""
        expected = self.program.extents.get(name, ())
        found = value.extents(self.batch)
        if len(found) != len(expected) or any(n not in (None, m) for n, m in zip(expected, found)):
            raise ConvertError(f"strata makes {list(found)}, PyTorch {list(expected)}.")

    def stand_in(self, name: str) -> Any:
        """A value of the shape that PyTorch gave it, in place of one that could not be made, so that what reads it is
        looked at, too. Its layer is one that hides no problem: the network is not made any more."""
        extents = self.program.extents.get(name, ())
        if len(extents) < 2 or any(n is None or n < 1 for n in extents[1:]) or extents[0] not in (None, self.batch):
            return UNKNOWN
        shape, axes = tuple(int(n) for n in extents[1:] if n is not None), (BATCH, *range(len(extents) - 1))
        if len(shape) == 3:
            shape, axes = (*shape[1:], shape[0]), (BATCH, 2, 0, 1)
        return replace(self.plan.add("ReLU", [self.source], brackets=False), shape=shape, axes=axes)

    def step(self, call: Call) -> None:
        """Remembers what a call makes; what is wrong with it is collected."""
        try:
            result = self.apply(call)
            for name, value in zip(call.outputs, result if isinstance(result, tuple) else (result,)):
                if isinstance(value, Value):
                    self.check(name, value)
        except ConvertError as error:
            module = call.place.endswith(attention.MODULE)
            named = [call.place] if module else [call.place, call.function.partition(".")[0]]
            self.problems.add(": ".join([name for name in named if name] + [str(error)]))
            result = UNKNOWN
        except DAMAGE as error:
            self.problems.add(f"{call.place or call.function}: it is called in a way that is not known: {error!r}.")
            result = UNKNOWN
        results = result if isinstance(result, tuple) else (result,) + (None,) * (len(call.outputs) - 1)
        if result is UNKNOWN:
            results = tuple(self.stand_in(name) for name in call.outputs)
        self.results.update(zip(call.outputs, results))
        if is_in_place(call):  # the old name has the new numbers
            self.results[call.refs()[0]] = results[0]

    def output(self) -> Value:
        """The model's output, its cells in PyTorch's order where it is a row."""
        value = self.results.get(self.program.output)
        if not isinstance(value, Value):
            raise ConvertError("The output does not come from the input.")
        if value.axes[0] != BATCH:
            raise ConvertError("The output does not have the batch first.")
        return self.plan.natural(value)


def check_in_place(program: Program, problems: Problems) -> None:
    """Refuses functions that work in place on an array that is read under another shape, too."""
    makers = {name: call for call in program.everything for name in call.outputs}
    for at, call in enumerate(program.everything):
        if not is_in_place(call):
            continue
        same = {call.refs()[0]}  # the names of the array, whatever its shape
        name = call.refs()[0]
        while name in makers and (function_of(makers[name]) in VIEWS or is_in_place(makers[name])):
            name = makers[name].refs()[0]
            same.add(name)
        for other in program.everything:
            reads = other is not call and same & set(other.refs()) and not same & set(other.outputs)
            before = program.everything.index(other) < at
            hidden = function_of(other) in VIEWS if before else call.refs()[0] not in other.refs()
            if reads and hidden:
                problems.add(f"{call.place + ': ' if call.place else ''}{function_of(call)} works in place on an array "
                             "that is read elsewhere, too.")


def model_of(program: Program, name: str) -> Model:
    """The model of a program. Throws ConvertError with all that strata does not have."""
    problems = Problems()
    program = attention.with_attention(program)
    walk = Walk(program, problems)
    check_in_place(program, problems)
    for call in program.calls:
        walk.step(call)
    problems.raise_any(f"{name} cannot be converted:")
    output = walk.output()
    network = simplified(walk.plan.network(walk.source.shape, output.at))
    return replace(Model.of(network), notes=notes_of(walk.source, output, program))


def notes_of(source: Value, output: Value, program: Program) -> List[str]:
    """What a user should know: the axes that have moved."""
    notes = []
    for what, value, name in (("input", source, program.input), ("output", output, program.output)):
        natural = tuple(axis for axis in value.axes if axis != BATCH)
        if natural != tuple(range(len(natural))):
            theirs = " x ".join(str(n) for n in program.extents[name][1:])
            notes.append(f"the {what} has {order_text(value)}: {' x '.join(map(str, value.shape))}, in PyTorch "
                         f"{theirs}.")
    return notes


def order_text(value: Value) -> str:
    """How strata's axes lie, in terms of PyTorch's."""
    kept = [i for i in value.others() if value.axes[i] != NEW]
    order = sorted(kept, key=lambda i: value.axes[i])
    if order == kept:
        return "no axes of extent one"
    if order == [*kept[1:], kept[0]]:
        return "its channels last"
    return f"PyTorch's axes in the order {', '.join(map(str, order))}"


def recognizes(path: Path) -> bool:
    """Whether a file is one of PyTorch's, or holds tensors by name."""
    if not path.is_file():
        return False
    if not is_zip(path):
        return state_dict.recognizes(path)
    try:
        archive = Archive(path, path.name)
    except ConvertError:
        return path.suffix in (".pt", ".pth", ".pt2")
    return any(part in archive for part in ("data.pkl", "models/model.json")) or path.suffix == ".pt2"


def read(path: Path, target: Optional[str]) -> Model:
    """The model of a file. Throws ConvertError."""
    if is_zip(path):
        archive = Archive(path, path.name)
        if "models/model.json" in archive or "data.pkl" not in archive:
            if target is not None:
                raise ConvertError(f"{path.name} says itself which network it holds: leave --onto out.")
            return model_of(exported.read(path, path.name), path.name)
    return onto.model_of(state_dict.read(path), network_given(target), path.name, not is_zip(path))


def from_torch(module: Any, input_shape: Sequence[int], dtype: Any = None) -> Model:
    """The model of a module of PyTorch's that takes batches of inputs of a shape (channels, rows, columns).

    PyTorch exports the module in inference (torch.export), and the export is read like a file. Throws ConvertError.
    """
    import torch  # only here

    if dtype is None:
        dtype = next((tensor.dtype for tensor in module.parameters()), torch.float32)
    was_training = module.training
    module.eval()
    try:
        content = io.BytesIO()
        samples = torch.zeros(BATCH_OF_EXPORT, *input_shape, dtype=dtype)
        torch.export.save(torch.export.export(module, (samples,)), content)
    except Exception as error:  # whatever a module or the exporter throws
        raise ConvertError(f"PyTorch cannot export the module: {quoted(str(error).splitlines()[0], 200)}.") from error
    finally:
        module.train(was_training)
    return model_of(exported.read(content, type(module).__name__), type(module).__name__)
