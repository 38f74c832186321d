"""Models of PyTorch become models of strata: NumPy's reference and strata itself predict what PyTorch does, and the way
back leads to the same tensors. See torch.sh, which runs this."""
import contextlib
import importlib
import io
import os
import re
import shlex
import sys
import unittest
import warnings
from pathlib import Path
from typing import Dict
from unittest import mock

import numpy as np
import safetensors.torch
import torch
from convert_program import predictions
from torch import nn
from torch_models import Case, SelfAttention, export, trained_cases

import strata_convert
from strata_convert import cli, model_file
from strata_convert.model import Model
from strata_convert.reference import evaluate

warnings.simplefilter("ignore")
CASES: Dict[str, Case] = {}
WORK = Path()
ROOT = Path(__file__).resolve().parents[2]


def setUpModule() -> None:
    """Writes the files of all models."""
    global WORK
    found, WORK = trained_cases()
    CASES.update(found)
    for name, case in CASES.items():
        torch.save(case.module.state_dict(), WORK / f"{name}.pt")
        safetensors.torch.save_file(case.module.state_dict(), WORK / f"{name}.weights.safetensors")


def converted(name: str, *more: str, source: str = "", to: str = "") -> Path:
    """Runs the command on a file, and gives the folder that it wrote."""
    folder = WORK / (to or name)
    arguments = [str(WORK / (source or f"{name}.pt2")), "-o", str(folder), "--name", name]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        code = cli.main([*arguments, *more])
    assert code == 0, name
    return folder


def read(folder: Path) -> Model:
    """The model in a folder."""
    return model_file.read(folder / "model.safetensors")[0]


def torch_outputs(case: Case) -> np.ndarray:
    """What PyTorch makes of the samples, with its channels last."""
    y = case.expected()
    return np.moveaxis(y, 1, -1) if y.ndim == 4 else y


class TorchTest(unittest.TestCase):
    """All models."""

    def assert_near(self, found: np.ndarray, expected: np.ndarray, name: str) -> None:
        """To 1e-6 of the largest output."""
        self.assertEqual(found.shape, expected.shape, name)
        self.assertLessEqual(np.abs(found - expected).max(), 1e-6 * np.abs(expected).max(), name)

    def test_numpy_predicts_what_torch_does(self) -> None:
        for name, case in CASES.items():
            with self.subTest(name):
                model = read(converted(name))
                self.assertEqual(str(model.network), case.network)
                y = evaluate(model.check(), model.tensors, case.strata_inputs())
                self.assert_near(y, torch_outputs(case), name)

    def test_strata_predicts_what_torch_does(self) -> None:
        compiler = os.environ.get("STRATA_CONVERT_COMPILER", "").splitlines()
        if not compiler:
            self.skipTest("STRATA_CONVERT_COMPILER names no compiler")
        inputs = {converted(name).name: case.strata_inputs() for name, case in CASES.items()}
        for name, y in predictions(WORK, inputs, [], compiler).items():
            expected = torch_outputs(CASES[name])
            self.assert_near(y.reshape(expected.shape), expected, name)

    def test_attention_in_its_forms(self) -> None:
        """PyTorch exports each in another way."""
        encoder = nn.TransformerEncoderLayer(6, 3, 8, batch_first=True)
        modules = {"MultiHeadAttention<3, 2>": SelfAttention(6, 3, needs_weights=True),
                   "MultiHeadAttention<2, 3, NoBias>": SelfAttention(6, 2, bias=False),
                   "MultiHeadAttention<1, 6, Causal>": SelfAttention(6, 1, causal=True),
                   "MultiHeadAttention<2, 3, Causal>": SelfAttention(6, 2, causal=True, needs_weights=True),
                   "MultiHeadAttention<3, 2>, Dropout<0.1>": encoder}
        for network, module in modules.items():
            with self.subTest(network):
                case = Case(module.eval(), (5, 6), network)
                model = strata_convert.from_torch(module, case.shape)
                self.assertIn(network, str(model.network))
                self.assert_near(evaluate(model.check(), model.tensors, case.strata_inputs()), case.expected(), network)

    def test_attention_in_batches_of_any_size(self) -> None:
        """Two modules, which have calls for sizes in common."""
        module = nn.Sequential(SelfAttention(6, 2), SelfAttention(6, 3, causal=True, needs_weights=True))
        case = Case(module.eval(), (5, 6), "")
        program = torch.export.export(module, (case.inputs()[:2],), dynamic_shapes=({0: torch.export.Dim("batch")},))
        torch.export.save(program, WORK / "open_batch.pt2")
        model = model_file.read(converted("open_batch") / "model.safetensors")[0]
        self.assertEqual(str(model.network), "Sequential<Input<5, 6>, Residual<MultiHeadAttention<2, 3>>, "
                         "Residual<MultiHeadAttention<3, 2, Causal>>>")
        self.assert_near(evaluate(model.check(), model.tensors, case.strata_inputs()), case.expected(), "open batch")

    def test_live_modules_and_files_become_the_same(self) -> None:
        for name in ("lenet5", "bidirectional_sequence"):
            case = CASES[name]
            live = strata_convert.from_torch(case.module.train(), case.shape)
            self.assertTrue(case.module.training)
            case.module.eval()
            self.assertEqual(model_file.model_bytes(live), (converted(name) / "model.safetensors").read_bytes())

    def test_weights_go_onto_a_type(self) -> None:
        for name, case in CASES.items():
            folder = converted(name)
            targets = (case.network, str(folder / "model.hpp"), str(folder / "model.safetensors"))
            sources = (f"{name}.pt", f"{name}.weights.safetensors", f"{name}.pt")
            for source, target in zip(sources, targets):
                if source.endswith(".safetensors") and name in ("resnet20", "tcn"):
                    continue  # several layers have one shape, and names that tell no order
                with self.subTest(source=source, target=target):
                    weights = converted(name, "--onto", target, source=source, to="onto")
                    self.assertEqual((weights / "model.safetensors").read_bytes(),
                                     (folder / "model.safetensors").read_bytes())

    def test_back_to_the_same_tensors(self) -> None:
        for name, case in CASES.items():
            with self.subTest(name):
                folder = converted(name)
                back = WORK / "back"
                with contextlib.redirect_stdout(io.StringIO()):
                    self.assertEqual(cli.main(["to-torch", str(folder / "model.safetensors"), "-o", str(back)]), 0)
                names: Dict[str, object] = {}
                exec((back / "torch_model.py").read_text(), names)  # it was written here
                module = names["model"]()  # type: ignore[operator]
                tensors = safetensors.torch.load_file(back / "torch_model.safetensors")
                module.load_state_dict(tensors)
                loaded = torch.load(back / "torch_model.pt", weights_only=True)
                self.assertEqual(tensors.keys(), loaded.keys())
                again = Case(module.eval(), case.shape, case.network, case.indices)
                self.assert_near(again.expected(), case.expected(), name)
                export(again, WORK / "again.pt2")
                first, second = read(folder), read(converted("again"))
                self.assertEqual(str(first.network), str(second.network))
                for key, values in first.tensors.items():
                    np.testing.assert_array_equal(values, second.tensors[key])

    def test_the_page_shows_what_happens(self) -> None:
        page = (ROOT / "docs/from_pytorch.md").read_text()
        folder, before = WORK / "page", os.getcwd()
        folder.mkdir()
        os.chdir(folder)
        self.addCleanup(os.chdir, before)
        with mock.patch.object(sys, "path", [str(ROOT / "examples/pytorch"), *sys.path]):
            for program in ("lenet5", "lenet5_live", "refused"):
                importlib.import_module(program)
        commands = re.findall(r"^\$ (strata-convert [^\n]*(?:\n    [^\n]*)*)\n((?:(?!```)[^\n]*\n)*)", page, re.M)
        self.assertEqual(len(commands), 4)
        for command, expected in commands:
            shown = io.StringIO()
            with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(shown):
                cli.main(shlex.split(command)[1:])
            self.assertEqual(shown.getvalue(), expected)
        network = (folder / "lenet5/model.hpp").read_text().partition("using")[2]
        self.assertIn(network, page)


if __name__ == "__main__":
    unittest.main()
