"""ONNX's own node tests: each is turned into a model of strata's and evaluated by the reference in NumPy, and by strata
itself in one generated C++ program, which predicts with the models of others' files, too.

usage: python -m unittest test_onnx_nodes; python test_onnx_nodes.py --write writes docs/onnx_node_tests.md
"""
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from typing import Any, Dict, List

import numpy as np
import onnx
import onnx_files
import onnx_node_cases as cases
import onnx_node_program as program
from strata_convert import model_file
from strata_convert.errors import ConvertError
from strata_convert.onnx import reader
from strata_convert.onnx.file import open_graph
from strata_convert.reference import evaluate

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "onnx_node_tests.md"
BY_STRATA_ALONE = ("losses", "optimizers")  # they are no layers: NumPy's reference has none of them

PAGE_HEAD = """\
# ONNX's node tests

ONNX tests each operator by itself; of these tests {total} fall in what strata has. Each is turned into a model by
`strata-convert`, and evaluated twice: by the reference in NumPy that is part of it, and by strata itself in a C++
program. The results are compared with those of ONNX to its tolerances (a relative 1e-3, and 1e-7). {passed} pass.
Losses and optimizers are no layers; strata's types for them are called with the numbers of the tests.
`tests/exchange/test_onnx_nodes.py --write` writes this page, and its test compares it.

| group | tests | in NumPy | in C++ |
|---|---|---|---|
"""
PAGE_END = """
What inputs are weights are constants of the model, the first input, or of merges all, are its inputs. Of
LayerNormalization the first output alone is compared. `adagrad` adds its epsilon behind the square root, strata before
it, as Keras does: with an epsilon of 1e-5 that is 4e-6 of the update. T is 0 in all tests of optimizers: no correction
of Adam's moments.

"""


class Converted:
    """A test as a model of strata's, or why there is none."""

    def __init__(self, name: str, case: Any, folder: Path) -> None:
        self.name, self.case, self.error = name, case, ""
        self.prepared = cases.prepared(name, case)
        path = folder / f"{name}.onnx"
        onnx.save(self.prepared.model, path)
        try:
            self.result = reader.convert(open_graph(path))
        except ConvertError as error:
            self.error = str(error)
            return
        self.graph = self.result.model.check()
        self.x = onnx_files.rows(self.prepared.inputs, self.result.inputs)
        self.y = onnx_files.rows(self.prepared.outputs, self.result.outputs)

    def differences(self, found: np.ndarray) -> float:
        """By how much of what is allowed results differ from ONNX's; 1 and less are good."""
        allowed = self.case.atol + self.case.rtol * np.abs(self.y)
        return float(np.max(np.abs(found.reshape(self.y.shape) - self.y) / allowed))


class NodeTests(unittest.TestCase):
    """All of them together: making the tests takes longer than running them."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = Path(tempfile.mkdtemp())
        cls.cases = cases.load()
        cls.models = {name: Converted(name, cls.cases[name], cls.folder) for family in cases.FAMILIES
                      if family not in BY_STRATA_ALONE for name in cases.names(family)}

    def test_there_are_184(self) -> None:
        self.assertEqual(len(self.cases), 184)

    def test_others_are_refused(self) -> None:
        refused = {name for name, model in self.models.items() if model.error}
        self.assertEqual(refused | {"nllloss_NC"}, set(cases.REASONS), [self.models[name].error for name in refused
                                                                        if name not in cases.REASONS])

    def test_numpy_agrees(self) -> None:
        for name, model in self.models.items():
            if model.error:
                continue
            with self.subTest(name):
                x = model.x.reshape(-1, *model.graph.input)
                found = evaluate(model.graph, model.result.model.tensors, x)
                self.assertLessEqual(model.differences(found), 1, model.result.model.network)

    def test_strata_agrees(self) -> None:
        networks: Dict[str, List[str]] = {}
        for name, model in self.models.items():
            if not model.error:
                model_file.write(model.result.model, self.folder / f"{name}.safetensors")
                model.x.astype(np.float32).tofile(self.folder / f"{name}.x")
                networks.setdefault(str(model.result.model.network), []).append(name)
        files = {path.stem: onnx_files.exchanged(path) for path in sorted(onnx_files.FILES.glob("*.onnx"))}
        for name, file in files.items():
            model_file.write(file.result.model, self.folder / f"{name}.safetensors")
            file.x.astype(np.float32).tofile(self.folder / f"{name}.x")
            networks.setdefault(str(file.result.model.network), []).append(name)
        others = {name: case for name, case in self.cases.items() if name not in self.models
                  and name not in cases.REASONS}
        source = self.folder / "nodes.cpp"
        source.write_text(program.source(networks, others))
        begin = time.time()
        subprocess.run([*program.COMPILER, str(source), "-o", str(self.folder / "nodes"), "-lz"],
                       check=True)
        print(f"{len(networks)} types compiled in {time.time() - begin:.0f} s", file=sys.stderr)
        subprocess.run([self.folder / "nodes", self.folder], check=True)
        for name, model in self.models.items():
            if model.error:
                continue
            with self.subTest(name):
                found = np.fromfile(self.folder / f"{name}.y", np.float32)
                self.assertLessEqual(model.differences(found), 1, model.result.model.network)
        for name, file in files.items():
            with self.subTest(name):
                found = np.fromfile(self.folder / f"{name}.y", np.float32).reshape(file.y.shape)
                self.assertLessEqual(np.max(np.abs(found - file.y)), 2e-6 * np.max(np.abs(file.y)))
        for name, case in others.items():
            with self.subTest(name):
                found = np.fromfile(self.folder / f"{name}.y", np.float64)
                for result, expected in zip(program.results(name, case, found), case.data_sets[0][1]):
                    np.testing.assert_allclose(result, expected, case.rtol, case.atol)

    def test_page_is_up_to_date(self) -> None:
        self.assertEqual(PAGE.read_text(), page(), "tests/exchange/test_onnx_nodes.py --write writes it anew")


def page() -> str:
    """The text of docs/onnx_node_tests.md; that its figures are true is what the other tests check."""
    total = sum(len(cases.names(family)) for family in cases.FAMILIES)
    text = PAGE_HEAD.format(total=total, passed=total - len(cases.REASONS))
    for family in cases.FAMILIES:
        count = len(cases.names(family))
        passed = count - len([name for name in cases.names(family) if name in cases.REASONS])
        text += f"| {family} | {count} | {'' if family in BY_STRATA_ALONE else passed} | {passed} |\n"
    text += PAGE_END + f"The other {len(cases.REASONS)}:\n\n"
    for reason in dict.fromkeys(cases.REASONS.values()):
        listed = ", ".join(f"`{name}`" for name in cases.REASONS if cases.REASONS[name] == reason)
        text += f"- {listed}: {reason}.\n"
    return text


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(page())
    else:
        unittest.main()
