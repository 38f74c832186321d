"""JAX: a jitted step with donated buffers."""
import functools
import os
import sys

if "--threads" in sys.argv and sys.argv[sys.argv.index("--threads") + 1] == "1":
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"  # else as many threads as the process has cores
os.environ["JAX_PLATFORMS"] = "cpu"

import jax  # noqa: E402
import numpy as np  # noqa: E402
from jax import numpy as jnp  # noqa: E402

from networks import Conv, Dense, Flatten, Pool  # noqa: E402
from protocol import ADAM, main  # noqa: E402

ACTIVATIONS = {"tanh": jnp.tanh, "relu": jax.nn.relu, "softmax": lambda x: x}


def logits(network, parameters, x):
    remaining = iter(parameters)
    for layer in network.layers:
        if isinstance(layer, Conv):
            x = jax.lax.conv_general_dilated(x, next(remaining), (1, 1), layer.padding.upper(),
                                             dimension_numbers=("NHWC", "HWIO", "NHWC")) + next(remaining)
        elif isinstance(layer, Pool):
            samples, rows, columns, channels = x.shape
            windows = x.reshape(samples, rows // 2, 2, columns // 2, 2, channels)
            x = windows.mean((2, 4)) if layer.kind == "average" else windows.max((2, 4))
        elif isinstance(layer, Flatten):
            x = x.reshape(len(x), -1)
        elif isinstance(layer, Dense):
            x = x @ next(remaining) + next(remaining)
        x = ACTIVATIONS.get(getattr(layer, "activation", None), lambda x: x)(x)
    return x


def adam(parameters, moments, gradients, step):
    rate, beta1, beta2, epsilon = ADAM.values()
    correction1, correction2 = 1 - beta1**step, 1 - beta2**step

    def update(parameter, gradient, first, second):
        first = beta1 * first + (1 - beta1) * gradient
        second = beta2 * second + (1 - beta2) * gradient**2
        return parameter - rate * (first / correction1) / (jnp.sqrt(second / correction2) + epsilon), first, second

    updated = [update(*each) for each in zip(parameters, gradients, *moments)]
    parameters, first, second = zip(*updated)
    return parameters, (first, second)


class Model:
    def __init__(self, case):
        self.batch = case.batch
        parameters = tuple(jnp.array(array) for array in case.parameters)

        @functools.partial(jax.jit, donate_argnums=0)
        def step(state, images, labels, rows):
            parameters, moments, count, total = state

            def mean_loss(parameters):
                scores = jax.nn.log_softmax(logits(case.network, parameters, images[rows]))
                return -jnp.take_along_axis(scores, labels[rows][:, None], 1).mean()

            loss, gradients = jax.value_and_grad(mean_loss)(parameters)
            parameters, moments = adam(parameters, moments, gradients, count + 1)
            return parameters, moments, count + 1, total + loss * len(rows)

        self.step = step
        self.probabilities = jax.jit(lambda x: jax.nn.softmax(logits(case.network, parameters, x)))
        if case.mode == "train":
            zeros = tuple(tuple(jnp.zeros_like(array) for array in parameters) for _ in range(2))
            self.state = (parameters, zeros, jnp.float32(0), jnp.float32(0))
            self.images, self.labels = jnp.array(case.train.images), jnp.array(case.train.labels)
        self.test = [jnp.array(case.test.images[start:start + self.batch])
                     for start in range(0, len(case.test.labels), self.batch)]

    def epoch(self, order):
        self.state = (*self.state[:3], jnp.float32(0))
        order = order.astype(np.int32)
        for start in range(0, len(order), self.batch):
            self.state = self.step(self.state, self.images, self.labels, order[start:start + self.batch])
        return float(self.state[3]) / len(order)

    def predict(self):
        return np.concatenate([self.probabilities(x) for x in self.test])

    def one(self, image):
        return np.asarray(self.probabilities(image))


if __name__ == "__main__":
    main("jax", jax.__version__, Model)
