"""The table of strata's layers: of each its numbers and options, and on a given input its output and its tensors."""
from strata_convert.layers import basic, sequences, windows
from strata_convert.layers.table import ACTIVATIONS, TABLE, Kind, Settings, Shape, Shaped, class_name

__all__ = ["ACTIVATIONS", "TABLE", "Kind", "Settings", "Shape", "Shaped", "basic", "class_name", "sequences",
           "windows"]
