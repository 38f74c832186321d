"""A safetensors file keeps no order of tensors: the names of modules tell it, or the file is refused."""
import contextlib
import io
import unittest
from collections import OrderedDict
from pathlib import Path
from tempfile import mkdtemp
from typing import Tuple

import safetensors.torch
import torch
from torch import nn

import strata_convert
from strata_convert import cli, model_file
from strata_convert.graph import Graph
from strata_convert.model import Model
from strata_convert.network import parse

WORK = Path(mkdtemp())


def command(*arguments: object) -> Tuple[int, str]:
    """The command's exit code, and its errors."""
    errors = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(errors):
        code = cli.main([str(argument) for argument in arguments])
    return code, errors.getvalue()


def dense(*names: str) -> nn.Module:
    """A Linear for each name."""
    return nn.Sequential(OrderedDict((name, nn.Linear(2, 2)) for name in names))


class NamesTest(unittest.TestCase):
    """Weights by name onto a type."""

    def onto(self, module: nn.Module, network: str, ending: str = "safetensors") -> Tuple[int, str]:
        """What the command says of a module's state_dict."""
        path = WORK / f"named.{ending}"
        if ending == "pt":
            torch.save(module.state_dict(), path)
        else:
            safetensors.torch.save_file(module.state_dict(), path)
        return command(path, "--onto", network, "-o", WORK / "named")

    def test_names_that_tell_no_order_are_refused(self) -> None:
        network = "Sequential<Input<2>, Dense<2>, Dense<2>>"
        for names in (("encoder", "decoder"), ("layer2", "layer1"), ("fc1", "fc2"), ("a_l0", "a_l1")):
            module = dense(*names)
            code, errors = self.onto(module, network)
            self.assertEqual((code, "both" in errors and ".pt2" in errors), (1, True), errors)
            self.assertEqual(self.onto(module, network, "pt")[0], 0)
            self.assertEqual(model_file.model_bytes(strata_convert.from_torch(module, (2,))),
                             (WORK / "named/model.safetensors").read_bytes())
        inner = nn.ModuleDict({name: nn.Sequential(nn.Linear(2, 2)) for name in ("features", "classifier")})
        self.assertIn("both", self.onto(inner, network)[1])

    def test_names_of_layers_that_are_unlike(self) -> None:
        module = nn.Sequential(OrderedDict(encoder=nn.Linear(2, 3), decoder=nn.Linear(3, 2)))
        self.assertEqual(self.onto(module, "Sequential<Input<2>, Dense<3>, Dense<2>>")[0], 0)

    def test_numbers_tell_the_order(self) -> None:
        """10 comes behind 9, also in the middle of names."""
        for module in (dense("8", "9", "10"), nn.Sequential(OrderedDict(net=dense("2", "10", "11"))),
                       nn.Sequential(OrderedDict((name, dense("fc")) for name in ("2", "3", "20")))):
            self.assertEqual(self.onto(module, "Sequential<Input<2>, Dense<2>, Dense<2>, Dense<2>>")[0], 0)
            self.assertEqual(model_file.model_bytes(strata_convert.from_torch(module, (2,))),
                             (WORK / "named/model.safetensors").read_bytes())

    def test_layers_of_a_recurrent_module(self) -> None:
        network = "Sequential<Input<3, 4>, Bidirectional<LSTM<2, ReturnSequences>>, Bidirectional<LSTM<2>>>"
        self.assertEqual(self.onto(nn.LSTM(4, 2, 2, bidirectional=True), network)[0], 0)

    def test_names_of_any_text(self) -> None:
        self.assertEqual(self.onto(dense("\u00b2"), "Sequential<Input<2>, Dense<2>>")[0], 0)

    def test_what_to_torch_writes_is_read(self) -> None:
        lstm = "Bidirectional<LSTM<2, ReturnSequences>>"
        for text in ("Sequential<Input<2>, Dense<2>, Residual<Dense<2, Tanh>, Dense<2>, Shortcut<Dense<2>>>, "
                     "Concatenate<Branch<Dense<2>>, Branch<Dense<2>, Add<Branch<Dense<2>>, Branch<Dense<2>>>>>>",
                     f"Sequential<Input<3, 4>, {lstm}, {lstm}, LSTM<4, ReturnSequences>, MultiHeadAttention<2, 2>, "
                     "MultiHeadAttention<2, 2>>"):
            network = parse(text)
            draw = torch.Generator().manual_seed(1)
            tensors = {name: torch.randn(shape, generator=draw).numpy()
                       for name, shape in Graph(network).tensors().items()}
            model_file.write(Model(network, tensors), WORK / "source.safetensors")
            self.assertEqual(command("to-torch", WORK / "source.safetensors", "-o", WORK / "there"), (0, ""))
            code, errors = command(WORK / "there/torch_model.safetensors", "--onto", text, "-o", WORK / "back")
            self.assertEqual(code, 0, errors)
            self.assertEqual((WORK / "back/model.safetensors").read_bytes(),
                             (WORK / "source.safetensors").read_bytes())


if __name__ == "__main__":
    unittest.main()
