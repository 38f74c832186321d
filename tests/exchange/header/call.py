"""Calls a library of LeNet-5 through ctypes, and compares with NumPy's results.
    call.py LIBRARY MODEL_FILE
"""
import ctypes
import sys
from pathlib import Path

import numpy as np
from strata_convert import model_file
from strata_convert.graph import Graph
from strata_convert.reference import evaluate

lenet5 = ctypes.CDLL(sys.argv[1])
lenet5.lenet5_input_size.restype = lenet5.lenet5_output_size.restype = ctypes.c_size_t
lenet5.lenet5_error.restype = ctypes.c_char_p
lenet5.lenet5_self_test.restype = ctypes.c_float
FLOATS = ctypes.POINTER(ctypes.c_float)
lenet5.lenet5_predict.argtypes = FLOATS, ctypes.c_size_t, FLOATS

model, _ = model_file.read(Path(sys.argv[2]))
graph = Graph(model.network)
x = np.random.default_rng(2).random((5, *graph.input), np.float32)
assert (lenet5.lenet5_input_size(), lenet5.lenet5_output_size()) == (x[0].size, 10)
y = np.zeros((5, 10), np.float32)
assert lenet5.lenet5_predict(x.ctypes.data_as(FLOATS), len(x), y.ctypes.data_as(FLOATS)) == 0
deviation = np.abs(y - evaluate(graph, model.tensors, x)).max()
assert deviation <= 1e-6, deviation
assert lenet5.lenet5_self_test() <= 1e-6
assert lenet5.lenet5_predict(None, 1, y.ctypes.data_as(FLOATS)) == 1
assert lenet5.lenet5_error(1) == b"lenet5: inputs or outputs are NULL"
