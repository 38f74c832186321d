import torch
from torch import nn

model = nn.Sequential(
    nn.Conv2d(1, 6, 5, padding=2), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 10), nn.Softmax(1),
).eval()

torch.export.save(torch.export.export(model, (torch.zeros(2, 1, 28, 28),)), "lenet5.pt2")
torch.save(model.state_dict(), "lenet5.pt")
