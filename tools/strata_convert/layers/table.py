"""How the table of strata's layers is written down: see the other modules of this package for its rows."""
import math
from dataclasses import dataclass, field
from typing import Callable, Dict, Optional, Sequence, Tuple, Union

from strata_convert.errors import ConvertError
from strata_convert.network import Node, Parser

Shape = Tuple[int, ...]
LARGEST = 1 << 27  # numbers in a value, or in a tensor


@dataclass(frozen=True)
class Shaped:
    """A layer on inputs of given shapes: what comes out, and what it keeps."""

    output: Shape
    parameters: Dict[str, Shape] = field(default_factory=dict)  # trained
    state: Dict[str, Shape] = field(default_factory=dict)

    @property
    def tensors(self) -> Dict[str, Shape]:
        """The tensors of a file, in its order."""
        return {**self.parameters, **self.state}


# Options, and what each of them chooses. Initializers, regularizers and constraints do not matter to predictions.
OPTIONS = {
    "Kernel": "kernel", "Strides": "strides", "Dilation": "dilation", "Groups": "groups", "Pool": "pool",
    "Valid": "padding", "Same": "padding", "Causal": "padding", "UseBias": "bias", "NoBias": "bias",
    "DepthMultiplier": "depth_multiplier", "KeepDims": "keep_dims", "DropDims": "keep_dims",
    "OutputPadding": "output_padding", "SharedAxes": "shared_axes", "Size": "size", "Nearest": "interpolation",
    "Bilinear": "interpolation", "MaskValue": "mask_value", "MaskZero": "mask_zero", "NoMaskZero": "mask_zero",
    "Epsilon": "epsilon", "Momentum": "momentum", "Center": "center", "NoCenter": "center", "Scale": "scale",
    "NoScale": "scale", "ReturnSequences": "results", "ReturnLast": "results", "GoForwards": "direction",
    "GoBackwards": "direction", "GoBackwardsInOrder": "direction", "RepeatOutputForMask": "masked_output",
    "ZeroOutputForMask": "masked_output", "RecurrentActivation": "recurrent_activation",
    "UnitForgetBias": "forget_bias", "NoForgetBias": "forget_bias", "ResetAfter": "reset", "ResetBefore": "reset",
    "ValueUnits": "value_units", "OutputUnits": "output_units", "AttentionDropout": "attention_dropout",
    "AttendToAll": "padding", "MaxValue": "max_value", "NegativeSlope": "negative_slope", "Threshold": "threshold",
    "Alpha": "alpha", "Beta": "beta", "Approximate": "approximation", "Exact": "approximation",
    "Connections": "connections",
}
# What options have numbers, and the smallest that each takes.
WHOLE = {"Kernel": 1, "Strides": 1, "Dilation": 1, "Groups": 1, "Pool": 1, "DepthMultiplier": 1, "Size": 1,
         "OutputPadding": 0, "ValueUnits": 0, "OutputUnits": 0}
LEAST = {**WHOLE, "MaskValue": -math.inf, "Epsilon": 0, "Momentum": 0, "AttentionDropout": 0, "MaxValue": 0,
         "NegativeSlope": 0, "Threshold": 0, "Alpha": 0, "Beta": 0}
WITHOUT_MEANING = ("Initializer", "Regularizer", "Constraint")
# Of these, what strata has.
OF_TRAINING = set("Constant FanInUniform GlorotNormal GlorotUniform HeNormal HeUniform Identity LecunNormal LecunUniform "
                  "Ones Orthogonal RandomNormal RandomUniform STFTInitializer TruncatedNormal VarianceScaling Zeros L1 "
                  "L1L2 L2 OrthogonalRegularizer MaxNorm MinMaxNorm NonNeg UnitNorm".split())

ACTIVATIONS = set("Linear ReLU Sigmoid Tanh ScaledTanh ELU GELU ReLU6 LeakyReLU SELU CELU Exponential SiLU Mish "
                  "Softplus Softsign LogSigmoid Squareplus TanhShrink HardSigmoid HardSiLU HardTanh HardShrink "
                  "SoftShrink SparseSigmoid SparsePlus Softmax LogSoftmax Sparsemax GLU".split())


def class_name(layer: Node) -> str:
    """What summaries and files call a layer: `ReLU` for `ReLU::With<MaxValue<6>>`."""
    return layer.name.split("::")[0]


def option_kind(option: Node) -> Optional[str]:
    """What an option chooses; nothing where it does not matter to predictions."""
    if class_name(option) in ACTIVATIONS:
        return "activation"
    if option.name in OPTIONS:
        return OPTIONS[option.name]
    if option.name.endswith(WITHOUT_MEANING):
        return None
    raise ConvertError(f"{option} is no option of strata's layers.")


def in_range(number: Union[int, float], least: float) -> bool:
    """Whether a number is one that C++ has, and not too small."""
    return number >= least and (isinstance(number, float) or abs(number) < 2**63)


def check_option(option: Node) -> None:
    """Throws ConvertError for an option without the numbers that it has in strata, or with others."""
    if option.name == "RecurrentActivation":
        require(len(option.types()) == len(option.args) == 1, f"{option} names no activation.")
    least = LEAST.get(option.name)
    if least is not None:
        kinds = int if option.name in WHOLE else (int, float)
        require(bool(option.args) and all(isinstance(n, kinds) and in_range(n, least) for n in option.args),
                f"{option} has other numbers than {option.name} takes.")
        number = next(n for n in option.args if not isinstance(n, Node))
        require(option.name not in ("Alpha", "Beta") or number > 0, f"{option}: {option.name} must be positive.")
        require(option.name != "Momentum" or number <= 1, f"{option}: Momentum must lie in [0, 1].")
        require(option.name != "AttentionDropout" or number < 1, f"{option}: the rate must lie in [0, 1).")
    for part in [option, *option.types()]:
        if class_name(part) in ACTIVATIONS:
            TABLE[class_name(part)].settings(part)


class Settings:
    """A layer's numbers and options, with defaults where it names none: `settings["units"]`, `settings.has("Same")`."""

    def __init__(self, layer: Node, numbers: Sequence[str], defaults: Dict[str, Node]) -> None:
        self.layer = layer
        given = tuple(argument for argument in layer.args if not isinstance(argument, Node))
        if numbers and len(given) != len(numbers):
            raise ConvertError(f"{layer} has {len(given)} numbers: {', '.join(numbers)} expected.")
        self.numbers = given
        self.named = dict(zip(numbers, given))
        self.options = dict(defaults)
        for option in layer.types():
            kind = option_kind(option)
            if kind is None:
                continue
            if kind not in defaults:
                raise ConvertError(f"{layer.name} takes no {option}.")
            check_option(option)
            self.options[kind] = option

    def __getitem__(self, name: str) -> int:
        """A number by its name."""
        value = self.named[name]
        require(isinstance(value, int), f"{self.layer}: a whole number of {name} expected.")
        return int(value)

    def real(self, name: str) -> float:
        """A number by its name, or the number of an option."""
        value = self.named[name] if name in self.named else self.options[name].args[0]
        if isinstance(value, Node):
            raise ConvertError(f"{self.layer}: a number expected, not {value}.")
        return float(value)

    def has(self, option: str) -> bool:
        """Whether an option is the one that counts: `has("Same")`."""
        return self.options[OPTIONS[option]].name == option

    def whole(self, kind: str) -> int:
        """The number of an option."""
        return int(self.real(kind))

    def extents(self, kind: str, axes: int) -> Tuple[int, ...]:
        """One number for each axis. `Kernel<3>` and `Kernel<3, 3>` are one type, which files have as the latter."""
        numbers = tuple(int(argument) for argument in self.options[kind].args if not isinstance(argument, Node))
        require(len(numbers) == axes or (len(numbers) in (1, 2) and len(set(numbers)) == 1),
                f"{self.layer}: {self.options[kind]} has other numbers than {axes} axes need.")
        return numbers if len(numbers) == axes else numbers[:1] * axes

    @property
    def activation(self) -> Node:
        """The activation, which may be Linear."""
        return self.options["activation"]


ShapeRule = Callable[[Settings, Tuple[Shape, ...]], Shaped]


@dataclass(frozen=True)
class Kind:
    """A row of the table: the names of a layer's numbers, its options with their defaults, and its shapes."""

    numbers: Tuple[str, ...]
    defaults: Dict[str, Node]
    rule: ShapeRule
    passes_mask: bool

    def settings(self, layer: Node) -> Settings:
        """What a layer of this kind is given."""
        return Settings(layer, self.numbers, self.defaults)


TABLE: Dict[str, Kind] = {}


def layer(names: str, numbers: str = "", passes_mask: bool = False,
          **defaults: str) -> Callable[[ShapeRule], ShapeRule]:
    """Puts layers of these names into the table; their options are given with their defaults, `bias="UseBias"`."""
    def add(rule: ShapeRule) -> ShapeRule:
        options = {kind: Parser(text).argument() for kind, text in defaults.items()}
        for name in names.split():
            TABLE[name] = Kind(tuple(numbers.split()),
                               {kind: option for kind, option in options.items() if isinstance(option, Node)}, rule,
                               passes_mask)
        return rule

    return add


def require(condition: bool, sentence: str) -> None:
    """Throws ConvertError with the sentence unless the condition holds."""
    if not condition:
        raise ConvertError(sentence)


def require_size(shape: Shape) -> None:
    """Throws ConvertError for a shape that only a damaged file can have: nothing of this size is computed."""
    require(math.prod(shape) <= LARGEST, f"A value of shape {shape} is larger than {LARGEST:,} numbers.")


def require_rank(settings: Settings, shape: Shape, rank: int) -> None:
    """Throws ConvertError for an input of another rank."""
    require(len(shape) == rank, f"{settings.layer} takes an input of {rank} axes, not one of shape {shape}.")


def after_activation(settings: Settings, shape: Shape) -> Shape:
    """The shape behind a layer's activation: GLU halves the last axis."""
    if class_name(settings.activation) != "GLU":
        return shape
    require(shape[-1] % 2 == 0, f"{settings.layer}: GLU halves an even number of outputs.")
    return (*shape[:-1], shape[-1] // 2)


def with_bias(settings: Settings, kernels: Dict[str, Shape], size: int) -> Dict[str, Shape]:
    """The parameters of a layer: its kernels, and a bias unless it has NoBias."""
    return {**kernels, "bias": (size,)} if settings.has("UseBias") else kernels
