"""Writes tests/data/exchange/torch/*.pt2: small exported programs, which fuzz_readers.py begins with.

    write_torch_programs.py FOLDER
"""
import sys
from pathlib import Path
from typing import Dict, Tuple

import torch
from torch import Tensor, nn


class Last(nn.Module):
    """The last row of what a recurrent module makes."""

    def forward(self, x: Tuple[Tensor, Tensor]) -> Tensor:
        return x[0][:, -1]


class Block(nn.Module):
    """A residual sum."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 2, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x + self.conv(x), x.relu()], 1)


class Attention(nn.Module):
    """Attention of a sequence to itself."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(4, 2, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.attention(x, x, x, need_weights=False)[0]


torch.manual_seed(1)
PROGRAMS: Dict[str, Tuple[nn.Module, Tensor]] = {
    "attention": (nn.Sequential(Attention(), nn.Linear(4, 2)), torch.zeros(2, 3, 4)),
    "image": (nn.Sequential(nn.Conv2d(1, 2, 3, 2, 1), nn.BatchNorm2d(2), Block(), nn.MaxPool2d(2), nn.Flatten(),
                            nn.Linear(16, 3), nn.Softmax(1)), torch.zeros(2, 1, 8, 8)),
    "steps": (nn.Sequential(nn.Embedding(7, 3), nn.GRU(3, 2, batch_first=True, bidirectional=True), Last(),
                            nn.LayerNorm(4), nn.GELU(), nn.Linear(4, 2)), torch.zeros(2, 5, dtype=torch.long)),
}

if __name__ == "__main__":
    for name, (module, x) in PROGRAMS.items():
        program = torch.export.export(module.eval(), (x,))
        for node in program.graph.nodes:
            node.meta.pop("stack_trace", None)  # it has the paths of a machine
        torch.export.save(program, Path(sys.argv[1]) / f"{name}.pt2")
