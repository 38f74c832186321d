"""How the reference is written down: a function for each layer, on a batch, in double precision."""
from dataclasses import dataclass
from typing import Callable, Dict, Optional, Tuple

import numpy as np

from strata_convert.layers import Settings


@dataclass(frozen=True)
class Call:
    """What a layer is called with. Arrays have the batch as their first axis; a mask is batch x steps of bool."""

    settings: Settings
    weights: Dict[str, np.ndarray]
    inputs: Tuple[np.ndarray, ...]
    mask: Optional[np.ndarray] = None

    @property
    def x(self) -> np.ndarray:
        """The first input, of most layers the only one."""
        return self.inputs[0]


Function = Callable[[Call], np.ndarray]
FUNCTIONS: Dict[str, Function] = {}


def computes(names: str) -> Callable[[Function], Function]:
    """Says which layers a function computes."""
    def add(function: Function) -> Function:
        for name in names.split():
            FUNCTIONS[name] = function
        return function
    return add


def plus_bias(call: Call, y: np.ndarray) -> np.ndarray:
    """The sums and the layer's bias, if it has one."""
    return y + call.weights["bias"] if "bias" in call.weights else y
