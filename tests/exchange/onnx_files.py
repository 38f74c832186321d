"""The ONNX files of others in tests/data/exchange/onnx, converted, with what ONNX Runtime makes of random inputs; and
files that a test writes."""
import contextlib
import io
import tempfile
import unittest
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Tuple

import numpy as np
import onnx
import onnxruntime
from strata_convert import cli
from strata_convert.onnx import reader
from strata_convert.onnx.file import open_graph

ROOT = Path(__file__).resolve().parents[2]
FILES = ROOT / "tests" / "data" / "exchange" / "onnx"
SAMPLES = 100


def rows(arrays: Dict[str, np.ndarray], orders: reader.Orders) -> np.ndarray:
    """Arrays of ONNX as rows of strata's: one for each sample, of all arrays one behind the other."""
    parts = []
    for name, order in orders.items():
        batch = next(axis for axis in range(arrays[name].ndim) if axis not in order)
        parts.append(arrays[name].transpose(batch, *order).reshape(arrays[name].shape[batch], -1))
    return np.concatenate(parts, axis=1)


@dataclass
class Exchanged:
    """A converted graph, rows that go in, and what ONNX Runtime says should come out."""

    result: reader.Converted
    x: np.ndarray
    y: np.ndarray


def exchanged(path: Path, samples: int = SAMPLES) -> Exchanged:
    """A file as a model of strata's. Where its inputs are whole numbers, they are below 11."""
    random = np.random.default_rng(1)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    inputs = {}
    for entry in session.get_inputs():
        shape = [extent if isinstance(extent, int) else samples for extent in entry.shape]
        is_whole = "int" in entry.type
        inputs[entry.name] = random.integers(0, 11, shape) if is_whole else random.normal(size=shape).astype(np.float32)
    outputs = dict(zip([entry.name for entry in session.get_outputs()], session.run(None, inputs)))
    result = reader.convert(open_graph(path))
    return Exchanged(result, rows(inputs, result.inputs), rows(outputs, result.outputs))


class WithFolder(unittest.TestCase):
    """Tests with a folder of their own."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def save(self, name: str, model: onnx.ModelProto) -> Path:
        """The model as a file."""
        path = self.folder / f"{name}.onnx"
        path.write_bytes(model.SerializeToString())
        return path

    def run_command(self, path: Path) -> Tuple[int, str]:
        """strata-convert on a file: its exit code, and what it says."""
        said = io.StringIO()
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            code = cli.main([str(path), "-o", str(self.folder / "out")])
        return code, said.getvalue()

    def refused(self, name: str, model: onnx.ModelProto) -> str:
        """What is said of a file that is refused; nothing is written."""
        code, said = self.run_command(self.save(name, model))
        self.assertEqual(code, 1, said)
        self.assertFalse((self.folder / "out").exists())
        return said
