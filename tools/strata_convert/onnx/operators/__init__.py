"""The operators of ONNX that are read, by families."""
from strata_convert.onnx.operators import (activations, arithmetic, dense, merges, normalizations, recurrent, shapes,
                                           windows)
from strata_convert.onnx.operators.table import OPERATORS, Call, Operand

__all__ = ["Call", "OPERATORS", "Operand", "activations", "arithmetic", "dense", "merges", "normalizations",
           "recurrent", "shapes", "windows"]
