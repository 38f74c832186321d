"""How the table of Keras' layers is written down: see layers.py and sequences.py for its rows."""
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Optional, Tuple

from strata_convert.errors import quoted
from strata_convert.keras.config import Config, activation_of
from strata_convert.layers import Shape
from strata_convert.network import Argument, Node

# Where a part of a layer has its variables, below the layer, and strata's names of them in Keras' order: trainable ones
# first. A name of "" is a variable that strata does not need.
Parts = List[Tuple[str, List[str]]]


@dataclass
class Translated:
    """What a layer of Keras is here: no layer, or one, and where its weights lie."""

    layer: Optional[Node]
    parts: Parts = field(default_factory=list)
    weights: Dict[str, Any] = field(default_factory=dict)  # those that stand in the configuration


Rule = Callable[[Config, Tuple[Optional[Shape], ...]], Translated]
RULES: Dict[str, Rule] = {}


def translates(names: str) -> Callable[[Rule], Rule]:
    """Says which of Keras' classes a function translates."""
    def add(rule: Rule) -> Rule:
        for name in names.split():
            RULES[name] = rule
        return rule
    return add


def layer(name: str, *arguments: Optional[Argument]) -> Node:
    """A layer with those of its arguments that are not None."""
    return Node(name, tuple(argument for argument in arguments if argument is not None))


def extents(name: str, values: Tuple[int, ...], default: Optional[Tuple[int, ...]] = None) -> Optional[Node]:
    """An option with a number for each axis, `Kernel<5>` or `Kernel<1, 7>`; None where it is the default."""
    if values == default:
        return None
    return Node(name, values[:1] if len(set(values)) == 1 else values)


def number(name: str, value: float, default: float) -> Optional[Node]:
    """An option with a number; None where it is the default."""
    return None if value == default else Node(name, (value,))


def flag(name: str, condition: Any) -> Optional[Node]:
    """An option without arguments; None unless the condition holds."""
    return Node(name) if condition else None


def activation(c: Config) -> Optional[Node]:
    """A layer's activation; None where it is linear."""
    found = activation_of(c)
    return None if found == Node("Linear") else found


def last_axis(c: Config, shape: Optional[Shape], default: Any = -1) -> None:
    """Refuses an axis other than the last one."""
    axis = c.get("axis", default)
    axis = axis[0] if isinstance(axis, list) and len(axis) == 1 else axis
    if type(axis) is not int or (axis != -1 and (shape is None or axis != len(shape))):
        shown = axis if type(axis) is int else quoted(axis)
        c.problem(f"it works along the axis {shown}; strata's layers work along the last one.")


def kernel_and_bias(c: Config, *kernels: str) -> Parts:
    """The weights of a layer with kernels and perhaps a bias."""
    return [("", [*(kernels or ("kernel",)), *(["bias"] if c.flag("use_bias", True) else [])])]
