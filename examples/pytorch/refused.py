import torch
from torch import nn

model = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1, padding_mode="reflect"), nn.LeakyReLU(), nn.MaxPool2d(3, 2, 1),
                      nn.PixelShuffle(2), nn.Flatten(), nn.Linear(784, 10)).eval()
torch.export.save(torch.export.export(model, (torch.zeros(2, 1, 28, 28),)), "bad.pt2")
