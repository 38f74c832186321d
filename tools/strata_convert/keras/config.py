"""The configuration of one layer, as Keras writes it: what has been asked of it is known, all else is refused."""
from typing import Any, Dict, List, Optional, Sequence, Tuple

from strata_convert.errors import Problems, escaped, quoted
from strata_convert.network import Node

# What does not matter to predictions, or is said elsewhere, too.
WITHOUT_MEANING = {"name", "trainable", "dtype", "batch_input_shape", "batch_shape", "input_shape", "autocast", "seed",
                   "noise_shape", "synchronized", "momentum", "implementation", "unroll", "unit_forget_bias", "fused",
                   "input_length", "renorm_clipping", "renorm_momentum", "flash_attention", "dropout",
                   "recurrent_dropout", "query_shape", "key_shape", "value_shape", "virtual_batch_size", "lora_alpha",
                   "experimental_relax_shapes"}
ENDINGS = ("_initializer", "_regularizer", "_constraint")
NUMBER_TYPES = ("float32", "float64", "float16", "bfloat16", "mixed_float16", "mixed_bfloat16")


def is_whole(value: Any, least: int) -> bool:
    """Whether a value is a whole number, one that C++ has, and not too small."""
    return type(value) is int and least <= value < 2**63


def is_number(value: Any) -> bool:
    """Whether a value is a number, one that C++ has."""
    return type(value) is float or (type(value) is int and abs(value) < 2**63)


class Config:
    """A layer's class, name and options. What is wrong is collected, not thrown."""

    def __init__(self, class_name: str, values: Dict[str, Any], problems: Problems, keras_2: bool) -> None:
        self.class_name = class_name
        self.values = values
        self.problems = problems
        self.keras_2 = keras_2
        self.name = str(values.get("name", class_name))
        self.seen = set(WITHOUT_MEANING)
        self.is_fine = True  # nothing has been refused
        if not isinstance(values.get("name", ""), str):
            self.wrong("name", values["name"], "a text")

    def problem(self, sentence: str) -> None:
        """Something that strata does not have, or that is damaged."""
        self.is_fine = False
        self.problems.add(f"{escaped(self.class_name)} {quoted(self.name)}: {sentence}")

    def wrong(self, key: str, value: Any, expected: str) -> None:
        """An option of another type than Keras writes."""
        self.problem(f"{key} is {quoted(value)}, {expected} expected.")

    def get(self, key: str, default: Any = None) -> Any:
        """An option as it stands there: of any type. All others below check the type."""
        self.seen.add(key)
        return self.values.get(key, default)

    def flag(self, key: str, default: bool = False) -> bool:
        """An option that is true or false; null is false, as in Python."""
        value = self.get(key, default)
        if value is None or isinstance(value, bool) or (type(value) is int and value in (0, 1)):
            return bool(value)
        self.wrong(key, value, "true or false")
        return default

    def choice(self, key: str, default: str, allowed: Sequence[str]) -> str:
        """An option that is one of some names."""
        value = self.get(key, default)
        if isinstance(value, str) and value in allowed:
            return value
        self.problem(f"strata has no {key}={value}." if isinstance(value, str) and value.isidentifier() else
                     f"{key} is {quoted(value)}, {' or '.join(allowed)} expected.")
        return default

    def numbers(self, key: str) -> List[float]:
        """An option that is an array of numbers."""
        def flat(value: Any) -> List[Any]:
            return [number for part in value for number in flat(part)] if isinstance(value, list) else [value]

        found = flat(self.get(key))
        if not found or not all(is_number(number) for number in found):
            self.wrong(key, self.get(key), "an array of numbers")
            return [1.0]
        return [float(number) for number in found]

    def whole(self, key: str, default: int = 0, least: int = 1) -> int:
        """An option that is a whole number."""
        value = self.get(key, default)
        if isinstance(value, list) and len(set(map(str, value))) == 1:
            value = value[0]
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not is_whole(value, least):
            self.wrong(key, value, f"a whole number from {least}")
            return max(least, 1)
        return value

    def real(self, key: str, default: float = 0.0) -> float:
        """An option that is a number."""
        value = self.get(key, default)
        if isinstance(value, dict):  # a serialized array of one number
            value = value.get("config", {}).get("value") if isinstance(value.get("config"), dict) else None
        if not is_number(value):
            self.wrong(key, value, "a number")
            return default
        return float(value)

    def extents(self, key: str, axes: int, default: Any = None, least: int = 1) -> Tuple[int, ...]:
        """An option that has a number for each axis, or one for all of them."""
        value = self.get(key, default)
        numbers = value if isinstance(value, list) else [value] * axes
        if len(numbers) != axes or not all(is_whole(number, least) for number in numbers):
            self.wrong(key, value, f"{axes} whole numbers from {least}")
            return (max(least, 1),) * axes
        return tuple(numbers)

    def refuse(self, key: str, because: str, allowed: Tuple[Any, ...] = (None, False)) -> None:
        """An option that strata has not, unless its value is one of those."""
        value = self.get(key)
        if not any(value is a or (type(value) is type(a) and value == a) for a in allowed):
            self.problem(because)

    def channels_last(self) -> None:
        """Refuses channels_first."""
        self.refuse("data_format", "data_format=channels_first: strata has channels last.", (None, "channels_last"))

    def finish(self) -> None:
        """Refuses a type of numbers that is quantized, and options that nobody has asked for."""
        policy = self.values.get("dtype")
        name = policy
        if isinstance(policy, dict):
            inner = policy.get("config")
            name = inner.get("name", policy) if isinstance(inner, dict) else policy
            if policy.get("class_name") not in ("DTypePolicy", "Policy"):
                name = policy.get("class_name", policy)
        if name is not None and name not in NUMBER_TYPES:
            self.problem(f"its numbers are of the type {quoted(name)}: quantized layers are not supported.")
            self.seen.add("quantization_config")
        for key, value in self.values.items():
            unknown = key not in self.seen and not key.endswith(ENDINGS)
            if unknown and value is not None and value is not False and value != [] and value != {}:
                self.problem(f"the option {quoted(key)} = {quoted(value)} is not known.")


# Keras' names of activations.
ACTIVATIONS: Dict[str, Node] = {
    "linear": Node("Linear"), "relu": Node("ReLU"), "relu6": Node("ReLU6"), "sigmoid": Node("Sigmoid"),
    "tanh": Node("Tanh"), "softmax": Node("Softmax"), "log_softmax": Node("LogSoftmax"), "elu": Node("ELU"),
    "selu": Node("SELU"), "celu": Node("CELU"), "gelu": Node("GELU"), "silu": Node("SiLU"), "swish": Node("SiLU"),
    "mish": Node("Mish"), "softplus": Node("Softplus"), "softsign": Node("Softsign"),
    "log_sigmoid": Node("LogSigmoid"), "squareplus": Node("Squareplus"), "tanh_shrink": Node("TanhShrink"),
    "hard_sigmoid": Node("HardSigmoid"), "hard_silu": Node("HardSiLU"), "hard_swish": Node("HardSiLU"),
    "hard_tanh": Node("HardTanh"), "hard_shrink": Node("HardShrink"), "soft_shrink": Node("SoftShrink"),
    "sparse_sigmoid": Node("SparseSigmoid"), "sparse_plus": Node("SparsePlus"), "sparsemax": Node("Sparsemax"),
    "glu": Node("GLU"), "exponential": Node("Exponential"),
    "leaky_relu": Node("LeakyReLU::With", (Node("NegativeSlope", (0.2,)),)),  # the layer has another slope
}
# What recurrent layers take: their derivatives follow from their results.
OF_RECURRENT = {"Linear", "ReLU", "ReLU6", "LeakyReLU", "LeakyReLU::With", "Sigmoid", "Tanh", "ELU", "SELU", "CELU",
                "Exponential", "Softplus", "LogSigmoid", "HardSigmoid", "HardTanh", "SparseSigmoid"}


def activation_of(c: Config, key: str = "activation", default: Optional[str] = None) -> Node:
    """The activation that an option names: a text, a serialized function, or a layer."""
    value = c.get(key, default)
    if isinstance(value, dict) and value.get("class_name") == "function":
        value = value.get("config", value) or value
    elif isinstance(value, dict):
        return activation_layer(c, str(value.get("class_name")), value.get("config"), key)
    if value is None:
        return Node("Linear")
    if c.keras_2 and value == "hard_sigmoid":
        c.problem("the hard_sigmoid of Keras 2 has another slope, 0.2, than that of Keras 3 and strata, 1/6.")
    found = ACTIVATIONS.get(value) if isinstance(value, str) else None
    if found is None:
        c.problem(f"the {key} {quoted(value)} is not known.")
        return Node("Linear")
    return found


def with_settings(name: str, settings: List[Tuple[str, float, float]]) -> Node:
    """An activation with those of its settings that are not the default."""
    given = tuple(Node(option, (value,)) for option, value, default in settings if value != default)
    return Node(f"{name}::With", given) if given else Node(name)


def activation_layer(c: Config, class_name: str, values: Any, key: str = "activation") -> Node:
    """The activation that a layer is: ReLU, LeakyReLU, ELU, Softmax, Activation."""
    inner = c if values is None or values is c.values else Config(class_name, values, c.problems, c.keras_2)
    if not isinstance(inner.values, dict):
        c.problem(f"its {key} is damaged.")
        return Node("Linear")
    result = Node("Linear")
    if class_name == "ReLU":
        largest = inner.get("max_value")
        limit = float("inf") if largest is None else inner.real("max_value")
        slope = inner.real("negative_slope") if inner.get("negative_slope") is not None else 0.0
        threshold = inner.real("threshold") if inner.get("threshold") is not None else 0.0
        if min(limit, slope, threshold) < 0:
            c.problem("its settings are negative.")
        result = with_settings("ReLU", [("MaxValue", limit, float("inf")), ("NegativeSlope", slope, 0.0),
                                        ("Threshold", threshold, 0.0)])
        result = Node("ReLU6") if result == Node("ReLU::With", (Node("MaxValue", (6.0,)),)) else result
    elif class_name == "LeakyReLU":
        old = inner.get("alpha")
        slope = inner.real("negative_slope" if old is None else "alpha", 0.3)
        if slope < 0:
            c.problem("its slope is negative.")
        result = with_settings("LeakyReLU", [("NegativeSlope", slope, 0.3)])
    elif class_name == "ELU":
        alpha = inner.real("alpha", 1.0)
        if alpha <= 0:
            c.problem("its alpha is not positive.")
        result = with_settings("ELU", [("Alpha", alpha, 1.0)])
    elif class_name == "Softmax":
        result = Node("Softmax")
        if inner is not c:
            inner.refuse("axis", "softmax along another axis than the last one.", (-1, None))
    elif class_name == "Activation":
        result = activation_of(inner)
    else:
        c.problem(f"the {key} {quoted(class_name)} is not known.")
        return result
    if inner is not c:
        inner.finish()
    return result
