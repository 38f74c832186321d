"""The models of PyTorch that tests convert: trained for two steps on random data, so that no parameter and no running
average is what it starts as."""
import functools
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, Tuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

SAMPLES = 100


class Residual(nn.Module):
    """A block of ResNet-20."""

    def __init__(self, channels: int, filters: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, filters, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(filters)
        self.conv2 = nn.Conv2d(filters, filters, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(filters)
        self.relu = nn.ReLU(inplace=True)
        self.shortcut = nn.Sequential()
        if stride > 1:
            self.shortcut = nn.Sequential(nn.Conv2d(channels, filters, 1, stride, bias=False), nn.BatchNorm2d(filters))

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu(self.bn1(self.conv1(x)))
        return self.relu(self.bn2(self.conv2(y)) + self.shortcut(x))


class Recurrent(nn.Module):
    """A recurrent module, a way to take its result, and a Linear."""

    def __init__(self, layer: nn.Module, result: Callable[[Tuple], Tensor], width: int) -> None:
        super().__init__()
        self.body, self.result = layer, result
        self.head = nn.Linear(width, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.result(self.body(x)))


class Temporal(nn.Module):
    """A block of a TCN (Bai, Kolter, Koltun 2018), with zeros before its steps in both of the ways that are in use."""

    def __init__(self, channels: int, filters: int, dilation: int) -> None:
        super().__init__()
        self.cut = 2 * dilation
        self.conv1 = nn.Conv1d(channels, filters, 3, padding=self.cut, dilation=dilation)
        self.conv2 = nn.Conv1d(filters, filters, 3, dilation=dilation)
        self.shortcut = nn.Conv1d(channels, filters, 1) if channels != filters else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.conv1(x)[:, :, :-self.cut])
        y = F.relu(self.conv2(F.pad(y, (self.cut, 0))))
        return F.relu(y + self.shortcut(x))


class Last(nn.Module):
    """The last step of batch x channels x steps."""

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :, -1]


class SelfAttention(nn.Module):
    """Attention of a sequence to itself, with what the module can be given besides."""

    def __init__(self, width: int, heads: int, **options: bool) -> None:
        super().__init__()
        self.needs_weights, self.causal = options.pop("needs_weights", False), options.pop("causal", False)
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True, **options)
        self.register_buffer("mask", torch.triu(torch.full((5, 5), float("-inf")), 1), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        mask = self.mask if self.causal else None
        return x + self.attention(x, x, x, need_weights=self.needs_weights, attn_mask=mask)[0]


@dataclass
class Case:
    """A model, the shape of its input, and what its type becomes in strata."""

    module: nn.Module
    shape: Tuple[int, ...]
    network: str
    indices: int = 0  # inputs are indices below this

    def inputs(self) -> Tensor:
        """Random samples, of single precision."""
        torch.manual_seed(1)
        if self.indices:
            return torch.randint(0, self.indices, (SAMPLES, *self.shape))
        return torch.randn(SAMPLES, *self.shape)

    def train(self) -> None:
        """Two steps."""
        torch.manual_seed(2)
        for tensor in self.module.parameters():
            if tensor.ndim == 1:
                nn.init.normal_(tensor, tensor.mean().item(), 0.1)
        optimizer = torch.optim.SGD(self.module.parameters(), lr=0.05)
        for _ in range(2):
            optimizer.zero_grad()
            self.module(self.inputs()[:16]).square().mean().backward()
            optimizer.step()
        self.module.eval()

    def expected(self) -> np.ndarray:
        """What PyTorch makes of the samples, in double precision."""
        x = self.inputs()
        self.module.double()
        with torch.no_grad():
            y = self.module(x if self.indices else x.double()).numpy()
        self.module.float()
        return y

    def strata_inputs(self) -> np.ndarray:
        """The samples with their channels last, as strata takes them."""
        x = self.inputs().numpy().astype(np.float32)
        first = len(self.shape) == 3 or (len(self.shape) == 2 and "Conv1D" in self.network)
        return np.ascontiguousarray(np.moveaxis(x, 1, -1)) if first else x


def batch_norm(name: str = "BatchNormalization") -> str:
    """PyTorch's defaults."""
    return f"{name}<Momentum<0.9>, Epsilon<1e-05>>"


def resnet20() -> Case:
    torch.manual_seed(3)
    blocks, text, channels = [], [], 4
    for filters in (4, 6, 8):
        for block in range(3):
            stride = 2 if block == 0 and filters > 4 else 1
            blocks.append(Residual(channels, filters, stride))
            first = f"ZeroPadding2D<1>, Conv2D<{filters}, Kernel<3>, Strides<2>, NoBias>" if stride == 2 else \
                f"Conv2D<{filters}, Kernel<3>, Same, NoBias>"
            shortcut = f", Shortcut<Conv2D<{filters}, Kernel<1>, Strides<2>, NoBias>, {batch_norm()}>" \
                if stride == 2 else ""
            text += [f"Residual<{first}, {batch_norm()}, ReLU, Conv2D<{filters}, Kernel<3>, Same, NoBias>, "
                     f"{batch_norm()}{shortcut}>", "ReLU"]
            channels = filters
    module = nn.Sequential(nn.Conv2d(3, 4, 3, 1, 1, bias=False), nn.BatchNorm2d(4), nn.ReLU(inplace=True), *blocks,
                           nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 5))
    return Case(module, (3, 8, 8), f"Sequential<Input<8, 8, 3>, Conv2D<4, Kernel<3>, Same, NoBias>, {batch_norm()}, "
                f"ReLU, {', '.join(text)}, GlobalAveragePooling2D<>, Dense<5>>")


def cases() -> Dict[str, Case]:
    """All models by name."""
    torch.manual_seed(4)
    lenet5 = nn.Sequential(nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.Tanh(),
                           nn.AvgPool2d(2), nn.Flatten(), nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(),
                           nn.Linear(84, 10), nn.Softmax(1))
    vgg = nn.Sequential(nn.Conv2d(3, 4, 3, padding="same"), nn.ReLU(), nn.Conv2d(4, 4, (3, 1), padding=(1, 0)),
                        nn.LeakyReLU(), nn.MaxPool2d(2), nn.Dropout2d(0.25), nn.Conv2d(4, 6, 3, padding=1), nn.ReLU(),
                        nn.MaxPool2d(3, 2, 1), nn.Flatten(), nn.BatchNorm1d(54), nn.Dropout(0.5), nn.Linear(54, 8),
                        nn.GELU(), nn.LayerNorm(8), nn.Linear(8, 4, bias=False), nn.LogSoftmax(1))
    separable = nn.Sequential(nn.Conv2d(2, 6, 3, stride=2, padding=1, groups=2, bias=False), nn.BatchNorm2d(6),
                              nn.ReLU6(), nn.Conv2d(6, 5, 1), nn.Hardswish(), nn.AvgPool2d(3, 2, 1),
                              nn.Conv2d(5, 5, 3, padding=1, groups=5), nn.PReLU(5), nn.Flatten(), nn.Linear(45, 3))
    decoder = nn.Sequential(nn.Linear(5, 4 * 3 * 2), nn.Unflatten(1, (4, 3, 2)), nn.ConvTranspose2d(4, 3, 4, 2, 1),
                            nn.ELU(), nn.ConvTranspose2d(3, 2, 3, 2, 1, output_padding=1), nn.Sigmoid())
    tcn = nn.Sequential(Temporal(3, 4, 1), Temporal(4, 4, 2), Last(), nn.Linear(4, 2))
    lstm = Recurrent(nn.LSTM(4, 5, num_layers=2, dropout=0.1, batch_first=True), lambda r: r[0][:, -1], 5)
    gru = Recurrent(nn.Sequential(nn.Embedding(11, 4, padding_idx=0), nn.GRU(4, 5, batch_first=True)),
                    lambda r: r[1][-1], 5)
    states = Recurrent(nn.LSTM(4, 5, batch_first=True, bidirectional=True),
                       lambda r: torch.cat([r[1][0][-2], r[1][0][-1]], 1), 10)
    sequence = Recurrent(nn.GRU(4, 3, num_layers=2, batch_first=True, bidirectional=True), lambda r: r[0][:, -1], 6)
    rnn = Recurrent(nn.RNN(4, 3, nonlinearity="relu", bias=False, batch_first=True), lambda r: r[0], 3)
    attention = nn.Sequential(SelfAttention(6, 2), nn.LayerNorm(6), nn.Linear(6, 3))
    return {
        "attention": Case(attention, (5, 6), "Sequential<Input<5, 6>, Residual<MultiHeadAttention<2, 3>>, "
                          "LayerNormalization<Epsilon<1e-05>>, Dense<3>>"),
        "lenet5": Case(lenet5, (1, 28, 28), "Sequential<Input<28, 28, 1>, Conv2D<6, Kernel<5>, Same, Tanh>, "
                       "AveragePooling2D<>, Conv2D<16, Kernel<5>, Tanh>, AveragePooling2D<>, Flatten, "
                       "Dense<120, Tanh>, Dense<84, Tanh>, Dense<10, Softmax>>"),
        "vgg": Case(vgg, (3, 10, 12), "Sequential<Input<10, 12, 3>, Conv2D<4, Kernel<3>, Same, ReLU>, "
                    "Conv2D<4, Kernel<3, 1>, Same, LeakyReLU::With<NegativeSlope<0.01>>>, MaxPooling2D<>, "
                    "SpatialDropout2D<0.25>, Conv2D<6, Kernel<3>, Same, ReLU>, ZeroPadding2D<1>, "
                    "MaxPooling2D<Pool<3>, Strides<2>>, Flatten, " + batch_norm() + ", Dropout<0.5>, Dense<8, GELU>, "
                    "LayerNormalization<Epsilon<1e-05>>, Dense<4, NoBias, LogSoftmax>>"),
        "resnet20": resnet20(),
        "separable": Case(separable, (2, 12, 12), "Sequential<Input<12, 12, 2>, ZeroPadding2D<1>, DepthwiseConv2D<"
                          "Kernel<3>, Strides<2>, NoBias, DepthMultiplier<3>>, " + batch_norm() + ", ReLU6, "
                          "Conv2D<5, Kernel<1>, HardSiLU>, ZeroPadding2D<1>, AveragePooling2D<Pool<3>, Strides<2>>, "
                          "DepthwiseConv2D<Kernel<3>, Same>, PReLU<SharedAxes<1, 2>>, Flatten, Dense<3>>"),
        "decoder": Case(decoder, (5,), "Sequential<Input<5>, Dense<24>, Reshape<4, 3, 2>, Permute<2, 3, 1>, "
                        "Conv2DTranspose<3, Kernel<4>, Strides<2>, Same, ELU>, "
                        "Conv2DTranspose<2, Kernel<3>, Strides<2>, OutputPadding<1>>, Cropping2D<1>, Sigmoid>"),
        "tcn": Case(tcn, (3, 12), "Sequential<Input<12, 3>, Residual<Conv1D<4, Kernel<3>, Causal, ReLU>, Conv1D<4, "
                    "Kernel<3>, Causal, ReLU>, Shortcut<Conv1D<4, Kernel<1>>>>, ReLU, Residual<Conv1D<4, Kernel<3>, "
                    "Dilation<2>, Causal, ReLU>, Conv1D<4, Kernel<3>, Dilation<2>, Causal, ReLU>>, ReLU, "
                    "Cropping1D<11, 0>, Flatten, Dense<2>>"),
        "lstm": Case(lstm, (7, 4), "Sequential<Input<7, 4>, LSTM<5, ReturnSequences>, Dropout<0.1>, LSTM<5>, "
                     "Dense<3>>"),
        "gru": Case(gru, (6,), "Sequential<Input<6>, Embedding<11, 4>, GRU<5>, Dense<3>>", 11),
        "bidirectional_states": Case(states, (7, 4), "Sequential<Input<7, 4>, Bidirectional<LSTM<5>>, Dense<3>>"),
        "bidirectional_sequence": Case(sequence, (5, 4), "Sequential<Input<5, 4>, "
                                       "Bidirectional<GRU<3, ReturnSequences>>, "
                                       "Bidirectional<GRU<3, ReturnSequences>>, Cropping1D<4, 0>, Flatten, "
                                       "Dense<3>>"),
        "rnn": Case(rnn, (5, 4), "Sequential<Input<5, 4>, SimpleRNN<3, ReLU, ReturnSequences, NoBias>, Dense<3>>"),
    }


def export(case: Case, path: Path) -> None:
    """Writes a .pt2 file."""
    x = case.inputs()[:2]
    torch.export.save(torch.export.export(case.module, (x,)), path)


@functools.lru_cache(maxsize=None)
def trained_cases() -> Tuple[Dict[str, Case], Path]:
    """All models, trained, and a folder with their .pt2 files: once for all tests."""
    folder, found = Path(tempfile.mkdtemp()), cases()
    for name, case in found.items():
        case.train()
        export(case, folder / f"{name}.pt2")
    return found, folder
