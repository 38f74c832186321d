"""PyTorch; variants eager, channels-last, compiled (with channels last as well)."""
import torch
from torch.nn import functional

from protocol import ADAM, main
from torch_layers import module


class Model:
    def __init__(self, case):
        torch.set_num_threads(case.threads)
        self.batch = case.batch
        self.channels_last = case.variant != "eager"
        self.module = module(case.network, case.parameters)
        if self.channels_last:
            self.module = self.module.to(memory_format=torch.channels_last)
        self.compiled = case.variant == "compiled"
        if case.mode == "train":
            self.images, self.labels = self.arranged(case.data.images), torch.from_numpy(case.data.labels).long()
            self.loss = self.made_fast(lambda x, y: functional.cross_entropy(self.module(x), y))
            trained = [each for each in self.module.parameters() if each.requires_grad]
            self.optimizer = torch.optim.Adam(trained, ADAM["learning_rate"],
                                              (ADAM["beta_1"], ADAM["beta_2"]), ADAM["epsilon"], fused=True)
        else:
            torch._inductor.config.freezing = True  # parameters become constants, which oneDNN packs once
            self.module.eval()
            self.probabilities = self.made_fast(lambda x: functional.softmax(self.module(x), 1))
            self.test = self.viewed(self.arranged(case.data.images))

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
