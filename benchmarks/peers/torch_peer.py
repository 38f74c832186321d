"""PyTorch; variants eager, channels-last, compiled (with channels last as well)."""
import torch
from torch import nn
from torch.nn import functional

from networks import Conv, Dense, Flatten, Pool, channels_first, shapes
from protocol import ADAM, main

ACTIVATIONS = {"tanh": nn.Tanh, "relu": nn.ReLU}


def layers(network):
    """The network up to the logits."""
    for layer, shape in shapes(network):
        if isinstance(layer, Conv):
            yield nn.Conv2d(shape[2], layer.filters, layer.kernel, padding=layer.padding)
        elif isinstance(layer, Pool):
            yield nn.AvgPool2d(2) if layer.kind == "average" else nn.MaxPool2d(2)
        elif isinstance(layer, Flatten):
            yield nn.Flatten()
        elif isinstance(layer, Dense):
            yield nn.Linear(shape[0], layer.units)
        activation = ACTIVATIONS.get(getattr(layer, "activation", None))
        if activation:
            yield activation()


class Model:
    def __init__(self, case):
        torch.set_num_threads(case.threads)
        self.batch = case.batch
        self.channels_last = case.variant != "eager"
        self.module = nn.Sequential(*layers(case.network))
        with torch.no_grad():
            for ours, given in zip(self.module.parameters(), channels_first(case.network, case.parameters)):
                ours.copy_(torch.from_numpy(given))
        if self.channels_last:
            self.module = self.module.to(memory_format=torch.channels_last)
        self.compiled = case.variant == "compiled"
        if case.mode == "train":
            self.images, self.labels = self.arranged(case.train.images), torch.from_numpy(case.train.labels).long()
            self.loss = self.made_fast(lambda x, y: functional.cross_entropy(self.module(x), y))
            self.optimizer = torch.optim.Adam(self.module.parameters(), ADAM["learning_rate"],
                                              (ADAM["beta_1"], ADAM["beta_2"]), ADAM["epsilon"], fused=True)
        else:
            torch._inductor.config.freezing = True  # parameters become constants, which oneDNN packs once
            self.module.eval()
            self.probabilities = self.made_fast(lambda x: functional.softmax(self.module(x), 1))
            self.test = self.viewed(self.arranged(case.test.images))

    def made_fast(self, work):
        return torch.compile(work, dynamic=False) if self.compiled else work

    def arranged(self, images):
        """Images in the memory format of the variant, so that a batch is a gather of rows."""
        images = torch.from_numpy(images)
        return images if self.channels_last else images.permute(0, 3, 1, 2).contiguous()

    def viewed(self, images):
        """As N x channels x rows x columns, whatever the memory format."""
        return images.permute(0, 3, 1, 2) if self.channels_last else images

    def epoch(self, order):
        order = torch.from_numpy(order)
        losses, counts = [], []
        for batch in order.split(self.batch):
            x = self.viewed(self.images.index_select(0, batch))
            y = self.labels.index_select(0, batch)
            self.optimizer.zero_grad(set_to_none=True)
            loss = self.loss(x, y)
            loss.backward()
            self.optimizer.step()
            losses.append(loss.detach())
            counts.append(len(batch))
        return torch.dot(torch.stack(losses), torch.tensor(counts, dtype=torch.float32)) / len(order)

    @torch.inference_mode()
    def predict(self):
        return torch.cat([self.probabilities(x) for x in self.test.split(self.batch)]).numpy()

    @torch.inference_mode()
    def one(self, image):
        return self.probabilities(self.viewed(self.arranged(image))).numpy()


if __name__ == "__main__":
    main("pytorch", torch.__version__, Model)
