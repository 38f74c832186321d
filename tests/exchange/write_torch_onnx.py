"""Writes tests/data/exchange/torch_*.onnx: models as PyTorch's two exporters write them. Run by hand, with torch, onnx
and onnxscript.

usage: write_torch_onnx.py FOLDER
"""
import sys
from pathlib import Path
from typing import Dict, Tuple

import onnx
import torch
from torch import nn


class LeNet5(nn.Sequential):
    """LeNet-5 as PyTorch's users write it."""

    def __init__(self) -> None:
        super().__init__(nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.Tanh(),
                         nn.AvgPool2d(2), nn.Flatten(), nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(),
                         nn.Linear(84, 10), nn.Softmax(1))


class Block(nn.Module):
    """A residual block of ResNet, with a projection where its shape changes."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs))
        self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False),
                                      nn.BatchNorm2d(outputs)) if stride > 1 else nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.layers(x) + self.shortcut(x))


class ResNet(nn.Module):
    """Small, with the stem and the head of the large ones."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 4, 7, 2, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU(),
                                  nn.MaxPool2d(3, 2, 1))
        self.blocks = nn.Sequential(Block(4, 4, 1), Block(4, 8, 2), Block(8, 8, 1))
        self.head = nn.Linear(8, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(torch.flatten(nn.functional.adaptive_avg_pool2d(self.blocks(self.stem(x)), 1), 1))


class Mobile(nn.Module):
    """Depthwise convolutions, hard swish, squeeze and excitation, group normalization, GELU, a view."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 6, 3, 2, 1), nn.Hardswish(), nn.Conv2d(6, 6, 3, 1, 1, groups=6),
                                  nn.GroupNorm(3, 6), nn.GELU())
        self.squeeze = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(6, 2, 1), nn.ReLU(), nn.Conv2d(2, 6, 1),
                                     nn.Hardsigmoid())
        self.up = nn.Sequential(nn.ConvTranspose2d(6, 4, 4, 2, 1), nn.SiLU(), nn.MaxPool2d(2), nn.PReLU(4))
        self.head = nn.Linear(4 * 10 * 12, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.stem(x)
        y = self.up(y * self.squeeze(y))
        return self.head(y.view(y.size(0), -1))


class Words(nn.Module):
    """An Embedding, a bidirectional LSTM, LayerNorm, a GRU whose last state counts."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(11, 6)
        self.first = nn.LSTM(6, 5, batch_first=True, bidirectional=True)
        self.norm = nn.LayerNorm(10)
        self.second = nn.GRU(10, 4, batch_first=True)
        self.head = nn.Sequential(nn.Dropout(0.2), nn.Linear(4, 3), nn.LogSoftmax(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.second(self.norm(self.first(self.table(x))[0]))[0][:, -1])


def randomized(model: nn.Module) -> nn.Module:
    """Moving averages, and gains and shifts of normalizations, as a training leaves them."""
    for name, values in [*model.named_parameters(), *model.named_buffers()]:
        if values.dim() == 1 and "num_batches" not in name:
            with torch.no_grad():
                values.uniform_(0.5, 1.5) if "var" in name or "weight" in name else values.uniform_(-0.3, 0.3)
    return model.eval()


def without_paths(path: Path) -> None:
    """Takes stack traces off a file, which name folders of the machine that wrote it."""
    model = onnx.load(path)
    graph = model.graph
    for part in (model, graph, *graph.node, *graph.value_info, *graph.input, *graph.output, *graph.initializer):
        part.doc_string = ""
        del part.metadata_props[:]
    onnx.save(model, path)


def main(folder: Path) -> None:
    """Writes all of them."""
    torch.manual_seed(1)
    images, words = torch.rand(2, 3, 20, 24), torch.randint(0, 11, (2, 7))
    models: Dict[str, Tuple[nn.Module, torch.Tensor]] = {
        "lenet5": (LeNet5(), torch.rand(2, 1, 28, 28)), "resnet": (ResNet(), images), "mobile": (Mobile(), images),
        "words": (Words(), words)}
    for name, (model, sample) in models.items():
        randomized(model)
        torch.onnx.export(model, (sample,), folder / f"torch_{name}_13.onnx", opset_version=13, dynamo=False,
                          input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "batch"}, "y": {0: "batch"}},
                          training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)
        batch = torch.export.Dim("batch")
        torch.onnx.export(model, (sample,), folder / f"torch_{name}_18.onnx", opset_version=18, dynamo=True,
                          external_data=False, input_names=["x"], output_names=["y"], dynamic_shapes=({0: batch},))
        without_paths(folder / f"torch_{name}_18.onnx")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
