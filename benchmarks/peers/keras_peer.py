"""Keras on TensorFlow; variants (none) and jit (XLA)."""
import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402
from keras import layers as kl  # noqa: E402

from networks import Conv, Dense, Flatten, Pool  # noqa: E402
from protocol import ADAM, main  # noqa: E402

STEPS_PER_EXECUTION = 16


def layers(network):
    yield keras.Input(network.input)
    for layer in network.layers:
        if isinstance(layer, Conv):
            yield kl.Conv2D(layer.filters, layer.kernel, padding=layer.padding, activation=layer.activation)
        elif isinstance(layer, Pool):
            yield kl.AveragePooling2D(2) if layer.kind == "average" else kl.MaxPooling2D(2)
        elif isinstance(layer, Flatten):
            yield kl.Flatten()
        elif isinstance(layer, Dense):
            yield kl.Dense(layer.units, layer.activation)


class Model:
    def __init__(self, case):
        tf.config.threading.set_intra_op_parallelism_threads(case.threads)
        tf.config.threading.set_inter_op_parallelism_threads(case.threads)
        jit = case.variant == "jit"
        self.batch = case.batch
        self.model = keras.Sequential(list(layers(case.network)))
        self.model.set_weights(case.parameters)
        self.train = case.train
        self.model.compile(keras.optimizers.Adam(**ADAM), keras.losses.SparseCategoricalCrossentropy(),
                           jit_compile=jit, steps_per_execution=STEPS_PER_EXECUTION)
        self.probabilities = tf.function(lambda x: self.model(x, training=False), jit_compile=jit)
        self.test = [tf.constant(case.test.images[start:start + self.batch])
                     for start in range(0, len(case.test.labels), self.batch)]

    def epoch(self, order):
        """Keras shuffles by itself; `order` only says which epoch it is."""
        keras.utils.set_random_seed(int(order[0]))
        history = self.model.fit(self.train.images, self.train.labels, self.batch, shuffle=True, verbose=0)
        return history.history["loss"][0]

    def predict(self):
        return tf.concat([self.probabilities(x) for x in self.test], 0).numpy()

    def one(self, image):
        return self.probabilities(tf.constant(image)).numpy()


if __name__ == "__main__":
    main("keras", f"{keras.__version__} on TensorFlow {tf.__version__}", Model)
