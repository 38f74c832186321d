"""Checks the ONNX files of a folder with an onnx of 2022, as Debian 12 has it: onnx_old_check.py FOLDER"""

import sys
from pathlib import Path

import onnx

paths = sorted(Path(sys.argv[1]).glob("*.onnx"))
for path in paths:
    onnx.checker.check_model(onnx.load(str(path)), full_check=True)
print(f"{len(paths)} networks with the checker of onnx {onnx.__version__}")
