"""Writes models with random weights into a folder."""
import sys
from pathlib import Path

import numpy as np
from strata_convert import model_file
from strata_convert.graph import Graph
from strata_convert.model import Model
from strata_convert.network import parse

MODELS = {
    # With some of what LeNet-5 had in 1998.
    "lenet5": "Sequential<Input<28, 28, 1>, Conv2D<6, Kernel<5>, Same, Tanh>, Subsampling2D<ScaledTanh>, "
              "Conv2D<16, Kernel<5>, Tanh, Connections<lenet5_connections>>, AveragePooling2D<>, Flatten, "
              "Dense<120, Tanh>, Dense<84, Tanh>, Frozen<RBF<10>>, Rescaling<-0.05>, Softmax>",
    # State, frozen layers and branches; kernels whose outputs lie on another axis.
    "blocks": "Sequential<Input<4, 4, 2>, Frozen<Conv2D<4, Same>, BatchNormalization<>>, "
              "Residual<DepthwiseConv2D<Same, ReLU>, BatchNormalization<>>, "
              "Conv2DTranspose<3, Kernel<2>, KernelInitializer<HeNormal<>>>, Flatten, "
              "Dense<3, KernelRegularizer<L2<0.01>>>>",
    "words": "Sequential<Input<5>, Embedding<7, 4>, GRU<3>, Dense<2>>",
}


def random_model(text: str) -> Model:
    """A model whose values are of the size that training leaves."""
    network = parse(text)
    random = np.random.default_rng(1)
    tensors = {}
    for name, shape in Graph(network).tensors().items():
        values = random.normal(size=shape) / np.sqrt(np.prod(shape[:-1]))
        tensors[name] = (np.abs(values) + 0.5 if name.endswith("variance") else values).astype(np.float32)
    return Model(network, tensors, ["zero", "one", "höchstens drei"] if "Dense<3" in text else [])


if __name__ == "__main__":
    for model_name, model_text in MODELS.items():
        model_file.write(random_model(model_text), Path(sys.argv[1]) / f"{model_name}.safetensors")
