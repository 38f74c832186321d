"""What strata has no layer for is refused, all of it at once, and hostile files are refused without being executed."""
import contextlib
import io
import json
import pickle
import random
import re
import struct
import unittest
import warnings
import zipfile
from collections import OrderedDict
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Callable, List, Sequence, Tuple

import safetensors.torch
import torch
import torch.nn.functional as F
from torch import nn

import strata_convert
from strata_convert import cli, model_file
from strata_convert.errors import ConvertError
from strata_convert.torch import reader
from strata_convert.torch.exported import Call, Program, Ref, live

warnings.simplefilter("ignore")
WORK = Path(mkdtemp())


class Calls(nn.Module):
    """A function of the input and of modules."""

    def __init__(self, function: Callable[..., torch.Tensor], *parts: nn.Module) -> None:
        super().__init__()
        self.function, self.parts = function, nn.ModuleList(parts)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.function(x, *self.parts)


# Modules on images of 4 x 9 x 9 whose results are such images, and a part of what is said of each.
OF_IMAGES: Sequence[Tuple[nn.Module, str]] = (
    (nn.Conv2d(4, 4, 3, padding=1, padding_mode="reflect"), "no padding but with zeros"),
    (nn.Conv2d(4, 4, 3, padding=1, padding_mode="circular"), "no padding but with zeros"),
    (nn.Sequential(nn.Conv2d(4, 4, 3, stride=2, dilation=2), nn.Upsample(size=(9, 9))), "both above 1"),
    (nn.Sequential(nn.Tanh(), nn.MaxPool2d(3, 3, 1), nn.Upsample(scale_factor=3)), "not that of strata's Same"),
    (nn.Sequential(nn.MaxPool2d(2, ceil_mode=True), nn.ZeroPad2d(2)), "ceil_mode=True"),
    (nn.Sequential(nn.MaxPool2d(2, 1, dilation=2), nn.ZeroPad2d(1)), "no dilation in pools"),
    (nn.Sequential(nn.AvgPool2d(3, 2, 1, count_include_pad=False, divisor_override=2), nn.ZeroPad2d(2)),
     "divisor_override"),
    (nn.Sequential(nn.AdaptiveAvgPool2d(4), nn.ZeroPad2d((2, 3, 2, 3))), "does not divide"),
    (nn.Sequential(nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True), nn.AdaptiveAvgPool2d(9)),
     "align_corners=True"),
    (nn.Sequential(nn.Upsample(size=(10, 10)), nn.ZeroPad2d(-1), nn.ZeroPad2d((0, 1, 0, 1))), "by whole numbers"),
    (nn.Sequential(nn.Upsample(scale_factor=2, mode="bicubic"), nn.AdaptiveAvgPool2d(9)), "upsample_bicubic2d"),
    (nn.ConvTranspose2d(4, 4, 3, padding=1, groups=2), "no groups in transposed"),
    (nn.LocalResponseNorm(2), "avg_pool3d"),
    (nn.LayerNorm((9, 9)), "normalizes along the last axis"),
    (nn.BatchNorm2d(4, track_running_stats=False), "no running statistics"),
    (nn.InstanceNorm2d(4, track_running_stats=True), "by running statistics"),
    (nn.Softplus(beta=2), "beta=1"),
    (nn.Hardtanh(-2, 3), "[-2, 3]"),
    (nn.Threshold(0.1, 0.0), "threshold"),
    (nn.RReLU(), "rrelu"),
    (nn.Sequential(nn.PixelUnshuffle(3), nn.PixelShuffle(3)), "pixel_unshuffle"),
    (nn.ChannelShuffle(2), "channel_shuffle"),
    (nn.ReplicationPad2d(1), "replicate"),
    (nn.utils.parametrizations.weight_norm(nn.Conv2d(4, 4, 9, padding=4)), "weight_norm"),
    (Calls(lambda x: torch.fft.rfft2(x).abs()), "fft_rfft2"),
    (Calls(lambda x: x / x.abs().sum(1, keepdim=True)), "sum"),
    (Calls(lambda x: x + torch.arange(9)), "arange"),
    (Calls(lambda x: x.flip(3)), "flip"),
    (Calls(lambda x: x.int().float()), "rounded"),
    (Calls(lambda x: x.half().float()), "rounded"),
    (Calls(lambda x: torch.where(x > 0, x, x * 0.5)), "where"),
    (Calls(lambda x: x[:, ::2].repeat(1, 2, 1, 1)), "slices with steps"),
)
# Modules on sequences of 5 x 4.
OF_SEQUENCES: Sequence[Tuple[nn.Module, str]] = (
    (Calls(lambda x, r: r(x)[0], nn.LSTM(4, 4, proj_size=2, batch_first=True)), "proj_size"),
    (Calls(lambda x, r: r(x)[0], nn.GRU(4, 4)), "batch_first=False"),
    (Calls(lambda x, r: r(x, torch.ones(1, x.size(0), 4))[0], nn.GRU(4, 4, batch_first=True)), "ones"),
    (Calls(lambda x, r: r(x)[1][1][-1], nn.LSTM(4, 4, batch_first=True)), "no value that comes from the model's input"),
    (Calls(lambda x, a: a(x, x.relu(), x)[0], nn.MultiheadAttention(4, 2, batch_first=True)), "not recognized"),
    (Calls(lambda x, a: a(x, x, x)[0], nn.MultiheadAttention(4, 2, batch_first=True, add_zero_attn=True)),
     "not recognized"),
    (Calls(lambda x, a: a(x, x, x)[1], nn.MultiheadAttention(4, 2, batch_first=True)), "not recognized"),
    (Calls(lambda x: F.scaled_dot_product_attention(x, x, x)), "scaled_dot_product_attention"),
    (Calls(lambda x: x.cumsum(1)), "cumsum"),
    (Calls(lambda x: torch.div(x, 2, rounding_mode="floor")), "quotients are rounded"),
    (Calls(lambda x: x.reshape(-1, 4)), "between samples"),
)


def refused(module: nn.Module, shape: Tuple[int, ...]) -> List[str]:
    """What is said of a module."""
    try:
        strata_convert.from_torch(module, shape)
    except ConvertError as error:
        return error.sentences
    return []


def command(*arguments: Any) -> Tuple[int, str]:
    """The command's exit code, and its errors."""
    errors = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(errors):
        code = cli.main([str(argument) for argument in arguments])
    return code, errors.getvalue()


class RefusalTest(unittest.TestCase):
    """Models that strata cannot have."""

    def test_each_is_refused(self) -> None:
        for modules, shape in ((OF_IMAGES, (4, 9, 9)), (OF_SEQUENCES, (5, 4))):
            for module, said in modules:
                sentences = refused(module, shape)
                self.assertTrue(any(said in sentence for sentence in sentences), f"{module}: {said!r} in {sentences}")

    def test_open_sizes_but_that_of_the_batch(self) -> None:
        module = nn.TransformerEncoderLayer(4, 2, 8, batch_first=True).eval()
        steps = ({1: torch.export.Dim("steps")},)
        torch.export.save(torch.export.export(module, (torch.zeros(2, 5, 4),), dynamic_shapes=steps), WORK / "open.pt2")
        code, errors = command(WORK / "open.pt2", "-o", WORK / "none")
        self.assertEqual((code, "[2, any, 4]" in errors, "all sizes but that of the batch" in errors), (1, True, True))

    def test_all_are_named_at_once_and_no_file_is_written(self) -> None:
        bad = [pair for pair in OF_IMAGES if not isinstance(pair[0], (Calls, nn.ReplicationPad2d))]
        self.assertGreaterEqual(len(bad), 20)
        model = nn.Sequential(*(module for module, _ in bad), nn.Flatten(), nn.Linear(324, 2)).eval()
        torch.export.save(torch.export.export(model, (torch.zeros(2, 4, 9, 9),)), WORK / "bad.pt2")
        code, errors = command(WORK / "bad.pt2", "-o", WORK / "none")
        self.assertEqual(code, 1)
        self.assertFalse((WORK / "none").exists())
        for at, (_, said) in enumerate(bad):
            lines = [line for line in errors.splitlines() if re.match(rf"  - {at}[. ]", line)]
            self.assertTrue(any(said in line for line in lines), f"{at}: {said!r} in {lines}")

    def test_a_branch_that_is_read_twice(self) -> None:
        def dense_net(x: torch.Tensor, a: nn.Module, b: nn.Module) -> torch.Tensor:
            first = a(x)
            return torch.cat([x, first, b(torch.cat([x, first], 1))], 1)

        sentences = refused(Calls(dense_net, nn.Conv2d(4, 2, 1), nn.Conv2d(6, 2, 1)), (4, 9, 9))
        self.assertIn("several branches", "".join(sentences))

    def test_in_place_on_what_is_read_elsewhere(self) -> None:
        def view_changes(x: torch.Tensor) -> torch.Tensor:
            y = x * 2
            flat = y.flatten(1)
            y.relu_()
            return flat

        self.assertIn("in place", "".join(refused(Calls(view_changes), (4, 9, 9))))

    def test_in_place_under_the_old_name(self) -> None:
        """PyTorch goes on with the result of a function that works in place; a file may go on with what it changed."""
        x, y = Ref("x"), Ref("y")
        calls = [Call("mul.Tensor", {"self": x, "other": 2}, ["y"], ""), Call("relu_.default", {"self": y}, ["r"], ""),
                 Call("add.Tensor", {"self": y, "other": x}, ["z"], "")]
        extents = {name: (2, 3) for name in "xyrz"}
        program = Program("x", "z", live(calls, "z"), calls, {}, False, extents)
        network = reader.model_of(program, "program").network
        self.assertEqual(str(network), "Sequential<Input<3>, Residual<Rescaling<2>, ReLU>>")

    def test_onto_another_type(self) -> None:
        weights = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2, bias=False)).state_dict()
        torch.save(weights, WORK / "weights.pt")
        safetensors.torch.save_file(weights, WORK / "weights.safetensors")
        good = "Sequential<Input<3>, Dense<4>, BatchNormalization<Epsilon<1e-05>>, Dense<2, NoBias>>"
        for source in ("weights.pt", "weights.safetensors"):
            self.assertEqual(command(WORK / source, "--onto", good, "-o", WORK / "good")[0], 0)
        for bad, said in (
                ("Sequential<Input<3>, Dense<4>, Dense<2, NoBias>>", '"1" with weight (4,)'),
                ("Sequential<Input<3>, Dense<5>, BatchNormalization<>, Dense<2>>", "dense of the shapes"),
                (good[:-1] + ", Dense<1>>", "no tensors are left"),
                ("Sequential<Input<3>, Dense<4>, BatchNormalization<>>", "no layer is left"),
                ("Sequential<Input<3>, Dense<4>, NoSuchLayer<3>>", 'does not know "NoSuchLayer"')):
            code, errors = command(WORK / "weights.pt", "--onto", bad, "-o", WORK / "none")
            self.assertEqual((code, said in errors), (1, True), errors)
        usual = "Sequential<Input<3>, Dense<4>, BatchNormalization<>, Dense<2, NoBias>>"
        code, errors = command(WORK / "weights.pt", "--onto", usual, "-o", WORK / "good")
        self.assertEqual((code, "PyTorch's default is 1e-05" in errors), (0, True), errors)
        self.assertIn("--onto", command(WORK / "weights.pt", "-o", WORK / "none")[1])
        self.assertFalse((WORK / "none").exists())

    def test_onto_knows_where_channels_come_first(self) -> None:
        """Flatten of channels x steps, whose first layer has parameters, and of steps that are not known."""
        torch.manual_seed(1)
        module = nn.Sequential(nn.BatchNorm1d(2), nn.Flatten(), nn.LayerNorm(6), nn.Linear(6, 2)).eval()
        torch.save(module.state_dict(), WORK / "rows.pt")
        options = "Epsilon<1e-05>"
        network = f"Sequential<Input<3, 2>, BatchNormalization<Momentum<0.9>, {options}>, Flatten, " \
                  f"LayerNormalization<{options}>, Dense<2>>"
        self.assertEqual(command(WORK / "rows.pt", "--onto", network, "-o", WORK / "good")[0], 0)
        live = strata_convert.from_torch(module, (2, 3))
        self.assertEqual(str(live.network), network)
        self.assertEqual(model_file.model_bytes(live), (WORK / "good/model.safetensors").read_bytes())
        torch.save(module[3:].state_dict(), WORK / "flat.pt")
        network = "Sequential<Input<3, 2>, Flatten, Dense<2>>"
        _, errors = command(WORK / "flat.pt", "--onto", network, "-o", WORK / "good")
        self.assertIn("another order", errors)

    def test_notes_name_the_order_of_axes(self) -> None:
        conv = nn.Conv2d(3, 4, 1)
        for function, notes in (
                (lambda x, c: c(x), "the output has its channels last: 5 x 6 x 4, in PyTorch 4 x 5 x 6."),
                (lambda x, c: F.softmax(c(x), 2), "the output has PyTorch's axes in the order 1, 3, 2: 4 x 6 x 5, "
                                                  "in PyTorch 4 x 5 x 6."),
                (lambda x, c: F.glu(c(x).transpose(1, 2), 3), ""),
                (lambda x, c: c(x).mean((2, 3), keepdim=True), "the output has no axes of extent one: 4, in PyTorch "
                                                               "4 x 1 x 1."),
                (lambda x, c: F.softmax(c(x), 3), "")):
            found = strata_convert.from_torch(Calls(function, conv), (3, 5, 6)).notes
            self.assertEqual(found[1:], [notes] if notes else [])

    def test_the_middle_of_three_steps(self) -> None:
        module = Calls(lambda x, r: r(x)[0][:, 1], nn.LSTM(2, 2, batch_first=True))
        self.assertIn("Cropping1D<1>", str(strata_convert.from_torch(module, (3, 2)).network))

    def test_a_mean_is_a_sequence_of_one_step(self) -> None:
        module = Calls(lambda x, r: r(x.mean((2, 3)).unsqueeze(1))[0], nn.LSTM(4, 2, batch_first=True))
        self.assertIn("GlobalAveragePooling2D<>", str(strata_convert.from_torch(module, (4, 3, 3)).network))

    def test_reshape_needs_permute(self) -> None:
        module = nn.Sequential(nn.Linear(2, 12), nn.Unflatten(1, (3, 2, 2)), nn.Conv2d(3, 1, 1))
        torch.save(module.state_dict(), WORK / "reshape.pt")
        end = "Conv2D<1, Kernel<1>>>"
        code, errors = command(WORK / "reshape.pt", "-o", WORK / "none", "--onto",
                               f"Sequential<Input<2>, Dense<12>, Reshape<2, 2, 3>, {end}")
        self.assertEqual((code, "Permute<2, 3, 1>" in errors), (1, True), errors)
        self.assertEqual(command(WORK / "reshape.pt", "-o", WORK / "good", "--onto",
                                 f"Sequential<Input<2>, Dense<12>, Reshape<3, 2, 2>, Permute<2, 3, 1>, {end}")[0], 0)

    def test_what_is_not_weights(self) -> None:
        linear = nn.Linear(3, 2)
        torch.save(linear, WORK / "module.pt")
        torch.jit.script(linear).save(str(WORK / "script.pt"))
        torch.save(linear.state_dict(), WORK / "old.pt", _use_new_zipfile_serialization=False)
        torch.save({"epoch": 3, "rate": 0.1}, WORK / "numbers.pt")
        torch.save(torch.ao.quantization.quantize_dynamic(nn.Sequential(linear)).state_dict(), WORK / "quantized.pt")
        for name, said in (("module", "torch.nn.modules.linear.Linear"), ("script", "TorchScript"),
                           ("old", "before version 1.6"), ("numbers", "no dictionary of tensors"),
                           ("quantized", "holds more than tensors")):
            code, errors = command(WORK / f"{name}.pt", "--onto", "Sequential<Input<3>, Dense<2>>", "-o", WORK / "none")
            self.assertEqual((code, said in errors), (1, True), errors)

    def test_checkpoints(self) -> None:
        linear = nn.Linear(3, 2)
        optimizer = torch.optim.SGD(linear.parameters())
        torch.save({"epoch": 3, "model_state_dict": linear.state_dict(), "optimizer": optimizer.state_dict()},
                   WORK / "checkpoint.pt")
        torch.save(linear.half().state_dict(), WORK / "half.pt")
        torch.save({"weight": nn.Linear(2, 3).weight.T}, WORK / "turned.pt")
        for name, bias in (("checkpoint", ""), ("half", ""), ("turned", ", NoBias")):
            self.assertEqual(command(WORK / f"{name}.pt", "--onto", f"Sequential<Input<3>, Dense<2{bias}>>", "-o",
                                     WORK / "good")[0], 0)


class Evil:
    """What a hostile file would execute."""

    def __reduce__(self) -> Tuple[Any, ...]:
        return print, ("EXECUTED",)


def pt(path: Path, data: bytes, parts: Sequence[Tuple[str, bytes]] = (), packed: bool = False) -> Path:
    """A .pt file of these parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as archive:
        archive.writestr("a/data.pkl", data)
        for name, content in parts:
            archive.writestr(f"a/{name}", content)
    return path


def tensor_pickle(shape: str, strides: str, offset: str = "I0\n", part: str = "0") -> bytes:
    """The pickle of {"weight": a tensor}."""
    storage = f"(Vstorage\nctorch\nFloatStorage\nV{part}\nVcpu\nI6\ntQ"
    return (f"(dVweight\nctorch._utils\n_rebuild_tensor_v2\n({storage}{offset}({shape}t({strides}tI00\n"
            "ccollections\nOrderedDict\n(tRtRs.").encode()


class HostileFileTest(unittest.TestCase):
    """Files of strangers. Each is met with a sentence, not with a traceback."""

    def refuse(self, path: Path, said: str = "") -> None:
        """The command refuses a file."""
        output = io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            code = cli.main([str(path), "--onto", "Sequential<Input<3>, Dense<2, NoBias>>", "-o", str(WORK / "none")])
        self.assertEqual(code, 1, output.getvalue())
        self.assertIn(said, output.getvalue())
        self.assertNotIn("EXECUTED", output.getvalue().splitlines())
        self.assertFalse((WORK / "none").exists())

    def test_nothing_is_executed(self) -> None:
        for protocol in range(5):
            self.refuse(pt(WORK / "evil.pt", pickle.dumps({"weight": Evil()}, protocol)), "it names \"")
        self.refuse(pt(WORK / "evil.pt", b"cos\nsystem\n(Vtrue\ntR."), "os.system")
        self.refuse(pt(WORK / "evil.pt", b"(ios\nsystem\n."), "os.system")
        torch.save({"weight": torch.zeros(2, 3), "more": Evil()}, WORK / "evil.pt")
        self.refuse(WORK / "evil.pt", "print")

    def test_tensors_lie_in_their_numbers(self) -> None:
        numbers = [("data/0", struct.pack("<6f", *range(6)))]
        good = tensor_pickle("I2\nI3\n", "I3\nI1\n")
        onto = ["--onto", "Sequential<Input<3>, Dense<2, NoBias>>", "-o", WORK / "good"]
        self.assertEqual(command(pt(WORK / "evil.pt", good, numbers), *onto), (0, command(WORK / "evil.pt", *onto)[1]))
        for data in (tensor_pickle("I2\nI3\n", "I3\nI1\n", "I1\n"), tensor_pickle("I2\nI3\n", "I4\nI1\n"),
                     tensor_pickle("I2\nI3\n", "I-3\nI1\n"), tensor_pickle("I200000\nI300000\n", "I0\nI0\n"),
                     tensor_pickle("I2\nI3\n", "I1\n"), tensor_pickle("I2\nI3\n", "I3\nI1\n", part="../../etc/passwd"),
                     tensor_pickle("I" + "9" * 30 + "\nI3\n", "I3\nI1\n")):
            self.refuse(pt(WORK / "evil.pt", data, numbers))
        self.refuse(pt(WORK / "evil.pt", good, [("data/0", b"\0" * 23)]), "whole numbers")
        self.refuse(pt(WORK / "evil.pt", good, [*numbers, ("byteorder", b"middle")]), "order of bytes")

    def test_archives(self) -> None:
        data = tensor_pickle("I2\nI3\n", "I3\nI1\n")
        self.refuse(pt(WORK / "evil.pt", data, [("data/0", b"\0" * 10**7)], packed=True), "packed")
        with zipfile.ZipFile(WORK / "old.pt2", "w") as archive:
            archive.writestr("serialized_exported_program.json", "{}")
        code, errors = command(WORK / "old.pt2", "-o", WORK / "none")
        self.assertEqual((code, "2.8 or older" in errors), (1, True), errors)
        whole = pt(WORK / "whole.pt", data, [("data/0", b"\0" * 24)]).read_bytes()
        for end in (10, 100, len(whole) - 10):
            (WORK / "evil.pt").write_bytes(whole[:end])
            self.refuse(WORK / "evil.pt")

    def test_deep_and_long_pickles(self) -> None:
        for data in (b"(" * 100000 + b".", b"]" * 100000 + b"a" * 99999 + b".", b"\x80\x02r\xff\xff\xff\xff.",
                     b"X\xff\xff\xff\x7fa.",
                     b"}" + b"(K\x00h\x00u." * 3, b"N" * 100 + b"0" * 200 + b".", b"", b"\x80\x04\x95"):
            self.refuse(pt(WORK / "evil.pt", data))

    def test_damaged_files(self) -> None:
        """Bytes that were changed: a sentence, or a file that is read."""
        model = nn.Sequential(nn.Conv1d(2, 3, 2), nn.Flatten(), nn.Linear(9, 2)).eval()
        torch.save(model.state_dict(), WORK / "good.pt")
        torch.export.save(torch.export.export(model, (torch.zeros(2, 2, 4),)), WORK / "good.pt2")
        draw = random.Random(1)
        onto = "Sequential<Input<4, 2>, Conv1D<3, Kernel<2>>, Flatten, Dense<2>>"
        for source, more in (("good.pt", ["--onto", onto]), ("good.pt2", [])):
            self.assertEqual(command(WORK / source, *more, "-o", WORK / "good")[0], 0)
            with zipfile.ZipFile(WORK / source) as archive:
                parts = {info.filename: archive.read(info) for info in archive.infolist()}
            target = next(name for name in parts if name.endswith(("data.pkl", "model.json")))
            for _ in range(150):
                damaged = bytearray(parts[target])
                for _ in range(draw.randint(1, 3)):
                    damaged[draw.randrange(len(damaged))] = draw.randrange(256)
                self.write_and_read(source, {**parts, target: bytes(damaged)}, more)
            if source.endswith("2"):
                for _ in range(300):
                    content = json.loads(parts[target])
                    self.change(content["graph_module"], draw)
                    self.write_and_read(source, {**parts, target: json.dumps(content).encode()}, more)

    def write_and_read(self, source: str, parts: Any, more: List[str]) -> None:
        """An archive of these parts, through the command."""
        path = WORK / f"damaged{Path(source).suffix}"
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in parts.items():
                archive.writestr(name, content)
        self.assertIn(command(path, *more, "-o", WORK / "damaged")[0], (0, 1))

    def change(self, tree: Any, draw: random.Random) -> None:
        """Puts something else into a random place of a tree."""
        while True:
            keys = list(tree) if isinstance(tree, dict) else list(range(len(tree)))
            if not keys:
                return
            key = draw.choice(keys)
            if isinstance(tree[key], (dict, list)) and draw.random() < 0.9:
                tree = tree[key]
                continue
            tree[key] = draw.choice([None, -1, 0, 10**30, "x", [], {}, [1, "y"], 1e308, True, {"as_int": 3}])
            return


if __name__ == "__main__":
    unittest.main()
