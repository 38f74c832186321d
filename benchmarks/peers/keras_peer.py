"""Keras on TensorFlow; variants (none) and jit (XLA)."""
import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402
from keras import layers as kl  # noqa: E402

from layers import (  # noqa: E402
    GRU, LSTM, Activation, BatchNormalization, Conv1D, Conv2D, Dense, DepthwiseConv2D, Dropout, Flatten,
    GlobalAveragePooling, Pool, Residual, Rows)
from protocol import ADAM, main  # noqa: E402

STEPS_PER_EXECUTION = 16


def keras_layer(layer, shape):
    if isinstance(layer, Conv2D):
        options = {"padding": layer.padding, "activation": layer.activation, "strides": layer.strides,
                   "dilation_rate": layer.dilation, "use_bias": layer.bias}
        if isinstance(layer, DepthwiseConv2D):
            return kl.DepthwiseConv2D(layer.kernel, **options)
        return (kl.Conv1D if isinstance(layer, Conv1D) else kl.Conv2D)(layer.filters, layer.kernel, **options)
    if isinstance(layer, Dense):
        return kl.Dense(layer.units, layer.activation, layer.bias)
    if isinstance(layer, BatchNormalization):
        return kl.BatchNormalization(momentum=layer.momentum, epsilon=layer.epsilon)
    if isinstance(layer, LSTM):  # unrolled: faster than TensorFlow's loop
        return (kl.GRU if isinstance(layer, GRU) else kl.LSTM)(layer.units, unroll=True)
    if isinstance(layer, Pool):
        return kl.AveragePooling2D(2) if layer.kind == "average" else kl.MaxPooling2D(2)
    if isinstance(layer, GlobalAveragePooling):
        return kl.GlobalAveragePooling2D() if len(shape) == 3 else kl.GlobalAveragePooling1D()
    if isinstance(layer, Flatten):
        return kl.Flatten()
    if isinstance(layer, Rows):
        return kl.Reshape(layer.output(shape))
    if isinstance(layer, Dropout):
        return kl.Dropout(layer.rate)
    if isinstance(layer, Activation):
        return kl.Activation(layer.activation)
    raise TypeError(f"no layer for {layer}")


def applied(layers, shape, x, tensors):
    """The symbolic result of `layers`, which take their values from the iterator `tensors`."""
    for layer in layers:
        if isinstance(layer, Residual):
            x = kl.Add()([applied(each, shape, x, tensors) for each in (layer.layers, layer.shortcut)])
        else:
            made = keras_layer(layer, shape)
            x = made(x)
            made.set_weights([next(tensors) for _ in layer.tensors(shape)])
        shape = layer.output(shape)
    return x


class Model:
    def __init__(self, case):
        tf.config.threading.set_intra_op_parallelism_threads(case.threads)
        tf.config.threading.set_inter_op_parallelism_threads(case.threads)
        jit = case.variant == "jit"
        self.batch = case.batch
        images, network = keras.Input(case.network.input), case.network
        self.model = keras.Model(images, applied(network.layers, network.input, images, iter(case.parameters)))
        self.data = case.data
        self.model.compile(keras.optimizers.Adam(**ADAM), keras.losses.SparseCategoricalCrossentropy(),
                           jit_compile=jit, steps_per_execution=STEPS_PER_EXECUTION)
        self.probabilities = tf.function(lambda x: self.model(x, training=False), jit_compile=jit)
        self.test = [tf.constant(images) for images in case.batches()]

    def epoch(self, order):
        """Keras shuffles by itself; `order` only says which epoch it is."""
        keras.utils.set_random_seed(int(order[0]))
        history = self.model.fit(self.data.images, self.data.labels, self.batch, shuffle=True, verbose=0)
        return history.history["loss"][0]

    def predict(self):
        return tf.concat([self.probabilities(x) for x in self.test], 0).numpy()

    def one(self, image):
        return self.probabilities(tf.constant(image)).numpy()


if __name__ == "__main__":
    main("keras", f"{keras.__version__} on TensorFlow {tf.__version__}", Model)
