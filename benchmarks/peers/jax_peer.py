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

from jax_layers import forward  # noqa: E402
from protocol import ADAM, main  # noqa: E402


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
        trained = tuple(tensor.trained for tensor in case.network.tensors())
        arrays = [jnp.array(array) for array in case.parameters]

        def together(parameters, state):
            parameters, state = iter(parameters), iter(state)
            return [next(parameters if each else state) for each in trained]

        @functools.partial(jax.jit, donate_argnums=0)
        def step(state, images, labels, rows):
            parameters, averages, moments, count, total = state

            def mean_loss(parameters):
                key = jax.random.fold_in(jax.random.key(0, impl="rbg"), count)
                logits, moved = forward(case.network, together(parameters, averages), images[rows], key)
                scores = jax.nn.log_softmax(logits)
                return -jnp.take_along_axis(scores, labels[rows][:, None], 1).mean(), moved

            (loss, averages), gradients = jax.value_and_grad(mean_loss, has_aux=True)(parameters)
            parameters, moments = adam(parameters, moments, gradients, count + 1)
            return parameters, averages, moments, count + 1, total + loss * len(rows)

        self.step = step
        self.probabilities = jax.jit(lambda x: jax.nn.softmax(forward(case.network, arrays, x)[0]))
        if case.mode == "train":
            parameters = tuple(array for array, each in zip(arrays, trained) if each)
            averages = tuple(array for array, each in zip(arrays, trained) if not each)
            zeros = tuple(tuple(jnp.zeros_like(array) for array in parameters) for _ in range(2))
            self.state = (parameters, averages, zeros, jnp.int32(0), jnp.float32(0))
            self.images, self.labels = jnp.array(case.data.images), jnp.array(case.data.labels)
        else:
            self.test = [jnp.array(images) for images in case.batches()]

    def epoch(self, order):
        self.state = (*self.state[:-1], jnp.float32(0))
        order = order.astype(np.int32)
        for start in range(0, len(order), self.batch):
            self.state = self.step(self.state, self.images, self.labels, order[start:start + self.batch])
        return float(self.state[-1]) / len(order)

    def predict(self):
        return np.concatenate([self.probabilities(x) for x in self.test])

    def one(self, image):
        return np.asarray(self.probabilities(image))


if __name__ == "__main__":
    main("jax", jax.__version__, Model)
